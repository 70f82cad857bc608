/**
 * Whether an order has come before.
 *
 * Owns: what makes two orders one: an equal file, equal lines, or the PO number of the same sender. Does not own: how
 * fingerprints are hashed and kept.
 */
import type { OrderDraft, OrderIssue } from '../../schemas/types.ts';
import type { ReadDocument } from './document.ts';
import { issue, oneLine, quoted } from './issues.ts';
import { UNKNOWN_SKU } from './order-issues.ts';
import { fold } from './texts/tokens.ts';
import { plainDecimal } from './values/decimals.ts';

/** An order as far as it can be another one. */
export interface KnownOrder {
  draft: OrderDraft;
  from_email: string;
  /** Of its files, without those that were skipped. */
  file_hashes: readonly string[];
}

/** What one order shares with an equal one, as texts to be hashed. Two orders with a text in common may be one. */
export function fingerprintsOf(order: KnownOrder): string[] {
  const [lines, po] = [linesText(order.draft), poText(order)];
  const files = order.file_hashes.map((hash) => `file ${hash}`);
  return [...new Set([...files, ...(lines === null ? [] : [`lines ${lines}`]), ...(po === null ? [] : [`po ${po}`])])];
}

/** The hashes of the files that make orders equal. */
export const fileHashesOf = (documents: readonly ReadDocument[]): string[] =>
  documents.flatMap(({ status, sha256 }) => (status === 'skipped' ? [] : [sha256]));

/** That an order is an earlier one again; null if it is not. An earlier order that was rejected is none. */
export function duplicateIssue(order: KnownOrder, earlier: KnownOrder): OrderIssue | null {
  const shared = sharedBy(order, earlier);
  if (shared === null) return null;
  const same = linesText(order.draft) === linesText(earlier.draft);
  const description = `${shared} as order ${earlier.draft.order_id}, ${same ? 'same lines' : 'changed lines'}`;
  return issue('duplicate_order', 'error', description);
}

/** An order that had some of the same fingerprints before. */
export interface EarlierOrder {
  order_id: string;
  /** As {@link fingerprintsOf} makes them. */
  shared: readonly string[];
  /** Null while it is being read. */
  known: KnownOrder | null;
}

/** That an order is an earlier one again; of one that is being read, what is known so far. */
export function earlierIssue(order: KnownOrder, { order_id, shared, known }: EarlierOrder): OrderIssue | null {
  if (known) return duplicateIssue(order, known);
  const kinds = new Set(shared.map((text) => text.slice(0, text.indexOf(' '))));
  const what = kinds.has('file') ? 'file' : kinds.has('lines') ? 'content' : 'PO number and sender';
  return issue('duplicate_order', 'error', `same ${what} as order ${order_id}, which is still being read`);
}

function sharedBy(order: KnownOrder, earlier: KnownOrder): string | null {
  if (order.file_hashes.some((hash) => earlier.file_hashes.includes(hash))) return 'same file';
  const lines = linesText(order.draft);
  if (lines !== null && lines === linesText(earlier.draft)) return 'same content';
  const po = poText(order);
  const name = quoted(order.draft.po_number ?? '');
  return po !== null && po === poText(earlier) ? `same PO number ${name} from ${oneLine(domainOf(order))}` : null;
}

/** What is ordered, in whatever order; null if nothing is. */
function linesText({ lines }: OrderDraft): string | null {
  const known = lines.some(({ sku, qty }) => sku !== UNKNOWN_SKU && qty > 0);
  if (!known) return null;
  const texts = lines.map(({ sku, qty, uom, unit_price }) =>
    JSON.stringify([sku, plainDecimal(qty), uom ?? null, unit_price == null ? null : plainDecimal(unit_price)]),
  );
  return texts.sort().join('\n');
}

function poText(order: KnownOrder): string | null {
  const { po_number } = order.draft;
  return po_number ? JSON.stringify([domainOf(order), fold(po_number)]) : null;
}

const domainOf = ({ from_email }: KnownOrder): string =>
  from_email.slice(from_email.lastIndexOf('@') + 1).toLowerCase();
