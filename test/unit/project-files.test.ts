import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { MAX_INLINE_ROWS, MAX_INLINE_ROWS_BYTES } from '../../machines/orchestration/row-sets.ts';
import type { Row, RowsRef } from '../../schemas/types.ts';
import { newId } from '../../src/runtime/ids.ts';
import { ProjectFiles } from '../../src/store/project-files.ts';
import { createRowCache } from '../../src/store/row-cache.ts';
import { connectTo, newKeys } from '../support/scripted-gateway.ts';

let storage: string;
let files: ProjectFiles;
beforeAll(() => {
  storage = mkdtempSync(join(tmpdir(), 'project-files-'));
  files = new ProjectFiles(storage);
});
afterAll(() => rmSync(storage, { recursive: true, force: true }));

const rowsOf = (count: number, text = 'Ticket triage'): Row[] =>
  Array.from({ length: count }, (_, i) => ({ text: `${text} ${i}`, estimated_minutes: i, category: 'ops' }));
const linesOf = (rows: readonly Row[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const pathOf = (project: string, { artifact_id }: RowsRef) => join(storage, 'projects', project, artifact_id);

describe('rows', () => {
  test.each([
    ['500 short ones', rowsOf(MAX_INLINE_ROWS), true],
    ['501', rowsOf(MAX_INLINE_ROWS + 1), false],
    ['a few long ones', rowsOf(8, 'x'.repeat(20_000)), false],
  ])('of %s travel as they should', async (_, rows, inline) => {
    const project = newId();
    const kept = await files.keepRows(project, newId(), rows);
    expect('rows' in kept).toBe(inline);
    if ('rows' in kept) expect(kept.rows).toEqual(rows);
    else expect(await files.readRows(project, kept.rows_ref)).toEqual(rows);
  });

  test('of exactly 128 KiB travel in events, and those of a byte more in a file', async () => {
    const filled = (bytes: number): Row[] => {
      const row = { text: '', estimated_minutes: 1 };
      return [{ ...row, text: 'x'.repeat(bytes - JSON.stringify([row]).length) }];
    };
    const kept = async (bytes: number) => Object.keys(await files.keepRows(newId(), newId(), filled(bytes)));
    expect(await kept(MAX_INLINE_ROWS_BYTES)).toEqual(['rows']);
    expect(await kept(MAX_INLINE_ROWS_BYTES + 1)).toEqual(['rows_ref']);
  });

  test('are named by count, size and hash of their JSON lines', async () => {
    const rows = rowsOf(1_000, 'Überprüfung');
    const lines = linesOf(rows);
    const ref = await files.writeRows(newId(), newId().toUpperCase(), rows);
    expect(ref).toEqual({
      artifact_id: ref.artifact_id.toLowerCase(),
      count: 1_000,
      bytes: Buffer.byteLength(lines),
      sha256: createHash('sha256').update(lines).digest('hex'),
    });
  });

  test('come back as they were, whatever they say', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const row = fc.record({ text, category: text, estimated_minutes: fc.nat() });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const project = newId();
        expect(await files.readRows(project, await files.writeRows(project, newId(), rows))).toEqual(rows);
      }),
      { numRuns: 50 },
    );
  });

  test('of many slices come back as they were', async () => {
    const rows = rowsOf(30_000, 'Line\nbreak, "quote" and 漢字');
    const project = newId();
    const ref = await files.writeRows(project, newId(), rows);
    expect(ref.bytes).toBeGreaterThan(1_500_000);
    expect(await files.readRows(project, ref)).toEqual(rows);
  });
});

