import { describe, expect, it } from 'vitest';
import { createOrderIntake } from '../../actors/order-intake.ts';
import { DECISION } from '../../machines/order.ts';
import type { OrderContext, OrderRead } from '../../machines/orders/order-changes.ts';
import { ORDER_STATUSES, receivedOrder } from '../../machines/orders/order-state.ts';
import { withAnomalies } from '../../machines/orders/read-order.ts';
import type { Envelope, EventType, OrderDraft, Payloads } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { deriveId, derivesFrom } from '../../src/runtime/ids.ts';
import { type CompiledActor, compileActor, type StepResult, step } from '../../src/runtime/step.ts';
import { anEvent } from '../support/events.ts';
import { read as readInput, withSheet } from '../support/order-documents.ts';

const ORDER = '00000000-0000-4000-8000-00000000000a';
const AT = '2026-01-15T10:30:00.000Z';
const LATER = '2026-01-15T10:31:00.000Z';
const intake = (settings: Parameters<typeof createOrderIntake>[0]) =>
  compileActor(createOrderIntake(settings)) as unknown as CompiledActor;
const actor = intake({ maxTries: 3, firstDelayMs: 30_000, artifactTtlMs: 1000 });
const validator = createValidator();
const FILE = { artifact_id: '00000000-0000-4000-8000-00000000000b', filename: 'order.xlsx', mime_type: 'x/y' };
const inbox = anEvent(
  'ORDER.INBOX_RECEIVED',
  {
    ...{ order_id: ORDER, from_email: 'buyer@acme.example', subject: 'Order', received_at: AT, attachments: [FILE] },
    delivery_date: '2026-02-01',
  },
  { timestamp: AT },
);
const COMPLETE = readInput({
  ...withSheet([
    ['SKU', 'Qty', 'Price'],
    ['A', 1, 2],
    ['B', 2, 2.5],
  ]),
  form: { delivery_address: '12 Rue X', delivery_date: '2026-02-01' },
});
const ATTACHMENT = { ...FILE, parent_id: null, size: 5, sha256: 'aa', status: 'parsed', reason: null } as const;
const asRead = (reading: OrderRead['reading'] = COMPLETE): OrderRead => ({
  reading,
  attachments: [ATTACHMENT],
  at: LATER,
});
const unreachable = asRead({ ...COMPLETE, reason: 'gateway_unavailable' });

interface State {
  value: string;
  context: OrderContext;
}

/** One order, stepped as the runtime does; everything that it emits is valid. */
class Life {
  state: State;
  last: StepResult | null = null;

  constructor(received = true) {
    const first = receivedOrder(inbox);
    const context = { head: first.head, parts: first.parts, changed: new Set() } as OrderContext;
    this.state = received ? { value: first.value, context } : (actor.chart.initial() as unknown as State);
  }

  give(type: string, cause: Envelope, more: object = {}): StepResult {
    const result = step(actor, this.state, {
      type,
      event: cause,
      id: derivesFrom(cause),
      attempt: 1,
      ...more,
    } as never);
    for (const { type: emitted, payload } of result.emissions) {
      expect(validator.checkPayload(emitted, 1, payload), emitted).toBeNull();
    }
    this.state = result.state as unknown as State;
    this.last = result;
    return result;
  }
  arrive = (event: Envelope = inbox) => this.give(event.event_type, event);
  done = (output: OrderRead = asRead()) => this.give('read.done', inbox, { output });
  exhausted = (event: Envelope) => this.give('exhausted', event, { fault: { code: 'X', message: 'x' }, attempts: 5 });

  decide<T extends 'ORDER.VALIDATED' | 'ORDER.REJECTED'>(
    type: T,
    payload: Partial<Payloads[T]> = {},
    version = this.version,
  ) {
    const who =
      type === 'ORDER.VALIDATED'
        ? { validated_by: 'mia', validated_at: LATER }
        : { rejected_by: 'mia', rejected_at: LATER };
    const event = anEvent(type as EventType, { order_id: ORDER, ...who, ...payload } as never, {
      event_id: deriveId(ORDER, DECISION, version),
      timestamp: LATER,
    });
    return { event, result: this.arrive(event) };
  }
  get version(): number {
    return this.state.context.head?.version ?? 0;
  }
  get reason() {
    return this.state.context.head?.reason;
  }
}

const drafted = (output?: OrderRead): Life => {
  const life = new Life();
  life.arrive();
  life.done(output);
  return life;
};
const typesOf = ({ emissions }: StepResult) =>
  emissions.map(({ type, ordinal }) => `${type}${ordinal ? ` ${ordinal}` : ''}`);
