/**
 * The draft of an order, and the field behind each of its values.
 *
 * Owns: which path is which member of a draft, what stands for what nobody says, and how long a text may be.
 */
import type { OrderDraft } from '../../schemas/types.ts';
import type { LINE_FIELDS } from './line-fields.ts';
import { UNKNOWN_SKU } from './order-issues.ts';
import type { Found, OrderField } from './sources.ts';
import { CONFIDENCE, type Value } from './values/fields.ts';

/** Currency where nobody names one. */
const DEFAULT_CURRENCY = 'EUR';
const MAX_TEXT = 20_000;

export type OrderFields = Record<string, OrderField>;

/** The fields of what was found, by path. */
export function fieldsOf(found: ReadonlyMap<string, Found>): OrderFields {
  const fields: OrderFields = {};
  for (const [path, field] of found) fields[path] = fieldOf(field);
  fields.currency ??= { ...NOTHING, value: DEFAULT_CURRENCY, method: 'default', confidence: CONFIDENCE.assumed };
  return fields;
}

/** A field that nothing is known of. */
export const NOTHING: OrderField = {
  ...{ value: null, raw: null, source: null, method: 'deterministic', confidence: 0, flags: [], suggestion: null },
};

function fieldOf({ value, readings, raw, source, method, confidence, flags }: Found): OrderField {
  const unclear = readings.length > 0 ? ['ambiguous'] : [];
  const cut = typeof value === 'string' ? value.slice(0, MAX_TEXT) : value;
  return { value: cut, raw, source, method, confidence, flags: [...flags, ...unclear], suggestion: null };
}

/** The numbers of so many lines. */
export const counted = (lineCount: number): number[] => Array.from({ length: lineCount }, (_, index) => index + 1);

/** The draft that fields make, with lines of these numbers. */
export function draftOf(orderId: string, lineNos: readonly number[], fields: Readonly<OrderFields>): OrderDraft {
  const value = (path: string): Value | null => fields[path]?.value ?? null;
  const text = (path: string): string | null => (value(path) === null ? null : String(value(path)));
  const number = (path: string): number | null => value(path) as number | null;
  return {
    order_id: orderId,
    lines: lineNos.map((no) => {
      const at = (name: (typeof LINE_FIELDS)[number]): string => `lines[${no}].${name}`;
      return {
        line_no: no,
        sku: text(at('sku')) ?? UNKNOWN_SKU,
        qty: number(at('qty')) ?? 0,
        description: text(at('description')),
        uom: text(at('uom')),
        unit_price: number(at('unit_price')),
        total_price: number(at('total_price')),
      };
    }),
    po_number: text('po_number'),
    customer: {
      name: text('customer.name'),
      vat: text('customer.vat'),
      address: text('customer.address'),
      email: text('customer.email'),
    },
    delivery: {
      address: text('delivery.address'),
      date: text('delivery.date'),
      incoterm: text('delivery.incoterm'),
    },
    currency: text('currency') ?? DEFAULT_CURRENCY,
    totals: {
      subtotal: number('totals.subtotal'),
      tax: number('totals.tax'),
      total: number('totals.total'),
    },
  };
}
