/**
 * Which columns say how long a record took.
 *
 * Owns: the order of candidates: what the caller says, actual before estimated, hours and minutes apart added up, else
 * end minus start, else the days of a week. Does not own reading a cell (`time-source.ts`).
 */
import { type Column, roleOf, saysOneOf, strengthOf } from '../columns/column.ts';
import { momentLike, timeLike } from '../columns/content.ts';
import { isDayColumn } from '../headers/weekdays.ts';
import type { Role } from '../headers/roles.ts';
import type { ActivityMapping } from '../mapping.ts';
import { type SheetRow, textOf } from '../tables.ts';
import { dateOrderOf } from '../values/dates.ts';
import { plainDigits } from '../values/digits.ts';
import { type DecimalMark, notationOf, readNumber } from '../values/numbers.ts';
import { clockOfHeader, unitOfHeader, unitOfWord } from '../values/units.ts';
import {
  type CellRules,
  type MomentColumns,
  momentOf,
  readTimeCell,
  spanOf,
  sumOfCells,
  type TimeSource,
} from './time-source.ts';
import { decideUnit } from './units.ts';

export interface ChosenTime {
  source: TimeSource | null;
  start: MomentColumns | null;
  end: MomentColumns | null;
  /** Column of the day, or of the one moment a record has. */
  date: MomentColumns | null;
  /** A second column that says the same: decimal beside `h:mm`, hours beside minutes. */
  twin: { column: Column; read: TimeSource['read'] } | null;
  /** Columns that could hold the time, best first, for a question. */
  couldBe: readonly Column[];
  /** Sentences about what was assumed. */
  assumptions: readonly string[];
}

/** What a column counts by its first role. */
const RANK: Readonly<Partial<Record<Role, number>>> = {
  actual: 100,
  duration: 80,
  hours_part: 78,
  minutes_part: 76,
  estimate: 40,
  cumulative: 20,
};
const BY_CONTENT = 50;
const TIME_SHARE = 0.5;
const CONTENT_SHARE = 0.8;
const MIN_DAYS = 3;

interface Candidate {
  column: Column;
  rank: number;
  chosenBy: 'header' | 'content';
}

export interface TimeQuestion {
  columns: readonly Column[];
  records: readonly SheetRow[];
  mapping: ActivityMapping;
  /** Columns that the mapping names, by use. */
  mapped: ReadonlyMap<string, readonly Column[]>;
  /** Words of a row of units below the header, by column index. */
  unitRow: (index: number) => string;
  hasHeader: boolean;
  /** Columns that are taken for something else. */
  taken: ReadonlySet<Column>;
}

export function chooseTime(question: TimeQuestion): ChosenTime {
  const { columns, records, mapped } = question;
  const assumptions: string[] = [];
  const start = momentColumns(question, 'start', assumptions);
  const end = momentColumns(question, 'end', assumptions);
  const date = dateColumns(question, start, assumptions);
  const candidates = candidatesOf(question);
  const couldBe = couldHoldTime(question, candidates);
  const base = { start, end, date, couldBe, assumptions };
  const unitColumn = columns.find((column) => roleOf(column) === 'unit' && namesUnits(column, records)) ?? null;
  const rulesOf = rulesMaker(question, unitColumn, candidates, spanReader(question, start, end), assumptions);

  const wanted = mapped.get('duration');
  if (wanted && wanted.length > 0) {
    const source = sourceOf(wanted, 'mapping', rulesOf, false);
    return { ...base, source, twin: twinOf(source, candidates, rulesOf) };
  }
  const spans = start !== null && end !== null && hasTimes(records, start) && hasTimes(records, end);
  const pair = hoursAndMinutes(candidates, records);
  const [best] = candidates;
  const days = dayColumns(question);
  if (best && best.rank > (RANK.estimate as number)) {
    const isPair = pair !== null && (best.column === pair[0] || best.column === pair[1]);
    const source = sourceOf(isPair ? pair : [best.column], best.chosenBy, rulesOf, false);
    return { ...base, source, twin: twinOf(source, candidates, rulesOf) };
  }
  if (spans) {
    return { ...base, source: spanSource(question, start, end, rulesOf), twin: null };
  }
  if (days.length >= MIN_DAYS) return { ...base, source: gridSource(days, question, rulesOf), twin: null };
  if (best) {
    const source = sourceOf([best.column], best.chosenBy, rulesOf, true);
    return { ...base, source, twin: null };
  }
  return { ...base, source: null, twin: null };
}

