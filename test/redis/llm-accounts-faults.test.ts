import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectForCommands } from '../../src/bus/connection.ts';
import { Accounts } from '../../src/llm/accounts/accounts.ts';
import { readLedger } from '../../src/llm/accounts/ledger.ts';
import { eventually } from '../support/eventually.ts';
import { accountKeys, reservation, settlement, USAGE } from '../support/llm-accounts.ts';
import { RedisProcess } from '../support/redis-process.ts';

let server: RedisProcess;
let redis: Redis;
beforeAll(async () => {
  server = await RedisProcess.start();
  redis = connectForCommands({ socketPath: server.socketPath }, 5_000);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const SCOPE = { name: 'day:2026-01-15', limitNanoUsd: 1e12 };

describe('a Redis without memory', () => {
  it('admits nothing, but takes the settlement of what was spent, without caching its answer (I1)', async () => {
    const keys = accountKeys();
    const accounts = new Accounts(redis, keys);
    const one = reservation({ scopes: [SCOPE] });
    await accounts.admit(one);
    await redis.config('SET', 'maxmemory', '1mb');
    try {
      await expect(accounts.admit(reservation({ scopes: [SCOPE] }))).rejects.toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        status: 503,
      });
      const journal = { key: keys.under('effect:k'), value: '"an answer"', ttlMs: 60_000 };
      const cache = { sha256: 'a', value: 'x', ttlMs: 60_000, maxBytes: 1e6 };
      expect(await accounts.settle(settlement(one, { journal, cache }))).toMatchObject({ settled: true });
      expect(await redis.get(journal.key)).toBe('"an answer"');
      expect(await accounts.peek('a')).toBe(false);
      expect((await accounts.lookup('openai', one, 'a')).rate.requests).not.toBeNull();
      expect(await accounts.budgets([SCOPE])).toMatchObject([{ spentNanoUsd: 400, reservedNanoUsd: 0 }]);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });
});

describe('a Redis that is killed', () => {
  it('has every call once, whatever was under way (I1, I2)', async () => {
    const keys = accountKeys();
    const accounts = new Accounts(redis, keys, { giveUpAfterMs: 15_000 });
    let cost = 0;
    let calls = 0;
    let running = true;
    const caller = async (): Promise<void> => {
      while (running) {
        const one = reservation({ scopes: [SCOPE], worstCaseNanoUsd: 2_000 });
        expect((await accounts.admit(one)).verdict).toBe('granted');
        const costNanoUsd = 1 + (calls % 2_000);
        calls++;
        cost += costNanoUsd;
        await accounts.settle(settlement(one, { costNanoUsd }));
        await accounts.settle(settlement(null, { tokens: null, costNanoUsd: 0, cacheHit: true }));
      }
    };
    const callers = Array.from({ length: 50 }, caller);
    for (let i = 0; i < 3; i++) {
      const before = calls;
      await eventually('calls are under way', () => calls > before + 200);
      await server.kill();
      await server.start();
    }
    running = false;
    await Promise.all(callers);
    expect(await accounts.budgets([SCOPE])).toMatchObject([{ spentNanoUsd: cost, reservedNanoUsd: 0 }]);
    const [entry] = await readLedger(redis, keys, [USAGE.day]);
    expect(entry?.counts).toMatchObject({ costNanoUsd: cost, requests: 2 * calls, cacheHits: calls });
    expect(await redis.exists(keys.under('llm:reservations'))).toBe(0);
  });
});
