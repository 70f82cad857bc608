/**
 * Where the minutes of a record come from.
 *
 * Owns: reading the time of one record from a column, from hours and minutes apart, from start and end, or from the
 * days of a week. Does not own which of these it is (`choose-time.ts`) nor the unit of bare numbers (`units.ts`).
 */
import type { Column } from '../columns/column.ts';
import { PLACEHOLDER } from '../columns/profile.ts';
import type { ColumnReport, UnitReport } from '../input-report.ts';
import { type Cell, type SheetRow, textOf } from '../tables.ts';
import { type DateOrder, type Moment, minutesBetween, readMoment } from '../values/dates.ts';
import { plainDigits } from '../values/digits.ts';
import { readDuration } from '../values/durations.ts';
import { type DecimalMark, readNumber } from '../values/numbers.ts';
import { unitOfWord } from '../values/units.ts';
import { type BareUnit, bareMinutes, HOURS_BELOW } from './units.ts';

export type TimeReading =
  | { state: 'given'; minutes: number /** A day or week was counted as working time. */; workdays?: boolean }
  | { state: 'empty' }
  /** Something stands there that cannot be read. */
  | { state: 'unreadable'; text: string };

export interface TimedRow {
  row: SheetRow;
  reading: TimeReading;
}

/** How the cells of one column are read. */
export interface CellRules {
  /** The unit of bare numbers; `mixed`: below 24 hours, else minutes, each by itself. */
  bareUnit: BareUnit | null;
  decimal: DecimalMark | undefined;
  clock: 'h:m' | 'm:s';
  /** Column that names the unit of each row. */
  unitColumn: number | null;
}

export const EMPTY: TimeReading = { state: 'empty' };
const MINUTES_PER_DAY = 1440;
const DAY_MS = 86_400_000;

/** Nobody works for 1,900 years, and sums of more than this would lose their minutes. */
const MAX_MINUTES = 1e9;

/** The minutes of a cell, not rounded; a number that no duration can have is unreadable. */
export function readTimeCell(cell: Cell | undefined, rules: CellRules, row: SheetRow): TimeReading {
  const reading = readCell(cell, rules, row);
  if (reading.state !== 'given' || Math.abs(reading.minutes) <= MAX_MINUTES) return reading;
  return { state: 'unreadable', text: textOf(cell) };
}

function readCell(cell: Cell | undefined, rules: CellRules, row: SheetRow): TimeReading {
  if (cell === undefined || cell === '') return EMPTY;
  if (typeof cell === 'object') {
    if (cell.kind === 'elapsed' || cell.kind === 'time') return { state: 'given', minutes: cell.value };
    if (cell.kind === 'uncomputed' || cell.kind === 'error')
      return { state: 'unreadable', text: `(${cell.kind} cell)` };
    if (cell.kind === 'date') return sinceEpoch(cell.value, cell.text);
    if (cell.kind === 'number') {
      const unit = cell.unit ?? unitOf(rules, row, cell.value);
      return unit === null ? { state: 'unreadable', text: cell.text } : inMinutes(cell.value, unit);
    }
  }
  const text = withoutMark(textOf(cell).trim());
  if (text === '' || isPlaceholder(text)) return EMPTY;
  const plain = plainDigits(text);
  const number = readNumber(plain, rules.decimal);
  if (number !== null) {
    const unit = unitOf(rules, row, number);
    return unit === null ? { state: 'unreadable', text } : inMinutes(number, unit);
  }
  const read = readDuration(plain, {
    clock: rules.clock,
    ...(rules.decimal !== undefined && { decimal: rules.decimal }),
  });
  if (read === null) return { state: 'unreadable', text };
  return { state: 'given', minutes: read.minutes, ...(read.workdays && { workdays: true }) };
}

/** Without what people add to a figure: `3*`, `2 (estimated)`. */
const withoutMark = (text: string): string =>
  text.length > 60 ? text : text.replace(/\*+$|\((?:est|gesch|ca|approx|etwa)[^()]{0,20}\)$/iu, '').trimEnd();

const isPlaceholder = (text: string): boolean => PLACEHOLDER.test(text);

/** Excel stores an interval beyond a day as a date shortly after its epoch. */
function sinceEpoch(ms: number, text: string): TimeReading {
  const minutes = (ms - Date.UTC(1899, 11, 30)) / 60_000;
  if (minutes >= 0 && minutes < 400 * MINUTES_PER_DAY) return { state: 'given', minutes };
  const since1970 = ms / 60_000;
  if (since1970 >= 0 && since1970 < 31 * MINUTES_PER_DAY) return { state: 'given', minutes: since1970 };
  return { state: 'unreadable', text };
}

type PlainUnit = Exclude<BareUnit, 'mixed'>;

