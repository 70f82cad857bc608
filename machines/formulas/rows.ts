/**
 * How one row is read. Total: any JSON value is a row, and every reading has an answer.
 *
 * Owns: minutes, category, the fingerprint that makes two texts the same activity, the hourly rate.
 * Does not own: reading files (`src/documents`) or the figures made of rows.
 */

import { firstCodePoints } from './code-points.ts';
import { finite } from './round.ts';

/** What the formulas read of a work context; every other value of a part reads as absent. */
export interface Analyzed {
  rows?: unknown;
  hourly_rate?: unknown;
}

/** One element of `rows`, of unchecked shape. */
export type AnyRow = Record<string, unknown> | null | undefined;

export function rowsOf(context: Analyzed): readonly AnyRow[] {
  return Array.isArray(context.rows) ? context.rows : [];
}

/** Money per hour; 0 when none is given. */
export function hourlyRate(context: Analyzed): number {
  return typeof context.hourly_rate === 'number' ? finite(context.hourly_rate) : 0;
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Estimated minutes of a row; 0 for anything that is not a finite number ≥ 0. */
export function minutes(row: AnyRow): number {
  const given = row?.estimated_minutes;
  const value = typeof given === 'string' && DECIMAL.test(given.trim()) ? Number(given) : given;
  return typeof value === 'number' && value >= 0 && value < Infinity ? value : 0;
}

/** The category as it is written, else `uncategorized`. */
export function category(row: AnyRow): string {
  const given = row?.category;
  return typeof given === 'string' && given !== '' ? given : 'uncategorized';
}

/** The raw text; empty when there is none. */
export function textOf(row: AnyRow): string {
  const given = row?.text;
  return typeof given === 'string' ? given : '';
}

/** Whether nobody said how long it takes. */
export function lacksEstimate(row: AnyRow): boolean {
  const given = row?.estimated_minutes;
  return given === undefined || given === null || given === '' || row?.estimate_source === 'inferred';
}

const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** Lower case, without ASCII punctuation, runs of white space as one space, trimmed. Accents stay. */
export function normalize(text: string): string {
  return clean(text.toLowerCase().replace(ASCII_PUNCTUATION, ''));
}

// A single plain space is left alone: most texts have no other white space, and are not copied.
const WHITE_SPACE_RUN = /[^\S ]\s*| \s+/g;

/** Each run of white space as one space, none at the ends. */
export function clean(text: string): string {
  return text.replace(WHITE_SPACE_RUN, ' ').trim();
}

const FINGERPRINT_CODE_POINTS = 48;

/** What two texts of one recurring activity have in common; empty if the text says nothing. */
export function fingerprint(text: string): string {
  return firstCodePoints(normalize(text), FINGERPRINT_CODE_POINTS);
}
