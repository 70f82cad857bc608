/**
 * How time is spread over weeks and months, and how many months the rows really span.
 *
 * Owns: the trend of `time_waste_analysis`, and the span that every figure per month is divided by. The contract's
 * figures take the whole file for a month; those made here stand beside them and say so.
 */
import { calendarMonths, DAYS_PER_MONTH, dayText, monthText, weekText } from './calendar.ts';
import { counted, plainNumber } from './numbers.ts';
import { finite, r2 } from './round.ts';
import { dayOf } from './row-details.ts';
import { type AnyRow, minutes } from './rows.ts';

const MAX_WEEKS = 260;
const MAX_MONTHS = 120;
/** From fewer days no month is extrapolated: three days of a holiday week say nothing of the rest of it. */
const LEAST_DAYS = 14;
/** A span with rows in fewer of its months is one typing error away from any length. */
const LEAST_FILLED_MONTHS = 0.5;

export interface TrendPoint {
  minutes: number;
  hours: number;
  rows: number;
}

export interface Span {
  /** `YYYY-MM-DD` */
  first_date: string;
  last_date: string;
  /** First and last day included. */
  days: number;
  /** days / 30.4375, two decimals. */
  months: number;
  how: string;
}

export interface Trend {
  span: Span;
  /** ISO weeks that have rows, oldest first, the newest 260. */
  weeks: ({ week: string } & TrendPoint)[];
  /** Likewise months, the newest 120. */
  months: ({ month: string } & TrendPoint)[];
  /** Sums of what is older than the lists; absent when nothing is. */
  earlier?: { weeks?: TrendPoint & { count: number }; months?: TrendPoint & { count: number } };
  rows_without_date: number;
  label: string;
}

/** What the dates of the rows come to. */
export interface Dated {
  first: number;
  last: number;
  rows: number;
  minutes: number;
  /** Months that have at least one row. */
  filledMonths: number;
  undated: number;
}

interface Tally {
  minutes: number;
  rows: number;
}

export function trendOf(rows: readonly AnyRow[]): { trend: Trend } | { trend: null; trend_reason: string } {
  const days = tallyDays(rows);
  const dated = datedFrom(days);
  if (dated === null) return { trend: null, trend_reason: 'No row has a date.' };
  const weeks = tallyBy(days, weekText);
  const months = tallyBy(days, monthText);
  const earlier = {
    ...(weeks.length > MAX_WEEKS && { weeks: sumOf(weeks.slice(0, -MAX_WEEKS)) }),
    ...(months.length > MAX_MONTHS && { months: sumOf(months.slice(0, -MAX_MONTHS)) }),
  };
  const isCut = Object.keys(earlier).length > 0;
  return {
    trend: {
      span: spanOf(dated),
      weeks: weeks.slice(-MAX_WEEKS).map(([week, tally]) => ({ week, ...pointOf(tally) })),
      months: months.slice(-MAX_MONTHS).map(([month, tally]) => ({ month, ...pointOf(tally) })),
      ...(isCut && { earlier }),
      rows_without_date: dated.undated,
      label:
        `Time per ISO week and per month of ${counted(dated.rows, 'row')} with a date` +
        `${dated.undated > 0 ? `; ${counted(dated.undated, 'row')} without one left out` : ''}` +
        `${isCut ? '; what is older than the lists is summed up under earlier' : ''}.`,
    },
  };
}

/** null when no row has a date. */
export const datedOf = (rows: readonly AnyRow[]): Dated | null => datedFrom(tallyDays(rows));

interface Days {
  byDay: Map<number, Tally>;
  undated: number;
}

function tallyDays(rows: readonly AnyRow[]): Days {
  const byDay = new Map<number, Tally>();
  let undated = 0;
  for (const row of rows) {
    const day = dayOf(row);
    if (day === null) undated += 1;
    else add(byDay, day, { minutes: minutes(row), rows: 1 });
  }
  return { byDay, undated };
}

function datedFrom({ byDay, undated }: Days): Dated | null {
  if (byDay.size === 0) return null;
  const dated: Dated = { first: Infinity, last: 0, rows: 0, minutes: 0, filledMonths: 0, undated };
  const months = new Set<string>();
  for (const [day, tally] of byDay) {
    dated.first = Math.min(dated.first, day);
    dated.last = Math.max(dated.last, day);
    dated.rows += tally.rows;
    dated.minutes = finite(dated.minutes + tally.minutes);
    months.add(monthText(day));
  }
  return { ...dated, filledMonths: months.size };
}

