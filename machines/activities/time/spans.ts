/**
 * Time from start and end.
 *
 * Owns: the spans of a record, of which there may be several in a row, the breaks that are taken from them, and clocks
 * of twelve hours without AM and PM.
 */
import { type Column, roleOf } from '../columns/column.ts';
import type { Role } from '../headers/roles.ts';
import { type SheetRow, textOf } from '../tables.ts';
import { plainDigits } from '../values/digits.ts';
import { unitOfHeader } from '../values/units.ts';
import { numberIn, TIME_SHARE, type TimeQuestion } from './candidates.ts';
import { hasTimes } from './moments.ts';
import {
  type CellRules,
  EMPTY,
  type MomentColumns,
  readMomentCell,
  readTimeCell,
  spanOf,
  type TimeReading,
  type TimeSource,
} from './time-source.ts';

export interface Span {
  start: MomentColumns;
  end: MomentColumns;
}

type PauseOf = (row: SheetRow) => number;

/** Minutes of a record's spans without breaks; null where it has none. */
export function spanReader(spans: readonly Span[]): ((row: SheetRow) => number | null) | null {
  if (spans.length === 0) return null;
  return (row) => {
    const reading = sumOfSpans(row, spans);
    return reading.state === 'given' ? reading.minutes : null;
  };
}

/** The span of start and end, and further pairs of times in the same row: in, out, in, out. */
export function spansOf(question: TimeQuestion, start: MomentColumns | null, end: MomentColumns | null): Span[] {
  if (start === null || end === null) return [];
  if (!hasTimes(question.records, start) || !hasTimes(question.records, end)) return [];
  const first = { start, end };
  const clocks = (roles: readonly Role[]) =>
    question.columns.filter(
      (column) => roles.includes(roleOf(column) as Role) && column.profile.share.clock >= TIME_SHARE,
    );
  const starts = clocks(['start_time', 'start']);
  const ends = clocks(['end_time', 'end']);
  if (starts.length < 2 || starts.length !== ends.length) return [first];
  const alternate = starts.every((column, i) => {
    const own = ends[i] as Column;
    const next = starts[i + 1];
    return column.index < own.index && (next === undefined || own.index < next.index);
  });
  if (!alternate) return [first];
  return starts.map((time, i) => ({
    start: { ...start, time, day: start.day === time ? null : dayBeside(start, time) },
    end: { ...end, time: ends[i] as Column, day: dayBeside(start, time) },
  }));
}

/** The column of the day, which all spans of a row share. */
const dayBeside = ({ day, time }: MomentColumns, own: Column): Column | null =>
  day === null || day === own || day === time || day.profile.share.clock >= TIME_SHARE ? null : day;

/** Beyond this a span over midnight is a clock of twelve hours rather than a night. */
const LONG_NIGHT_MINUTES = 16 * 60;
const HALF_DAY_MINUTES = 720;

export function spanSource(question: TimeQuestion, spans: readonly Span[]): TimeSource {
  const { records, columns } = question;
  const pause = pauseReader(columns, records);
  const twelve = countsTwelveHours(records, spans);
  const parts = spans
    .flatMap(({ start, end }) => [start.day, start.time, end.day, end.time])
    .filter((column) => column !== null);
  const names = [...new Set([...parts].map(({ name }) => name))];
  const header = spans.map(({ start, end }) => `${nameOf(end)} − ${nameOf(start)}`).join(' + ');
  return {
    kind: 'span',
    columns: [...new Set([...parts, ...pause.columns])],
    header: `${names.length > 0 ? header : ''}${pause.columns.map(({ name }) => ` − ${name}`).join('')}`,
    chosenBy: 'header',
    isEstimate: false,
    unit: null,
    assumed: twelve
      ? [
          `"${header}": ends before starts are read as afternoons of a clock of twelve hours, since nights would be longer than 16 hours.`,
        ]
      : [],
    read(row) {
      const reading = sumOfSpans(row, spans);
      if (reading.state !== 'given') return reading;
      const minutes =
        twelve && reading.minutes > LONG_NIGHT_MINUTES ? reading.minutes - HALF_DAY_MINUTES : reading.minutes;
      return { state: 'given', minutes: minutes - pause.read(row) };
    },
  };
}

