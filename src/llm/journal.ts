/**
 * Results kept by key, so that work that runs again after a crash does not call a model again.
 *
 * Owns: `{prefix}:effect:{key}`. Keeps I4: the result recorded for a key is the result of that key, also when two
 * calls raced; failures, and answers that stayed invalid, are never recorded. Keeps I9: records expire.
 */
import type { Redis } from 'ioredis';
import type { LlmClient, LlmResult } from './client.ts';

/** Records outlive every retry and redrive of their cause. */
const JOURNAL_TTL_S = 7 * 24 * 60 * 60;

/** @param prefix the platform's key prefix */
export function journaled(client: LlmClient, redis: Redis, prefix: string): LlmClient {
  return {
    async complete(request) {
      const key = `${prefix}:effect:${request.key}`;
      const recorded = await redis.get(key);
      if (recorded !== null) return JSON.parse(recorded) as LlmResult;
      const result = await client.complete(request);
      const earlier = await redis.set(key, JSON.stringify(result), 'EX', JOURNAL_TTL_S, 'NX', 'GET');
      return earlier === null ? result : (JSON.parse(earlier) as LlmResult);
    },
  };
}
