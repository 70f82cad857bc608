/**
 * What a row may say besides text, category and minutes. Total like `rows.ts`: any JSON value has an answer.
 *
 * Owns: day, times, person, project, case and whether its minutes are estimated.
 */
import { dayNumber, dayOfMinute, minuteNumber } from './calendar.ts';
import { type AnyRow, clean } from './rows.ts';

const textAt = (row: AnyRow, key: string): string => {
  const value = row?.[key];
  return typeof value === 'string' ? value : '';
};

/** White space collapsed; '' when the row has none. */
export const personOf = (row: AnyRow): string => clean(textAt(row, 'person'));
export const projectOf = (row: AnyRow): string => clean(textAt(row, 'project'));

/** A number is a case too: exports number them. */
export function caseOf(row: AnyRow): string {
  const value = row?.case;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : clean(textAt(row, 'case'));
}

/** Minutes since 1970 of the wall clock; null when the row does not say. */
export const startOf = (row: AnyRow): number | null => minuteNumber(textAt(row, 'start'));
export const endOf = (row: AnyRow): number | null => minuteNumber(textAt(row, 'end'));

/** Day of the activity, else of its start, else of its end; days since 1970, null when the row does not say. */
export function dayOf(row: AnyRow): number | null {
  const day = dayNumber(textAt(row, 'date'));
  if (day !== null) return day;
  const minute = startOf(row) ?? endOf(row);
  return minute === null ? null : dayOfMinute(minute);
}

export const isInferred = (row: AnyRow): boolean => row?.estimate_source === 'inferred';
