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
import { HOURS_BELOW } from './time-source.ts';

export interface UnitDecision {
  bareUnit: TimeUnit | 'day fraction' | 'mixed' | null;
  report: UnitReport | null;
  /** Why the numbers are read so, as the end of a sentence; null unless it is an assumption. */
  because: string | null;
}

export interface UnitEvidence {
  column: Column;
  records: readonly SheetRow[];
  mapped: TimeUnit | undefined;
  decimal: DecimalMark | undefined;
  /** Word that a row of units below the header has for the column. */
  unitRowWord: string;
  /** Minutes of a record by columns whose unit is certain, by record; null where there are none. */
  twins: readonly ((row: SheetRow) => number | null)[];
}

/** Medians beyond these are rarely minutes: a working day has 480. */
const SECONDS_FROM = 600;
const MILLISECONDS_FROM = 600_000;

export function decideUnit(evidence: UnitEvidence): UnitDecision {
  const { column, mapped, unitRowWord } = evidence;
  const numbers = bareNumbers(evidence);
  if (numbers.length === 0) return { bareUnit: mapped ?? unitOfHeader(column.header), report: null, because: null };
  if (mapped !== undefined) return decided(mapped, 'mapping');
  const named = unitOfHeader(column.header) ?? unitOfWord(unitRowWord.toLowerCase().replace(/^[[(]|[\])]$/g, ''));
  if (named !== null) return decided(named, 'header');
  const byTwin = unitByTwins(evidence);
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

/** Numbers of the column that carry no unit, not negative. */
function bareNumbers({ column, records, decimal }: UnitEvidence): number[] {
  const numbers: number[] = [];
  for (const { cells } of records) {
    const cell = cells[column.index];
    if (cell === undefined || cell === '') continue;
    if (typeof cell === 'object') {
      if (cell.kind === 'number' && cell.unit === undefined) numbers.push(Math.abs(cell.value));
      continue;
    }
    const number = readNumber(plainDigits(cell.trim()), decimal);
    if (number !== null) numbers.push(Math.abs(number));
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
  if (areDayFractions(sorted)) return assumed('day fraction', 'all are fractions of a day that make whole minutes');
  return largest < HOURS_BELOW
    ? assumed('h', `all of them are below ${HOURS_BELOW}`)
    : assumed('min', `some of them are ${HOURS_BELOW} or more`);
}

const FRACTION_DIGITS = 5;

/** A spreadsheet's times saved as plain numbers: 0.0625 is 90 minutes. */
export function areDayFractions(sorted: readonly number[]): boolean {
  if ((sorted.at(-1) as number) >= 1) return false;
  const isWhole = (minutes: number) => Math.abs(minutes - Math.round(minutes)) < 0.02;
  const asDays = sorted.filter((number) => isWhole(number * 1440)).length;
  const asHours = sorted.filter((number) => isWhole(number * 60)).length;
  const isLong = sorted.some((number) => String(number).length > FRACTION_DIGITS);
  return isLong && asDays >= 0.9 * sorted.length && asHours <= 0.5 * sorted.length;
}

const TWIN_UNITS: readonly (TimeUnit | 'day fraction')[] = ['h', 'min', 's', 'ms', 'd', 'day fraction'];
const TWIN_ROWS = 2_000;
const TWIN_SHARE = 0.8;

/** The unit in which the numbers say what another column of the same rows says. */
function unitByTwins({ column, records, decimal, twins }: UnitEvidence): TimeUnit | 'day fraction' | null {
  for (const twin of twins) {
    const pairs: { number: number; minutes: number }[] = [];
    for (const row of records) {
      const cell = row.cells[column.index];
      const text = plainDigits(textOf(cell).trim());
      const number = typeof cell === 'object' ? cell.value : readNumber(text, decimal);
      const minutes = twin(row);
      if (number !== null && number > 0 && minutes !== null && minutes > 0) pairs.push({ number, minutes });
      if (pairs.length === TWIN_ROWS) break;
    }
    if (pairs.length === 0) continue;
    for (const unit of TWIN_UNITS) {
      const per = unit === 'day fraction' ? 1440 : minutesPer(unit);
      const alike = pairs.filter(
        ({ number, minutes }) => Math.abs(number * per - minutes) <= 1 + 0.02 * minutes,
      ).length;
      if (alike >= TWIN_SHARE * pairs.length) return unit;
    }
  }
  return null;
}

const CELLS_LOOKED_AT = 5_000;

/** Units that cells of the column carry. */
function unitsOfCells({ column, records }: UnitEvidence): Set<TimeUnit> {
  const units = new Set<TimeUnit>();
  for (const { cells } of records.slice(0, CELLS_LOOKED_AT)) {
    const cell = cells[column.index];
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
