/** The worked examples of the contract, on a real node: what each emitter says, in which order, because of what. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import type { Header } from '../../machines/orchestration/parts.ts';
import type { Envelope } from '../../schemas/types.ts';
import { ProjectFiles } from '../../src/store/project-files.ts';
import { anAnalysis, anEvent, aRequest, ROWS } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { findings, type Logged, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { freshNamespace, TestNode } from '../support/test-node.ts';

const socketPath = inject('redisSocket');
const redis = new Redis(socketPath);
let node: TestNode;

afterEach(() => node.stop());
afterAll(() => {
  redis.disconnect();
  rmSync(scriptDir, { recursive: true });
});

const scriptDir = mkdtempSync(join(tmpdir(), 'devteam-script-'));
const failingScript = join(scriptDir, 'script.json');
writeFileSync(failingScript, '[{"match":{"agent":"dev_worker"},"then":{"fail":"server_error"}}]');

const speechlessScript = join(scriptDir, 'speechless.json');
writeFileSync(speechlessScript, '[{"match":{"agent":"requirements_manager"},"then":{"fail":"server_error"}}]');

const slowScript = join(scriptDir, 'slow.json');
writeFileSync(slowScript, '[{"match":{"agent":"requirements_manager"},"then":{"latency_ms":1500}}]');

async function start(env: Record<string, string> = {}): Promise<void> {
  node = await TestNode.start({ socketPath, namespace: freshNamespace(), env });
}

const publish = (event: Envelope) => node.platform.publisher.publish(event);

async function publishAnalysis() {
  const request = anAnalysis();
  await publish(request);
  return request;
}

/** Resolves when nothing is left to do. */
const rest = () =>
  eventually('all work is done', async () => Object.keys(await openWork(redis, node.platform.keys)).length === 0);

const audit = () =>
  findings({
    redis,
    keys: node.platform.keys,
    orchestrator: node.platform.actors.get('orchestrator') as never,
    maxAttempts: node.config.bus.maxAttempts,
  });

/**
 * `emitter: TYPE item, TYPE item … < TYPE item of the cause`, one line per cause, sorted; what one commit made, in the
 * order of the log. Items are named in plan order.
 */
async function told(names: string): Promise<{ lines: string[]; log: Logged[] }> {
  const log = await readLog(redis, node.platform.keys);
  const items = log.filter(({ event }) => event.event_type === 'BACKLOG.ITEM_CREATED');
  const nameOf = new Map(
    items.map(({ event }, i) => [
      (event as Envelope<'BACKLOG.ITEM_CREATED'>).payload.backlog_item.id,
      names[i] as string,
    ]),
  );
  const label = ({ event_type, payload }: Envelope): string => {
    const { backlog_item_id, backlog_item } = payload as { backlog_item_id?: string; backlog_item?: { id: string } };
    const name = nameOf.get(backlog_item_id ?? backlog_item?.id ?? '');
    return name ? `${event_type} ${name}` : event_type;
  };
  const labels = new Map(log.map(({ event }) => [event.event_id, label(event)]));
  const lines = new Map<string, string[]>();
  for (const { event } of log) {
    if (event.causation_id === null) continue;
    const key = `${event.source} < ${labels.get(event.causation_id)}`;
    lines.set(key, [...(lines.get(key) ?? []), label(event)]);
  }
  return { lines: [...lines].map(([key, made]) => `${made.join(', ')} | ${key}`).sort(), log };
}

/** Events of one emitter with one cause stand together in the log; a start may stand before the rest. */
function together(log: readonly Logged[]): boolean {
  const closed = new Set<string>();
  let open = '';
  for (const { event } of log) {
    if (event.event_type === 'WORK.ITEM_STARTED') continue;
    const commit = `${event.source} ${event.causation_id ?? event.event_id}`;
    if (commit === open) continue;
    if (closed.has(commit)) return false;
    closed.add(commit);
    open = commit;
  }
  return true;
}

const worked = (item: string, worker: string) =>
  `WORK.ITEM_STARTED ${item}, DELIVERABLE.PUBLISHED ${item}, WORK.ITEM_COMPLETED ${item} | ${worker} < WORK.ITEM_DISPATCHED ${item}`;
const by = (item: string, made: string) => `${made} | orchestrator < WORK.ITEM_COMPLETED ${item}`;
const reviewed = (item: string, ...more: string[]) => by(item, [`WORK.ITEM_REVIEWED ${item}`, ...more].join(', '));
const created = (names: string) => [...names].map((name) => `BACKLOG.ITEM_CREATED ${name}`).join(', ');