function unitOf(rules: CellRules, row: SheetRow, value: number): PlainUnit | null {
  if (rules.unitColumn !== null) {
    const named = unitOfWord(textOf(row.cells[rules.unitColumn]).trim().toLowerCase());
    if (named !== null) return named;
  }
  if (rules.bareUnit === 'mixed') return Math.abs(value) < HOURS_BELOW ? 'h' : 'min';
  return rules.bareUnit;
}

function inMinutes(value: number, unit: PlainUnit): TimeReading {
  const minutes = bareMinutes(value, unit);
  return { state: 'given', minutes, ...((unit === 'd' || unit === 'w') && { workdays: true }) };
}

/** A cell or two that say when. */
export interface MomentColumns {
  /** Holds the day, or day and time. */
  day: Column | null;
  /** Holds the time of day, where it stands apart. */
  time: Column | null;
  order: DateOrder;
}

/** When, as far as the row says; null where neither cell can be read. */
export function momentOf({ cells }: SheetRow, { day, time, order }: MomentColumns): Moment | null {
  const first = day === null ? null : readMomentCell(cells[day.index], order);
  const second =
    time === null ? null : (readMomentCell(cells[time.index], order) ?? bareClock(textOf(cells[time.index])));
  if (first === null || second === null) return first ?? second;
  return {
    day: first.day ?? second.day,
    minuteOfDay: second.minuteOfDay ?? first.minuteOfDay,
    offsetMinutes: second.offsetMinutes ?? first.offsetMinutes,
  };
}

/** `8.30`, `16,45`, `0830` as a time of day. */
export function bareClock(text: string): Moment | null {
  const [, hour, minute] =
    /^([01]?\d|2[0-4])[.,]([0-5]\d)$/.exec(text.trim()) ?? /^([01]?\d|2[0-3])([0-5]\d)$/.exec(text.trim()) ?? [];
  if (hour === undefined) return null;
  return { day: null, minuteOfDay: Number(hour) * 60 + Number(minute), offsetMinutes: null };
}

export function readMomentCell(cell: Cell | undefined, order: DateOrder): Moment | null {
  if (cell === undefined || cell === '') return null;
  if (typeof cell === 'object') {
    if (cell.kind === 'date') {
      const iso = new Date(cell.value).toISOString();
      const hasTime = cell.text.includes('T');
      return {
        day: iso.slice(0, 10),
        // Before 1970 the remainder is negative.
        minuteOfDay: hasTime ? (((cell.value % DAY_MS) + DAY_MS) % DAY_MS) / 60_000 : null,
        offsetMinutes: null,
      };
    }
    if (cell.kind === 'time' || cell.kind === 'elapsed') {
      return { day: null, minuteOfDay: cell.value % MINUTES_PER_DAY, offsetMinutes: null };
    }
    if (cell.kind !== 'text') return null;
  }
  const text = plainDigits(textOf(cell).trim());
  return text === '' ? null : readMoment(text, order);
}

export interface TimeSource {
  kind: 'column' | 'parts' | 'span' | 'grid';
  columns: readonly Column[];
  header: string;
  chosenBy: ColumnReport['chosen_by'];
  /** What the column is about: planned time is not spent time. */
  isEstimate: boolean;
  unit: UnitReport | null;
  /** Sentences about what was assumed to read it. */
  assumed: readonly string[];
  read(row: SheetRow): TimeReading;
}

/** The sum of columns, each with its rules; empty only where all are. */
export function sumOfCells(row: SheetRow, columns: readonly Column[], rules: readonly CellRules[]): TimeReading {
  let minutes = 0;
  let found = false;
  let workdays = false;
  for (const [i, column] of columns.entries()) {
    const reading = readTimeCell(row.cells[column.index], rules[i] as CellRules, row);
    if (reading.state === 'unreadable') return reading;
    if (reading.state === 'empty') continue;
    found = true;
    minutes += reading.minutes;
    workdays ||= reading.workdays === true;
  }
  return found ? { state: 'given', minutes, ...(workdays && { workdays }) } : EMPTY;
}

/** End minus start; empty without a time of day, since days say when and not how long. */
export function spanOf(row: SheetRow, start: MomentColumns, end: MomentColumns): TimeReading {
  const from = momentOf(row, start);
  const to = momentOf(row, end);
  if (from === null || to === null || from.minuteOfDay === null || to.minuteOfDay === null) return EMPTY;
  // One date for both is that of the start.
  const isShared = end.day !== null && end.day === start.day && end.time !== null;
  const isOfStart = from.day !== null && (to.day === null || isShared);
  const minutes = minutesBetween(from, isOfStart ? withDay(to, from) : to);
  return minutes === null ? EMPTY : { state: 'given', minutes };
}

/** An end without a day is on the day of the start, or on the next one. */
function withDay(to: Moment, from: Moment): Moment {
  const isNextDay = (to.minuteOfDay as number) < (from.minuteOfDay as number);
  return { ...to, day: isNextDay ? nextDay(from.day as string) : from.day };
}

const nextDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
