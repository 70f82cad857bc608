/**
 * Recorded results of calls that have a key.
 *
 * Owns: where they are. They are written by the settlement of the call (`settle.lua`). Keeps I4.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../../bus/keys.ts';

/** @param key effect key, or sha-256 of tenant and Idempotency-Key */
export const journalKey = (keys: Keys, key: string): string => keys.under(`effect:${key}`);

/** The recorded result as it was settled; null if there is none. */
export const readJournal = (redis: Redis, keys: Keys, key: string): Promise<string | null> =>
  redis.get(journalKey(keys, key));
