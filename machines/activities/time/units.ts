/**
 * The unit of bare numbers.
 *
 * Owns: the order in which a file is asked for it: mapping, header, unit column, format, twin column, units in other
 * cells, and only then the size of the numbers, which is an assumption and said to be one.
 */
import type { Column } from '../columns/column.ts';
import type { UnitReport } from '../input-report.ts';
import { type SheetRow, type TimeUnit, textOf } from '../tables.ts';
import { plainDigits } from '../values/digits.ts';
import { readDuration } from '../values/durations.ts';
import { type DecimalMark, readNumber } from '../values/numbers.ts';
import { minutesPer, unitOfHeader, unitOfWord } from '../values/units.ts';

/** How a number without a unit is read. `h.mm`: 8.30 is 8 hours and 30 minutes. */
export type BareUnit = TimeUnit | 'day fraction' | 'mixed' | 'h.mm';

export interface UnitDecision {
  bareUnit: BareUnit | null;
  report: UnitReport | null;
  /** Why the numbers are read so, as the end of a sentence; null unless it is an assumption. */
  because: string | null;
}

export interface UnitEvidence {
  /** Several for a week's days: one unit for all of them. */
  columns: readonly Column[];
  records: readonly SheetRow[];
  mapped: TimeUnit | undefined;
  decimal: DecimalMark | undefined;
  /** Word that a row of units below the header has for the column. */
  unitRowWord: string;
  /** Minutes of a record by columns whose unit is certain, by record; null where there are none. */
  twins: readonly Twin[];
}

/** Below this a number without a unit is hours, where units are mixed or nothing is stated. */
export const HOURS_BELOW = 24;
export interface Twin {
  read(row: SheetRow): number | null;
  /** Clocks, durations with units, start and end: they outweigh a header. Bare numbers under a unit do not. */
  isWritten: boolean;
}

/** Medians beyond these are rarely minutes: a working day has 480. */
const SECONDS_FROM = 600;
const MILLISECONDS_FROM = 600_000;

export function decideUnit(evidence: UnitEvidence): UnitDecision {
  const { columns, mapped, unitRowWord } = evidence;
  const header = columns.length === 1 ? (columns[0] as Column).header : '';
  const numbers = bareNumbers(evidence);
  const named = unitNamedBy(header) ?? unitOfWord(unitRowWord.toLowerCase().replace(/^[[(]|[\])]$/g, ''));
  if (numbers.length === 0) return { bareUnit: mapped ?? named, report: null, because: null };
  if (mapped !== undefined) return decided(mapped, 'mapping');
  if (/h+\.mm/i.test(header)) return decided('h.mm', 'header');
  const byTwin = unitByTwins(evidence, named);
  if (named !== null) {
    if (byTwin !== null && byTwin !== named) {
      return assumed(
        byTwin,
        `they say the same as other columns of their rows then, and not if they were ${named}, as the header has it`,
      );
    }
    // A spreadsheet's times without their format stand under headers of hours too.
    const sorted = numbers.filter((number) => number > 0).sort((a, b) => a - b);
    if (named === 'h' && sorted.length > 0 && areDayFractions(sorted)) return dayFractions;
    return decided(named, 'header');
  }
  if (byTwin !== null) return decided(byTwin, 'twin column');
  const others = unitsOfCells(evidence);
  const [other] = others;
  if (other !== undefined && others.size === 1 && !contradict(other, numbers)) return decided(other, 'cells');
  if (others.size > 0) return besideUnits(numbers);
  return byMagnitude(numbers);
}

/** Nobody writes 90 for hours beside `1 h`, nor 1.5 for minutes beside `90 min`. */
function contradict(unit: TimeUnit, numbers: readonly number[]): boolean {
  if (unit === 'h') return numbers.some((number) => number >= HOURS_BELOW);
  return (
    unit === 'min' && numbers.every((number) => number < HOURS_BELOW) && numbers.some((number) => number % 1 !== 0)
  );
}

/** Beside cells with several units: hours below 24, else minutes, as people write them. */
function besideUnits(numbers: readonly number[]): UnitDecision {
  const because = 'other cells of the column have several units';
  const below = numbers.filter((number) => number < HOURS_BELOW).length;
  if (below === 0) return assumed('min', `${because}, and none of them is below ${HOURS_BELOW}`);
  if (below === numbers.length) return assumed('h', `${because}, and all of them are below ${HOURS_BELOW}`);
  return assumed('mixed', `${because}: below ${HOURS_BELOW} they count as hours, from there on as minutes`);
}

const dayFractions: UnitDecision = {
  bareUnit: 'day fraction',
  report: { unit: 'day fraction', by: 'magnitude', assumed: true },
  because: 'all are fractions of a day that make whole minutes',
};

const decided = (unit: UnitReport['unit'], by: UnitReport['by']): UnitDecision => ({
  bareUnit: unit,
  report: { unit, by, assumed: false },
  because: null,
});

const assumed = (unit: UnitReport['unit'], because: string): UnitDecision => ({
  bareUnit: unit,
  report: { unit, by: 'magnitude', assumed: true },
  because,
});

/** The unit that the header names; `Zeit/min` is a time in minutes. */
function unitNamedBy(header: string): TimeUnit | null {
  const divisor = /\p{L}\s?\/\s?(\p{L}{1,7})\.?$/u.exec(header.trim())?.[1];
  return unitOfHeader(header) ?? (divisor === undefined ? null : unitOfWord(divisor.toLowerCase()));
}