// Candidates

function candidatesOf({ columns, hasHeader, taken, records }: TimeQuestion): Candidate[] {
  const candidates = columns.flatMap((column): Candidate[] => {
    if (column.profile.filled === 0 || taken.has(column)) return [];
    const rank = rankByHeader(column);
    if (rank !== null) return timeLike(column) >= TIME_SHARE ? [{ column, rank, chosenBy: 'header' }] : [];
    if (roleOf(column) !== null || column.profile.share.duration < CONTENT_SHARE) return [];
    return [{ column, rank: BY_CONTENT, chosenBy: 'content' }];
  });
  if (!hasHeader && candidates.length === 0) {
    const numeric = columns.filter((column) => timeLike(column) >= CONTENT_SHARE && !isCounting(column, records));
    if (numeric.length === 1) candidates.push({ column: numeric[0] as Column, rank: BY_CONTENT, chosenBy: 'content' });
  }
  return candidates.sort((a, b) => b.rank - a.rank || b.column.profile.filled - a.column.profile.filled);
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
  return rank;
}

/** A column of 1, 2, 3, … numbers the rows. */
function isCounting({ index }: Column, records: readonly SheetRow[]): boolean {
  const numbers = records.slice(0, 50).map(({ cells }) => readNumber(textOf(cells[index]).trim()));
  return numbers.length > 2 && numbers.every((number, i) => number !== null && number === (numbers[0] as number) + i);
}

const NEVER_TIME: ReadonlySet<Role> = new Set<Role>([
  'id', 'case', 'money', 'rate', 'currency', 'points', 'ratio', 'count', 'week', 'month', 'weekday', 'email', 'url',
  'date', 'start_date', 'start_time', 'start', 'end_date', 'end_time', 'end', 'timestamp', 'created', 'due', 'break',
  'priority', 'billable', 'person',
]);
const MAX_OPTIONS = 12;

/** Columns that a person may point at. */
function couldHoldTime({ columns, taken, records }: TimeQuestion, candidates: readonly Candidate[]): Column[] {
  const others = columns.filter((column) => {
    const role = roleOf(column);
    if (taken.has(column) || column.profile.filled === 0 || (role !== null && NEVER_TIME.has(role))) return false;
    return timeLike(column) >= TIME_SHARE && !isCounting(column, records);
  });
  return [...new Set([...candidates.map(({ column }) => column), ...others])].slice(0, MAX_OPTIONS);
}

/** Two columns that are the halves of one duration: whole hours, and minutes below 60. */
function hoursAndMinutes(candidates: readonly Candidate[], records: readonly SheetRow[]): [Column, Column] | null {
  const hours = candidates.find(({ column }) => saysOneOf(column, ['hours_part']))?.column;
  const minutes = candidates.find(({ column }) => saysOneOf(column, ['minutes_part']))?.column;
  if (!hours || !minutes || hours === minutes) return null;
  let some = false;
  for (const { cells } of records) {
    const [h, m] = [hours, minutes].map(({ index }) => numberIn(cells[index]));
    if (h === undefined || m === undefined || Number.isNaN(h) || Number.isNaN(m)) return null;
    if (h % 1 !== 0 || m < 0 || m >= 60) return null;
    if (m > 0 && Math.abs(m - h * 60) > 1) some = true;
  }
  return some ? [hours, minutes] : null;
}

