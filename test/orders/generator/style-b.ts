/**
 * Orders as people make them: gaps, sections, remarks, units in the quantity, few totals.
 *
 * Owns: which columns, facts and notations family b has, and how often.
 */
import { dayStyle, numberStyle } from './amounts.ts';
import type { Dice } from './dice.ts';
import type { Style, TotalName } from './paper.ts';
import type { Order } from './truth.ts';
import type { ColumnRole } from './wording/wording.ts';

export function styleB(order: Order, dice: Dice): Style {
  const columns = columnsB(dice);
  const priced = columns.includes('unit_price') || columns.includes('total_price');
  const places: Style['currencyPlace'][] =
    order.currency === 'EUR' ? ['none', 'none', 'cells', 'headers'] : ['cells', 'headers', 'fact'];
  const place = dice.pick(places);
  return {
    columns,
    perHundred: columns.includes('unit_price') && !columns.includes('discount') && dice.chance(0.05),
    qtyWithUnit: !columns.includes('uom') && dice.chance(0.45),
    currencyPlace: !priced && place !== 'none' ? 'fact' : place,
    totals: priced ? totalsB(dice) : [],
    headerCase: dice.chance(0.3) ? 'upper' : 'as is',
    stacked: columns.includes('unit_price') && columns.includes('total_price') && dice.chance(0.12),
    numbers: numberStyle(order.language, order.currency, dice),
    days: dayStyle(order.language, dice),
    shows: {
      po: dice.chance(0.88),
      address: dice.chance(0.8),
      day: dice.chance(0.85),
      customer: dice.chance(0.5),
      vat: dice.chance(0.15),
      supplier: dice.chance(0.3),
    },
    addressInLine: dice.chance(0.5),
    sections: dice.chance(0.1),
    blankRows: dice.chance(0.2),
    discounts: [0, dice.int(1, 4) * 5],
    codeless:
      columns.includes('sku') && columns.includes('description') && order.items.length > 2 && dice.chance(0.12)
        ? 1
        : null,
  };
}

/** What identifies an item in front or in the middle, quantities anywhere. */
function columnsB(dice: Dice): ColumnRole[] {
  const identity: ColumnRole[] = dice.pick([
    ['sku', 'description'],
    ['description', 'sku'],
    ['sku', 'description'],
    ['description'],
    ['sku'],
  ]);
  if (dice.chance(0.15)) identity.push('second_code');
  if (dice.chance(0.15)) identity.push('ean');
  const quantity: ColumnRole[] = dice.pick([['qty'], ['qty'], ['qty', 'uom'], ['uom', 'qty']]);
  const money: ColumnRole[] = dice.pick([
    [],
    ['unit_price'],
    ['unit_price', 'total_price'],
    ['unit_price', 'discount', 'total_price'],
    ['total_price'],
  ]);
  const columns = dice.chance(0.4) ? [...quantity, ...identity, ...money] : [...identity, ...quantity, ...money];
  if (dice.chance(0.4)) columns.unshift('line_no');
  if (dice.chance(0.25)) columns.push('remark');
  if (dice.chance(0.1)) columns.splice(columns.length - 1, 0, 'line_day');
  return columns;
}

const totalsB = (dice: Dice): TotalName[] => dice.pick([[], ['total'], ['subtotal', 'tax', 'total'], ['subtotal'], []]);
