/** @module-tag slow */
/** What nodes make of a Redis that forgets, refuses, freezes or is emptied, and of being ended themselves. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Keys } from '../../src/bus/keys.ts';
import { anAnalysis, aProjectOf } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { findings, openWork, readDeadLetters } from '../support/oracle.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { freshNamespace, HOSTILE, type NodeRequest, TestNode } from '../support/test-node.ts';

let server: RedisProcess;
let redis: Redis;
let namespace: string;
let nodes: TestNode[];
const dir = mkdtempSync(join(tmpdir(), 'devteam-faults-'));

beforeAll(async () => {
  server = await RedisProcess.start();
  redis = server.connect();
});
beforeEach(() => {
  namespace = freshNamespace();
  nodes = [];
});
afterEach(() => Promise.all(nodes.map((node) => node.stop())));
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  rmSync(dir, { recursive: true });
});

async function start(request: Partial<NodeRequest> = {}): Promise<TestNode> {
  const env = { THREADS: '1', ...request.env };
  const node = await TestNode.start({ socketPath: server.socketPath, namespace, ...request, env });
  nodes.push(node);
  return node;
}

const SLOW_MODEL = join(dir, 'slow.json');
writeFileSync(SLOW_MODEL, '[{"match":{},"then":{"latency_ms":150}}]');

const completed = (keys: Keys) => redis.zcard(keys.under('projects:status:COMPLETED'));
const open = async (keys: Keys) => Object.keys(await openWork(redis, keys)).length;
const append = (keys: Keys, events: readonly object[]) => {
  const pipeline = redis.pipeline();
  for (const event of events) pipeline.xadd(keys.log, '*', 'event', JSON.stringify(event));
  return pipeline.exec();
};
const analyses = (count: number) => Array.from({ length: count }, () => anAnalysis());

/** All projects complete, nothing is left behind, nobody was charged an attempt. */
async function expectUnharmed(node: TestNode, projects: number, retried: string[] = []): Promise<void> {
  const { keys, actors } = node.platform;
  await eventually(`${projects} projects complete`, async () => (await completed(keys)) >= projects, 30_000);
  await eventually('nothing is left to do', async () => (await open(keys)) === 0);
  const orchestrator = actors.get('orchestrator') as never;
  expect(await findings({ redis, keys, orchestrator, maxAttempts: node.config.bus.maxAttempts })).toEqual([]);
  expect(await readDeadLetters(redis, keys)).toEqual([]);
  for (const { platform, said } of nodes) {
    const { roles } = platform.supervisor.totals;
    expect([...roles].filter(([role, { retries }]) => retries > 0 && !retried.includes(role))).toEqual([]);
    expect(said.filter(({ level }) => level === 'GAVE UP')).toEqual([]);
  }
}