const written = { path: '/storage/exports/x.csv', size: 3, sha256: 'bb', at: LATER };

describe('an order', () => {
  it('has the statuses of the contract as values', () => {
    expect([...actor.chart.values].sort()).toEqual([...ORDER_STATUSES].sort());
    expect(['EXPORTED', 'REJECTED'].every((status) => actor.chart.isFinal(status))).toBe(true);
  });

  it('is read when it has been received, and waits for a person then', () => {
    const life = new Life();
    expect(life.arrive()).toMatchObject({
      state: { value: 'RECEIVED' },
      effects: [
        { name: 'read', input: { head: { order_id: ORDER }, request: { subject: 'Order' }, attachments: [FILE] } },
      ],
    });
    expect(typesOf(life.done())).toEqual(['ORDER.DRAFT_CREATED', 'ORDER.VALIDATION_REQUIRED']);
    expect(life.state).toMatchObject({
      value: 'VALIDATION_REQUIRED',
      context: {
        head: { version: 1, reason: 'awaiting_approval', line_count: 2, issue_count: 0, updated_at: LATER, open: null },
      },
    });
  });

  it('says what is missing and what is odd, in that order', () => {
    const odd = withAnomalies(readInput({}), [{ type: 'duplicate_order', severity: 'error', description: 'again' }]);
    expect(typesOf(drafted(asRead(odd)).last as StepResult)).toEqual([
      'ORDER.DRAFT_CREATED',
      'ORDER.MISSING_FIELDS_DETECTED',
      'ORDER.ANOMALY_DETECTED',
      'ORDER.VALIDATION_REQUIRED',
    ]);
  });

  it('that nobody has received does nothing, whatever comes', () => {
    const life = new Life(false);
    for (const { handled } of [life.arrive(), life.exhausted(inbox), life.decide('ORDER.VALIDATED').result]) {
      expect(handled).toBe(false);
    }
  });

  it('begins with one message: another one for it, or the same again once it is read, changes nothing', () => {
    expect(new Life().arrive({ ...inbox, event_id: ORDER }).handled).toBe(false);
    expect(drafted().arrive().handled).toBe(false);
  });

  it('goes to a person with what its form says when it cannot be read at all', () => {
    for (const how of ['exhausted', 'read.failed']) {
      const life = new Life();
      life.arrive();
      expect(typesOf(life.give(how, inbox, { fault: {}, attempts: 5 }))).toEqual(['ORDER.VALIDATION_REQUIRED']);
      expect(life.state).toMatchObject({
        value: 'VALIDATION_REQUIRED',
        context: {
          head: { version: 1, reason: 'manual_review', open: { waits_for: 'redrive' } },
          parts: {
            draft: { lines: [], delivery: { date: '2026-02-01' } },
            attachments: [{ status: 'unreadable', reason: 'could not be read' }],
          },
        },
      });
      // The dead letter is sent once more, and now it goes well.
      expect(life.arrive().effects).toHaveLength(1);
      expect(typesOf(life.done())).toEqual(['ORDER.DRAFT_CREATED 1', 'ORDER.VALIDATION_REQUIRED 1']);
      expect(life.version).toBe(2);
      expect(life.state.context.parts.changes).toContainEqual({
        field: 'delivery.address',
        from: null,
        to: '12 Rue X',
      });
      expect(life.arrive().handled).toBe(false);
    }
  });
});

