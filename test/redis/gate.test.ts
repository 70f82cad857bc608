/** What the gate makes of anything that anybody may write into the log. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Envelope } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { anAnalysis, anEvent } from '../support/events.ts';
import { readDeadLetters, readLog } from '../support/oracle.ts';
import { MAX_EVENT_BYTES, TestGate } from '../support/test-gate.ts';

const socketPath = inject('redisSocket');
let gate: TestGate;

beforeEach(async () => {
  gate = await TestGate.start(socketPath);
});
afterEach(async () => {
  expect(gate.errors).toEqual([]);
  expect(await gate.unacked()).toBe(0);
  gate.stop();
});

const letters = () => readDeadLetters(gate.redis, gate.keys);
const accepted = () => [...gate.stats.accepted.values()].reduce((sum, count) => sum + count, 0);
const mailbox = (role: string) => gate.redis.xlen(gate.keys.mailbox(role));

const text = (change: (event: Record<string, unknown>) => void = () => {}): string => {
  const event = structuredClone(anAnalysis()) as unknown as Record<string, unknown>;
  change(event);
  return JSON.stringify(event);
};
/** Text of a valid event with a piece of its own spliced in after the first brace. */
const spliced = (piece: string) => text().replace('{', `{${piece},`);
const ofType = (event_type: string) => text((event) => Object.assign(event, { event_type }));

const DEEP = 45_000;
const wtf8 = Buffer.concat([Buffer.from('{"event_id":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]);

/** Malformed entries and what is said of each. */
const DIRT: [name: string, fields: (string | Buffer)[], reason: RegExp][] = [
  ['bytes that are no UTF-8', ['event', Buffer.from([0xff, 0xfe, 0x00, 0x80])], /^invalid utf-8$/],
  ['a lone surrogate in its UTF-8 form', ['event', wtf8], /^invalid utf-8$/],
  ['a raw NUL', ['event', `${text()}\0`], /^invalid json: /],
  ['a NUL alone', ['event', '\0'], /^invalid json: /],
  ['nothing', ['event', ''], /^invalid json: /],
  ['a byte order mark', ['event', `\ufeff${text()}`], /^invalid json: /],
  ['no JSON', ['event', 'PROJECT.COMPLETED'], /^invalid json: /],
  ['a cut off event', ['event', text().slice(0, -10)], /^invalid json: /],
  ['a list', ['event', '[]'], /^invalid json: must be an object$/],
  ['null', ['event', 'null'], /^invalid json: must be an object$/],
  ['a number', ['event', '7'], /^invalid json: must be an object$/],
  ['an infinite number', ['event', spliced('"a":1e999')], /^invalid json: number out of range$/],
  [
    'lists 45,000 deep',
    ['event', `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`],
    /^invalid json: nested deeper than 32 levels$/,
  ],
  ['objects 45,000 deep', ['event', `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`], /^invalid json: nested deeper/],
  [
    '10,000 keys',
    ['event', JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i])))],
    /^invalid envelope: /,
  ],
  [
    'more bytes than an event may have',
    ['event', spliced(`"a":"${'x'.repeat(MAX_EVENT_BYTES)}"`)],
    /^event too large: \d+ bytes, limit 1000000$/,
  ],
  ['no event field', ['data', text()], /^missing field 'event'$/],
  ['a field beside the event', ['event', text(), 'extra', '1'], /^unexpected field 'extra'$/],
  ['the event field twice', ['event', text(), 'event', text()], /^unexpected field 'event \(2\)'$/],
  ['a mark that is not the secret', ['event', text(), 'mark', 'guess'], /^unexpected field 'mark'$/],
  ['an empty field name', ['', text()], /^missing field 'event'$/],
  ['a field named like the prototype', ['event', text(), '__proto__', 'x'], /^unexpected field '__proto__'$/],
  ['a field name of a megabyte', ['event', text(), 'n'.repeat(1_048_576), 'x'], /^unexpected field 'n{200}'$/],
  ['a field name that is no UTF-8', ['event', text(), Buffer.from([0xff]), 'x'], /^unexpected field 'base64:\/w=='$/],
  ['a prototype in the envelope', ['event', spliced('"__proto__":{"polluted":1}')], /^invalid envelope: /],
  [
    'a constructor in the envelope',
    ['event', spliced('"constructor":{"prototype":{"polluted":1}}')],
    /^invalid envelope: /,
  ],
  [
    'a prototype in the payload',
    ['event', text().replace('"payload":{', '"payload":{"__proto__":{"polluted":1},')],
    /^invalid payload: /,
  ],
  ...[
    'xstate.stop',
    'xstate.init',
    'xstate.after.1000.x',
    '*',
    '',
    '__proto__',
    'constructor',
    'perform.done',
    'exhausted',
    'a.b',
  ].map((type): [string, string[], RegExp] => [
    `the event type '${type}'`,
    ['event', ofType(type)],
    /^invalid envelope: \/event_type /,
  ]),
  [
    'a type that is in no catalog',
    ['event', ofType('PROJECT.EXPLODED')],
    /^no schema for event_type=PROJECT.EXPLODED$/,
  ],
  [
    'a type named like the prototype',
    ['event', ofType('PROJECT.__PROTO__')],
    /^no schema for event_type=PROJECT.__PROTO__$/,
  ],
  ['an unknown version', ['event', text((event) => Object.assign(event, { event_version: 2 }))], /event_version=2$/],
  [
    'an id that is none',
    ['event', text((event) => Object.assign(event, { event_id: '7' }))],
    /^invalid envelope: \/event_id /,
  ],
  ['a missing cause', ['event', text((event) => void delete event.causation_id)], /^invalid envelope: .*causation_id/],
  [
    'a payload of another event',
    ['event', text((event) => Object.assign(event, { event_type: 'PROJECT.STOPPED' }))],
    /^invalid payload: /,
  ],
];

