/**
 * What a text says of an order: a message, a text file, a subject.
 *
 * Owns: that lines in columns, and records of labeled values, are read as such where there are any, and sentences only
 * else.
 */
import { type DocumentReading, mapFields } from '../document-reading.ts';
import { readText } from '../extraction/extract.ts';
import type { Found } from '../sources.ts';
import { recordsIn } from '../tables/records.ts';
import { linesOf } from '../tables/table-lines.ts';
import { type GridTables, readTables } from '../tables/table-reading.ts';
import { textGrid } from '../tables/text-grid.ts';
import type { Field } from '../values/fields.ts';
import { type Conventions, conventionsOf } from '../values/money.ts';
import { linesOf as partsOf, type TextLine } from './parts.ts';
import { type PlacedText, placed } from './placed-text.ts';
import { readPage } from './tokens.ts';

/** Reads a text; of its lines no more than one beyond `maxLines`. */
export function readLines(text: PlacedText, maxLines: number): DocumentReading {
  const lines = partsOf(text.text);
  const said = conventionsOf(readPage(text.text));
  const tables = tablesIn(text, lines, said, maxLines);
  const page = readPage(text.text, (own) =>
    own.map((line, at) => (tables?.taken.has(at) ? { ...line, part: 'quoted' } : line)),
  );
  const conventions = { ...said, decimalMark: said.decimalMark ?? tables?.mark ?? null };
  const read = readText(page, conventions);
  const here = (field: Field): Found => placed(field, page, text);
  const fromText = read.lines.map((line) => ({ fields: mapFields(line, here), without: new Set<never>() }));
  return {
    lines: tables ? tables.lines : fromText,
    found: new Map(Array.from(read.found, ([path, fields]) => [path, fields.map(here)])),
    currencies: [...(tables?.currencies ?? []), ...read.currencies.map(here)],
    tables: tables?.tables ?? [],
    partial: null,
    text: { ...text, text: withoutQuoted(text.text, lines) },
  };
}

/** What is quoted is blank, so that every offset stays. */
const withoutQuoted = (text: string, lines: readonly TextLine[]): string =>
  lines
    .map(({ start, end, part }, at) => {
      const line = text.slice(start, lines[at + 1]?.start);
      return part === 'quoted' ? ' '.repeat(end - start) + line.slice(end - start) : line;
    })
    .join('');

type TextTables = Pick<GridTables, 'tables' | 'lines' | 'currencies' | 'mark'> & {
  /** Lines of the text. */
  taken: ReadonlySet<number>;
};

/** Columns with lines below their header, else records; null if there is neither. */
function tablesIn(
  text: PlacedText,
  lines: readonly TextLine[],
  { decimalMark }: Conventions,
  maxLines: number,
): TextTables | null {
  const grid = textGrid(text, lines);
  const first = readTables(grid, decimalMark, maxLines);
  const tables = first.mark === null || decimalMark !== null ? first : readTables(grid, first.mark, maxLines);
  if (tables.lines.length > 0)
    return { ...tables, taken: new Set(Array.from(tables.used.keys(), (at) => grid.rowAt(at).index)) };
  const records = recordsIn(text.text, lines, decimalMark);
  if (records.lines.length === 0) return null;
  const read = linesOf(
    grid,
    { columns: [], lines: records.lines.slice(0, maxLines + 1), rows: [], totals: [] },
    decimalMark,
  );
  return {
    tables: [{ lines: read.lines, totals: [] }],
    lines: read.lines.map((fields) => ({ fields, without: new Set() })),
    currencies: read.currencies,
    mark: read.mark,
    taken: records.used,
  };
}
