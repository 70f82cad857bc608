/**
 * The tables of a grid: where each begins and ends, and which cells belong to which line.
 *
 * Owns: the walk over the rows. The header is the one of the highest score among the first 200 rows; every later header
 * that names quantity and article word for word goes on with the table or begins another. Does not own: what the cells
 * say (`table-lines.ts`).
 */

import type { LineField } from '../line-fields.ts';
import { isSignOff } from '../texts/parts.ts';
import type { DecimalMark } from '../values/numbers.ts';
import type { Grid, GridRow, Span } from './grid.ts';
import { type Header, headerAt, isSameHeader, partialHeaderAt, repeated } from './headers.ts';
import type { Column } from './line-cells.ts';
import {
  append,
  cellsOf,
  isLabeled,
  isName,
  isNumeric,
  isSentence,
  isStatement,
  isWithin,
  type LineCells,
  onlyText,
} from './line-cells.ts';
import { type TotalsRow, totalsIn } from './totals-rows.ts';

export interface OrderTable {
  columns: readonly Column[];
  lines: LineCells[];
  /** The row of each line in the grid; the last, if it began above. */
  rows: number[];
  totals: TotalsRow[];
}

export interface Tables {
  tables: readonly OrderTable[];
  /** Rows of the grid that are header, line or total, with what the table takes of their width. */
  used: ReadonlyMap<number, Span>;
  /** Without a table: what the row that comes nearest to a header names. */
  partial: ReadonlySet<LineField> | null;
}

const HEADER_ROWS = 200;
const BLANK_ROWS = 2;
/** On a page text of the same cell is nearer than this, in heights of its text. */
const WRAP_GAP = 1;
/** Lines of a text stand nearer than this to each other. */
const TIGHT_GAP = 0.6;
const SAME_PITCH = 0.9;
/** Rows of a page may stand somewhat wider apart than those before. */
const PITCH_TOLERANCE = 1.3;
/** Rows of one line stand nearer than that to each other, as a part of what lies between lines. */
const WRAP_PART = 0.5;
interface Walk {
  grid: Grid;
  mark: DecimalMark | null;
  limit: number;
  tables: OrderTable[];
  used: Map<number, Span>;
  open: Open | null;
  /** Totals go on below those that ended the table. */
  below: OrderTable | null;
  /** Up to where a header is looked for. */
  reach: number;
  lines: number;
}

interface Open {
  table: OrderTable;
  blanks: number;
  /** On pages: what lies between two lines at most, and before the last line. */
  pitch: number;
  before: number;
  /** On pages: what stands between is not of the table, the next line may follow. */
  paused: boolean;
  /** The beginning of a text that goes on in the next line. */
  ahead: LineCells | null;
}

/** The tables of a grid, as far as they have no more than `limit` + 1 lines. */
export function tablesOf(grid: Grid, mark: DecimalMark | null, limit: number): Tables {
  const best = bestHeader(grid, mark);
  if (!best) return { tables: [], used: new Map(), partial: nearestHeader(grid) };
  const walk: Walk = {
    ...{ grid, mark, limit, tables: [], used: new Map<number, Span>() },
    ...{ open: null, below: null, reach: HEADER_ROWS, lines: 0 },
  };
  for (let at = 0; at < grid.count && walk.lines <= limit; ) at = step(walk, at, best);
  return { tables: walk.tables, used: walk.used, partial: null };
}

interface Placed {
  at: number;
  header: Header;
}

function bestHeader(grid: Grid, mark: DecimalMark | null): Placed | null {
  let best: Placed | null = null;
  let reach = HEADER_ROWS;
  for (let at = 0; at < grid.count; at += 1) {
    const row = grid.rowAt(at);
    if (row.startsPage) reach = row.index + HEADER_ROWS;
    if (row.index >= reach) {
      if (!grid.paged) break;
      continue;
    }
    const header = headerAt(grid, at, mark);
    if (header && header.score > (best?.header.score ?? 0)) best = { at, header };
  }
  return best;
}

function nearestHeader(grid: Grid): ReadonlySet<LineField> | null {
  for (let at = 0; at < grid.count && grid.rowAt(at).index < HEADER_ROWS; at += 1) {
    const fields = partialHeaderAt(grid, at);
    if (fields) return fields;
  }
  return null;
}

/** Reads a row; the row to go on with. */
function step(walk: Walk, at: number, best: Placed): number {
  const row = walk.grid.rowAt(at);
  if (row.startsPage) {
    walk.reach = row.index + HEADER_ROWS;
    if (walk.open) walk.open.paused = true;
  }
  const sought = walk.open !== null || row.index < walk.reach;
  const header = at === best.at ? best.header : sought ? headerAt(walk.grid, at, walk.mark) : null;
  if (header && isSameHeader(header, best.header)) return begin(walk, at, repeated(header, best.header));
  if (header?.strong) return begin(walk, at, header);
  if (readTotals(walk, row, at)) return at + 1;
  if (walk.open) {
    const { columns } = walk.open.table;
    const taken = walk.grid.paged ? pagedRow(walk, walk.open, row, at) : sheetRow(walk, walk.open, row, at);
    if (taken) walk.used.set(at, widthOf(walk.grid, columns));
  }
  return at + 1;
}

