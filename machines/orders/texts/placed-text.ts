/**
 * Texts whose characters know where they stand: a message, and what is written in the cells of a grid.
 *
 * Owns: how cells become a text, and the way back from an offset to its place.
 */

import type { Found, Source } from '../sources.ts';
import type { Grid, GridCell, GridRow } from '../tables/grid.ts';
import type { Field } from '../values/fields.ts';
import { linesOf } from './parts.ts';
import type { Page } from './tokens.ts';

export interface PlacedText {
  text: string;
  /** The place of what stands from one offset to before another. */
  sourceOf(start: number, end: number): Source;
  /** What stands there, as it is written. */
  rawOf(start: number, end: number): string;
}

/** A text that is a file, or the text of the message. */
export function textOfLines(
  { artifact_id, filename }: { artifact_id: string; filename: string },
  text: string,
): PlacedText {
  const starts = linesOf(text).map(({ start }) => start);
  return {
    text,
    sourceOf(start, end) {
      const line = lastUpTo(starts, start);
      const offset = starts[line] as number;
      return { artifact_id, filename, kind: 'line', line: line + 1, start: start - offset, end: end - offset };
    },
    rawOf: (start, end) => text.slice(start, end),
  };
}

/** A field of the form. */
export const textOfForm = (field: string, text: string): PlacedText => ({
  text,
  sourceOf: () => ({ artifact_id: null, filename: null, kind: 'form', field }),
  rawOf: (start, end) => text.slice(start, end),
});

/** Pieces of text, each of a cell or of none. */
export type Piece = string | GridCell;

/** Cells with what is written between them; a cell with a day reads as that day. */
export function textOfCells(grid: Grid, pieces: readonly Piece[]): PlacedText {
  let length = 0;
  const texts = pieces.map((piece) => (typeof piece === 'string' ? piece : saidIn(piece)));
  const starts = texts.map((text) => {
    length += text.length;
    return length - text.length;
  });
  const text = texts.join('');
  const between = (start: number, end: number): GridCell[] => {
    const cells: GridCell[] = [];
    for (
      let at = lastUpTo(starts, start);
      at < starts.length && (starts[at] as number) < Math.max(end, start + 1);
      at += 1
    ) {
      const piece = pieces[at] as Piece;
      if (typeof piece !== 'string') cells.push(piece);
    }
    return cells;
  };
  return {
    text,
    sourceOf: (start, end) => grid.sourceOf(between(start, end)),
    rawOf(start, end) {
      const [cell, ...others] = between(start, end);
      return cell?.typed && others.length === 0 ? cell.text : text.slice(start, end);
    },
  };
}

const saidIn = ({ text, typed }: GridCell): string => (typed?.kind === 'date' ? typed.day : text);

/** Texts one after another. */
export function textsTogether(texts: readonly PlacedText[]): PlacedText {
  const starts: number[] = [];
  let text = '';
  for (const part of texts) {
    starts.push(text.length);
    text += `${part.text}\n`;
  }
  const at = <R>(start: number, read: (part: PlacedText, offset: number) => R): R => {
    const index = lastUpTo(starts, start);
    return read(texts[index] as PlacedText, starts[index] as number);
  };
  return {
    text,
    sourceOf: (start, end) => at(start, (part, offset) => part.sourceOf(start - offset, end - offset)),
    rawOf: (start, end) => at(start, (part, offset) => part.rawOf(start - offset, end - offset)),
  };
}

/** Rows as lines of text, a cell each: only a sentence that fills its row goes on in the next. */
export function proseOf(rows: readonly GridRow[]): Piece[] {
  return rows.flatMap(({ cells, gap, startsPage }) => {
    const apart = cells.length > 1 || gap >= 1 || startsPage;
    return cells.flatMap((cell): Piece[] => [apart ? '\n\n' : '\n', cell, cells.length > 1 ? '\n' : '']);
  });
}

/** Rows as lines of text, their cells set apart by `mark`. */
export const rowsOf = (rows: readonly GridRow[], mark: string): Piece[] =>
  rows.flatMap(({ cells }) => cells.flatMap((cell, at): Piece[] => [at === 0 ? '\n' : mark, cell]));

/** A field that was read in a text, with its place in the document. */
export function placed(field: Field, page: Page, text: PlacedText): Found {
  const offset = page.lines[(field.line as number) - 1] as { start: number };
  const [start, end] = [offset.start + (field.start as number), offset.start + (field.end as number)];
  const { value, readings, confidence } = field;
  return {
    ...{ value, readings, confidence, flags: [], method: 'deterministic' },
    ...{ raw: text.rawOf(start, end), source: text.sourceOf(start, end) },
  };
}

/** Index of the last of ascending numbers that is not beyond `offset`; 0 if all are. */
function lastUpTo(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
