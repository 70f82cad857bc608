/**
 * The kinds of sources of time, made from chosen columns.
 *
 * Owns: a column or several added up, its twin, end minus start, and the days of a week.
 */
import { type Column, roleOf } from '../columns/column.ts';
import { timeLike } from '../columns/content.ts';
import type { Role } from '../headers/roles.ts';
import { areDays } from '../table/day-columns.ts';
import type { SheetRow } from '../tables.ts';
import { type Candidate, CONTENT_SHARE, numberIn, RANK, TIME_SHARE, type TimeQuestion } from './candidates.ts';
import type { RulesOf } from './column-rules.ts';
import { hasTimes } from './moments.ts';
import { type MomentColumns, readTimeCell, spanOf, sumOfCells, type TimeSource } from './time-source.ts';

/** A second column that says the same as the source. */
export interface Twin {
  column: Column;
  read: TimeSource['read'];
}

export function sourceOf(
  columns: readonly Column[],
  chosenBy: TimeSource['chosenBy'],
  rulesOf: RulesOf,
  isEstimate: boolean,
): TimeSource {
  const made = columns.map(rulesOf);
  const rules = made.map((each) => each.rules);
  return {
    kind: columns.length > 1 ? 'parts' : 'column',
    columns,
    header: columns.map(({ name }) => name).join(' + '),
    chosenBy,
    isEstimate,
    unit: made[0]?.unit ?? null,
    read: (row) => sumOfCells(row, columns, rules),
  };
}

export function twinOf(source: TimeSource, candidates: readonly Candidate[], rulesOf: RulesOf): Twin | null {
  const [column] = source.columns;
  if (source.kind !== 'column' || column === undefined) return null;
  const kind = RANK[roleOf(column) as Role];
  const twin = candidates.find(
    (other) =>
      other.column !== column &&
      RANK[roleOf(other.column) as Role] === kind &&
      stemOf(other.column.header) === stemOf(column.header) &&
      other.column.profile.share.clock >= TIME_SHARE !== column.profile.share.clock >= TIME_SHARE,
  );
  if (!twin) return null;
  const { rules } = rulesOf(twin.column);
  return { column: twin.column, read: (row) => readTimeCell(row.cells[twin.column.index], rules, row) };
}

/** A header without what stands in brackets: `Duration (h)` and `Duration (decimal)` are twins. */
const stemOf = (header: string): string => header.split(/[([]/, 1)[0]?.trim().toLowerCase() ?? '';

export function spanReader(
  question: TimeQuestion,
  start: MomentColumns | null,
  end: MomentColumns | null,
): ((row: SheetRow) => number | null) | null {
  if (start === null || end === null) return null;
  if (!hasTimes(question.records, start) || !hasTimes(question.records, end)) return null;
  return (row) => {
    const reading = spanOf(row, start, end, null);
    return reading.state === 'given' ? reading.minutes : null;
  };
}

export function spanSource(
  { columns }: TimeQuestion,
  start: MomentColumns,
  end: MomentColumns,
  rulesOf: RulesOf,
): TimeSource {
  const pauseColumn = columns.find((column) => roleOf(column) === 'break' && timeLike(column) >= TIME_SHARE);
  const pause = pauseColumn ? { column: pauseColumn, rules: rulesOf(pauseColumn).rules } : null;
  const parts = [start.day, start.time, end.day, end.time].filter((column) => column !== null);
  return {
    kind: 'span',
    columns: pause ? [...parts, pause.column] : parts,
    header: `${namesOf(end)} − ${namesOf(start)}${pause ? ` − ${pause.column.name}` : ''}`,
    chosenBy: 'header',
    isEstimate: false,
    unit: null,
    read: (row) => spanOf(row, start, end, pause),
  };
}

const namesOf = ({ day, time }: MomentColumns): string =>
  [...new Set([day?.name, time?.name].filter((name) => name !== undefined))].join(' ');

export function dayColumns({ columns, taken }: TimeQuestion): Column[] {
  const days = areDays(columns.map(({ header }) => header));
  return columns.filter(
    (column, i) =>
      !taken.has(column) && days[i] === true && (column.profile.filled === 0 || timeLike(column) >= CONTENT_SHARE),
  );
}

export function gridSource(days: readonly Column[], { records, mapping }: TimeQuestion, rulesOf: RulesOf): TimeSource {
  // The days are one column in many: one unit for all of them, from the fullest.
  const fullest = days.toSorted((a, b) => b.profile.filled - a.profile.filled)[0] as Column;
  const { rules, unit } = rulesOf(fullest);
  const isLarge = records.some(({ cells }) => days.some(({ index }) => numberIn(cells[index]) >= 24));
  const bareUnit = mapping.unit ?? (isLarge && unit?.by === 'magnitude' ? 'min' : rules.bareUnit);
  const shared = days.map(() => ({ ...rules, bareUnit: bareUnit ?? 'h' }));
  return {
    kind: 'grid',
    columns: days,
    header: `${days[0]?.name} … ${days.at(-1)?.name}`,
    chosenBy: 'header',
    isEstimate: false,
    unit,
    read: (row) => sumOfCells(row, days, shared),
  };
}
