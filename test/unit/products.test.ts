import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Emission } from '../../machines/kit.ts';
import type { Envelope } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { Keys } from '../../src/bus/keys.ts';
import { deriveId, newId } from '../../src/runtime/ids.ts';
import { backOffMs, deadLetterText, Ordinals, product, route, timelineOf } from '../../src/runtime/products.ts';
import { anAnalysis } from '../support/events.ts';

const keys = new Keys({
  namespace: 'n',
  prefix: 'n',
  log: 'n:events',
  deadLetters: 'n:dlq',
  idempotence: 'n:processed',
});
const origin = { source: 'cost_worker', instance: 'host-1/2' };
const cause = anAnalysis();
const item = { project_id: newId(), backlog_item_id: newId() };
const failed = (reason: string, ids = item): Emission => ({ type: 'WORK.ITEM_FAILED', payload: { ...ids, reason } });

describe('a product', () => {
  it('is a valid event, the same as object and as text, whatever its texts hold', () => {
    const validator = createValidator();
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(text, fc.nat({ max: 50 }), (reason, ordinal) => {
        const made = product(failed(reason), cause, ordinal, { source: 'a "role"', instance: 'host\\1/2' });
        expect(JSON.parse(made.text)).toEqual(made.event);
        expect(validator.check(made.text, { maxEventBytes: 100_000 })).toMatchObject({ ok: true });
        expect(made.event).toMatchObject({
          event_id: deriveId(cause.event_id, 'WORK.ITEM_FAILED', ordinal),
          causation_id: cause.event_id,
          correlation_id: cause.correlation_id,
        });
      }),
    );
  });

  it('has the number of its kind among the products of its cause', () => {
    const ordinals = new Ordinals();
    const of = (causeId: string, type: Envelope['event_type']) => ordinals.next(causeId, type);
    expect([
      of('a', 'WORK.ITEM_FAILED'),
      of('a', 'WORK.ITEM_FAILED'),
      of('a', 'PROJECT.FAILED'),
      of('b', 'WORK.ITEM_FAILED'),
    ]).toEqual([0, 1, 0, 0]);
  });
});

describe('routing', () => {
  const two = { ...item, backlog_item_id: newId() };
  const other = { project_id: newId(), backlog_item_id: newId() };
  const made = [
    failed('x'),
    failed('y', two),
    failed('z', other),
    { type: 'WORK.ITEM_STARTED', payload: item } as const,
  ].map((emission, ordinal) => product(emission, cause, ordinal, origin));

  it('bundles what goes to one instance of a role into one delivery, in order', () => {
    expect(route(made, keys, 'cost_worker')).toEqual([
      { mailbox: 'n:mailbox:orchestrator', ordinals: [0, 1] },
      { mailbox: 'n:mailbox:orchestrator', ordinals: [2] },
    ]);
  });

  it('sends no role its own products', () => {
    expect(route(made, keys, 'orchestrator')).toEqual([]);
  });

  it('enters every product in the timeline of its project, and those of no project in none', () => {
    expect(timelineOf(made.slice(0, 2), keys)).toEqual({
      key: keys.timeline(item.project_id),
      types: ['WORK.ITEM_FAILED', 'WORK.ITEM_FAILED'],
    });
    expect(timelineOf([], keys)).toBeUndefined();
  });
});

describe('the back-off', () => {
  it('lies between nothing and the base doubled with every attempt, and never above the maximum', () => {
    const ms = fc.integer({ min: 1, max: 3_600_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        ms,
        ms,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, base, max, random) => {
          const delayMs = backOffMs(attempts, base, max, random);
          expect(Number.isInteger(delayMs)).toBe(true);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(Math.min(max, base * 2 ** (attempts - 1)));
        },
      ),
    );
    expect([1, 2, 3, 4, 5].map((attempts) => backOffMs(attempts, 500, 3_000, 0.999_999))).toEqual([
      499, 999, 1999, 2999, 2999,
    ]);
  });
});

describe('a dead letter', () => {
  it('has all its keys, null where nothing is known', () => {
    const atMs = Date.parse('2026-01-15T10:30:00.000Z');
    const letter = {
      reason: 'r',
      group: 'g',
      stream: 's',
      entryId: '1-0',
      event: null,
      eventId: null,
      eventType: null,
      fields: { event: 'x' },
    };
    const text = deadLetterText(
      { ...letter, attempts: { attempts: 2, firstSeenMs: atMs, lastSeenMs: atMs } },
      (said) => said,
    );
    expect(JSON.parse(text)).toEqual({
      timestamp: expect.stringMatching(/Z$/),
      event_id: null,
      event_type: null,
      reason: 'r',
      schema_id: null,
      consumer_group: 'g',
      attempts: 2,
      first_seen_at: '2026-01-15T10:30:00.000Z',
      last_seen_at: '2026-01-15T10:30:00.000Z',
      error_class: null,
      error_message: null,
      stack_trace: null,
      original_event: null,
      original_fields: { event: 'x' },
      source_stream: 's',
      source_entry_id: '1-0',
    });
  });

  it('tells no secret, and of a stack its first 4,000 characters', () => {
    const error = { name: 'Error', message: 'key s3cret is wrong', stack: `s3cret${'x'.repeat(9_000)}` };
    const attempts = { attempts: 1, firstSeenMs: 0, lastSeenMs: 0 };
    const letter = {
      reason: 'handler_error: s3cret',
      group: 'g',
      stream: 's',
      entryId: '1-0',
      event: null,
      eventId: null,
      eventType: null,
      fields: {},
    };
    const text = deadLetterText({ ...letter, attempts, error }, (said) => said.replaceAll('s3cret', '***'));
    expect(text).not.toContain('s3cret');
    expect(JSON.parse(text)).toMatchObject({
      reason: 'handler_error: ***',
      error_class: 'Error',
      error_message: 'key *** is wrong',
    });
    expect(JSON.parse(text).stack_trace).toHaveLength(4_000);
  });
});
