/**
 * JSON Schemas of what the API answers, and of parts that several requests share.
 *
 * Owns: the public shapes. They are closed: a field that is not listed here is not sent (a test checks every answer).
 * Objects of the bus are referred to, not repeated.
 */
import type { JsonSchema } from '../../schemas/load.ts';

/** A closed object; a key ending in `?` may be absent. */
export function object(properties: Readonly<Record<string, JsonSchema>>, description?: string): JsonSchema {
  const names = Object.keys(properties);
  return {
    type: 'object',
    ...(description && { description }),
    additionalProperties: false,
    required: names.filter((name) => !name.endsWith('?')),
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ''), properties[name] as JsonSchema])),
  };
}

export const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const oneOf = (values: readonly string[]): JsonSchema => ({ type: 'string', enum: [...values] });
export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
/** A schema file of the bus. */
export const objectRef = (name: string): JsonSchema => ({ $ref: `../objects/${name}.v1.schema.json` });
export const envelopeRef: JsonSchema = { $ref: '../envelope/event_envelope.v1.schema.json' };

export const text: JsonSchema = { type: 'string' };
export const uuid: JsonSchema = { type: 'string', format: 'uuid' };
export const time: JsonSchema = { type: 'string', format: 'date-time', description: 'RFC 3339, UTC' };
export const number: JsonSchema = { type: 'number' };
export const integer: JsonSchema = { type: 'integer' };
export const count: JsonSchema = { type: 'integer', minimum: 0 };
export const boolean: JsonSchema = { type: 'boolean' };
export const anything: JsonSchema = {};
export const anyObject: JsonSchema = { type: 'object' };
export const percentage: JsonSchema = { type: 'integer', minimum: 0, maximum: 100 };
export const confidence: JsonSchema = { type: 'number', minimum: 0, maximum: 1 };

/** `{<name>: [rows], next_cursor}`. */
export const pageOf = (name: string, row: JsonSchema, more: Readonly<Record<string, JsonSchema>> = {}): JsonSchema =>
  object({ [name]: list(row), ...more, next_cursor: { type: ['string', 'null'], description: 'Null at the end.' } });

export const errorShape: JsonSchema = object({
  error: object({ code: text, message: text, 'details?': anyObject }),
});

/** Code points as in the schemas of the bus. */
export const name: JsonSchema = { type: 'string', minLength: 1, maxLength: 200, pattern: '\\S' };
export const longText: JsonSchema = { type: 'string', minLength: 1, maxLength: 20_000 };
