import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnyMachineSnapshot, initialTransition, transition } from 'xstate';
import type { EffectRequest, Emission, PlainFault } from '../../machines/kit.ts';
import { type Product, workItemMachine } from '../../machines/work-item.ts';
import type { Envelope, WorkContext } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { deriveId } from '../../src/runtime/ids.ts';

const PROJECT = '11111111-1111-4111-8111-111111111111';
const ITEM = '22222222-2222-4222-8222-222222222222';
const FIRST = '33333333-3333-4333-8333-333333333333';
const SECOND = '44444444-4444-4444-8444-444444444444';
const validator = createValidator();

const rows = [{ text: 'Ticket triage', estimated_minutes: 30 }];
const PRODUCT: Product = {
  type: 'time_waste_analysis',
  content: { total_minutes: 30 },
  confidence: 0.6,
  evidence: { total_minutes: 30 },
};

function dispatch(
  event_id: string,
  agent_target = 'time_waste_worker',
  work_context: WorkContext = { rows },
): Envelope<'WORK.ITEM_DISPATCHED'> {
  return {
    event_id,
    event_type: 'WORK.ITEM_DISPATCHED',
    event_version: 1,
    timestamp: '2026-01-15T10:30:00.000Z',
    source: 'orchestrator',
    instance: 'here/1',
    correlation_id: PROJECT,
    causation_id: null,
    payload: { project_id: PROJECT, backlog_item_id: ITEM, agent_target, work_context },
  };
}

type Input =
  | { type: 'WORK.ITEM_DISPATCHED' }
  | { type: 'perform.done'; output: Product | { withdrawn: true } }
  | { type: 'perform.failed'; fault: PlainFault }
  | { type: 'exhausted'; fault: PlainFault; attempts: number };

/** One instance, driven by hand; every emission is checked against its schema. */
class Item {
  snapshot: AnyMachineSnapshot = initialTransition(workItemMachine)[0];
  emitted: Emission[] = [];
  effects: EffectRequest[] = [];

  give(event: Envelope<'WORK.ITEM_DISPATCHED'>, input: Input = { type: 'WORK.ITEM_DISPATCHED' }): this {
    const id = (kind: string, ordinal?: number) => deriveId(event.event_id, kind, ordinal);
    const stored = JSON.parse(JSON.stringify({ value: this.snapshot.value, context: this.snapshot.context }));
    const [next, actions] = transition(workItemMachine, workItemMachine.resolveState(stored), {
      ...input,
      event,
      id,
      attempt: 1,
    } as never);
    this.snapshot = next;
    this.emitted = [];
    this.effects = [];
    for (const { type, params } of actions as { type: string; params: unknown }[]) {
      if (type === 'emit') this.emitted.push(...(params as Emission[]));
      if (type === 'effect') this.effects.push(params as EffectRequest);
    }
    for (const { type, payload } of this.emitted) expect(validator.checkPayload(type, 1, payload)).toBeNull();
    return this;
  }

  get types(): string[] {
    return this.emitted.map(({ type }) => type);
  }
}

const started = (event = dispatch(FIRST)) => new Item().give(event);
const done = { type: 'perform.done', output: PRODUCT } as const;
const fault = (code: string, message: string, details?: Record<string, unknown>): PlainFault => ({
  code,
  message,
  ...(details && { details }),
});

describe('a dispatch with its inputs', () => {
  test('starts the item and asks for its work', () => {
    const item = started();
    expect(item.snapshot.value).toBe('working');
    expect(item.emitted).toEqual([
      {
        type: 'WORK.ITEM_STARTED',
        payload: { project_id: PROJECT, backlog_item_id: ITEM, started_at: '2026-01-15T10:30:00.000Z' },
      },
    ]);
    expect(item.effects).toEqual([{ name: 'perform', input: dispatch(FIRST).payload }]);
  });

  test('publishes the deliverable, then completes the item', () => {
    const item = started().give(dispatch(FIRST), done);
    const deliverable_id = deriveId(FIRST, 'deliverable');
    expect(item.snapshot.value).toBe('done');
    expect(item.emitted).toEqual([
      {
        type: 'DELIVERABLE.PUBLISHED',
        payload: {
          project_id: PROJECT,
          backlog_item_id: ITEM,
          deliverable: {
            id: deliverable_id,
            type: 'time_waste_analysis',
            project_id: PROJECT,
            backlog_item_id: ITEM,
            agent: 'time_waste_worker',
            timestamp: '2026-01-15T10:30:00.000Z',
            confidence: 0.6,
            content: { total_minutes: 30 },
          },
        },
      },
      {
        type: 'WORK.ITEM_COMPLETED',
        payload: {
          project_id: PROJECT,
          backlog_item_id: ITEM,
          evidence: { agent: 'time_waste_worker', deliverable_id, total_minutes: 30 },
        },
      },
    ]);
  });

  test.each([
    ['time_waste_worker', { rows }],
    ['cost_worker', { rows, hourly_rate: 0 }],
    ['friction_worker', { rows }],
    ['scenario_worker', { rows, hourly_rate: 100 }],
    ['requirements_manager', { rows: [], scope: 'Repair the export' }],
    ['dev_worker', { rows: [], request_text: 'Repair the export' }],
    ['test_worker', { rows: [], requirements: ['it runs'] }],
    ['worker', { rows: [] }],
  ] as const)('is enough for %s', (target, context) => {
    expect(started(dispatch(FIRST, target, context as unknown as WorkContext)).snapshot.value).toBe('working');
  });
});

