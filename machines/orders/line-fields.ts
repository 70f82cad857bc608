/**
 * The fields of an order line.
 *
 * Owns: their names, their order, and how many lines an order may have.
 */
import type { Field } from './values/fields.ts';

export const LINE_FIELDS = ['sku', 'description', 'qty', 'uom', 'unit_price', 'total_price'] as const;
export type LineField = (typeof LINE_FIELDS)[number];
/** What was found of one line. */
export type LineFields<F = Field> = Partial<Record<LineField, F>>;

/** An order has no more lines. */
export const MAX_LINES = 5000;