function begin(walk: Walk, at: number, { columns, rows }: Header): number {
  const table: OrderTable = { columns, lines: [], rows: [], totals: [] };
  walk.open = { table, blanks: 0, pitch: WRAP_GAP, before: 0, paused: false, ahead: null };
  walk.below = null;
  walk.tables.push(table);
  for (let row = at; row < at + rows; row += 1) walk.used.set(row, widthOf(walk.grid, columns));
  return at + rows;
}

const EVERYWHERE: Span = { left: Number.NEGATIVE_INFINITY, right: Number.POSITIVE_INFINITY };

/** On a page texts reach over their header, up to what stands beside the table. */
function widthOf({ paged }: Grid, columns: readonly Column[]): Span {
  const own = columns.filter(({ outside }) => !outside);
  const beside = columns.filter(({ outside }) => outside).map(({ left }) => left);
  const least = (all: readonly number[]): number => all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (paged) return { left: Number.NEGATIVE_INFINITY, right: least(beside) };
  return { left: least(own.map(({ left }) => left)), right: -least(own.map(({ right }) => -right)) };
}

function close(walk: Walk, index: number): void {
  walk.open = null;
  walk.reach = index + HEADER_ROWS;
}

/** Totals end a table; more of them may follow. */
function readTotals(walk: Walk, row: GridRow, at: number): boolean {
  const table = walk.open?.table ?? walk.below;
  if (!table || row.cells.length === 0) return false;
  const code = cellsOf(walk.grid, table.columns, row).sku?.[0];
  const totals = totalsIn(walk.grid, row, code, walk.mark);
  walk.below = totals ? table : null;
  if (!totals) return false;
  table.totals.push(totals);
  close(walk, row.index);
  walk.used.set(at, EVERYWHERE);
  return true;
}

/** A row of a sheet is a line if it names what is ordered; two blank ones end the table. */
function sheetRow(walk: Walk, open: Open, row: GridRow, at: number): boolean {
  const cells = cellsOf(walk.grid, open.table.columns, row);
  if (isLabeled(cells)) {
    close(walk, row.index);
    return false;
  }
  const filled = Object.keys(cells).length > 0;
  open.blanks += row.gap + (filled || row.cells.length === 0 ? 0 : 1);
  if (open.blanks >= BLANK_ROWS) {
    close(walk, row.index);
    return false;
  }
  // Below a blank row text by itself is none of the table.
  const text = row.gap > 0 && row.cells.length === 1 && onlyText(cells);
  if (text && open.table.lines.length > 0) {
    close(walk, row.index);
    return false;
  }
  if (filled) open.blanks = 0;
  if (cells.sku || cells.description) addLine(walk, open.table, cells, at);
  return filled;
}

function addLine(walk: Walk, table: OrderTable, cells: LineCells, at: number): void {
  table.lines.push(cells);
  table.rows.push(at);
  walk.lines += 1;
}

/**
 * A row of a page is a line if it names what is ordered and counts or prices it. Text by itself goes on with the line
 * that it is nearest to; anything else, such as the foot of the page, is none of the table.
 */
function pagedRow(walk: Walk, open: Open, row: GridRow, at: number): boolean {
  const cells = cellsOf(walk.grid, open.table.columns, row);
  if (isLabeled(cells) || (onlyText(cells) && isStatement(row))) return pause(open);
  const near = !open.paused && row.gap <= Math.max(WRAP_GAP, open.pitch * PITCH_TOLERANCE);
  const inside = !open.paused && open.table.lines.length > 0 && row.gap < open.before * WRAP_PART;
  if (!(inside && onlyText(cells)) && isLine(walk, open, row, cells, near)) {
    if (near) open.pitch = Math.max(open.pitch, row.gap);
    open.before = row.gap;
    addLine(walk, open.table, append(open.ahead ?? {}, cells), at);
    Object.assign(open, { paused: false, ahead: null });
    return true;
  }
  const text = inside ? onlyText(cells) : isName(open.table.columns, cells);
  if (open.paused || !text || isSentence(row, open.table.columns) || row.cells.some(({ text }) => isSignOff(text)))
    return pause(open);
  const next = walk.grid.rowAt(at + 1);
  const last = open.table.lines.at(-1);
  const nearer = next.gap < Math.min(row.gap, WRAP_GAP);
  if (nearer && isLine(walk, open, next, cellsOf(walk.grid, open.table.columns, next), true)) {
    open.ahead = append(open.ahead ?? {}, cells);
  } else if (last && isWrap(open, row) && isWithin(open.table.columns, cells)) append(last, cells);
  else return pause(open);
  return true;
}

/** Text that stands wide apart goes on with nothing, if lines stand no wider: it heads what follows. */
const isWrap = ({ before }: Open, { gap }: GridRow): boolean =>
  gap <= WRAP_GAP && (gap <= TIGHT_GAP || gap < before * SAME_PITCH);

/** What follows may be of the table again; a row that begins a line there does not go on with one here. */
function pause(open: Open): false {
  Object.assign(open, { paused: true, ahead: null });
  return false;
}

function isLine({ mark }: Walk, { table }: Open, row: GridRow, cells: LineCells, near: boolean): boolean {
  if (!cells.sku && !cells.description) return false;
  if (isSentence(row, table.columns)) return false;
  if (isNumeric(cells.qty, mark)) return true;
  return near && (isNumeric(cells.unit_price ?? cells.total_price, mark) || Boolean(cells.sku && cells.description));
}
