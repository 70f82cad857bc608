/** @module-tag slow */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createOrchestrator } from '../../actors/orchestrator.ts';
import { compileActor } from '../../src/runtime/step.ts';
import { SETTINGS } from '../fixtures/project-driver.ts';
import { aRequest } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { NodeProcess } from '../support/node-process.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { testKeys } from '../support/test-node.ts';

const NAMESPACE = 'planning';

it('a process killed while it waits for a plan is succeeded by one that asks under the same key (I1, I2, I4, I8)', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'devteam-planning-'));
  const script = join(dir, 'model.json');
  writeFileSync(script, '[{"match":{"agent":"orchestrator"},"then":{"latency_ms":600000}}]');
  const server = await RedisProcess.start();
  const redis = server.connect();
  const keys = testKeys(NAMESPACE, dir);
  const env = { REDIS_URL: server.url, NAMESPACE, THREADS: '1', PLANNER: 'llm' };
  const nodes: NodeProcess[] = [];
  try {
    nodes.push(await NodeProcess.start({ ...env, INSTANCE_ID: 'first', LLM_TEST_SCRIPT: script }));
    const request = aRequest({ request_text: 'Repair the nightly export. Tell finance' });
    const state = keys.state('orchestrator', request.payload.project_id);
    const status = async () => JSON.parse((await redis.hget(state, 'snapshot')) ?? '{}').value;
    await redis.xadd(keys.log, '*', 'event', JSON.stringify(request));
    await eventually('the plan is waited for', async () => (await status()) === 'PLANNING');
    await nodes[0]?.end('SIGKILL');
    nodes.push(await NodeProcess.start({ ...env, INSTANCE_ID: 'second' }));
    await eventually('the project completes', async () => (await status()) === 'COMPLETED', 30_000);
    await eventually('all work is done', async () => Object.keys(await openWork(redis, keys)).length === 0);
    const created = (await readLog(redis, keys)).filter(({ event }) => event.event_type === 'BACKLOG.ITEM_CREATED');
    expect(created).toHaveLength(4);
    // One result of the plan, one of each item.
    expect(await redis.keys(`${keys.under('effect:')}*`)).toHaveLength(1 + created.length);
    const actor = createOrchestrator({ ...SETTINGS, planner: 'llm' });
    const orchestrator = compileActor(actor) as never;
    expect(await findings({ redis, keys, orchestrator, maxAttempts: SETTINGS.maxAttempts })).toEqual([]);
    expect(await readDeadLetters(redis, keys)).toEqual([]);
  } finally {
    redis.disconnect();
    for (const node of nodes) await node.end('SIGKILL');
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}, 90_000);