/** Which of several items was completed last in the log: what waits for all of them follows from it. */
function lastCompleted(lines: readonly string[], dispatched: string): string {
  const line = lines.find((candidate) =>
    candidate.includes(`WORK.ITEM_DISPATCHED ${dispatched} | orchestrator < WORK.ITEM_COMPLETED`),
  );
  return line?.at(-1) ?? '?';
}

async function header(projectId: string): Promise<{ value: string; context: Header }> {
  const snapshot = await redis.hget(node.platform.keys.state('orchestrator', projectId), 'snapshot');
  return JSON.parse(snapshot as string);
}

/** The reviews of the analytic items, of which one also dispatches what waits for the last of them. */
function reviews(items: string, last: string, then: string): string[] {
  return [...items].map((item) => (item === last ? reviewed(item, `WORK.ITEM_DISPATCHED ${then}`) : reviewed(item)));
}

const ENDING = ['REPORT.FINAL_PUBLISHED', 'PROJECT.COMPLETED'];

describe('a node', () => {
  it('runs an analysis with rows and rate to its report, event by event (a)', async () => {
    await start();
    const request = anAnalysis();
    await publish(request);
    await rest();
    const { lines, log } = await told('TCFSR');
    const beforeS = lastCompleted(lines, 'S');
    expect('CF').toContain(beforeS);
    expect(lines).toEqual(
      [
        `${created('TCFSR')}, WORK.ITEM_DISPATCHED T, WORK.ITEM_DISPATCHED C, WORK.ITEM_DISPATCHED F | orchestrator < PROJECT.INITIAL_REQUEST_RECEIVED`,
        worked('T', 'time_waste_worker'),
        worked('C', 'cost_worker'),
        worked('F', 'friction_worker'),
        worked('S', 'scenario_worker'),
        worked('R', 'requirements_manager'),
        ...reviews('TCF', beforeS, 'S'),
        reviewed('S', 'WORK.ITEM_DISPATCHED R'),
        reviewed('R', ...ENDING),
      ].sort(),
    );
    expect(log).toHaveLength(33);
    expect(together(log)).toBe(true);
    expect(log.every(({ event }) => event.correlation_id === request.correlation_id)).toBe(true);
    expect((await header(request.payload.project_id)).value).toBe('COMPLETED');
    expect(await audit()).toEqual([]);
    expect(await readDeadLetters(redis, node.platform.keys)).toEqual([]);
  });

  it('asks once for a missing rate, runs what does not need it, and goes on with the answer (b)', async () => {
    await start();
    const request = aRequest({ rows: ROWS });
    const { project_id } = request.payload;
    await publish(request);
    await rest();
    expect((await header(project_id)).value).toBe('AWAITING_INPUT');
    const asked = (await readLog(redis, node.platform.keys)).map(({ event }) => event);
    const question = asked.find(
      (event): event is Envelope<'QUESTION.CREATED'> => event.event_type === 'QUESTION.CREATED',
    );
    expect(question?.payload.question).toMatchObject({ answer_type: 'NUMBER', field: 'hourly_rate', status: 'OPEN' });
    expect(question?.payload.question.blocks).toHaveLength(2);
    const answer = { project_id, question_id: question?.payload.question.id as string, answer: 100 };
    await publish(anEvent('USER.ANSWER_SUBMITTED', answer, { correlation_id: request.correlation_id }));
    await rest();
    const { lines, log } = await told('TCFSR');
    expect(lines).toEqual(
      [
        `${created('TCFSR')}, CLARIFICATION.NEEDED C, QUESTION.CREATED, WORK.ITEM_DISPATCHED T, WORK.ITEM_DISPATCHED F | orchestrator < PROJECT.INITIAL_REQUEST_RECEIVED`,
        worked('T', 'time_waste_worker'),
        worked('F', 'friction_worker'),
        reviewed('T'),
        reviewed('F'),
        'QUESTION.ANSWER_RECORDED, BACKLOG.ITEM_UNBLOCKED C, WORK.ITEM_DISPATCHED C | orchestrator < USER.ANSWER_SUBMITTED',
        worked('C', 'cost_worker'),
        reviewed('C', 'WORK.ITEM_DISPATCHED S'),
        worked('S', 'scenario_worker'),
        reviewed('S', 'WORK.ITEM_DISPATCHED R'),
        worked('R', 'requirements_manager'),
        reviewed('R', ...ENDING),
      ].sort(),
    );
    expect(log).toHaveLength(38);
    expect(together(log)).toBe(true);
    expect(log.every(({ event }) => event.correlation_id === request.correlation_id)).toBe(true);
    expect(await audit()).toEqual([]);
  });

  it('gives a request that says too little the default plan and one question about its scope (c)', async () => {
    await start();
    const request = aRequest({ request_text: 'Fix it' });
    const { project_id } = request.payload;
    await publish(request);
    await rest();
    const asked = (await readLog(redis, node.platform.keys)).map(({ event }) => event);
    const question = asked.find(
      (event): event is Envelope<'QUESTION.CREATED'> => event.event_type === 'QUESTION.CREATED',
    );
    expect(question?.payload.question).toMatchObject({ answer_type: 'TEXT', field: 'scope' });
    expect(question?.payload.question.blocks).toHaveLength(3);
    const question_id = question?.payload.question.id as string;
    const answer = { project_id, question_id, answer: 'Repair the nightly export, done when it runs a week' };
    await publish(anEvent('USER.ANSWER_SUBMITTED', answer, { correlation_id: request.correlation_id }));
    await rest();
    const { lines, log } = await told('ABP');
    expect(lines).toEqual(
      [
        `${created('ABP')}, CLARIFICATION.NEEDED A, QUESTION.CREATED | orchestrator < PROJECT.INITIAL_REQUEST_RECEIVED`,
        'QUESTION.ANSWER_RECORDED, BACKLOG.ITEM_UNBLOCKED A, WORK.ITEM_DISPATCHED A | orchestrator < USER.ANSWER_SUBMITTED',
        worked('A', 'requirements_manager'),
        reviewed('A', 'WORK.ITEM_DISPATCHED B'),
        worked('B', 'dev_worker'),
        reviewed('B', 'WORK.ITEM_DISPATCHED P'),
        worked('P', 'test_worker'),
        reviewed('P', ...ENDING),
      ].sort(),
    );
    expect(log).toHaveLength(26);
    expect(together(log)).toBe(true);
    expect(await audit()).toEqual([]);
  });

  it('fails what an always failing model was asked for, and what waits for it, once the tries are used up (d)', async () => {
    await start({ LLM_TEST_SCRIPT: failingScript });
    const request = aRequest({
      items: [
        { key: 'a', title: 'A', agent_target: 'dev_worker' },
        { key: 'b', title: 'B', agent_target: 'test_worker', depends_on: ['a'] },
        { key: 'c', title: 'C', agent_target: 'time_waste_worker', work_context: { rows: ROWS } },
      ],
    });
    await publish(request);
    await rest();
    const { lines, log } = await told('ABC');
    expect(lines).toEqual(
      [
        `${created('ABC')}, WORK.ITEM_DISPATCHED A, WORK.ITEM_DISPATCHED C | orchestrator < PROJECT.INITIAL_REQUEST_RECEIVED`,
        worked('C', 'time_waste_worker'),
        reviewed('C'),
        'WORK.ITEM_STARTED A, WORK.ITEM_FAILED A | dev_worker < WORK.ITEM_DISPATCHED A',
        'WORK.ITEM_FAILED B, REPORT.PROJECT_SNAPSHOT_PUBLISHED, PROJECT.FAILED | orchestrator < WORK.ITEM_FAILED A',
      ].sort(),
    );
    expect(log).toHaveLength(15);
    const failureOf = (title: string) =>
      log.find(({ event }) => event.event_type === 'WORK.ITEM_FAILED' && titleOf(log, event) === title)?.event.payload;
    expect(failureOf('A')).toMatchObject({ failure: { category: 'TOOL_FAILURE', attempts: 5 } });
    expect(failureOf('B')).toMatchObject({ reason: 'dependency_failed' });
    const ended = log.find(({ event }) => event.event_type === 'PROJECT.FAILED')?.event.payload;
    expect(ended).toMatchObject({ reason: '2 of 3 items failed' });
    const letters = await readDeadLetters(redis, node.platform.keys);
    expect(letters).toMatchObject([
      {
        consumer_group: 'dev_workers',
        reason: 'max attempts exceeded',
        attempts: 5,
        event_type: 'WORK.ITEM_DISPATCHED',
      },
    ]);
    expect(await audit()).toEqual([]);
  });
});

