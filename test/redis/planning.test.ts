/** @module-tag slow */
// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
/** Plans of a language model, on a real node: what becomes of them, of their failure, and of what happens meanwhile. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { createOrchestrator } from '../../actors/orchestrator.ts';
import type { Header } from '../../machines/orchestration/parts.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { ScriptRule } from '../../src/llm/providers/test-script.ts';
import { replay } from '../../src/runtime/replay.ts';
import { type CompiledActor, compileActor } from '../../src/runtime/step.ts';
import { sampleEvent } from '../fixtures/events.ts';
import { SETTINGS } from '../fixtures/project-driver.ts';
import { anEvent, aRequest } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

const socketPath = inject('redisSocket');
const redis = new Redis(socketPath);
const scripts = mkdtempSync(join(tmpdir(), 'devteam-script-'));
let nodes: TestNode[] = [];

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  nodes = [];
});
afterAll(() => {
  redis.disconnect();
  rmSync(scripts, { recursive: true });
});

async function start(
  script: readonly ScriptRule[] = [],
  env: Record<string, string> = {},
  namespace = freshNamespace(),
) {
  const path = join(scripts, `${randomUUID()}.json`);
  writeFileSync(path, JSON.stringify(script));
  const node = await TestNode.start({ socketPath, namespace, env: { PLANNER: 'llm', LLM_TEST_SCRIPT: path, ...env } });
  nodes.push(node);
  return new World(node, namespace);
}

class World {
  readonly node: TestNode;
  readonly namespace: string;

  constructor(node: TestNode, namespace: string) {
    this.node = node;
    this.namespace = namespace;
  }

  get keys() {
    return this.node.platform.keys;
  }

  publish(event: Envelope): Promise<unknown> {
    return this.node.platform.publisher.publish(event);
  }

  async request(request_text: string): Promise<Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>> {
    const request = aRequest({ request_text });
    await this.publish(request);
    return request;
  }

  async header({ payload }: Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>): Promise<{ value: string; context: Header }> {
    const snapshot = await redis.hget(this.keys.state('orchestrator', payload.project_id), 'snapshot');
    return JSON.parse(snapshot as string);
  }

  until(request: Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>, status: string): Promise<void> {
    return eventually(`the project is ${status}`, async () => (await this.header(request)).value === status);
  }

  /** Resolves when nothing is left to do. */
  rest(): Promise<void> {
    return eventually('all work is done', async () => Object.keys(await openWork(redis, this.keys)).length === 0);
  }

  async events<T extends EventType>(type: T): Promise<Envelope<T>[]> {
    const log = await readLog(redis, this.keys);
    return log.filter(({ event }) => event.event_type === type).map(({ event }) => event as Envelope<T>);
  }

  applied({ payload }: Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>): Promise<string[]> {
    return redis.lrange(this.keys.applied(payload.project_id), 0, -1);
  }

  /** Replay differences under each setting that may be in force by then. */
  async differences({ payload }: Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>): Promise<unknown[]> {
    const { maxAttempts } = this.node.config.bus;
    const found: unknown[] = [];
    for (const planner of ['llm', 'rules'] as const) {
      const actor = compileActor(createOrchestrator({ ...SETTINGS, planner })) as CompiledActor;
      const outcome = await replay(redis, this.keys, actor, payload.project_id, maxAttempts);
      found.push(...(outcome.status === 'replayed' ? outcome.differences : [outcome]));
    }
    return found;
  }

  /** What is wrong once all is at rest. */
  async audit(): Promise<string[]> {
    const orchestrator = this.node.platform.actors.get('orchestrator') as never;
    const { maxAttempts } = this.node.config.bus;
    const letters = await readDeadLetters(redis, this.keys);
    return [
      ...(await findings({ redis, keys: this.keys, orchestrator, maxAttempts })),
      ...letters.map(({ reason }) => `dead letter: ${reason}`),
    ];
  }
}

const TEXT = 'Repair the nightly export. Tell finance';
const planner = { agent: 'orchestrator' };
const item = (key: string, depends_on: string[] = [], agent_target = 'worker') => ({
  key,
  title: `Title of ${key}`,
  agent_target,
  description: `Do ${key}`,
  depends_on,
});
const answer = (...items: object[]) => ({ json: { items } });
const slowly: ScriptRule = { match: planner, then: { latency_ms: 600 } };
const endlessly: ScriptRule = { match: planner, then: { latency_ms: 600_000 } };

