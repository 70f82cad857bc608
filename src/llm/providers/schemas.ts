/**
 * JSON Schemas as providers take them.
 *
 * Owns: what is left out of a schema on its way to a provider. That makes it say less, never more: answers are
 * checked against the whole schema here. Pure.
 */
import type { JsonSchema } from '../chat.ts';

const ONE_SCHEMA = new Set(['additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then']);
const LIST_OF_SCHEMAS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const MAP_OF_SCHEMAS = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);

/** Our own annotation gives answers away; the dialect says nothing to a model and is refused by some. */
const isForUs = (keyword: string) => keyword === 'x_test' || keyword === '$schema' || keyword === '$id';

/** Keywords of `responseJsonSchema` and `parametersJsonSchema`; Gemini refuses others. */
const GEMINI = new Set([
  '$anchor',
  '$defs',
  '$ref',
  'additionalProperties',
  'anyOf',
  'description',
  'enum',
  'format',
  'items',
  'maximum',
  'maxItems',
  'minimum',
  'minItems',
  'oneOf',
  'prefixItems',
  'properties',
  'required',
  'title',
  'type',
]);

const plainSchemas = new WeakMap<JsonSchema, JsonSchema>();
const geminiSchemas = new WeakMap<JsonSchema, JsonSchema>();

export function plainSchema(schema: JsonSchema): JsonSchema {
  return remembered(plainSchemas, schema, () => reduced(schema, (keyword) => !isForUs(keyword)));
}

export function geminiSchema(schema: JsonSchema): JsonSchema {
  return remembered(geminiSchemas, schema, () => reduced(constAsEnum(schema), (keyword) => GEMINI.has(keyword)));
}

/** Schemas are few and long-lived, requests many. */
export function remembered<T>(made: WeakMap<JsonSchema, T>, schema: JsonSchema, make: () => T): T {
  let value = made.get(schema);
  if (value === undefined) {
    value = make();
    made.set(schema, value);
  }
  return value;
}

function reduced(schema: JsonSchema, keep: (keyword: string) => boolean): JsonSchema {
  return mapped(schema, (level) => Object.fromEntries(Object.entries(level).filter(([keyword]) => keep(keyword))));
}

function constAsEnum(schema: JsonSchema): JsonSchema {
  return mapped(schema, (level) => ('const' in level ? { ...level, enum: [level.const] } : level));
}

/** The schema with `change` applied to each schema in it, from the outside in. */
function mapped(schema: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const inner = (value: unknown) => (isSchema(value) ? mapped(value, change) : value);
  const entries = Object.entries(change(schema)).map(([keyword, value]) => {
    if (ONE_SCHEMA.has(keyword)) return [keyword, inner(value)];
    if (LIST_OF_SCHEMAS.has(keyword) && Array.isArray(value)) return [keyword, value.map(inner)];
    if (MAP_OF_SCHEMAS.has(keyword) && isSchema(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one)]))];
    }
    return [keyword, value];
  });
  return Object.fromEntries(entries);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
