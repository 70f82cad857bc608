/**
 * HTML tables, as SAP, ServiceNow, Jira and many a web page write them into files named `.xls`.
 *
 * Owns: which table is a sheet, where cells stand that span others, and what nobody sees. A table in another one is a
 * sheet of its own, in the order in which they end. Nothing is run, fetched or drawn.
 */
import { Parser } from 'htmlparser2';
import type { Cell } from '../../../machines/activities/tables.ts';
import { firstCodePoints } from '../../../machines/formulas/code-points.ts';
import { MAX_CELL_CODE_POINTS, Refused } from '../table.ts';
import { chooseSheets } from './sheet-choice.ts';
import { MAX_ACTIVITY_COLUMNS, putCell, type TableBuilder } from './table-builder.ts';

const SKIPPED = new Set('script style head template noscript object iframe svg math textarea select'.split(' '));
const BLOCKS = new Set('address blockquote dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre ul br'.split(' '));
/** Elements inside each other. The parser's costs grow with the square of it. */
const MAX_DEPTH = 1_000;
const MAX_NESTED_TABLES = 20;
const MAX_TABLES = 1_000;
/** Places in all rows that cells or spans take, blank ones included. */
const MAX_PLACES = 10_000_000;
const MAX_CELL_CHARS = 2 * MAX_CELL_CODE_POINTS + 2;
const MAX_NAME_CODE_POINTS = 200;
/** Tables with fewer rows are layout. */
const LEAST_ROWS = 2;

interface OpenTable {
  name: string;
  hidden: boolean;
  rows: { number: number; hidden: boolean; cells: Cell[] }[];
  rowCount: number;
  /** Number of the last row that a cell further up takes, by column. */
  takenUntil: number[];
  row: { hidden: boolean; cells: Cell[]; column: number } | null;
  cell: { text: string; columns: number; rows: number } | null;
  inCaption: boolean;
}

/**
 * @param wanted name of the one table to read, in any case
 * @returns how many tables there are that are sheets
 * @throws {Refused} if there is no such table, or too much of something
 */
export function readHtmlTables(html: string, wanted: string | undefined, tables: TableBuilder): number {
  const open: OpenTable[] = [];
  const found: OpenTable[] = [];
  /** Of each element that is open. */
  const concealed: boolean[] = [];
  let places = 0;
  let title = '';
  let inTitle = false;

  const current = (): OpenTable | undefined => open[open.length - 1];
  const isConcealed = (): boolean => concealed[concealed.length - 1] === true;

  function closeCell(table: OpenTable): void {
    if (!table.cell || !table.row) return;
    const { text, columns, rows } = table.cell;
    const { row } = table;
    const number = table.rowCount;
    while ((table.takenUntil[row.column] ?? 0) >= number) {
      row.column += 1;
      places += 1;
    }
    const shown = tidy(text);
    if (shown !== '') putCell(row.cells, row.column + 1, shown, number);
    for (let i = 0; i < columns; i += 1) {
      if (rows > 1 && row.column < MAX_ACTIVITY_COLUMNS) table.takenUntil[row.column] = number + rows - 1;
      row.column += 1;
    }
    places += columns;
    if (places > MAX_PLACES)
      throw new Refused(413, 'the tables of the file have too many cells', 'file', 'element count');
    table.cell = null;
  }

  function closeRow(table: OpenTable): void {
    closeCell(table);
    if (table.row && table.row.cells.length > 0) {
      table.rows.push({ number: table.rowCount, hidden: table.row.hidden, cells: table.row.cells });
      tables.checkRowCount(table.rows.length, table.rowCount);
    }
    table.row = null;
  }

  function openRow(table: OpenTable): void {
    closeRow(table);
    table.rowCount += 1;
    table.row = { hidden: isConcealed(), cells: [], column: 0 };
  }

  function openTable(attributes: Readonly<Record<string, string>>): void {
    if (open.length === MAX_NESTED_TABLES) throw tooDeep(`${MAX_NESTED_TABLES} tables`);
    open.push({
      name: attributes.title ?? attributes.summary ?? '',
      hidden: isConcealed(),
      rows: [],
      rowCount: 0,
      takenUntil: [],
      row: null,
      cell: null,
      inCaption: false,
    });
  }

  function closeTable(): void {
    const table = open.pop();
    if (!table) return;
    closeRow(table);
    if (table.rows.length >= LEAST_ROWS && found.length < MAX_TABLES) found.push(table);
  }

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (concealed.length === MAX_DEPTH) throw tooDeep(`${MAX_DEPTH} elements`);
        concealed.push(isConcealed() || (SKIPPED.has(name) && name !== 'head') || isHidden(attributes));
        const table = current();
        if (name === 'table') openTable(attributes);
        else if (name === 'title') inTitle = true;
        else if (!table) return;
        else if (name === 'tr') openRow(table);
        else if (name === 'caption') table.inCaption = true;
        else if (name === 'td' || name === 'th') {
          if (!table.row) openRow(table);
          closeCell(table);
          table.cell = { text: '', columns: spanOf(attributes.colspan), rows: spanOf(attributes.rowspan) };
        } else if (BLOCKS.has(name)) append(table, '\n');
      },
      ontext(text) {
        const table = current();
        if (inTitle) {
          if (title.length < MAX_CELL_CHARS) title += text;
        } else if (table && !isConcealed()) append(table, text.replace(/\s+/g, ' '));
        // The text of a hidden row is that of a row all the same.
        else if (table?.row?.hidden && table.cell) append(table, text.replace(/\s+/g, ' '));
      },
      onclosetag(name) {
        const table = current();
        if (name === 'table') closeTable();
        else if (name === 'title') inTitle = false;
        else if (table && name === 'caption') table.inCaption = false;
        else if (table && (name === 'td' || name === 'th')) closeCell(table);
        else if (table && name === 'tr') closeRow(table);
        else if (table && BLOCKS.has(name) && name !== 'br') append(table, '\n');
        concealed.pop();
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  parser.end(html);
  addSheets(found, firstCodePoints(tidy(title), MAX_NAME_CODE_POINTS), wanted, tables);
  return found.length;
}