describe('a model that is not reachable', () => {
  it('is asked again, later and later, and its answer is a new version', () => {
    const life = new Life();
    life.arrive();
    expect(life.done(unreachable)).toMatchObject({ again: { delayMs: 30_000 } });
    expect(life.reason).toBe('gateway_unavailable');
    expect(life.arrive().effects).toHaveLength(1);
    expect(life.done(unreachable)).toMatchObject({ again: { delayMs: 120_000 }, emissions: [] });
    expect(life.version).toBe(1);
    life.arrive();
    expect(life.done()).toMatchObject({ again: null });
    expect(typesOf(life.last as StepResult)).toEqual(['ORDER.DRAFT_CREATED 1', 'ORDER.VALIDATION_REQUIRED 1']);
    expect([life.version, life.reason]).toEqual([2, 'awaiting_approval']);
    expect(life.arrive().handled).toBe(false);
  });

  it('is given up after so many tries', () => {
    const life = drafted(unreachable);
    const delays: (number | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      life.arrive();
      delays.push(life.done(unreachable).again?.delayMs);
    }
    expect(delays).toEqual([120_000, 480_000, undefined]);
    expect([life.version, life.reason]).toEqual([1, 'gateway_unavailable']);
    expect(life.arrive().handled).toBe(false);
  });

  it('is never waited for longer than a quarter of an hour', () => {
    const patient = intake({ maxTries: 9, firstDelayMs: 3_600_000, artifactTtlMs: 1 });
    const { head, parts } = receivedOrder(inbox);
    const state = { value: 'RECEIVED', context: { head, parts, changed: new Set() } };
    const result = step(patient, state, {
      type: 'read.done',
      event: inbox,
      id: derivesFrom(inbox),
      output: unreachable,
    } as never);
    expect(result.again?.delayMs).toBe(900_000);
  });

  it('that had not been reached when the files could not be read either is waited for from the new draft on', () => {
    const life = new Life();
    life.exhausted(inbox);
    life.arrive();
    expect(life.done(unreachable)).toMatchObject({ again: { delayMs: 30_000 } });
    expect([life.version, life.reason]).toEqual([2, 'gateway_unavailable']);
  });

  it('does not keep a person from deciding', () => {
    const life = drafted(unreachable);
    expect(life.decide('ORDER.VALIDATED').result.state.value).toBe('VALIDATED');
    expect(life.arrive().handled).toBe(false);
    expect(life.done().handled).toBe(false);
  });

  it('goes back to a person when asking it again fails for good', () => {
    for (const how of ['exhausted', 'read.failed']) {
      const life = drafted(unreachable);
      life.arrive();
      expect(typesOf(life.give(how, inbox, { fault: {}, attempts: 5 }))).toEqual(['ORDER.VALIDATION_REQUIRED 1']);
      expect([life.version, life.reason]).toEqual([2, 'manual_review']);
      expect(life.state.context.parts.draft).toEqual(COMPLETE.draft);
    }
  });
});

describe('a decision', () => {
  it('for it corrects the draft, has the CSV written, and publishes it', () => {
    const life = drafted();
    const [first, second] = COMPLETE.draft.lines;
    const lines = [second, { ...first, line_no: 3, sku: 'C' }] as OrderDraft['lines'];
    const final_order_draft = { ...COMPLETE.draft, po_number: 'PO-7', lines };
    const { event, result } = life.decide('ORDER.VALIDATED', { final_order_draft, notes: 'fine' });
    const csv = 'line_no,sku,description,qty,uom,unit_price\r\n1,B,,2,,2.5\r\n2,C,,1,,2\r\n';
    expect(result).toMatchObject({
      state: { value: 'VALIDATED' },
      effects: [{ name: 'export', input: { head: { order_id: ORDER }, csv } }],
    });
    expect(life.state.context).toMatchObject({
      head: { po_number: 'PO-7', line_count: 2 },
      parts: {
        decision: {
          ...{ approved: true, by: 'mia', at: LATER, notes: 'fine' },
          changes: [
            { field: 'po_number', from: null, to: 'PO-7' },
            { field: 'lines[1]', from: { sku: 'A' }, to: null },
            { field: 'lines[3]', from: null, to: { sku: 'C' } },
          ],
        },
        fields: { 'lines[1].sku': { value: 'B' }, 'lines[2].sku': { value: 'C', method: 'human', confidence: 1 } },
      },
    });
    // Delivered again: the turn did not end.
    expect(life.arrive(event)).toMatchObject({ effects: [{ name: 'export', input: { csv } }], emissions: [] });
    const done = life.give('export.done', event, { output: written });
    expect(typesOf(done)).toEqual(['ORDER.EXPORT_READY', 'DELIVERABLE.PUBLISHED']);
    expect(done).toMatchObject({
      state: { value: 'EXPORTED' },
      emissions: [
        { payload: { export: { format: 'csv' } } },
        {
          payload: {
            project_id: ORDER,
            deliverable: { type: 'order_export', content: { line_count: 2, sha256: 'bb' } },
          },
        },
      ],
    });
    expect(life.state.context.parts).toMatchObject({
      export: { path: written.path, size: 3 },
      attachments: [ATTACHMENT],
    });
    for (const late of [life.arrive(event), life.decide('ORDER.REJECTED').result]) expect(late.handled).toBe(false);
  });

  it('against it ends the order; nothing is written', () => {
    const life = drafted();
    const { result } = life.decide('ORDER.REJECTED');
    expect(result).toMatchObject({ state: { value: 'REJECTED' }, effects: [], emissions: [] });
    expect(life.state.context.parts.decision).toEqual({
      approved: false,
      by: 'mia',
      at: LATER,
      notes: '',
      changes: [],
    });
  });

  it.each(['ORDER.VALIDATED', 'ORDER.REJECTED'] as const)('%s counts for the current version only', (type) => {
    const life = drafted(unreachable);
    life.arrive();
    life.done();
    expect(life.decide(type, {}, 1).result.handled).toBe(false);
    const stranger = anEvent(type as EventType, life.decide(type, {}, 3).event.payload as never);
    expect(life.arrive(stranger).handled).toBe(false);
    expect(life.decide(type, {}, 2).result.handled).toBe(true);
  });

  it('for an order that lacks what is required is refused', () => {
    const life = drafted(
      asRead(
        readInput(
          withSheet([
            ['SKU', 'Qty'],
            ['A', 1],
          ]),
        ),
      ),
    );
    const { draft } = life.state.context.parts as { draft: OrderDraft };
    const { result } = life.decide('ORDER.VALIDATED');
    expect(result.refusal).toEqual({ reason: 'the order lacks what approval needs', retry: false });
    const open = { ...draft, delivery: { address: null, date: null } };
    expect(life.decide('ORDER.VALIDATED', { final_order_draft: open }).result.state.value).toBe('VALIDATED');
  });

  it('whose CSV cannot be written goes back to a person, who decides once more', () => {
    for (const how of ['exhausted', 'export.failed']) {
      const life = drafted();
      const { event } = life.decide('ORDER.VALIDATED');
      expect(life.exhausted(inbox).handled).toBe(false);
      expect(typesOf(life.give(how, event, { fault: {}, attempts: 5 }))).toEqual(['ORDER.VALIDATION_REQUIRED 1']);
      expect([life.state.value, life.version, life.reason]).toEqual(['VALIDATION_REQUIRED', 2, 'manual_review']);
      expect(life.exhausted(event).handled).toBe(false);
      expect(life.decide('ORDER.VALIDATED').result.state.value).toBe('VALIDATED');
    }
  });
});

