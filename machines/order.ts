/**
 * The life of one order, from the message to the CSV.
 *
 * Owns: which status an order has, who may change it, and what is said then. Its values are the statuses. Does not own
 * how files are read (effect `read`) nor how the CSV is written (effect `export`). Keeps I7.
 *
 * A person decides on a version of the draft: the id of a decision is derived from order and version, so that of two
 * decisions on one version a single one can be accepted, and one on an older version changes nothing.
 */
import { assign, setup } from 'xstate';
import type { EventType, OrderIssue } from '../schemas/types.ts';
import {
  type DoneInput,
  type Emission,
  type ExhaustedInput,
  type FailedInput,
  vocabulary,
  type WireInput,
} from './kit.ts';
import { correct, countedAnew } from './orders/correcting.ts';
import type { Corrections } from './orders/corrections.ts';
import { confirmationDraft } from './orders/email-drafts.ts';
import { exportCsv } from './orders/export-csv.ts';
import { correctionsOf } from './orders/final-draft.ts';
import { missingForApproval } from './orders/missing-fields.ts';
import type { OrderAttachment, OrderExport, OrderHead, OrderPart, OrderParts } from './orders/order-state.ts';
import { type OrderReading, readOrder } from './orders/read-order.ts';

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

/** How often, and how long after one another, a model is asked that was not reachable. */
export interface ModelRetries {
  maxTries: number;
  firstDelayMs: number;
}

type Inbox = WireInput<'ORDER.INBOX_RECEIVED'>;
type Validated = WireInput<'ORDER.VALIDATED'>;
type Rejected = WireInput<'ORDER.REJECTED'>;
type ReadDone = DoneInput<'read', OrderRead>;
type ExportDone = DoneInput<'export', Omit<OrderExport, 'artifact_id'> & { at: string }>;
type Failed = FailedInput<'read'> | FailedInput<'export'> | ExhaustedInput;
type Input = Inbox | Validated | Rejected | ReadDone | ExportDone | Failed;
type Scope<I extends Input = Input> = { context: OrderContext; event: I };

const MAX_DELAY_MS = 15 * 60_000;
const DELAY_FACTOR = 4;

/** Within transitions of an order that is there. */
const headOf = ({ head }: OrderContext): OrderHead => head as OrderHead;
const part = <P extends OrderPart>({ parts }: OrderContext, name: P): OrderParts[P] => parts[name] as OrderParts[P];

/** The context with the head and parts that have become others. */
function changed(context: OrderContext, head: Partial<OrderHead>, parts: Partial<OrderParts> = {}): OrderContext {
  return {
    head: { ...headOf(context), ...head },
    parts: { ...context.parts, ...parts },
    changed: new Set([...context.changed, ...(Object.keys(parts) as OrderPart[])]),
  };
}

