/**
 * The tables of one grid with what their lines and totals say.
 *
 * Owns: what of a table becomes part of a reading.
 */

import type { DocumentLine, ReadTable } from '../document-reading.ts';
import type { Found } from '../sources.ts';
import type { Piece } from '../texts/placed-text.ts';
import type { DecimalMark } from '../values/numbers.ts';
import { factsOf } from './column-facts.ts';
import type { Grid } from './grid.ts';
import { type Tables, tablesOf } from './order-table.ts';
import { linesOf } from './table-lines.ts';

export interface GridTables {
  grid: Grid;
  tables: readonly ReadTable[];
  lines: readonly DocumentLine[];
  /** Named by prices, headers and totals. */
  currencies: readonly Found[];
  /** What all lines say in a column of the order's own. */
  facts: readonly (readonly Piece[])[];
  used: Tables['used'];
  partial: Tables['partial'];
  /** What the arithmetic of its lines says. */
  mark: DecimalMark | null;
}

/** Reads the tables of a grid. */
export function readTables(grid: Grid, mark: DecimalMark | null, maxLines: number): GridTables {
  const { tables, used, partial } = tablesOf(grid, mark, maxLines);
  const read = tables.map((table) => ({ table, ...linesOf(grid, table, mark) }));
  return {
    ...{ grid, used, partial },
    facts: read.flatMap(({ table }) => factsOf(grid, table)),
    tables: read.map(({ table, lines }) => ({
      lines,
      totals: table.totals.flatMap(({ kind, amount }) => (amount ? [{ kind, amount }] : [])),
    })),
    lines: read.flatMap(({ table, lines }) => {
      const named = new Set(table.columns.map(({ field }) => field));
      const without = new Set((['sku', 'qty'] as const).filter((field) => !named.has(field)));
      return lines.map((fields) => ({ fields, without }));
    }),
    currencies: read.flatMap(({ table, currencies }) => [
      ...currencies,
      ...table.totals.flatMap(({ currency }) => currency ?? []),
    ]),
    mark: read.flatMap((table) => table.mark ?? [])[0] ?? null,
  };
}