describe('nodes', () => {
  it('go on without a trace when Redis forgets its scripts and cuts all connections, again and again', async () => {
    const node = await start({ env: { THREADS: '2', LLM_TEST_SCRIPT: SLOW_MODEL } });
    const { keys } = node.platform;
    await append(keys, analyses(60));
    let cuts = 0;
    await eventually(
      'half of the projects complete under fire',
      async () => {
        await redis.script('FLUSH');
        await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        cuts++;
        await pause(100);
        return cuts >= 5 && (await completed(keys)) >= 30;
      },
      30_000,
    );
    await expectUnharmed(node, 60);
  });

  it('lose and repeat nothing while Redis stands still for longer than their leases (I2, I6)', async () => {
    const [node] = [
      await start({ env: { LLM_TEST_SCRIPT: SLOW_MODEL } }),
      await start({ env: { LLM_TEST_SCRIPT: SLOW_MODEL } }),
    ];
    const { keys } = node.platform;
    await append(keys, analyses(40));
    await eventually('work is under way', async () => (await completed(keys)) >= 2);
    server.freeze();
    await pause(3 * node.config.bus.nodeLeaseMs);
    server.thaw();
    await expectUnharmed(node, 40);
  });

  it('wait for memory: nothing is charged or lost, and what frees memory or is refused passes (I1, I9)', async () => {
    const node = await start();
    const { keys } = node.platform;
    const filled = redis.multi();
    for (const event of analyses(20)) filled.xadd(keys.log, '*', 'event', JSON.stringify(event));
    filled.xadd(keys.log, '*', 'event', 'no event');
    filled.config('SET', 'maxmemory', '1');
    await filled.exec();
    try {
      await eventually(
        'the dead letter is written into full memory',
        async () => (await redis.xlen(keys.deadLetters)) === 1,
      );
      expect(await completed(keys)).toBe(0);
      await eventually('the lease is renewed all the same', async () => {
        const [, until] = await redis.zrange(keys.nodes, '0', '-1', 'WITHSCORES');
        const [seconds] = await redis.time();
        return Number(until) > Number(seconds) * 1000;
      });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
    expect(await readDeadLetters(redis, keys)).toHaveLength(1);
    await redis.del(keys.deadLetters);
    await expectUnharmed(node, 20);
  });

  it('wait for a Redis that refuses all writes for a while, without using up their restarts', async () => {
    const node = await start({ env: { RESTART_LIMIT: '1', BLOCK_MS: '20' } });
    const { keys } = node.platform;
    await append(keys, analyses(5));
    await redis.config('SET', 'min-replicas-to-write', '1');
    try {
      await pause(1_000);
    } finally {
      await redis.config('SET', 'min-replicas-to-write', '0');
    }
    await expectUnharmed(node, 5);
    expect(node.said.filter(({ message }) => message.includes('restarted'))).toEqual([]);
  });

  it('raise the alarm when everything is deleted under them, and serve what comes then, with nodes that join', async () => {
    const node = await start();
    const { keys } = node.platform;
    await append(keys, analyses(1));
    await eventually('a project completes', async () => (await completed(keys)) === 1);
    await redis.flushall();
    await eventually('the loss is told', () =>
      node.said.some(({ level, message }) => level === 'ERROR' && message.includes(`${keys.log} was lost`)),
    );
    await eventually('the namespace is marked again', async () => (await redis.exists(keys.mark)) === 1);
    await start();
    await append(keys, analyses(10));
    await expectUnharmed(node, 10);
  });

  it('keep a retry that waits for its time over the end of all of them (I1)', async () => {
    const script = join(dir, 'once.json');
    writeFileSync(script, '[{"match":{},"then":{"fail":"unavailable"}}]');
    const patient = { RETRY_BASE_MS: '3600000', RETRY_MAX_MS: '3600000' };
    const first = await start({ env: { LLM_TEST_SCRIPT: script, ...patient } });
    const { keys } = first.platform;
    await append(keys, [
      aProjectOf([{ key: 'a', title: 'A', agent_target: 'test_worker', work_context: { scope: 'all' } }]),
    ]);
    await eventually('the retry is parked', async () => (await redis.zcard(keys.timers)) === 1);
    await first.stop();
    expect(await openWork(redis, keys)).toEqual({ [keys.timers]: 1 });
    const second = await start({ env: patient });
    const [timer] = await redis.zrange(keys.timers, '0', '0');
    await redis.zadd(keys.timers, 'XX', 0, timer as string);
    await expectUnharmed(second, 1, ['test_worker']);
  });

  it('finish what they can when told to end, and leave the rest to the next at once (I1, I6)', async () => {
    const held = { behaviour: 'hold', record: join(dir, 'held'), until: join(dir, 'release') };
    const hostile = { settings: { actorsModule: HOSTILE }, env: { SHUTDOWN_GRACE_MS: '300' } };
    const first = await start(hostile);
    const { keys } = first.platform;
    await append(keys, [
      aProjectOf([{ key: 'held', title: 'held', agent_target: 'worker', work_context: held }]),
      ...analyses(30),
    ]);
    await eventually('an effect is at work', () => existsSync(held.record));
    await first.stop();
    const second = await start(hostile);
    await eventually(
      'the other node does it again',
      () => readFileSync(held.record, 'utf8').trimEnd().split('\n').length === 2,
    );
    writeFileSync(held.until, '');
    await expectUnharmed(second, 31);
  });

  it('end while Redis does not answer', async () => {
    const node = await start({ env: { SHUTDOWN_GRACE_MS: '200', REDIS_COMMAND_TIMEOUT_MS: '200' } });
    server.freeze();
    try {
      await node.stop();
    } finally {
      server.thaw();
    }
    expect(node.platform.supervisor.threads.running).toBe(0);
  });
});