describe('a dispatch without its inputs', () => {
  test.each([
    ['time_waste_worker', {}, 'work_context.rows missing', ['rows']],
    ['cost_worker', {}, 'missing required inputs', ['hourly_rate', 'rows']],
    ['cost_worker', { hourly_rate: 0 }, 'missing required inputs', ['rows']],
    ['friction_worker', {}, 'work_context.rows missing', ['rows']],
    ['scenario_worker', { rows }, 'missing required inputs', ['hourly_rate']],
    ['requirements_manager', { request_text: ' ' }, 'missing requirements input', ['requirements']],
    ['dev_worker', {}, 'missing required inputs', ['request_text']],
    ['test_worker', { requirements: [] }, 'missing required inputs', ['request_text']],
  ])('makes %s with %j ask once and start nothing', (target, context, reason, fields) => {
    const item = started(dispatch(FIRST, target, { rows: [], ...context }));
    expect(item.snapshot.value).toBe('asked');
    expect(item.effects).toEqual([]);
    expect(item.emitted).toEqual([
      {
        type: 'CLARIFICATION.NEEDED',
        payload: {
          project_id: PROJECT,
          backlog_item_id: ITEM,
          agent: target,
          reason,
          missing_fields: fields.map((field) => ({ field, reason: `required by ${target}` })),
        },
      },
    ]);
  });
});

describe('work that does not succeed', () => {
  test('asks for the data that the work itself found missing', () => {
    const item = started().give(dispatch(FIRST), {
      type: 'perform.failed',
      fault: fault('DATA_INSUFFICIENCY', 'text, estimated_minutes', { fields: ['text', 'estimated_minutes'] }),
    });
    expect(item.snapshot.value).toBe('asked');
    expect(item.types).toEqual(['CLARIFICATION.NEEDED']);
    expect(item.emitted[0]?.payload).toMatchObject({
      reason: 'missing required inputs',
      missing_fields: [
        { field: 'text', reason: 'required by time_waste_worker' },
        { field: 'estimated_minutes', reason: 'required by time_waste_worker' },
      ],
    });
  });

  test('fails at once on a contradiction', () => {
    const item = started().give(dispatch(FIRST), {
      type: 'perform.failed',
      fault: fault('REASONING_CONTRADICTION', 'two totals for one row'),
    });
    expect(item.snapshot.value).toBe('failed');
    expect(item.emitted).toEqual([
      {
        type: 'WORK.ITEM_FAILED',
        payload: {
          project_id: PROJECT,
          backlog_item_id: ITEM,
          reason: 'two totals for one row',
          failure: { category: 'REASONING_CONTRADICTION', reason: 'two totals for one row' },
        },
      },
    ]);
  });

  test('fails as a tool failure on any other fault that no retry mends', () => {
    const item = started().give(dispatch(FIRST), {
      type: 'perform.failed',
      fault: fault('VALIDATION_ERROR', 'budget exceeded: month', { scope: 'month' }),
    });
    expect(item.emitted[0]?.payload).toMatchObject({
      reason: 'budget exceeded: month',
      failure: { category: 'TOOL_FAILURE', details: { scope: 'month' } },
    });
  });

  test('fails with the number of attempts when they are used up', () => {
    const item = started().give(dispatch(FIRST), {
      type: 'exhausted',
      fault: fault('PROVIDER_ERROR', 'the provider failed'),
      attempts: 5,
    });
    expect(item.snapshot.value).toBe('failed');
    expect(item.emitted).toEqual([
      {
        type: 'WORK.ITEM_FAILED',
        payload: {
          project_id: PROJECT,
          backlog_item_id: ITEM,
          reason: 'the provider failed',
          failure: { category: 'TOOL_FAILURE', reason: 'the provider failed', attempts: 5 },
        },
      },
    ]);
  });

  test('fails an item that was never started when its deliveries are used up', () => {
    const item = new Item().give(dispatch(FIRST), {
      type: 'exhausted',
      fault: fault('THREAD_CRASHED', 'out of heap'),
      attempts: 5,
    });
    expect([item.snapshot.value, item.types]).toEqual(['failed', ['WORK.ITEM_FAILED']]);
  });

  test('says nothing when the project ended before the work was worth its price', () => {
    const item = started().give(dispatch(FIRST), { type: 'perform.done', output: { withdrawn: true } });
    expect([item.snapshot.value, item.types, item.effects]).toEqual(['withdrawn', [], []]);
  });
});

