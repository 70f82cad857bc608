/**
 * How the cells of a column of time are read: unit, decimal mark, kind of clock.
 *
 * Owns: gathering what the file says about them, and the sentences about what it does not say.
 */
import type { Column } from '../columns/column.ts';
import { type SheetRow, type TimeUnit, textOf } from '../tables.ts';
import { plainDigits } from '../values/digits.ts';
import { type DecimalMark, notationOf, readNumber } from '../values/numbers.ts';
import { clockOfHeader, unitOfHeader, unitOfWord } from '../values/units.ts';
import { type Candidate, CONTENT_SHARE, type TimeQuestion } from './candidates.ts';
import { type CellRules, readTimeCell, type TimeSource } from './time-source.ts';
import { decideUnit, type UnitDecision } from './units.ts';

/** As many of the likeliest columns say what the numbers of another one mean; each is compared row by row. */
const MAX_TWINS = 8;

/** @param together columns that share one unit, as the days of a week do; absent: the column alone */
export type RulesOf = (column: Column, together?: readonly Column[]) => ColumnRules;

export interface ColumnRules {
  rules: CellRules;
  unit: TimeSource['unit'];
  /** Sentences about what was assumed. */
  assumed: readonly string[];
}

export function rulesMaker(
  question: TimeQuestion,
  unitColumn: Column | null,
  candidates: readonly Candidate[],
  span: ((row: SheetRow) => number | null) | null,
): RulesOf {
  const { records, mapping, unitRow } = question;
  const certain = candidates.filter((candidate) => isCertain(candidate.column)).slice(0, MAX_TWINS);
  const known = new Map<Column, ColumnRules>();
  return (column, together = [column]) => {
    const before = known.get(column);
    if (before) return before;
    const assumed: string[] = [];
    const texts = records
      .flatMap(({ cells }) => together.map(({ index }) => cells[index]))
      .filter((cell) => typeof cell === 'string' && cell !== '');
    const notation = notationOf(texts as string[]);
    const clocks = certain
      .filter((other) => other.column !== column)
      .map(({ column: { index, header, profile } }) => ({
        read: (row: SheetRow) => certainMinutes(row, index, unitOfHeader(header)),
        isWritten: profile.share.clock + profile.share.duration >= CONTENT_SHARE,
      }));
    const decide = (decimal: DecimalMark) =>
      decideUnit({
        columns: together,
        records,
        mapped: mapping.unit,
        decimal,
        unitRowWord: unitRow(column.index),
        twins: span === null ? clocks : [...clocks, { read: span, isWritten: true }],
      });
    const settled =
      mapping.decimal ?? (notation.doubtful ? decimalByOthers(column, decide, question) : notation.decimal);
    const decimal = settled ?? notation.decimal;
    const { bareUnit, report, because } = decide(decimal);
    const clock =
      clockOfHeader(column.header) === 'm:s' || /\(\s*min\w*:se[ck]\w*\s*\)/i.test(column.header) ? 'm:s' : 'h:m';
    const rules: CellRules = { bareUnit, decimal, clock, unitColumn: unitColumn?.index ?? null };
    if (because !== null && unitColumn === null) {
      const where = together.length > 1 ? `"${column.name}" and the other days` : `"${column.name}"`;
      const stated = unitOfHeader(column.header) === null ? 'No unit is stated for the numbers' : 'The numbers';
      assumed.push(
        `${stated} in ${where}${stated === 'The numbers' ? '' : ';'} ${stated === 'The numbers' ? '' : 'they '}are read as ${UNIT_WORDS[bareUnit ?? 'min']}, since ${because}. ` +
          'If that is wrong, state the unit in the mapping, as in unit=min.',
      );
    }
    if (settled === null) {
      assumed.push(
        `Numbers in "${column.name}" such as 1.500 can mean 1500 or 1.5 and nothing tells which; they are read with ${decimal === ',' ? 'a comma' : 'a point'} for decimals. ` +
          'If that is wrong, state the mark in the mapping, as in decimal=,',
      );
    }
    const unit = unitColumn === null ? report : ({ unit: 'min', by: 'unit column', assumed: false } as const);
    const made = { rules, unit, assumed };
    known.set(column, made);
    return made;
  };
}

const MARKS: readonly DecimalMark[] = ['.', ','];

/** The decimal mark with which the numbers agree with another column, or with the total of the file; null: neither tells. */
function decimalByOthers(
  { index }: Column,
  decide: (decimal: DecimalMark) => UnitDecision,
  { records, totals }: TimeQuestion,
): DecimalMark | null {
  const agreeing = MARKS.filter((mark) => decide(mark).report?.by === 'twin column');
  if (agreeing.length === 1) return agreeing[0] as DecimalMark;
  const number = ({ cells }: SheetRow, mark: DecimalMark) =>
    readNumber(plainDigits(textOf(cells[index]).trim()), mark) ?? 0;
  const summing = MARKS.filter((mark) => {
    const sum = records.reduce((total, row) => total + number(row, mark), 0);
    return totals.some((row) => sum > 0 && Math.abs(number(row, mark) - sum) <= 0.001 * sum);
  });
  return summing.length === 1 ? (summing[0] as DecimalMark) : null;
}

const UNIT_WORDS: Readonly<Record<string, string>> = {
  ms: 'milliseconds',
  s: 'seconds',
  min: 'minutes',
  h: 'hours',
  d: 'days of 8 hours',
  w: 'weeks of 40 hours',
  'day fraction': 'fractions of a day',
  mixed: 'hours or minutes by their size',
  'h.mm': 'hours and minutes, 8.30 as 8 h 30 min,',
};

/** Whether its cells carry their unit, or are clocks. */
export const isCertain = ({ profile: { share }, header }: Column): boolean =>
  share.clock + share.duration >= CONTENT_SHARE || (share.number >= CONTENT_SHARE && unitOfHeader(header) !== null);

function certainMinutes(row: SheetRow, index: number, bareUnit: TimeUnit | null): number | null {
  const rules: CellRules = { bareUnit, decimal: undefined, clock: 'h:m', unitColumn: null };
  const reading = readTimeCell(row.cells[index], rules, row);
  return reading.state === 'given' ? reading.minutes : null;
}

export function namesUnits({ index }: Column, records: readonly SheetRow[]): boolean {
  const words = records.slice(0, 200).map(({ cells }) => textOf(cells[index]).trim().toLowerCase());
  const filled = words.filter((word) => word !== '');
  // A column of nothing but `m` may be metres.
  return filled.length > 0 && filled.every((word) => unitOfWord(word) !== null) && filled.some((word) => word !== 'm');
}
