import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { Keys } from '../../src/bus/keys.ts';
import { Timers } from '../../src/bus/timers.ts';
import { eventually } from '../support/eventually.ts';
import { freshNamespace } from '../support/test-node.ts';

const connections = [new Redis(inject('redisSocket')), new Redis(inject('redisSocket'))];
const [redis, other] = connections as [Redis, Redis];
let keys: Keys;
let errors: unknown[];

beforeEach(() => {
  const namespace = freshNamespace();
  const log = `${namespace}:events`;
  keys = new Keys({ namespace, prefix: namespace, log, deadLetters: `${namespace}:dlq`, idempotence: namespace });
  errors = [];
});
afterAll(() => {
  for (const connection of connections) connection.disconnect();
});

const timersOf = (connection = redis) => new Timers(connection, keys, (error) => void errors.push(error));
const mailbox = () => redis.xrange(keys.mailbox('worker'), '-', '+');

async function park(id: string, dueMs: number): Promise<void> {
  await redis.hset(keys.timer(id), {
    role: 'worker',
    instance: 'x',
    events: `[{"id":"${id}"}]`,
    log_ids: '1-0',
    attempts: '{}',
  });
  await redis.zadd(keys.timers, dueMs, id);
}

describe('a timer', () => {
  it('puts its events, and how often they were tried, back into the mailbox when it is due, and is gone', async () => {
    await park('worker:1-0:0:1', Date.now() - 1);
    expect(await timersOf().fire()).toBe(1);
    const [[, fields] = []] = await mailbox();
    expect(fields).toEqual(['events', '[{"id":"worker:1-0:0:1"}]', 'log_ids', '1-0', 'attempts', '{}']);
    expect(await redis.exists(keys.timers, keys.timer('worker:1-0:0:1'))).toBe(0);
  });

  it('stays where it is until it is due', async () => {
    await park('worker:1-0:0:1', Date.now() + 60_000);
    expect(await timersOf().fire()).toBe(0);
    expect(await mailbox()).toEqual([]);
    expect(await redis.zcard(keys.timers)).toBe(1);
  });

  it('fires once, also when several nodes find it due (I2)', async () => {
    for (let i = 0; i < 300; i++) await park(`worker:${i}-0:0:1`, 1);
    const fired = await Promise.all([timersOf(redis).fire(), timersOf(other).fire()]);
    expect(fired[0] + fired[1]).toBe(300);
    expect(await mailbox()).toHaveLength(300);
  });

  it('does not hold up those behind it when it cannot be fired', async () => {
    await redis.set(keys.mailbox('broken'), 'no stream');
    await park('broken:1-0:0:1', 1);
    await park('worker:1-0:0:1', 2);
    expect(await timersOf().fire()).toBe(1);
    expect(errors).toHaveLength(1);
    expect(await redis.zrange(keys.timers, '0', '-1')).toEqual(['broken:1-0:0:1']);
  });

  it('without a row is taken away', async () => {
    await redis.zadd(keys.timers, 1, 'worker:1-0:0:1');
    await timersOf().fire();
    expect(await redis.zcard(keys.timers)).toBe(0);
    expect(await mailbox()).toEqual([]);
  });

  it('is fired by a running node without being asked for, and no more once that has stopped', async () => {
    const timers = timersOf();
    timers.start();
    const dueMs = Date.now() + 20;
    await park('worker:1-0:0:1', dueMs);
    timers.expect(dueMs);
    await eventually('it fires', async () => (await mailbox()).length === 1);
    timers.stop();
    timers.expect(1);
    await park('worker:2-0:0:1', 1);
    expect(await mailbox()).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});
