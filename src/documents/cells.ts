/**
 * The cells of a document's sheets as they are collected.
 *
 * Owns: what is a cell, and how many a document may have. Keeps I9: what is beyond a limit is refused, not kept.
 */
import { exceedsCodePoints } from '../../machines/formulas/code-points.ts';
import type { Cell, Sheet } from '../../machines/orders/document.ts';
import { columnName } from './cell-values.ts';
import { MAX_SHEET_ROWS, MAX_SHEETS } from './limits.ts';
import { MAX_CELL_CODE_POINTS, MAX_COLUMNS, placeOf, Refused } from './table.ts';

export interface SheetCells {
  /**
   * Adds a cell unless it is blank; rows and columns from 0, row by row.
   * @throws {Refused} beyond a limit
   */
  add(row: number, column: number, value: Pick<Cell, 'text' | 'typed'>, hidden: boolean): void;
  /** Of cells in these rows and columns only the top left one is seen. */
  merge(range: CellRange): void;
}

/** From 0, the last ones included. */
export interface CellRange {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export interface SheetCollector {
  sheets: readonly Sheet[];
  /** @throws {Refused} beyond the number of sheets */
  start(name: string, hidden: boolean): SheetCells;
}

export function createSheetCollector(): SheetCollector {
  const sheets: (Sheet & { rows: Cell[][] })[] = [];
  let rowCount = 0;

  function start(name: string, hiddenSheet: boolean): SheetCells {
    if (sheets.length === MAX_SHEETS) refuse(`more than ${MAX_SHEETS} sheets`, 'file', 'sheet count');
    const rows: Cell[][] = [];
    sheets.push({ name, hidden: hiddenSheet, rows });

    function rowAt(row: number): Cell[] {
      const last = rows.at(-1);
      if (last?.[0]?.row === row) return last;
      rowCount += 1;
      if (rowCount > MAX_SHEET_ROWS) refuse(`more than ${MAX_SHEET_ROWS} rows`, placeOf(row + 1, 1), 'row count');
      const cells: Cell[] = [];
      rows.push(cells);
      return cells;
    }

    return {
      add(row, column, { text, typed }, hidden) {
        if (text.trim() === '') return;
        if (column >= MAX_COLUMNS) {
          refuse(`more than ${MAX_COLUMNS} columns`, placeOf(row + 1, column + 1), 'column count');
        }
        if (exceedsCodePoints(text, MAX_CELL_CODE_POINTS)) {
          const message = `a cell of more than ${MAX_CELL_CODE_POINTS} characters`;
          refuse(message, placeOf(row + 1, column + 1), 'cell length');
        }
        const ref = `${columnName(column + 1)}${row + 1}`;
        const cell: Cell = { ref, row, column, text, ...(typed && { typed }), hidden: hidden || hiddenSheet };
        const cells = rowAt(row);
        const before = cells.at(-1);
        cells.push(cell);
        if (before && before.column > column) cells.sort((a, b) => a.column - b.column);
      },
      merge(range) {
        for (let at = firstRowFrom(rows, range.top); at < rows.length; at += 1) {
          const cells = rows[at] as Cell[];
          if ((cells[0] as Cell).row > range.bottom) break;
          for (const cell of cells) if (isCovered(cell, range)) cell.hidden = true;
        }
      },
    };
  }

  return { sheets, start };
}

function refuse(what: string, path: string, reason: Refused['reason']): never {
  throw new Refused(400, `the file has ${what}`, path, reason);
}

/** Index of the first row at or below `row`. */
function firstRowFrom(rows: readonly (readonly Cell[])[], row: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const [first] = rows[middle] as readonly [Cell];
    if (first.row < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isCovered({ row, column }: Cell, { top, left, right }: CellRange): boolean {
  return column >= left && column <= right && (row > top || column > left);
}
