/**
 * A sheet or the pages of a document as rows of cells, so that tables and labels are found in both alike.
 *
 * Owns: the shape of a grid, and the grid of a sheet. Does not own: how the items of a page become rows
 * (`page-grid.ts`), nor what any of it means. Hidden cells are no part of a grid.
 */
import type { Cell, ReadDocument, Sheet } from '../document.ts';
import type { Source } from '../sources.ts';

export interface GridCell {
  /** Verbatim, not blank. */
  text: string;
  typed?: Cell['typed'];
  /** From where to where it reaches, in columns of a sheet or in points of a page. */
  left: number;
  right: number;
  /** What a source is made of. */
  at: Cell | Box | { start: number; end: number };
}

/** On a page; points, origin top left. */
export interface Box {
  page: number;
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface GridRow {
  /** From left to right; empty if all of it is hidden. */
  cells: readonly GridCell[];
  /** Of a sheet: from 0. Of pages: counted on over all of them. */
  index: number;
  /** Blank rows before it. */
  gap: number;
  /** First row of a page. */
  startsPage: boolean;
}

export interface Grid {
  /** On pages descriptions wrap, and headers and footers stand between rows. */
  paged: boolean;
  count: number;
  rowAt(index: number): GridRow;
  /** The place of one or more cells. */
  sourceOf(cells: readonly GridCell[]): Source;
}

const RECENT_ROWS = 16;
/** The row beyond the ends. */
export const NO_ROW: GridRow = { cells: [], index: -1, gap: 0, startsPage: false };

/** The visible cells of a sheet. */
export function sheetGrid({ artifact_id, filename }: ReadDocument, { name, rows }: Sheet): Grid {
  const filled = rows.filter((row) => row.some(({ text }) => !isBlank(text)));
  // Rows are made when they are looked at, and those near each other are looked at again and again.
  const recent: { at: number; row: GridRow }[] = [];
  return {
    paged: false,
    count: filled.length,
    rowAt(at) {
      const slot = at % RECENT_ROWS;
      if (recent[slot]?.at !== at) recent[slot] = { at, row: sheetRow(filled, at) };
      return recent[slot].row;
    },
    sourceOf(cells) {
      const refs = cells.map(({ at }) => (at as Cell).ref);
      const cell = refs.length === 1 ? (refs[0] as string) : `${refs[0]}:${refs.at(-1)}`;
      return { artifact_id, filename, kind: 'cell', sheet: name, cell };
    },
  };
}

function sheetRow(filled: Sheet['rows'], at: number): GridRow {
  const [row, above] = [filled[at], filled[at - 1]];
  if (!row) return NO_ROW;
  const { row: index } = row[0] as Cell;
  const cells = row.filter(({ text, hidden }) => !hidden && !isBlank(text)).map(sheetCell);
  return { cells, index, gap: index - (above?.[0]?.row ?? -1) - 1, startsPage: false };
}

const sheetCell = (cell: Cell): GridCell => ({
  text: cell.text,
  ...(cell.typed && { typed: cell.typed }),
  left: cell.column,
  right: cell.column + 1,
  at: cell,
});

export const isBlank = (text: string): boolean => !/\S/.test(text);

/** How far two cells share their columns, in the unit of the grid; negative by the distance between them. */
export const overlap = (a: Span, b: Span): number => Math.min(a.right, b.right) - Math.max(a.left, b.left);

export type Span = Pick<GridCell, 'left' | 'right'>;