/** A new version of the draft. */
function drafted(context: OrderContext, { reading, attachments, at }: OrderRead): OrderContext {
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
function unread(context: OrderContext): OrderRead {
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
function draftEvents(context: OrderContext): Emission[] {
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
  return [...emissions, ...reviewWanted(order_id, reason, ordinal)];
}

function reviewWanted(order_id: string, reason: OrderHead['reason'], ordinal: number): Emission[] {
  return [{ type: 'ORDER.VALIDATION_REQUIRED', payload: { order_id, reason: reason ?? 'manual_review' }, ordinal }];
}

function approvalOf(context: OrderContext, { event }: Validated) {
  const before = { draft: part(context, 'draft'), fields: part(context, 'fields') };
  const { final_order_draft: final } = event.payload;
  const none: Corrections = { fields: [], lines: [] };
  return correct(before, final ? correctionsOf(before.draft, final) : none);
}

function approved(context: OrderContext, event: Validated): OrderContext {
  const corrected = approvalOf(context, event);
  const { draft, fields } = countedAnew(corrected);
  const { validated_by: by, validated_at: at, notes = '' } = event.event.payload;
  const decision = { approved: true, by, at, notes, changes: corrected.changes };
  const facts = {
    ...{ po_number: draft.po_number ?? null, line_count: draft.lines.length },
    ...{ decided: event.event.event_id, updated_at: event.event.timestamp },
  };
  return changed(context, facts, { draft, fields, decision });
}

function rejected(context: OrderContext, event: Rejected): OrderContext {
  const { rejected_by: by, rejected_at: at, notes = '' } = event.event.payload;
  const decision = { approved: false, by, at, notes, changes: [] };
  const facts = { decided: event.event.event_id, updated_at: event.event.timestamp, open: null };
  return changed(context, facts, { decision, attachments: part(context, 'attachments') });
}

const exportId = ({ head }: OrderContext, id: Input['id']): string =>
  id('order_export', 0, (head as OrderHead).order_id);

/** From now on its files are kept for a while only, so that what is known of them is stored again. */
function exported(context: OrderContext, { output: { at, ...file }, id }: ExportDone): OrderContext {
  const { customer_email: to, subject, language } = headOf(context);
  const email_draft = confirmationDraft({ to, subject, language: language ?? 'en' }, part(context, 'draft'));
  const made = { artifact_id: exportId(context, id), ...file };
  const attachments = part(context, 'attachments');
  return changed(context, { open: null, updated_at: at }, { export: made, email_draft, attachments });
}

function exportEvents(context: OrderContext, { event, id }: ExportDone): Emission[] {
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
function sentBack(context: OrderContext): OrderContext {
  const { version } = headOf(context);
  return changed(context, { version: version + 1, reason: 'manual_review', decided: null }, { changes: [] });
}

const is = (type: EventType, { event }: Failed): boolean => event.event_type === type;
const lacksModel = ({ output }: ReadDone): boolean => output.reading.reason === 'gateway_unavailable';
const waitsForModel = ({ head }: OrderContext): boolean => head?.open?.waits_for === 'model';
const triesOf = ({ head }: OrderContext): number => head?.open?.tries ?? 0;

export function createOrderMachine({ maxTries, firstDelayMs }: ModelRetries) {
  const order = setup({
    types: { context: {} as OrderContext, events: {} as Input },
    actions: {
      ...vocabulary,
      draft: assign(({ context, event }) => drafted(context, (event as ReadDone).output)),
      draft_unread: assign(({ context }) => drafted(context, unread(context))),
      wait_for_model: assign(({ context }) => {
        const tries = (headOf(context).open?.tries ?? 0) + 1;
        return changed(context, { open: { waits_for: 'model', tries } });
      }),
      wait_for_redrive: assign(({ context }) => changed(context, { open: { waits_for: 'redrive', tries: 0 } })),
      settle_reading: assign(({ context }) => changed(context, { open: null })),
      approve: assign(({ context, event }) => approved(context, event as Validated)),
      reject: assign(({ context, event }) => rejected(context, event as Rejected)),
      keep_export: assign(({ context, event }) => exported(context, event as ExportDone)),
      send_back: assign(({ context }) => sentBack(context)),
    },
    guards: {
      /** The message that the order began with. */
      received: ({ context, event }) => context.head?.received === event.event.event_id,
      reads_again: ({ context, event }) =>
        context.head?.received === event.event.event_id && context.head.open !== null,
      model_unreachable: ({ event }) => lacksModel(event as ReadDone),
      model_still_unreachable: ({ context, event }) =>
        lacksModel(event as ReadDone) && waitsForModel(context) && triesOf(context) < maxTries,
      model_given_up: ({ context, event }) => lacksModel(event as ReadDone) && waitsForModel(context),
      unreadable: ({ context, event }) =>
        is('ORDER.INBOX_RECEIVED', event as Failed) && context.head?.received === event.event.event_id,
      unexportable: ({ context, event }) =>
        is('ORDER.VALIDATED', event as Failed) && context.head?.decided === event.event.event_id,
      decides: ({ context, event }) => decides(context, event),
      approves: ({ context, event }) => {
        if (!decides(context, event)) return false;
        const { draft, fields } = approvalOf(context, event as Validated);
        return missingForApproval(draft, fields).length === 0;
      },
      decided: ({ context, event }) => context.head?.decided === event.event.event_id,
    },
  });
  const read = {
    type: 'effect',
    params: ({ context }: Scope) => ({
      name: 'read',
      input: { head: headOf(context), request: part(context, 'request'), attachments: part(context, 'attachments') },
    }),
  } as const;
  const write = {
    type: 'effect',
    params: ({ context }: Scope) => ({
      name: 'export',
      input: { order_id: headOf(context).order_id, csv: exportCsv(part(context, 'draft')) },
    }),
  } as const;
  const say_draft = { type: 'emit', params: ({ context }: Scope) => draftEvents(context) } as const;
  const say_review = {
    type: 'emit',
    params: ({ context }: Scope) => {
      const { order_id, version } = headOf(context);
      return reviewWanted(order_id, 'manual_review', version - 1);
    },
  } as const;
  /** Later and later, at most a quarter of an hour. */
  const ask_later = {
    type: 'again',
    params: ({ context }: Scope) => ({
      delayMs: Math.min(MAX_DELAY_MS, firstDelayMs * DELAY_FACTOR ** (triesOf(context) - 1)),
    }),
  } as const;
  const give_up = {
    guard: 'unreadable',
    target: 'VALIDATION_REQUIRED',
    actions: ['draft_unread', 'wait_for_redrive', say_review],
  } as const;
  const return_to_person = {
    guard: 'unexportable',
    target: 'VALIDATION_REQUIRED',
    actions: ['send_back', say_review],
  } as const;

  return order.createMachine({
    id: 'order',
    version: '1',
    meta: {
      emits: [
        'ORDER.DRAFT_CREATED',
        'ORDER.MISSING_FIELDS_DETECTED',
        'ORDER.ANOMALY_DETECTED',
        'ORDER.VALIDATION_REQUIRED',
        'ORDER.EXPORT_READY',
        'DELIVERABLE.PUBLISHED',
      ] satisfies EventType[],
    },
    context: { head: null, parts: {}, changed: new Set() },
    initial: 'RECEIVED',
    states: {
      RECEIVED: {
        on: {
          'ORDER.INBOX_RECEIVED': { guard: 'received', actions: [read] },
          'read.done': [
            {
              guard: 'model_unreachable',
              target: 'VALIDATION_REQUIRED',
              actions: ['draft', 'wait_for_model', say_draft, ask_later],
            },
            { target: 'VALIDATION_REQUIRED', actions: ['draft', say_draft] },
          ],
          'read.failed': give_up,
          exhausted: give_up,
        },
      },
      VALIDATION_REQUIRED: {
        on: {
          'ORDER.INBOX_RECEIVED': { guard: 'reads_again', actions: [read] },
          'read.done': [
            // What has been said already holds; it is only asked once more.
            { guard: 'model_still_unreachable', actions: ['wait_for_model', ask_later] },
            { guard: 'model_given_up', actions: ['settle_reading'] },
            { guard: 'model_unreachable', actions: ['draft', 'wait_for_model', say_draft, ask_later] },
            { actions: ['draft', 'settle_reading', say_draft] },
          ],
          'read.failed': { guard: 'unreadable', actions: ['send_back', 'wait_for_redrive', say_review] },
          exhausted: { guard: 'unreadable', actions: ['send_back', 'wait_for_redrive', say_review] },
          'ORDER.VALIDATED': [
            { guard: 'approves', target: 'VALIDATED', actions: ['approve', write] },
            {
              guard: 'decides',
              actions: [{ type: 'refuse', params: { reason: 'the order lacks what approval needs', retry: false } }],
            },
          ],
          'ORDER.REJECTED': { guard: 'decides', target: 'REJECTED', actions: ['reject'] },
        },
      },
      VALIDATED: {
        on: {
          // The turn that was to write the CSV did not end.
          'ORDER.VALIDATED': { guard: 'decided', actions: [write] },
          'export.done': {
            target: 'EXPORTED',
            actions: [
              'keep_export',
              { type: 'emit', params: ({ context, event }: Scope) => exportEvents(context, event as ExportDone) },
            ],
          },
          'export.failed': return_to_person,
          exhausted: return_to_person,
        },
      },
      EXPORTED: { type: 'final' },
      REJECTED: { type: 'final' },
    },
  });
}

/** Kind of the id that a decision on one version of an order has. */
export const DECISION = 'decision';

function decides({ head }: OrderContext, { event, id }: Input): boolean {
  return head !== null && event.event_id === id(DECISION, head.version, head.order_id);
}