function add<Key>(tallies: Map<Key, Tally>, key: Key, more: Tally): void {
  const found = tallies.get(key);
  if (!found) tallies.set(key, { ...more });
  else {
    found.minutes = finite(found.minutes + more.minutes);
    found.rows += more.rows;
  }
}

function tallyBy({ byDay }: Days, nameOf: (day: number) => string): [string, Tally][] {
  const tallies = new Map<string, Tally>();
  for (const day of [...byDay.keys()].sort((a, b) => a - b)) add(tallies, nameOf(day), byDay.get(day) as Tally);
  return [...tallies];
}

const pointOf = ({ minutes: spent, rows }: Tally): TrendPoint => ({ minutes: r2(spent), hours: r2(spent / 60), rows });

function sumOf(tallies: readonly [string, Tally][]): TrendPoint & { count: number } {
  const sum: Tally = { minutes: 0, rows: 0 };
  for (const [, tally] of tallies) {
    sum.minutes = finite(sum.minutes + tally.minutes);
    sum.rows += tally.rows;
  }
  return { count: tallies.length, ...pointOf(sum) };
}

const daysOf = ({ first, last }: Dated): number => last - first + 1;

function spanOf(dated: Dated): Span {
  const days = daysOf(dated);
  return {
    first_date: dayText(dated.first),
    last_date: dayText(dated.last),
    days,
    months: r2(days / DAYS_PER_MONTH),
    how: `days from the first to the last date, both included, / ${DAYS_PER_MONTH}`,
  };
}

/** By how many months amounts of rows with a date are divided, or why they are not. */
export type MonthBasis =
  | { months: number; basis: 'span of the file' | 'period of the request'; label: string }
  | { months: null; reason: string };

/** Months that a period of a request may say in words, for files without dates. */
const PERIOD_MONTHS: Readonly<Record<string, number>> = {
  weekly: 7 / DAYS_PER_MONTH,
  week: 7 / DAYS_PER_MONTH,
  monthly: 1,
  month: 1,
  quarterly: 3,
  quarter: 3,
  yearly: 12,
  annual: 12,
  year: 12,
};

/** @param period `{type}` of the request; its word counts only when the dates do not tell */
export function monthBasis(dated: Dated | null, period: unknown): MonthBasis {
  if (dated === null) return basisOfPeriod(period, 'No row has a date.');
  const days = daysOf(dated);
  if (days < LEAST_DAYS) {
    const reason = `The dates span ${counted(days, 'day')}; a month is worked out from ${LEAST_DAYS} days or more.`;
    return basisOfPeriod(period, reason);
  }
  const calendar = calendarMonths(dated.first, dated.last);
  if (dated.filledMonths < calendar * LEAST_FILLED_MONTHS) {
    const reason =
      `Only ${plainNumber(dated.filledMonths)} of the ${plainNumber(calendar)} months from ${dayText(dated.first)} ` +
      `to ${dayText(dated.last)} have rows; a mean month would mislead. Check the first and the last date.`;
    return { months: null, reason };
  }
  const left = dated.undated > 0 ? `; ${counted(dated.undated, 'row')} without a date left out` : '';
  const label =
    `Per month of the file’s own span, ${dayText(dated.first)} to ${dayText(dated.last)} ` +
    `(${counted(days, 'day')} / ${DAYS_PER_MONTH})${left}. Figures that are not per month take the whole file for one month.`;
  return { months: days / DAYS_PER_MONTH, basis: 'span of the file', label };
}

function basisOfPeriod(period: unknown, reason: string): MonthBasis {
  const type = (period as { type?: unknown } | null | undefined)?.type;
  const word = typeof type === 'string' ? type.trim().toLowerCase() : '';
  const months = Object.hasOwn(PERIOD_MONTHS, word) ? PERIOD_MONTHS[word] : undefined;
  if (months === undefined) return { months: null, reason };
  const label = `Per month of the period that the request states (${word}). ${reason}`;
  return { months, basis: 'period of the request', label };
}