const nameOf = ({ day, time }: MomentColumns): string => (time ?? day)?.name ?? '';

function sumOfSpans(row: SheetRow, spans: readonly Span[]): TimeReading {
  let minutes = 0;
  let found = false;
  for (const { start, end } of spans) {
    const reading = spanOf(row, start, end);
    if (reading.state !== 'given') continue;
    found = true;
    minutes += reading.minutes;
  }
  return found ? { state: 'given', minutes } : EMPTY;
}

const LOOKED_AT = 500;

/** Half of the records would be nights of more than 16 hours, and nothing says AM or PM. */
function countsTwelveHours(records: readonly SheetRow[], spans: readonly Span[]): boolean {
  const [span] = spans;
  if (spans.length !== 1 || span === undefined) return false;
  const clocks = [span.start.time ?? span.start.day, span.end.time ?? span.end.day];
  if (clocks.some((column) => column === null || column.profile.timeOfDay > 0)) return false;
  const minutes = records.slice(0, LOOKED_AT).flatMap((row) => {
    const reading = spanOf(row, span.start, span.end);
    return reading.state === 'given' ? [reading.minutes] : [];
  });
  return minutes.filter((each) => each > LONG_NIGHT_MINUTES && each < 1440).length > 0.5 * minutes.length;
}

/** Breaks from here on are rarely hours. */
const BREAK_HOURS_BELOW = 3;
/** The middle of a break that is two times of day is later than this; no break lasts as long. */
const TIME_OF_DAY_FROM = 5 * 60;

/** What is taken from the spans: breaks in one or several columns, as durations, ranges, or from and to. */
function pauseReader(
  columns: readonly Column[],
  records: readonly SheetRow[],
): { columns: readonly Column[]; read: PauseOf } {
  const breaks = columns.filter((column) => roleOf(column) === 'break' && column.profile.filled > 0);
  if (breaks.length === 0) return { columns: [], read: () => 0 };
  const [from, to] = breaks;
  if (from && to && breaks.length === 2 && [from, to].every((column) => areTimesOfDay(column, records))) {
    return { columns: breaks, read: ({ cells }) => rangeMinutes(cells[from.index], cells[to.index]) };
  }
  const rules = new Map(breaks.map((column) => [column, breakRules(column, records)]));
  return {
    columns: breaks,
    read(row) {
      let minutes = 0;
      for (const column of breaks) {
        const cell = row.cells[column.index];
        const range = /^(\d{1,2}[:.]\d\d)\s?[-–]\s?(\d{1,2}[:.]\d\d)$/.exec(plainDigits(textOf(cell).trim()));
        const reading = readTimeCell(cell, rules.get(column) as CellRules, row);
        if (range) minutes += rangeMinutes(range[1], range[2]);
        else if (reading.state === 'given') minutes += reading.minutes;
      }
      return minutes;
    },
  };
}

function breakRules({ index, header }: Column, records: readonly SheetRow[]): CellRules {
  const numbers = records.map(({ cells }) => numberIn(cells[index])).filter((value) => value > 0);
  const isMinutes = numbers.some((value) => value >= BREAK_HOURS_BELOW);
  return {
    bareUnit: unitOfHeader(header) ?? (isMinutes ? 'min' : 'h'),
    decimal: undefined,
    clock: 'h:m',
    unitColumn: null,
  };
}

function areTimesOfDay({ index, profile }: Column, records: readonly SheetRow[]): boolean {
  if (profile.share.clock < TIME_SHARE) return false;
  const minutes = records
    .slice(0, LOOKED_AT)
    .flatMap(({ cells }) => readMomentCell(cells[index], 'dmy')?.minuteOfDay ?? [])
    .sort((a, b) => a - b);
  return (minutes[minutes.length >> 1] ?? 0) >= TIME_OF_DAY_FROM;
}

function rangeMinutes(from: SheetRow['cells'][number] | undefined, to: SheetRow['cells'][number] | undefined): number {
  const start = readMomentCell(from, 'dmy')?.minuteOfDay;
  const end = readMomentCell(to, 'dmy')?.minuteOfDay;
  if (typeof start !== 'number' || typeof end !== 'number') return 0;
  return end >= start ? end - start : end + 1440 - start;
}
