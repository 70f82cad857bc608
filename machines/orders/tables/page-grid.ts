/**
 * The pages of a document as rows of cells.
 *
 * Owns: which items stand on one baseline, which of them are one cell, and how far apart rows are. Does not own: columns,
 * which only a header defines (`headers.ts`). Hidden items are left out.
 */
import type { Page, PageItem, ReadDocument } from '../document.ts';
import type { Source } from '../sources.ts';
import { type Box, type Grid, type GridCell, type GridRow, isBlank, NO_ROW } from './grid.ts';

/** In heights of the text: a space between words is narrower than what separates cells. */
const CELL_DISTANCE = 0.5;
const WORD_DISTANCE = 0.12;
const OVER = 0.25;
/** Centres of one row differ by less, in heights of the text. */
const SAME_ROW = 0.5;
/** So many rows make an edge of a column. */
const EDGE_ROWS = 3;
/** Rows of cells with one and with two lines that are centred lie nearer than lines of a text, in heights of it. */
const HALF_LINE = 0.85;
/** Goes on in the next line of its cell. */
const WRAPPED_CODE = /\d\S*[-/._]$/;
const MIN_BAND_ROWS = 3;
const MIN_BAND_COLUMNS = 3;
/** Columns of a text that was set with spaces. */
const SPACED_COLUMNS = /\s{3,}/;
const SPACED_PARTS = /\S+(?:\s{1,2}\S+)*/g;

/** The visible rows of all pages, one after another. */
export function pagesGrid({ artifact_id, filename }: ReadDocument, pages: readonly Page[]): Grid {
  const rows = pages.flatMap(rowsOf).map((row, index) => ({ ...row, index }));
  return {
    paged: true,
    count: rows.length,
    rowAt: (at) => rows[at] ?? NO_ROW,
    sourceOf: (cells) => sourceOf(artifact_id, filename, cells),
  };
}

function rowsOf({ number, items }: Page): GridRow[] {
  const visible = items.filter(({ hidden, text }) => !hidden && !isBlank(text)).flatMap(spacedParts);
  visible.sort((a, b) => middle(a) - middle(b) || a.x - b.x);
  const rows: PageItem[][] = [];
  for (const item of visible) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (first && middle(item) - middle(first) < SAME_ROW * Math.min(first.h, item.h)) row.push(item);
    else rows.push([item]);
  }
  for (const row of rows) row.sort((a, b) => a.x - b.x);
  const edges = edgesOf(rows);
  const starts = runsAt(rows, ({ x }) => x);
  const ends = runsAt(rows, ({ x, w }) => x + w);
  const begins = (item: PageItem, last: PageItem): boolean =>
    isApart(item, last) || isOnEdge(edges, item) || isAligned(starts.get(item)) || endsColumn(ends.get(item));
  const bands = bandsOf(rows.map((row) => runsOf(row, begins)));
  return bands.map((band, at) => ({
    cells: band.cells.map((cell) => cellOf(number, cell)),
    index: 0,
    gap: at === 0 ? 0 : gapBetween((bands[at - 1] as Band).last, band.first),
    startsPage: at === 0,
  }));
}

const middle = ({ y, h }: Pick<Frame, 'y' | 'h'>): number => y + h / 2;

/** An item whose columns are set apart by spaces, as several; its characters are taken to be equally wide. */
function spacedParts(item: PageItem): PageItem[] {
  if (!SPACED_COLUMNS.test(item.text)) return [item];
  const width = item.w / item.text.length;
  return Array.from(item.text.matchAll(SPACED_PARTS), ({ 0: text, index }) => ({
    ...item,
    text,
    x: item.x + index * width,
    w: text.length * width,
  }));
}

/** What lies between the text of two rows, in heights of the second. */
function gapBetween(above: readonly PageItem[], below: readonly PageItem[]): number {
  const [first, second] = [above[0] as PageItem, below[0] as PageItem];
  return Math.max(0, (second.y + second.h - first.y - first.h) / Math.max(second.h, 1) - 1);
}

