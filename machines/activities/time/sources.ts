/**
 * The kinds of sources of time, made from chosen columns.
 *
 * Owns: a column or several added up, its twin, and the days of a week. Start and end: `spans.ts`.
 */
import { type Column, roleOf } from '../columns/column.ts';
import { timeLike } from '../columns/content.ts';
import type { Role } from '../headers/roles.ts';
import { areDays } from '../table/day-columns.ts';
import { type Candidate, CONTENT_SHARE, RANK, TIME_SHARE, type TimeQuestion } from './candidates.ts';
import type { RulesOf } from './column-rules.ts';
import { readTimeCell, sumOfCells, type TimeSource } from './time-source.ts';

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
  const made = columns.map((column) => rulesOf(column));
  const rules = made.map((each) => each.rules);
  return {
    kind: columns.length > 1 ? 'parts' : 'column',
    columns,
    header: columns.map(({ name }) => name).join(' + '),
    chosenBy,
    isEstimate,
    unit: made[0]?.unit ?? null,
    assumed: made.flatMap((each) => each.assumed),
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

export function dayColumns({ columns, taken }: TimeQuestion): Column[] {
  const days = areDays(columns.map(({ header }) => header));
  return columns.filter(
    (column, i) =>
      !taken.has(column) && days[i] === true && (column.profile.filled === 0 || timeLike(column) >= CONTENT_SHARE),
  );
}

export function gridSource(days: readonly Column[], rulesOf: RulesOf): TimeSource {
  const { rules, unit, assumed } = rulesOf(days[0] as Column, days);
  const shared = days.map(() => rules);
  return {
    kind: 'grid',
    columns: days,
    header: `${days[0]?.name} … ${days.at(-1)?.name}`,
    chosenBy: 'header',
    isEstimate: false,
    unit,
    assumed,
    read: (row) => sumOfCells(row, days, shared),
  };
}