describe('a dispatch that comes again', () => {
  test('works again without a second start while it is not settled (I5)', () => {
    const item = started().give(dispatch(FIRST));
    expect([item.snapshot.value, item.types, item.effects.length]).toEqual(['working', [], 1]);
  });

  test.each<[string, Input]>([
    ['done', done],
    ['asked', { type: 'perform.failed', fault: fault('DATA_INSUFFICIENCY', 'rows', { fields: ['rows'] }) }],
    ['failed', { type: 'perform.failed', fault: fault('REASONING_CONTRADICTION', 'no') }],
    ['withdrawn', { type: 'perform.done', output: { withdrawn: true } }],
  ])('does nothing once it is %s (I2)', (state, end) => {
    const item = started().give(dispatch(FIRST), end).give(dispatch(FIRST));
    expect([item.snapshot.value, item.types, item.effects]).toEqual([state, [], []]);
  });

  test.each<[string, Input]>([
    ['done', done],
    ['asked', { type: 'perform.failed', fault: fault('DATA_INSUFFICIENCY', 'rows', { fields: ['rows'] }) }],
    ['failed', { type: 'exhausted', fault: fault('PROVIDER_ERROR', 'no'), attempts: 5 }],
    ['withdrawn', { type: 'perform.done', output: { withdrawn: true } }],
  ])('is new work under a new event id after the item is %s', (_, end) => {
    const item = started().give(dispatch(FIRST), end).give(dispatch(SECOND));
    expect([item.snapshot.value, item.types, item.effects.length]).toEqual(['working', ['WORK.ITEM_STARTED'], 1]);
  });

  test('is started once although a later dispatch went before its next try (I2)', () => {
    const item = started().give(dispatch(SECOND));
    expect(item.types).toEqual(['WORK.ITEM_STARTED']);
    item.give(dispatch(SECOND), done).give(dispatch(FIRST));
    expect([item.snapshot.value, item.types, item.effects.length]).toEqual(['working', [], 1]);
    item.give(dispatch(FIRST), done);
    expect(item.types).toEqual(['DELIVERABLE.PUBLISHED', 'WORK.ITEM_COMPLETED']);
    expect(item.snapshot.context.open).toEqual([]);
  });
});

test('no sequence of inputs starts one dispatch twice or remembers a dispatch that is settled (I2, I9)', () => {
  const ids = [FIRST, SECOND, '55555555-5555-4555-8555-555555555555'];
  const ends: Input[] = [
    done,
    { type: 'perform.done', output: { withdrawn: true } },
    { type: 'perform.failed', fault: fault('REASONING_CONTRADICTION', 'no') },
  ];
  // Each step delivers one dispatch and either ends its work or leaves it for another try.
  const steps = fc.array(fc.record({ id: fc.constantFrom(...ids), end: fc.option(fc.constantFrom(...ends)) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(steps, (deliveries) => {
      const item = new Item();
      const open = new Set<string>();
      const startedIds: string[] = [];
      for (const { id, end } of deliveries) {
        if (startedIds.includes(id) && !open.has(id)) continue; // acked: never delivered again
        item.give(dispatch(id));
        if (item.types.includes('WORK.ITEM_STARTED')) startedIds.push(id);
        open.add(id);
        if (end) {
          item.give(dispatch(id), end);
          open.delete(id);
        }
      }
      expect(new Set(startedIds).size).toBe(startedIds.length);
      expect([...item.snapshot.context.open].sort()).toEqual([...open].sort());
    }),
  );
});
