/**
 * The fact ledgers: what each analysis rests on, per project, for good.
 *
 * Owns: who writes to which ledger when. Appends of one event-loop turn travel together: one script takes the locks of
 * all their projects, each file is written once, one script gives the locks back. Does not own: the file itself
 * (`ledger-file.ts`). Keeps I2 (an entry id is recorded once, so work that runs again records nothing twice), I9 and
 * I12 (keys are passed in KEYS).
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { isUuid } from '../../schemas/formats.ts';
import { Fault } from '../errors.ts';
import {
  appendToLedger,
  type LedgerBreak,
  type LedgerEntry,
  type LedgerHead,
  type NewEntry,
  readLedger,
} from './ledger-file.ts';

export type { LedgerBreak, LedgerEntry, NewEntry } from './ledger-file.ts';

export interface LedgerOptions {
  redis: Redis;
  /** Holds `<project_id>_ledger.jsonl` of each project; made if absent. */
  directory: string;
  /** At most this long is a lock kept; 2 s if that is less. */
  lockTtlMs: number;
  /** Prefix of the lock keys, without trailing colon. */
  keyPrefix: string;
  /** Told that a line which a crash had cut off was removed; a process warning if absent. */
  onRepair?: (repair: { project_id: string; seq: number; bytes: number }) => void;
}

export interface Ledger {
  /**
   * Records the entry; does nothing if its `entry_id` is in the project's ledger already.
   * @throws {Fault} VALIDATION_ERROR if `project_id` is no uuid, SERVICE_UNAVAILABLE if the lock cannot be had.
   * @throws {Error} of Redis or the file system; LedgerBroken if the ledger was tampered with.
   */
  append(entry: NewEntry): Promise<void>;
  /** Entries in order, none without a file; `broken`: the first place that is not as it was written. */
  read(projectId: string): Promise<{ entries: LedgerEntry[]; broken: LedgerBreak | null }>;
}

const TAKE = readFileSync(new URL('./take-ledger-locks.lua', import.meta.url), 'utf8');
const RELEASE = readFileSync(new URL('./release-ledger-locks.lua', import.meta.url), 'utf8');

/** A lock is held for one script reply and one write. Work of a killed holder waits for this, so it is short. */
const MAX_LOCK_TTL_MS = 2_000;
/** Projects per script call: bounds the time a script takes and a thread writes. */
const MAX_BATCH = 256;
/** Entry ids remembered over all ledgers; beyond that the longest unused ledger is read again when needed. */
const MAX_KNOWN_IDS = 50_000;

interface ScriptedRedis extends Redis {
  takeLedgerLocks(keyCount: number, ...keysTokenAndTtl: (string | number)[]): Promise<(0 | 1)[]>;
  releaseLedgerLocks(keyCount: number, ...keysAndToken: string[]): Promise<number>;
}

/** Appends to one project's ledger that wait for its lock. */
interface Work {
  projectId: string;
  items: { entry: NewEntry; resolve: () => void; reject: (error: unknown) => void }[];
  /** When to give up, on the clock of `performance.now()`; set by the first refusal. */
  giveUpAtMs?: number;
  waitMs: number;
}

/** Tries at a held lock before the first pause. */
const QUICK_RETRIES = 4;

