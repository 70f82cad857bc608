/**
 * Which rate a row is charged at: the one of the request, or its own when the file brings rates.
 *
 * Owns: when rates of rows count, the weighted mean that stands for them, and the cost of rows.
 */
import { finite, r2 } from './round.ts';
import { type Analyzed, type AnyRow, hourlyRate, minutes, rowsOf } from './rows.ts';

/** What these formulas read of a work context besides its rows and rate. */
export interface Charged extends Analyzed {
  /** `request`: the caller gave a rate, which wins over those of the file. Absent: see {@link chargingOf}. */
  rate_source?: unknown;
}

export interface Charging {
  source: 'request' | 'file';
  /** Money per hour: of the request, or the mean of the rows' rates weighted by their minutes. */
  hourlyRate: number;
  /** Of the rows' own rates; null when they do not count. */
  rates: { min: number; max: number; distinct: number } | null;
  /** Money for the minutes of a row, unrounded. */
  costOf(row: AnyRow): number;
}

/** Money per hour; null when the row has none. */
export function rateOf(row: AnyRow): number | null {
  const rate = row?.rate;
  return typeof rate === 'number' && rate >= 0 && rate < Infinity ? rate : null;
}

/** Mean of the rows' rates weighted by their minutes, plain when no rated row has minutes; null without any rate. */
export function weightedRate(rows: readonly AnyRow[]): number | null {
  let [money, time, sum, count] = [0, 0, 0, 0];
  for (const row of rows) {
    const rate = rateOf(row);
    if (rate === null) continue;
    const spent = minutes(row);
    money = finite(money + rate * spent);
    time = finite(time + spent);
    sum = finite(sum + rate);
    count += 1;
  }
  if (count === 0) return null;
  return time > 0 ? money / time : sum / count;
}

/** How far a rate may lie from the mean and still be the mean, rounded on its way. */
const MEAN_TOLERANCE = 0.01;

/**
 * Rates of rows count if there are any and the caller gave no rate. Where the context does not say who gave it, a rate
 * that is not the weighted mean of the rows was given by the caller.
 */
export function chargingOf(context: Charged): Charging {
  const rows = rowsOf(context);
  const mean = weightedRate(rows);
  const given = typeof context.hourly_rate === 'number' ? hourlyRate(context) : null;
  const fallback = given ?? mean ?? 0;
  const isOwn =
    mean !== null &&
    context.rate_source !== 'request' &&
    (context.rate_source === 'file' || given === null || Math.abs(given - mean) <= MEAN_TOLERANCE);
  if (!isOwn) {
    return { source: 'request', hourlyRate: fallback, rates: null, costOf: (row) => (minutes(row) / 60) * fallback };
  }
  const distinct = new Set<number>();
  for (const row of rows) {
    const rate = rateOf(row);
    if (rate !== null) distinct.add(rate);
  }
  let [min, max] = [Infinity, 0];
  for (const rate of distinct) [min, max] = [Math.min(min, rate), Math.max(max, rate)];
  return {
    source: 'file',
    hourlyRate: given ?? r2(mean),
    rates: { min, max, distinct: distinct.size },
    costOf: (row) => (minutes(row) / 60) * (rateOf(row) ?? fallback),
  };
}

/** Money for all rows, unrounded. */
export function costOfRows(rows: readonly AnyRow[], charging: Charging): number {
  let cost = 0;
  for (const row of rows) cost = finite(cost + charging.costOf(row));
  return cost;
}
