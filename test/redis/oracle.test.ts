/** The oracle finds what is wrong: each of its checks is shown a namespace in which just that is not so. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Keys } from '../../src/bus/keys.ts';
import { replay } from '../../src/runtime/replay.ts';
import { anAnalysis } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { findings, openWork, readLog } from '../support/oracle.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

const socketPath = inject('redisSocket');
const redis = new Redis(socketPath);
const namespace = freshNamespace();
const request = anAnalysis();
const { project_id } = request.payload;
let node: TestNode;

beforeAll(async () => {
  node = await TestNode.start({ socketPath, namespace, env: { THREADS: '1' } });
  await node.platform.publisher.publish(request);
  await eventually('all is done', async () => Object.keys(await openWork(redis, node.platform.keys)).length === 0);
  await node.stop();
});
afterAll(() => {
  redis.disconnect();
});

/** The finished project again, in a namespace of its own. */
async function copy(): Promise<Keys> {
  const other = freshNamespace();
  for (const key of await redis.keys(`${namespace}:*`)) await redis.copy(key, key.replace(namespace, other));
  const log = `${other}:events`;
  return new Keys({
    namespace: other,
    prefix: other,
    log,
    deadLetters: `${other}:dlq`,
    idempotence: `${other}:processed`,
  });
}
const orchestrator = () => node.platform.actors.get('orchestrator') as never;
const find = (keys: Keys) => findings({ redis, keys, orchestrator: orchestrator(), maxAttempts: 5 });
const logged = async (keys: Keys, type: string) => {
  const found = (await readLog(redis, keys)).find(({ event }) => event.event_type === type);
  if (!found) throw new Error(`no ${type}`);
  return found;
};
const append = (keys: Keys, event: object) => redis.xadd(keys.log, '*', 'event', JSON.stringify(event), 'mark', 'm');
const state = (keys: Keys) => keys.state('orchestrator', project_id);

describe('the oracle', () => {
  it('finds nothing where all is well', async () => {
    expect(await find(await copy())).toEqual([]);
  });

  it.each<[string, RegExp, (keys: Keys) => Promise<unknown>]>([
    [
      'a delivery that nobody took',
      /1 .*mailbox:worker entries/,
      (keys) => redis.xadd(keys.mailbox('worker'), '*', 'events', '[]'),
    ],
    [
      'a delivery that was not finished',
      /1 .*mailbox:worker pending/,
      async (keys) => {
        await redis.xadd(keys.mailbox('worker'), '*', 'events', '[]');
        await redis.xreadgroup('GROUP', 'workers', 'c', 'STREAMS', keys.mailbox('worker'), '>');
      },
    ],
    ['an entry that the gate has not read', /1 .*events unread/, (keys) => redis.xadd(keys.log, '*', 'event', '{}')],
    ['a timer', /1 .*:timers/, (keys) => redis.zadd(keys.timers, 1, 'worker:1-0:0:1')],
    [
      'the row of a timer that is none',
      /timer row without a timer/,
      (keys) => redis.hset(keys.timer('x'), 'role', 'worker'),
    ],
    [
      'an event emitted twice',
      /was emitted twice/,
      async (keys) => append(keys, (await logged(keys, 'PROJECT.COMPLETED')).event),
    ],
    [
      'an invalid event',
      /invalid payload/,
      async (keys) =>
        append(keys, { ...(await logged(keys, 'PROJECT.COMPLETED')).event, event_id: project_id, payload: {} }),
    ],
    [
      'a product that its cause does not derive',
      /not numbered from 0/,
      async (keys) => append(keys, { ...(await logged(keys, 'WORK.ITEM_REVIEWED')).event, event_id: project_id }),
    ],
    [
      'an event whose cause is not there',
      /cause that is not in the log/,
      async (keys) => append(keys, { ...(await logged(keys, 'WORK.ITEM_STARTED')).event, causation_id: project_id }),
    ],
    [
      'an event that left its correlation',
      /left its correlation/,
      async (keys) =>
        append(keys, {
          ...(await logged(keys, 'WORK.ITEM_STARTED')).event,
          event_id: project_id,
          correlation_id: project_id,
        }),
    ],
    [
      'an item completed twice',
      /was completed 2 times/,
      async (keys) => append(keys, { ...(await logged(keys, 'WORK.ITEM_COMPLETED')).event, event_id: project_id }),
    ],
    [
      'a second end of a project',
      /has the endings PROJECT.COMPLETED, PROJECT.COMPLETED/,
      async (keys) => append(keys, { ...(await logged(keys, 'PROJECT.COMPLETED')).event, event_id: project_id }),
    ],
    ['a state that is not its replay', /replay differs/, (keys) => redis.hset(state(keys), 'order', '[]')],
    [
      'an event applied twice',
      /applied an event twice/,
      async (keys) =>
        redis.rpush(keys.applied(project_id), (await redis.lindex(keys.applied(project_id), 1)) as string),
    ],
    ['an event that the timeline leaves out', /does not tell of/, (keys) => redis.rpop(keys.timeline(project_id))],
    [
      'a timeline that tells an event twice',
      /tells an event twice/,
      async (keys) =>
        redis.rpush(keys.timeline(project_id), (await redis.lindex(keys.timeline(project_id), 0)) as string),
    ],
    [
      'a list that has the project wrong',
      /is COMPLETED and listed as/,
      (keys) => redis.zadd(keys.under('projects:status:FAILED'), 1, project_id),
    ],
    [
      'a project that has not ended',
      /1 projects have not ended/,
      (keys) => redis.hset(state(keys), 'snapshot', '{"value":"IN_PROGRESS","context":{"counts":{}}}'),
    ],
    [
      'an open question of a project that has ended',
      /has open questions/,
      (keys) => redis.zadd(keys.under('questions:OPEN'), 1, `${project_id}:q`),
    ],
    [
      'a counter that is off',
      /orchestrator counts 2 in COMPLETED/,
      (keys) => redis.hincrby(keys.actor('orchestrator'), 'state:COMPLETED', 1),
    ],
  ])('finds %s', async (_, finding, spoil) => {
    const keys = await copy();
    await spoil(keys);
    expect((await find(keys)).join('\n')).toMatch(finding);
  });
});

describe('a replay (I8)', () => {
  it('tells each difference by its JSON pointer', async () => {
    const keys = await copy();
    const { value, context } = JSON.parse((await redis.hget(state(keys), 'snapshot')) as string);
    const counts = { ...context.counts, done: 4 };
    await redis.hset(state(keys), 'snapshot', JSON.stringify({ value, context: { ...context, counts } }), 'a/b~c', '1');
    const outcome = await replay(redis, keys, orchestrator(), project_id, 5);
    expect(outcome).toMatchObject({ status: 'replayed', equal: false });
    expect('differences' in outcome && outcome.differences).toEqual([
      { path: '/a~1b~0c', stored: 1, replayed: null },
      { path: '/snapshot/context/counts/done', stored: 4, replayed: 5 },
    ]);
  });

  it('says so when the log no longer reaches back', async () => {
    const keys = await copy();
    await redis.xtrim(keys.log, 'MAXLEN', 5);
    expect(await replay(redis, keys, orchestrator(), project_id, 5)).toEqual({ status: 'archived' });
  });
});
