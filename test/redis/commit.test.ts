import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { Committer, type TurnCommit } from '../../src/bus/commit.ts';
import { Keys } from '../../src/bus/keys.ts';
import { createGroup } from '../../src/bus/mailbox.ts';

const redis = new Redis(inject('redisSocket'));
const GATE = 'validator_group';
const MARK = 'the-mark';
let keys: Keys;
let committer: Committer;

beforeEach(async () => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  keys = new Keys({
    namespace,
    prefix: namespace,
    log: `${namespace}:events`,
    deadLetters: `${namespace}:dlq`,
    idempotence: `${namespace}:processed`,
  });
  committer = new Committer(redis, {
    keys,
    mark: MARK,
    consumer: 'me',
    gateGroup: GATE,
    rememberSeconds: 3600,
    deadLettersMax: 100,
  });
  await createGroup(redis, keys.log, GATE);
  await createGroup(redis, keys.mailbox('cost_worker'), 'cost_workers');
});
afterAll(() => {
  redis.disconnect();
});

const EMPTY: TurnCommit = { deliveries: [], events: [], mailboxes: [], deadLetters: [], operations: [] };
const eventText = (id: string = randomUUID()) => `{"event_id":"${id}","event_type":"WORK.ITEM_STARTED"}`;
const mailbox = () => keys.mailbox('cost_worker');

/** One delivery in the mailbox, read by `consumer`. */
async function deliver(consumer = 'me'): Promise<string> {
  const id = (await redis.xadd(mailbox(), '*', 'events', '[]', 'log_ids', '')) as string;
  await redis.xreadgroup('GROUP', 'cost_workers', consumer, 'COUNT', 10, 'STREAMS', mailbox(), '>');
  return id;
}
const delivery = (entryId: string, handling: 'keep' | 'ack' | 'done' = 'done') => ({
  stream: mailbox(),
  group: 'cost_workers',
  entryId,
  handling,
});
const state = (expected: string, nonce: string, fields = ['snapshot', '{"value":"a"}']) => ({
  key: keys.state('cost_worker', 'x'),
  expected,
  nonce,
  fields,
});

/** Everything in the namespace but the clocks: equal dumps mean that nothing was written. */
async function dump(): Promise<string> {
  const all: unknown[] = [];
  for (const key of (await redis.keys(`${keys.names.namespace}*`)).sort()) {
    const type = await redis.type(key);
    if (type === 'stream') all.push([key, await redis.xrange(key, '-', '+')]);
    else if (type === 'hash') all.push([key, await redis.hgetall(key)]);
    else all.push([key, type, await redis.dump(key)]);
  }
  return JSON.stringify(all);
}

