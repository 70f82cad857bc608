/**
 * Which column of an order table is which, by its header.
 *
 * Owns: who gets a column that two fields want, and headers of two rows. Does not own: the words (`header-words.ts`).
 */

import type { LineField } from '../line-fields.ts';
import { fold } from '../texts/tokens.ts';
import type { DecimalMark } from '../values/numbers.ts';
import { type Candidate as Choosable, choose } from './column-choice.ts';
import { type Content, contentOf } from './column-content.ts';
import { type Grid, type GridCell, type GridRow, overlap, type Span } from './grid.ts';
import { MAX_HEADER_CHARACTERS, NAMED, namedBy } from './header-words.ts';
import { type Column, columnsOf } from './line-cells.ts';
import { totalsIn } from './totals-rows.ts';

export interface Header {
  columns: readonly Column[];
  score: number;
  /** Rows it takes, 1 or 2. */
  rows: number;
  /** Its quantity and what is ordered are named word for word. */
  strong: boolean;
}

/** What lies between the rows of one header: no blank row, on a page no line of text. */
const STACK_GAP = 1;
/** Rows below a header that are looked at, and cells in them. */
const SAMPLE_ROWS = 20;
const SAMPLE_CELLS = 400;
/** Further down nothing belongs to a header. */
const SAMPLE_GAP = 2;
/** A table has more. */
const MIN_COLUMNS = 2;

/** The header that begins at a row of the grid; null if it has no quantity, or nothing that is ordered. */
export function headerAt(grid: Grid, at: number, mark: DecimalMark | null): Header | null {
  const row = grid.rowAt(at);
  const single = headerOf(grid, at, singleColumns(row, grid.paged), 1, mark);
  const lower = grid.rowAt(at + 1);
  const stacks = lower.gap < STACK_GAP && !lower.startsPage && isWordy(row) && isWordy(lower);
  const stacked = stacks ? headerOf(grid, at, stackedColumns(row, lower), 2, mark) : null;
  const below = stacked ? headerOf(grid, at + 1, singleColumns(lower, grid.paged), 1, mark) : null;
  const alone = Math.max(single?.score ?? 0, below?.score ?? 0);
  const fuller = stacked && (stacked.score > alone || (stacked.score === alone && countOf(stacked) > countOf(single)));
  const best = fuller ? stacked : single;
  return best && isComplete(best) ? best : null;
}

const countOf = (header: Header | null): number => header?.columns.filter(({ field }) => field !== null).length ?? 0;

function singleColumns({ cells }: GridRow, paged: boolean): Candidate[] {
  const from = besideFrom(cells, paged);
  return cells.map((cell, at) => (at < from ? column(cell, [cell.text]) : outside(cell)));
}

/** A cell in the row of a header that is none of it. */
const outside = (cell: GridCell): Candidate => ({
  ...{ left: cell.left, right: cell.right, header: [cell] },
  ...{ matches: [], aside: true, outside: true },
});

/**
 * Index of the first cell of facts that stand beside a table: of the label whose value is in its row, behind a blank
 * column in a sheet.
 */
function besideFrom(cells: readonly GridCell[], paged: boolean): number {
  const value = cells.findIndex((cell, at) => at > MIN_COLUMNS && !isHeading(cell));
  if (value === -1) return cells.length;
  const label = value - 1;
  const [before, own] = [cells[label - 1] as GridCell, cells[label] as GridCell];
  return paged || own.left > before.right ? label : cells.length;
}

/** What a row names of an order line, complete or not; null unless it names two fields word for word. */
export function partialHeaderAt(grid: Grid, at: number): ReadonlySet<LineField> | null {
  const { fields: chosen, scores } = choose(singleColumns(grid.rowAt(at), grid.paged), null);
  const fields = new Set(chosen.values());
  const named = fields.has('sku') || fields.has('description') || fields.has('qty');
  const score = scores.values().reduce((sum, one) => sum + one, 0);
  return named && fields.size > 1 && score >= fields.size * NAMED ? fields : null;
}

interface Candidate extends Span, Choosable {
  header: readonly GridCell[];
  outside: boolean;
}

function headerOf(
  grid: Grid,
  at: number,
  candidates: readonly Candidate[],
  rows: number,
  mark: DecimalMark | null,
): Header | null {
  // Rows that name nothing are most rows; what stands below them is not looked at.
  const named = candidates.filter(({ matches }) => matches.length > 0).length;
  const understood = candidates.filter(({ matches, aside }) => aside || matches.length > 0).length;
  if (named === 0 || understood < 2) return null;
  const heads = candidates.flatMap(({ header, outside }) => (outside ? [] : header));
  const contents = heads.every(isHeading) ? sampled(grid, at + rows, candidates, mark) : null;
  const { fields, scores } = choose(candidates, contents);
  const scoreOf = (field: LineField): number => scores.get(field) ?? 0;
  // A count that no word names is one only beside goods that words name.
  if (scores.get('qty') === 0 && Math.max(scoreOf('sku'), scoreOf('description')) === 0) return null;
  return {
    columns: candidates.map(({ left, right, header, outside }, index) => ({
      ...{ left, right, header, outside },
      field: fields.get(index) ?? null,
    })),
    score: scores.values().reduce((sum, score) => sum + score, 0),
    rows,
    strong: Math.min(scoreOf('qty'), Math.max(scoreOf('sku'), scoreOf('description'))) >= NAMED,
  };
}

