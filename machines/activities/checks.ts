/**
 * What is odd about figures that were read.
 *
 * Owns: the checks and the sentences about them. Changes nothing that was read.
 */
import type { CheckReport, UnitReport } from './input-report.ts';

export interface CheckedRow {
  /** Row of the file, from 1. */
  number: number;
  /** Name of its sheet where several are read, else null. */
  sheet: string | null;
  /** Not rounded; null where the minutes are an estimate. */
  minutes: number | null;
  date: string | null;
  /** Stands for what the row says as a whole, to know it again. */
  fingerprint: number;
}

/** A total that the file states. */
export interface StatedTotal {
  number: number;
  minutes: number;
  /** Sums it could be of: all records above, those since the total before, all records. */
  sums: readonly number[];
}

export interface Checked {
  checks: CheckReport[];
  warnings: string[];
}

const DAY_MINUTES = 1_440;
const LONG_MEDIAN_MINUTES = 480;
const SECONDS_MEDIAN = 600;
const FIRST_YEAR = 1990;
const YEARS_AHEAD_MS = 2 * 365 * 86_400_000;

/** @param today `YYYY-MM-DD` */
export function checkFigures(
  rows: readonly CheckedRow[],
  totals: readonly StatedTotal[],
  unit: UnitReport | null,
  today: string,
): Checked {
  const checks: CheckReport[] = [];
  const warnings: string[] = [];
  const given = rows.filter((row) => row.minutes !== null) as (CheckedRow & { minutes: number })[];

  const long = given.filter(({ minutes }) => minutes > DAY_MINUTES);
  if (long.length > 0) {
    const longest = long.reduce((most, { minutes }) => Math.max(most, minutes), 0);
    checks.push(check('over 24 h in one row', long.length, long[0]?.number ?? null, longest / DAY_MINUTES));
    warnings.push(
      `${rowsSay(long.length, long[0])} more than 24 hours; the largest has ${hours(longest)}. Check the unit of the column.`,
    );
  }
  const sorted = given.map(({ minutes }) => minutes).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  if (given.length >= 3 && median > LONG_MEDIAN_MINUTES) {
    checks.push(check('median over 8 h', given.length, null, median / LONG_MEDIAN_MINUTES));
    warnings.push(`Half of the rows take more than 8 hours (median ${hours(median)}). Check the unit of the column.`);
  }
  if (unit !== null && (unit.unit === 'min' || unit.assumed) && unit.by !== 'mapping') {
    const inSeconds = unit.unit === 's' && unit.assumed;
    const inMilliseconds = unit.unit === 'ms' && unit.assumed;
    if (inMilliseconds) checks.push(check('median suggests milliseconds', given.length, null, 60_000));
    else if (inSeconds || (unit.unit === 'min' && median > SECONDS_MEDIAN)) {
      checks.push(check('median suggests seconds', given.length, null, 60));
      if (!inSeconds) {
        warnings.push(
          `Half of the durations are over ${SECONDS_MEDIAN} minutes, as they would be if they were seconds.`,
        );
      }
    }
  }
  checkTotals(totals, checks, warnings);
  checkDuplicates(rows, checks, warnings);
  checkDates(rows, today, checks, warnings);
  return { checks, warnings };
}

const check = (
  name: CheckReport['check'],
  count: number,
  first_row: number | null,
  factor: number | null,
): CheckReport => ({ check: name, count, first_row, factor: factor === null ? null : Number(factor.toFixed(2)) });

const hours = (minutes: number): string => `${Number((minutes / 60).toFixed(2))} h`;

const rowsSay = (count: number, first: CheckedRow | undefined): string => {
  const place = first?.sheet ? `${first.number} of "${first.sheet}"` : `${first?.number}`;
  return count === 1 ? `Row ${place} has` : `${count} rows, first row ${place}, have`;
};

function checkTotals(totals: readonly StatedTotal[], checks: CheckReport[], warnings: string[]): void {
  const wrong = totals.filter(
    ({ minutes, sums }) => !sums.some((sum) => Math.abs(sum - minutes) <= 1 + 0.005 * Math.abs(minutes)),
  );
  const [first] = wrong;
  if (!first) return;
  const nearest = first.sums.toSorted((a, b) => Math.abs(a - first.minutes) - Math.abs(b - first.minutes))[0] ?? 0;
  const factor = nearest === 0 ? null : first.minutes / nearest;
  checks.push(check('total does not add up', wrong.length, first.number, factor));
  warnings.push(
    `The total in row ${first.number} says ${hours(first.minutes)}, the rows add up to ${hours(nearest)}. Rows may be missing, or the unit may be another one.`,
  );
}

function checkDuplicates(rows: readonly CheckedRow[], checks: CheckReport[], warnings: string[]): void {
  const seen = new Set<number>();
  let count = 0;
  let first: number | null = null;
  for (const { number, fingerprint } of rows) {
    if (!seen.has(fingerprint)) {
      seen.add(fingerprint);
      continue;
    }
    count += 1;
    first ??= number;
  }
  if (count === 0) return;
  checks.push(check('duplicate rows', count, first, null));
  // Files of few columns repeat themselves without being wrong.
  if (count > 0.1 * rows.length && rows.length > 20) {
    warnings.push(`${count} rows are exact copies of others, first row ${first}; all of them are counted.`);
  }
}

function checkDates(rows: readonly CheckedRow[], today: string, checks: CheckReport[], warnings: string[]): void {
  const latest = new Date(Date.parse(`${today}T00:00:00Z`) + YEARS_AHEAD_MS).toISOString().slice(0, 10);
  const odd = rows.filter(({ date }) => date !== null && (date < `${FIRST_YEAR}` || date > latest));
  const [first] = odd;
  if (!first) return;
  checks.push(check('date out of range', odd.length, first.number, null));
  warnings.push(`${rowsSay(odd.length, first)} a date that is unlikely (${first.date}).`);
}
