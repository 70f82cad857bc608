/**
 * What a reader should make of an order on paper.
 *
 * Owns: the truth that follows from what is shown, and which readings of it are as good as others.
 */
import { isAmbiguous, toNumber } from './amounts.ts';
import type { Style } from './paper.ts';
import type { Expected, ExpectedField, ExpectedLine, HeaderField, Order, OrderItem, Party } from './truth.ts';
import type { ColumnRole } from './wording/wording.ts';

/** Names of units that every reader must know; others may stay as they are. */
const KNOWN_UNITS = new Set(
  'ea each pc pcs piece units stk stück unité ud pz box carton karton boîte caja scatola pallet pack kg g l m'.split(
    ' ',
  ),
);
const UNCOMMON = new Set(['roll', 'set', 'pair']);

export function expectedOf(
  order: Order,
  style: Style,
  unitTexts: readonly string[],
  tolerated: readonly string[],
): Expected {
  const has = (role: ColumnRole) => style.columns.includes(role);
  const lines = order.items.map((item, at): ExpectedLine => {
    const known = has('sku') ? (style.codeless === at ? [] : [item.sku]) : [];
    return {
      sku: known,
      description: has('description') ? [item.description] : [],
      qty: toNumber(item.qty),
      uom: style.qtyWithUnit || has('uom') ? acceptedUnits(item, unitTexts[at] as string) : [null],
      unit_price: has('unit_price') ? toNumber(item.unitPrice) : null,
      total_price: has('total_price') ? toNumber(item.total) : null,
    };
  });
  const header: Partial<Record<HeaderField, ExpectedField>> = {};
  const must = (field: HeaderField, ...accepted: (string | number)[]) => {
    header[field] = { accepted, required: true };
  };
  const { site, buyer } = order;
  const isUnclear = isAmbiguous(order.deliveryDay, style.days) && isAmbiguous(order.orderDay, style.days);
  if (style.shows.po) must('po_number', order.poNumber);
  if (style.shows.address) must('delivery.address', ...addressesOf(site));
  if (style.shows.day || has('line_day'))
    header['delivery.date'] = { accepted: [order.deliveryDay], required: style.shows.day && !isUnclear };
  header['customer.name'] = { accepted: [buyer.name], required: style.shows.customer };
  header['customer.vat'] = { accepted: [buyer.vat], required: style.shows.vat };
  const isPriced = has('unit_price') || has('total_price') || style.totals.length > 0;
  const isNamed = style.currencyPlace === 'fact' || (style.currencyPlace !== 'none' && isPriced);
  if (isNamed) must('currency', order.currency);
  for (const name of style.totals) must(`totals.${name}`, toNumber(order[name]));
  return { lines, tolerated, header, days: [order.orderDay, order.deliveryDay], traps: [] };
}

/** With and without name and country. */
export function addressesOf(site: Party): string[] {
  const short = [site.street, site.town].join(', ');
  return [`${site.name}, ${short}`, short, `${site.name}, ${short}, ${site.country}`, `${short}, ${site.country}`];
}

export function acceptedUnits({ unit }: OrderItem, text: string): string[] {
  if (UNCOMMON.has(unit)) return [text, unit];
  return KNOWN_UNITS.has(text.toLowerCase()) ? [unit] : [unit, text];
}
