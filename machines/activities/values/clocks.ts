/**
 * Durations written as clocks: `1:30`, `40:30`, `01:30:00`, `18:25 min`, `1 day, 16:30:00`, `1.02:30:00`.
 *
 * Owns: what each part counts. A day before a clock is 24 hours, as the programs count that write it; minutes and
 * seconds of 60 and more are no clock.
 */
import { unitOfWord } from './units.ts';

const MAX_CHARACTERS = 60;
const CLOCK = /^(\d{0,9}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,12}))?)?(?: ?([\p{L}.]{1,12}))?$/u;
/** `mm:ss.f` of a stopwatch; as hours it would have tenths of minutes, which nobody writes. */
const STOPWATCH = /^(\d{1,9}):(\d{1,2})[.,](\d{1,12})$/;
/** Python's and pandas' timedelta, intervals of PostgreSQL; the sign of the days is not that of the clock. */
const DAYS_AND_CLOCK = /^(\d{1,6}) ?(\p{L}{1,10}),? ([-+]?)(\d{1,2}:.*)$/u;
/** `1.02:30:00` of .NET and `1 02:30:00` of Oracle and MySQL, which always write the seconds. */
const LEADING_DAYS = /^(\d{1,9})[. ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)$/;
/** A time that passed since the first moment a database or spreadsheet can store. */
const SINCE_FIRST_DAY = /^(1970-01-|1899-12-)(\d{2})[ t](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)z?$/;
const FIRST_DAYS: Readonly<Record<string, readonly [first: number, last: number]>> = {
  '1970-01-': [1, 31],
  '1899-12-': [30, 31],
};
const MINUTES_PER_DAY = 1440;
const PARTS = 60;

/**
 * Minutes of a lower-cased clock without its sign; null if it is none.
 * @param twoParts what `18:25` is without a unit behind it
 * @param negative a minus stood before it; before days it is theirs alone: `-1 day, 23:30:00` is −30 minutes
 */
export function clockMinutes(text: string, twoParts: 'h:m' | 'm:s', negative: boolean): number | null {
  if (text.length > MAX_CHARACTERS) return null;
  const timedelta = timedeltaMinutes(text, negative);
  if (timedelta !== null) return timedelta;
  const minutes = leadingDays(text) ?? sinceFirstDay(text) ?? plainClock(text, twoParts);
  return minutes !== null && negative ? -minutes : minutes;
}

function timedeltaMinutes(text: string, negativeDays: boolean): number | null {
  const [, days = '', word = '', sign, clock = ''] = DAYS_AND_CLOCK.exec(text) ?? [];
  if (unitOfWord(word) !== 'd') return null;
  const minutes = plainClock(clock, 'h:m');
  if (minutes === null) return null;
  const ofDays = Number(days) * MINUTES_PER_DAY;
  return (negativeDays ? -ofDays : ofDays) + (sign === '-' ? -minutes : minutes);
}

function leadingDays(text: string): number | null {
  const [, days, clock] = LEADING_DAYS.exec(text) ?? [];
  return days === undefined ? null : withDays(Number(days), clock);
}

function sinceFirstDay(text: string): number | null {
  const [, month = '', day, clock] = SINCE_FIRST_DAY.exec(text) ?? [];
  const [first, last] = FIRST_DAYS[month] ?? [1, 0];
  const days = Number(day) - first;
  return days >= 0 && Number(day) <= last ? withDays(days, clock) : null;
}

function withDays(days: number, clock = ''): number | null {
  const minutes = plainClock(clock, 'h:m');
  return minutes === null ? null : days * MINUTES_PER_DAY + minutes;
}

function plainClock(text: string, twoParts: 'h:m' | 'm:s'): number | null {
  const stopwatch = twoParts === 'm:s' ? STOPWATCH.exec(text) : null;
  if (stopwatch !== null) {
    const [, minutes, seconds, fraction] = stopwatch;
    return sum(0, Number(minutes), Number(`${seconds}.${fraction}`), Number.POSITIVE_INFINITY);
  }
  const [, first, second, third, fraction = '0', word] = CLOCK.exec(text) ?? [];
  if (first === undefined) return null;
  const unit = word === undefined ? undefined : unitOfWord(word);
  if (third !== undefined) {
    if (first === '' || (unit !== undefined && unit !== 'h')) return null;
    return sum(Number(first), Number(second), Number(`${third}.${fraction}`), PARTS);
  }
  // `1:30 m` may be meant as `1:30 h:m`.
  if (word === 'm') return null;
  if (unit === 'min' || (unit === undefined && twoParts === 'm:s')) {
    return sum(0, Number(first), Number(second), Number.POSITIVE_INFINITY);
  }
  return unit === undefined || unit === 'h' ? sum(Number(first), Number(second), 0, PARTS) : null;
}

const sum = (hours: number, minutes: number, seconds: number, minutesBelow: number): number | null =>
  minutes < minutesBelow && seconds < PARTS ? hours * 60 + minutes + seconds / 60 : null;