/** Empty counts as 0; NaN: no number. */
function numberIn(cell: SheetRow['cells'][number] | undefined): number {
  if (typeof cell === 'object') return cell.value;
  const text = (cell ?? '').trim();
  return text === '' ? 0 : (readNumber(plainDigits(text)) ?? Number.NaN);
}

// Rules of a column

type RulesOf = (column: Column) => { rules: CellRules; unit: TimeSource['unit'] };

function rulesMaker(
  { records, mapping, unitRow }: TimeQuestion,
  unitColumn: Column | null,
  candidates: readonly Candidate[],
  span: ((row: SheetRow) => number | null) | null,
  assumptions: string[],
): RulesOf {
  const known = new Map<Column, ReturnType<RulesOf>>();
  return (column) => {
    const before = known.get(column);
    if (before) return before;
    const texts = records.map(({ cells }) => cells[column.index]).filter((cell) => typeof cell === 'string' && cell !== '');
    const notation = notationOf(texts as string[]);
    const decimal: DecimalMark | undefined = mapping.decimal ?? (notation.doubtful ? undefined : notation.decimal);
    const clocks = candidates
      .filter((other) => other.column !== column && isCertain(other.column))
      .map(({ column: { index } }) => (row: SheetRow) => certainMinutes(row, index));
    const { bareUnit, report, because } = decideUnit({
      column,
      records,
      mapped: mapping.unit,
      decimal,
      unitRowWord: unitRow(column.index),
      twins: span === null ? clocks : [...clocks, span],
    });
    const clock = clockOfHeader(column.header) === 'm:s' ? 'm:s' : 'h:m';
    const rules: CellRules = { bareUnit, decimal, clock, unitColumn: unitColumn?.index ?? null };
    if (because !== null && unitColumn === null) {
      assumptions.push(
        `No unit is stated for the numbers in "${column.name}"; they are read as ${UNIT_WORDS[bareUnit ?? 'min']}, since ${because}. ` +
          'If that is wrong, state the unit in the mapping, as in unit=min.',
      );
    }
    if (notation.doubtful && mapping.decimal === undefined) {
      assumptions.push(
        `Numbers in "${column.name}" such as 1.500 can mean 1500 or 1.5 and nothing in the column tells which. ` +
          'State the decimal mark in the mapping, as in decimal=,',
      );
    }
    const unit = unitColumn === null ? report : ({ unit: 'min', by: 'unit column', assumed: false } as const);
    const made = { rules, unit };
    known.set(column, made);
    return made;
  };
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
};

/** Whether its cells carry their unit, or are clocks. */
const isCertain = ({ profile: { share }, header }: Column): boolean =>
  share.clock + share.duration >= CONTENT_SHARE || (share.number >= CONTENT_SHARE && unitOfHeader(header) !== null);

function certainMinutes(row: SheetRow, index: number): number | null {
  const rules: CellRules = { bareUnit: null, decimal: undefined, clock: 'h:m', unitColumn: null };
  const reading = readTimeCell(row.cells[index], rules, row);
  return reading.state === 'given' ? reading.minutes : null;
}

function namesUnits({ index }: Column, records: readonly SheetRow[]): boolean {
  const words = records.slice(0, 200).map(({ cells }) => textOf(cells[index]).trim().toLowerCase());
  const filled = words.filter((word) => word !== '');
  return filled.length > 0 && filled.every((word) => unitOfWord(word) !== null);
}

// Sources

