/** Cutting what is handed to agents. Pure. */
import { exceedsCodePoints, firstCodePoints } from '../formulas/code-points.ts';
import { utf8Bytes } from './bytes.ts';

export interface CutText {
  text: string;
  /** Code points before and after; null when all of it is there. */
  truncated: { from: number; to: number } | null;
}

const codePoints = (text: string): number => Array.from(text).length;
const PARAGRAPH = /\n[^\S\n]*\n/g;
const SENTENCE = /[.!?…](?=\s)|\n/g;

/** Where the last match ends, 0 without one. */
function lastEnd(text: string, pattern: RegExp): number {
  let end = 0;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}

/** At most `cap` code points, ending with a paragraph, else with a sentence, else anywhere. */
export function cutText(text: string, cap: number): CutText {
  if (!exceedsCodePoints(text, cap)) return { text, truncated: null };
  const start = firstCodePoints(text, cap);
  const half = start.length / 2;
  // A cut that would lose more than half of what fits is not worth its tidy end.
  const end = [lastEnd(start, PARAGRAPH), lastEnd(start, SENTENCE)].find((at) => at >= half) ?? start.length;
  const kept = start.slice(0, end).trimEnd();
  return { text: kept, truncated: { from: codePoints(text), to: codePoints(kept) } };
}

/** The longest start of a list whose JSON has at most `maxBytes`. */
export function cutList(list: readonly unknown[], maxBytes: number): unknown[] {
  let bytes = 2;
  const kept = list.findIndex((entry) => {
    bytes += utf8Bytes(JSON.stringify(entry)) + 1;
    return bytes > maxBytes;
  });
  return kept < 0 ? [...list] : list.slice(0, kept);
}

/** The value at a dotted path; '' is the value itself, undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);
}
