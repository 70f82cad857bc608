/**
 * What is kept of one order.
 *
 * Owns: the shape of the state, and the first of it. The HTTP edge and the gate store that with the event they accept,
 * so that an order can be read at once. Lists read nothing but the head.
 */
import type {
  EmailDraft,
  Envelope,
  MissingField,
  OrderDraft,
  OrderInboxReceived,
  OrderIssue,
} from '../../schemas/types.ts';
import { instant } from '../orchestration/text.ts';
import type { Change } from './correcting.ts';
import type { ReadDocument } from './document.ts';
import type { OrderFields } from './drafting.ts';
import type { OrderReason } from './read-order.ts';
import type { Language } from './texts/language.ts';

export const ORDER_STATUSES = ['RECEIVED', 'VALIDATION_REQUIRED', 'VALIDATED', 'EXPORTED', 'REJECTED'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** What is still to come of an order's files: a model that was not reachable, or a reading that has been given up. */
export interface OpenReading {
  waits_for: 'model' | 'redrive';
  /** How often the model has been asked in vain. */
  tries: number;
}

export interface OrderHead {
  order_id: string;
  /** Of the draft; 0 while there is none. */
  version: number;
  reason: OrderReason | null;
  created_at: string;
  updated_at: string;
  correlation_id: string;
  customer_email: string;
  subject: string;
  po_number: string | null;
  line_count: number;
  issue_count: number;
  language: Language | null;
  contact: { name: string | null; phone: string | null };
  /** `event_id` of the message. */
  received: string;
  /** `event_id` of the decision. */
  decided: string | null;
  open: OpenReading | null;
}

/** A file of the order and what became of it; nothing is known of it until it has been read. */
export type OrderAttachment = Pick<ReadDocument, 'artifact_id' | 'parent_id' | 'filename' | 'mime_type' | 'reason'> & {
  size: number | null;
  sha256: string | null;
  status: ReadDocument['status'] | null;
};

export interface OrderDecision {
  approved: boolean;
  /** Name of the key. */
  by: string;
  at: string;
  notes: string;
  changes: readonly Change[];
}

export interface OrderExport {
  artifact_id: string;
  path: string;
  size: number;
  sha256: string;
}

/** Stored one by one; absent until there is one. */
export interface OrderParts {
  request: OrderInboxReceived;
  draft: OrderDraft;
  fields: Readonly<OrderFields>;
  missing_fields: readonly MissingField[];
  anomalies: readonly OrderIssue[];
  email_draft: EmailDraft;
  attachments: readonly OrderAttachment[];
  decision: OrderDecision;
  export: OrderExport;
  /** What the newest version says other than the one before. */
  changes: readonly Change[];
}

export type OrderPart = keyof OrderParts;
export const ORDER_PARTS = [
  ...['request', 'draft', 'fields', 'missing_fields', 'anomalies', 'email_draft', 'attachments', 'decision'],
  ...['export', 'changes'],
] as readonly OrderPart[];

/** Ids of the two files that no sender names: the text of a form, and a raw message. */
export const BODY_ARTIFACT = 'body';
export const MESSAGE_ARTIFACT = 'message';

/** An order as it is first stored: snapshot value, head and parts. */
export function receivedOrder(event: Envelope<'ORDER.INBOX_RECEIVED'>) {
  const { order_id, from_email, subject, attachments } = event.payload;
  const at = instant(event.timestamp);
  const head: OrderHead = {
    order_id: order_id.toLowerCase(),
    version: 0,
    reason: null,
    created_at: at,
    updated_at: at,
    correlation_id: event.correlation_id.toLowerCase(),
    customer_email: from_email,
    subject,
    po_number: null,
    line_count: 0,
    issue_count: 0,
    language: null,
    contact: { name: null, phone: null },
    received: event.event_id.toLowerCase(),
    decided: null,
    open: null,
  };
  const unread = attachments.map(
    ({ artifact_id, filename, mime_type }): OrderAttachment => ({
      ...{ artifact_id: artifact_id.toLowerCase(), parent_id: null, filename, mime_type },
      ...{ size: null, sha256: null, status: null, reason: null },
    }),
  );
  const parts = { request: event.payload, attachments: unread } satisfies Partial<OrderParts>;
  return { value: 'RECEIVED' as const satisfies OrderStatus, head, parts };
}

/** What other programs are told of an order's status, as `<ORDERS_PREFIX>:<order_id>:status`. */
export const statusDocument = (status: OrderStatus, { version, reason, updated_at }: OrderHead) => ({
  ...{ status, version, reason, updated_at },
});