describe('what is stored', () => {
  const before = { value: 'VALIDATION_REQUIRED', context: null };
  const projected = (life: Life, from: typeof before | null = before) => {
    const { stored, parts } = actor.definition.state?.close(life.state.context) ?? { stored: null, parts: new Map() };
    return actor.definition.project?.(ORDER, from, { value: life.state.value, context: stored }, parts) ?? [];
  };

  it('is the head, each part by itself, and what other programs read of it', () => {
    const changes = projected(drafted());
    expect(changes.map(({ op, key }) => `${op} ${key}`)).toEqual([
      `set orders:${ORDER}:status`,
      ...['draft', 'fields', 'missing', 'anomalies'].map((name) => `set orders:${ORDER}:${name}`),
      `set orders:artifact:${FILE.artifact_id}`,
    ]);
    expect(projected(drafted(), { value: 'RECEIVED', context: null })).toEqual(
      expect.arrayContaining([
        { op: 'sadd', key: 'orders:pending_validation', member: ORDER },
        { op: 'zadd', key: 'orders:status:VALIDATION_REQUIRED', score: Date.parse(AT), member: ORDER },
        { op: 'zrem', key: 'orders:status:RECEIVED', member: ORDER },
      ]),
    );
    expect(projected(new Life(false), null)).toEqual([]);
    expect(projected(drafted(), null).some(({ op }) => op === 'zrem')).toBe(false);
  });

  it('of a final order says from when on its files may go', () => {
    const life = drafted();
    life.decide('ORDER.REJECTED');
    expect(projected(life)).toEqual(
      expect.arrayContaining([
        { op: 'srem', key: 'orders:pending_validation', member: ORDER },
        { op: 'zadd', key: 'orders:final', score: Date.parse(LATER), member: ORDER },
        { op: 'expire', key: `orders:artifact:${FILE.artifact_id}`, afterMs: 1000 },
      ]),
    );
  });

  it('is what is read again', () => {
    const life = drafted();
    const { stored, parts } = actor.definition.state?.close(life.state.context) ?? { stored: null, parts: new Map() };
    const all = { get: (name: string) => parts.get(name), require: () => {}, all: () => [...parts.keys()] };
    const opened = actor.definition.state?.open(stored, all) as OrderContext;
    expect(opened.head).toEqual(life.state.context.head);
    expect(opened.parts).toMatchObject({ draft: COMPLETE.draft, fields: COMPLETE.fields });
    expect(actor.definition.state?.open(undefined, { ...all, get: () => undefined })).toMatchObject({
      head: null,
      parts: {},
    });
  });
});
