import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Keys } from '../../src/bus/keys.ts';
import { Accounts } from '../../src/llm/accounts/accounts.ts';
import { choose } from '../../src/llm/accounts/eviction.ts';
import { CACHE_OVERHEAD_BYTES } from '../../src/llm/accounts/settle.ts';
import { accountKeys, removeAll, settlement } from '../support/llm-accounts.ts';

const redis = new Redis(inject('redisSocket'));
const used: Keys[] = [];
let keys: Keys;
let accounts: Accounts;

beforeEach(() => {
  keys = accountKeys();
  used.push(keys);
  accounts = new Accounts(redis, keys);
});
afterAll(async () => {
  for (const { names } of used) await removeAll(redis, names.prefix);
  redis.disconnect();
});

const VALUE_BYTES = 1_000;
const ENTRY_BYTES = VALUE_BYTES + CACHE_OVERHEAD_BYTES;
const MAX_BYTES = 4 * ENTRY_BYTES;
const OFF = { requestsPerMinute: 0, tokensPerMinute: 0 };
const index = () => keys.under('llm:cache:index');

async function store(sha256: string, value = sha256.repeat(VALUE_BYTES), ttlMs = 60_000): Promise<void> {
  await accounts.settle(settlement(null, { cache: { sha256, value, ttlMs, maxBytes: MAX_BYTES } }));
}
const found = async (sha256: string) => (await accounts.lookup('openai', OFF, sha256)).cached;
async function kept(...names: string[]): Promise<string> {
  const there = await Promise.all(names.map((name) => accounts.peek(name)));
  return names.filter((_, i) => there[i]).join('');
}
/** As the index has it, and as it is. */
async function bytes(): Promise<[counted: number, held: number]> {
  const counted = -Number(await redis.zscore(index(), 'bytes'));
  const answers = (await redis.keys(`${keys.under('llm:cache')}:*`)).filter((key) => key !== index());
  const sizes = await Promise.all(answers.map((key) => redis.strlen(key)));
  return [counted, sizes.reduce((sum, size) => sum + size + CACHE_OVERHEAD_BYTES, 0)];
}
/** Makes an answer the one used longest ago. */
const age = (sha256: string, ms: number, size = VALUE_BYTES) => redis.zincrby(index(), -ms, `${sha256}:${size}`);

describe('the cache', () => {
  it('gives back what was stored, byte for byte, until its time is over', async () => {
    const value = '{"text":"é\u2028😀\\u0000"}';
    await store('a', value);
    expect(await found('a')).toBe(value);
    expect(await found('b')).toBeNull();
    const ttlMs = await redis.pttl(keys.under('llm:cache:a'));
    expect(ttlMs).toBeGreaterThan(50_000);
    expect(ttlMs).toBeLessThanOrEqual(60_000);
    expect(await redis.pttl(index())).toBeGreaterThanOrEqual(ttlMs);
  });

  it('drops the least recently used answer when it is full, and never holds more than its bound', async () => {
    for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) {
      await store(name);
      await age(name, 1_000 - i);
    }
    expect(await bytes()).toEqual([MAX_BYTES, MAX_BYTES]);
    await found('a');
    await store('e');
    expect(await kept('a', 'b', 'c', 'd', 'e')).toBe('acde');
    expect(await bytes()).toEqual([MAX_BYTES, MAX_BYTES]);
    await store('f', 'f'.repeat(2 * VALUE_BYTES));
    expect(await kept('a', 'b', 'c', 'd', 'e', 'f')).toBe('aef');
    const [counted, held] = await bytes();
    expect(counted).toBe(held);
    expect(counted).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('stays within its bound when many store at once', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `n${i}`);
    await Promise.all(names.map((name) => store(name, 'x'.repeat(VALUE_BYTES))));
    await Promise.all(names.map((name) => store(name, 'x'.repeat(VALUE_BYTES - 1))));
    const [counted, held] = await bytes();
    expect(counted).toBeLessThanOrEqual(MAX_BYTES);
    expect(held).toBeLessThanOrEqual(counted);
    expect(held).toBeGreaterThan(0);
  });

  it('counts an answer that replaces another once', async () => {
    await store('a');
    await store('a');
    expect(await bytes()).toEqual([ENTRY_BYTES, ENTRY_BYTES]);
    await store('a', 'x'.repeat(500));
    expect(await bytes()).toEqual([500 + CACHE_OVERHEAD_BYTES, 500 + CACHE_OVERHEAD_BYTES]);
  });

  it('makes room of what has expired', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      await store(name);
      await redis.del(keys.under(`llm:cache:${name}`));
    }
    for (const name of ['e', 'f', 'g', 'h']) await store(name);
    expect(await kept('e', 'f', 'g', 'h')).toBe('efgh');
    expect(await bytes()).toEqual([MAX_BYTES, MAX_BYTES]);
  });

  it('leaves an answer alone whose expired predecessor is evicted', async () => {
    await store('a');
    await redis.del(keys.under('llm:cache:a'));
    await store('a', 'x'.repeat(500));
    await age('a', 1_000);
    await store('b');
    await store('c');
    await store('d');
    expect(await kept('a', 'b', 'c', 'd')).toBe('abcd');
  });

  it('keeps nothing that is larger than all of it, and drops nothing for it', async () => {
    await store('a');
    await store('b', 'b'.repeat(MAX_BYTES));
    expect(await kept('a', 'b')).toBe('a');
  });

  it('evicts a little ahead where answers are small beside it', () => {
    const oldest = Array.from({ length: 10 }, (_, i) => `${i}:700`);
    expect(choose(oldest, 1, 0)).toHaveLength(1);
    expect(choose(oldest, 1_001, 0)).toHaveLength(2);
    expect(choose(oldest, 1, 1_999)).toHaveLength(2);
    expect(choose(oldest, 1, 3_500)).toHaveLength(3);
    expect(choose([], 1, 3_500)).toEqual([]);
  });
});