describe('the commit', () => {
  it('writes state, log, mailbox, timeline and ack in one call (I1)', async () => {
    const entryId = await deliver();
    const reply = await committer.commit({
      ...EMPTY,
      state: state('', 'n1'),
      deliveries: [delivery(entryId)],
      events: [eventText(), eventText()],
      mailboxes: [{ mailbox: keys.mailbox('orchestrator'), ordinals: [0, 1] }],
      timeline: { key: keys.timeline('p'), types: ['A.B', 'C.D'] },
      operations: [['ZADD', keys.under('projects:all'), '5', 'p']],
    });
    const log = await redis.xrange(keys.log, '-', '+');
    expect(reply).toEqual({ verdict: 'OK', logId: log[0]?.[0] });
    expect(log.map(([, fields]) => fields.slice(2))).toEqual([
      ['mark', MARK],
      ['mark', MARK],
    ]);
    const [bundle] = await redis.xrange(keys.mailbox('orchestrator'), '-', '+');
    expect(JSON.parse(bundle?.[1][1] as string)).toHaveLength(2);
    expect(bundle?.[1][3]).toBe(log.map(([id]) => id).join(','));
    expect(await redis.lrange(keys.timeline('p'), 0, -1)).toEqual([`${log[0]?.[0]} A.B`, `${log[1]?.[0]} C.D`]);
    expect(await redis.hgetall(keys.state('cost_worker', 'x'))).toEqual({ nonce: 'n1', snapshot: '{"value":"a"}' });
    expect(await redis.zscore(keys.under('projects:all'), 'p')).toBe('5');
    expect(await redis.xlen(mailbox())).toBe(0);
    expect(await redis.xpending(mailbox(), 'cost_workers')).toEqual([0, null, null, null]);
  });

  it('answers FENCED and writes nothing for a delivery that another consumer owns (I2)', async () => {
    const entryId = await deliver('somebody-else');
    const before = await dump();
    const reply = await committer.commit({
      ...EMPTY,
      state: state('', 'n1'),
      deliveries: [delivery(entryId)],
      events: [eventText()],
    });
    expect(reply.verdict).toBe('FENCED');
    expect(await dump()).toBe(before);
  });

  it('answers FENCED for a delivery that was acked already (I2)', async () => {
    const entryId = await deliver();
    const turn = { ...EMPTY, deliveries: [delivery(entryId)] };
    expect((await committer.commit(turn)).verdict).toBe('OK');
    expect((await committer.commit(turn)).verdict).toBe('FENCED');
  });

  it('answers CONFLICT and writes nothing when the state has moved on (I3)', async () => {
    await committer.commit({ ...EMPTY, state: state('', 'n1') });
    const entryId = await deliver();
    const before = await dump();
    const reply = await committer.commit({
      ...EMPTY,
      state: state('', 'n2'),
      deliveries: [delivery(entryId)],
      events: [eventText()],
    });
    expect(reply.verdict).toBe('CONFLICT');
    expect(await dump()).toBe(before);
  });

  it('answers SAME to a resend of a commit that was applied, and applies it once (I3)', async () => {
    const entryId = await deliver();
    const turn = { ...EMPTY, state: state('', 'n1'), deliveries: [delivery(entryId)], events: [eventText()] };
    expect((await committer.commit(turn)).verdict).toBe('OK');
    expect((await committer.commit(turn)).verdict).toBe('SAME');
    expect(await redis.xlen(keys.log)).toBe(1);
  });

  it('keeps a delivery that is only shown to be ours', async () => {
    const entryId = await deliver();
    expect(
      (await committer.commit({ ...EMPTY, state: state('', 'n1'), deliveries: [delivery(entryId, 'keep')] })).verdict,
    ).toBe('OK');
    expect(await redis.xlen(mailbox())).toBe(1);
    expect((await redis.xpending(mailbox(), 'cost_workers'))[0]).toBe(1);
  });

  it('lets a turn that writes nothing stand only on the state it was decided by (I3)', async () => {
    await committer.commit({ ...EMPTY, state: state('', 'n1') });
    const entryId = await deliver();
    const ignored = (expected: string): TurnCommit => ({
      ...EMPTY,
      state: { ...state(expected, ''), fields: [], mode: 'compare' },
      deliveries: [delivery(entryId)],
      operations: [['ZADD', keys.under('timers'), '1', 'parked']],
    });
    const before = await dump();
    expect((await committer.commit(ignored('stale'))).verdict).toBe('CONFLICT');
    expect(await dump()).toBe(before);
    expect((await committer.commit(ignored('n1'))).verdict).toBe('OK');
    expect(await redis.hgetall(keys.state('cost_worker', 'x'))).toEqual({ nonce: 'n1', snapshot: '{"value":"a"}' });
    expect(await redis.zcard(keys.under('timers'))).toBe(1);
    expect(await redis.xlen(mailbox())).toBe(0);
  });

  it('acks with a resend what the first sending left open', async () => {
    await committer.commit({ ...EMPTY, state: state('', 'n1') });
    const entryId = await deliver();
    const resent = { ...EMPTY, state: state('', 'n1'), deliveries: [delivery(entryId)], events: [eventText()] };
    expect((await committer.commit(resent)).verdict).toBe('SAME');
    expect(await redis.xlen(mailbox())).toBe(0);
    expect(await redis.xlen(keys.log)).toBe(0);
  });

  it('lets each turn of a call stand or fall by itself', async () => {
    const [mine, other] = [await deliver(), await deliver('somebody-else')];
    const replies = await Promise.all([
      committer.commit({ ...EMPTY, deliveries: [delivery(other)], events: [eventText()] }),
      committer.commit({ ...EMPTY, deliveries: [delivery(mine)], events: [eventText()] }),
    ]);
    expect(replies.map(({ verdict }) => verdict)).toEqual(['FENCED', 'OK']);
    expect(await redis.xlen(keys.log)).toBe(1);
  });

  it('drops and acks a repeated event id (I2)', async () => {
    const id = randomUUID();
    const accept = (eventId: string): TurnCommit => ({
      ...EMPTY,
      dedupe: { key: keys.accepted(GATE, eventId), value: 'accepted' },
      events: [eventText(eventId)],
    });
    expect((await committer.commit(accept(id))).verdict).toBe('OK');
    expect((await committer.commit(accept(id))).verdict).toBe('DUPLICATE');
    expect(await redis.xlen(keys.log)).toBe(1);
  });

  it('creates an instance only if it is absent, without disturbing the rest of the turn', async () => {
    const create = (value: string): TurnCommit => ({
      ...EMPTY,
      state: { ...state('', `n-${value}`, ['snapshot', value]), mode: 'ifAbsent' },
      events: [eventText()],
      operations: [['ZADD', keys.under('projects:all'), '1', value]],
    });
    await committer.commit(create('first'));
    expect((await committer.commit(create('second'))).verdict).toBe('OK');
    expect(await redis.hget(keys.state('cost_worker', 'x'), 'snapshot')).toBe('first');
    expect(await redis.zrange(keys.under('projects:all'), '0', '-1')).toEqual(['first']);
    expect(await redis.xlen(keys.log)).toBe(2);
  });

  it('refuses a call that touches a key of a foreign type before it writes anything', async () => {
    await redis.set(keys.state('cost_worker', 'x'), 'not a hash');
    await redis.set(keys.timeline('p'), 'not a list');
    const before = await dump();
    await expect(committer.commit({ ...EMPTY, state: state('', 'n1'), events: [eventText()] })).rejects.toThrow(
      /WRONGTYPE/,
    );
    const timeline = { key: keys.timeline('p'), types: ['A.B'] };
    await expect(committer.commit({ ...EMPTY, timeline, events: [eventText()] })).rejects.toThrow(/WRONGKEY/);
    expect(await dump()).toBe(before);
  });

  it('commits the sound turns of a call in which one is broken', async () => {
    await redis.set(keys.state('cost_worker', 'x'), 'not a hash');
    const results = await Promise.allSettled([
      committer.commit({ ...EMPTY, state: state('', 'n1') }),
      committer.commit({ ...EMPTY, events: [eventText()] }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await redis.xlen(keys.log)).toBe(1);
  });

  it('moves the gate past its own events only when the gate has read everything', async () => {
    const read = async () => {
      const reply = await redis.xreadgroup('GROUP', GATE, 'gate', 'COUNT', 100, 'STREAMS', keys.log, '>');
      return (reply as [string, unknown[]][] | null)?.[0]?.[1].length ?? 0;
    };
    await committer.commit({ ...EMPTY, events: [eventText(), eventText()] });
    expect(await read()).toBe(0);
    await redis.xadd(keys.log, '*', 'event', 'from outside');
    await committer.commit({ ...EMPTY, events: [eventText()] });
    expect(await read()).toBe(2);
    await committer.commit({ ...EMPTY, events: [eventText()] });
    expect(await read()).toBe(0);
    expect((await redis.xpending(keys.log, GATE))[0]).toBe(2);
  });

  it('takes thousands of events, fields and mailboxes in one turn', async () => {
    const count = 9_000;
    const fields = Array.from({ length: count }, (_, i) => [`f${i}`, String(i)]).flat();
    const reply = await committer.commit({
      ...EMPTY,
      state: state('', 'n1', fields),
      events: Array.from({ length: count }, () => eventText()),
      mailboxes: Array.from({ length: count }, (_, i) => ({ mailbox: mailbox(), ordinals: [i] })),
      timeline: { key: keys.timeline('p'), types: Array.from({ length: count }, () => 'A.B') },
    });
    expect(reply.verdict).toBe('OK');
    expect(await redis.hlen(keys.state('cost_worker', 'x'))).toBe(count + 1);
    expect(await redis.xlen(mailbox())).toBe(count);
    expect(await redis.llen(keys.timeline('p'))).toBe(count);
  });
});
