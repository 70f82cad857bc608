/**
 * What becomes of an order's state, and what is said of it.
 *
 * Owns: the state after each thing that can happen to an order, and the events that tell of it. Does not own when anything
 * may happen (`machines/order.ts`).
 */
import type { Envelope, OrderIssue } from '../../schemas/types.ts';
import type { DeriveId, DoneInput, Emission } from '../kit.ts';
import { correct, countedAnew } from './correcting.ts';
import type { Corrections } from './corrections.ts';
import { confirmationDraft } from './email-drafts.ts';
import { correctionsOf } from './final-draft.ts';
import type { OrderAttachment, OrderExport, OrderHead, OrderPart, OrderParts } from './order-state.ts';
import { type OrderReading, type OrderReason, readOrder } from './read-order.ts';
import type { Language } from './texts/language.ts';

/** What came of reading an order's files. */
export interface OrderRead {
  reading: Omit<OrderReading, 'question'>;
  attachments: readonly OrderAttachment[];
  /** When. */
  at: string;
}

export interface OrderContext {
  /** Null: no such order has been received. */
  head: OrderHead | null;
  parts: Partial<OrderParts>;
  /** Parts that are to be stored. */
  changed: ReadonlySet<OrderPart>;
}

export type ReadDone = DoneInput<'read', OrderRead>;
export type ExportDone = DoneInput<'export', Omit<OrderExport, 'artifact_id'> & { at: string }>;

/** Within transitions of an order that is there. */
export const headOf = ({ head }: OrderContext): OrderHead => head as OrderHead;
export const part = <P extends OrderPart>({ parts }: OrderContext, name: P): OrderParts[P] =>
  parts[name] as OrderParts[P];

/** The context with the head and parts that have become others. */
export function changed(
  context: OrderContext,
  head: Partial<OrderHead>,
  parts: Partial<OrderParts> = {},
): OrderContext {
  return {
    head: { ...headOf(context), ...head },
    parts: { ...context.parts, ...parts },
    changed: new Set([...context.changed, ...(Object.keys(parts) as OrderPart[])]),
  };
}

/** A new version of the draft. */
export function drafted(context: OrderContext, { reading, attachments, at }: OrderRead): OrderContext {
  const head = headOf(context);
  const { draft, fields, missing_fields, anomalies, email_draft, contact, language, reason } = reading;
  const before = context.parts.draft;
  const changes =
    before && correct({ draft: before, fields: part(context, 'fields') }, correctionsOf(before, draft)).changes;
  const facts = {
    ...{ contact, language, reason, version: head.version + 1, updated_at: at },
    po_number: draft.po_number ?? null,
    line_count: draft.lines.length,
    issue_count: missing_fields.length + anomalies.length,
  };
  const parts = { draft, fields, missing_fields, anomalies, email_draft, attachments, ...(changes && { changes }) };
  return changed(context, facts, parts);
}

/** What can be said of an order whose files could not be read at all: what its form says. */
export function unread(context: OrderContext): OrderRead {
  const { order_id, customer_email, subject, created_at } = headOf(context);
  const reading = readOrder({
    ...{ order_id, subject, from_email: customer_email, received_day: created_at.slice(0, 10) },
    form: part(context, 'request'),
    ...{ body: null, documents: [] },
  });
  const attachments = part(context, 'attachments').map((attachment) => ({
    ...attachment,
    ...({ status: 'unreadable', reason: 'could not be read' } as const),
  }));
  return { reading: { ...reading, reason: 'manual_review' }, attachments, at: created_at };
}

