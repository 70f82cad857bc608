/**
 * Records with their readings, made into rows of the bus.
 *
 * Owns: text, category, whole minutes, corrections, and counting what was read, given, estimated and left out.
 */
import { categoryOf } from '../formulas/categories.ts';
import { firstCodePoints } from '../formulas/code-points.ts';
import { estimateByWords } from '../formulas/estimates.ts';
import { clean } from '../formulas/rows.ts';
import type { ActivityRow } from './activity-row.ts';
import { isBareDay } from './bare-days.ts';
import { type CheckedRow, checkFigures } from './checks.ts';
import type { TextColumns } from './columns/choose-texts.ts';
import type { Column } from './columns/column.ts';
import { type CorrectionKey, settleCorrections } from './corrections.ts';
import { CountedAnyway } from './counted-anyway.ts';
import { talliedChecks, tellOfRows } from './describe-rows.ts';
import { fillDown } from './fill-down.ts';
import type { CheckReport, IgnoredReason, InputReport } from './input-report.ts';
import type { Rates } from './rates.ts';
import { statedTotals } from './stated-totals.ts';
import { filledIn } from './table/find-table.ts';
import type { SetAside } from './table/sort-rows.ts';
import { type Cell, type SheetRow, textOf } from './tables.ts';
import { Tally } from './tally.ts';
import type { ChosenTime } from './time/choose-time.ts';
import { momentOf, type TimedRow, type TimeReading } from './time/time-source.ts';
import type { Warnings } from './warnings.ts';
import { roundTogether } from './whole-minutes.ts';

export interface RowsToMake {
  timed: readonly TimedRow[];
  aside: readonly SetAside[];
  read(row: SheetRow): TimeReading;
  texts: TextColumns;
  time: ChosenTime;
  rates: Rates | null;
  /** What became of an entry: approved, rejected. */
  status: Column | null;
  /** Number of the header above each row. */
  headerRows: ReadonlyMap<SheetRow, number>;
  /** Index of the sheet of each row. */
  sheetOf: ReadonlyMap<SheetRow, number>;
  /** Name of a row's sheet where several are read, else null. */
  sheetName(row: SheetRow): string | null;
  today: string;
  warnings: Warnings;
}

export interface MadeRows {
  rows: ActivityRow[];
  counts: InputReport['rows'];
  minutes: InputReport['minutes'];
  checks: CheckReport[];
}

const CATEGORY_CODE_POINTS = 200;
const NAME_CODE_POINTS = 200;

export function makeRows(work: RowsToMake): MadeRows {
  const { timed, aside, texts, time, headerRows, warnings } = work;
  const tally = new Tally<string>();
  const saysSomething = ({ row, reading }: TimedRow): boolean =>
    reading.state === 'given' || cellText(row, texts.text) !== '' || (filledIn(row) > 1 && !isBareDay(row));
  const said = new Set(timed.filter(saysSomething));
  // A file of nothing but days is left as it is.
  const kept = said.size === 0 ? timed : timed.filter((each) => said.has(each));
  const ignored = new Tally<IgnoredReason>();
  for (const { row, reason } of aside) ignored.add(reason, row.number);
  for (const each of timed) if (said.size > 0 && !said.has(each)) ignored.add('note', each.row.number);

  const filled = fillDown({ timed: kept, texts, date: time.date?.day ?? null, sheetOf: work.sheetOf });
  warnings.addAll(filled.sentences);
  const given = kept.map(({ reading }) => (reading.state === 'given' ? reading.minutes : null));
  const isTwoFold = time.source?.kind === 'span';
  const settled = settleCorrections(given, (i) => correctionKey(filled.rowOf((kept[i] as TimedRow).row), texts));
  const whole = roundTogether(settled.minutes.map((minutes, i) => (settled.dropped.has(i) ? null : minutes)));
  const countedAnyway = new CountedAnyway(work.status);
  const rows: ActivityRow[] = [];
  const checked: CheckedRow[] = [];
  const counts = { read: 0, given: 0, inferred: 0 };
  const minutes = { given: 0, inferred: 0 };
  let workdays = 0;
  for (const [i, { row, reading }] of kept.entries()) {
    if (settled.dropped.has(i)) {
      ignored.add('negative', row.number);
      continue;
    }
    const exact = settled.minutes[i] ?? null;
    if (reading.state === 'unreadable') tally.add(`unreadable ${reading.text.slice(0, 40)}`, row.number);
    if (reading.state === 'unreadable') tally.add('unreadable', row.number, null, work.sheetName(row));
    if (reading.state === 'given' && reading.workdays) workdays += 1;
    const made = rowOf(filled.rowOf(row), whole[i] ?? null, work, tally, headerRows.get(row) ?? 0);
    rows.push(made);
    countedAnyway.see(row, made);
    counts.read += 1;
    counts[made.estimate_source] += 1;
    minutes[made.estimate_source] += made.estimated_minutes;
    checked.push({
      number: row.number,
      sheet: work.sheetName(row),
      minutes: exact,
      date: made.date ?? null,
      fingerprint: fingerprintOf(row),
    });
    compareTwin(row, exact, time, tally);
  }
  warnings.addAll(countedAnyway.sentences());
  tellOfRows(tally, settled, workdays, isTwoFold, time, warnings);
  const { checks, warnings: odd } = checkFigures(
    checked,
    statedTotals({ kept, aside, read: work.read, sheetOf: work.sheetOf }),
    time.source?.unit ?? null,
    work.today,
  );
  warnings.addAll(odd);
  const report = {
    ...counts,
    ignored: Object.fromEntries(
      ignored.entries().map(([reason, { count, first_row }]) => [reason, { count, first_row }]),
    ),
  };
  return { rows, counts: report, minutes, checks: [...checks, ...talliedChecks(tally, ignored)] };
}