describe('an analysis', () => {
  it('whose model always fails completes at once with its figures, and says what is missing', async () => {
    await start({ LLM_TEST_SCRIPT: speechlessScript, MAX_ATTEMPTS: '2', LLM_MAX_RETRIES: '0' });
    const request = anAnalysis();
    await publish(request);
    await rest();
    const { log } = await told('TCFSR');
    const missing = ["the language model's analysis: SERVICE_UNAVAILABLE: no provider could answer"];
    const reported = log.find(({ event }) => event.event_type === 'REPORT.FINAL_PUBLISHED')?.event.payload;
    expect(reported).toMatchObject({
      report: {
        counts: { total: 5, done: 5, failed: 0 },
        figures: { cost_analysis: { monthly_cost: 225 } },
        missing,
        summary: `5 items done; missing: ${missing[0]}.`,
      },
    });
    expect(log.filter(({ event }) => event.event_type === 'WORK.ITEM_FAILED')).toEqual([]);
    expect(await readDeadLetters(redis, node.platform.keys)).toEqual([]);
    expect(node.said).toContainEqual({
      level: 'WARN',
      service: 'requirements_manager',
      message: 'made without a language model: SERVICE_UNAVAILABLE: no provider could answer',
    });
    expect(await audit()).toEqual([]);
  });

  it('whose report fails for another reason completes all the same, and what comes late changes nothing', async () => {
    await start({ LLM_TEST_SCRIPT: slowScript });
    const { project_id } = (await publishAnalysis()).payload;
    let failed: Envelope | undefined;
    await eventually('the report is begun', async () => {
      const log = await readLog(redis, node.platform.keys);
      const begun = log.find(
        ({ event }) => event.event_type === 'WORK.ITEM_STARTED' && event.source === 'requirements_manager',
      );
      const { backlog_item_id } = (begun?.event.payload ?? {}) as { backlog_item_id?: string };
      if (backlog_item_id) failed = anEvent('WORK.ITEM_FAILED', { project_id, backlog_item_id, reason: 'given up' });
      return failed !== undefined;
    });
    await publish(failed as Envelope);
    await rest();
    const log = await readLog(redis, node.platform.keys);
    const ended = log.filter(({ event }) => /^PROJECT\.(COMPLETED|FAILED)$/.test(event.event_type));
    expect(ended.map(({ event }) => event)).toMatchObject([
      { event_type: 'PROJECT.COMPLETED', payload: { counts: { done: 4, failed: 1 } } },
    ]);
    const reported = log.find(({ event }) => event.event_type === 'REPORT.FINAL_PUBLISHED')?.event.payload;
    expect(reported).toMatchObject({ report: { missing: ['“Report findings” failed (given up).'] } });
    expect(await audit()).toEqual([]);
  });

  it('of rows in a file completes, and its events do not hold them', async () => {
    await start();
    const request = anAnalysis({ rows: undefined });
    const { project_id } = request.payload;
    const rows = Array.from({ length: 3_000 }, (_, i) => ({ text: `Task ${i % 40}`, estimated_minutes: 2 }));
    const rows_ref = await new ProjectFiles(node.config.storage.dir).writeRows(project_id, randomUUID(), rows);
    await publish({ ...request, payload: { ...request.payload, rows_ref } });
    await rest();
    const log = await readLog(redis, node.platform.keys);
    expect(log.at(-1)?.event).toMatchObject({ event_type: 'PROJECT.COMPLETED' });
    expect(Math.max(...log.map(({ event }) => JSON.stringify(event).length))).toBeLessThan(20_000);
    expect(await audit()).toEqual([]);
  });

  it('whose file another process has fails with words that say so', async () => {
    await start({ MAX_ATTEMPTS: '2' });
    const rows_ref = { artifact_id: randomUUID(), count: 3_000, bytes: 90_000, sha256: 'a'.repeat(64) };
    const request = anAnalysis({ rows: undefined, rows_ref });
    await publish(request);
    await rest();
    const log = await readLog(redis, node.platform.keys);
    const failed = log.find(({ event }) => event.event_type === 'WORK.ITEM_FAILED')?.event.payload;
    const { project_id } = request.payload;
    expect(failed).toMatchObject({
      reason: `the rows of project ${project_id} are not in STORAGE_DIR, which all processes have to share`,
      failure: { category: 'TOOL_FAILURE', attempts: 2 },
    });
    expect(log.at(-1)?.event).toMatchObject({ event_type: 'PROJECT.FAILED' });
    expect(await audit()).toEqual([]);
  });
});

/** Title of the item that an event is about. */
function titleOf(log: readonly Logged[], event: Envelope): string | undefined {
  const { backlog_item_id } = event.payload as { backlog_item_id?: string };
  for (const { event: made } of log) {
    if (made.event_type === 'BACKLOG.ITEM_CREATED' && made.payload.backlog_item.id === backlog_item_id)
      return made.payload.backlog_item.title;
  }
  return undefined;
}