/** What stands below a header, up to the first totals or the first gap; null if nothing does. */
function sampled(grid: Grid, from: number, columns: readonly Candidate[], mark: DecimalMark | null): Content[] | null {
  const rows: (GridCell | undefined)[][] = [];
  let cells = 0;
  for (let at = from; at < from + SAMPLE_ROWS && at < grid.count && cells < SAMPLE_CELLS; at += 1) {
    const row = grid.rowAt(at);
    if (!grid.paged && row.gap >= SAMPLE_GAP) break;
    if (row.startsPage || row.cells.some(isLabel) || totalsIn(grid, row, undefined, mark)?.amount) break;
    // Section titles, remarks and wrapped texts stand by themselves.
    if (row.cells.length < 2 || !row.cells.some(({ text }) => /\d/.test(text))) continue;
    cells += row.cells.length;
    const own: (GridCell | undefined)[] = new Array(columns.length).fill(undefined);
    const placed = columnsOf(columns, row.cells, grid.paged);
    for (const [index, cell] of row.cells.entries()) {
      const column = placed[index];
      if (column) own[columns.indexOf(column)] ??= cell;
    }
    rows.push(own);
  }
  if (rows.length === 0) return null;
  return columns.map((_, index) =>
    contentOf(
      rows.map((row) => row[index]),
      mark,
    ),
  );
}

function isComplete({ columns }: Header): boolean {
  const has = (name: LineField): boolean => columns.some(({ field }) => field === name);
  return has('qty') && (has('sku') || has('description'));
}

/** The columns of two rows: a cell above several speaks with each of them. */
function stackedColumns(upper: GridRow, lower: GridRow): Candidate[] {
  const above = lower.cells.map((cell) => {
    const over = upper.cells.filter((head) => overlap(head, cell) > 0);
    return over.length > 0 ? over : upper.cells.filter(({ left }) => left <= cell.left).slice(-1);
  });
  const uses = new Map<GridCell, number>();
  for (const head of above.flat()) uses.set(head, (uses.get(head) ?? 0) + 1);
  const below = lower.cells.map((cell, index) => {
    const heads = above[index] as readonly GridCell[];
    const own = heads.filter((head) => overlap(head, cell) > 0);
    const text = heads.map((head) => head.text).join(' ');
    const together = [`${text} ${cell.text}`, `${cell.text} ${text}`];
    const shared = heads.some((head) => (uses.get(head) as number) > 1);
    const alone = shared ? [] : [cell.text, ...(own.length > 0 ? [text] : [])];
    return column(cell, [...together, ...alone], heads, shared ? [] : own);
  });
  const rest = upper.cells.filter((head) => !uses.has(head)).map((cell) => column(cell, [cell.text]));
  return [...below, ...rest].sort((a, b) => a.left - b.left);
}

/** A header says words, or a sign such as `#`, no numbers. */
const isWordy = ({ cells }: GridRow): boolean =>
  cells.length > 0 &&
  cells.every(({ typed, text }) => !typed && text.length <= MAX_HEADER_CHARACTERS && /\p{L}|^[#%€$£]$/u.test(text));

/** No value: no date, no number but what prices are for, no address. */
const isHeading = ({ typed, text }: GridCell): boolean =>
  !typed && text.length <= MAX_HEADER_CHARACTERS && !VALUE.test(text.replace(BASES, ''));
const isLabel = ({ text }: GridCell): boolean => /:\s*$/.test(text);
const BASES = /(?<!\d)1000?(?!\d)/g;
const VALUE = /\d{3}|\d[./-]\d|@/;

/** A cell and those above it; a head that others share does not widen it. */
function column(cell: GridCell, texts: readonly string[], heads: readonly GridCell[] = [], own = heads): Candidate {
  return {
    left: own.reduce((least, { left }) => Math.min(least, left), cell.left),
    right: own.reduce((most, { right }) => Math.max(most, right), cell.right),
    header: [...heads, cell],
    outside: false,
    ...(cell.typed ? { matches: [], aside: false } : namedBy(texts)),
  };
}

const saidIn = ({ columns }: Header): string =>
  columns.map(({ header }) => fold(header.map(({ text }) => text).join(' '))).join('\n');

/** Whether two headers say the same. */
export const isSameHeader = (header: Header, before: Header): boolean => saidIn(header) === saidIn(before);

/** What is headed alike is the same, however few lines are below. */
export const repeated = (header: Header, { columns }: Header): Header => ({
  ...header,
  columns: header.columns.map((column, index) => ({ ...column, field: columns[index]?.field ?? null })),
});
