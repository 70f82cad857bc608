/**
 * What a language model is shown of an analysis: figures and the heads of lists.
 *
 * Owns: the cut. An analysis of 100,000 rows has lists that no prompt needs, and its figures must not be what is cut
 * off instead. Total: any JSON has a cut.
 */
import { firstCodePoints } from './code-points.ts';

const MAX_ENTRIES = 20;
const MAX_KEYS = 100;
const MAX_TEXT = 500;
const MAX_DEPTH = 6;

/** Lists that are not sorted by weight, and what their entries weigh. */
const WEIGHTS: Readonly<Record<string, string>> = { clusters: 'count', breakdown: 'minutes' };

/** The content with the first 20 entries of each list, the heaviest where they are known; `<list>_omitted`: how many are not shown. */
export function aggregatesOf(content: Readonly<Record<string, unknown>>, depth = 1): Record<string, unknown> {
  const entries = Object.entries(content).slice(0, MAX_KEYS);
  const cut = entries.map(([key, value]) => [key, cutValue(value, key, depth)] as const);
  const omitted = entries.flatMap(([key, value]) => {
    if (!Array.isArray(value) || value.length <= MAX_ENTRIES) return [];
    const before = content[`${key}_omitted`];
    return [[`${key}_omitted`, value.length - MAX_ENTRIES + (typeof before === 'number' ? before : 0)] as const];
  });
  return Object.fromEntries([...cut, ...omitted]);
}

function cutValue(value: unknown, key: string, depth: number): unknown {
  if (typeof value === 'string') return firstCodePoints(value, MAX_TEXT);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (!Array.isArray(value)) return aggregatesOf(value as Record<string, unknown>, depth + 1);
  return heaviest(value, WEIGHTS[key]).map((entry) => cutValue(entry, '', depth + 1));
}

function heaviest(list: readonly unknown[], weight: string | undefined): readonly unknown[] {
  if (list.length <= MAX_ENTRIES || weight === undefined) return list.slice(0, MAX_ENTRIES);
  const weightOf = (entry: unknown): number => {
    const value = (entry as Record<string, unknown> | null)?.[weight];
    return typeof value === 'number' ? value : 0;
  };
  return list.toSorted((a, b) => weightOf(b) - weightOf(a)).slice(0, MAX_ENTRIES);
}