describe('a file of rows', () => {
  test('that is not there is told as one that processes do not share, and is worth a retry', async () => {
    const project = newId();
    const ref = await files.writeRows(newId(), newId(), rowsOf(3));
    await expect(files.readRows(project, ref)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      disposition: 'retry',
      message: `the rows of project ${project} are not in STORAGE_DIR, which all processes have to share`,
    });
  });

  const rows = rowsOf(3);
  const damages: [string, (ref: RowsRef, path: string) => unknown][] = [
    ['cut', (_, path) => writeFileSync(path, readFileSync(path).subarray(0, 40))],
    ['of other rows', (_, path) => writeFileSync(path, gzipSync(linesOf(rowsOf(3, 'other triage!'))))],
    ['not compressed', (_, path) => writeFileSync(path, linesOf(rows))],
    ['that inflates to more than was said', (_, path) => writeFileSync(path, gzipSync(Buffer.alloc(10_000_000)))],
    ['much larger than was said', (_, path) => writeFileSync(path, Buffer.alloc(10_000))],
    ['of another hash', (ref) => ({ ...ref, sha256: '0'.repeat(64) })],
    ['of another count', (ref) => ({ ...ref, count: 4 })],
    ['of another size', (ref) => ({ ...ref, bytes: ref.bytes + 1 })],
    ['of more than may be inflated', (ref) => ({ ...ref, bytes: 2 ** 30 })],
    ['with a name that is no id', (ref) => ({ ...ref, artifact_id: '../../etc/passwd' })],
  ];
  test.each(damages)('%s is told as damaged, and is worth no retry', async (_, damage) => {
    const project = newId();
    const ref = await files.writeRows(project, newId(), rows);
    const named = (damage(ref, pathOf(project, ref)) ?? ref) as RowsRef;
    await expect(files.readRows(project, named)).rejects.toMatchObject({
      code: 'UNREADABLE_FILE',
      message: expect.stringMatching(/STORAGE_DIR, which all processes have to share, are not what was written$/),
    });
  });

  test('is known in either case of its hash and ids', async () => {
    const project = newId();
    const ref = await files.writeRows(project, newId(), rows);
    const upper = { ...ref, sha256: ref.sha256.toUpperCase(), artifact_id: ref.artifact_id.toUpperCase() };
    expect(await files.readRows(project.toUpperCase(), upper)).toEqual(rows);
  });
});

test('an uploaded file of a project is moved to its files', async () => {
  const [project, artifact] = [newId(), newId()];
  const from = join(storage, 'upload');
  writeFileSync(from, 'Task\na\n');
  await files.placeUpload(project, artifact, from);
  expect(readFileSync(files.pathOfUpload(project, artifact), 'utf8')).toBe('Task\na\n');
});

test('files of projects that never came to be are removed after a day, and no others', async () => {
  const redis = connectTo(inject('redisSocket'));
  const keys = newKeys();
  const folder = join(storage, 'swept');
  const swept = new ProjectFiles(folder);
  const [known, fresh, orphan] = [newId(), newId(), newId()];
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
  for (const project of [known, fresh, orphan]) {
    await swept.writeRows(project, newId(), rowsOf(1));
    if (project !== fresh) utimesSync(join(folder, 'projects', project), twoDaysAgo, twoDaysAgo);
  }
  await redis.hset(keys.state('orchestrator', known), 'snapshot', '{}');
  expect(await swept.sweep(redis, keys, Date.now())).toBe(1);
  expect(readdirSync(join(folder, 'projects')).sort()).toEqual([known, fresh].sort());
  redis.disconnect();
});

describe('the rows of a thread', () => {
  const source = (keptBytes: number) => {
    const read: string[] = [];
    const cache = createRowCache(
      {
        async readRows(_, { artifact_id, count }) {
          read.push(artifact_id);
          await Promise.resolve();
          return rowsOf(count);
        },
      },
      keptBytes,
    );
    return { read, cache };
  };
  const ref = (artifact_id: string, bytes: number): RowsRef => ({ artifact_id, count: 2, bytes, sha256: 'a' });

  test('are read once for all who ask, also at once', async () => {
    const { read, cache } = source(100);
    const [one, two] = await Promise.all([cache.load('p', ref('a', 10)), cache.load('p', ref('a', 10))]);
    expect(one).toBe(two);
    expect(await cache.load('p', ref('a', 10))).toBe(one);
    expect(read).toEqual(['a']);
  });

  test('of two projects are two sets', async () => {
    const { read, cache } = source(100);
    await cache.load('p', ref('a', 10));
    await cache.load('q', ref('a', 10));
    expect(read).toEqual(['a', 'a']);
  });

  test('are found again while somebody works with them, however large they are', async () => {
    const { read, cache } = source(0);
    const rows = await cache.load('p', ref('a', 10));
    expect(await cache.load('p', ref('a', 10))).toBe(rows);
    expect(read).toEqual(['a']);
  });

  test('that cannot be read are read anew by the next who asks', async () => {
    let tries = 0;
    const cache = createRowCache({
      async readRows() {
        tries += 1;
        if (tries === 1) throw new Error('away');
        return rowsOf(1);
      },
    });
    await expect(cache.load('p', ref('a', 1))).rejects.toThrow('away');
    expect(await cache.load('p', ref('a', 1))).toEqual(rowsOf(1));
  });
});
