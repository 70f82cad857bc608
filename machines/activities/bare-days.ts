/**
 * Lines of a calendar on which nothing happened: a date, perhaps its weekday, and nothing else.
 *
 * Owns: knowing such a line. Does not own which lines of a file are looked at.
 */
import { kindOf } from './columns/profile.ts';
import { weekdayOf } from './headers/weekdays.ts';
import { type SheetRow, textOf } from './tables.ts';

const MAX_WEEKDAY_CHARACTERS = 20;

export function isBareDay({ cells }: SheetRow): boolean {
  let days = 0;
  for (const cell of cells) {
    const text = textOf(cell).trim();
    if (text === '') continue;
    const isDay = kindOf(cell, text) === 'date' || (text.length <= MAX_WEEKDAY_CHARACTERS && weekdayOf(text) !== null);
    if (!isDay) return false;
    days += 1;
  }
  return days > 0;
}
