/**
 * Cells in places, as all spreadsheets have them.
 *
 * Owns: the model that the writers of workbooks and delimited text share, and how the order table goes into it.
 */
import { formatDay } from './amounts.ts';
import type { Dice } from './dice.ts';
import { type Paper, type Shown, shownTexts } from './paper.ts';
import type { HeaderField } from './truth.ts';

export interface GridCell {
  row: number;
  column: number;
  shown: Shown;
  bold: boolean;
  /** Stored as number or day instead of text. */
  typed: boolean;
}

export interface Merge {
  row: number;
  from: number;
  to: number;
}

export interface Grid {
  name: string;
  hidden: boolean;
  cells: GridCell[];
  hiddenRows: Set<number>;
  hiddenColumns: Set<number>;
  merges: Merge[];
}

/** A workbook, and what of its paper it leaves out. */
export interface Workbook {
  grids: readonly Grid[];
  omitted: readonly HeaderField[];
  traps: readonly string[];
  features: readonly string[];
}

export function newGrid(name: string): Grid {
  return { name, hidden: false, cells: [], hiddenRows: new Set(), hiddenColumns: new Set(), merges: [] };
}

export function put(grid: Grid, row: number, column: number, value: Shown | string, bold = false, typed = true): void {
  const shown = typeof value === 'string' ? { text: value } : value;
  if (shown.text === '') return;
  const isTyped = typed && (shown.amount !== undefined || shown.day !== undefined);
  grid.cells.push({ row, column, shown, bold, typed: isTyped });
}

export interface TablePlace {
  row: number;
  column: number;
  /** Numbers stored as text. */
  asText: boolean;
  /** Codes of digits alone stored as numbers. */
  numericCodes: boolean;
  /** Header again before these items. */
  repeatedBefore?: readonly number[];
}

export interface TableEnd {
  /** The first row below. */
  row: number;
  /** Where each column is. */
  columnOf: Readonly<Record<string, number>>;
  /** Row of each item. */
  itemRows: readonly number[];
}

/** Header and rows of the paper's table. */
export function putTable(grid: Grid, paper: Paper, at: TablePlace): TableEnd {
  const columnOf = Object.fromEntries(paper.columns.map(({ role }, i) => [role, at.column + i]));
  let row = putHeader(grid, paper, at.row, at.column);
  const itemRows: number[] = [];
  let items = 0;
  for (const part of paper.rows) {
    if (part.kind === 'item') {
      if (at.repeatedBefore?.includes(items)) row = putHeader(grid, paper, row, at.column);
      part.cells.forEach((shown, i) => {
        const isCode = paper.columns[i]?.role === 'sku' && at.numericCodes && /^[1-9]\d{0,9}$/.test(shown.text);
        const value = isCode ? { ...shown, amount: { digits: Number(shown.text), decimals: 0 } } : shown;
        put(grid, row, at.column + i, value, false, isCode || !at.asText);
      });
      itemRows.push(row);
      items += 1;
    }
    if (part.kind === 'section') put(grid, row, at.column, part.text, true);
    row += 1;
  }
  return { row, columnOf, itemRows };
}

function putHeader(grid: Grid, paper: Paper, row: number, column: number): number {
  const isStacked = paper.columns.some(({ over }) => over !== '');
  if (!isStacked) {
    paper.columns.forEach(({ header }, i) => {
      put(grid, row, column + i, header, true);
    });
    return row + 1;
  }
  const grouped = paper.columns.flatMap(({ over }, i) => (over === '' ? [] : [column + i]));
  const [first, last] = [grouped[0] as number, grouped.at(-1) as number];
  put(grid, row, first, paper.columns.find(({ over }) => over !== '')?.over ?? '', true);
  if (last > first && last - first + 1 === grouped.length) grid.merges.push({ row, from: first, to: last });
  paper.columns.forEach(({ header, over }, i) => {
    put(grid, over === '' && paper.order.items.length % 2 === 0 ? row : row + 1, column + i, header, true);
  });
  return row + 2;
}

/** A hidden item among the others, with numbers of its own. */
export function hideRow(grid: Grid, paper: Paper, table: TableEnd): string[] {
  const after = table.itemRows[Math.floor(table.itemRows.length / 2)] as number;
  const decoy = paper.decoy.items[0];
  if (decoy === undefined) return [];
  for (const cell of grid.cells) if (cell.row > after) cell.row += 1;
  for (const merge of grid.merges) if (merge.row > after) merge.row += 1;
  const values: Readonly<Record<string, Shown>> = {
    sku: { text: decoy.sku },
    description: { text: decoy.description },
    qty: { text: String(decoy.qty.digits), amount: { ...decoy.qty, decimals: 0 } },
  };
  for (const [role, shown] of Object.entries(values)) {
    const column = table.columnOf[role];
    if (column !== undefined) put(grid, after + 1, column, shown);
  }
  grid.hiddenRows.add(after + 1);
  return [decoy.sku];
}

/** The old order on a sheet that nobody sees. */
export function hiddenSheet(paper: Paper): { grid: Grid; traps: string[] } {
  const grid = { ...newGrid('Data_old'), hidden: true };
  ['SKU', 'Description', 'Qty', 'Price'].forEach((header, i) => {
    put(grid, 0, i, header, true);
  });
  paper.decoy.items.slice(0, 4).forEach((item, i) => {
    put(grid, i + 1, 0, item.sku);
    put(grid, i + 1, 1, item.description);
    put(grid, i + 1, 2, { text: String(item.qty.digits), amount: { ...item.qty, decimals: 0 } });
  });
  return { grid, traps: paper.decoy.items.slice(0, 4).map(({ sku }) => sku) };
}

/** A sheet that anybody can see and that orders nothing: terms of delivery. */
export function termsSheet(paper: Paper, dice: Dice): Grid {
  const grid = newGrid(dice.pick(['Info', 'AGB', 'Terms', 'CGV']));
  [paper.title, ...paper.wording.notes].forEach((line, i) => {
    put(grid, i * 2, 0, line, i === 0);
  });
  put(grid, 8, 0, { text: formatDay('2025-12-31', paper.style.days, paper.order.language), day: '2025-12-31' });
  return grid;
}

/** What is seen of a workbook. */
export function visibleText({ grids }: Workbook): string {
  return grids
    .filter(({ hidden }) => !hidden)
    .flatMap(({ cells, hiddenRows, hiddenColumns }) =>
      cells
        .filter(({ row, column }) => !hiddenRows.has(row) && !hiddenColumns.has(column))
        .flatMap(({ shown }) => shownTexts(shown)),
    )
    .join('\n');
}