/** Numbers of the columns that carry no unit, not negative. */
function bareNumbers({ columns, records, decimal }: UnitEvidence): number[] {
  const numbers: number[] = [];
  for (const { cells } of records) {
    for (const { index } of columns) {
      const cell = cells[index];
      if (cell === undefined || cell === '') continue;
      if (typeof cell === 'object') {
        if (cell.kind === 'number' && cell.unit === undefined) numbers.push(Math.abs(cell.value));
        continue;
      }
      const number = readNumber(plainDigits(cell.trim()), decimal);
      if (number !== null) numbers.push(Math.abs(number));
    }
  }
  return numbers;
}

function byMagnitude(numbers: readonly number[]): UnitDecision {
  const sorted = numbers.filter((number) => number > 0).sort((a, b) => a - b);
  if (sorted.length === 0) return assumed('min', 'all of them are zero');
  const median = sorted[sorted.length >> 1] as number;
  const largest = sorted.at(-1) as number;
  if (median > MILLISECONDS_FROM)
    return assumed('ms', `half of them are over ${MILLISECONDS_FROM.toLocaleString('en')}`);
  if (median > SECONDS_FROM) return assumed('s', `half of them are over ${SECONDS_FROM}`);
  if (areDayFractions(sorted)) return dayFractions;
  return largest < HOURS_BELOW
    ? assumed('h', `all of them are below ${HOURS_BELOW}`)
    : assumed('min', `some of them are ${HOURS_BELOW} or more`);
}

const FRACTION_DIGITS = 5;

/** A spreadsheet's times saved as plain numbers: 0.0625 is 90 minutes. */
function areDayFractions(sorted: readonly number[]): boolean {
  if ((sorted.at(-1) as number) >= 1) return false;
  const isWhole = (minutes: number) => Math.abs(minutes - Math.round(minutes)) < 0.02;
  const asDays = sorted.filter((number) => isWhole(number * 1440)).length;
  const asHours = sorted.filter((number) => isWhole(number * 60)).length;
  const isLong = sorted.some((number) => String(number).length > FRACTION_DIGITS);
  return isLong && asDays >= 0.9 * sorted.length && asHours <= 0.5 * sorted.length;
}

type TwinUnit = TimeUnit | 'day fraction' | 'h.mm';
const TWIN_UNITS: readonly TwinUnit[] = ['h', 'min', 's', 'ms', 'd', 'h.mm', 'day fraction'];
const TWIN_ROWS = 2_000;
const TWIN_SHARE = 0.8;

/** Pairs that may be chance. */
const MIN_TWINS = 2;

/** The unit in which the numbers say what another column of the same rows says; the named one where it does. */
function unitByTwins({ columns, records, decimal, twins }: UnitEvidence, named: TimeUnit | null): TwinUnit | null {
  const [column] = columns;
  if (columns.length !== 1 || column === undefined) return null;
  for (const { read: twin, isWritten } of twins) {
    if (named !== null && !isWritten) continue;
    const pairs: { number: number; minutes: number }[] = [];
    for (const row of records) {
      const cell = row.cells[column.index];
      const text = plainDigits(textOf(cell).trim());
      const number = typeof cell === 'object' ? cell.value : readNumber(text, decimal);
      const minutes = twin(row);
      if (number !== null && number > 0 && minutes !== null && minutes > 0) pairs.push({ number, minutes });
      if (pairs.length === TWIN_ROWS) break;
    }
    if (pairs.length < (named === null ? 1 : MIN_TWINS)) continue;
    const agrees = (unit: TwinUnit) =>
      pairs.filter(({ number, minutes }) => Math.abs(bareMinutes(number, unit) - minutes) <= 1 + 0.02 * minutes)
        .length >=
      TWIN_SHARE * pairs.length;
    if (named !== null && agrees(named)) return named;
    const found = TWIN_UNITS.find(agrees);
    if (found !== undefined) return found;
  }
  return null;
}

/** Minutes of a number under a unit. */
export function bareMinutes(number: number, unit: TimeUnit | 'day fraction' | 'h.mm'): number {
  if (unit === 'day fraction') return number * 1440;
  if (unit !== 'h.mm') return number * minutesPer(unit);
  const hours = Math.trunc(number);
  return hours * 60 + Math.round((number - hours) * 100);
}

const CELLS_LOOKED_AT = 5_000;

/** Units that cells of the column carry. */
function unitsOfCells({ columns, records }: UnitEvidence): Set<TimeUnit> {
  const units = new Set<TimeUnit>();
  const looked = records.slice(0, CELLS_LOOKED_AT).flatMap(({ cells }) => columns.map(({ index }) => cells[index]));
  for (const cell of looked) {
    if (cell === undefined || cell === '') continue;
    if (typeof cell === 'object') {
      if (cell.unit !== undefined) units.add(cell.unit);
      continue;
    }
    const text = plainDigits(cell.trim());
    if (readNumber(text) !== null || readDuration(text, {})?.form !== 'units') continue;
    for (const word of text.toLowerCase().split(/[^\p{L}]+/u)) {
      const unit = word === '' ? null : unitOfWord(word);
      if (unit !== null) units.add(unit);
    }
  }
  return units;
}
