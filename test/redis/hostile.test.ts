/** Work that breaks its thread: the process lives, the item fails in the end, and nobody else pays for it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Envelope, PlanItem } from '../../schemas/types.ts';
import { aProjectOf, ROWS } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import type { Behaviour, HostileContext } from '../support/hostile-actors.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { freshNamespace, HOSTILE, TestNode } from '../support/test-node.ts';

const socketPath = inject('redisSocket');
const redis = new Redis(socketPath);
const dir = mkdtempSync(join(tmpdir(), 'devteam-hostile-'));
const MAX_ATTEMPTS = 2;
/** Its effects may wait for long: some are at work while others break their threads. */
let node: TestNode;
/** Effects may take 300 ms. */
let impatient: TestNode;

beforeAll(async () => {
  const start = (effectDeadlineMs: number) =>
    TestNode.start({
      socketPath,
      namespace: freshNamespace(),
      env: { MAX_ATTEMPTS: String(MAX_ATTEMPTS), THREAD_MAX_HEAP_MB: '64' },
      settings: { actorsModule: HOSTILE, effectDeadlineMs, hungAfterMs: 1_000 },
    });
  [node, impatient] = await Promise.all([start(20_000), start(300)]);
});
afterAll(async () => {
  await Promise.all([node.stop(), impatient.stop()]);
  redis.disconnect();
  rmSync(dir, { recursive: true });
});

let files = 0;
const freshFile = () => join(dir, String(++files));

function anItem(key: string, behaviour: Behaviour, more: Partial<HostileContext> = {}): PlanItem {
  const work_context = { behaviour, record: freshFile(), ...more };
  return { key, title: key, agent_target: 'worker', work_context };
}

const recordOf = (item: PlanItem): string => (item.work_context as unknown as HostileContext).record;

/** How often the item's effect was begun. */
function starts(item: PlanItem): number {
  try {
    return readFileSync(recordOf(item), 'utf8').trimEnd().split('\n').length;
  } catch {
    return 0;
  }
}

async function eventsOf(projectId: string, { platform }: TestNode): Promise<Envelope[]> {
  const log = await readLog(redis, platform.keys);
  return log
    .map(({ event }) => event)
    .filter(({ payload }) => (payload as { project_id?: string }).project_id === projectId);
}

const failuresIn = (events: readonly Envelope[]) =>
  events.filter((event): event is Envelope<'WORK.ITEM_FAILED'> => event.event_type === 'WORK.ITEM_FAILED');

/** Runs one item that misbehaves among others that do not, some of which are at work until it has failed. */
async function run(behaviour: Behaviour, held: number, on = node) {
  const { keys, publisher } = on.platform;
  const release = freshFile();
  const hostile = anItem('hostile', behaviour);
  const holders = Array.from({ length: held }, (_, i) => anItem(`held-${i}`, 'hold', { until: release }));
  const neighbours: PlanItem[] = [
    ...Array.from({ length: 4 }, (_, i) => anItem(`quick-${i}`, 'succeed')),
    { key: 'time', title: 'time', agent_target: 'time_waste_worker', work_context: { rows: ROWS } },
    { key: 'friction', title: 'friction', agent_target: 'friction_worker', work_context: { rows: ROWS } },
    { key: 'tests', title: 'tests', agent_target: 'test_worker', work_context: { scope: 'everything' } },
  ];
  const request = aProjectOf([...holders, hostile, ...neighbours]);
  const { project_id } = request.payload;
  await publisher.publish(request);
  await eventually(
    `the item that does '${behaviour}' fails`,
    async () => failuresIn(await eventsOf(project_id, on)).length > 0,
  );
  writeFileSync(release, '');
  await eventually('all work is done', async () => Object.keys(await openWork(redis, keys)).length === 0);
  const events = await eventsOf(project_id, on);
  const letters = (await readDeadLetters(redis, keys)).filter(
    ({ original_event }) => (original_event?.payload as { project_id?: string } | undefined)?.project_id === project_id,
  );
  return { hostile, events, letters };
}

async function expectOnlyHostileFailed(
  { hostile, events, letters }: Awaited<ReturnType<typeof run>>,
  errorMessage: RegExp,
) {
  const failures = failuresIn(events).map(({ payload }) => payload);
  expect(failures).toMatchObject([{ failure: { category: 'TOOL_FAILURE', attempts: MAX_ATTEMPTS } }]);
  expect(letters).toMatchObject([
    { consumer_group: 'workers', reason: 'max attempts exceeded', attempts: MAX_ATTEMPTS },
  ]);
  expect(letters[0]?.error_message).toMatch(errorMessage);
  expect(events.at(-1)).toMatchObject({ event_type: 'PROJECT.FAILED', payload: { counts: { failed: 1 } } });
  return starts(hostile);
}

describe('an item whose work', () => {
  // It is on the stack when it strikes, so it alone is to blame, also while others are at work.
  it.each<[Behaviour, RegExp]>([
    ['throw', /this item is not to be had/],
    ['invalid', /invalid DELIVERABLE.PUBLISHED/],
    ['heap', /memory|did not answer/i],
    ['spin', /did not answer/],
    ['exit', /ended/],
  ])(
    'does "%s" fails after all its attempts with one dead letter, and no other item pays for it (I6)',
    async (behaviour, message) => {
      expect(await expectOnlyHostileFailed(await run(behaviour, 2), message)).toBe(MAX_ATTEMPTS);
    },
  );

  // All who wait may have done it, so none is blamed until it has happened to one that was alone.
  it.each<[Behaviour, RegExp]>([
    ['late_heap', /memory|did not answer/i],
    ['late_spin', /did not answer/],
    ['stray_throw', /nobody listens/],
  ])(
    'does "%s" after giving back a promise is found out, and no other item pays for it (I6)',
    async (behaviour, message) => {
      expect(await expectOnlyHostileFailed(await run(behaviour, 0), message)).toBeLessThanOrEqual(MAX_ATTEMPTS + 1);
    },
  );

  it('never ends fails at its deadlines with one dead letter (I5)', async () => {
    expect(await expectOnlyHostileFailed(await run('never', 0, impatient), /no result/)).toBe(MAX_ATTEMPTS);
  });

  it('leaves nothing behind in Redis, and the process alive', async () => {
    const { keys, actors } = node.platform;
    const orchestrator = actors.get('orchestrator') as never;
    expect(await findings({ redis, keys, orchestrator, maxAttempts: MAX_ATTEMPTS })).toEqual([]);
    expect(node.said.filter(({ level }) => level === 'GAVE UP')).toEqual([]);
    await eventually('all threads read again', () => node.platform.supervisor.threads.running === 2);
  });
});
