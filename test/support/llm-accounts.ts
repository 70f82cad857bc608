/** Reservations, settlements and namespaces for the tests of the gateway's accounts. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { Keys } from '../../src/bus/keys.ts';
import type { Reservation, Settlement, UsageKey } from '../../src/llm/accounts/shapes.ts';

/** `prefix` may carry a hash tag. */
export function accountKeys(prefix = `t${randomUUID().slice(0, 8)}`): Keys {
  return new Keys({
    namespace: prefix,
    prefix,
    log: `${prefix}:events`,
    deadLetters: `${prefix}:dlq`,
    idempotence: prefix,
  });
}

export const USAGE: UsageKey = {
  day: '2026-01-15',
  hour: 10,
  provider: 'openai',
  model: 'm-1',
  agent: 'writer',
  taskType: '-',
  projectId: 'p-1',
};

export function reservation(changes: Partial<Reservation> = {}): Reservation {
  return {
    id: randomUUID(),
    provider: 'openai',
    candidateModel: 'm-1',
    tokens: 100,
    requestsPerMinute: 1_000_000,
    tokensPerMinute: 1_000_000_000,
    worstCaseNanoUsd: 1_000,
    scopes: [],
    usage: USAGE,
    worstCaseTokens: { input: 60, output: 40 },
    ttlMs: 180_000,
    alertAtPercentage: 80,
    ...changes,
  };
}

/** An answered attempt: 20 tokens in, 10 out. */
export function settlement(of: Reservation | null, changes: Partial<Settlement> = {}): Settlement {
  return {
    reservation: of,
    usage: of?.usage ?? USAGE,
    tokens: { inputTokens: 20, outputTokens: 10, cachedInputTokens: 5, cacheWriteTokens: 0, reasoningTokens: 2 },
    costNanoUsd: 400,
    answered: true,
    failed: false,
    cacheHit: false,
    coalesced: false,
    cacheMiss: false,
    flags: [],
    health: { kind: 'success' },
    latencyMs: 100,
    ...changes,
  };
}

export async function removeAll(redis: Redis, prefix: string): Promise<void> {
  const keys = await redis.keys(`${prefix.replaceAll(/[{}]/g, '\\$&')}:*`);
  if (keys.length > 0) await redis.del(...keys);
}
