/** What ten thousand events leave in Redis: what the contract names, and nothing that grows beside it (I9). */
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { anAnalysis } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { findings, openWork, readDeadLetters } from '../support/oracle.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

const socketPath = inject('redisSocket');
const redis = new Redis(socketPath);
afterAll(() => {
  redis.disconnect();
});

const PROJECTS = 300;

it('projects leave their state and their lists, dirt leaves its dead letters, and work leaves nothing (I9)', async () => {
  const namespace = freshNamespace();
  const node = await TestNode.start({ socketPath, namespace });
  try {
    const { keys, actors } = node.platform;
    const pipeline = redis.pipeline();
    for (let i = 0; i < PROJECTS; i++) {
      pipeline.xadd(keys.log, '*', 'event', JSON.stringify(anAnalysis()));
      pipeline.xadd(keys.log, '*', 'event', `dirt ${i}`);
    }
    await pipeline.exec();
    const completed = () => redis.zcard(keys.under('projects:status:COMPLETED'));
    await eventually('all projects complete', async () => (await completed()) === PROJECTS, 60_000);
    await eventually('nothing is left to do', async () => Object.keys(await openWork(redis, keys)).length === 0);
    expect(await redis.xlen(keys.log)).toBe(34 * PROJECTS);
    expect(await readDeadLetters(redis, keys)).toHaveLength(PROJECTS);
    const orchestrator = actors.get('orchestrator') as never;
    expect(await findings({ redis, keys, orchestrator, maxAttempts: 5 })).toEqual([]);
    await node.stop();

    const census: Record<string, number> = {};
    for (const key of await redis.keys(`${namespace}:*`)) {
      const kind = key
        .slice(namespace.length + 1)
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
        .replace(/[0-9a-f]{64}$/, '<hash>')
        .replace(/(mailbox|actor):\w+/, '$1:<role>')
        .replace(/node:.*/, 'node:<id>')
        .replace(/breaker:.*/, 'breaker:<model>')
        .replace(/\d{4}-\d\d(-\d\d)?$/, '<date>');
      census[kind] = (census[kind] ?? 0) + 1;
    }
    // Those of the last seconds.
    expect(census['llm:flight:<hash>'] ?? 0).toBeLessThanOrEqual(PROJECTS);
    delete census['llm:flight:<hash>'];
    const roles = actors.size;
    expect(census).toEqual({
      events: 1,
      dlq: 1,
      mark: 1,
      nodes: 1,
      'node:<id>': 1,
      'mailbox:<role>': roles,
      'actor:<role>': expect.any(Number),
      'projects:all': 1,
      'projects:status:COMPLETED': 1,
      'state:orchestrator:<id>': PROJECTS,
      'state:time_waste_worker:<id>': PROJECTS,
      'state:cost_worker:<id>': PROJECTS,
      'state:friction_worker:<id>': PROJECTS,
      'state:scenario_worker:<id>': PROJECTS,
      'state:requirements_manager:<id>': PROJECTS,
      'project:<id>:timeline': PROJECTS,
      'project:<id>:applied': PROJECTS,
      'effect:<hash>': PROJECTS,
      'processed:validator_group:<id>': PROJECTS,
      'processed:validator_group:rejected:<hash>': PROJECTS,
      'llm:breaker:<model>': 1,
      'llm:budget:day:<date>': 1,
      'llm:budget:month:<date>': 1,
      'llm:usage:<date>': 1,
    });
    // What is kept for a time only says so.
    for (const kind of ['state:cost_worker:*', 'effect:*', 'processed:validator_group:*']) {
      const [key] = await redis.keys(`${namespace}:${kind}`);
      expect(await redis.ttl(key as string)).toBeGreaterThan(0);
    }
    for (const key of await redis.keys(`${namespace}:llm:*`)) {
      // -2: it ended just now.
      expect([key, await redis.ttl(key)]).not.toEqual([key, -1]);
    }
  } finally {
    await node.stop();
  }
}, 90_000);
