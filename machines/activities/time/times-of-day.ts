/**
 * Columns of clock times that say when, although their header could mean how long.
 *
 * Owns: telling `Time` as a time of day from `Time` as a duration: another column says how long, or the times climb
 * from row to row as a day goes on.
 */
import { type Column, roleOf } from '../columns/column.ts';
import type { Role } from '../headers/roles.ts';
import { type SheetRow, textOf } from '../tables.ts';
import { type Candidate, isSpentTime, TIME_SHARE, type TimeQuestion } from './candidates.ts';
import { readMomentCell } from './time-source.ts';

const COULD_SAY_WHEN: readonly Role[] = ['start_time', 'end_time'];
/** Share of neighbors of one day that climb. */
const CLIMBING_SHARE = 0.85;
const MIN_STEPS = 2;
const WORKING_HOURS_FROM = 5 * 60;
const LOOKED_AT = 500;

export function timesOfDay(
  { columns, records }: Omit<TimeQuestion, 'when'>,
  candidates: readonly Candidate[],
): ReadonlySet<Column> {
  const found = new Set<Column>();
  const isAmbiguous = (column: Column) =>
    column.roles.some(({ role }) => COULD_SAY_WHEN.includes(role)) && column.profile.share.clock >= TIME_SHARE;
  const date = columns.find((column) => roleOf(column) === 'date') ?? null;
  for (const { column } of candidates) {
    if (!isAmbiguous(column)) continue;
    const isToldElsewhere = candidates.some(
      (other) => other.column !== column && !isAmbiguous(other.column) && isSpentTime(other.column) && other.rank >= 70,
    );
    if ((isToldElsewhere && isDaytime(column, records)) || climbs(column, date, records)) found.add(column);
  }
  return found;
}

function minutesOf({ index }: Column, records: readonly SheetRow[]): (number | null)[] {
  return records.slice(0, LOOKED_AT).map(({ cells }) => readMomentCell(cells[index], 'dmy')?.minuteOfDay ?? null);
}

/** Half of the times are not in the night. */
function isDaytime(column: Column, records: readonly SheetRow[]): boolean {
  const minutes = minutesOf(column, records).filter((each) => each !== null);
  return minutes.filter((each) => each >= WORKING_HOURS_FROM).length >= 0.5 * Math.max(1, minutes.length);
}

function climbs(column: Column, date: Column | null, records: readonly SheetRow[]): boolean {
  const minutes = minutesOf(column, records);
  let steps = 0;
  let up = 0;
  for (let i = 1; i < minutes.length; i += 1) {
    const [before, now] = [minutes[i - 1], minutes[i]];
    if (typeof before !== 'number' || typeof now !== 'number') continue;
    const isOneDay =
      date === null || textOf(records[i - 1]?.cells[date.index]) === textOf(records[i]?.cells[date.index]);
    if (!isOneDay) continue;
    steps += 1;
    if (now > before) up += 1;
  }
  return steps >= MIN_STEPS && up >= CLIMBING_SHARE * steps && isDaytime(column, records);
}