export function createLedger({ redis: client, directory, lockTtlMs, keyPrefix, onRepair }: LedgerOptions): Ledger {
  const redis = client as ScriptedRedis;
  redis.defineCommand('takeLedgerLocks', { lua: TAKE });
  redis.defineCommand('releaseLedgerLocks', { lua: RELEASE });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ttlMs = Math.min(lockTtlMs, MAX_LOCK_TTL_MS);
  const owner = randomUUID();
  const heads = createHeads();
  let batches = 0;
  const waiting = new Map<string, Work>();
  let scheduled = false;

  const lockOf = (projectId: string): string => `${keyPrefix}:lock:ledger:${projectId}`;
  const fileOf = (projectId: string): string => join(directory, `${projectId}_ledger.jsonl`);

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(async () => {
      while (waiting.size > 0) await writeBatch(takeBatch());
      scheduled = false;
    });
  }

  function takeBatch(): Work[] {
    const batch = [...waiting.values()].slice(0, MAX_BATCH);
    for (const { projectId } of batch) waiting.delete(projectId);
    return batch;
  }

  /** Never rejects: what goes wrong is told to those whose entries it concerns. */
  async function writeBatch(batch: Work[]): Promise<void> {
    const token = `${owner}:${batches++}`;
    const locks = batch.map(({ projectId }) => lockOf(projectId));
    const askedAtMs = performance.now();
    let held: (0 | 1)[];
    try {
      held = await redis.takeLedgerLocks(locks.length, ...locks, token, ttlMs);
    } catch (error) {
      for (const work of batch) settle(work, error);
      return;
    }
    for (const [i, work] of batch.entries()) {
      // A process that was stopped for a while must not write under a lock that may have gone to another.
      if (held[i] === 1 && performance.now() - askedAtMs < ttlMs / 4) write(work);
      else retry(work);
    }
    const mine = locks.filter((_, i) => held[i] === 1);
    // Not awaited: commands of one connection run in order, so the next batch finds the locks free. Locks that cannot
    // be given back end by themselves.
    if (mine.length > 0) redis.releaseLedgerLocks(mine.length, ...mine, token).catch(() => {});
  }

  function write(work: Work): void {
    const { projectId, items } = work;
    try {
      const entries = items.map(({ entry }) => entry);
      const head = appendToLedger(fileOf(projectId), heads.take(projectId), entries, (seq, bytes) =>
        repaired({ project_id: projectId, seq, bytes }),
      );
      heads.keep(projectId, head);
      settle(work);
    } catch (error) {
      settle(work, error);
    }
  }

  function retry(work: Work): void {
    const nowMs = performance.now();
    work.giveUpAtMs ??= nowMs + 3 * ttlMs;
    if (nowMs > work.giveUpAtMs) {
      settle(work, new Fault('SERVICE_UNAVAILABLE', `the ledger of project ${work.projectId} stays locked`));
      return;
    }
    // Most locks are held for less than a timer can wait.
    if (work.waitMs < 1) {
      work.waitMs += 1 / QUICK_RETRIES;
      setImmediate(() => add(work));
      return;
    }
    work.waitMs = Math.min(work.waitMs * 2, 50);
    void delay(work.waitMs * (0.5 + Math.random())).then(() => add(work));
  }

  function add(work: Work): void {
    const same = waiting.get(work.projectId);
    if (same) same.items.push(...work.items);
    else waiting.set(work.projectId, work);
    schedule();
  }

  function repaired(repair: { project_id: string; seq: number; bytes: number }): void {
    if (onRepair) onRepair(repair);
    else process.emitWarning(`ledger of ${repair.project_id}: removed ${repair.bytes} bytes of an unfinished line`);
  }

  function settle({ items }: Work, error?: unknown): void {
    for (const { resolve, reject } of items) error === undefined ? resolve() : reject(error);
  }

  function projectIdOf(given: string): string {
    const id = given.toLowerCase();
    // The id becomes a file name.
    if (!isUuid(id)) throw new Fault('VALIDATION_ERROR', 'the project id of a ledger must be a uuid');
    return id;
  }

  return {
    async append(entry) {
      const projectId = projectIdOf(entry.project_id);
      await new Promise<void>((resolve, reject) => {
        add({ projectId, items: [{ entry, resolve, reject }], waitMs: 0 });
      });
    },

    async read(projectId) {
      const file = fileOf(projectIdOf(projectId));
      for (let look = 1; ; look += 1) {
        const found = readLedger(file);
        // What is under way is whole when looked at again; what a crash has cut off is not.
        if (!found.broken?.cutOff || look === 3) return found;
        await delay(10);
      }
    },
  };
}

/** Where the ledgers end, the longest unused forgotten first. */
function createHeads(): { take(id: string): LedgerHead | undefined; keep(id: string, head: LedgerHead): void } {
  const heads = new Map<string, LedgerHead>();
  let ids = 0;
  const forget = (id: string): LedgerHead | undefined => {
    const head = heads.get(id);
    heads.delete(id);
    ids -= head?.entryIds.size ?? 0;
    return head;
  };
  return {
    // Taken out while it is used: what a failed append leaves is not known.
    take: forget,
    keep(id, head) {
      heads.set(id, head);
      ids += head.entryIds.size;
      for (const oldest of heads.keys()) {
        if (ids <= MAX_KNOWN_IDS) break;
        forget(oldest);
      }
    },
  };
}
