import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, inject, it } from 'vitest';
import { Keys } from '../../src/bus/keys.ts';
import { createGroup } from '../../src/bus/mailbox.ts';
import { archiveLog } from '../../src/store/archive.ts';
import { sampleEvent } from '../fixtures/events.ts';

const redis = new Redis(inject('redisSocket'));
const GATE = 'validator_group';
const DAY_MS = 86_400_000;
let keys: Keys;
let directory: string;
const directories: string[] = [];

beforeEach(async () => {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  keys = new Keys({
    namespace,
    prefix: namespace,
    log: `${namespace}:events`,
    deadLetters: `${namespace}:dlq`,
    idempotence: `${namespace}:processed`,
  });
  directory = await mkdtemp(join(tmpdir(), 'archive-'));
  directories.push(directory);
  await createGroup(redis, keys.log, GATE);
});
afterAll(async () => {
  redis.disconnect();
  for (const path of directories) await rm(path, { recursive: true });
});

/** Appends one event of a project, `ageDays` old. */
async function append(ageDays: number, projectId: string): Promise<string> {
  const event = sampleEvent('PROJECT.STOP_REQUESTED', { project_id: projectId });
  const { length } = await redis.xrange(keys.log, '-', '+');
  const id = `${Date.now() - ageDays * DAY_MS + length}-0`;
  await redis.xadd(keys.log, id, 'event', JSON.stringify(event));
  return id;
}
const setStatus = (projectId: string, value: string) =>
  redis.hset(keys.state('orchestrator', projectId), 'snapshot', JSON.stringify({ value }));
const readAll = () => redis.xreadgroup('GROUP', GATE, 'gate', 'COUNT', 1000, 'STREAMS', keys.log, '>');
async function ackAll() {
  await readAll();
  for (const [id] of await redis.xrange(keys.log, '-', '+')) await redis.xack(keys.log, GATE, id);
}
const archive = () =>
  archiveLog({ redis, keys, gateGroup: GATE, directory, retentionMs: 7 * DAY_MS, lockTtlMs: 5_000 });
async function archivedIds(): Promise<string[]> {
  const ids: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const lines = (await readFile(join(directory, name), 'utf8')).trimEnd().split('\n');
    ids.push(...lines.map((line) => (JSON.parse(line) as { log_id: string }).log_id));
  }
  return ids;
}

it('moves entries of final projects that are old enough, and keeps the rest (I9)', async () => {
  const project = randomUUID();
  await setStatus(project, 'COMPLETED');
  const old = [await append(30, project), await append(20, project)];
  const young = await append(1, project);
  await ackAll();
  expect(await archive()).toBe(2);
  expect(await archivedIds()).toEqual(old);
  expect((await redis.xrange(keys.log, '-', '+')).map(([id]) => id)).toEqual([young]);
  expect(await archive()).toBe(0);
});

it('never goes past an entry of a project that is not final', async () => {
  const [ended, running] = [randomUUID(), randomUUID()];
  await setStatus(ended, 'FAILED');
  await setStatus(running, 'AWAITING_INPUT');
  const first = await append(30, ended);
  await append(29, running);
  await append(28, ended);
  await ackAll();
  expect(await archive()).toBe(1);
  expect(await archivedIds()).toEqual([first]);
});

it('never goes past an entry that the gate has not read, or not acked (I1)', async () => {
  const project = randomUUID();
  await setStatus(project, 'STOPPED');
  await append(30, project);
  expect(await archive()).toBe(0);
  await readAll();
  expect(await archive()).toBe(0);
  await ackAll();
  expect(await archive()).toBe(1);
});

it('leaves the log alone while another node archives', async () => {
  const project = randomUUID();
  await setStatus(project, 'STOPPED');
  await append(30, project);
  await ackAll();
  await redis.set(keys.lock('trim'), 'somebody', 'PX', 5_000);
  expect(await archive()).toBe(0);
  expect(await redis.get(keys.lock('trim'))).toBe('somebody');
});
