/**
 * What the grids of one document say: its sheets, or its pages.
 *
 * Owns: the conventions that they share, and what is read besides the tables: labels, sentences, who writes.
 */

import type { DocumentLine, DocumentReading } from '../document-reading.ts';
import { mapFields } from '../document-reading.ts';
import { readText } from '../extraction/extract.ts';
import type { LineFields } from '../line-fields.ts';
import type { Found } from '../sources.ts';
import { readContacts } from '../texts/contacts.ts';
import { type Piece, placed, proseOf, rowsOf, textOfCells, textsTogether } from '../texts/placed-text.ts';
import { plainPage, readPage } from '../texts/tokens.ts';
import type { Field } from '../values/fields.ts';
import type { Conventions } from '../values/money.ts';
import { decimalMarkOf } from '../values/numbers.ts';
import { dayFirstOf } from '../values/numeric-dates.ts';
import { type Grid, type GridRow, overlap } from './grid.ts';
import { readLabels, readLayout } from './grid-labels.ts';
import { type GridTables, readTables } from './table-reading.ts';

/** So many rows of a grid are looked at besides its tables. */
const MAX_TEXT_ROWS = 5000;
const NUMBERS = /(?<![\p{L}\p{N}.,/_-])\d+(?:[.,'’]\d+)+(?![\p{L}\p{N}/_-])/gu;
const DATES = /(?<![\p{L}\p{N}./-])\d{1,2}[-/]\d{1,2}[-/]\d{2,4}(?![\p{L}\p{N}/-])/gu;
const MAX_VOTING_CHARACTERS = 200;

/** Reads grids that share their conventions. */
export function readGrids(grids: readonly Grid[], maxLines: number): DocumentReading {
  const said = conventionsIn(grids);
  const first = grids.map((grid) => readTables(grid, said.decimalMark, maxLines));
  const decimalMark = said.decimalMark ?? first.flatMap(({ mark }) => mark ?? [])[0] ?? null;
  const read = decimalMark === said.decimalMark ? first : grids.map((grid) => readTables(grid, decimalMark, maxLines));
  const besides = read.map((tables) => readBesides(tables, { ...said, decimalMark }));
  const tables = read.flatMap((grid) => grid.tables);
  const found = Map.groupBy(
    besides.flatMap((beside) => beside.found),
    ([path]) => path,
  );
  return {
    lines: (tables.length > 0 ? read : besides).flatMap(({ lines }) => lines),
    found: new Map(Array.from(found, ([path, all]) => [path, all.map(([, field]) => field)])),
    currencies: [...read, ...besides].flatMap(({ currencies }) => currencies),
    tables,
    partial: read.map(({ partial }) => partial).find((partial) => partial !== null) ?? null,
    text: textsTogether(grids.map((grid) => textOfCells(grid, rowsOf(textRows(grid), ' | ')))),
  };
}

interface Besides {
  found: (readonly [path: string, found: Found])[];
  currencies: Found[];
  lines: DocumentLine[];
}

/** What a grid says outside of its tables; order lines only of pages without a table. */
function readBesides({ grid: whole, tables, facts, used }: GridTables, conventions: Conventions): Besides {
  const grid = besideTables(whole, used);
  const found: Besides['found'] = [];
  const report = (path: string, field: Found): void => void found.push([path, field]);
  const rows: GridRow[] = [];
  for (const at of textIndexes(grid)) {
    const row = grid.rowAt(at);
    if (row.cells.length === 0) continue;
    rows.push(row);
    readLabels(grid, at, conventions, report);
  }
  for (const pieces of facts) readLayout(whole, pieces, conventions, report);
  const { read, here } = readProse(grid, proseOf(rows), conventions);
  for (const [path, fields] of read.found) for (const field of fields) report(path, here(field));
  readWriters(grid, rows, report);
  const prose = grid.paged && tables.length === 0 ? read.lines : [];
  return {
    found,
    currencies: read.currencies.map(here),
    lines: prose.map((line: LineFields) => ({ fields: mapFields(line, here), without: new Set() })),
  };
}

/** A grid without the cells of its tables: facts may stand beside the lines. */
const besideTables = (grid: Grid, used: GridTables['used']): Grid => ({
  ...grid,
  rowAt(at) {
    const row = grid.rowAt(at);
    const table = used.get(at);
    return table ? { ...row, cells: row.cells.filter((cell) => overlap(table, cell) <= 0) } : row;
  },
});

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
