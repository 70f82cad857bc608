/**
 * An order as its message, its form and its files say it: the draft with the place of every value, what is missing and
 * what is odd.
 *
 * Owns: what goes in and what comes out. Pure, reproducible and total; does not own how files become documents, nor
 * what a model is asked for ({@link OrderReading.question}).
 */
import type { EmailDraft, MissingField, OrderDraft, OrderIssue } from '../../schemas/types.ts';
import type { ReadDocument } from './document.ts';
import type { OrderField } from './sources.ts';

export interface OrderInput {
  order_id: string;
  /** The UTC day it came, YYYY-MM-DD. */
  received_day: string;
  from_email: string;
  /** What the sender filled in; blank is absent. */
  form: { customer_hint?: string | null; delivery_address?: string | null; delivery_date?: string | null };
  subject: string;
  /** The text of the message, stored as an artifact of its own. It is none of `documents`. */
  body: { artifact_id: string; filename: string; text: string } | null;
  /** Attachments in the order received. */
  documents: readonly ReadDocument[];
}

export type Language = 'en' | 'fr' | 'de' | 'es' | 'it';

export type OrderReason =
  | 'gateway_unavailable'
  | 'schema_mismatch'
  | 'manual_review'
  | 'missing_fields'
  | 'anomalies'
  | 'awaiting_approval';

/** What is asked of a model. */
export interface ModelQuestion {
  /** JSON Schema of the answer. */
  schema: Readonly<Record<string, unknown>>;
  /** The untrusted text, part by part. */
  parts: readonly { name: string; text: string }[];
}

/** What came of asking a model: its answer, or why there is none. */
export type ModelOutcome = { answer: unknown } | 'gateway_unavailable' | 'schema_mismatch';

export interface OrderReading {
  draft: OrderDraft;
  contact: { name: string | null; phone: string | null };
  language: Language;
  /** By path: `po_number`, `delivery.date`, `lines[1].qty`. */
  fields: Readonly<Record<string, OrderField>>;
  missing_fields: readonly MissingField[];
  anomalies: readonly OrderIssue[];
  email_draft: EmailDraft;
  reason: OrderReason;
  /** Null if nothing needs to be asked. */
  question: ModelQuestion | null;
}

/** Reads an order; `model` if a model was asked what the first reading leaves open. Never throws. */
export function readOrder(input: OrderInput, _model: ModelOutcome | null = null): OrderReading {
  return {
    draft: { order_id: input.order_id, lines: [], customer: { email: input.from_email }, currency: 'EUR' },
    contact: { name: null, phone: null },
    language: 'en',
    fields: {},
    missing_fields: [{ field: 'lines', reason: 'empty' }],
    anomalies: [],
    email_draft: { to: input.from_email, subject: `Re: ${input.subject}`, body_text: '' },
    reason: 'missing_fields',
    question: null,
  };
}