/** The items of a row, a new run where one begins a cell. */
function runsOf(row: readonly PageItem[], begins: (item: PageItem, last: PageItem) => boolean): PageItem[][] {
  const runs: PageItem[][] = [];
  for (const item of row) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last && !begins(item, last)) run.push(item);
    else runs.push([item]);
  }
  return runs;
}

/** Text of one cell neither stands far apart nor over itself, as that of a column does which is too narrow for it. */
function isApart(item: PageItem, last: PageItem): boolean {
  const distance = (item.x - last.x - last.w) / Math.min(item.h, last.h);
  return distance > CELL_DISTANCE || distance < -OVER;
}

/** Where cells of several rows begin or end: in whole points, how many rows. */
interface Edges {
  left: ReadonlyMap<number, number>;
  right: ReadonlyMap<number, number>;
}

/** The edges of cells that stand clearly apart: of the same column in other rows they may touch. */
function edgesOf(rows: readonly (readonly PageItem[])[]): Edges {
  const edges = { left: new Map<number, number>(), right: new Map<number, number>() };
  const count = (side: Map<number, number>, x: number): void =>
    void side.set(Math.round(x), (side.get(Math.round(x)) ?? 0) + 1);
  for (const row of rows) {
    for (const run of runsOf(row, isApart).slice(1)) {
      const [first, last] = [run[0] as PageItem, run.at(-1) as PageItem];
      count(edges.left, first.x);
      count(edges.right, last.x + last.w);
    }
  }
  return edges;
}

/** Whether an item begins, or as a whole ends, where cells of other rows do. */
function isOnEdge({ left, right }: Edges, { x, w }: PageItem): boolean {
  const rows = (side: ReadonlyMap<number, number>, at: number): number =>
    [-1, 0, 1].reduce((sum, off) => sum + (side.get(Math.round(at) + off) ?? 0), 0);
  return rows(left, x) >= EDGE_ROWS || rows(right, x + w) >= EDGE_ROWS;
}

/** Items that begin or end at one place in rows that follow each other. */
interface Run {
  rows: number;
  /** How many of them stand clearly apart from what is before them. */
  apart: number;
  /** Where what stands before all of them ends; null if at several places. */
  end: number | null;
}

/** Of every item which others share its edge. */
function runsAt(rows: readonly (readonly PageItem[])[], edge: (item: PageItem) => number): Map<PageItem, Run> {
  const runs = new Map<PageItem, Run>();
  let above = new Map<number, Run>();
  for (const row of rows) {
    const here = new Map<number, Run>();
    for (const [index, item] of row.entries()) {
      const x = Math.round(edge(item));
      const last = row[index - 1];
      const end = last ? last.x + last.w : null;
      const run = above.get(x) ?? above.get(x - 1) ?? above.get(x + 1) ?? { rows: 0, apart: 0, end };
      run.rows += 1;
      if (last && isApart(item, last)) run.apart += 1;
      if (run.end === null || end === null || Math.abs(run.end - end) > 1) run.end = null;
      here.set(x, run);
      runs.set(item, run);
    }
    above = here;
  }
  return runs;
}

/** Words of a sentence do not stand one below the other; columns that touch do. */
const isAligned = (run: Run | undefined): boolean => isLong(run) && (run.apart > 0 || run.end !== null);

/** The last words of a text that is set to both margins end alike too. */
const endsColumn = (run: Run | undefined): boolean => isLong(run) && run.apart * 2 > run.rows;

const isLong = (run: Run | undefined): run is Run => run !== undefined && run.rows >= EDGE_ROWS;

/** What stands side by side as one row; each cell has the items of one place. */
interface Band {
  cells: readonly PageItem[][];
  first: readonly PageItem[];
  last: readonly PageItem[];
}

/**
 * The rows of a page. Cells of one or three lines that are centred beside cells of two stand half a line higher or
 * lower: such rows are one.
 */
