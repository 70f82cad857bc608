/** Leases, and who may claim what from whom. */
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { Keys } from '../../src/bus/keys.ts';
import { claim, createGroup } from '../../src/bus/mailbox.ts';
import { consumerName, Nodes } from '../../src/bus/nodes.ts';
import { anAnalysis } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { findings, openWork } from '../support/oracle.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

const redis = new Redis(inject('redisSocket'));
let namespace: string;
let keys: Keys;
let worker: { stream: string; group: string };

beforeEach(async () => {
  namespace = freshNamespace();
  const log = `${namespace}:events`;
  keys = new Keys({ namespace, prefix: namespace, log, deadLetters: `${namespace}:dlq`, idempotence: namespace });
  worker = { stream: keys.mailbox('worker'), group: 'workers' };
  await createGroup(redis, worker.stream, worker.group);
});
afterAll(() => {
  redis.disconnect();
});

const FACTS = { host: 'h', pid: 1, threads: 1, version: '1', startedAt: '2026-01-15T10:30:00.000Z' };
const aNode = (id: string, leaseMs = 60_000, mark = 'the-mark') => new Nodes(redis, keys, id, leaseMs, mark, FACTS);

/** Deliveries that `consumer` has read and not finished. */
async function hold(consumer: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await redis.xadd(worker.stream, '*', 'events', String(i))) as string);
  await redis.xreadgroup('GROUP', worker.group, consumer, 'COUNT', count, 'STREAMS', worker.stream, '>');
  return ids;
}
const consumers = async () =>
  ((await redis.xinfo('CONSUMERS', worker.stream, worker.group)) as unknown[][]).map(
    (row) => row[row.indexOf('name') + 1],
  );
const take = (from: string, count = 10, idleMs = 0, explained = false) =>
  claim(redis, { ...worker, from, to: 'b#1/1.0', count, idleMs, explained });

describe('a lease', () => {
  it('shows its node to be alive, with what is known of it', async () => {
    const a = aNode('a#1');
    expect(await a.renew()).toEqual([]);
    expect(await aNode('b#1').renew()).toEqual([]);
    expect(await redis.hgetall(keys.node('a#1'))).toMatchObject({ host: 'h', threads: '1' });
  });

  it('that has ended shows its node to be dead, to all others at once (I6)', async () => {
    const a = aNode('a#1', 1);
    await a.renew();
    const b = aNode('b#1');
    await eventually('the lease ends', async () => (await b.renew()).includes('a#1'));
  });

  it('given up shows its node to be dead without waiting for its end (I6)', async () => {
    const [a, b] = [aNode('a#1'), aNode('b#1')];
    await a.renew();
    await a.leave();
    expect(await b.renew()).toEqual(['a#1']);
    await b.forget('a#1');
    expect(await b.renew()).toEqual([]);
  });

  it('renewed too late lets its node take nobody for dead for the time of one lease: Redis was away for all', async () => {
    const [a, b] = [aNode('a#1'), aNode('b#1')];
    await Promise.all([a.renew(), b.renew()]);
    await redis.zadd(keys.nodes, 1, 'a#1', 2, 'b#1');
    expect(await b.renew()).toEqual([]);
    expect(await b.renew()).toEqual([]);
  });

  it('puts the mark of the namespace back, and is refused to a node that has another', async () => {
    await aNode('a#1').renew();
    expect(await redis.get(keys.mark)).toBe('the-mark');
    await redis.set(keys.mark, 'another');
    await expect(aNode('a#1').renew()).rejects.toMatchObject({ code: 'LOG_LOST', disposition: 'stop' });
  });
});