describe('a plan of a language model', () => {
  it('is carried out to the report, and read back by a replay whatever PLANNER says then (I8)', async () => {
    const world = await start();
    const request = await world.request(TEXT);
    await world.until(request, 'COMPLETED');
    await world.rest();
    const created = (await world.events('BACKLOG.ITEM_CREATED')).map(({ payload }) => payload.backlog_item);
    expect(created.map(({ title, agent_target }) => [title, agent_target])).toEqual([
      ['Collect requirements', 'requirements_manager'],
      ['Repair the nightly export', 'dev_worker'],
      ['Tell finance', 'dev_worker'],
      ['Check the results', 'test_worker'],
    ]);
    expect(created[3]?.depends_on).toEqual([created[1]?.id, created[2]?.id]);
    expect((await world.header(request)).context.plan).toBe('llm');
    expect(await world.differences(request)).toEqual([]);
    expect(await world.audit()).toEqual([]);
  });

  it('is what the model answered, each item with its own scope, also when it takes long (I5, I8)', async () => {
    const then = { ...answer(item('a'), item('b', ['a'], 'dev_worker')), latency_ms: 300 };
    const world = await start([{ match: planner, then }]);
    const request = await world.request(TEXT);
    await world.until(request, 'PLANNING');
    expect(await world.differences(request)).toEqual([]);
    await world.until(request, 'COMPLETED');
    await world.rest();
    const dispatched = (await world.events('WORK.ITEM_DISPATCHED')).map(({ payload }) => payload);
    expect(dispatched.map(({ agent_target, work_context }) => [agent_target, work_context.scope])).toEqual([
      ['worker', 'Do a'],
      ['dev_worker', 'Do b'],
    ]);
    expect(await world.differences(request)).toEqual([]);
    expect(await world.audit()).toEqual([]);
  });

  it('is read back from its own items alone, whatever a stranger adds (I8)', async () => {
    const world = await start([slowly]);
    const request = await world.request(TEXT);
    await world.until(request, 'PLANNING');
    const { project_id } = request.payload;
    const { payload } = sampleEvent('BACKLOG.ITEM_CREATED');
    const forged = { project_id, backlog_item: { ...payload.backlog_item, project_id } };
    const cause = { causation_id: request.event_id, correlation_id: request.correlation_id };
    const stranger = anEvent('BACKLOG.ITEM_CREATED', forged, cause);
    await redis.xadd(world.keys.log, '*', 'event', JSON.stringify(stranger));
    const told = async () => (await redis.lrange(world.keys.timeline(project_id), 0, -1)).length;
    await eventually('it is told', async () => (await told()) === 2);
    expect(await world.differences(request)).toEqual([]);
    await world.until(request, 'COMPLETED');
    await world.rest();
    expect(await world.differences(request)).toEqual([]);
    expect(await world.audit()).toEqual([]);
  });

  it.each<[string, ScriptRule['then'], RegExp]>([
    ['has a cycle', answer(item('a', ['b']), item('b', ['a'])), /refused plan: cycle: a -> b -> a$/],
    ['names an unknown target', answer(item('a', [], 'nobody')), /PROVIDER_ERROR: .*\/items\/0\/agent_target/],
    ['has 21 items', answer(...Array.from({ length: 21 }, (_, n) => item(`k${n}`))), /more than 20 items/],
    ['is no JSON, twice', { fail: 'bad_json' }, /PROVIDER_ERROR: .*not JSON/],
    ['cannot be had', { fail: 'unavailable' }, /SERVICE_UNAVAILABLE: no provider could answer$/],
  ])('that %s gives way to the rules at once, and it is said why', async (_, then, why) => {
    const world = await start([{ match: planner, then }]);
    const keyworded = await world.request('Help with the exports, please');
    const plain = await world.request('Repair the nightly export');
    await world.until(plain, 'COMPLETED');
    await eventually('a team is selected', async () => (await world.events('TEAM.SELECTED')).length > 0);
    const [selected] = await world.events('TEAM.SELECTED');
    expect(selected?.payload.reason).toMatch(/^matched keywords: help; no LLM plan: /);
    expect(selected?.payload.reason).toMatch(why);
    expect((await world.header(keyworded)).context.plan).toBe('teams');
    expect((await world.header(plain)).context.plan).toBe('default');
    const lines = world.node.said.filter(({ message }) => message.startsWith('planned by the rules: '));
    expect(lines.map(({ level, service }) => [level, service])).toEqual(Array(2).fill(['WARN', 'orchestrator']));
    for (const { message } of lines) expect(message).toMatch(why);
    const { project_id } = keyworded.payload;
    const header = { correlation_id: keyworded.correlation_id };
    await world.publish(anEvent('PROJECT.STOP_REQUESTED', { project_id }, header));
    await world.rest();
    for (const request of [keyworded, plain]) expect(await world.differences(request)).toEqual([]);
    expect(await world.audit()).toEqual([]);
  });
});

