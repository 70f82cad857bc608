import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/runtime/ids.ts';
import { Artifacts } from '../../src/store/artifacts.ts';

let root: string;
let artifacts: Artifacts;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'artifacts-'));
  artifacts = new Artifacts(join(root, 'artifacts'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('a placed file is moved to its owner, for nobody else to read', async () => {
  const [order, artifact] = [newId(), newId()];
  const from = join(root, 'upload');
  writeFileSync(from, 'sku,qty\n', { mode: 0o644 });
  await artifacts.place(order, artifact, from);
  const path = join(root, 'artifacts', order, artifact);
  expect(artifacts.pathOf(order, artifact)).toBe(path);
  expect([modeOf(join(root, 'artifacts')), modeOf(artifacts.directoryOf(order)), modeOf(path)]).toEqual([
    '700',
    '700',
    '600',
  ]);
  expect(readdirSync(root)).toEqual(['artifacts']);
  const opened = await artifacts.open(order, artifact);
  expect(opened?.sizeBytes).toBe(8);
  expect(opened && (await text(opened.stream))).toBe('sku,qty\n');
});

test('a written file takes the place of the one before, whole', async () => {
  const [order, artifact] = [newId(), newId()];
  await artifacts.write(order, artifact, Buffer.from('first and longer'));
  await artifacts.write(order, artifact, Buffer.from('second'));
  expect(readFileSync(artifacts.pathOf(order, artifact), 'utf8')).toBe('second');
  expect(readdirSync(artifacts.directoryOf(order))).toEqual([artifact]);
  expect(modeOf(artifacts.pathOf(order, artifact))).toBe('600');
});

test('ids are the same file in any case, and nothing else becomes a path', async () => {
  const [order, artifact] = [newId(), newId()];
  await artifacts.write(order.toUpperCase(), artifact, Buffer.from('x'));
  expect(artifacts.pathOf(order, artifact.toUpperCase())).toBe(artifacts.pathOf(order, artifact));
  for (const name of ['', '.', '..', '../etc', `${order}/..`, `${order}\u0000`, 'order.csv']) {
    expect(() => artifacts.pathOf(order, name)).toThrow(RangeError);
    expect(() => artifacts.directoryOf(name)).toThrow(RangeError);
  }
  await expect(artifacts.remove('..')).rejects.toThrow(RangeError);
});

test('a file that is not there is null, and removing nothing is no error', async () => {
  const order = newId();
  expect(await artifacts.open(order, newId())).toBeNull();
  await artifacts.remove(order);
  await artifacts.write(order, newId(), Buffer.from('x'));
  await artifacts.remove(order);
  expect(readdirSync(join(root, 'artifacts'))).not.toContain(order);
});

test('the owners with files are listed, and nothing that lies beside them', async () => {
  const other = new Artifacts(join(root, 'listed'));
  expect(await other.owners()).toEqual([]);
  const order = newId();
  await other.write(order, newId(), Buffer.from('x'));
  mkdirSync(join(root, 'listed', 'lost+found'));
  writeFileSync(join(root, 'listed', newId()), 'a file');
  expect(await other.owners()).toEqual([{ ownerId: order, modifiedMs: expect.any(Number) }]);
});
