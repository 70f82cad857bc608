/**
 * A text whose lines are set in columns, as rows of cells.
 *
 * Owns: where a line is cut into cells: at tabs and bars, else where two spaces stand. What is quoted is no part of it.
 */

import type { TextLine } from '../texts/parts.ts';
import type { PlacedText } from '../texts/placed-text.ts';
import type { Grid, GridCell, GridRow } from './grid.ts';
import { NO_ROW } from './grid.ts';

/** Offsets in the text, UTF-16 units. */
export interface TextSpan {
  start: number;
  end: number;
}

const DELIMITED = /[^\t|]+/g;
const SPACED = /\S+(?: \S+)*/g;
const WORDLESS = /^[^\p{L}\p{N}]*$/u;
/** A blank line is wider than what may stand between lines of one cell. */
const BLANK_LINE = 2;

/** The lines of a text as rows. Rulers are none. */
export function textGrid(text: PlacedText, lines: readonly TextLine[]): Grid {
  const rows: GridRow[] = [];
  let blanks = 0;
  for (const [index, line] of lines.entries()) {
    const raw = line.part === 'quoted' ? '' : text.text.slice(line.start, line.end);
    const cells = WORDLESS.test(raw) ? [] : cellsOf(raw, line.start);
    if (cells.length > 0) {
      rows.push({ cells, index, gap: blanks * BLANK_LINE, startsPage: false });
      blanks = 0;
    } else if (!/\S/.test(raw)) blanks += 1;
  }
  return {
    paged: true,
    count: rows.length,
    rowAt: (at) => rows[at] ?? NO_ROW,
    sourceOf(cells) {
      const [first, last] = [cells[0], cells.at(-1)] as [GridCell, GridCell];
      return text.sourceOf((first.at as TextSpan).start, (last.at as TextSpan).end);
    },
  };
}

function cellsOf(line: string, offset: number): GridCell[] {
  const delimited = /[\t|]/.test(line.trim());
  const parts = delimited ? Array.from(line.matchAll(DELIMITED)) : Array.from(line.matchAll(SPACED));
  return parts.flatMap(({ 0: part, index }, column) => {
    const said = part.trim();
    if (said === '') return [];
    const from = index + part.indexOf(said);
    const span = delimited ? [column, column + 1] : [from, from + said.length];
    const [left, right] = span as [number, number];
    return [{ text: said, left, right, at: { start: offset + from, end: offset + from + said.length } }];
  });
}