function bandsOf(rows: readonly (readonly PageItem[][])[]): Band[] {
  const bands: Band[] = [];
  for (let at = 0; at < rows.length; ) {
    let next = at + 1;
    while (next < rows.length && isHalfLower(rows[next - 1] as PageItem[][], rows[next] as PageItem[][])) next += 1;
    const group = rows.slice(at, next);
    const stacks = group.length < MIN_BAND_ROWS ? null : centredIn(group.flat());
    const parts = stacks ? [stacks] : group;
    for (const [index, cells] of parts.entries()) {
      const [first, last] = stacks ? [group[0], group.at(-1)] : [group[index], group[index]];
      bands.push({ cells, first: (first as PageItem[][]).flat(), last: (last as PageItem[][]).flat() });
    }
    at = next;
  }
  return bands;
}

function isHalfLower(above: readonly PageItem[][], below: readonly PageItem[][]): boolean {
  const [first, second] = [above[0]?.[0] as PageItem, below[0]?.[0] as PageItem];
  if (middle(second) - middle(first) >= HALF_LINE * Math.min(first.h, second.h)) return false;
  return stacked([...above, ...below]).length === above.length + below.length;
}

interface Stack {
  items: PageItem[];
  frame: Frame;
}

/** Cells above each other together, from left to right. */
function stacked(cells: readonly PageItem[][]): Stack[] {
  const stacks: Stack[] = [];
  const framed = cells.map((items) => ({ items, frame: around(items) })).sort((a, b) => a.frame.x - b.frame.x);
  for (const { items, frame } of framed) {
    const stack = stacks.at(-1);
    if (stack && frame.x < stack.frame.x + stack.frame.w) {
      stack.items.push(...items);
      stack.frame = around([stack.frame, frame]);
    } else stacks.push({ items: [...items], frame });
  }
  return stacks;
}

/** The cells of a row of several lines; null unless all are centred on one line. */
function centredIn(cells: readonly PageItem[][]): PageItem[][] | null {
  const stacks = stacked(cells);
  const first = stacks[0] as Stack;
  if (stacks.length < MIN_BAND_COLUMNS) return null;
  const tolerance = SAME_ROW * (first.items[0] as PageItem).h;
  const isCentred = ({ frame }: Stack): boolean => Math.abs(middle(frame) - middle(first.frame)) < tolerance;
  if (!stacks.every(isCentred)) return null;
  return stacks.map(({ items }) => items.sort((a, b) => middle(a) - middle(b) || a.x - b.x));
}

function cellOf(page: number, items: readonly PageItem[]): GridCell {
  let text = '';
  let right = -Infinity;
  let last: PageItem | undefined;
  for (const item of items) {
    const lower = last !== undefined && middle(item) - middle(last) >= SAME_ROW * item.h;
    const away = lower ? !WRAPPED_CODE.test(text) : item.x - right > WORD_DISTANCE * item.h;
    const apart = away && text !== '' && !/\s$/.test(text) && !/^\s/.test(item.text);
    text += apart ? ` ${item.text}` : item.text;
    right = lower ? item.x + item.w : Math.max(right, item.x + item.w);
    last = item;
  }
  const box = around(items);
  return { text: text.trim(), left: box.x, right: box.x + box.w, at: { page, ...box } };
}

type Frame = Pick<Box, 'x' | 'y' | 'w' | 'h'>;

/** The frame around others. */
function around(frames: readonly Frame[]): Frame {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, w, h } of frames) {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + w), Math.max(bottom, y + h)];
  }
  return { x: left, y: top, w: right - left, h: bottom - top };
}

/** What goes on over pages is shown where it begins. */
function sourceOf(artifact_id: string, filename: string, cells: readonly GridCell[]): Source {
  const boxes = cells.map(({ at }) => at as Box);
  const { page } = boxes[0] as Box;
  const { x, y, w, h } = around(boxes.filter((box) => box.page === page));
  return { artifact_id, filename, kind: 'page', page, bbox: [x, y, w, h] };
}