/** What a version of the draft says; versions after the first come from a cause that has said it all before. */
export function draftEvents(context: OrderContext): Emission[] {
  const { order_id, version, reason } = headOf(context);
  const [order_draft, email_draft] = [part(context, 'draft'), part(context, 'email_draft')];
  const missing_fields = [...part(context, 'missing_fields')];
  const anomalies: OrderIssue[] = [...part(context, 'anomalies')];
  const ordinal = version - 1;
  const emissions: Emission[] = [
    { type: 'ORDER.DRAFT_CREATED', payload: { order_id, order_draft, email_draft }, ordinal },
  ];
  if (missing_fields.length > 0) {
    emissions.push({ type: 'ORDER.MISSING_FIELDS_DETECTED', payload: { order_id, missing_fields }, ordinal });
  }
  if (anomalies.length > 0) {
    emissions.push({ type: 'ORDER.ANOMALY_DETECTED', payload: { order_id, anomalies }, ordinal });
  }
  return [...emissions, ...reviewWanted(order_id, reason as OrderReason, ordinal)];
}

export function reviewWanted(order_id: string, reason: OrderReason, ordinal: number): Emission[] {
  return [{ type: 'ORDER.VALIDATION_REQUIRED', payload: { order_id, reason }, ordinal }];
}

export function approvalOf(context: OrderContext, event: Envelope<'ORDER.VALIDATED'>) {
  const before = { draft: part(context, 'draft'), fields: part(context, 'fields') };
  const { final_order_draft: final } = event.payload;
  const none: Corrections = { fields: [], lines: [] };
  return correct(before, final ? correctionsOf(before.draft, final) : none);
}

export function approved(context: OrderContext, event: Envelope<'ORDER.VALIDATED'>): OrderContext {
  const corrected = approvalOf(context, event);
  const { draft, fields } = countedAnew(corrected);
  const { validated_by: by, validated_at: at, notes = '' } = event.payload;
  const decision = { approved: true, by, at, notes, changes: corrected.changes };
  const facts = {
    ...{ po_number: draft.po_number ?? null, line_count: draft.lines.length },
    ...{ issue_count: part(context, 'anomalies').length, decided: event.event_id, updated_at: event.timestamp },
  };
  // What was missing has been given.
  return changed(context, facts, { draft, fields, decision, missing_fields: [] });
}

export function rejected(context: OrderContext, event: Envelope<'ORDER.REJECTED'>): OrderContext {
  const { rejected_by: by, rejected_at: at, notes = '' } = event.payload;
  const decision = { approved: false, by, at, notes, changes: [] };
  const facts = { decided: event.event_id, updated_at: event.timestamp, open: null };
  return changed(context, facts, { decision, attachments: part(context, 'attachments') });
}

const exportId = ({ head }: OrderContext, id: DeriveId): string => id('order_export', 0, (head as OrderHead).order_id);

/** From now on its files are kept for a while only, so that what is known of them is stored again. */
export function exported(context: OrderContext, { output: { at, ...file }, id }: ExportDone): OrderContext {
  const { customer_email: to, subject, language } = headOf(context);
  const email_draft = confirmationDraft({ to, subject, language: language as Language }, part(context, 'draft'));
  const made = { artifact_id: exportId(context, id), ...file };
  const attachments = part(context, 'attachments');
  return changed(context, { open: null, updated_at: at }, { export: made, email_draft, attachments });
}

export function exportEvents(context: OrderContext, { event, id }: ExportDone): Emission[] {
  const { order_id } = headOf(context);
  const { artifact_id, sha256 } = part(context, 'export');
  const content = {
    order_id,
    artifact_id,
    filename: `${order_id}.csv`,
    line_count: part(context, 'draft').lines.length,
    sha256,
  };
  const item = { project_id: order_id, backlog_item_id: order_id };
  const deliverable = {
    ...{ id: id('deliverable'), type: 'order_export', ...item, agent: 'order_intake' },
    ...{ timestamp: event.timestamp, confidence: 1, content },
  };
  const email_draft = part(context, 'email_draft');
  return [
    { type: 'ORDER.EXPORT_READY', payload: { order_id, export: { artifact_id, format: 'csv' }, email_draft } },
    { type: 'DELIVERABLE.PUBLISHED', payload: { ...item, deliverable } },
  ];
}

/** What was to follow could not be done: a person has the draft before them once more. */
export function sentBack(context: OrderContext): OrderContext {
  const { version } = headOf(context);
  return changed(context, { version: version + 1, reason: 'manual_review', decided: null }, { changes: [] });
}
