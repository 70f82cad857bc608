/**
 * Figures per month of the real span, beside those of the contract, which take the whole file for one month.
 *
 * Owns: the `per_month` fields of the time, cost and scenario deliverables.
 */
import { type Charging, costOfRows } from './rates.ts';
import { finite, r2 } from './round.ts';
import { dayOf } from './row-details.ts';
import { type AnyRow, minutes } from './rows.ts';
import { datedOf, monthBasis } from './trend.ts';

/** The figures, or null and why. */
export type PerMonth<Figures> =
  | { per_month: { months: number; basis: string; label: string } & Figures }
  | { per_month: null; per_month_reason: string };

/** Figures of the rows that a month is worked out of. @param period of the request */
export function perMonth<Figures extends object>(
  rows: readonly AnyRow[],
  period: unknown,
  figures: (rows: readonly AnyRow[], months: number) => Figures,
): PerMonth<Figures> {
  const dated = datedOf(rows);
  const found = monthBasis(dated, period);
  if (found.months === null) return { per_month: null, per_month_reason: found.reason };
  const { months, basis, label } = found;
  const isWhole = basis !== 'span of the file' || dated?.undated === 0;
  const counting = isWhole ? rows : rows.filter((row) => dayOf(row) !== null);
  return { per_month: { months: r2(months), basis, ...figures(counting, months), label } };
}

export const hoursPerMonth = (rows: readonly AnyRow[], months: number): { hours: number } => ({
  hours: r2(hoursOf(rows) / months),
});

export const costPerMonth =
  (charging: Charging) =>
  (rows: readonly AnyRow[], months: number): { hours: number; cost: number } => ({
    hours: r2(hoursOf(rows) / months),
    cost: r2(costOfRows(rows, charging) / months),
  });

/** @param percent of the time and of its cost */
export const recoveredPerMonth =
  (charging: Charging, percent: number) =>
  (rows: readonly AnyRow[], months: number): { recovered_hours: number; recovered_cost: number } => ({
    recovered_hours: r2(((hoursOf(rows) / months) * percent) / 100),
    recovered_cost: r2(((costOfRows(rows, charging) / months) * percent) / 100),
  });

function hoursOf(rows: readonly AnyRow[]): number {
  let spent = 0;
  for (const row of rows) spent = finite(spent + minutes(row));
  return spent / 60;
}