describe('the gate', () => {
  it.each(DIRT)(
    'makes one dead letter of an entry with %s, and none of the same bytes again (I11)',
    async (_, fields, reason) => {
      const id = await gate.append(...fields);
      await gate.handle();
      const [letter, ...others] = await letters();
      expect(others).toEqual([]);
      expect(letter?.reason).toMatch(reason);
      expect(letter).toMatchObject({
        consumer_group: 'validator_group',
        attempts: 1,
        source_entry_id: id,
        error_class: null,
      });
      await gate.append(...fields);
      await gate.handle();
      expect(await letters()).toHaveLength(1);
      expect(accepted()).toBe(0);
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
    },
  );

  it('keeps every bit of what it refuses', async () => {
    await gate.append('event', Buffer.from([0xff, 0xfe, 0x00, 0x80]), 'plain', 'text \u{fffd}');
    await gate.append('event', '{"event_id":"x"}', '__proto__', 'kept');
    await gate.append(Buffer.from([0xff]), 'x');
    await gate.handle();
    const kept = (await letters()).map(({ original_fields }) => Object.entries(original_fields));
    expect(kept).toHaveLength(3);
    expect(kept).toContainEqual([
      ['event', 'base64://4AgA=='],
      ['plain', 'text \u{fffd}'],
    ]);
    expect(kept).toContainEqual([
      ['event', '{"event_id":"x"}'],
      ['__proto__', 'kept'],
    ]);
    expect(kept).toContainEqual([['base64:/w==', 'x']]);
  });

  it('tells entries apart that differ in one byte only', async () => {
    const event = text();
    await gate.append('event', Buffer.from([0xff]));
    await gate.append('event', Buffer.from([0xfe]));
    await gate.append('event', event, '__proto__', '1');
    await gate.append('event', event, '__proto__', '2');
    await gate.append('event', event, Buffer.from([0xff]), 'x');
    await gate.append('event', event, Buffer.from([0xfe]), 'x');
    await gate.handle();
    expect(await letters()).toHaveLength(6);
  });

  it('accepts a corrected event under the id of one that it refused', async () => {
    const event = anAnalysis();
    await gate.append('event', JSON.stringify({ ...event, payload: { ...event.payload, hourly_rate: -1 } }));
    await gate.append('event', JSON.stringify(event));
    await gate.handle();
    expect(await letters()).toMatchObject([{ event_id: event.event_id, event_type: event.event_type }]);
    expect(accepted()).toBe(1);
    expect(await mailbox('orchestrator')).toBe(1);
  });

  it('lets one event in once, however often two producers send it, in whatever case its id is written (I2)', async () => {
    const event = anAnalysis();
    const upper = { ...event, event_id: event.event_id.toUpperCase() };
    const producers = [new Redis(socketPath), new Redis(socketPath)];
    await Promise.all(
      producers.map(async (producer) => {
        const pipeline = producer.pipeline();
        for (let i = 0; i < 100; i++) pipeline.xadd(gate.keys.log, '*', 'event', JSON.stringify(i % 2 ? event : upper));
        await pipeline.exec();
      }),
    );
    for (const producer of producers) producer.disconnect();
    await gate.handle();
    expect(accepted()).toBe(1);
    expect(gate.stats.duplicate.get(event.event_type)).toBe(199);
    expect(await mailbox('orchestrator')).toBe(1);
    expect(await gate.redis.llen(gate.keys.timeline(event.payload.project_id))).toBe(1);
    expect(await letters()).toEqual([]);
  });

  it('answers a dispatch to nobody with a dead letter and the failure of its item, in one commit (I1)', async () => {
    const ids = { project_id: randomUUID(), backlog_item_id: randomUUID() };
    const dispatch = anEvent('WORK.ITEM_DISPATCHED', { ...ids, agent_target: 'nobody', work_context: { rows: [] } });
    await gate.append('event', JSON.stringify(dispatch));
    await gate.handle();
    expect(await letters()).toMatchObject([{ reason: 'unknown agent_target: nobody', event_id: dispatch.event_id }]);
    const failed = (await readLog(gate.redis, gate.keys)).find(({ event }) => event.event_type === 'WORK.ITEM_FAILED');
    expect(failed).toMatchObject({
      marked: true,
      event: {
        source: 'validator',
        causation_id: dispatch.event_id,
        correlation_id: dispatch.correlation_id,
        payload: { ...ids, reason: 'unknown agent_target: nobody' },
      },
    });
    expect(await mailbox('orchestrator')).toBe(1);
    expect(await gate.redis.llen(gate.keys.timeline(ids.project_id))).toBe(1);
  });

  it('accepts texts that JSON can write and UTF-8 cannot', async () => {
    const request_text = 'a lone surrogate \ud800, a NUL \0 and what stands for no character \ufffd';
    const event = anAnalysis({ request_text });
    await gate.append('event', JSON.stringify(event));
    await gate.handle();
    expect(await letters()).toEqual([]);
    const [entry] = await gate.redis.xrange(gate.keys.mailbox('orchestrator'), '-', '+');
    const [delivered] = JSON.parse(entry?.[1][1] as string) as Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>[];
    expect(delivered?.payload.request_text).toBe(request_text);
  });

  it('gives up an event that it cannot commit, after its attempts, and goes on with the next', async () => {
    const event = anAnalysis();
    const next = anAnalysis();
    await gate.redis.set(gate.keys.state('orchestrator', event.payload.project_id), 'not a hash');
    await gate.append('event', JSON.stringify(event));
    await gate.append('event', JSON.stringify(next));
    for (let attempt = 1; attempt <= 3; attempt++) await gate.handle();
    expect(gate.errors.splice(0)).toHaveLength(2);
    expect(await letters()).toMatchObject([
      { reason: expect.stringMatching(/^handler_error: WRONG(KEY|TYPE)/), attempts: 3 },
    ]);
    expect(await mailbox('orchestrator')).toBe(1);
  });

  it('gives each of thousands of random entries exactly one outcome (I1, I11)', { timeout: 60_000 }, async () => {
    const validator = createValidator();
    const value = fc.oneof(
      { weight: 3, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 3, arbitrary: fc.json({ maxDepth: 3 }) },
      { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
      { weight: 4, arbitrary: mutated },
    );
    const name = fc.oneof(
      { weight: 8, arbitrary: fc.constant('event') },
      fc.string({ maxLength: 8 }),
      fc.constantFrom('mark', '__proto__'),
    );
    const entry = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 2 });
    let appended = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 250, maxLength: 250, size: 'max' }), async (entries) => {
        const fields = entries.map((pairs) =>
          pairs.flat().map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
        );
        const pipeline = gate.redis.pipeline();
        for (const entryFields of fields)
          pipeline.xadd(gate.keys.log, '*', ...(entryFields as unknown as [string, string]));
        await pipeline.exec();
        appended += fields.length;
        await gate.handle();
        const sum = (counts: ReadonlyMap<string, number>) =>
          [...counts.values()].reduce((total, one) => total + one, 0);
        const { accepted: taken, duplicate, rejected, deadLetters } = gate.stats;
        expect(sum(taken) + sum(duplicate) + sum(rejected)).toBe(appended);
        expect(await gate.redis.xlen(gate.keys.deadLetters)).toBe(deadLetters);
        expect(sum(rejected)).toBe(deadLetters);
        expect(await gate.unacked()).toBe(0);
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(appended).toBe(10_000);
    expect(accepted()).toBeGreaterThan(100);
    const found = await letters();
    expect(new Set(found.map(({ source_entry_id }) => source_entry_id)).size).toBe(found.length);
    for (const { original_fields, reason } of found) {
      const only = original_fields.event;
      if (Object.keys(original_fields).length !== 1 || only === undefined || only.startsWith('base64:')) continue;
      expect(validator.check(only, { maxEventBytes: MAX_EVENT_BYTES })).toMatchObject({ ok: false, reason });
    }
  });
});

/** Text of a valid event in which some members were replaced, removed or added. */
const mutated: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom<'keep' | 'replace' | 'remove' | 'add'>('keep', 'replace', 'remove', 'add'),
    fc.boolean(),
    fc.nat(),
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ maxLength: 10 }),
  )
  .map(([what, inPayload, at, value, key]) =>
    text((event) => {
      const target = (inPayload ? event.payload : event) as Record<string, unknown>;
      const names = Object.keys(target);
      const name = names[at % names.length] as string;
      if (what === 'replace') target[name] = value;
      else if (what === 'remove') delete target[name];
      else if (what === 'add') target[key] = value;
    }),
  );
