/**
 * What the grids of one document say: its sheets, or its pages.
 *
 * Owns: the conventions that they share, and what is read besides the tables: labels, sentences, who writes.
 */
import { readContacts } from './contacts.ts';
import type { DocumentLine, DocumentReading, ReadTable } from './document-reading.ts';
import { mapFields } from './document-reading.ts';
import { readText } from './extract.ts';
import type { Field } from './fields.ts';
import type { Grid, GridRow } from './grid.ts';
import { readLabels } from './grid-labels.ts';
import type { LineFields } from './items.ts';
import type { Conventions } from './money.ts';
import { decimalMarkOf } from './numbers.ts';
import { dayFirstOf } from './numeric-dates.ts';
import { type OrderTable, type Tables, tablesOf } from './order-table.ts';
import { type Piece, placed, proseOf, rowsOf, textOfCells, textsTogether } from './placed-text.ts';
import type { Found } from './sources.ts';
import { linesOf, type TableLines } from './table-lines.ts';
import { plainPage, readPage } from './tokens.ts';

/** So many rows of a grid are looked at besides its tables. */
const MAX_TEXT_ROWS = 5000;
const NUMBERS = /(?<![\p{L}\p{N}.,/_-])\d+(?:[.,'’]\d+)+(?![\p{L}\p{N}/_-])/gu;
const DATES = /(?<![\p{L}\p{N}./-])\d{1,2}[-/]\d{1,2}[-/]\d{2,4}(?![\p{L}\p{N}/-])/gu;
const MAX_VOTING_CHARACTERS = 200;

interface GridTables {
  grid: Grid;
  tables: Tables;
  lines: readonly TableLines[];
}

/** Reads grids that share their conventions. */
export function readGrids(grids: readonly Grid[], maxLines: number): DocumentReading {
  const said = conventionsIn(grids);
  const first = grids.map((grid) => readTables(grid, said, maxLines));
  const decimalMark = said.decimalMark ?? markIn(first);
  const conventions = { ...said, decimalMark };
  const read = decimalMark === said.decimalMark ? first : grids.map((grid) => readTables(grid, conventions, maxLines));
  const besides = read.map((tables) => readBesides(tables, conventions));
  const tables = read.flatMap(({ tables, lines }) =>
    tables.tables.map((table, at) => ({ table, lines: lines[at] as TableLines })),
  );
  return {
    lines: tables.length > 0 ? tables.flatMap(tableLines) : besides.flatMap(({ lines }) => lines),
    found: new Map(
      Map.groupBy(
        besides.flatMap(({ found }) => found),
        ([path]) => path,
      )
        .entries()
        .map(([path, all]) => [path, all.map(([, found]) => found)]),
    ),
    currencies: [
      ...tables.flatMap(({ lines }) => lines.currencies),
      ...besides.flatMap(({ currencies }) => currencies),
    ],
    tables: tables.map(readTable),
    partial: read.map(({ tables }) => tables.partial).find((partial) => partial !== null) ?? null,
    text: textsTogether(grids.map((grid) => textOfCells(grid, rowsOf(textRows(grid), ' | ')))),
  };
}

function readTables(grid: Grid, { decimalMark }: Conventions, maxLines: number): GridTables {
  const tables = tablesOf(grid, decimalMark, maxLines);
  return { grid, tables, lines: tables.tables.map((table) => linesOf(grid, table, decimalMark)) };
}

const markIn = (read: readonly GridTables[]): Conventions['decimalMark'] =>
  read.flatMap(({ lines }) => lines.flatMap(({ mark }) => mark ?? []))[0] ?? null;

interface Titled {
  table: OrderTable;
  lines: TableLines;
}

function tableLines({ table, lines: { lines } }: Titled): DocumentLine[] {
  const named = new Set(table.columns.map(({ field }) => field));
  const without = new Set((['sku', 'qty'] as const).filter((field) => !named.has(field)));
  return lines.map((fields) => ({ fields, without }));
}

const readTable = ({ table, lines: { lines } }: Titled): ReadTable => ({
  lines,
  totals: table.totals.flatMap(({ kind, amount }) => (amount ? [{ kind, amount }] : [])),
});

interface Besides {
  found: (readonly [path: string, found: Found])[];
  currencies: Found[];
  lines: DocumentLine[];
}

/** What a grid says outside of its tables; order lines only of pages without a table. */
function readBesides({ grid, tables }: GridTables, conventions: Conventions): Besides {
  const found: Besides['found'] = [];
  const report = (path: string, field: Found): void => void found.push([path, field]);
  const rows: GridRow[] = [];
  for (const at of textIndexes(grid)) {
    if (tables.used.has(at)) continue;
    rows.push(grid.rowAt(at));
    readLabels(grid, at, conventions, report);
  }
  const { read, here } = readProse(grid, proseOf(rows), conventions);
  for (const [path, fields] of read.found) for (const field of fields) report(path, here(field));
  readWriters(grid, rows, report);
  const prose = grid.paged && tables.tables.length === 0 ? read.lines : [];
  const ofTotals = tables.tables.flatMap(({ totals }) =>
    totals.flatMap(({ amount, currency }) =>
      amount && currency ? [{ ...amount, value: currency, readings: [] }] : [],
    ),
  );
  return {
    found,
    currencies: [...ofTotals, ...read.currencies.map(here)],
    lines: prose.map((line: LineFields) => ({ fields: mapFields(line, here), without: new Set() })),
  };
}

function readProse(grid: Grid, pieces: readonly Piece[], conventions: Conventions) {
  const text = textOfCells(grid, pieces);
  const page = grid.paged ? readPage(text.text) : plainPage(text.text);
  return { read: readText(page, conventions), here: (field: Field): Found => placed(field, page, text) };
}

/** Addresses, phone and VAT numbers whose label is in another cell. */
function readWriters(grid: Grid, rows: readonly GridRow[], report: (path: string, found: Found) => void): void {
  const text = textOfCells(grid, rowsOf(rows, '  '));
  const page = plainPage(text.text);
  readContacts(page, (path, field) => report(path, placed(field, page, text)));
}

const textIndexes = (grid: Grid): number[] =>
  Array.from({ length: Math.min(grid.count, MAX_TEXT_ROWS) }, (_, at) => at);

const textRows = (grid: Grid): GridRow[] => textIndexes(grid).map((at) => grid.rowAt(at));

/** What the texts in all cells say about numbers and dates. */
function conventionsIn(grids: readonly Grid[]): Conventions {
  const texts = grids
    .flatMap(textRows)
    .flatMap(({ cells }) =>
      cells.filter(({ typed }) => !typed).map(({ text }) => text.slice(0, MAX_VOTING_CHARACTERS)),
    );
  return {
    decimalMark: decimalMarkOf(texts.flatMap((text) => text.match(NUMBERS) ?? [])),
    dayFirst: dayFirstOf(texts.flatMap((text) => text.match(DATES) ?? [])),
  };
}