describe('consumers', () => {
  it('are known by the node in their name', async () => {
    const [ours, theirs] = [consumerName('a#1', 1, 0), consumerName('a#11', 1, 0)];
    await hold(ours, 1);
    await hold(theirs, 1);
    const a = aNode('a#1');
    expect([...(await a.consumersOf('a#1', [worker]))]).toEqual([ours]);
    expect((await a.orphans([worker])).size).toBe(2);
    await a.renew();
    expect([...(await a.orphans([worker]))]).toEqual([theirs]);
  });

  it('lose what they hold to a claim, a number at a time, and go when they hold nothing', async () => {
    const ids = await hold('a#1/1.0', 5);
    expect((await take('a#1/1.0', 3)).map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(await consumers()).toEqual(['a#1/1.0', 'b#1/1.0']);
    expect((await take('a#1/1.0', 3)).map(({ id }) => id)).toEqual(ids.slice(3));
    expect(await consumers()).toEqual(['b#1/1.0']);
    expect(await redis.xpending(worker.stream, worker.group)).toMatchObject([5, ids[0], ids[4], [['b#1/1.0', '5']]]);
  });

  it('keep what they took up lately when only idle deliveries are claimed', async () => {
    await hold('a#1/1.0', 2);
    expect(await take('a#1/1.0', 10, 60_000)).toEqual([]);
    expect(await consumers()).toContain('a#1/1.0');
  });

  it('leave a count of how many have ended without a word while they held it (I6)', async () => {
    await hold('a#1/1.0', 1);
    expect(await take('a#1/1.0')).toMatchObject([{ survived: 1 }]);
    const giveBack = () =>
      claim(redis, { ...worker, from: 'b#1/1.0', to: 'a#1/1.1', count: 1, idleMs: 0, explained: true });
    expect(await giveBack()).toMatchObject([{ survived: 1 }]);
    expect(await take('a#1/1.1')).toMatchObject([{ survived: 2 }]);
  });

  it('lose deliveries that somebody has deleted, with nobody getting them', async () => {
    const ids = await hold('a#1/1.0', 2);
    await redis.xdel(worker.stream, ids[0] as string);
    expect((await take('a#1/1.0')).map(({ id }) => id)).toEqual([ids[1]]);
    expect(await consumers()).toEqual(['b#1/1.0']);
  });
});

describe('a node that lives', () => {
  it('takes over what a dead one held, in all its roles, and forgets it', async () => {
    const node = await TestNode.start({ socketPath: inject('redisSocket'), namespace, env: { THREADS: '1' } });
    try {
      await node.stop();
      // The ghost reads what nobody else is there to read, and dies.
      const events = [anAnalysis(), anAnalysis()];
      for (const event of events) await redis.xadd(keys.log, '*', 'event', JSON.stringify(event));
      await redis.xreadgroup('GROUP', 'validator_group', 'ghost#1/1.0', 'COUNT', 10, 'STREAMS', keys.log, '>');
      await redis.zadd(keys.nodes, 1, 'ghost#1');
      const second = await TestNode.start({ socketPath: inject('redisSocket'), namespace, env: { THREADS: '1' } });
      try {
        const completed = () => redis.zcard(keys.under('projects:status:COMPLETED'));
        await eventually('both projects complete', async () => (await completed()) === 2);
        await eventually('nothing is open', async () => Object.keys(await openWork(redis, keys)).length === 0);
        await eventually('the dead are forgotten', async () => (await redis.zcard(keys.nodes)) === 1);
        const orchestrator = second.platform.actors.get('orchestrator') as never;
        expect(await findings({ redis, keys, orchestrator, maxAttempts: 5 })).toEqual([]);
      } finally {
        await second.stop();
      }
    } finally {
      await node.stop();
    }
  });

  it('that runs some roles only does not forget a dead one whose other roles still hold work (I1)', async () => {
    await hold('ghost#1/1.0', 1);
    await redis.zadd(keys.nodes, 1, 'ghost#1');
    const some = { ROLES: 'validator,orchestrator', THREADS: '1' };
    const first = await TestNode.start({ socketPath: inject('redisSocket'), namespace, env: some });
    try {
      await redis.zadd(keys.nodes, 2, 'ghost#2');
      await eventually('it has looked for the dead', async () => (await redis.zscore(keys.nodes, 'ghost#2')) === null);
      expect(await redis.zscore(keys.nodes, 'ghost#1')).toBe('1');
    } finally {
      await first.stop();
    }
  });
});
