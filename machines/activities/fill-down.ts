/**
 * Values that a file writes once for several rows: merged cells, groups of a pivot table, ditto marks.
 *
 * Owns: telling such columns from those that are merely optional, and what stands in their blank cells. Never reaches
 * from one sheet into the next. Does not own groups that are headed by rows of their own.
 */
import type { TextColumns } from './columns/choose-texts.ts';
import { type Column, roleOf } from './columns/column.ts';
import type { Role } from './headers/roles.ts';
import { type Cell, type SheetRow, textOf } from './tables.ts';
import type { TimedRow } from './time/time-source.ts';

export interface FilledDown {
  /** The row with the values of its blank cells; the row itself where nothing is filled in. */
  rowOf(row: SheetRow): SheetRow;
  /** What was filled in, as sentences. */
  sentences: readonly string[];
}

export interface FillDownQuestion {
  timed: readonly TimedRow[];
  texts: TextColumns;
  date: Column | null;
  /** Index of the sheet of each row. */
  sheetOf: ReadonlyMap<SheetRow, number>;
}

const DITTO = new Set(
  [
    '"',
    "''",
    '”',
    '“',
    '„',
    '〃',
    '″',
    '-"-',
    '- " -',
    '—"—',
    'dito',
    'ditto',
    'idem',
    'id.',
    'wie oben',
    's.o.',
    's. o.',
  ].concat(['same as above', 'as above', 'cf. supra', 'igual', 'zie boven', 'jw.', 'j.w.', 'viz výše', '同上', '々']),
);

/** Fewer blank cells are an omission. */
const MIN_BLANKS = 2;
const MIN_VALUES = 2;
const MAX_BLANK_SHARE = 0.7;
/** Share of the rows with a blank cell in which the rest of the record stands. */
const RECORD_SHARE = 0.95;
/** Texts that name a task; notes are optional wherever they are. */
const TASKS: ReadonlySet<Role | null> = new Set<Role | null>(['summary', 'task', 'activity']);

export function fillDown({ timed, texts, date, sheetOf }: FillDownQuestion): FilledDown {
  const [text] = texts.text;
  const grouping = new Set([texts.person, texts.personRest, texts.project, texts.category, date]);
  if (text && texts.text.length === 1 && TASKS.has(roleOf(text))) grouping.add(text);
  const records = timed.filter(({ reading }) => reading.state === 'given').map(({ row }) => row);
  const details = [text, texts.person, texts.category, date].filter(
    (column) => column !== null && column !== undefined,
  );
  const added = new Map<SheetRow, Map<number, Cell>>();
  const sentences: string[] = [];
  for (const column of new Set([...grouping, ...texts.text])) {
    if (column === null) continue;
    const fillsBlanks = grouping.has(column) && isWrittenOnce(column, details, records, sheetOf);
    const count = fill(column, fillsBlanks, timed, sheetOf, added);
    if (count.blanks > 0) sentences.push(sentenceOf(column, count.blanks, 'blank cell'));
    if (count.dittos > 0) sentences.push(sentenceOf(column, count.dittos, 'ditto mark'));
  }
  return { rowOf: (row) => withCells(row, added.get(row)), sentences };
}

const sentenceOf = ({ name }: Column, count: number, what: string): string =>
  `In "${name}" ${count === 1 ? `a ${what} was` : `${count} ${what}s were`} read as the value above.`;

const inCell = (row: SheetRow, { index }: Column): string => textOf(row.cells[index]).trim();

/**
 * True if each value differs from the one before it, as it does where equal ones are left out, and the rows with blank
 * cells go on with the rest of a record to the right.
 */
function isWrittenOnce(
  column: Column,
  details: readonly Column[],
  records: readonly SheetRow[],
  sheetOf: ReadonlyMap<SheetRow, number>,
): boolean {
  const blank: SheetRow[] = [];
  let values = 0;
  let last: string | null = null;
  let sheet = -1;
  for (const row of records) {
    const text = inCell(row, column);
    const of = sheetOf.get(row) ?? 0;
    if (of !== sheet) {
      if (text === '') return false;
      sheet = of;
      last = null;
    }
    if (text === '') blank.push(row);
    else if (text === last) return false;
    else {
      values += 1;
      last = text;
    }
  }
  if (blank.length < MIN_BLANKS || values < MIN_VALUES || blank.length > MAX_BLANK_SHARE * records.length) return false;
  return details.some(
    (detail) =>
      detail.index > column.index &&
      blank.filter((row) => inCell(row, detail) !== '').length >= RECORD_SHARE * blank.length &&
      detail.profile.filled >= RECORD_SHARE * records.length,
  );
}

function fill(
  column: Column,
  fillsBlanks: boolean,
  timed: readonly TimedRow[],
  sheetOf: ReadonlyMap<SheetRow, number>,
  added: Map<SheetRow, Map<number, Cell>>,
): { blanks: number; dittos: number } {
  const count = { blanks: 0, dittos: 0 };
  let above: Cell | null = null;
  let sheet = -1;
  for (const { row, reading } of timed) {
    const of = sheetOf.get(row) ?? 0;
    if (of !== sheet) above = null;
    sheet = of;
    const text = inCell(row, column);
    const isDitto = DITTO.has(text.toLowerCase());
    const isFilled = isDitto || (text === '' && fillsBlanks && reading.state === 'given');
    if (!isFilled) {
      if (text !== '') above = row.cells[column.index] as Cell;
      continue;
    }
    if (above === null) continue;
    count[isDitto ? 'dittos' : 'blanks'] += 1;
    const cells = added.get(row) ?? new Map<number, Cell>();
    added.set(row, cells.set(column.index, above));
  }
  return count;
}

function withCells(row: SheetRow, added: ReadonlyMap<number, Cell> | undefined): SheetRow {
  if (added === undefined) return row;
  const cells = row.cells.slice();
  for (const [index, cell] of added) {
    while (cells.length < index) cells.push('');
    cells[index] = cell;
  }
  return { ...row, cells };
}
