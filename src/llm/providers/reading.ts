/** Values of JSON that came from an upstream: nothing in it is certain. Pure. */
import type { JsonSchema } from '../chat.ts';
import { UpstreamFailure } from '../provider.ts';
import { isJson } from './failures.ts';
import type { Json } from './http.ts';

/** The value if it is an object, else an empty one. */
export function objectOf(value: unknown): Json {
  return isJson(value) ? value : {};
}

/** The objects of a list; empty if it is none. */
export function objectsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Beyond anything a model can take or give; sums of a few such counts are still whole numbers. */
const COUNT_MAX = 1e12;

/** A count of tokens, whole (a part counts as one) and at most {@link COUNT_MAX}; 0 if it is not said. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.min(Math.ceil(value), COUNT_MAX) : 0;
}

/** An answer that lacks what the wire promises. */
export function incomplete(what: string): UpstreamFailure {
  return new UpstreamFailure('malformed', `the upstream's answer has no ${what}`, { status: 200 });
}

/** Arguments of a tool call as an object, for wires that do not take them as text. */
export function argumentsOf(text: string): JsonSchema {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isJson(value)) return value;
  } catch {
    // A model wrote it, and is shown what it wrote.
  }
  return { arguments: text };
}
