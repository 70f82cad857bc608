/**
 * Days, ISO weeks and months, counted without clock and time zone.
 *
 * Owns: the arithmetic of the Gregorian calendar that trends need. A day is its number, 0 = 1970-01-01.
 */

const DAY_MS = 86_400_000;
const MINUTES_PER_DAY = 1_440;
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})(?:$|T)/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T(\d{2}):(\d{2})(?::\d{2}(?:\.\d{1,9})?)?$/;
/** Days outside of these years are typing errors or placeholders, not days of work. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2099;

/** Length of a month on average: a Julian year of 365.25 days has twelve. */
export const DAYS_PER_MONTH = 30.4375;

/** The day that a text names as `YYYY-MM-DD`, alone or before a `T`; null if it names none from 1970 to 2099. */
export function dayNumber(text: string): number | null {
  const found = ISO_DAY.exec(text);
  if (!found) return null;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (year < FIRST_YEAR || year > LAST_YEAR) return null;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month in a year from 1970 to 2099, in which every fourth has a leap day. */
const daysIn = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 ? 29 : (MONTH_DAYS[month - 1] as number);

/** Minutes since 1970 of a wall clock `YYYY-MM-DDTHH:MM`, seconds dropped; null if the text is none. */
export function minuteNumber(text: string): number | null {
  const found = ISO_TIME.exec(text);
  const day = found && dayNumber(text);
  if (!found || day === null) return null;
  const [hour, minute] = [Number(found[1]), Number(found[2])];
  return hour < 24 && minute < 60 ? day * MINUTES_PER_DAY + hour * 60 + minute : null;
}

export const dayOfMinute = (minute: number): number => Math.floor(minute / MINUTES_PER_DAY);

/** `2026-03-05` */
export const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** `2026-03` */
export const monthText = (day: number): string => dayText(day).slice(0, 7);

/** The week of ISO 8601, `2026-W10`: it begins on Monday and belongs to the year of its Thursday. */
export function weekText(day: number): string {
  const thursday = day - ((day + 3) % 7) + 3;
  const year = new Date(thursday * DAY_MS).getUTCFullYear();
  const firstOfYear = Date.UTC(year, 0, 1) / DAY_MS;
  return `${year}-W${String(Math.floor((thursday - firstOfYear) / 7) + 1).padStart(2, '0')}`;
}

/** How many calendar months lie between two days, both included. */
export function calendarMonths(first: number, last: number): number {
  const [from, to] = [new Date(first * DAY_MS), new Date(last * DAY_MS)];
  return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth() + 1;
}
