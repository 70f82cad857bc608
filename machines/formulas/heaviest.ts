/** Owns how long the lists of an analysis may be, and what is left out of longer ones. */
import { compareCodePoints } from './code-points.ts';

/** Every deliverable travels in an event, and once more with each dispatch that builds on it. */
export const MAX_LISTED = 1_000;

/** All names if they are few, else the `limit` that weigh most; of equal ones the first by code point. A new list. */
export function heaviest(names: readonly string[], limit: number, weightOf: (name: string) => number): string[] {
  if (names.length <= limit) return [...names];
  return names.toSorted((a, b) => weightOf(b) - weightOf(a) || compareCodePoints(a, b)).slice(0, limit);
}
