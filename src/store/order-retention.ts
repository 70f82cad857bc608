/**
 * When the files of orders go.
 *
 * Owns: files of orders that have been final for long enough, and files of orders that there never were: whoever sent them
 * died, or was refused, before the order was accepted. Drafts, decisions and hashes stay. Keeps I9.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import { underLock } from '../bus/locks.ts';
import type { Artifacts } from './artifacts.ts';
import type { OrderExports } from './order-exports.ts';

export interface OrderRetentionOptions {
  redis: Redis;
  keys: Keys;
  artifacts: Artifacts;
  exports: Pick<OrderExports, 'remove' | 'sweep'>;
  /** After the order is final. */
  retentionMs: number;
  lockTtlMs: number;
}

const PAGE = 500;
/** An upload that goes on is younger than this. */
const ORPHAN_AFTER_MS = 24 * 60 * 60 * 1000;

/** Removes what may go; returns of how many orders. Another node at it: 0. */
export async function sweepOrderFiles(options: OrderRetentionOptions, nowMs = Date.now()): Promise<number> {
  const { redis, keys, exports, lockTtlMs } = options;
  const removed = await underLock(redis, keys.lock('order_files'), lockTtlMs, async () => {
    await exports.sweep(nowMs);
    return (await removeFinal(options, nowMs)) + (await removeOrphans(options, nowMs));
  });
  return removed ?? 0;
}

async function removeFinal({ redis, keys, artifacts, exports, retentionMs }: OrderRetentionOptions, nowMs: number) {
  const final = keys.under('orders:final');
  for (let removed = 0; ; ) {
    const ids = await redis.zrangebyscore(final, '-inf', nowMs - retentionMs, 'LIMIT', 0, PAGE);
    for (const id of ids) {
      await artifacts.remove(id);
      await exports.remove(id);
      await redis.zrem(final, id);
    }
    removed += ids.length;
    if (ids.length < PAGE) return removed;
  }
}

async function removeOrphans({ redis, keys, artifacts }: OrderRetentionOptions, nowMs: number): Promise<number> {
  let removed = 0;
  for (const { ownerId: orderId, modifiedMs } of await artifacts.owners()) {
    if (modifiedMs > nowMs - ORPHAN_AFTER_MS) continue;
    if ((await redis.exists(keys.state('order_intake', orderId))) === 1) continue;
    await artifacts.remove(orderId);
    removed += 1;
  }
  return removed;
}