function sourceOf(
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

function twinOf(source: TimeSource, candidates: readonly Candidate[], rulesOf: RulesOf): ChosenTime['twin'] {
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

function spanReader(
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

function spanSource(
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

function dayColumns({ columns, taken }: TimeQuestion): Column[] {
  return columns.filter(
    (column) =>
      !taken.has(column) &&
      isDayColumn(column.header) &&
      (column.profile.filled === 0 || timeLike(column) >= CONTENT_SHARE),
  );
}

function gridSource(days: readonly Column[], { records, mapping }: TimeQuestion, rulesOf: RulesOf): TimeSource {
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

// Moments

const MOMENT_SHARE = 0.5;

const MOMENT_ROLES = {
  start: { whole: ['start'], day: ['start_date'], time: ['start_time'] },
  end: { whole: ['end'], day: ['end_date'], time: ['end_time'] },
} as const satisfies Record<string, Record<string, readonly Role[]>>;

function momentColumns(question: TimeQuestion, edge: 'start' | 'end', assumptions: string[]): MomentColumns | null {
  const { columns, mapped, taken } = question;
  const free = columns.filter((column) => !taken.has(column) && column.profile.filled > 0);
  const find = (roles: readonly Role[]) =>
    free
      .filter((column) => roles.includes(roleOf(column) as Role) && momentLike(column) >= MOMENT_SHARE)
      .toSorted((a, b) => strengthOf(b) - strengthOf(a) || b.profile.filled - a.profile.filled)[0] ?? null;
  const roles = MOMENT_ROLES[edge];
  const own = mapped.get(edge)?.[0] ?? null;
  const whole = own ?? find(roles.whole);
  const day = find(roles.day);
  const time = find(roles.time);
  // `Start` may be the whole moment, or only the time beside a date.
  const parts =
    whole !== null && (day === null || time === null)
      ? { day: whole, time: time === whole ? null : time }
      : { day, time };
  if (parts.day === null && parts.time === null) return null;
  if (parts.day === null || parts.day.profile.share.clock > parts.day.profile.share.date) {
    const date = mapped.get('date')?.[0] ?? (day !== parts.day ? day : null) ?? find(['date']);
    const clock = parts.time ?? parts.day;
    return { day: date, time: clock, order: orderOf(date, question, assumptions) };
  }
  return { ...parts, order: orderOf(parts.day, question, assumptions) };
}

function dateColumns(question: TimeQuestion, start: MomentColumns | null, assumptions: string[]): MomentColumns | null {
  const { columns, mapped, taken } = question;
  const own = mapped.get('date')?.[0];
  const find = (roles: readonly Role[]) =>
    columns.find(
      (column) => !taken.has(column) && roles.includes(roleOf(column) as Role) && column.profile.share.date >= MOMENT_SHARE,
    );
  const day = own ?? find(['date']) ?? find(['timestamp']) ?? undefined;
  if (day) return { day, time: null, order: orderOf(day, question, assumptions) };
  if (start?.day && start.day.profile.share.date >= MOMENT_SHARE) return start;
  const other = find(['created', 'end_date', 'end', 'due']);
  return other ? { day: other, time: null, order: orderOf(other, question, assumptions) } : null;
}

function orderOf(column: Column | null, { records }: TimeQuestion, assumptions: string[]): MomentColumns['order'] {
  if (column === null) return 'dmy';
  const texts = records.map(({ cells }) => plainDigits(textOf(cells[column.index]).trim())).filter((text) => text !== '');
  const { order, doubtful } = dateOrderOf(texts);
  if (doubtful) {
    const sentence = `The dates in "${column.name}" can be day first or month first; they are read ${order === 'mdy' ? 'month' : 'day'} first.`;
    if (!assumptions.includes(sentence)) assumptions.push(sentence);
  }
  return order;
}

const MOMENTS_LOOKED_AT = 200;

/** Whether at least half of the records have a time of day there. */
function hasTimes(records: readonly SheetRow[], columns: MomentColumns): boolean {
  const moments = records.slice(0, MOMENTS_LOOKED_AT).flatMap((row) => momentOf(row, columns) ?? []);
  return moments.filter(({ minuteOfDay }) => minuteOfDay !== null).length >= Math.max(1, MOMENT_SHARE * moments.length);
}
