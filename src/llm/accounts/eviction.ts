/**
 * Room in the response cache.
 *
 * Owns: which answers go when there is none left: the least recently used. Keeps I9: an answer is stored only where it
 * fits, so the cache never holds more than its bound.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../../bus/keys.ts';
import { cacheIndexKey, cacheKey } from './names.ts';
import type { scripted } from './scripts.ts';
import { CACHE_OVERHEAD_BYTES } from './settle.ts';

/** Answers looked at per round. */
const LOOK_AT = 128;
const ROUNDS_MAX = 64;
/** Some more go when any must, as long as they are this small a part of the cache: then not every answer evicts. */
const AHEAD = 1 / 64;

type Ask = <T>(send: () => Promise<T>) => Promise<T>;

/** Evicts until an answer fits, or nothing is left to evict. */
export async function makeRoom(
  redis: ReturnType<typeof scripted>,
  keys: Keys,
  { value, maxBytes }: { value: string; maxBytes: number },
  ask: Ask,
): Promise<void> {
  const needBytes = Buffer.byteLength(value) + CACHE_OVERHEAD_BYTES;
  const index = cacheIndexKey(keys);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const overBytes = (await bytesOf(redis, index, ask)) + needBytes - maxBytes;
    if (overBytes <= 0) return;
    // The first member is the sum.
    const oldest = await ask(() => redis.zrange(index, '1', String(LOOK_AT)));
    const victims = choose(oldest, overBytes, maxBytes * AHEAD);
    if (victims.length === 0) return;
    const answers = victims.map((member) => cacheKey(keys, member.slice(0, member.lastIndexOf(':'))));
    const all = [index, ...answers, String(CACHE_OVERHEAD_BYTES), ...victims];
    await ask(() => redis.llmEvict(1 + answers.length, ...all));
  }
}

async function bytesOf(redis: Redis, index: string, ask: Ask): Promise<number> {
  return -Number((await ask(() => redis.zscore(index, 'bytes'))) ?? 0);
}

/** @param oldest members of the index, least recently used first */
export function choose(oldest: readonly string[], overBytes: number, aheadBytes: number): string[] {
  const victims: string[] = [];
  let freedBytes = 0;
  for (const member of oldest) {
    const sizeBytes = Number(member.slice(member.lastIndexOf(':') + 1)) + CACHE_OVERHEAD_BYTES;
    if (freedBytes >= overBytes && freedBytes - overBytes + sizeBytes > aheadBytes) break;
    victims.push(member);
    freedBytes += sizeBytes;
  }
  return victims;
}
