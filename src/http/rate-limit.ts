/**
 * How many requests one caller may make.
 *
 * Owns: the buckets `P:http:rate:*`, shared by all processes through one script. Does not own who the caller is.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';

const SCRIPT = readFileSync(new URL('./rate-limit.lua', import.meta.url), 'utf8');
const WINDOW_SECONDS = 60;
/** A bucket is a hash of at most 13 slots, and a request is counted for 60 to 65 seconds. */
const SLOT_SECONDS = 5;

export interface Allowance {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Unix second at which the oldest counted requests no longer count. */
  resetAt: number;
  retryAfterSeconds: number;
}

interface ScriptedRedis extends Redis {
  httpRateLimit(
    bucket: string,
    limit: number,
    windowSeconds: number,
    slotSeconds: number,
    cost: number,
  ): Promise<[number, number, number, number]>;
}

export class RateLimiter {
  readonly #redis: ScriptedRedis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    redis.defineCommand('httpRateLimit', { lua: SCRIPT, numberOfKeys: 1 });
    this.#redis = redis as ScriptedRedis;
    this.#keys = keys;
  }

  /** Counts one request against `bucket` if it fits. */
  async take(bucket: string, limit: number): Promise<Allowance> {
    const [allowed, remaining, resetAt, now] = await this.#count(bucket, limit, 1);
    return { allowed: allowed === 1, limit, remaining, resetAt, retryAfterSeconds: Math.max(1, resetAt - now) };
  }

  /** Takes back a request that turned out not to count. */
  async giveBack(bucket: string, limit: number): Promise<void> {
    await this.#count(bucket, limit, -1);
  }

  #count(bucket: string, limit: number, cost: 1 | -1): Promise<[number, number, number, number]> {
    const key = this.#keys.under(`http:rate:${bucket}`);
    return this.#redis.httpRateLimit(key, limit, WINDOW_SECONDS, SLOT_SECONDS, cost);
  }
}

export function rateLimitHeaders({ limit, remaining, resetAt }: Allowance): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(resetAt),
  };
}
