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
import type { EventType } from '../schemas/types.ts';
import { type ExhaustedInput, type FailedInput, vocabulary, type WireInput } from './kit.ts';
import { exportCsv } from './orders/export-csv.ts';
import { missingForApproval } from './orders/missing-fields.ts';
import {
  approvalOf,
  approved,
  changed,
  draftEvents,
  drafted,
  type ExportDone,
  exportEvents,
  exported,
  headOf,
  type OrderContext,
  part,
  type ReadDone,
  rejected,
  reviewWanted,
  sentBack,
  unread,
} from './orders/order-changes.ts';
import type { OpenReading } from './orders/order-state.ts';

/** How often, and how long after one another, a model is asked that was not reachable. */
export interface ModelRetries {
  maxTries: number;
  firstDelayMs: number;
}

type Inbox = WireInput<'ORDER.INBOX_RECEIVED'>;
type Validated = WireInput<'ORDER.VALIDATED'>;
type Rejected = WireInput<'ORDER.REJECTED'>;
type Failed = FailedInput<'read'> | FailedInput<'export'> | ExhaustedInput;
type Input = Inbox | Validated | Rejected | ReadDone | ExportDone | Failed;
type Scope<I extends Input = Input> = { context: OrderContext; event: I };

const MAX_DELAY_MS = 15 * 60_000;
const DELAY_FACTOR = 4;

const is = (type: EventType, { event }: Failed): boolean => event.event_type === type;
const lacksModel = ({ output }: ReadDone): boolean => output.reading.reason === 'gateway_unavailable';
const waitsForModel = ({ head }: OrderContext): boolean => head?.open?.waits_for === 'model';
/** Only while the model is waited for. */
const triesOf = (context: OrderContext): number => (headOf(context).open as OpenReading).tries;

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
      approve: assign(({ context, event }) => approved(context, (event as Validated).event)),
      reject: assign(({ context, event }) => rejected(context, (event as Rejected).event)),
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
        const { draft, fields } = approvalOf(context, (event as Validated).event);
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
      input: { head: headOf(context), draft: part(context, 'draft'), csv: exportCsv(part(context, 'draft')) },
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
