/**
 * Locks that all processes of a namespace share.
 *
 * Owns: taking one, and giving it back only while it is still ours. A holder that dies loses it with its time.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

export interface HeldLock {
  /** What the key holds as long as the lock is ours. */
  token: string;
}

/** Runs `work` under the lock; undefined if another holds it. */
export async function underLock<T>(
  redis: Redis,
  key: string,
  ttlMs: number,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T | undefined> {
  const token = randomUUID();
  if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) === null) return undefined;
  try {
    return await work({ token });
  } finally {
    await redis.eval(RELEASE, 1, key, token);
  }
}