function addSheets(found: readonly OpenTable[], title: string, wanted: string | undefined, tables: TableBuilder): void {
  const named = found.map((table) => {
    const own = firstCodePoints(tidy(table.name), MAX_NAME_CODE_POINTS);
    return { table, name: own || (found.length === 1 && title) || null };
  });
  if (found.length === 0) return;
  for (const { table, name } of chooseSheets(named, wanted)) {
    const { add } = tables.start(name, table.hidden);
    for (const { number, hidden, cells } of table.rows) add(number, hidden, cells);
  }
}

function append(table: OpenTable, text: string): void {
  if (table.cell) {
    if (table.cell.text.length < MAX_CELL_CHARS) table.cell.text += text;
  } else if (table.inCaption && table.name.length < MAX_CELL_CHARS) table.name += text;
}

/** Spaces at the ends of lines go, and so do blank lines at the beginning and the end. */
function tidy(text: string): string {
  if (!text.includes('\n')) return text.trim();
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line, i) => line !== '' || lines[i - 1] !== '')
    .join('\n')
    .trim();
}

function isHidden(attributes: Readonly<Record<string, string>>): boolean {
  if ('hidden' in attributes) return true;
  const style = attributes.style;
  if (style === undefined || style === '') return false;
  return style
    .toLowerCase()
    .split(';', 100)
    .some((declaration) => {
      const [property = '', value = ''] = declaration
        .split(':', 2)
        .map((part) => part.trim().replace('!important', '').trim());
      return (
        (property === 'display' && value === 'none') ||
        (property === 'visibility' && (value === 'hidden' || value === 'collapse')) ||
        (property === 'mso-hide' && value === 'all')
      );
    });
}

/** As far down or across as a cell may reach. */
const MAX_SPAN = 65_534;

function spanOf(attribute: string | undefined): number {
  const span = Number.parseInt((attribute ?? '').slice(0, 10), 10);
  return span > 1 ? Math.min(span, MAX_SPAN) : 1;
}

function tooDeep(what: string): Refused {
  return new Refused(400, `HTML of more than ${what} in each other`, 'file', 'nesting depth');
}
