/**
 * An approved order as CSV.
 *
 * Owns: the bytes, which depend on the draft alone: RFC 4180, CRLF, numbers as plain decimals. No text can become a
 * formula where the file is opened.
 */
import type { OrderDraft } from '../../schemas/types.ts';
import { plainDecimal } from './values/decimals.ts';

const HEADER = 'line_no,sku,description,qty,uom,unit_price';
/** What begins a formula, also in full width. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** The lines of an order, a header first. */
export function exportCsv({ lines }: OrderDraft): string {
  const rows = lines.map(({ line_no, sku, description, qty, uom, unit_price }) =>
    [plainDecimal(line_no), text(sku), text(description), plainDecimal(qty), text(uom), number(unit_price)].join(','),
  );
  return [HEADER, ...rows, ''].join('\r\n');
}

const number = (value: number | null | undefined): string => (value == null ? '' : plainDecimal(value));

function text(value: string | null | undefined): string {
  const safe = FORMULA.test(value ?? '') ? `'${value}` : (value ?? '');
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
