/**
 * Locks that all processes of a namespace share.
 *
 * Owns: taking one, and giving it back only while it is still ours. A holder that dies loses it with its time.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** KEYS lock. ARGV token, ms. Whoever has the token has the lock already. */
const TAKE = `local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

export interface HeldLock {
  /** What the key holds as long as the lock is ours. */
  token: string;
}

/**
 * Runs `work` under the lock; undefined if another holds it.
 * @param token absent: of this call alone. Work that runs again after its process died, and may run twice at once, gives the
 *   same each time, so that it need not wait for the time of a lock that nobody holds any more
 */
export async function underLock<T>(
  redis: Redis,
  key: string,
  ttlMs: number,
  work: (lock: HeldLock) => Promise<T>,
  token: string = randomUUID(),
): Promise<T | undefined> {
  if ((await redis.eval(TAKE, 1, key, token, ttlMs)) === 0) return undefined;
  try {
    return await work({ token });
  } finally {
    await redis.eval(RELEASE, 1, key, token);
  }
}
