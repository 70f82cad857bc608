/**
 * Which headers of a row are days.
 *
 * Owns: that plain numbers are days of a month only where they count up; alone they are figures.
 */
import { isDayColumn } from '../headers/weekdays.ts';

/** Days of a month that follow each other, at least. */
const MIN_RUN = 5;

/** Whether each of the headers, in their order, is a day. */
export function areDays(headers: readonly string[]): boolean[] {
  const days = headers.map((header) => isDayColumn(header));
  const numbers = headers.map((header) => (/^\d{1,2}$/.test(header.trim()) ? Number(header) : Number.NaN));
  for (let from = 0; from < headers.length; ) {
    let to = from + 1;
    while (to < headers.length && (numbers[to] as number) === (numbers[to - 1] as number) + 1) to += 1;
    if (!Number.isNaN(numbers[from]) && to - from < MIN_RUN) days.fill(false, from, to);
    from = to;
  }
  return days;
}
