import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../schemas/types.ts';
import { createLedger } from '../../src/store/ledger.ts';
import { ProjectFiles } from '../../src/store/project-files.ts';
import { startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ MAX_EVENT_BYTES: '262144', INGEST_MAX_ROWS: '20000' });
});
afterAll(() => platform.stop());

const csvOf = (rows: number) =>
  ['Task,Type,Minutes', ...Array.from({ length: rows }, (_, i) => `Activity ${i % 700},area ${i % 7},${i % 50}`)].join(
    '\n',
  );

async function upload(rows: number, fields: Record<string, string> = {}) {
  const form = new FormData();
  const base = { name: 'Large', description: 'Find out where time goes', hourly_rate: '100' };
  for (const [name, value] of Object.entries({ ...base, ...fields })) form.set(name, value);
  form.set('file', new Blob([csvOf(rows)]), 'tasks.csv');
  return platform.call('POST', '/api/projects', { body: form });
}

const storage = () => platform.config.storage.dir;
const projectsWithFiles = () =>
  existsSync(join(storage(), 'projects')) ? readdirSync(join(storage(), 'projects')) : [];

async function eventsOf(id: string): Promise<Envelope[]> {
  const { json } = await platform.call('GET', `/api/projects/${id}/events?limit=200`);
  return json.events.map(({ event }: { event: Envelope }) => event);
}
const largestOf = (events: readonly Envelope[]) => Math.max(...events.map((event) => JSON.stringify(event).length));

describe('a file of many rows', () => {
  test('completes with its rows in a file, in no event', async () => {
    const { status, json } = await upload(12_000);
    expect([status, json.rows]).toEqual([201, 12_000]);
    const id = json.project_id;
    const project = await until(platform, id, 'COMPLETED', 'FAILED');
    expect(project).toMatchObject({ status: 'COMPLETED', plan: 'analysis', completion_percentage: 100 });
    const events = await eventsOf(id);
    const [{ payload: request }] = events as [Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>];
    expect(request.rows).toBeUndefined();
    expect(request.rows_ref?.count).toBe(12_000);
    for (const event of events) {
      if (event.event_type === 'WORK.ITEM_DISPATCHED') expect(event.payload.work_context.rows).toEqual([]);
    }
    const files = new ProjectFiles(storage());
    const rows = await files.readRows(id, request.rows_ref as NonNullable<typeof request.rows_ref>);
    expect(rows[11_999]).toMatchObject({ text: `Activity ${11_999 % 700}`, source_row: 12_000 });
    const deliverables = (await platform.call('GET', `/api/projects/${id}/deliverables`)).json.deliverables;
    const { id: time } = deliverables.find(({ type }: { type: string }) => type === 'time_waste_analysis');
    const { content } = (await platform.call('GET', `/api/projects/${id}/deliverables/${time}`)).json;
    expect(content.total_minutes).toBe(rows.reduce((sum, { estimated_minutes }) => sum + estimated_minutes, 0));
    const replay = await platform.call('GET', `/api/projects/${id}/replay`);
    expect(replay.json).toMatchObject({ equal: true, differences: [] });
    const ledger = createLedger({
      ...{ redis: platform.node.redis, directory: platform.config.storage.ledgerDir },
      ...{ lockTtlMs: 1_000, keyPrefix: platform.node.keys.names.prefix },
    });
    const { entries, broken } = await ledger.read(id);
    expect([entries.length, broken]).toEqual([4, null]);
    for (const { facts, coefficients } of entries) {
      expect([facts, coefficients]).toEqual([
        [],
        { count: 24_000, rows_count: 12_000, rows_sha256: request.rows_ref?.sha256 },
      ]);
    }
  });

  test('makes events as large as another of fewer rows', async () => {
    const sizes: number[] = [];
    for (const rows of [2_800, 14_000]) {
      const { json } = await upload(rows);
      await until(platform, json.project_id, 'COMPLETED');
      sizes.push(largestOf(await eventsOf(json.project_id)));
    }
    const [few, many] = sizes as [number, number];
    expect(many / few).toBeLessThan(1.02);
  });

  test('waits for its rate like any other, and goes on with its rows', async () => {
    const { json } = await upload(1_000, { hourly_rate: '' });
    const waiting = await until(platform, json.project_id, 'AWAITING_INPUT');
    expect(waiting.open_questions).toBe(1);
    const { json: inbox } = await platform.call('GET', `/api/questions?project_id=${json.project_id}`);
    await platform.call('POST', `/api/questions/${inbox.questions[0].id}/answer`, { json: { answer: 50 } });
    await until(platform, json.project_id, 'COMPLETED');
  });

  test('that was refused leaves nothing behind', async () => {
    const before = projectsWithFiles();
    const items = Array.from({ length: 1_200 }, (_, i) => ({
      key: `k${i}`,
      title: 'x'.repeat(200),
      agent_target: 'worker',
    }));
    expect((await upload(1_000, { items: JSON.stringify(items) })).status).toBe(413);
    expect((await upload(20_001)).status).toBe(400);
    expect(projectsWithFiles()).toEqual(before);
  });

  test('uploaded again under its Idempotency-Key is the same project', async () => {
    const before = projectsWithFiles().length;
    const send = async () => {
      const form = new FormData();
      form.set('name', 'Again');
      form.set('description', 'Find out where time goes');
      form.set('file', new Blob([csvOf(600)]), 'tasks.csv');
      return platform.call('POST', '/api/projects', { body: form, headers: { 'idempotency-key': 'large-1' } });
    };
    const [first, second] = [await send(), await send()];
    expect(second.json).toEqual(first.json);
    expect(projectsWithFiles().length).toBe(before + 1);
  });
});

describe('rows in JSON', () => {
  const rowsOf = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ text: `Task ${i}`, estimated_minutes: 1 }));
  const post = (rows: unknown, more = {}) =>
    platform.call('POST', '/api/projects', { json: { name: 'n', description: 'Where does time go?', rows, ...more } });

  test.each([
    [500, true],
    [501, false],
  ])('of %i travel in the request: %s', async (count, inline) => {
    const { json } = await post(rowsOf(count), { hourly_rate: 1 });
    const project = await until(platform, json.project_id, 'COMPLETED');
    const [request] = (await eventsOf(project.id)) as [Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>];
    expect([request.payload.rows?.length, request.payload.rows_ref?.count]).toEqual(
      inline ? [count, undefined] : [undefined, count],
    );
  });

  test('of an item are at most as many as an event may list', async () => {
    const work_context = { rows: rowsOf(5_001) };
    const items = [{ key: 'a', title: 'A', agent_target: 'cost_worker', work_context }];
    const { status, json } = await post(undefined, { items });
    expect([status, json.error.details.errors[0].path]).toEqual([400, '/items/0/work_context/rows']);
  });
});
