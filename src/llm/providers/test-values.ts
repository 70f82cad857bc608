/**
 * A value of any JSON Schema, built from the words of an input.
 *
 * Owns: the test provider's rules for structured answers. A pure function of schema and input. The rules give what
 * is plausible; where that would not be valid, the nearest valid value is taken instead. Callers write schemas, so what
 * is built of one is bounded.
 */
import type { JsonSchema } from '../chat.ts';
import { sentencesOf } from '../sentences.ts';
import { compileSchema } from '../structured.ts';
import { remembered } from './schemas.ts';

/** Thrown when no rule gives a value of the schema, e.g. for a pattern none of the candidates matches, or a large one. */
class NoConformingValue extends Error {
  constructor(schema: JsonSchema | boolean) {
    const keywords = Object.keys(schema).slice(0, 20).join(', ');
    super(`no value found for a schema with ${keywords || 'nothing'}`);
    this.name = 'NoConformingValue';
  }
}

/** Formats looked up in the input, each with a valid value for when it holds none. */
const FORMATS: Record<string, { search: RegExp; fixed: string }> = {
  date: { search: /\d{4}-\d{2}-\d{2}/g, fixed: '2026-01-15' },
  'date-time': {
    search: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})/g,
    fixed: '2026-01-15T10:30:00.000Z',
  },
  email: { search: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, fixed: 'someone@example.com' },
  uuid: {
    search: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
    fixed: '6f1c1d5e-3b0a-4f57-9a0e-2a1c5a1d7c11',
  },
};
/** Fills for patterns that no word of the input matches: upper case, lower case, dotted, digits of common widths. */
const FILLS = ['A', 'a', 'TEST', 'test', 'TEST.TEST', '0', '0'.repeat(32), '0'.repeat(64)];
/** Numbers that stand alone: no part of a word, a date or an id. */
const NUMBERS = /(?<![\w.]|\w-)-?\d+(?:\.\d+)?(?!\w|-\d)/g;
const MAX_DEPTH = 32;
/** Values of all kinds, those of branches that did not work included. */
const MAX_VALUES = 100_000;
/** Characters of all texts and names, as above. */
const MAX_TEXT = 1_048_576;
/** Branches that did not work: each is a schema to be compiled. */
const MAX_GIVEN_UP = 1_000;
/** Characters looked at in search of what fits, about a second; what else takes time counts as so many of them. */
const MAX_LOOKED_AT = 2 ** 28;
const TRY_CHARACTERS = 256;
const CUT_CHARACTERS = 8;

const codePoints = (text: string, count: number): string => Array.from(text).slice(0, count).join('');

class Builder {
  readonly #root: JsonSchema;
  readonly #input: string;
  #sentence: string | undefined;
  /** What a schema stands for, once it is needed: it may be in many places, and is compiled by identity. */
  readonly #meant = new WeakMap<JsonSchema, JsonSchema>();
  readonly #branches = new WeakMap<JsonSchema, JsonSchema[]>();
  readonly #rooted = new WeakMap<JsonSchema, JsonSchema>();
  #values = 0;
  #text = 0;
  #givenUp = 0;
  #lookedAt = 0;

  constructor(root: JsonSchema, input: string) {
    this.#root = root;
    this.#input = input;
  }

  get sentence(): string {
    this.#sentence ??= sentencesOf(this.#input)[0] ?? 'test';
    return this.#sentence;
  }

