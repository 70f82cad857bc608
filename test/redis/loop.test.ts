/** Turns of one role: order, fences, conflicts, slow effects, retries, and what cannot be worked on at all. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { GROUPS } from '../../schemas/catalog.ts';
import type { Envelope } from '../../schemas/types.ts';
import { Keys } from '../../src/bus/keys.ts';
import { createGroup } from '../../src/bus/mailbox.ts';
import { Timers } from '../../src/bus/timers.ts';
import type { Effect } from '../../src/runtime/define-actor.ts';
import { anEvent } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { type LoopRequest, ROLE, TestLoop } from '../support/test-loop.ts';
import { freshNamespace } from '../support/test-node.ts';

const redis = new Redis(inject('redisSocket'));
let keys: Keys;

beforeEach(async () => {
  const namespace = freshNamespace();
  const log = `${namespace}:events`;
  keys = new Keys({ namespace, prefix: namespace, log, deadLetters: `${namespace}:dlq`, idempotence: namespace });
  await createGroup(redis, keys.log, GROUPS.validator);
  await createGroup(redis, keys.mailbox(ROLE), GROUPS[ROLE]);
});
afterAll(() => {
  redis.disconnect();
});

const PRODUCT = { type: 'generic_output', content: { note: 'made' }, confidence: 0.7, evidence: { note: 'made' } };
const succeed: Effect<null> = () => PRODUCT;

const aLoop = (perform: Effect<null> = succeed, more: Partial<LoopRequest> = {}) =>
  new TestLoop({ redis, keys, consumer: `c#${randomUUID()}`, perform, ...more });

type Dispatch = Envelope<'WORK.ITEM_DISPATCHED'>;
const aDispatch = (backlog_item_id: string = randomUUID()): Dispatch =>
  anEvent('WORK.ITEM_DISPATCHED', {
    project_id: randomUUID(),
    backlog_item_id,
    agent_target: ROLE,
    work_context: { rows: [] },
  });

const deliver = (...events: Dispatch[]) =>
  redis.xadd(
    keys.mailbox(ROLE),
    '*',
    'events',
    JSON.stringify(events),
    'log_ids',
    events.map((_, i) => `1-${i}`).join(','),
  );

const emitted = async () => (await readLog(redis, keys)).map(({ event }) => event);
const types = async (cause?: Envelope) =>
  (await emitted())
    .filter(({ causation_id }) => !cause || causation_id === cause.event_id)
    .map(({ event_type }) => event_type);
const WORKED = ['WORK.ITEM_STARTED', 'DELIVERABLE.PUBLISHED', 'WORK.ITEM_COMPLETED'];
const stateOf = async ({ payload }: Dispatch) =>
  JSON.parse((await redis.hget(keys.state(ROLE, payload.backlog_item_id), 'snapshot')) ?? 'null');

/** An effect that ends when the test says so. */
function held() {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  const perform: Effect<null> = async () => {
    begun++;
    await until;
    return PRODUCT;
  };
  return { perform, release: () => release(), begun: () => begun };
}

/** Fires timers and works until nothing is left. */
async function exhaust(loop: TestLoop): Promise<void> {
  const timers = new Timers(redis, keys, (error) => void loop.errors.push(error));
  await eventually('nothing is left to do', async () => {
    await timers.fire();
    await loop.take();
    await loop.rest();
    return Object.keys(await openWork(redis, keys)).length === 0;
  });
}

