/**
 * What a table says in a column beside the fields of its lines.
 *
 * Owns: what all lines agree on in a column whose header is a label of the order: one delivery date, one order number,
 * one currency. And how many the price of a line is for, where a column says so.
 */

import type { Label } from '../texts/label-concepts.ts';
import { labelAt } from '../texts/phrases.ts';
import type { Piece } from '../texts/placed-text.ts';
import { fold, plainPage } from '../texts/tokens.ts';
import { amountIn } from '../values/cell-values.ts';
import type { Grid, GridCell } from './grid.ts';
import { type Column, columnOf } from './line-cells.ts';
import type { OrderTable } from './order-table.ts';

const FACTS: ReadonlySet<Label> = new Set(['deliveryDate', 'poNumber', 'currency']);
const MAX_LABEL_CHARACTERS = 80;
const BASIS =
  /^(?:preis[- ]?einheit|pe|price unit|price per|price basis|per|unite de prix|unidad de precio|unita (?:di )?prezzo)\.?$/;
const BASES: ReadonlySet<number> = new Set([1, 10, 100, 1000]);

/** Each fact as a label with its value: the header and the cell of the first line. */
export function factsOf(grid: Grid, table: OrderTable): Piece[][] {
  return table.columns.flatMap((column) => {
    if (column.field !== null || column.outside || !isFact(column)) return [];
    const cells = table.rows.map((row) => cellIn(grid, table, row, column));
    const [first] = cells;
    if (!first || cells.some((cell) => cell?.text !== first.text)) return [];
    return [[...column.header.flatMap((head) => [head, ' ']), ': ', first]];
  });
}

const isFact = ({ header }: Column): boolean => {
  const text = header.map((cell) => cell.text).join(' ');
  const page = plainPage(text.slice(0, MAX_LABEL_CHARACTERS));
  const match = labelAt(page, 0);
  return match !== null && match.next === page.body.length && FACTS.has(match.label);
};

function cellIn(grid: Grid, { columns }: OrderTable, row: number, column: Column): GridCell | undefined {
  return grid.rowAt(row).cells.find((cell) => columnOf(columns, cell, grid.paged) === column);
}

/** How many the price in a row is for; 1 where nothing says so. */
export function basisReader(grid: Grid, table: OrderTable): (line: number) => number {
  const column = table.columns.find(({ field, header }) => {
    return field === null && BASIS.test(fold(header.map(({ text }) => text.trim()).join(' ')));
  });
  return (line) => {
    const row = table.rows[line];
    const cell = column && row !== undefined ? cellIn(grid, table, row, column) : undefined;
    const basis = cell ? (amountIn(cell, null)?.readings[0] ?? 1) : 1;
    return BASES.has(basis) ? basis : 1;
  };
}
