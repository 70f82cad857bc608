/**
 * What one document says of an order: lines of its tables or its prose, and values with their places.
 *
 * Owns: the shape of that. Does not own: how texts (`text-reading.ts`) and grids (`grid-reading.ts`) are read, nor which
 * document counts (`settling.ts`).
 */
import { LINE_FIELDS, type LineField, type LineFields } from './line-fields.ts';
import type { Found } from './sources.ts';
import type { TotalKind } from './tables/totals-rows.ts';
import type { PlacedText } from './texts/placed-text.ts';

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

/** The fields of a line, each made into something else. */
export const mapFields = <A, B>(line: LineFields<A>, make: (field: A) => B): LineFields<B> =>
  Object.fromEntries(
    LINE_FIELDS.flatMap((name) => {
      const field = line[name];
      return field === undefined ? [] : [[name, make(field)]];
    }),
  );
