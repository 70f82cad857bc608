/** @module-tag slow */

import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { createOrchestrator } from '../../actors/orchestrator.ts';
import type { ActivityInput, Envelope, Row } from '../../schemas/types.ts';
import { ingestTasks } from '../../src/documents/ingest.ts';
import { replay } from '../../src/runtime/replay.ts';
import { type CompiledActor, compileActor } from '../../src/runtime/step.ts';
import { ProjectFiles } from '../../src/store/project-files.ts';
import { SETTINGS } from '../fixtures/project-driver.ts';
import { anEvent, aRequest } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { NodeProcess } from '../support/node-process.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { testKeys } from '../support/test-node.ts';

const NAMESPACE = 'rereading';
const SMALL = 'Task,Hours,Val\nInvoice check,long,1.5\nServer patch,short,2\nCall the supplier,long,0.5\n';
const ROWS = 60_000;
/** Takes a second or more to read. */
const LARGE = `Task,Hours,Val\n${Array.from({ length: ROWS }, (_, i) => `Activity ${i},long,${(i % 7) + 0.5}`).join('\n')}\n`;
const HOURS = Array.from({ length: ROWS }, (_, i) => (i % 7) + 0.5).reduce((sum, hours) => sum + hours, 0);

it('a process killed while it reads a file again is succeeded by one that reads it once, and nothing is doubled (I1, I2, I4, I8)', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'devteam-rereading-'));
  const storage = join(dir, 'storage');
  const server = await RedisProcess.start();
  const redis = server.connect();
  const keys = testKeys(NAMESPACE, dir);
  const env = { REDIS_URL: server.url, NAMESPACE, THREADS: '1', STORAGE_DIR: storage };
  const nodes: NodeProcess[] = [];
  const eventsOf = async (type: string) =>
    (await readLog(redis, keys)).filter(({ event }) => event.event_type === type).map(({ event }) => event);
  try {
    nodes.push(await NodeProcess.start({ ...env, INSTANCE_ID: 'first' }));
    const read = await ingestTasks(Buffer.from(SMALL), 'tasks.csv', { maxRows: 10 });
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    const file_info = { filename: 'tasks.csv', content_type: 'text/csv', size: 1, artifact_id: randomUUID() };
    const request = aRequest({
      ...{ rows: read.rows as Row[], input: read.input as ActivityInput, file_info, hourly_rate: 100 },
    });
    const { project_id } = request.payload;
    const path = new ProjectFiles(storage).pathOfUpload(project_id, file_info.artifact_id);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, LARGE);
    await redis.xadd(keys.log, '*', 'event', JSON.stringify(request));
    await eventually('somebody is asked', async () => (await eventsOf('QUESTION.CREATED')).length > 0, 30_000);
    await eventually('the rest is done', async () => Object.keys(await openWork(redis, keys)).length === 0, 30_000);
    const [asked] = await eventsOf('QUESTION.CREATED');
    const { question } = (asked as Envelope<'QUESTION.CREATED'>).payload;
    const answer = anEvent('USER.ANSWER_SUBMITTED', { project_id, question_id: question.id, answer: 'Val' } as never, {
      correlation_id: request.correlation_id,
    });
    await redis.xadd(keys.log, '*', 'event', JSON.stringify(answer));
    await eventually('the file is being read', async () => Object.keys(await openWork(redis, keys)).length > 0);
    await nodes[0]?.end('SIGKILL');
    expect(await eventsOf('QUESTION.ANSWER_RECORDED')).toEqual([]);

    nodes.push(await NodeProcess.start({ ...env, INSTANCE_ID: 'second' }));
    const state = keys.state('orchestrator', project_id);
    const status = async () => JSON.parse((await redis.hget(state, 'snapshot')) ?? '{}').value;
    await eventually('the project completes', async () => (await status()) === 'COMPLETED', 60_000);
    await eventually('all work is done', async () => Object.keys(await openWork(redis, keys)).length === 0, 30_000);
    const recorded = await eventsOf('QUESTION.ANSWER_RECORDED');
    expect(recorded.map(({ payload }) => (payload as { accepted: boolean }).accepted)).toEqual([true]);
    const titles = (await eventsOf('BACKLOG.ITEM_CREATED')).map(
      ({ payload }) => (payload as { backlog_item: { title: string } }).backlog_item.title,
    );
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles.filter((title) => title.endsWith(' again'))).toHaveLength(2);
    const published = (await eventsOf('DELIVERABLE.PUBLISHED')).map(
      ({ payload }) => (payload as { deliverable: { type: string; content: Record<string, unknown> } }).deliverable,
    );
    const costs = published.filter(({ type }) => type === 'cost_analysis');
    expect(costs.map(({ content }) => content.total_hours)).toEqual([HOURS]);
    const orchestrator = compileActor(createOrchestrator(SETTINGS)) as CompiledActor;
    const replayed = await replay(redis, keys, orchestrator, project_id, SETTINGS.maxAttempts);
    expect(replayed).toMatchObject({ status: 'replayed', differences: [] });
    const audited = { redis, keys, orchestrator: orchestrator as never, maxAttempts: SETTINGS.maxAttempts };
    expect(await findings(audited)).toEqual([]);
    expect(await readDeadLetters(redis, keys)).toEqual([]);
  } finally {
    redis.disconnect();
    for (const node of nodes) await node.end('SIGKILL');
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}, 180_000);
