/**
 * Which columns say how long a record took.
 *
 * Owns: the order of candidates: what the caller says, actual before estimated, hours and minutes apart added up, else
 * end minus start, else the days of a week. Does not own reading a cell (`time-source.ts`).
 */
import { type Column, roleOf } from '../columns/column.ts';
import type { SheetRow } from '../tables.ts';
import {
  type Candidate,
  candidatesOf,
  couldHoldTime,
  isSpentTime,
  partsOfDuration,
  type TimeQuestion,
} from './candidates.ts';
import { isCertain, namesUnits, type RulesOf, rulesMaker } from './column-rules.ts';

import { dateColumns, edgesOf, hasTimes } from './moments.ts';
import { dayColumns, gridSource, sourceOf, spanReader, spanSource, type Twin, twinOf } from './sources.ts';
import { type MomentColumns, readTimeCell, type TimeSource } from './time-source.ts';

export interface ChosenTime {
  source: TimeSource | null;
  start: MomentColumns | null;
  end: MomentColumns | null;
  /** Column of the day, or of the one moment a record has. */
  date: MomentColumns | null;
  /** A second column that says the same: decimal beside `h:mm`, hours beside minutes. */
  twin: Twin | null;
  /** Columns that could hold the time, best first, for a question. */
  couldBe: readonly Column[];
  /** Sentences about what was assumed. */
  assumptions: readonly string[];
}

/** A week has more days than this. */
const MIN_DAYS = 3;
/** Ranks below are of billed, rounded or hardly filled columns. */
const MIN_RIVAL = 76;

export function chooseTime(question: TimeQuestion): ChosenTime {
  const { columns, records, mapped } = question;
  const assumptions: string[] = [];
  const { start, end } = edgesOf(question, assumptions);
  const date = dateColumns(question, start, assumptions);
  const unitColumn = columns.find((column) => roleOf(column) === 'unit' && namesUnits(column, records)) ?? null;
  const candidates = candidatesOf(question, unitColumn);
  const couldBe = couldHoldTime(question, candidates);
  const base = { start, end, date, couldBe, assumptions };
  const rulesOf = rulesMaker(question, unitColumn, candidates, spanReader(question, start, end), assumptions);

  const wanted = mapped.get('duration');
  if (wanted && wanted.length > 0) {
    const source = sourceOf(wanted, 'mapping', rulesOf, false);
    return { ...base, source, twin: twinOf(source, candidates, rulesOf) };
  }
  const spans = start !== null && end !== null && hasTimes(records, start) && hasTimes(records, end);
  const parts = partsOfDuration(candidates, records);
  const [best] = candidates;
  const days = dayColumns(question);
  if (best && isSpentTime(best.column)) {
    const isPart = parts?.includes(best.column) === true;
    const source = sourceOf(isPart && parts !== null ? parts : [best.column], best.chosenBy, rulesOf, false);
    const twin = twinOf(source, candidates, rulesOf);
    sayRivals(source, twin, candidates, rulesOf, records, assumptions);
    return { ...base, source, twin };
  }
  if (spans) {
    return { ...base, source: spanSource(question, start, end, rulesOf), twin: null };
  }
  if (days.length >= MIN_DAYS) return { ...base, source: gridSource(days, question, rulesOf), twin: null };
  if (best) {
    const isEstimate = roleOf(best.column) === 'estimate';
    const source = sourceOf([best.column], best.chosenBy, rulesOf, isEstimate);
    // Planned effort without a unit may be points or days: a person has to say so.
    if (!isEstimate || source.unit?.assumed !== true) return { ...base, source, twin: null };
    assumptions.length = 0;
  }
  return { ...base, source: null, twin: null };
}

const COMPARED_RECORDS = 2_000;
const SHARE_APART = 0.05;

/** Columns that could be the time as well, and make another sum: planned time and sums over others could not. */
function sayRivals(
  source: TimeSource,
  twin: Twin | null,
  candidates: readonly Candidate[],
  rulesOf: RulesOf,
  records: readonly SheetRow[],
  assumptions: string[],
): void {
  const compared = records.slice(0, COMPARED_RECORDS);
  const sumOf = (read: TimeSource['read']) =>
    compared.reduce((sum, row) => {
      const reading = read(row);
      return reading.state === 'given' ? sum + reading.minutes : sum;
    }, 0);
  const own = sumOf(source.read);
  const rivals = candidates.filter(({ column, rank }) => {
    if (source.columns.includes(column) || column === twin?.column || !isSpentTime(column)) return false;
    if (rank < MIN_RIVAL || !isCertain(column)) return false;
    const { rules } = rulesOf(column);
    const other = sumOf((row) => readTimeCell(row.cells[column.index], rules, row));
    return other > 0 && Math.abs(other - own) > SHARE_APART * Math.max(own, other);
  });
  if (rivals.length === 0) return;
  const names = rivals.slice(0, 3).map(({ column }) => `"${column.name}"`);
  assumptions.push(
    `${names.join(', ')} could be the time as well as "${source.header}", which is read, and ${rivals.length === 1 ? 'makes' : 'make'} another sum. ` +
      'If that is wrong, name the column in the mapping, as in duration=…',
  );
}
