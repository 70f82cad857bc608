/**
 * Which column of an order table is which, by its header.
 *
 * Owns: who gets a column that two fields want, and headers of two rows. Does not own: the words (`header-words.ts`).
 */
import { type Grid, type GridCell, type GridRow, overlap, type Span } from './grid.ts';
import {
  EQUAL_BESIDES_BRACKETS,
  fullest,
  GENERIC,
  MAX_HEADER_CHARACTERS,
  type Match,
  matchesOf,
} from './header-words.ts';
import type { LineField } from './line-fields.ts';

/** A column with a header; `field` is null if the header names nothing of an order line. */
export interface Column extends Span {
  field: LineField | null;
  /** All cells of its header. */
  header: readonly GridCell[];
}

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
/** The header that begins at a row of the grid; null if it has no quantity, or nothing that is ordered. */
export function headerAt(grid: Grid, at: number): Header | null {
  const row = grid.rowAt(at);
  const single = singleHeader(row);
  const lower = grid.rowAt(at + 1);
  const stacks = lower.gap < STACK_GAP && !lower.startsPage && isWordy(row) && isWordy(lower);
  const stacked = stacks ? chosen(stackedColumns(row, lower), 2) : null;
  const alone = Math.max(single?.score ?? 0, stacked ? (singleHeader(lower)?.score ?? 0) : 0);
  const best = stacked && stacked.score > alone ? stacked : single;
  return best && isComplete(best) ? best : null;
}

const singleHeader = ({ cells }: GridRow): Header | null =>
  chosen(
    cells.map((cell) => column(cell, [cell.text])),
    1,
  );

/** What a row names of an order line, complete or not; null unless it names two fields word for word. */
export function partialHeaderAt(grid: Grid, at: number): ReadonlySet<LineField> | null {
  const header = chosen(
    grid.rowAt(at).cells.map((cell) => column(cell, [cell.text])),
    1,
  );
  const fields = new Set(header?.columns.flatMap(({ field }) => field ?? []));
  const named = fields.has('sku') || fields.has('description') || fields.has('qty');
  return header && named && fields.size > 1 && header.score >= fields.size * EQUAL_BESIDES_BRACKETS ? fields : null;
}

interface Placed extends Match {
  left: number;
  /** Of its column among the candidates. */
  index: number;
}

interface Candidate extends Span {
  header: readonly GridCell[];
  matches: readonly Match[];
}

function chosen(candidates: readonly Candidate[], rows: number): Header | null {
  const matches = candidates.flatMap(({ matches, left }, index) => matches.map((match) => ({ ...match, left, index })));
  if (matches.length < 2) return null;
  matches.sort((a, b) => b.score - a.score || a.rank - b.rank || a.left - b.left);
  const scores = new Map<LineField, number>();
  const fields = new Map<number, LineField>();
  for (const { field, index, score } of matches) {
    if (scores.has(field) || fields.has(index)) continue;
    scores.set(field, score);
    fields.set(index, field);
  }
  nameGeneric(matches, fields);
  const scoreOf = (field: LineField): number => scores.get(field) ?? 0;
  return {
    columns: candidates.map(({ left, right, header }, index) => ({
      ...{ left, right, header },
      field: fields.get(index) ?? null,
    })),
    score: scores.values().reduce((sum, score) => sum + score, 0),
    rows,
    strong: Math.min(scoreOf('qty'), Math.max(scoreOf('sku'), scoreOf('description'))) >= EQUAL_BESIDES_BRACKETS,
  };
}

/** Where nothing is called a name: `Item` is one next to a column of codes, and of two the second. */
function nameGeneric(matches: readonly Placed[], fields: Map<number, LineField>): void {
  if (new Set(fields.values()).has('description')) return;
  const codes = matches.filter(({ field }) => field === 'sku');
  const isGeneric = ({ phrase }: Match): boolean => GENERIC.includes(phrase);
  const taken = codes.find(({ index }) => fields.get(index) === 'sku');
  const free = codes.filter(({ index }) => !fields.has(index));
  const code = taken && isGeneric(taken) ? free.find((match) => !isGeneric(match)) : undefined;
  const name = code ? taken : free.find(isGeneric);
  if (code) fields.set(code.index, 'sku');
  if (name) fields.set(name.index, 'description');
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

/** A header says words, no numbers. */
const isWordy = ({ cells }: GridRow): boolean =>
  cells.length > 0 &&
  cells.every(({ typed, text }) => !typed && text.length <= MAX_HEADER_CHARACTERS && /\p{L}/u.test(text));

/** A cell and those above it; a head that others share does not widen it. */
function column(cell: GridCell, texts: readonly string[], heads: readonly GridCell[] = [], own = heads): Candidate {
  return {
    left: own.reduce((least, { left }) => Math.min(least, left), cell.left),
    right: own.reduce((most, { right }) => Math.max(most, right), cell.right),
    header: [...heads, cell],
    matches: cell.typed ? [] : fullest(texts.flatMap(matchesOf)),
  };
}
