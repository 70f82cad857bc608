/**
 * Moments: days, times of day, and both, as cells write them.
 *
 * Owns: how the two stand together, and the time from one to the other.
 */
import { type DateOrder, dayAtStart, dayNumber } from './days.ts';
import { plainDigits } from './digits.ts';
import { timeOfDay } from './times-of-day.ts';

export { dateOrderOf } from './date-order.ts';
export type { DateOrder } from './days.ts';

export interface Moment {
  /** `YYYY-MM-DD`; null for a bare time of day. */
  day: string | null;
  /** Minutes since midnight, may have a fraction, 1440 for 24:00; null for a bare date. */
  minuteOfDay: number | null;
  /** Minutes east of UTC, when written. */
  offsetMinutes: number | null;
}

const MAX_CHARACTERS = 80;
const MINUTES_PER_DAY = 1440;
const CLOCK_OF_12 = /\d ?[ap]\.? ?m\b/;
/** `@` as Kibana has it, `:` as logs of Apache, `|` as people set it apart. */
const BETWEEN = /^(?:[t_:]|[ ,]{1,3}(?:[-@|] )?)/;
/** `8:00-9:30`; only after a `T` is that an offset from UTC. */
const RANGE = /^\d{1,2}:\d{2} ?- ?\d{1,2}:\d{2}$/;
const COMPACT_DAY = /^\d{8}/;
const DOTTED_TIME = /^(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?![\d.])/;

/**
 * Reads a day, a time of day, or both; null for anything else and for days that do not exist. Numbers without marks
 * but `YYYYMMDD` are none, see `readEpoch`.
 * @param order of dates in digits, as `dateOrderOf` finds it for the column. Without it: the order that gives a day
 * that exists; of two, month first if AM or PM is written, else day first
 */
export function readMoment(text: string, order?: DateOrder): Moment | null {
  if (text.length > MAX_CHARACTERS) return null;
  const said = fold(plainDigits(text)).replace(/ {2,}/g, ' ');
  const dated = dayAtStart(said, order, CLOCK_OF_12.test(said));
  if (dated === null) {
    const time = RANGE.test(said) ? null : timeOfDay(said, false);
    return time === null ? null : { day: null, ...time };
  }
  const { day, rest } = dated;
  if (rest === '' || rest === 'z') return { day, minuteOfDay: null, offsetMinutes: null };
  const separator = BETWEEN.exec(rest)?.[0];
  if (separator === undefined || (separator !== 't' && RANGE.test(rest.slice(separator.length)))) return null;
  // After a day a dot cannot begin decimals: `02.03.2026 08.30`.
  const clock = rest
    .slice(separator.length)
    .replace(DOTTED_TIME, (_, hours, minutes, seconds = '00') => `${hours}:${minutes}:${seconds}`);
  const time = timeOfDay(clock, COMPACT_DAY.test(said));
  return time === null ? null : { day, ...time };
}

const EPOCH = /^(?:\/date\()?(\d{10}|\d{13})(?:\.(\d{1,9}))?(?:[-+]\d{4})?(?:\)\/)?$/;
const MS_PER_DAY = 86_400_000;
const MS_PER_MINUTE = 60_000;

/** Seconds (10 digits) or milliseconds (13 digits) since 1970 in UTC, also as `/Date(1772438400000)/`; else null. */
export function readEpoch(text: string): Moment | null {
  if (text.length > MAX_CHARACTERS) return null;
  const [, digits, fraction = '0'] = EPOCH.exec(plainDigits(text).toLowerCase()) ?? [];
  if (digits === undefined) return null;
  const ms = digits.length === 10 ? Number(`${digits}.${fraction}`) * 1000 : Number(digits);
  const day = new Date(ms).toISOString().slice(0, 10);
  return { day, minuteOfDay: (ms % MS_PER_DAY) / MS_PER_MINUTE, offsetMinutes: 0 };
}

/**
 * Minutes from `start` to `end`. Without dates an end before the start is on the next day; with them the result may
 * be negative. Null when a time of day is missing, or only one of two dated moments says its offset.
 */
export function minutesBetween(start: Moment, end: Moment): number | null {
  if (start.minuteOfDay === null || end.minuteOfDay === null) return null;
  const clock = end.minuteOfDay - start.minuteOfDay;
  if (start.day === null || end.day === null) return clock < 0 ? clock + MINUTES_PER_DAY : clock;
  if ((start.offsetMinutes === null) !== (end.offsetMinutes === null)) return null;
  const days = dayNumber(end.day) - dayNumber(start.day);
  return days * MINUTES_PER_DAY + clock - ((end.offsetMinutes ?? 0) - (start.offsetMinutes ?? 0));
}

/** Lower case and without accents; composed again, because kana carry theirs as part of the letter. */
const fold = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll('ł', 'l')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
