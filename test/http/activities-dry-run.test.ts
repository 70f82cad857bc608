/** A dry run leaves nothing: no event, no file, no project, and no hold on its Idempotency-Key. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

const UNCLEAR = 'Task,Hours,Val\nInvoice check,long,1.5\nServer patch,short,2\nCall the supplier,long,0.5\n';
const MANY = `Task,Hours\n${Array.from({ length: 3_000 }, (_, i) => `Activity ${i},1`).join('\n')}\n`;

function send(content: string, query: string, fields: Record<string, string> = {}, key?: string) {
  const form = new FormData();
  const base = { name: 'Upload', description: 'Find out where time goes', hourly_rate: '100' };
  for (const [name, value] of Object.entries({ ...base, ...fields })) form.set(name, value);
  form.set('file', new Blob([content]), 'tasks.csv');
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  return platform.call('POST', `/api/projects${query}`, { body: form, headers });
}
const filesIn = (folder: string): string[] => {
  const path = join(platform.config.storage.dir, folder);
  return existsSync(path) ? readdirSync(path) : [];
};
const logLength = () => platform.node.redis.xlen(platform.node.keys.log);

describe('a dry run', () => {
  test.each([
    ['of a file that has to be asked about', UNCLEAR],
    ['of rows that are too many for an event', MANY],
    ['of a file that is refused', 'foo,bar\n1,2\n'],
  ])('%s stores no file and publishes no event', async (_, content) => {
    const before = await logLength();
    await send(content, '?dry_run=true');
    expect(await logLength()).toBe(before);
    expect([filesIn('projects'), filesIn('incoming')]).toEqual([[], []]);
  });

  test('without a file shows what would be planned, and starts nothing', async () => {
    const before = await logLength();
    const json = { name: 'x', description: 'Find out where time goes', rows: [{ text: 'a', estimated_minutes: 5 }] };
    const answer = await platform.call('POST', '/api/projects?dry_run=true', { json });
    expect([answer.status, answer.json.row_count, answer.json.input]).toEqual([200, 1, null]);
    expect(await logLength()).toBe(before);
  });

  test.each(['maybe', '1', '', 'TRUE'])('of %j is refused, and is no project', async (value) => {
    const before = await logLength();
    const { status } = await send(UNCLEAR, `?dry_run=${value}`);
    expect(status).toBe(400);
    expect(await logLength()).toBe(before);
  });

  test('with an Idempotency-Key does not answer for the project that is started with another key, or the same', async () => {
    const tried = await send(UNCLEAR, '?dry_run=true', {}, 'dry-1');
    const again = await send(UNCLEAR, '?dry_run=true', {}, 'dry-1');
    expect([tried.status, again.status, again.json]).toEqual([200, 200, tried.json]);
    const same = await send(UNCLEAR, '', {}, 'dry-1');
    // Either it starts, or it is refused because the key was used for another request; it is never the dry answer.
    expect([201, 409, 422]).toContain(same.status);
    expect((await send(UNCLEAR, '', {}, 'dry-2')).status).toBe(201);
  });

  test('says the same of a file as the project does', async () => {
    const content = 'Task,Hours\nInvoice check,1.5\nServer patch,2\nTotal,3.5\n';
    const tried = await send(content, '?dry_run=true');
    const started = await send(content, '');
    expect([started.json.input, started.json.warnings, started.json.rows]).toEqual([
      tried.json.input,
      tried.json.warnings,
      tried.json.row_count,
    ]);
    const project = await until(platform, started.json.project_id, 'COMPLETED');
    expect(project.input).toEqual(tried.json.input);
  });
});

describe('a mapping that is wrong', () => {
  test.each(['', '?dry_run=true'])('has all its problems listed (%s)', async (query) => {
    const mapping = { text: 'Aufgabe', duration: 'Spent', person: '__proto__', rate: 'constructor' };
    const { status, json } = await send(UNCLEAR, query, { mapping: JSON.stringify(mapping) });
    expect(status).toBe(400);
    expect(json.error.details.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      '/mapping/duration',
      '/mapping/person',
      '/mapping/rate',
      '/mapping/text',
    ]);
    for (const { message } of json.error.details.errors) expect(message).toContain('"Task", "Hours", "Val"');
  });

  test.each([
    ['a header row that is not there', { header_row: 999 }],
    ['an encoding that does not exist', { encoding: 'utf-99' }],
    ['a sheet of a CSV file', { sheet: 'S1' }],
    ['a name of ten thousand letters', { duration: 'x'.repeat(10_000) }],
    ['a key of JavaScript', JSON.parse('{"__proto__":"x"}')],
  ])('with %s is refused in few words', async (_, mapping) => {
    const { status, json, text } = await send(UNCLEAR, '?dry_run=true', { mapping: JSON.stringify(mapping) });
    expect(status).toBe(400);
    expect(json.error.message.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThan(25_000);
  });
});