describe('a loop', () => {
  it('finishes a delivery in one commit, and deletes it (I1)', async () => {
    const [dispatch, loop] = [aDispatch(), aLoop()];
    await deliver(dispatch);
    await loop.take();
    await loop.rest();
    expect(await types(dispatch)).toEqual(WORKED);
    expect(await stateOf(dispatch)).toEqual({ value: 'done', context: { last: dispatch.event_id, open: [] } });
    expect(await openWork(redis, keys)).toEqual({});
  });

  it('gives the deliveries of one instance their turns in the order they came', async () => {
    const item = randomUUID();
    const dispatches = Array.from({ length: 20 }, () => aDispatch(item));
    const loop = aLoop();
    for (const dispatch of dispatches) await deliver(dispatch);
    await loop.take();
    await loop.rest();
    const started = (await emitted()).filter(({ event_type }) => event_type === 'WORK.ITEM_STARTED');
    expect(started.map(({ causation_id }) => causation_id)).toEqual(dispatches.map(({ event_id }) => event_id));
  });

  it('shows that a slow effect has started, keeps its delivery and goes on with others (I5)', async () => {
    const [slow, quick, effect] = [aDispatch(), aDispatch(), held()];
    const loop = aLoop((input, context) =>
      context.event.event_id === slow.event_id ? effect.perform(input, context) : PRODUCT,
    );
    await deliver(slow);
    await loop.take();
    await eventually('the effect is at work', () => effect.begun() === 1);
    loop.tick(1_000);
    await eventually('its start is visible', async () => (await types(slow)).length === 1);
    await deliver(quick);
    await loop.take();
    await eventually('the other is finished', async () => (await types(quick)).length === 3);
    expect(await redis.xlen(keys.mailbox(ROLE))).toBe(1);
    expect((await redis.xpending(keys.mailbox(ROLE), GROUPS[ROLE]))[0]).toBe(1);
    effect.release();
    await loop.rest();
    expect(await types(slow)).toEqual(WORKED);
    expect(await redis.xlen(keys.mailbox(ROLE))).toBe(0);
  });

  it('ends an effect at its deadline, and not the next one of the same turn with it', async () => {
    const item = randomUUID();
    const [stuck, sound] = [aDispatch(item), aDispatch(item)];
    const perform: Effect<null> = async (_, { event }) =>
      event.event_id === stuck.event_id ? new Promise(() => {}) : PRODUCT;
    const loop = aLoop(perform, { maxAttempts: 1, effectDeadlineMs: 100 });
    await deliver(stuck);
    await deliver(sound);
    await loop.take();
    await eventually('the first has failed', async () => {
      loop.tick(1_000);
      return (await types(sound)).includes('WORK.ITEM_COMPLETED');
    });
    await loop.rest();
    expect((await types(stuck)).at(-1)).toBe('WORK.ITEM_FAILED');
    expect(await readDeadLetters(redis, keys)).toMatchObject([
      { event_id: stuck.event_id, error_message: 'no result after 0 s' },
    ]);
  });

  it('changes nothing for a delivery that another has taken over meanwhile (I2)', async () => {
    const [dispatch, effect] = [aDispatch(), held()];
    const [zombie, heir] = [aLoop(effect.perform), aLoop()];
    await deliver(dispatch);
    await zombie.take();
    await eventually('the effect is at work', () => effect.begun() === 1);
    await heir.takeFrom(zombie.consumer);
    await heir.rest();
    effect.release();
    await zombie.rest();
    expect(zombie.stats.fenced).toBe(1);
    expect(await types(dispatch)).toEqual(WORKED);
    expect((await emitted()).every(({ instance }) => instance === `${heir.consumer}/1`)).toBe(true);
  });

  it('runs a turn again on the state that another has made meanwhile, and its effect only once (I3, I4)', async () => {
    const item = randomUUID();
    const [first, second, effect] = [aDispatch(item), aDispatch(item), held()];
    const [slow, quick] = [aLoop(effect.perform), aLoop()];
    await deliver(first);
    await slow.take();
    await eventually('the effect is at work', () => effect.begun() === 1);
    await deliver(second);
    await quick.take();
    await quick.rest();
    effect.release();
    await slow.rest();
    expect(slow.stats.conflicts).toBeGreaterThan(0);
    expect(effect.begun()).toBe(1);
    expect(await types(first)).toEqual(WORKED);
    expect(await types(second)).toEqual(WORKED);
    expect(await stateOf(first)).toMatchObject({ context: { last: first.event_id, open: [] } });
  });

  it('does nothing for a dispatch that comes again after it was finished', async () => {
    const [dispatch, loop] = [aDispatch(), aLoop()];
    await deliver(dispatch);
    await loop.take();
    await loop.rest();
    await deliver(dispatch);
    await loop.take();
    await loop.rest();
    expect(await types(dispatch)).toEqual(WORKED);
    expect(await redis.xlen(keys.mailbox(ROLE))).toBe(0);
  });

  it('tries again after an error, and tells of one start and one end (I2)', async () => {
    const dispatch = aDispatch();
    let tries = 0;
    const loop = aLoop(() => {
      if (++tries < 3) throw new Error('not yet');
      return PRODUCT;
    });
    await deliver(dispatch);
    await exhaust(loop);
    expect(tries).toBe(3);
    expect(await types(dispatch)).toEqual(WORKED);
    expect(await readDeadLetters(redis, keys)).toEqual([]);
  });

  it('gives up after its attempts, with one dead letter and one failure in one commit (I1)', async () => {
    const dispatch = aDispatch();
    const loop = aLoop(() => {
      throw new TypeError('never');
    });
    await deliver(dispatch);
    await exhaust(loop);
    expect(await types(dispatch)).toEqual(['WORK.ITEM_STARTED', 'WORK.ITEM_FAILED']);
    expect(await readDeadLetters(redis, keys)).toMatchObject([
      {
        reason: 'max attempts exceeded',
        attempts: 3,
        error_class: 'TypeError',
        consumer_group: 'workers',
        event_id: dispatch.event_id,
      },
    ]);
  });

  it('gives up a delivery that processes have not survived, and takes up others that they held (I6)', async () => {
    const [deadly, innocent, loop] = [aDispatch(), aDispatch(), aLoop()];
    const ids = [await deliver(deadly), await deliver(innocent)] as [string, string];
    const [stream, group] = [keys.mailbox(ROLE), GROUPS[ROLE]];
    await redis.xreadgroup('GROUP', group, 'ghost', 'COUNT', 2, 'STREAMS', stream, '>');
    // As after three processes: each claim counts one more delivery.
    await redis.xclaim(stream, group, 'ghost', 0, ids[0], 'RETRYCOUNT', 3);
    await loop.takeFrom('ghost');
    await loop.rest();
    expect(await types(deadly)).toEqual(['WORK.ITEM_FAILED']);
    expect(await types(innocent)).toEqual(WORKED);
    expect(await readDeadLetters(redis, keys)).toMatchObject([
      {
        event_id: deadly.event_id,
        reason: 'max attempts exceeded',
        attempts: 3,
        error_message: '3 consumers ended while it was at work',
      },
    ]);
  });

  it.each([
    ['cannot be read', (key: string) => redis.hset(key, 'nonce', 'n', 'snapshot', '{"value":')],
    [
      'is of another making',
      (key: string) => redis.hset(key, 'nonce', 'n', 'snapshot', '{"value":"unheard","context":{}}'),
    ],
    ['is no state at all', (key: string) => redis.set(key, 'text')],
  ])('gives up a delivery whose state %s, leaves that state alone and harms no neighbour (I1)', async (_, spoil) => {
    const [spoilt, sound, loop] = [aDispatch(), aDispatch(), aLoop()];
    const key = keys.state(ROLE, spoilt.payload.backlog_item_id);
    await spoil(key);
    const before = await redis.dump(key);
    await deliver(spoilt);
    await deliver(sound);
    await exhaust(loop);
    expect(loop.errors).toEqual([]);
    expect(await types(sound)).toEqual(WORKED);
    expect(await types(spoilt)).toEqual(['WORK.ITEM_FAILED']);
    expect(await readDeadLetters(redis, keys)).toMatchObject([{ event_id: spoilt.event_id, attempts: 3 }]);
    expect(await redis.dump(key)).toEqual(before);
  });

  it.each<[string, string[]]>([
    ['no JSON', ['events', 'x', 'log_ids', '1-0']],
    ['no events', ['log_ids', '1-0']],
    ['an event for nobody', ['events', '[{"event_type":"PROJECT.STOPPED","payload":{}}]', 'log_ids', '1-0']],
    ['something that is no event', ['events', '[7]', 'log_ids', '1-0']],
    ['attempts that are none', ['events', '[]', 'log_ids', '', 'attempts', '{']],
  ])('makes one dead letter of a delivery with %s, and goes on (I11)', async (_, fields) => {
    const [dispatch, loop] = [aDispatch(), aLoop()];
    await redis.xadd(keys.mailbox(ROLE), '*', ...(fields as [string, string]));
    await deliver(dispatch);
    await loop.take();
    await loop.rest();
    expect(await readDeadLetters(redis, keys)).toMatchObject([
      { reason: expect.stringMatching(/^unreadable delivery: /), consumer_group: 'workers' },
    ]);
    expect(await types(dispatch)).toEqual(WORKED);
    expect(await redis.xlen(keys.mailbox(ROLE))).toBe(0);
    expect(loop.errors).toEqual([]);
  });

  it('holds nothing after thousands of deliveries to hundreds of instances (I9)', async () => {
    const items = Array.from({ length: 250 }, () => randomUUID());
    const loop = aLoop();
    for (let round = 0; round < 8; round++) {
      const pipeline = redis.pipeline();
      for (const item of items)
        pipeline.xadd(keys.mailbox(ROLE), '*', 'events', JSON.stringify([aDispatch(item)]), 'log_ids', '1-0');
      await pipeline.exec();
      while ((await loop.take(200)) > 0) await loop.rest();
    }
    expect(await types()).toHaveLength(3 * 8 * items.length);
    expect(await redis.xlen(keys.mailbox(ROLE))).toBe(0);
    expect((await redis.xpending(keys.mailbox(ROLE), GROUPS[ROLE]))[0]).toBe(0);
    expect(await redis.exists(keys.timers)).toBe(0);
    expect(await redis.keys(keys.state(ROLE, '*'))).toHaveLength(items.length);
  });
});
