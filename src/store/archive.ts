/**
 * Moves old log entries into files.
 *
 * Owns: how far the log may be trimmed, the archive's files, and their order: an entry is on disk before it leaves
 * Redis. Keeps I9 and I1: nothing is trimmed that the gate has not acked or that a project still needs.
 */
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { projectIdOf } from '../../schemas/catalog.ts';
import type { Envelope } from '../../schemas/types.ts';
import type { Keys } from '../bus/keys.ts';
import { underLock } from '../bus/locks.ts';
import { sync } from '../durable-files.ts';

export interface ArchiveOptions {
  redis: Redis;
  keys: Keys;
  /** Group that must have acked what is trimmed. */
  gateGroup: string;
  /** Folder for `events-<first log id>-<last log id>.jsonl`, one line per entry: `{"log_id", "event"}`. */
  directory: string;
  retentionMs: number;
  lockTtlMs: number;
}

const PAGE = 500;
const FINAL = new Set(['COMPLETED', 'FAILED', 'STOPPED']);
/** Trims only under a lock that is still ours, and keeps it for the next page. */
const TRIM = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return redis.call('XTRIM', KEYS[2], 'MINID', '=', ARGV[2])`;

type Row = [id: string, fields: string[]];

/** Archives what is older than the retention; returns how many entries left Redis. Another node at it: 0. */
export async function archiveLog(options: ArchiveOptions, nowMs = Date.now()): Promise<number> {
  const { redis, keys, lockTtlMs } = options;
  return (await underLock(redis, keys.lock('trim'), lockTtlMs, ({ token }) => archive(options, token, nowMs))) ?? 0;
}

async function archive(
  { redis, keys, gateGroup, directory, retentionMs, lockTtlMs }: ArchiveOptions,
  token: string,
  nowMs: number,
): Promise<number> {
  const before = await firstUnacked(redis, keys.log, gateGroup, `${nowMs - retentionMs}-0`);
  const finals = new Map<string, boolean>();
  let archived = 0;
  for (;;) {
    const page = (await redis.xrange(keys.log, '-', `(${before}`, 'COUNT', PAGE)) as Row[];
    const done: Row[] = [];
    for (const row of page) {
      if (!(await mayLeave(redis, keys, row, finals))) break;
      done.push(row);
    }
    const last = done.at(-1);
    if (!last) return archived;
    await write(directory, done, token);
    // Only what was written leaves: exactly the entries up to the last of them.
    const trimmed = await redis.eval(TRIM, 2, keys.lock('trim'), keys.log, token, after(last[0]), lockTtlMs);
    if (trimmed === -1) return archived;
    archived += done.length;
    if (done.length < page.length || page.length < PAGE) return archived;
  }
}

/** The smaller of `limit` and the first entry that the group has not acked. */
async function firstUnacked(redis: Redis, log: string, group: string, limit: string): Promise<string> {
  const [, firstPending] = (await redis.xpending(log, group)) as [number, string | null];
  const groups = (await redis.xinfo('GROUPS', log)) as unknown[][];
  const row = groups.find((fields) => fields[fields.indexOf('name') + 1] === group) ?? [];
  const delivered = after(String(row[row.indexOf('last-delivered-id') + 1] ?? '0-0'));
  return [firstPending ?? limit, delivered].reduce((least, id) => (compareIds(id, least) < 0 ? id : least), limit);
}

async function mayLeave(redis: Redis, keys: Keys, [, fields]: Row, finals: Map<string, boolean>): Promise<boolean> {
  const projectId = projectOf(fields);
  if (projectId === null) return true;
  let final = finals.get(projectId);
  if (final === undefined) {
    const snapshot = await redis.hget(keys.state('orchestrator', projectId), 'snapshot');
    final = snapshot === null || FINAL.has((JSON.parse(snapshot) as { value: string }).value);
    finals.set(projectId, final);
  }
  return final;
}

/** Null for an entry that is about no project, or is no event at all. */
function projectOf(fields: readonly string[]): string | null {
  try {
    return projectIdOf(JSON.parse(fields[fields.indexOf('event') + 1] ?? '') as Envelope);
  } catch {
    return null;
  }
}

/** The file appears whole or not at all, and the same rows make the same file. */
async function write(directory: string, rows: readonly Row[], token: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [first, last] = [(rows[0] as Row)[0], (rows.at(-1) as Row)[0]];
  const unfinished = join(directory, `.${token}`);
  const file = await open(unfinished, 'w', 0o600);
  try {
    for (const [id, fields] of rows) {
      await file.write(`${JSON.stringify({ log_id: id, event: fields[fields.indexOf('event') + 1] ?? null })}\n`);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, join(directory, `events-${first}-${last}.jsonl`));
  await sync(directory);
}

const parts = (id: string): [number, number] => id.split('-').map(Number) as [number, number];

/** The smallest id above. */
function after(id: string): string {
  const [ms, sequence] = parts(id);
  return `${ms}-${sequence + 1}`;
}

function compareIds(a: string, b: string): number {
  const [aMs, aSequence] = parts(a);
  const [bMs, bSequence] = parts(b);
  return aMs - bMs || aSequence - bSequence;
}