  /** Validity of a value under a schema inside the root: its local references resolve in the root's definitions. */
  fits(schema: JsonSchema, value: unknown): boolean {
    const rooted = remembered(this.#rooted, schema, () => {
      const { $defs } = this.#root;
      const refers = $defs !== undefined && schema !== this.#root && JSON.stringify(schema).includes('"$ref"');
      return refers ? { $defs, ...schema } : schema;
    });
    return compileSchema(rooted)(value);
  }

  #lookAt(characters: number): void {
    this.#lookedAt += characters;
    if (this.#lookedAt > MAX_LOOKED_AT) fail(true);
  }

  #tryOut(schema: JsonSchema, value: string | number): boolean {
    this.#lookAt(TRY_CHARACTERS + String(value).length);
    return this.fits(schema, value);
  }

  build(schema: JsonSchema | boolean, depth: number): unknown {
    this.#values += 1;
    if (this.#values > MAX_VALUES || this.#givenUp > MAX_GIVEN_UP || depth > MAX_DEPTH) return fail(schema);
    if (typeof schema === 'boolean') return null;
    if ('const' in schema) return this.#given(schema.const);
    if ('x_test' in schema && this.fits(schema, schema.x_test)) return this.#given(schema.x_test);
    const { $ref, allOf } = schema;
    if (typeof $ref === 'string') {
      const meant = () => ({ ...this.#resolve($ref), ...omit(schema, '$ref') });
      return this.build(remembered(this.#meant, schema, meant), depth + 1);
    }
    if (Array.isArray(allOf)) {
      const meant = () => allOf.reduce(merge, omit(schema, 'allOf')) as JsonSchema;
      return this.build(remembered(this.#meant, schema, meant), depth + 1);
    }
    for (const keyword of ['oneOf', 'anyOf']) {
      const branches = schema[keyword];
      if (Array.isArray(branches)) return this.#firstThatWorks(schema, keyword, branches, depth);
    }
    if (Array.isArray(schema.enum)) return this.#given(this.#member(schema.enum));
    return this.#byType(schema, depth);
  }

  #said<Text extends string | null>(text: Text): Text {
    this.#text += text?.length ?? 0;
    return this.#text > MAX_TEXT ? fail(true) : text;
  }

  /** What the schema spells out may stand in many places. */
  #given(value: unknown): unknown {
    this.#said(JSON.stringify(value));
    return value;
  }

  #byType(schema: JsonSchema, depth: number): unknown {
    const types = [schema.type ?? implied(schema)].flat() as string[];
    const nullable = types.includes('null');
    const type = types.find((name) => name !== 'null') ?? 'null';
    switch (type) {
      case 'boolean':
        return true;
      case 'integer':
      case 'number':
        return this.#number(schema);
      case 'string':
        return this.#said(this.#string(schema, nullable));
      case 'array': {
        const count = Number(schema.minItems ?? 0);
        if (count > MAX_VALUES - this.#values) return fail(schema);
        const prefix = Array.isArray(schema.prefixItems) ? (schema.prefixItems as JsonSchema[]) : [];
        const items = (schema.items ?? true) as JsonSchema | boolean;
        return Array.from({ length: count }, (_, index) => this.build(prefix[index] ?? items, depth + 1));
      }
      case 'object': {
        const properties = (schema.properties ?? {}) as Record<string, JsonSchema | boolean>;
        const names = [...Object.keys(properties), ...((schema.required as string[] | undefined) ?? [])];
        return Object.fromEntries(
          [...new Set(names)].map((name) => [this.#said(name), this.build(properties[name] ?? true, depth + 1)]),
        );
      }
      default:
        return null;
    }
  }

  #resolve(reference: string): JsonSchema {
    if (!reference.startsWith('#')) throw new NoConformingValue({ $ref: reference });
    let found: unknown = this.#root;
    for (const token of reference.split('/').slice(1)) {
      found = (found as JsonSchema | undefined)?.[
        decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')
      ];
    }
    return found as JsonSchema;
  }

  #firstThatWorks(schema: JsonSchema, keyword: string, branches: JsonSchema[], depth: number): unknown {
    const merged = remembered(this.#branches, schema, () => {
      const rest = omit(schema, keyword);
      return branches.map((branch) => merge(rest, branch));
    });
    for (const branch of merged) {
      try {
        const value = this.build(branch, depth + 1);
        if (this.fits(schema, value)) return value;
      } catch (error) {
        if (!(error instanceof NoConformingValue)) throw error;
      }
      this.#givenUp += 1;
    }
    throw new NoConformingValue(schema);
  }

  #member(values: unknown[]): unknown {
    const named = values.find((value) => {
      if (typeof value !== 'string' || value === '') return false;
      this.#lookAt(this.#input.length);
      return new RegExp(`(?<![\\p{L}\\p{N}_])${RegExp.escape(value)}(?![\\p{L}\\p{N}_])`, 'iu').test(this.#input);
    });
    return named ?? values[0];
  }

  #number(schema: JsonSchema): number {
    for (const [token] of this.#input.matchAll(NUMBERS)) {
      if (this.#tryOut(schema, Number(token))) return Number(token);
    }
    this.#lookAt(this.#input.length);
    const minimum = (schema.minimum ?? schema.exclusiveMinimum) as number | undefined;
    const maximum = (schema.maximum ?? schema.exclusiveMaximum) as number | undefined;
    const middle = minimum !== undefined && maximum !== undefined ? (minimum + maximum) / 2 : minimum;
    const step = (schema.multipleOf ?? 1) as number;
    const candidates = [
      middle ?? 0,
      Math.floor(middle ?? 0),
      maximum ?? 0,
      (minimum ?? 0) + step,
      (maximum ?? 0) - step,
    ];
    for (const base of [minimum ?? 0, maximum ?? 0])
      candidates.push(Math.ceil(base / step) * step, Math.floor(base / step) * step);
    return candidates.find((value) => this.fits(schema, value)) ?? fail(schema);
  }

  #string(schema: JsonSchema, nullable: boolean): string | null {
    const format = FORMATS[schema.format as string];
    if (format) {
      for (const [token] of this.#input.matchAll(format.search)) if (this.#tryOut(schema, token)) return token;
      this.#lookAt(this.#input.length);
      if (nullable) return null;
      return this.fits(schema, format.fixed) ? format.fixed : fail(schema);
    }
    if (nullable) return null;
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema as {
      minLength?: number;
      maxLength?: number;
    };
    if (minLength > MAX_TEXT - this.#text) return fail(schema);
    const sized = (text: string): string => {
      // A code point has at most two units.
      const start = text.slice(0, 2 * maxLength);
      const length = Array.from(start).length;
      const wanted = Math.max(minLength, Math.min(maxLength, length));
      this.#lookAt(CUT_CHARACTERS * (start.length + wanted));
      return codePoints(start.repeat(Math.max(1, Math.ceil(minLength / Math.max(1, length)))), wanted);
    };
    const first = sized(this.sentence);
    if (this.fits(schema, first)) return first;
    this.#lookAt(this.#input.length);
    for (const word of [...(this.#input.match(/\S+/g) ?? []), ...FILLS]) {
      if (this.#tryOut(schema, word)) return word;
      const fitting = sized(word);
      if (fitting !== word && this.fits(schema, fitting)) return fitting;
    }
    return fail(schema);
  }
}

function fail(schema: JsonSchema | boolean): never {
  throw new NoConformingValue(schema);
}

function omit(schema: JsonSchema, keyword: string): JsonSchema {
  const { [keyword]: _, ...rest } = schema;
  return rest;
}

/** Both schemas at once, as far as rules look: properties and required names add up, other keywords override. */
function merge(left: JsonSchema, right: JsonSchema): JsonSchema {
  const merged: JsonSchema = { ...left, ...right };
  if (left.properties && right.properties) merged.properties = { ...left.properties, ...right.properties };
  if (left.required && right.required)
    merged.required = [...(left.required as string[]), ...(right.required as string[])];
  return merged;
}

/** The type a schema without `type` speaks about. */
function implied(schema: JsonSchema): string {
  if ('properties' in schema || 'required' in schema) return 'object';
  if ('items' in schema || 'prefixItems' in schema) return 'array';
  if ('format' in schema || 'pattern' in schema || 'maxLength' in schema) return 'string';
  if ('minimum' in schema || 'maximum' in schema) return 'number';
  return 'null';
}

/**
 * @param schema draft 2020-12, references only into itself
 * @throws NoConformingValue
 */
export function conformingValue(schema: JsonSchema, input: string): unknown {
  return new Builder(schema, input).build(schema, 0);
}
