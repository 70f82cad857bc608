/**
 * What one document says of an order: lines of its tables or its prose, and values with their places.
 *
 * Owns: the shape of that, and the reading of texts. Does not own: grids (`grid-reading.ts`), nor which document counts
 * (`settling.ts`).
 */
import { readText } from './extract.ts';
import type { Field } from './fields.ts';
import { LINE_FIELDS, type LineField, type LineFields } from './items.ts';
import { type PlacedText, placed } from './placed-text.ts';
import type { Found } from './sources.ts';
import { readPage } from './tokens.ts';
import type { TotalKind } from './totals-rows.ts';

export interface DocumentReading {
  lines: readonly DocumentLine[];
  /** By path, as often as it is said. */
  found: ReadonlyMap<string, readonly Found[]>;
  currencies: readonly Found[];
  tables: readonly ReadTable[];
  /** Without a table: the fields named by the row that comes nearest to a header. */
  partial: ReadonlySet<LineField> | null;
  /** All that is visible, row by row. */
  text: PlacedText;
}

/** An order line, and the fields that its table has no column for. */
export interface DocumentLine {
  fields: LineFields<Found>;
  without: ReadonlySet<LineField>;
}

/** The lines of one table with the totals stated below them. */
export interface ReadTable {
  lines: readonly LineFields<Found>[];
  totals: readonly { kind: TotalKind; amount: Found }[];
}

/** Reads a text that is no table: a message, a text file, a subject. */
export function readLines(text: PlacedText): DocumentReading {
  const page = readPage(text.text);
  const { found, currencies, lines } = readText(page);
  const here = (field: Field): Found => placed(field, page, text);
  return {
    lines: lines.map((line) => ({ fields: mapFields(line, here), without: new Set() })),
    found: new Map(Array.from(found, ([path, fields]) => [path, fields.map(here)])),
    currencies: currencies.map(here),
    ...{ tables: [], partial: null, text },
  };
}

/** The fields of a line, each made into something else. */
export const mapFields = <A, B>(line: LineFields<A>, make: (field: A) => B): LineFields<B> =>
  Object.fromEntries(
    LINE_FIELDS.flatMap((name) => {
      const field = line[name];
      return field === undefined ? [] : [[name, make(field)]];
    }),
  );
