/**
 * Columns that may hold how long a record took.
 *
 * Owns: their order by header and content, and the halves of a duration that is written as hours and minutes.
 */
import { type Column, roleOf, saysOneOf, strengthOf } from '../columns/column.ts';
import { timeLike } from '../columns/content.ts';
import type { Role } from '../headers/roles.ts';
import { isDayColumn } from '../headers/weekdays.ts';
import type { ActivityMapping } from '../mapping.ts';
import { areDays } from '../table/day-columns.ts';
import { type SheetRow, textOf } from '../tables.ts';
import { plainDigits } from '../values/digits.ts';
import { readNumber } from '../values/numbers.ts';
import { unitOfHeader } from '../values/units.ts';

export interface TimeQuestion {
  columns: readonly Column[];
  records: readonly SheetRow[];
  /** Rows with the label of a total. */
  totals: readonly SheetRow[];
  mapping: ActivityMapping;
  /** Columns that the mapping names, by use. */
  mapped: ReadonlyMap<string, readonly Column[]>;
  /** Words of a row of units below the header, by column index. */
  unitRow: (index: number) => string;
  hasHeader: boolean;
  /** Columns that say when although they are called as durations are. */
  when: ReadonlySet<Column>;
  /** Columns that are taken for something else. */
  taken: ReadonlySet<Column>;
}

/** What a column counts by its first role. */
export const RANK: Readonly<Partial<Record<Role, number>>> = {
  actual: 100,
  duration: 80,
  hours_part: 78,
  minutes_part: 76,
  estimate: 40,
  cumulative: 20,
};
const BY_CONTENT = 50;
/** A grid has as many days at least. */
export const MIN_DAYS = 3;
export const TIME_SHARE = 0.5;
export const CONTENT_SHARE = 0.8;

export interface Candidate {
  column: Column;
  rank: number;
  chosenBy: 'header' | 'content';
}

export function candidatesOf(
  { columns, hasHeader, taken, records }: Omit<TimeQuestion, 'when'>,
  unitColumn: Column | null,
): Candidate[] {
  const measured = unitColumn === null ? null : measuredBy(unitColumn, columns);
  const days = areDays(columns.map(({ header }) => header));
  const isGrid = days.filter(Boolean).length >= MIN_DAYS;
  const areBounds = BOUNDS.every((bound) => columns.some(({ header }) => bound.test(header)));
  const candidates = columns.flatMap((column, i): Candidate[] => {
    if (column.profile.filled === 0 || taken.has(column) || (isGrid && days[i])) return [];
    if (areBounds && BOUNDS.some((bound) => bound.test(column.header))) return [];
    if (column === measured) return [{ column, rank: MEASURED, chosenBy: 'header' }];
    const rank = rankByHeader(column);
    if (rank !== null) return timeLike(column) >= TIME_SHARE ? [{ column, rank, chosenBy: 'header' }] : [];
    const role = roleOf(column);
    if ((role !== null && NEVER_SPENT.has(role)) || column.profile.share.duration < CONTENT_SHARE) return [];
    return [{ column, rank: BY_CONTENT, chosenBy: 'content' }];
  });
  if (!hasHeader && candidates.length === 0) {
    const numeric = columns.filter((column) => timeLike(column) >= CONTENT_SHARE && !isCounting(column, records));
    if (numeric.length === 1) candidates.push({ column: numeric[0] as Column, rank: BY_CONTENT, chosenBy: 'content' });
  }
  for (const candidate of candidates) candidate.rank -= demerit(candidate, candidates, records.length);
  return candidates.sort((a, b) => b.rank - a.rank || b.column.profile.filled - a.column.profile.filled);
}

/** `Min` beside `Max` is the least, not minutes. */
const BOUNDS = [/^min(?:imum|\.)?(?: \(.*\))?$/i, /^max(?:imum|\.)?(?: \(.*\))?$/i];

const HARDLY_FILLED = 0.2;
const WELL_FILLED = 0.5;
const DEMERIT = 45;

/** A column of zeros, or one that is hardly filled, comes after one that says more. */
function demerit({ column, rank }: Candidate, all: readonly Candidate[], recordCount: number): number {
  const others = all.filter(
    (other) => other.column !== column && other.rank > rank - DEMERIT && isSpentTime(other.column),
  );
  const fill = ({ profile }: Column) => profile.filled / Math.max(1, recordCount);
  const isEmpty = fill(column) < HARDLY_FILLED && others.some((other) => fill(other.column) >= WELL_FILLED);
  const isZero = column.profile.zeros === 1 && others.some((other) => other.column.profile.zeros < 1);
  return isEmpty || isZero ? DEMERIT : 0;
}

/** Not planned, not added up over others. */
export const isSpentTime = (column: Column): boolean => {
  const role = roleOf(column);
  return role !== 'estimate' && role !== 'cumulative';
};

const MEASURED = 90;
const AMOUNTS: readonly (Role | null)[] = [null, 'count', 'money', 'duration', 'actual'];

