/**
 * Calendar days as five languages write them.
 *
 * Owns: the names of the months and what may stand between the parts. A date without a year is none: which year would
 * need a clock.
 */

import { type Token, wordAt } from '../texts/tokens.ts';
import { existing, isoDay, readNumericDate } from './numeric-dates.ts';

const MONTHS: ReadonlyMap<string, number> = new Map(
  [
    'january jan janvier janv januar janner enero ene gennaio gen',
    'february feb fevrier fevr fev februar feber febrero febbraio febb',
    'march mar mars marz maerz mrz marzo',
    'april apr avril avr abril abr aprile',
    'may mai mayo maggio mag',
    'june jun juin juni junio giugno giu',
    'july jul juillet juil juli julio luglio lug',
    'august aug aout agosto ago ag',
    'september sep sept septembre septiembre settembre set sett',
    'october oct octobre oktober okt octubre ottobre ott',
    'november nov novembre noviembre',
    'december dec decembre dezember dez diciembre dic dicembre',
  ].flatMap((names, index) => names.split(' ').map((name) => [name, index + 1] as const)),
);
const ORDINALS = new Set(['st', 'nd', 'rd', 'th', 'er', 'o', 'ero', '.', '°']);
const BETWEEN = new Set(['of', 'de', 'del', 'di', 'd', "'", '’', '-', '/', '.', ',']);

/** A day at some tokens; two readings if the order of day and month is undecided. */
export interface DateReading {
  readings: readonly string[];
  /** Index of the token after it. */
  next: number;
}

/** The date that begins at token `at`. */
export function dateAt(tokens: readonly Token[], at: number, dayFirst: boolean | null): DateReading | null {
  const token = tokens[at];
  if (token?.kind === 'date') return { readings: readNumericDate(token.word, dayFirst), next: at + 1 };
  if (token?.kind === 'number') return dayThenMonth(tokens, at);
  return MONTHS.has(token?.word ?? '') ? monthThenDay(tokens, at) : null;
}

function dayThenMonth(tokens: readonly Token[], at: number): DateReading | null {
  const ordinal = ORDINALS.has(wordAt(tokens, at + 1)) ? at + 2 : at + 1;
  const month = skip(tokens, ordinal, BETWEEN, 2);
  if (!MONTHS.has(wordAt(tokens, month))) return null;
  const year = skip(tokens, month + 1, BETWEEN, 2);
  return named(tokens, { year, month, day: at }, year + 1);
}

function monthThenDay(tokens: readonly Token[], at: number): DateReading | null {
  const day = skip(tokens, at + 1, BETWEEN, 1);
  const ordinal = ORDINALS.has(wordAt(tokens, day + 1)) ? day + 2 : day + 1;
  const year = skip(tokens, ordinal, BETWEEN, 1);
  return named(tokens, { year, month: at, day }, year + 1);
}

function named(
  tokens: readonly Token[],
  at: { year: number; month: number; day: number },
  next: number,
): DateReading | null {
  const year = wordAt(tokens, at.year);
  if (!/^\d{4}$/.test(year)) return null;
  const month = String(MONTHS.get(wordAt(tokens, at.month)));
  const readings = existing([isoDay(year, month, wordAt(tokens, at.day))]);
  return readings.length === 0 ? null : { readings, next };
}

function skip(tokens: readonly Token[], at: number, words: ReadonlySet<string>, atMost: number): number {
  let next = at;
  while (next < at + atMost && words.has(wordAt(tokens, next))) next += 1;
  return next;
}
