/**
 * The life of one dispatched item in any worker.
 *
 * Owns: when a worker asks, starts, finishes and gives up, and what it says then. Does not own what it computes
 * (effect `perform`), nor retries: a fault worth another try never reaches the machine. Keeps I7.
 *
 * A dispatch names its worker in `agent_target`, so one machine serves all of them. An instance outlives its
 * dispatch: a later dispatch of the item starts anew from any state, also while an earlier one waits for its next
 * try; the last one again, once it is settled, does nothing.
 */
import { assign, setup } from 'xstate';
import type { Envelope, EventType, MissingField } from '../schemas/types.ts';
import { failureOf } from './formulas/failure.ts';
import { type MissingInputs, missingInputs } from './formulas/inputs.ts';
import {
  type DoneInput,
  type Emission,
  type ExhaustedInput,
  type FailedInput,
  type PlainFault,
  vocabulary,
  type WireInput,
  type Withdrawn,
} from './kit.ts';

/** What a worker made of its item. */
export interface Product {
  /** Deliverable type. */
  type: string;
  content: object;
  /** 0–1. */
  confidence: number;
  /** What the evidence says beside `agent` and `deliverable_id`. */
  evidence: object;
}

interface WorkItemContext {
  /** `event_id` of the dispatch taken up last. */
  last: string | null;
  /** `event_id`s of dispatches started and not settled: the one at work, and those that wait for another try. */
  open: readonly string[];
}

type Dispatch = Envelope<'WORK.ITEM_DISPATCHED'>;
type Dispatched = WireInput<'WORK.ITEM_DISPATCHED'>;
type Done = DoneInput<'perform', Product | Withdrawn>;
type Failed = FailedInput<'perform'>;
type Input = Dispatched | Done | Failed | ExhaustedInput;

const itemOf = ({ payload }: Dispatch) => ({
  project_id: payload.project_id,
  backlog_item_id: payload.backlog_item_id,
});

const missingOf = ({ payload }: Dispatch) => missingInputs(payload.agent_target, payload.work_context);

const isNew = ({ last }: WorkItemContext, { event }: Input) => last !== event.event_id;

function start(dispatch: Dispatch): Emission[] {
  return [{ type: 'WORK.ITEM_STARTED', payload: { ...itemOf(dispatch), started_at: dispatch.timestamp } }];
}

function ask(dispatch: Dispatch, reason: string, missing_fields: MissingField[]): Emission[] {
  const agent = dispatch.payload.agent_target;
  return [{ type: 'CLARIFICATION.NEEDED', payload: { ...itemOf(dispatch), agent, reason, missing_fields } }];
}

/** The inputs that the worker's table names. */
function askForInputs(dispatch: Dispatch): Emission[] {
  const { reason, missing_fields } = missingOf(dispatch) as MissingInputs;
  return ask(dispatch, reason, missing_fields);
}

/** What the work itself found to be absent. */
function askForData({ event, fault }: Failed): Emission[] {
  const dispatch = event as Dispatch;
  const reason = `required by ${dispatch.payload.agent_target}`;
  const fields = fault.details?.fields as readonly string[];
  return ask(
    dispatch,
    'missing required inputs',
    fields.map((field) => ({ field, reason })),
  );
}

function fail(dispatch: Dispatch, fault: PlainFault, attempts?: number): Emission[] {
  const failure = failureOf(fault, attempts);
  return [{ type: 'WORK.ITEM_FAILED', payload: { ...itemOf(dispatch), reason: failure.reason, failure } }];
}

function finish(dispatch: Dispatch, product: Product, id: Done['id']): Emission[] {
  const { type, content, confidence, evidence } = product;
  const item = itemOf(dispatch);
  const agent = dispatch.payload.agent_target;
  const deliverable_id = id('deliverable');
  const { timestamp } = dispatch;
  const deliverable = { id: deliverable_id, type, ...item, agent, timestamp, confidence, content: { ...content } };
  return [
    { type: 'DELIVERABLE.PUBLISHED', payload: { ...item, deliverable } },
    { type: 'WORK.ITEM_COMPLETED', payload: { ...item, evidence: { agent, deliverable_id, ...evidence } } },
  ];
}

const workItem = setup({
  types: { context: {} as WorkItemContext, events: {} as Input },
  actions: {
    ...vocabulary,
    open: assign({
      last: ({ event }) => event.event.event_id,
      open: ({ context, event }) => [...context.open, event.event.event_id],
    }),
    settle: assign({
      last: ({ event }) => event.event.event_id,
      open: ({ context, event }) => context.open.filter((dispatch) => dispatch !== event.event.event_id),
    }),
  },
  guards: {
    /** Started before, and not settled: a crash, or an error worth another try. */
    interrupted: ({ context, event }) => context.open.includes(event.event.event_id),
    inputs_present: ({ context, event }) => isNew(context, event) && missingOf(event.event as Dispatch) === null,
    inputs_missing: ({ context, event }) => isNew(context, event) && missingOf(event.event as Dispatch) !== null,
    withdrawn: ({ event }) => 'withdrawn' in (event as Done).output,
    data_missing: ({ event }) => (event as Failed).fault.code === 'DATA_INSUFFICIENCY',
  },
});

const perform = {
  type: 'effect',
  params: ({ event }: { event: Input }) => ({ name: 'perform', input: event.event.payload }),
} as const;

/** What every state answers alike. */
const anywhere = workItem.createStateConfig({
  on: {
    'WORK.ITEM_DISPATCHED': [
      { guard: 'interrupted', target: 'working', actions: [perform] },
      {
        guard: 'inputs_present',
        target: 'working',
        actions: ['open', { type: 'emit', params: ({ event }) => start(event.event) }, perform],
      },
      {
        guard: 'inputs_missing',
        target: 'asked',
        actions: ['settle', { type: 'emit', params: ({ event: { event } }) => askForInputs(event) }],
      },
    ],
    exhausted: {
      target: 'failed',
      actions: [
        'settle',
        { type: 'emit', params: ({ event }) => fail(event.event as Dispatch, event.fault, event.attempts) },
      ],
    },
  },
});
const settled = { type: 'final', ...anywhere } as const;

export const workItemMachine = workItem.createMachine({
  id: 'work_item',
  version: '1',
  meta: {
    emits: [
      'WORK.ITEM_STARTED',
      'DELIVERABLE.PUBLISHED',
      'WORK.ITEM_COMPLETED',
      'WORK.ITEM_FAILED',
      'CLARIFICATION.NEEDED',
    ] satisfies EventType[],
  },
  context: { last: null, open: [] },
  initial: 'idle',
  states: {
    idle: anywhere,
    working: {
      on: {
        ...anywhere.on,
        'perform.done': [
          { guard: 'withdrawn', target: 'withdrawn', actions: ['settle'] },
          {
            target: 'done',
            actions: [
              'settle',
              {
                type: 'emit',
                params: ({ event: { event, output, id } }) => finish(event as Dispatch, output as Product, id),
              },
            ],
          },
        ],
        'perform.failed': [
          {
            guard: 'data_missing',
            target: 'asked',
            actions: ['settle', { type: 'emit', params: ({ event }) => askForData(event) }],
          },
          {
            target: 'failed',
            actions: ['settle', { type: 'emit', params: ({ event }) => fail(event.event as Dispatch, event.fault) }],
          },
        ],
      },
    },
    done: settled,
    failed: settled,
    asked: settled,
    withdrawn: settled,
  },
});
