/**
 * What a case expects of its run.
 *
 * Owns: paths into a run and the comparisons. A path is names and numbers joined by dots; `*` stands for all elements
 * of a list and gives the list of what is found in them, `length` is a list's length. Pure.
 */
import { isDeepStrictEqual } from 'node:util';

/** One comparison; `min` and `max` may stand together. */
export interface Expectation {
  path: string;
  equals?: unknown;
  one_of?: readonly unknown[];
  /** Part of a text, or an element of a list. */
  contains?: unknown;
  min?: number;
  max?: number;
  exists?: boolean;
}

const path = { type: 'string', minLength: 1 };
const range = { min: { type: 'number' }, max: { type: 'number' } };

export const EXPECTATION = {
  type: 'object',
  required: ['path'],
  properties: {
    path,
    equals: {},
    one_of: { type: 'array', minItems: 2 },
    contains: {},
    ...range,
    exists: { type: 'boolean' },
  },
  additionalProperties: false,
  // The path and one comparison.
  minProperties: 2,
  if: { anyOf: [{ required: ['min'] }, { required: ['max'] }] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { properties: { path, ...range }, additionalProperties: false },
  else: { maxProperties: 2 },
};

/** What is at a path; undefined: nothing. */
export function valueAt(value: unknown, steps: readonly string[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step === '*') return Array.isArray(value) ? value.map((element) => valueAt(element, rest)) : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return valueAt((value as Record<string, unknown>)[step], rest);
}

function holds(found: unknown, { equals, one_of, contains, min, max, exists }: Expectation): boolean {
  if (exists !== undefined) return (found !== undefined) === exists;
  if (one_of !== undefined) return one_of.some((value) => isDeepStrictEqual(found, value));
  if (contains !== undefined) {
    if (typeof found === 'string') return typeof contains === 'string' && found.includes(contains);
    return Array.isArray(found) && found.some((element) => isDeepStrictEqual(element, contains));
  }
  if (min !== undefined || max !== undefined) {
    return typeof found === 'number' && found >= (min ?? -Infinity) && found <= (max ?? Infinity);
  }
  return isDeepStrictEqual(found, equals);
}

const SHOWN_MAX = 300;
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
};

/** What is not as expected, `/expect/2 result.summary: contains "x", found "y"`. */
export function unmet(run: unknown, expectations: readonly Expectation[]): string[] {
  return expectations.flatMap((expectation, index) => {
    const found = valueAt(run, expectation.path.split('.'));
    if (holds(found, expectation)) return [];
    const { path: at, ...comparison } = expectation;
    const wanted = Object.entries(comparison).map(([name, value]) => `${name} ${shown(value)}`);
    return [`/expect/${index} ${at}: ${wanted.join(', ')}; found ${shown(found)}`];
  });
}
