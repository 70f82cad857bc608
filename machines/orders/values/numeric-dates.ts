/**
 * Days in digits: `2026-03-02`, `31.01.2026`, `03/04/2026`.
 *
 * Owns: whether the day comes first. A dot says so; for other marks another date of the document does, and without one
 * there are two readings.
 */
import { isDate } from '../../../schemas/formats.ts';

const NUMERIC = /^(\d{1,4})([-./])(\d{1,2})[-./](\d{1,4})$/;
/** Of years in two digits. */
const CENTURY = 2000;

/** The days that digits with two separators can mean. */
export function readNumericDate(raw: string, dayFirst: boolean | null): string[] {
  const [, first = '', separator, second = '', third = ''] = NUMERIC.exec(raw) ?? [];
  if (first.length === 4) return existing([isoDay(first, second, third)]);
  const dayThenMonth = isoDay(third, second, first);
  const monthThenDay = isoDay(third, first, second);
  if (separator === '.') return existing([dayThenMonth]);
  const both = existing([dayThenMonth, monthThenDay]);
  return both.length < 2 || dayFirst === null ? both : [dayFirst ? dayThenMonth : monthThenDay];
}

/** Whether dates with `/` or `-` begin with the day; null if no date says so, or dates contradict each other. */
export function dayFirstOf(dates: Iterable<string>): boolean | null {
  const said = new Set<boolean>();
  for (const raw of dates) {
    const [, first = '', separator, second = ''] = NUMERIC.exec(raw) ?? [];
    if (separator === '.' || first.length === 4 || Number(first) > 12 === Number(second) > 12) continue;
    said.add(Number(first) > 12);
  }
  const [only] = said;
  return said.size === 1 && only !== undefined ? only : null;
}

/** YYYY-MM-DD, whether or not that day exists. */
export function isoDay(year: string, month: string, dayOfMonth: string): string {
  const full = year.length === 2 ? String(CENTURY + Number(year)) : year;
  return `${full}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`;
}

/** Those that exist, once each. */
export const existing = (days: readonly string[]): string[] => [...new Set(days.filter(isDate))];
