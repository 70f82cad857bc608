/**
 * Answers that must be JSON of a given shape.
 *
 * Owns: compiling the schemas of requests, within bounds (I9), and reading an answer against one. Does not own
 * asking again.
 */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonSchema } from './chat.ts';

type Validate = ((value: unknown) => boolean) & { errors?: ErrorObject[] | null };

/** Distinct schemas kept compiled; the platform's own are about a dozen. */
const MAX_COMPILED = 256;
/** Errors told to the model and kept in a fault. */
const MAX_ERRORS = 10;

const bySchema = new WeakMap<object, Validate>();
const byText = new Map<string, Validate>();

/**
 * The schema's validator. `x_test` is no constraint: schemas that differ only there share one.
 * @throws Error if the schema is not valid draft 2020-12
 */
export function compileSchema(schema: JsonSchema): Validate {
  const known = bySchema.get(schema);
  if (known) return known;
  const text = JSON.stringify(schema, (key, value) => (key === 'x_test' ? undefined : value));
  let validate = byText.get(text);
  if (!validate) {
    // One instance per schema: two schemas with one $id never meet, and nothing is kept but what is in the map.
    const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
    addFormats.default(ajv);
    validate = ajv.compile(JSON.parse(text)) as Validate;
    if (byText.size >= MAX_COMPILED) byText.delete(byText.keys().next().value as string);
    byText.set(text, validate);
  }
  bySchema.set(schema, validate);
  return validate;
}

/** `errors` name places and rules, never the answer's values. */
export type Structured = { ok: true; value: unknown } | { ok: false; errors: string[] };

/** Reads an answer's text as JSON of the schema's shape; a Markdown fence around it is accepted. */
export function readStructured(text: string, schema: JsonSchema): Structured {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text);
  let value: unknown;
  try {
    value = JSON.parse(fenced?.[1] ?? text);
  } catch {
    return { ok: false, errors: ['the answer is not JSON'] };
  }
  const validate = compileSchema(schema);
  try {
    if (validate(value)) return { ok: true, value };
  } catch (error) {
    // A schema that refers to itself without end, or an answer nested that deep.
    if (error instanceof RangeError) return { ok: false, errors: ['/ is nested too deep to be checked'] };
    throw error;
  }
  const errors = (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`);
  return { ok: false, errors: [...new Set(errors)].slice(0, MAX_ERRORS) };
}
