/**
 * What a caller wants of an order text.
 *
 * Owns: the three forms of a schema (none: the order draft; names with types; a JSON Schema of type object), their
 * limits, and the small dialect they are read into. Of a JSON Schema only types, enums, bounds, properties and elements
 * count; references inside it are followed.
 */
import { pointerPart } from '../../../schemas/json.ts';
import draft from '../../../schemas/objects/order_draft.v1.schema.json' with { type: 'json' };

export type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';

/** A wanted value; without types, any. Every value may also be null. */
export interface Wanted {
  types: readonly TypeName[];
  /** Of strings: only calendar days, YYYY-MM-DD. */
  date: boolean;
  description?: string;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  /** Of objects, in the order given; absent if the caller leaves them open. */
  properties?: readonly (readonly [name: string, Wanted])[];
  required: readonly string[];
  /** Of arrays; absent if the caller leaves them open. */
  items?: Wanted;
}

export interface ExtractionSchema {
  /** The shape of an order draft, whose lines have `?` and 0 for an unknown sku and quantity. */
  draft: boolean;
  root: Wanted;
}

export interface SchemaError {
  /** JSON pointer into the schema. */
  path: string;
  message: string;
}

export type ReadSchema = { ok: true; schema: ExtractionSchema } | { ok: false; errors: readonly SchemaError[] };

const MAX_PROPERTIES = 100;
const MAX_DEPTH = 8;
const MAX_NAME_CHARACTERS = 200;
const MAX_ENUM = 500;
const MAX_DESCRIPTION_CHARACTERS = 1000;
const MAX_ERRORS = 20;
/** The words of the short form. */
const SHORT: ReadonlyMap<unknown, Wanted> = new Map(
  (['string', 'number', 'integer', 'boolean', 'date', 'array', 'object'] as const).map((word) => [
    word,
    { types: [word === 'date' ? 'string' : word], date: word === 'date', required: [] },
  ]),
);
const TYPES: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'array', 'object'];
const ANYTHING: Wanted = { types: [], date: false, required: [] };

/** Reads the `schema` of a request; undefined stands for the order draft without its id. */
export function readExtractionSchema(value: unknown): ReadSchema {
  if (value === undefined) return { ok: true, schema: { draft: true, root: draftShape() } };
  const reading: Reading = { root: value, errors: [], properties: 0 };
  const root = isJsonSchema(value) ? readWanted(reading, value, '', 1) : readShort(reading, value);
  if (reading.errors.length === 0 && (root.properties ?? []).length === 0)
    fail(reading, '', 'must name at least one field');
  return reading.errors.length > 0
    ? { ok: false, errors: reading.errors }
    : { ok: true, schema: { draft: false, root } };
}

function draftShape(): Wanted {
  const { order_id, ...properties } = draft.properties;
  return readWanted({ root: draft, errors: [], properties: 0 }, { type: 'object', properties }, '', 1);
}

type Json = Readonly<Record<string, unknown>>;

