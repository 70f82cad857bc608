/**
 * Orders as purchasing software prints them: complete, regular, with totals.
 *
 * Owns: which columns, facts and notations family a has, and how often.
 */
import { dayStyle, numberStyle } from './amounts.ts';
import type { Dice } from './dice.ts';
import type { Style, TotalName } from './paper.ts';
import type { Order } from './truth.ts';
import type { ColumnRole } from './wording/wording.ts';

/** Orders of columns as SAP, Sage, Odoo, DATEV, QuickBooks and their like have them. */
const COLUMNS: readonly (readonly ColumnRole[])[] = [
  ['line_no', 'sku', 'description', 'qty', 'uom', 'unit_price', 'total_price'],
  ['sku', 'description', 'qty', 'unit_price', 'total_price'],
  ['line_no', 'qty', 'uom', 'sku', 'description', 'unit_price', 'total_price'],
  ['description', 'sku', 'uom', 'qty', 'unit_price', 'total_price'],
  ['sku', 'description', 'ean', 'qty', 'uom', 'unit_price', 'total_price'],
  ['line_no', 'sku', 'second_code', 'description', 'qty', 'uom', 'unit_price', 'discount', 'total_price'],
  ['line_no', 'sku', 'description', 'line_day', 'qty', 'uom', 'unit_price', 'total_price'],
  ['sku', 'description', 'qty', 'uom'],
  ['line_no', 'description', 'qty', 'uom', 'unit_price', 'total_price'],
];

const TOTALS: readonly (readonly TotalName[])[] = [
  ['subtotal', 'tax', 'total'],
  ['subtotal', 'tax', 'total'],
  ['subtotal'],
  ['total'],
  [],
];

export function styleA(order: Order, dice: Dice): Style {
  const columns = dice.pick(COLUMNS);
  const priced = columns.includes('unit_price');
  const home = order.currency === 'EUR';
  return {
    columns,
    perHundred: priced && !columns.includes('discount') && dice.chance(0.06),
    qtyWithUnit: !columns.includes('uom') && dice.chance(0.2),
    currencyPlace: dice.pick(['headers', 'cells', 'fact', 'totals', home ? 'none' : 'fact'] as const),
    totals: priced ? dice.pick(TOTALS) : [],
    headerCase: dice.chance(0.15) ? 'upper' : 'as is',
    stacked: priced && dice.chance(0.1),
    numbers: numberStyle(order.language, order.currency, dice),
    days: dayStyle(order.language, dice),
    shows: {
      po: dice.chance(0.97),
      address: dice.chance(0.92),
      day: dice.chance(0.92),
      customer: dice.chance(0.35),
      vat: dice.chance(0.35),
      supplier: dice.chance(0.6),
    },
    addressInLine: dice.chance(0.25),
    sections: false,
    blankRows: dice.chance(0.08),
    discounts: dice.pick([[0, 5], [10], [0, 0, 3, 12]]),
    codeless: null,
  };
}
