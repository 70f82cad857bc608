/**
 * Calendar days as cells write them: in digits, with the name of a month, in East Asian characters.
 *
 * Owns: where the day ends and the time begins. Does not own the order of day and month (`date-order.ts`).
 */
import { isDate } from '../../../schemas/formats.ts';
import { monthOfName, weekdayOfName } from './month-names.ts';

export type DateOrder = 'dmy' | 'mdy' | 'ymd';

/** Three numbers of a date without a month's name, in the order in which they stand. */
export interface NumericDay {
  parts: readonly [string, string, string];
  mark: string;
  /** Number of the weekday before it, 0 for Sunday; null if none is written. */
  weekday: number | null;
  rest: string;
}

export interface DayAtStart {
  day: string;
  /** What follows the day. */
  rest: string;
}

const NUMERIC = /^(\d{1,4})(?:([-/])(\d{1,2})\2(\d{1,4})|(\.) ?(\d{1,2})\. ?(\d{1,4})\.?)(?!\d)/;
const EAST_ASIAN = /^(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日/;
/** Other years make it a number like any other. */
const COMPACT = /^((?:19|20|21)\d{2})(\d{2})(\d{2})(?=[t ]|$)/;
const MARKS = '[-/. ,]{0,3}';
const DAY_MONTH_YEAR = new RegExp(
  `^(\\d{1,2})(?:st|nd|rd|th|er|º|ª|°)?${MARKS}(?:of |de |di )?(\\p{L}{3,12})${MARKS}(?:de |del |of )?(\\d{4}(?!\\d)|\\d{2}(?![\\d:]))`,
  'u',
);
const MONTH_DAY_YEAR = /^(\p{L}{3,12})[-/. ]{0,2}(\d{1,2})(?:st|nd|rd|th)?[-/. ,]{1,2}(\d{4})(?!\d)/u;
const YEAR_MONTH_DAY = /^(\d{4})[-/. ](\p{L}{3,12})[-/. ](\d{1,2})(?!\d)/u;
/** `Mon Mar 02 2026` has its year after the day; `ctime` has it after the time. */
const CTIME = /^(\p{L}{3}) {1,2}(\d{1,2}) (\d{1,2}:\d{2}:\d{2}) (?:[a-z]{3,4} )?(\d{4})$/u;
const WEEKDAY = /^(\p{L}{2,12}(?:-feira)?)[.,]{0,2} (?=[\p{L}\d])/u;
const WEEKDAY_AFTER = /^ ?(?:\([日月火水木金土]\)|[日月火水木金土]曜日?|星期[一二三四五六日])/u;
/** Years in two digits below it are of this century. */
const PIVOT = 70;

/**
 * The day at the beginning of lower-cased text without accents; null if none is there or it does not exist.
 * @param order of dates in digits; without it a dot says `dmy`, and so does doubt unless `monthFirst`
 */
export function dayAtStart(text: string, order: DateOrder | undefined, monthFirst: boolean): DayAtStart | null {
  const numeric = numericDay(text);
  if (numeric !== null) {
    // A year of four digits at the end is not the first part, whatever the other rows have.
    const fits = order !== 'ymd' || numeric.parts[2].length !== 4;
    const day = dayOf(numeric, fits && order !== undefined ? order : orderOfOne(numeric, monthFirst));
    return day === null ? null : { day, rest: numeric.rest };
  }
  // Not the other way round: `mar` is March or a Tuesday.
  return namedDay(text) ?? namedDay(withoutWeekday(text).rest);
}

/** The date in digits at the beginning, whatever its order. */
export function numericDay(text: string): NumericDay | null {
  const { weekday, rest } = withoutWeekday(text);
  const [found, first = '', slash, second = '', third = '', dot = '', dotted = '', last = ''] =
    NUMERIC.exec(rest) ?? [];
  if (found === undefined) return null;
  const after = rest.slice(found.length).replace(WEEKDAY_AFTER, '');
  const parts = slash === undefined ? ([first, dotted, last] as const) : ([first, second, third] as const);
  return { parts, mark: slash ?? dot, weekday, rest: after };
}

/** `YYYY-MM-DD` of three numbers read in that order; null if there is no such day. */
export function dayOf({ parts: [first, second, third] }: NumericDay, order: DateOrder): string | null {
  // Four digits are the year wherever they stand.
  if (first.length === 4 || order === 'ymd') return isoDay(first, second, third);
  return order === 'dmy' ? isoDay(third, second, first) : isoDay(third, first, second);
}

/** Days since 1970 of `YYYY-MM-DD`. */
export const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

function orderOfOne(day: NumericDay, monthFirst: boolean): DateOrder {
  const asMonthFirst = dayOf(day, 'mdy');
  const asDayFirst = dayOf(day, 'dmy');
  if (asMonthFirst === null || asDayFirst === null) return asDayFirst === null ? 'mdy' : 'dmy';
  return monthFirst && day.mark !== '.' ? 'mdy' : 'dmy';
}

function namedDay(text: string): DayAtStart | null {
  const eastAsian = EAST_ASIAN.exec(text) ?? COMPACT.exec(text);
  if (eastAsian !== null) {
    const [found, year = '', month = '', day = ''] = eastAsian;
    const iso = isoDay(year, month, day);
    return iso === null ? null : { day: iso, rest: text.slice(found.length).replace(WEEKDAY_AFTER, '') };
  }
  const [ctime, ctimeMonth = '', ctimeDay = '', clock = '', ctimeYear = ''] = CTIME.exec(text) ?? [];
  if (ctime !== undefined) return named(ctimeYear, ctimeMonth, ctimeDay, ` ${clock}`);
  const dmy = DAY_MONTH_YEAR.exec(text);
  if (dmy !== null) return named(dmy[3], dmy[2], dmy[1], text.slice(dmy[0].length));
  const mdy = MONTH_DAY_YEAR.exec(text);
  if (mdy !== null) return named(mdy[3], mdy[1], mdy[2], text.slice(mdy[0].length));
  const ymd = YEAR_MONTH_DAY.exec(text);
  return ymd === null ? null : named(ymd[1], ymd[2], ymd[3], text.slice(ymd[0].length));
}

function named(year = '', name = '', day = '', rest = ''): DayAtStart | null {
  const month = monthOfName(name);
  const iso = month === null ? null : isoDay(year, String(month), day);
  return iso === null ? null : { day: iso, rest };
}

function withoutWeekday(text: string): { weekday: number | null; rest: string } {
  const [found, name = ''] = WEEKDAY.exec(text) ?? [];
  const weekday = weekdayOfName(name);
  return found === undefined || weekday === null
    ? { weekday: null, rest: text }
    : { weekday, rest: text.slice(found.length) };
}

function isoDay(year: string, month: string, dayOfMonth: string): string | null {
  if (year.length !== 4 && year.length !== 2) return null;
  const full = year.length === 4 ? year : `${Number(year) < PIVOT ? '20' : '19'}${year}`;
  const day = `${full}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`;
  return isDate(day) ? day : null;
}
