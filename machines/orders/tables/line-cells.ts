/**
 * The cells of a row by the columns of its table.
 *
 * Owns: which column a cell stands in, and what kind of row its cells make.
 */

import type { LineField } from '../line-fields.ts';
import { labelAt } from '../texts/phrases.ts';
import { plainPage } from '../texts/tokens.ts';
import { amountIn } from '../values/cell-values.ts';
import type { DecimalMark } from '../values/numbers.ts';
import { type Grid, type GridCell, type GridRow, overlap, type Span } from './grid.ts';

/** A column with a header; `field` is null if the header names nothing of an order line. */
export interface Column extends Span {
  field: LineField | null;
  /** All cells of its header. */
  header: readonly GridCell[];
  /** It stands beside the table, and is none of it. */
  outside: boolean;
}

export type LineCells = Partial<Record<LineField, GridCell[]>>;

const MAX_STATEMENT_CHARACTERS = 200;
/** A cell that reaches over so many columns is a sentence. */
const SENTENCE_COLUMNS = 3;

export const isNumeric = (cells: readonly GridCell[] | undefined, mark: DecimalMark | null): boolean =>
  cells?.some((cell) => amountIn(cell, mark) !== null) ?? false;

/** Whether a cell reaches over columns, as text does that is none of the table. */
export const isSentence = ({ cells }: GridRow, columns: readonly Column[]): boolean =>
  cells.some((cell) => columns.filter((column) => overlap(column, cell) > 0).length >= SENTENCE_COLUMNS);

/** Nothing but a code or a name. */
export const onlyText = ({ sku, description, ...others }: LineCells): boolean =>
  Boolean(sku ?? description) && Object.keys(others).length === 0;

/** Nothing but text in the column that names things. */
export function isName(columns: readonly Column[], cells: LineCells): boolean {
  const name = columns.some(({ field }) => field === 'description') ? 'description' : 'sku';
  return cells[name] !== undefined && Object.keys(cells).length === 1;
}

/** Whether what would be goods is a label of something else: `Ordered by:`. */
export const isLabeled = ({ sku, description }: LineCells): boolean =>
  [...(sku ?? []), ...(description ?? [])].some(({ text }) => /:\s*$/.test(text));

/** Whether a row by itself states something of the order: `Liefertermin: 18.05.2026`. */
export const isStatement = ({ cells }: GridRow): boolean =>
  cells.every(({ text }) => text.length <= MAX_STATEMENT_CHARACTERS && labelAt(plainPage(text), 0)?.marked === true);

/** Whether texts keep to one column each, as what goes on in its cell does. */
export const isWithin = (columns: readonly Column[], cells: LineCells): boolean =>
  Object.values(cells)
    .flat()
    .every((cell) => columns.filter((column) => overlap(column, cell) > 0).length <= 1);

/** Goes on with a line. */
export function append(line: LineCells, more: LineCells): LineCells {
  for (const [field, cells] of Object.entries(more) as [LineField, GridCell[]][]) {
    const own = line[field];
    if (own) own.push(...cells);
    else line[field] = cells;
  }
  return line;
}

/** The cells of a row by the column they stand in. */
export function cellsOf(grid: Grid, columns: readonly Column[], { cells }: GridRow): LineCells {
  const found: LineCells = {};
  const placed = columnsOf(columns, cells, grid.paged);
  for (const [index, cell] of cells.entries()) {
    const field = placed[index]?.field;
    if (field) append(found, { [field]: [cell] });
  }
  return found;
}

/**
 * The column of each cell of a row. On a page a cell that stands below no header is not of a column that has a cell
 * below its own, if the next one on its other side is free: numbers are set to the right of a header, texts to the left.
 */
export function columnsOf<C extends Span>(
  columns: readonly C[],
  cells: readonly GridCell[],
  paged: boolean,
): (C | null)[] {
  const nearest = cells.map((cell) => columnOf(columns, cell, paged));
  if (!paged) return nearest;
  const own = new Set(nearest.filter((column, at) => column && overlap(column, cells[at] as GridCell) > 0));
  const sorted = columns.toSorted((a, b) => a.left - b.left);
  return nearest.map((column, at) => {
    const cell = cells[at] as GridCell;
    if (!column || !own.has(column) || overlap(column, cell) > 0) return column;
    const beside = sorted[sorted.indexOf(column) + (cell.left < column.left ? -1 : 1)];
    return beside && !nearest.includes(beside) ? beside : column;
  });
}

/** The column whose header a cell shares most of; on a page else the one that is nearest. */
export function columnOf<C extends Span>(columns: readonly C[], cell: GridCell, paged: boolean): C | null {
  let best: C | null = null;
  let most = paged ? -Infinity : 0;
  for (const column of columns) {
    const shared = overlap(column, cell);
    if (shared > most) [best, most] = [column, shared];
  }
  return best;
}
