/**
 * Values with the place they were read at.
 *
 * Owns: how sure each way of reading is, and which of several readings of one field counts.
 */
import type { Page, Token } from '../texts/tokens.ts';

export type Value = string | number;

/** How sure a value is, by how it was read. */
export const CONFIDENCE = {
  /** By a person, or in the form. */
  given: 1,
  confirmed: 0.99,
  labeled: 0.95,
  prose: 0.85,
  modelConfirmed: 0.85,
  model: 0.7,
  assumed: 0.5,
  unclear: 0.4,
} as const;

/** A value that was read somewhere, or what it can be. */
export interface Reading {
  /** Null if it can be read in two ways. */
  value: Value | null;
  /** Both values of what can be read in two ways. */
  readings: readonly Value[];
  confidence: number;
}

export interface Field extends Reading {
  /** As written; null for what the text does not say. */
  raw: string | null;
  /** From 1. */
  line: number | null;
  /** From the beginning of the line, in UTF-16 units; the end of a value of several lines lies beyond its first. */
  start: number | null;
  end: number | null;
  method: 'deterministic' | 'default';
}

/** Tokens `from` to before `next`, not empty. */
export interface Span {
  from: number;
  next: number;
}

/** A field read at a span; `readings` are what it can mean, at least one. */
export function fieldAt(
  page: Page,
  tokens: readonly Token[],
  { from, next }: Span,
  readings: readonly Value[],
  confidence: number,
): Field {
  const { start } = tokens[from] as Token;
  return fieldOf(page, start, (tokens[next - 1] as Token).end, readings, confidence);
}

/** The same for offsets in the text. */
export function fieldOf(page: Page, start: number, end: number, readings: readonly Value[], confidence: number): Field {
  const line = lineAt(page, start);
  const offset = (page.lines[line] as { start: number }).start;
  const [value = null] = readings;
  const clear = readings.length === 1;
  return {
    value: clear ? value : null,
    raw: page.text.slice(start, end),
    line: line + 1,
    start: start - offset,
    end: end - offset,
    method: 'deterministic',
    confidence: clear ? confidence : CONFIDENCE.unclear,
    readings: clear ? [] : readings,
  };
}

/** What holds where the text says nothing. */
export const assumed = (value: Value): Field => ({
  ...{ value, raw: null, line: null, start: null, end: null },
  ...{ method: 'default', confidence: CONFIDENCE.assumed, readings: [] },
});

/** White space collapsed, composed accents, nothing around it. */
export const tidy = (raw: string): string => raw.normalize('NFC').replace(/\s+/g, ' ').trim();

/** The surest reading, of equals the first; unclear if one as sure says something else. */
export function settle<F extends Reading>(fields: readonly F[]): F | undefined {
  let best: F | undefined;
  for (const field of fields) if (field.confidence > (best?.confidence ?? 0)) best = field;
  const disputed = fields.some(
    (field) => field.confidence === best?.confidence && comparable(field.value) !== comparable(best.value),
  );
  return best && disputed ? { ...best, confidence: CONFIDENCE.unclear } : best;
}

const comparable = (value: Value | null): string => String(value).toLowerCase();

function lineAt({ lines }: Page, offset: number): number {
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lines[middle] as { start: number }).start <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