/** The beginning and the length of a longer cell tell it from others; all of it, in every row, would fill memory. */
const FINGERPRINT_CHARS = 200;

/** A number below 2 ** 53 that two rows of one file share only if they are the same, or by a rare accident. */
function fingerprintOf({ cells }: SheetRow): number {
  let [low, high] = [0x811c9dc5, 0x9e3779b9];
  const mix = (code: number): void => {
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (low >>> 15);
  };
  for (const cell of cells) {
    const text = textOf(cell);
    const end = Math.min(text.length, FINGERPRINT_CHARS);
    for (let at = 0; at < end; at += 1) mix(text.charCodeAt(at));
    mix(0x10000 + text.length);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

function rowOf(
  row: SheetRow,
  whole: number | null,
  work: RowsToMake,
  tally: Tally<string>,
  headerRow: number,
): ActivityRow {
  const { texts, time, rates } = work;
  const text = clean(cellText(row, texts.text) || cellText(row, texts.lastResort));
  const given = clean(textOf(texts.category ? row.cells[texts.category.index] : ''));
  const category = categoryOf(given, text);
  const cut = firstCodePoints(category, CATEGORY_CODE_POINTS);
  if (cut.length < category.length) tally.add('category cut', row.number);
  if (isCut(cellOfText(row, texts.text))) tally.add('text cut', row.number);
  const moment = time.date === null ? null : momentOf(row, time.date);
  const from = time.start === null ? null : momentOf(row, time.start);
  const to = time.end === null ? null : momentOf(row, time.end);
  const day = from?.day ?? moment?.day ?? null;
  const rate = rates?.read(row) ?? null;
  const start = wallClock(from ?? moment, day);
  const end = wallClock(to, to?.day ?? day);
  return {
    text,
    category: cut,
    estimated_minutes: whole === null ? estimateByWords(text) : Math.max(0, whole),
    estimate_source: whole === null ? 'inferred' : 'given',
    source_row: Math.max(1, row.number - headerRow),
    ...(day !== null && { date: day }),
    ...(start !== null && { start }),
    ...(end !== null && { end }),
    ...named('person', [texts.person, texts.personRest], row),
    ...named('project', [texts.project], row),
    ...named('case', [texts.case], row),
    ...(rate !== null && { rate }),
  };
}

function named<Key extends 'person' | 'project' | 'case'>(
  key: Key,
  columns: readonly (Column | null)[],
  row: SheetRow,
): Partial<Record<Key, string>> {
  const parts = columns.map((column) => (column === null ? '' : textOf(row.cells[column.index])));
  const name = clean(parts.join(' '));
  return name === '' ? {} : ({ [key]: firstCodePoints(name, NAME_CODE_POINTS) } as Partial<Record<Key, string>>);
}

function correctionKey(row: SheetRow, texts: TextColumns): CorrectionKey {
  const { person = '' } = named('person', [texts.person, texts.personRest], row);
  const { project = '' } = named('project', [texts.project], row);
  const text = clean(cellText(row, texts.text) || cellText(row, texts.lastResort));
  return { text: text.toLowerCase(), person: person.toLowerCase(), project: project.toLowerCase() };
}

/** `YYYY-MM-DDTHH:MM`; null without a day or a time of day. */
function wallClock(moment: ReturnType<typeof momentOf>, day: string | null): string | null {
  if (moment === null || moment.minuteOfDay === null || day === null) return null;
  const minute = Math.floor(moment.minuteOfDay);
  return `${day}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** The first cell of the columns that is not empty. */
function cellOfText({ cells }: SheetRow, columns: readonly Column[]): Cell {
  for (const { index } of columns) {
    const cell = cells[index];
    if (cell !== undefined && textOf(cell).trim() !== '') return cell;
  }
  return '';
}

const cellText = (row: SheetRow, columns: readonly Column[]): string => textOf(cellOfText(row, columns)).trim();

const isCut = (cell: Cell): boolean => typeof cell === 'object' && cell.kind === 'text';

/** Minutes by which a column and its twin may differ in a row. */
const TWIN_MINUTES = 1;

function compareTwin(row: SheetRow, exact: number | null, { twin }: ChosenTime, tally: Tally<string>): void {
  if (twin === null || exact === null) return;
  const other = twin.read(row);
  if (other.state !== 'given') return;
  if (Math.abs(other.minutes - exact) > TWIN_MINUTES) tally.add('twin', row.number, Math.abs(other.minutes - exact));
}
