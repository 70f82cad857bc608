/**
 * Answers that must be JSON of a given shape.
 *
 * Owns: compiling the schemas of requests, within bounds (I9), and reading an answer against one. Does not own
 * asking again.
 */
import { Script } from 'node:vm';
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
  let value: unknown;
  try {
    value = JSON.parse(unfenced(text));
  } catch {
    return { ok: false, errors: ['the answer is not JSON'] };
  }
  const validate = compileSchema(schema);
  let valid: boolean;
  try {
    valid = isCostly(schema) ? withinTime(() => validate(value)) : validate(value);
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, errors: ['/ is nested too deep to be checked'] };
    if ((error as NodeJS.ErrnoException).code !== TIMED_OUT) throw error;
    return { ok: false, errors: [`/ cannot be checked against its schema within ${CHECK_MAX_MS} ms`] };
  }
  if (valid) return { ok: true, value };
  const known = namesIn(schema);
  const errors = (validate.errors ?? []).map(
    ({ instancePath, message }) => `${masked(instancePath, known)} ${message}`,
  );
  return { ok: false, errors: [...new Set(errors)].slice(0, MAX_ERRORS) };
}

/** What stands between the first and the last line, if these are a Markdown fence. */
function unfenced(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('```') || !trimmed.endsWith('```')) return text;
  const begin = trimmed.indexOf('\n');
  return begin < 0 ? text : trimmed.slice(begin + 1, -'```'.length);
}

const CHECK_MAX_MS = 100;
const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
const costly = new WeakMap<object, boolean>();

/**
 * Patterns and references can make the check of a short answer take for ever, and callers write schemas. A member that
 * is named so is none: its check must not fail only because the machine is busy.
 */
export function isCostly(schema: JsonSchema): boolean {
  let found = costly.get(schema);
  if (found === undefined) {
    found = /"(?:pattern|\$ref|\$dynamicRef)":"|"patternProperties":/.test(JSON.stringify(schema));
    costly.set(schema, found);
  }
  return found;
}

let work: () => boolean = () => false;
let outcome = false;
// The engine ends a script that runs too long, also in the middle of a regular expression. 0.5 ms a call.
const timed = new Script('globalThis[Symbol.for("devteam.bounded")]()');
Object.defineProperty(globalThis, Symbol.for('devteam.bounded'), {
  value: () => {
    outcome = work();
  },
});

/** @throws Error with the code of {@link TIMED_OUT} */
function withinTime(check: () => boolean): boolean {
  work = check;
  timed.runInThisContext({ timeout: CHECK_MAX_MS });
  return outcome;
}

/** Names of members that the schema itself spells out. */
function namesIn(schema: unknown, names = new Set<string>()): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null) return names;
  for (const [key, member] of Object.entries(schema)) {
    if (key === 'properties' && typeof member === 'object' && member !== null) {
      for (const name of Object.keys(member)) names.add(name);
    }
    namesIn(member, names);
  }
  return names;
}

/** A pointer into an answer, with `*` for names that are the answer's own: they are content. */
function masked(pointer: string, known: ReadonlySet<string>): string {
  if (pointer === '') return '/';
  const steps = pointer.slice(1).split('/');
  const shown = steps.map((step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    return known.has(name) || /^\d+$/.test(name) ? step : '*';
  });
  return `/${shown.join('/')}`;
}
