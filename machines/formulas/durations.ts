/**
 * Estimates that rows given as JSON carry: durations in whole minutes.
 *
 * Owns: what is no estimate there, namely less than a minute. Does not own how durations are written
 * (`machines/activities/values/durations.ts`).
 */
import { readDuration, wholeMinutes } from '../activities/values/durations.ts';
import { readNumber } from '../activities/values/numbers.ts';
import { minutesPer, unitOfHeader } from '../activities/values/units.ts';

/** Below this, bare numbers of a column without a unit are hours: who counts minutes has some longer activity. */
const HOURS_BELOW = 24;

/** Minutes per bare number of one column: the header's unit, else hours if all of them are < 24, else minutes. */
export function bareUnitMinutes(header: string, cells: Iterable<string>): number {
  const unit = unitOfHeader(header);
  if (unit !== null) return minutesPer(unit);
  for (const cell of cells) if ((readNumber(cell) ?? 0) >= HOURS_BELOW) return 1;
  return 60;
}

/**
 * Whole minutes of a cell such as `1.5h`, `1,5 h`, `1h30`, `1:30`, `1w 2d`, `45`; null if it is no duration of
 * ≥ 1 minute.
 * @param bareMinutes what a number without a unit counts, in minutes
 */
export function parseDuration(cell: string, bareMinutes: number): number | null {
  const read = readDuration(cell, { bareUnit: 'min' });
  if (read === null) return null;
  const minutes = wholeMinutes(read.form === 'bare' ? read.minutes * bareMinutes : read.minutes);
  return minutes >= 1 ? minutes : null;
}
