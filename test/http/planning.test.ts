// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { create, startPlatform, type TestPlatform, until } from './platform.ts';

const dir = mkdtempSync(join(tmpdir(), 'devteam-script-'));
let platform: TestPlatform;
beforeAll(async () => {
  const script = join(dir, 'script.json');
  const cycle = ['a', 'b'].map((key, n, keys) => ({
    key,
    title: key,
    agent_target: 'worker',
    description: '',
    depends_on: [keys[1 - n]],
  }));
  const rules = [
    { match: { agent: 'orchestrator', contains: 'CYCLE' }, then: { json: { items: cycle } } },
    { match: { agent: 'orchestrator', contains: 'SLOW' }, then: { latency_ms: 800 } },
  ];
  writeFileSync(script, JSON.stringify(rules));
  platform = await startPlatform({ PLANNER: 'llm', LLM_TEST_SCRIPT: script });
});
afterAll(async () => {
  await platform.stop();
  rmSync(dir, { recursive: true });
});

const request = (description: string) => create(platform, { name: 'Export', description });
const replayOf = async (id: string) => (await platform.call('GET', `/api/projects/${id}/replay`)).json;

test('a free text is planned by a model, completes, and replays to the same state (I8)', async () => {
  const id = await request('Repair the nightly export. Tell finance');
  expect(await until(platform, id, 'COMPLETED')).toMatchObject({ plan: 'llm', counts: { total: 4, done: 4 } });
  const { json } = await platform.call('GET', `/api/projects/${id}/backlog`);
  expect(json.items.map(({ title }: { title: string }) => title)).toEqual([
    'Collect requirements',
    'Repair the nightly export',
    'Tell finance',
    'Check the results',
  ]);
  expect(await replayOf(id)).toMatchObject({ equal: true, differences: [] });
});

test('a plan that is none gives way to the rules, and the log says why', async () => {
  const id = await request('CYCLE through the nightly export');
  expect(await until(platform, id, 'COMPLETED')).toMatchObject({ plan: 'default' });
  expect(await replayOf(id)).toMatchObject({ equal: true });
  await eventually('it is logged', () => platform.logged.length > 0);
  expect(platform.logged).toContainEqual({
    level: 'WARN',
    message: 'orchestrator: planned by the rules: refused plan: cycle: a -> b -> a',
    metadata: { project_id: id },
  });
  expect((await platform.call('GET', '/api/dlq')).json.entries).toEqual([]);
});

test('a stop is applied at once while a plan is waited for', async () => {
  const id = await request('SLOW plan for the nightly export');
  await until(platform, id, 'PLANNING');
  expect(await replayOf(id)).toMatchObject({ equal: true });
  expect((await platform.call('POST', `/api/projects/${id}/stop`, {})).status).toBe(200);
  expect((await platform.call('GET', `/api/projects/${id}`)).json).toMatchObject({
    status: 'STOPPED',
    plan: null,
    counts: { total: 0 },
  });
  expect(await replayOf(id)).toMatchObject({ equal: true });
});
