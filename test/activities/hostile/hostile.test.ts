/** @module-tag slow */
/**
 * Files that are made to do harm, sent to a running platform: each gets a typed answer, and requests beside it are
 * answered meanwhile. What they cost is measured by `measure.ts`; nothing here asserts a time.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startPlatform, type TestPlatform, until } from '../../http/platform.ts';
import { CORPUS } from './corpus.ts';
import type { HostileFile } from './hostile-file.ts';

/** Longer than the deadline of a reading, on a busy machine. */
const TEST_MS = 60_000;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

function upload(
  { filename, bytes }: Pick<HostileFile, 'filename' | 'bytes'>,
  { isDry, fields = {} }: { isDry: boolean; fields?: Readonly<Record<string, string>> },
): Promise<Answer> {
  const form = new FormData();
  const base = { name: 'Hostile', description: 'Find out where the team loses time', hourly_rate: '100' };
  for (const [name, value] of Object.entries({ ...base, ...fields })) form.set(name, value);
  form.set('file', new Blob([new Uint8Array(bytes())]), filename);
  return platform.call('POST', `/api/projects${isDry ? '?dry_run=true' : ''}`, { body: form });
}

const small = { filename: 'beside.csv', bytes: () => Buffer.from('Task,Hours\nFix the export,1\nCall a client,0.5\n') };
const storedFiles = (folder: string): string[] => {
  const path = join(platform.config.storage.dir, folder);
  return existsSync(path) ? readdirSync(path) : [];
};

/** Whatever becomes of a file, the answer is of this kind. */
function expectTyped({ status, json }: Answer): void {
  if (status === 200) {
    const { minutes, rows } = json.input;
    expect(json.row_count).toBeGreaterThan(0);
    for (const figure of [minutes.given, minutes.inferred, rows.read, rows.given, rows.inferred]) {
      expect(figure).toSatisfy(Number.isSafeInteger);
    }
    expect(rows.given + rows.inferred).toBe(rows.read);
    expect(json.warnings.length).toBeLessThanOrEqual(50);
    return;
  }
  expect([400, 413, 415]).toContain(status);
  expect(json.error.message.length).toBeGreaterThan(0);
  for (const { path, message } of json.error.details?.errors ?? []) {
    expect(path).toMatch(/^file(?::\d+:\d+)?$|^\/file\/0$/);
    expect(message.length).toBeLessThan(1_200);
  }
}

describe('a hostile file of activities', () => {
  it.each(CORPUS.filter(({ isMeasuredOnly }) => !isMeasuredOnly).map((file) => [file.name, file] as const))(
    'with %s gets a typed answer, and so does what is sent meanwhile',
    async (_, file) => {
      const hostile = upload(file, { isDry: true, ...(file.fields && { fields: file.fields }) });
      const [health, beside] = await Promise.all([platform.call('GET', '/health'), upload(small, { isDry: true })]);
      expect(health.status).toBe(200);
      expect([beside.status, beside.json.row_count, beside.json.input.minutes.given]).toEqual([200, 2, 90]);
      const answer = await hostile;
      expectTyped(answer);
      const { expected } = file;
      if (expected === 'any') return;
      expect(answer.status, answer.text.slice(0, 300)).toBe(expected.status);
      if (expected.status === 200) {
        expect(answer.json.row_count).toBe(expected.rows);
        if (expected.minutes !== undefined) expect(answer.json.input.minutes.given).toBe(expected.minutes);
        return;
      }
      const [error] = answer.json.error.details?.errors ?? [];
      expect(error?.message ?? answer.json.error.message).toMatch(expected.message);
      if (expected.path !== undefined) expect(error?.path).toBe(expected.path);
    },
    TEST_MS,
  );

  it(
    'leaves a project beside it to complete with the right figures',
    async () => {
      const slow = CORPUS.find(({ name }) => name === '90,000 short runs as Duration') as HostileFile;
      const hostile = upload(slow, { isDry: true });
      const { json } = await upload(small, { isDry: false });
      const project = await until(platform, json.project_id, 'COMPLETED', 'FAILED');
      expect([project.status, project.input.minutes]).toEqual(['COMPLETED', { given: 90, inferred: 0 }]);
      expectTyped(await hostile);
      const replay = await platform.call('GET', `/api/projects/${json.project_id}/replay`);
      expect(replay.json).toMatchObject({ equal: true, differences: [] });
    },
    TEST_MS,
  );

  it('leaves no file behind', () => {
    expect([storedFiles('projects'), storedFiles('incoming')]).toEqual([[], []]);
  });
});

describe('a project of values at the limits', () => {
  it.each([
    ['hours', '[{"Task":"A","Hours":1e308},{"Task":"B","Hours":2}]', 'a.json', {}],
    [
      'rates',
      '[{"Task":"A","Hours":1,"Hourly rate":1e308},{"Task":"B","Hours":2,"Hourly rate":10}]',
      'a.json',
      { hourly_rate: '' },
    ],
    [
      'dates',
      'Task,Start,End\nA,0001-01-01 00:00,0001-01-01 01:00\nB,9999-12-31 22:00,9999-12-31 23:59\n',
      'a.csv',
      {},
    ],
    ['surrogates', '[{"Task":"A\\ud800","Hours":1},{"Task":"\\udc00B\\u0000","Hours":2}]', 'a.json', {}],
    [
      'names of JavaScript',
      'Task,Category,Person,Hours\n__proto__,constructor,toString,1\nconstructor,__proto__,valueOf,2\n',
      'a.csv',
      {},
    ],
  ])('of %s completes, and its figures are numbers', async (_, text, filename, fields) => {
    const { status, json } = await upload({ filename, bytes: () => Buffer.from(text) }, { isDry: false, fields });
    expect(status).toBe(201);
    const { status: ended } = await until(platform, json.project_id, 'COMPLETED', 'FAILED', 'AWAITING_INPUT');
    expect(ended).toBe('COMPLETED');
    const { text: report, status: found } = await platform.call('GET', `/api/projects/${json.project_id}/report`);
    expect(found).toBe(200);
    expect(report).not.toMatch(/NaN|Infinity/);
    const replay = await platform.call('GET', `/api/projects/${json.project_id}/replay`);
    expect(replay.json).toMatchObject({ equal: true, differences: [] });
  });
});
