/**
 * JSON Schemas that clients send.
 *
 * Owns: what of a schema is refused before it is compiled, because compiling or using it would fetch, hang or fall
 * over; and moving one into another. Keeps I11.
 */
import type { JsonSchema } from '../chat.ts';
import { compileSchema } from '../structured.ts';
import { isObject, type Json, type Reading, step } from './reading.ts';

/** Lists and objects; deeper ones come from no person, and code generated for them overflows the stack. */
const MAX_DEPTH = 32;
/** Members and items in all, data apart; compiling takes some 80 µs for each, in one go. */
const MAX_NODES = 2_000;
const REASON_MAX_CHARACTERS = 200;
/** Keywords whose members are schemas by name. */
const MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords whose value is data. */
const DATA = new Set(['const', 'enum', 'default', 'examples', 'x_test']);
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

class Inspection {
  readonly #reading: Reading;
  #nodes = 0;
  #sound = true;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  inspect(schema: Json, path: string): boolean {
    this.#visit(schema, path, 0, 'schema');
    if (this.#nodes > MAX_NODES) this.#wrong(path, `must have at most ${MAX_NODES} members and items`);
    return this.#sound;
  }

  #wrong(path: string, message: string): void {
    this.#sound = false;
    this.#reading.wrong(path, message);
  }

  #visit(value: unknown, path: string, depth: number, kind: 'schema' | 'map' | 'data'): void {
    if (typeof value !== 'object' || value === null || this.#nodes > MAX_NODES) return;
    if (depth > MAX_DEPTH) {
      this.#wrong(path, `is nested deeper than ${MAX_DEPTH} levels`);
      return;
    }
    if (Array.isArray(value)) {
      if (kind !== 'data') this.#nodes += value.length;
      for (let index = 0; index < value.length && this.#nodes <= MAX_NODES; index++) {
        this.#visit(value[index], `${path}/${index}`, depth + 1, kind);
      }
      return;
    }
    for (const key in value) {
      if (kind !== 'data') this.#nodes++;
      const member = (value as Json)[key];
      const at = path + step(key);
      if (kind !== 'schema') this.#visit(member, at, depth + 1, kind === 'map' ? 'schema' : 'data');
      else if (REFERENCES.has(key) && typeof member === 'string' && !member.startsWith('#')) {
        this.#wrong(at, 'must lead into this schema (start with #)');
      } else if (key === '$async') this.#wrong(at, 'is not allowed');
      else this.#visit(member, at, depth + 1, MAPS.has(key) ? 'map' : DATA.has(key) ? 'data' : 'schema');
    }
  }
}

/** The schema of a structured answer, without the name of its dialect: it is taken as draft 2020-12. */
export function readSchema(reading: Reading, value: unknown, path: string): JsonSchema | undefined {
  if (!reading.required(value, path)) return undefined;
  if (!isObject(value)) return reading.wrong(path, 'must be an object');
  if (!new Inspection(reading).inspect(value, path)) return undefined;
  const schema = '$schema' in value ? withoutDialect(value) : value;
  try {
    compileSchema(schema);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, REASON_MAX_CHARACTERS) : 'cannot be compiled';
    return reading.wrong(path, `is not a valid JSON Schema (draft 2020-12): ${reason}`);
  }
  return schema;
}

function withoutDialect({ $schema: _, ...schema }: Json): JsonSchema {
  return schema;
}

/**
 * The same schema for a place inside another one: its references start at the root, which it then no longer is.
 * @param schema as {@link readSchema} gives it
 * @param place JSON pointer in the other schema
 */
export function movedSchema({ $id: _, ...schema }: JsonSchema, place: string): JsonSchema {
  return moved(schema, place, 'schema') as JsonSchema;
}

function moved(value: unknown, place: string, kind: 'schema' | 'map'): unknown {
  if (Array.isArray(value)) return value.map((item) => moved(item, place, kind));
  if (!isObject(value)) return value;
  // References of one with an id of its own start there.
  if (kind === 'schema' && typeof value.$id === 'string') return value;
  const members = Object.entries(value).map(([key, member]) => {
    if (kind === 'map') return [key, moved(member, place, 'schema')];
    if (DATA.has(key)) return [key, member];
    if (REFERENCES.has(key)) return [key, movedReference(member, place)];
    return [key, moved(member, place, MAPS.has(key) ? 'map' : 'schema')];
  });
  return Object.fromEntries(members);
}

/** The name of an anchor holds wherever it is. */
function movedReference(reference: unknown, place: string): unknown {
  if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) return reference;
  return `#${place}${reference.slice(1)}`;
}
