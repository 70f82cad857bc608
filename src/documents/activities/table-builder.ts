/**
 * The sheets of a file of activities as they are collected.
 *
 * Owns: how much such a file may hold. Keeps I9: whatever a format makes of a small file, no more than this is kept.
 */

import type { ActivitySheet, Cell, SheetRow, TypedCell } from '../../../machines/activities/tables.ts';
import { exceedsCodePoints, firstCodePoints } from '../../../machines/formulas/code-points.ts';
import { MAX_CELL_CODE_POINTS, placeOf, Refused } from '../table.ts';

export const MAX_ACTIVITY_COLUMNS = 2_000;
const MAX_SHEETS = 1_000;
/** Cells of all sheets, empty ones between others included. */
const MAX_CELLS = 10_000_000;
const MAX_FILLED_CELLS = 5_000_000;
/** Of all cells: one text may stand in a hundred thousand of them, and each row is written by itself later. */
const MAX_TEXT_CHARS = 100_000_000;
/** Rows beyond `maxRows` that may be titles, headers, totals or hidden: this many, and a tenth. */
const SPARE_ROWS = 1_000;
const MAX_NOTES = 50;

/** A row whose cells may still be replaced. */
export interface GrowingRow extends SheetRow {
  cells: Cell[];
}

interface GrowingSheet extends ActivitySheet {
  rows: GrowingRow[];
}

export interface SheetBuilder {
  sheet: GrowingSheet;
  /**
   * Adds a row unless it is blank. Numbers only go up.
   * @param cells of which the array is kept
   * @throws {Refused} beyond a limit
   */
  add(number: number, hidden: boolean, cells: Cell[]): void;
}

export interface TableBuilder {
  /** @throws {Refused} beyond the number of sheets */
  start(name: string | null, hidden: boolean): SheetBuilder;
  /**
   * For readers that collect rows before they add them.
   * @param count rows collected so far, the one with `number` included
   * @throws {Refused} if the file may not have as many
   */
  checkRowCount(count: number, number: number): void;
  /** @param sentence something a person should know of the file */
  note(sentence: string): void;
  sheets: readonly ActivitySheet[];
  notes: readonly { sentence: string }[];
}

/** @param maxRows records that the file may have, over all its sheets */
export function createTableBuilder(maxRows: number): TableBuilder {
  const sheets: GrowingSheet[] = [];
  const notes: { sentence: string }[] = [];
  const rowLimit = maxRows + SPARE_ROWS + Math.floor(maxRows / 10);
  let rowCount = 0;
  let cellCount = 0;
  let filledCount = 0;
  let textChars = 0;

  function checkRowCount(count: number, number: number): void {
    if (count <= rowLimit) return;
    throw new Refused(400, `the file has more than ${maxRows} rows`, placeOf(number, 1), 'row count');
  }

  function add(rows: GrowingRow[], number: number, hidden: boolean, cells: Cell[]): void {
    while (cells.length > 0 && isBlankCell(cells[cells.length - 1])) cells.pop();
    if (cells.length === 0) return;
    if (cells.length > MAX_ACTIVITY_COLUMNS) throw tooManyColumns(number);
    checkRowCount(rowCount + 1, number);
    for (let index = 0; index < cells.length; index += 1) {
      const cell = cells[index] as Cell;
      if (cell === '') continue;
      filledCount += 1;
      const text = typeof cell === 'string' ? cell : cell.text;
      textChars += Math.min(text.length, 2 * MAX_CELL_CODE_POINTS);
      // A short text has no more code points than it has code units.
      if (text.length > MAX_CELL_CODE_POINTS && exceedsCodePoints(text, MAX_CELL_CODE_POINTS)) cells[index] = cut(text);
    }
    rowCount += 1;
    cellCount += cells.length;
    if (cellCount > MAX_CELLS || filledCount > MAX_FILLED_CELLS) {
      throw new Refused(413, `the file has more than ${MAX_FILLED_CELLS} cells`, placeOf(number, 1), 'element count');
    }
    if (textChars > MAX_TEXT_CHARS) {
      const message = `the file has more than ${MAX_TEXT_CHARS} characters in its cells`;
      throw new Refused(413, message, placeOf(number, 1), 'element count');
    }
    rows.push({ number, hidden, cells });
  }

  return {
    start(name, hidden) {
      if (sheets.length === MAX_SHEETS) {
        throw new Refused(400, `the file has more than ${MAX_SHEETS} sheets`, 'file', 'sheet count');
      }
      const sheet: GrowingSheet = { name, hidden, rows: [] };
      sheets.push(sheet);
      return { sheet, add: (number, rowHidden, cells) => add(sheet.rows, number, rowHidden, cells) };
    },
    checkRowCount,
    note(sentence) {
      if (notes.length < MAX_NOTES) notes.push({ sentence });
    },
    sheets,
    notes,
  };
}

/** Puts a cell into a row at its column, from 1, with empty cells before it. A cell there is replaced. */
export function putCell(cells: Cell[], column: number, cell: Cell, row: number): void {
  if (column > MAX_ACTIVITY_COLUMNS) throw tooManyColumns(row);
  while (cells.length < column - 1) cells.push('');
  cells[column - 1] = cell;
}

function tooManyColumns(row: number): Refused {
  const message = `the file has more than ${MAX_ACTIVITY_COLUMNS} columns`;
  return new Refused(400, message, placeOf(row, MAX_ACTIVITY_COLUMNS + 1), 'column count');
}

/** A cell of nothing but white space says nothing; one of an unknown value does. */
function isBlankCell(cell: Cell | undefined): boolean {
  return typeof cell === 'string' ? cell.trim() === '' : cell === undefined;
}

function cut(text: string): TypedCell {
  return { kind: 'text', text: firstCodePoints(text, MAX_CELL_CODE_POINTS), value: Number.NaN };
}