describe('while a plan is waited for', () => {
  it.each(['1', '2'])(
    'a stop ends the project without items, with %s threads, and the late plan changes nothing',
    async (THREADS) => {
      const world = await start([slowly], { THREADS });
      const request = await world.request(TEXT);
      const { project_id } = request.payload;
      await world.until(request, 'PLANNING');
      await world.publish(
        anEvent('PROJECT.STOP_REQUESTED', { project_id }, { correlation_id: request.correlation_id }),
      );
      await world.until(request, 'STOPPED');
      // The plan is still on its way.
      expect(Object.keys(await openWork(redis, world.keys))).toEqual([
        `${world.keys.mailbox('orchestrator')} pending`,
        `${world.keys.mailbox('orchestrator')} entries`,
      ]);
      await world.rest();
      expect((await world.header(request)).context.counts.total).toBe(0);
      expect(await world.events('BACKLOG.ITEM_CREATED')).toEqual([]);
      expect(await world.differences(request)).toEqual([]);
      expect(await world.audit()).toEqual([]);
    },
  );

  it.each(['1', '2'])(
    'messages are answered, with %s threads, and a replay hears them where they came (I8)',
    async (THREADS) => {
      const world = await start([slowly], { THREADS });
      const request = await world.request(TEXT);
      const { project_id } = request.payload;
      await world.until(request, 'PLANNING');
      const header = { correlation_id: request.correlation_id };
      const message = { project_id, message_id: randomUUID(), message: 'How is it going?' };
      await world.publish(anEvent('PROJECT.MESSAGE_RECEIVED', message, header));
      await eventually('it is answered', async () => (await world.events('ORCHESTRATOR.MESSAGE_SENT')).length > 0);
      expect((await world.header(request)).value).toBe('PLANNING');
      expect(await world.differences(request)).toEqual([]);
      await world.until(request, 'COMPLETED');
      await world.rest();
      const [said] = await world.events('ORCHESTRATOR.MESSAGE_SENT');
      expect(said?.payload.content).toBe('No work has been planned yet.');
      const applied = await world.applied(request);
      expect(applied[2]).toBe(`${applied[0]} answered`);
      expect(await world.differences(request)).toEqual([]);
      expect(await world.audit()).toEqual([]);
    },
  );

  it('another process takes over, asks again under the same key, and applies the request once (I2, I4)', async () => {
    const first = await start([endlessly], { SHUTDOWN_GRACE_MS: '0' });
    const request = await first.request(TEXT);
    await first.until(request, 'PLANNING');
    await first.node.stop();
    const second = await start([], {}, first.namespace);
    await second.until(request, 'COMPLETED');
    await second.rest();
    const journal = await redis.keys(`${second.keys.under('effect:')}*`);
    // One of the plan, one of each item.
    expect(journal).toHaveLength(1 + (await second.events('BACKLOG.ITEM_CREATED')).length);
    const [logId] = await second.applied(request);
    expect((await second.applied(request)).filter((entry) => entry.startsWith(`${logId}`))).toEqual([
      logId,
      `${logId} answered`,
    ]);
    expect(await second.differences(request)).toEqual([]);
    expect(await second.audit()).toEqual([]);
  });

  it('its deadline uses attempts up, and then the rules plan', async () => {
    const world = await start([endlessly], { WORKER_TIMEOUT_S: '1', MAX_ATTEMPTS: '2' });
    const request = await world.request('Help with the exports, please');
    await eventually('a team is selected', async () => (await world.events('TEAM.SELECTED')).length > 0);
    const [selected] = await world.events('TEAM.SELECTED');
    expect(selected?.payload.reason).toBe(
      'matched keywords: help; no LLM plan: the planner was given up (DEADLINE_EXCEEDED)',
    );
    expect(await readDeadLetters(redis, world.keys)).toMatchObject([{ reason: 'max attempts exceeded', attempts: 2 }]);
    expect(await world.differences(request)).toEqual([]);
  });
});