interface Reading {
  /** Where references start. */
  root: unknown;
  errors: SchemaError[];
  /** Properties read so far. */
  properties: number;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field may be called `type` in the short form; a JSON Schema says more than words of the short form, or only that. */
function isJsonSchema(value: unknown): value is Json {
  if (!isObject(value)) return false;
  const short = Object.keys(value).length > 1 && Object.values(value).every((word) => SHORT.has(word));
  return isObject(value.properties) || '$ref' in value || (value.type === 'object' && !short);
}

function readShort(reading: Reading, value: unknown): Wanted {
  if (!isObject(value)) {
    fail(reading, '', 'must be an object: names with types, or a JSON Schema of type object');
    return ANYTHING;
  }
  const properties = Object.entries(value).map(([name, word]): [string, Wanted] => {
    countProperty(reading, name, pointer('', name));
    const wanted = SHORT.get(word);
    if (!wanted) fail(reading, pointer('', name), `must be one of ${[...SHORT.keys()].join(', ')}`);
    return [name, wanted ?? ANYTHING];
  });
  return { types: ['object'], date: false, properties, required: [] };
}

function readWanted(reading: Reading, value: unknown, path: string, depth: number): Wanted {
  if (depth > MAX_DEPTH) return fail(reading, path, `nests deeper than ${MAX_DEPTH} levels, or refers to itself`);
  if (value === true) return ANYTHING;
  if (!isObject(value)) return fail(reading, path, 'must be a JSON Schema');
  if (value.$ref !== undefined) return readReference(reading, value.$ref, path, depth);
  const branches = value.anyOf ?? value.oneOf ?? value.allOf;
  if (branches !== undefined) return readBranches(reading, value, branches, path, depth);
  const types = typesOf(reading, value, path, depth);
  return {
    ...{ types, date: value.format === 'date', required: stringsOf(value.required) },
    ...bounds(value),
    ...(value.properties !== undefined && { properties: readProperties(reading, value.properties, path, depth) }),
    ...(value.items !== undefined && { items: readWanted(reading, value.items, `${path}/items`, depth + 1) }),
  };
}

function readProperties(reading: Reading, value: unknown, path: string, depth: number): [string, Wanted][] {
  const at = `${path}/properties`;
  if (!isObject(value)) {
    fail(reading, at, 'must be an object');
    return [];
  }
  const properties: [string, Wanted][] = [];
  for (const [name, wanted] of Object.entries(value)) {
    if (!countProperty(reading, name, pointer(at, name))) break;
    properties.push([name, readWanted(reading, wanted, pointer(at, name), depth + 1)]);
  }
  return properties;
}

/** `#/$defs/Item`: only inside the schema. */
function readReference(reading: Reading, reference: unknown, path: string, depth: number): Wanted {
  const at = `${path}/$ref`;
  if (typeof reference !== 'string' || !reference.startsWith('#/')) {
    return fail(reading, at, 'must refer to a part of this schema, such as #/$defs/Item');
  }
  let target: unknown = reading.root;
  for (const step of reference.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
  }
  return target === undefined ? fail(reading, at, 'refers to nothing') : readWanted(reading, target, path, depth + 1);
}

/** `T or null` is T, since everything may be null; a real choice is not narrowed. */
function readBranches(reading: Reading, value: Json, branches: unknown, path: string, depth: number): Wanted {
  if (!Array.isArray(branches)) return fail(reading, path, 'anyOf, oneOf and allOf must be lists');
  const [only, ...others] = branches.filter((branch) => !isObject(branch) || branch.type !== 'null');
  return {
    ...(others.length === 0 ? readWanted(reading, only ?? true, path, depth + 1) : ANYTHING),
    ...descriptionOf(value),
  };
}

function typesOf(reading: Reading, { type, properties, items }: Json, path: string, depth: number): TypeName[] {
  const said = type === undefined ? [] : [type].flat();
  if (said.some((name) => name !== 'null' && !TYPES.includes(name))) {
    fail(reading, `${path}/type`, `must be one of ${TYPES.join(', ')}, null`);
  }
  if (depth === 1 && !said.includes('object')) fail(reading, `${path}/type`, 'must be object');
  if (said.length > 0) return said.filter((name) => name !== 'null') as TypeName[];
  if (properties !== undefined) return ['object'];
  return items === undefined ? [] : ['array'];
}

function bounds(value: Json): Partial<Wanted> {
  const numbers = (['minimum', 'maximum', 'minLength', 'maxLength'] as const).filter(
    (keyword) => typeof value[keyword] === 'number',
  );
  const allowed = value.const === undefined ? value.enum : [value.const];
  return {
    ...Object.fromEntries(numbers.map((keyword) => [keyword, value[keyword]])),
    ...(Array.isArray(allowed) && allowed.length > 0 && allowed.length <= MAX_ENUM && { enum: allowed }),
    ...descriptionOf(value),
  };
}

const descriptionOf = ({ description }: Json): Partial<Wanted> =>
  typeof description === 'string' ? { description: description.slice(0, MAX_DESCRIPTION_CHARACTERS) } : {};

const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];

/** Whether there is room for one more property. */
function countProperty(reading: Reading, name: string, path: string): boolean {
  reading.properties += 1;
  if (name === '' || name.length > MAX_NAME_CHARACTERS) {
    fail(reading, path.slice(0, MAX_NAME_CHARACTERS), `must have a name of 1 to ${MAX_NAME_CHARACTERS} characters`);
  }
  if (reading.properties === MAX_PROPERTIES + 1)
    fail(reading, '', `must not have more than ${MAX_PROPERTIES} properties`);
  return reading.properties <= MAX_PROPERTIES;
}

function fail({ errors }: Reading, path: string, message: string): Wanted {
  if (errors.length < MAX_ERRORS) errors.push({ path, message });
  return ANYTHING;
}

const pointer = (path: string, key: string): string => `${path}/${pointerPart(key)}`;
