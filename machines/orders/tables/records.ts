/**
 * Order lines that are written as records: a labeled value on each line, `Article: …`, `Quantity: …`.
 *
 * Owns: where a record begins and ends. Which label is which field is decided as for the columns of a table
 * (`column-choice.ts`): records are its rows, written one below another.
 */

import type { TextLine } from '../texts/parts.ts';
import type { DecimalMark } from '../values/numbers.ts';
import { choose } from './column-choice.ts';
import { contentOf } from './column-content.ts';
import type { GridCell } from './grid.ts';
import { namedBy } from './header-words.ts';
import type { LineCells } from './line-cells.ts';

export interface Records {
  lines: readonly LineCells[];
  /** Lines of the text that they take. */
  used: ReadonlySet<number>;
}

const RECORD = /^\s*(?:[-*•] ?)?([^:=\n]{1,40}?)\s?[:=]\s+(\S.*)$/;
/** Records of more kinds of labels are none of one order. */
const MAX_LABELS = 60;
/** So many say what a label means. */
const SAMPLE_RECORDS = 20;

interface Record {
  /** By label, as they stand. */
  cells: Map<string, GridCell>;
  lines: number[];
}

/** The records of a text that name what is ordered and how many. */
export function recordsIn(text: string, lines: readonly TextLine[], mark: DecimalMark | null): Records {
  const records = blocksOf(text, lines).filter(isOfGoods);
  const labels = [...new Set(records.flatMap(({ cells }) => [...cells.keys()]))].slice(0, MAX_LABELS);
  const sample = records.slice(0, SAMPLE_RECORDS);
  const { fields } = choose(
    labels.map((label, left) => ({ left, ...namedBy([label]) })),
    labels.map((label) =>
      contentOf(
        sample.map(({ cells }) => cells.get(label)),
        mark,
      ),
    ),
  );
  const read = records.map(({ cells, lines: taken }) => {
    const line: LineCells = {};
    for (const [index, field] of fields) {
      const cell = cells.get(labels[index] as string);
      if (cell) line[field] = [cell];
    }
    return { line, taken };
  });
  const complete = read.filter(({ line }) => line.qty && (line.sku || line.description));
  return { lines: complete.map(({ line }) => line), used: new Set(complete.flatMap(({ taken }) => taken)) };
}

/** A record ends where a line is none, or says a label again. */
function blocksOf(text: string, lines: readonly TextLine[]): Record[] {
  const records: Record[] = [];
  let open: Record | null = null;
  for (const [index, line] of lines.entries()) {
    const said = line.part === 'quoted' ? null : recordLine(text, line);
    if (!said) {
      open = null;
      continue;
    }
    if (!open || open.cells.has(said.label)) {
      open = { cells: new Map(), lines: [] };
      records.push(open);
    }
    open.cells.set(said.label, said.cell);
    open.lines.push(index);
  }
  return records;
}

function isOfGoods({ cells }: Record): boolean {
  const named = new Set(
    Array.from(cells.keys()).flatMap((label) => namedBy([label]).matches.map(({ field }) => field)),
  );
  return named.has('qty') && (named.has('sku') || named.has('description'));
}

function recordLine(text: string, { start, end }: TextLine): { label: string; cell: GridCell } | null {
  const [line, label, value] = RECORD.exec(text.slice(start, end)) ?? [];
  if (line === undefined || label === undefined || value === undefined) return null;
  const from = start + line.lastIndexOf(value);
  const said = value.trimEnd();
  const at = { start: from, end: from + said.length };
  return { label: label.trim(), cell: { text: said, left: 0, right: 1, at } };
}
