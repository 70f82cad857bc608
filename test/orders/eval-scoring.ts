/**
 * Compares what was read of a document with its truth.
 *
 * Owns: which read line is which true one, and what counts as equal. A line counts if its quantity and its code or its
 * description are right.
 */
import type { OrderReading } from '../../machines/orders/read-order.ts';
import type { OrderDraft } from '../../schemas/types.ts';
import {
  type ExpectedField,
  type ExpectedLine,
  HEADER_FIELDS,
  type HeaderField,
  type Specimen,
} from './generator/truth.ts';

type DraftLine = OrderDraft['lines'][number];

export const LINE_FIELDS = ['sku', 'description', 'qty', 'uom', 'unit_price'] as const;
export type LineField = (typeof LINE_FIELDS)[number];

/** How many were right of how many were read and how many there are. */
export interface Tally {
  right: number;
  read: number;
  there: number;
}

export interface Score {
  lines: Tally;
  /** Of the true lines: how many have this field right. */
  fields: Readonly<Record<LineField, number>>;
  header: Readonly<Record<HeaderField, Tally>>;
  /** What is wrong, for a person. */
  faults: readonly string[];
}

export function scoreOf({ draft }: OrderReading, { expected }: Specimen): Score {
  const faults: string[] = [];
  const read = draft.lines.filter((line) => !isTolerated(line, expected.tolerated));
  const pairs = pairUp(expected.lines, read);
  const fields = Object.fromEntries(LINE_FIELDS.map((name) => [name, 0])) as Record<LineField, number>;
  expected.lines.forEach((line, at) => {
    const found = pairs.get(at);
    if (found === undefined) {
      faults.push(`line ${at + 1} missing: ${line.qty} ${line.sku[0] ?? ''} ${line.description[0] ?? ''}`);
      return;
    }
    for (const name of LINE_FIELDS) {
      if (isRight(name, line, found)) fields[name] += 1;
      else
        faults.push(
          `line ${at + 1} ${name}: expected ${JSON.stringify(line[name])}, got ${JSON.stringify(found[name])}`,
        );
    }
  });
  const paired = new Set(pairs.values());
  for (const line of read) {
    if (!paired.has(line)) faults.push(`line read that is none: ${line.qty} ${line.sku} ${line.description ?? ''}`);
  }
  const header = Object.fromEntries(
    HEADER_FIELDS.map((name) => [name, headerTally(name, draftValue(draft, name), expected.header[name], faults)]),
  ) as Record<HeaderField, Tally>;
  return { lines: { right: pairs.size, read: read.length, there: expected.lines.length }, fields, header, faults };
}

const isTolerated = ({ qty, sku, description }: DraftLine, tolerated: readonly string[]): boolean =>
  qty === 0 && tolerated.some((text) => [normal(sku), normal(description ?? '')].includes(normal(text)));

/** In order where possible: each true line takes the first read line that is still free and like it. */
function pairUp(expected: readonly ExpectedLine[], read: readonly DraftLine[]): Map<number, DraftLine> {
  const free = [...read];
  const pairs = new Map<number, DraftLine>();
  expected.forEach((line, at) => {
    const found = free.findIndex((one) => {
      return (
        isSame(one.qty, line.qty) &&
        ((line.sku.length > 0 && isRight('sku', line, one)) ||
          (line.description.length > 0 && isRight('description', line, one)))
      );
    });
    if (found < 0) return;
    pairs.set(at, free[found] as DraftLine);
    free.splice(found, 1);
  });
  return pairs;
}

function isRight(name: LineField, expected: ExpectedLine, line: DraftLine): boolean {
  switch (name) {
    case 'qty':
      return isSame(line.qty, expected.qty);
    case 'unit_price':
      return expected.unit_price === null
        ? (line.unit_price ?? null) === null
        : isSame(line.unit_price ?? null, expected.unit_price);
    case 'sku':
      return expected.sku.length === 0
        ? line.sku === '?' || isNamed(expected, line.sku)
        : expected.sku.includes(line.sku);
    case 'description':
      // What is called `Product` and has no code beside it may be either.
      if (expected.sku.length === 0 && line.sku !== '?') return isNamed(expected, line.sku);
      return expected.description.length === 0
        ? (line.description ?? null) === null
        : expected.description.some((text) => normal(text) === normal(line.description ?? ''));
    case 'uom':
      return expected.uom.some((text) =>
        text === null ? (line.uom ?? null) === null : text.toLowerCase() === line.uom?.toLowerCase(),
      );
  }
}

const isNamed = (expected: ExpectedLine, text: string): boolean =>
  expected.description.some((one) => normal(one) === normal(text));

const isSame = (a: number | null, b: number): boolean =>
  a !== null && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

/** Words and digits alone. */
const normal = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

function headerTally(
  name: HeaderField,
  value: string | number | null,
  expected: ExpectedField | undefined,
  faults: string[],
): Tally {
  const isFound = value && expected?.accepted.some((one) => isEqual(one, value));
  const isDefault = name === 'currency' && expected === undefined && value === 'EUR';
  const isRead = value !== null && !isDefault;
  if ((isRead || expected?.required) && !isFound) {
    faults.push(`${name}: expected ${JSON.stringify(expected?.accepted[0] ?? null)}, got ${JSON.stringify(value)}`);
  }
  // An optional value that is left out is neither here nor there.
  return {
    right: isFound ? 1 : 0,
    read: isRead ? 1 : 0,
    there: expected !== undefined && (expected.required || isFound) ? 1 : 0,
  };
}

const isEqual = (expected: string | number, value: string | number): boolean =>
  typeof expected === 'number'
    ? typeof value === 'number' && isSame(value, expected)
    : normal(expected) === normal(String(value));

function draftValue(draft: OrderDraft, name: HeaderField): string | number | null {
  const values: Record<HeaderField, string | number | null | undefined> = {
    po_number: draft.po_number,
    'delivery.address': draft.delivery?.address,
    'delivery.date': draft.delivery?.date,
    currency: draft.currency,
    'customer.name': draft.customer?.name,
    'customer.vat': draft.customer?.vat,
    'totals.subtotal': draft.totals?.subtotal,
    'totals.tax': draft.totals?.tax,
    'totals.total': draft.totals?.total,
  };
  return values[name] ?? null;
}
