/**
 * What an order lacks: for the draft as it was read, and for approval.
 *
 * Owns: the fields that are required, the reasons, and their order.
 */
import type { MissingField, OrderDraft } from '../../schemas/types.ts';
import type { ReadDocument } from './document.ts';
import type { DocumentLine } from './document-reading.ts';
import type { LineField } from './line-fields.ts';
import { UNKNOWN_SKU } from './order-issues.ts';
import type { OrderField } from './sources.ts';

/** What reading has to say about lines that are not there. */
export interface LineEvidence {
  documents: readonly ReadDocument[];
  lines: readonly DocumentLine[];
  /** A table was found, with or without lines. */
  tabular: boolean;
  /** Fields that the nearest thing to a header names. */
  partial: ReadonlySet<LineField> | null;
  /** There is something to read at all. */
  hasText: boolean;
  gatewayUnavailable: boolean;
}

type Fields = Readonly<Record<string, OrderField>>;

/** What a draft that was just read lacks. */
export function missingFields(draft: OrderDraft, evidence: LineEvidence): MissingField[] {
  const before = missingLines(evidence);
  const after = [
    ...missingDelivery(draft, {}),
    ...(evidence.gatewayUnavailable ? [{ field: 'gateway', reason: 'gateway_unavailable' }] : []),
  ];
  const inLines = [...missingInLines(draft, 'sku', evidence), ...missingInLines(draft, 'qty', evidence)];
  return [...before, ...inLines.slice(0, MAX_MISSING - before.length - after.length), ...after];
}

/** An event lists no more; approval looks at every line once more. */
const MAX_MISSING = 5000;

/** What stands in the way of approving a draft; null that a person has set is a statement. */
export const missingForApproval = (draft: OrderDraft, fields: Fields): MissingField[] => [
  ...(draft.lines.length === 0 ? [{ field: 'lines', reason: 'empty' }] : []),
  ...draft.lines.flatMap((line) => lineLacks(line, 'sku')),
  ...draft.lines.flatMap((line) => lineLacks(line, 'qty')),
  ...missingDelivery(draft, fields),
];

function missingLines({ documents, lines, tabular, partial, hasText }: LineEvidence): MissingField[] {
  const unread = documents.flatMap(({ filename, status, reason }) => {
    if (status === 'needs_ocr') return [`needs_ocr: ${filename}`];
    return status === 'unreadable' ? [`unreadable: ${filename}: ${reason ?? 'unknown'}`] : [];
  });
  const reasons = [...unread];
  const blank = lines.length === 0 && (unread.length === 0 || partial !== null || tabular);
  if (blank) reasons.unshift(tabular || !hasText ? 'empty' : 'no order table found');
  return reasons.map((reason) => ({ field: 'lines', reason }));
}

function missingInLines(draft: OrderDraft, field: 'sku' | 'qty', { lines, partial }: LineEvidence): MissingField[] {
  const without = lines.some((line) => line.without.has(field)) || lacksColumn(partial, field);
  const named = draft.lines.flatMap((line, index) => (lines[index]?.without.has(field) ? [] : lineLacks(line, field)));
  return [...(without ? [{ field, reason: `unable to detect ${field} column` }] : []), ...named];
}

/** Of a row that is nearly a header: without quantity, or without anything that is ordered. */
const lacksColumn = (partial: ReadonlySet<LineField> | null, field: 'sku' | 'qty'): boolean =>
  partial !== null && (field === 'qty' ? !partial.has('qty') : !partial.has('sku') && !partial.has('description'));

function lineLacks({ line_no, sku, qty }: OrderDraft['lines'][number], field: 'sku' | 'qty'): MissingField[] {
  if (field === 'sku') return sku === UNKNOWN_SKU ? [{ field, reason: `line ${line_no} has no sku` }] : [];
  return qty > 0 ? [] : [{ field, reason: `line ${line_no} has non-positive qty` }];
}

function missingDelivery({ delivery }: OrderDraft, fields: Fields): MissingField[] {
  return (['address', 'date'] as const).flatMap((name) => {
    const field = `delivery.${name}`;
    const stated = fields[field]?.method === 'human';
    return delivery?.[name] || stated ? [] : [{ field, reason: `missing delivery ${name}` }];
  });
}
