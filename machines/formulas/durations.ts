/**
 * Estimates that rows given as JSON carry: durations in whole minutes.
 *
 * Owns: what is no estimate there, namely less than a minute. Does not own how durations are written
 * (`machines/activities/values/durations.ts`).
 */
import { readDuration, wholeMinutes } from '../activities/values/durations.ts';

/**
 * Whole minutes of a cell such as `1.5h`, `1,5 h`, `1h30`, `1:30`, `1w 2d`, `45`; null if it is no duration of
 * ≥ 1 minute. A number without a unit counts minutes.
 */
export function parseDuration(cell: string): number | null {
  const read = readDuration(cell, { bareUnit: 'min' });
  if (read === null) return null;
  const minutes = wholeMinutes(read.minutes);
  return minutes >= 1 ? minutes : null;
}