/** The column of numbers whose unit another column names: an amount beside `h` and `min`. */
function measuredBy(unit: Column, columns: readonly Column[]): Column | null {
  const numeric = columns.filter(
    (column) =>
      AMOUNTS.includes(roleOf(column)) &&
      column.profile.share.number >= CONTENT_SHARE &&
      column !== unit &&
      !isDayColumn(column.header),
  );
  const distance = ({ index }: Column) => Math.abs(index - unit.index);
  return numeric.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** Null: the header says nothing of a duration. */
function rankByHeader(column: Column): number | null {
  const role = roleOf(column);
  const base = role === null ? undefined : RANK[role];
  if (base === undefined) return null;
  const { share } = column.profile;
  let rank = base + strengthOf(column);
  // The decimal twin of a clock column is exact to the digit and free of doubt about minutes and seconds.
  if (share.number > share.clock) rank += 0.5;
  if (column.roles.some((match) => match.role === 'billable')) rank -= 5;
  // The effort of a plan counts before how long its bar is, a sum before what one of many takes.
  if (EFFORT.test(column.header)) rank += 2;
  if (EACH.test(column.header)) rank -= 10;
  return rank;
}

const EFFORT = /^(?:work|arbeit|travail|trabajo|lavoro|trabalho|werk|praca|práce|作業)$/iu;
/** Words for the time of one case among several. */
export const EACH = /\b(?:avg|average|each|durchschnitt\p{L}*|je|moyen\p{L}*|medio|media|médio|gemiddeld\p{L}*)\b/iu;

/** A column of 1, 2, 3, … numbers the rows. */
function isCounting({ index }: Column, records: readonly SheetRow[]): boolean {
  const numbers = records.slice(0, 50).map(({ cells }) => readNumber(textOf(cells[index]).trim()));
  return numbers.length > 2 && numbers.every((number, i) => number !== null && number === (numbers[0] as number) + i);
}

/** Durations that are not how long the work took. */
const NEVER_SPENT: ReadonlySet<Role> = new Set<Role>(['break', 'overtime', 'remaining', 'rate', 'due', 'created']);

const NEVER_TIME: ReadonlySet<Role> = new Set<Role>([
  'id',
  'case',
  'money',
  'rate',
  'currency',
  'points',
  'ratio',
  'count',
  'week',
  'month',
  'weekday',
  'email',
  'url',
  'date',
  'start_date',
  'start_time',
  'start',
  'end_date',
  'end_time',
  'end',
  'timestamp',
  'created',
  'due',
  'break',
  'priority',
  'billable',
  'person',
]);
const MAX_OPTIONS = 12;
/** Ranks of headers that say how long something took, whatever the cells below are. */
const SAYS_TIME = 74;

/** Columns that a person may point at. */
export function couldHoldTime({ columns, taken, records }: TimeQuestion, candidates: readonly Candidate[]): Column[] {
  const others = columns.filter((column) => {
    const role = roleOf(column);
    if (taken.has(column) || column.profile.filled === 0 || (role !== null && NEVER_TIME.has(role))) return false;
    const says = (rankByHeader(column) ?? 0) >= SAYS_TIME;
    return says ? timeLike(column) > 0 : timeLike(column) >= TIME_SHARE && !isCounting(column, records);
  });
  return [...new Set([...candidates.map(({ column }) => column), ...others])].slice(0, MAX_OPTIONS);
}

/** Columns that are parts of one duration: whole hours, minutes below 60, and seconds below 60 if there are any. */
export function partsOfDuration(candidates: readonly Candidate[], records: readonly SheetRow[]): Column[] | null {
  const hours = candidates.find(({ column }) => saysOneOf(column, ['hours_part']))?.column;
  const minutes = candidates.find(({ column }) => saysOneOf(column, ['minutes_part']))?.column;
  if (!hours || !minutes || hours === minutes) return null;
  let some = false;
  let others = 0;
  for (const { cells } of records) {
    const h = numberIn(cells[hours.index]);
    const m = numberIn(cells[minutes.index]);
    // A line below the table is no number, and no reason to read the halves as wholes.
    if (Number.isNaN(h) || Number.isNaN(m)) others += 1;
    else if (h % 1 !== 0 || m < 0 || m >= 60) return null;
    else if (m > 0 && Math.abs(m - h * 60) > 1) some = true;
  }
  if (others > Math.max(2, 0.05 * records.length)) return null;
  if (!some) return null;
  const seconds = candidates.find(
    ({ column }) => column !== hours && column !== minutes && unitOfHeader(column.header) === 's',
  )?.column;
  const areSeconds = seconds !== undefined && records.every(({ cells }) => !(numberIn(cells[seconds.index]) >= 60));
  return areSeconds ? [hours, minutes, seconds] : [hours, minutes];
}

/** Empty counts as 0; NaN: no number. */
export function numberIn(cell: SheetRow['cells'][number] | undefined): number {
  if (typeof cell === 'object') return cell.value;
  const text = (cell ?? '').trim();
  return text === '' ? 0 : (readNumber(plainDigits(text)) ?? Number.NaN);
}
