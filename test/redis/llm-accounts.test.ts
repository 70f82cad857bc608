import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Keys } from '../../src/bus/keys.ts';
import { Accounts } from '../../src/llm/accounts/accounts.ts';
import { readJournal } from '../../src/llm/accounts/journal.ts';
import { readLedger } from '../../src/llm/accounts/ledger.ts';
import type { Reservation, Settlement } from '../../src/llm/accounts/shapes.ts';
import { eventually } from '../support/eventually.ts';
import { accountKeys, removeAll, reservation, settlement, USAGE } from '../support/llm-accounts.ts';

const redis = new Redis(inject('redisSocket'));
const other = new Redis(inject('redisSocket'));
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
  other.disconnect();
});

/** Buckets fill while a test runs. */
const about = (tokens: number) => expect.closeTo(tokens, -2);
const DAY = { name: 'day:2026-01-15', limitNanoUsd: 10_000 };
const MONTH = { name: 'month:2026-01', limitNanoUsd: 2_500 };
const budget = async (scope = DAY, of = accounts) => {
  const [found] = await of.budgets([scope]);
  return [found?.spentNanoUsd, found?.reservedNanoUsd];
};
const ledger = async () => {
  const [entry] = await readLedger(redis, keys, [USAGE.day]);
  return entry?.counts;
};
const settleAs = (of: Reservation, changes: Partial<Settlement> = {}) => accounts.settle(settlement(of, changes));

describe('the rate limit', () => {
  const limits = { requestsPerMinute: 3, tokensPerMinute: 1_000 };

  it('takes one request and the tokens asked for, and tells what is left', async () => {
    const admission = await accounts.admit(reservation({ ...limits, tokens: 400 }));
    expect(admission).toMatchObject({ verdict: 'granted', probe: false, alerts: [] });
    expect(admission.rate.requests).toMatchObject({ limit: 3, remaining: 2 });
    expect(admission.rate.tokens).toMatchObject({ limit: 1_000, remaining: 600 });
    expect(await accounts.lookup('openai', limits, null)).toMatchObject({
      cached: null,
      rate: { requests: { remaining: 2 }, tokens: { remaining: about(600) } },
    });
  });

  it('refuses a call that does not fit yet, takes nothing for it, and says when it will fit', async () => {
    await accounts.admit(reservation({ ...limits, tokens: 400 }));
    const refused = await accounts.admit(reservation({ ...limits, tokens: 700, scopes: [DAY] }));
    expect(refused).toMatchObject({ verdict: 'rate_limited', rate: { requests: { remaining: 2 } } });
    // 100 of 1,000 tokens a minute are missing: 6 s.
    const waitMs = refused.verdict === 'rate_limited' ? refused.retryAfterMs : null;
    expect(waitMs).toBeGreaterThan(5_000);
    expect(waitMs).toBeLessThanOrEqual(6_000);
    expect(await budget()).toEqual([0, 0]);
    expect(await redis.zcard(keys.under('llm:reservations'))).toBe(1);
  });

  it('admits a call exactly when it said it would', async () => {
    await accounts.admit(reservation({ ...limits, tokens: 1_000 }));
    const refused = await accounts.admit(reservation({ ...limits, tokens: 700 }));
    const waitMs = refused.verdict === 'rate_limited' ? (refused.retryAfterMs ?? 0) : 0;
    const key = keys.under('llm:rate:openai');
    const atUs = Number(await redis.hget(key, 'at'));
    await redis.hset(key, 'at', atUs - waitMs * 1_000);
    expect(await accounts.admit(reservation({ ...limits, tokens: 700 }))).toMatchObject({ verdict: 'granted' });
  });

  it('refuses the call after the last request of the minute', async () => {
    for (let i = 0; i < 3; i++) expect((await accounts.admit(reservation(limits))).verdict).toBe('granted');
    expect(await accounts.admit(reservation(limits))).toMatchObject({ verdict: 'rate_limited' });
  });

  it('never admits a call with more tokens than a minute has, and says so', async () => {
    const refused = await accounts.admit(reservation({ ...limits, tokens: 1_001 }));
    expect(refused).toMatchObject({ verdict: 'rate_limited', retryAfterMs: null });
  });

  it('gets the unused tokens back when the call is settled', async () => {
    const one = reservation({ ...limits, tokens: 400 });
    await accounts.admit(one);
    await settleAs(one);
    const { rate } = await accounts.lookup('openai', limits, null);
    expect(rate).toMatchObject({ requests: { remaining: 2 }, tokens: { remaining: about(970) } });
  });

  it('never holds more than a minute, whatever comes back', async () => {
    const one = reservation({ ...limits, tokens: 400 });
    await accounts.admit(one);
    await redis.hset(keys.under('llm:rate:openai'), 't', 990_000_000);
    await settleAs(one);
    const { rate } = await accounts.lookup('openai', limits, null);
    expect(rate.tokens?.remaining).toBe(1_000);
  });

  it('is not there where a limit is 0', async () => {
    const admission = await accounts.admit(reservation({ requestsPerMinute: 0, tokensPerMinute: 0, tokens: 1e12 }));
    expect(admission).toMatchObject({ verdict: 'granted', rate: { requests: null, tokens: null } });
  });

  it('forgets a provider that has been idle for two minutes', async () => {
    await accounts.admit(reservation());
    expect(await redis.pttl(keys.under('llm:rate:openai'))).toBeGreaterThan(110_000);
  });
});

describe('a budget', () => {
  it('holds the worst case while a call runs and its cost afterwards', async () => {
    const one = reservation({ scopes: [DAY, MONTH] });
    await accounts.admit(one);
    expect([await budget(), await budget(MONTH)]).toEqual([
      [0, 1_000],
      [0, 1_000],
    ]);
    expect(await settleAs(one)).toEqual({ settled: true, alerts: [] });
    expect([await budget(), await budget(MONTH)]).toEqual([
      [400, 0],
      [400, 0],
    ]);
    expect(await redis.exists(keys.under('llm:reservations'))).toBe(0);
  });

  it('refuses what would not fit at worst, in every scope or none, and names the scope', async () => {
    const limits = { requestsPerMinute: 10, tokensPerMinute: 0 };
    await accounts.admit(reservation({ ...limits, scopes: [DAY, MONTH], worstCaseNanoUsd: 1_500 }));
    const refused = await accounts.admit(reservation({ ...limits, scopes: [DAY, MONTH], worstCaseNanoUsd: 1_001 }));
    expect(refused).toMatchObject({
      verdict: 'budget_exceeded',
      scope: MONTH.name,
      limitNanoUsd: 2_500,
      spentNanoUsd: 0,
      reservedNanoUsd: 1_500,
      rate: { requests: { remaining: 9 } },
      alerts: [{ scope: MONTH.name, threshold: 100, limitNanoUsd: 2_500, spentNanoUsd: 0 }],
    });
    expect(await budget()).toEqual([0, 1_500]);
    expect(await accounts.admit(reservation({ scopes: [DAY, MONTH] }))).toMatchObject({ verdict: 'granted' });
  });

  it('is kept for 400 days', async () => {
    await accounts.admit(reservation({ scopes: [DAY] }));
    expect(await redis.ttl(keys.under(`llm:budget:${DAY.name}`))).toBeGreaterThan(399 * 86_400);
  });

  it('makes an alert due at the given percentage, and until that alert was sent', async () => {
    const calls = Array.from({ length: 8 }, () => reservation({ scopes: [DAY] }));
    for (const call of calls) await accounts.admit(call);
    for (const call of calls.slice(0, 7)) {
      expect((await settleAs(call, { costNanoUsd: 1_000 })).alerts).toEqual([]);
    }
    const alert = { scope: DAY.name, threshold: 80, limitNanoUsd: 10_000, spentNanoUsd: 8_000 };
    expect((await settleAs(calls[7] as Reservation, { costNanoUsd: 1_000 })).alerts).toEqual([alert]);
    const next = reservation({ scopes: [DAY] });
    expect((await accounts.admit(next)).alerts).toEqual([alert]);

    const sent = await Promise.all(
      [accounts, new Accounts(other, keys)].map((each) => each.sendAlert(alert, '{"an":"event"}')),
    );
    expect(sent.filter(Boolean)).toHaveLength(1);
    expect((await redis.xrange(keys.log, '-', '+')).map(([, fields]) => fields)).toEqual([['event', '{"an":"event"}']]);
    expect((await settleAs(next)).alerts).toEqual([]);
  });

  it('keeps the alert of its first refusal due for those who come later', async () => {
    await accounts.admit(reservation({ scopes: [DAY], worstCaseNanoUsd: 10_001 }));
    const alert = { scope: DAY.name, threshold: 100, limitNanoUsd: 10_000, spentNanoUsd: 0 };
    const small = reservation({ scopes: [DAY] });
    expect(await accounts.admit(small)).toMatchObject({ verdict: 'granted', alerts: [alert] });
    await accounts.sendAlert(alert, '{}');
    expect((await settleAs(small)).alerts).toEqual([]);
  });

  it('sends no alert that it cannot mark as sent, nor the other way round', async () => {
    await redis.set(keys.log, 'no stream');
    const alert = { scope: DAY.name, threshold: 80, limitNanoUsd: 1, spentNanoUsd: 1 };
    await expect(accounts.sendAlert(alert, '{}')).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(await redis.exists(keys.under(`llm:budget:${DAY.name}`))).toBe(0);
  });
});

describe('sent again', () => {
  it('an admission takes nothing more (I2)', async () => {
    const one = reservation({ scopes: [DAY], requestsPerMinute: 10, tokensPerMinute: 1_000 });
    await Promise.all([accounts.admit(one), accounts.admit(one)]);
    const again = await new Accounts(other, keys).admit(one);
    expect(again).toMatchObject({
      verdict: 'granted',
      rate: { requests: { remaining: 9 }, tokens: { remaining: about(900) } },
    });
    expect(await budget()).toEqual([0, 1_000]);
  });

  it('a settlement changes no money, rate or ledger, but its records are written (I2)', async () => {
    const one = reservation({ scopes: [DAY], requestsPerMinute: 10, tokensPerMinute: 1_000 });
    await accounts.admit(one);
    const [first, second] = await Promise.all([settleAs(one), settleAs(one)]);
    expect([first.settled, second.settled].sort()).toEqual([false, true]);
    const before = await ledger();
    const journal = { key: keys.under('effect:late'), value: '"x"', ttlMs: 60_000 };
    expect(await new Accounts(other, keys).settle(settlement(one, { journal }))).toMatchObject({ settled: false });
    expect(await budget()).toEqual([400, 0]);
    expect(await ledger()).toEqual(before);
    expect(await readJournal(redis, keys, 'late')).toBe('"x"');
  });

  it('a call that settles something without a reservation counts it once (I2)', async () => {
    const lost = new Redis(inject('redisSocket'));
    const hits = new Accounts(lost, keys);
    // The connection breaks when the call is on its way: ioredis sends it again.
    const settled = hits.settle(settlement(null, { tokens: null, costNanoUsd: 0, cacheHit: true }));
    await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
    lost.disconnect(true);
    expect(await settled).toMatchObject({ alerts: [] });
    expect(await ledger()).toMatchObject({ requests: 1, cacheHits: 1, inputTokens: 0 });
    lost.disconnect();
  });
});

describe('the ledger', () => {
  it('counts per hour and dimensions', async () => {
    const calls = Array.from({ length: 4 }, (_, i) => reservation({ usage: { ...USAGE, hour: i < 3 ? 10 : 11 } }));
    await Promise.all(calls.map((call) => accounts.admit(call)));
    await Promise.all([
      settleAs(calls[0] as Reservation),
      settleAs(calls[1] as Reservation, { flags: ['estimated', 'unpriced'], cacheMiss: true }),
      settleAs(calls[2] as Reservation, { tokens: null, costNanoUsd: 0, answered: false, failed: true }),
      settleAs(calls[3] as Reservation),
      accounts.settle(settlement(null, { tokens: null, costNanoUsd: 0, coalesced: true })),
    ]);
    const entries = await readLedger(redis, keys, [USAGE.day]);
    expect(entries.map(({ hour }) => hour).sort()).toEqual([10, 11]);
    expect(entries.find(({ hour }) => hour === 10)).toEqual({
      ...USAGE,
      counts: {
        requests: 3,
        inputTokens: 40,
        outputTokens: 20,
        cachedInputTokens: 10,
        reasoningTokens: 4,
        costNanoUsd: 800,
        errors: 1,
        cacheHits: 0,
        cacheMisses: 1,
        coalesced: 1,
        estimated: 1,
        unpriced: 1,
        lost: 0,
      },
    });
    expect(await redis.ttl(keys.under(`llm:usage:${USAGE.day}`))).toBeGreaterThan(399 * 86_400);
  });

  it('is exact for amounts that a float would round when printed', async () => {
    const amount = 4_503_599_627_370_497;
    const [one, two] = [reservation({ worstCaseNanoUsd: amount }), reservation()];
    await accounts.admit(one);
    await accounts.admit(two);
    await settleAs(one, { costNanoUsd: amount });
    await settleAs(two, { costNanoUsd: 1 });
    expect((await ledger())?.costNanoUsd).toBe(amount + 1);
  });

  it('takes any text as a label', async () => {
    const usage = { ...USAGE, agent: 'a "b"\n\u2028 é', projectId: '__proto__', taskType: '1 2 3' };
    const one = reservation({ usage });
    await accounts.admit(one);
    await settleAs(one);
    const [entry] = await readLedger(redis, keys, [USAGE.day]);
    expect(entry).toMatchObject({ agent: usage.agent, projectId: '__proto__', taskType: '1 2 3' });
  });
});

describe('a reservation that nobody settles', () => {
  it('is settled in full, flagged lost, once its time is over, by one of all who look', async () => {
    const one = reservation({ scopes: [DAY], ttlMs: 0 });
    await accounts.admit(one);
    const swept = await Promise.all([accounts.sweepLost(), new Accounts(other, keys).sweepLost()]);
    expect(swept[0] + swept[1]).toBe(1);
    expect(await budget()).toEqual([1_000, 0]);
    expect(await ledger()).toMatchObject({
      requests: 0,
      inputTokens: 60,
      outputTokens: 40,
      costNanoUsd: 1_000,
      errors: 1,
      lost: 1,
    });
    expect(await settleAs(one)).toMatchObject({ settled: false });
    expect(await budget()).toEqual([1_000, 0]);
  });

  it('is left alone before', async () => {
    await accounts.admit(reservation({ scopes: [DAY] }));
    expect(await accounts.sweepLost()).toBe(0);
    expect(await budget()).toEqual([0, 1_000]);
  });

  it('is found behind something that is no reservation', async () => {
    await redis.zadd(keys.under('llm:reservations'), 0, 'nonsense', 1, '[1,2]');
    await accounts.admit(reservation({ ttlMs: 0 }));
    expect(await accounts.sweepLost()).toBe(1);
    expect(await redis.exists(keys.under('llm:reservations'))).toBe(0);
  });

  it('is given back when it was made for a caller who had given up', async () => {
    const hasty = new Accounts(redis, keys, { giveUpAfterMs: 20 });
    await other.client('PAUSE', 100, 'WRITE');
    await expect(hasty.admit(reservation({ scopes: [DAY] }))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await eventually('it is given back', async () => {
      const stored = await redis.hget(keys.under(`llm:budget:${DAY.name}`), 'reserved');
      return stored === '0' && (await redis.exists(keys.under('llm:reservations'))) === 0;
    });
    expect(await ledger()).toBeUndefined();
  });
});

describe('records', () => {
  it('of a key are the first ones (I4)', async () => {
    const journal = (value: string) => ({ key: keys.under('effect:k'), value, ttlMs: 60_000 });
    await accounts.settle(settlement(null, { journal: journal('first') }));
    await accounts.settle(settlement(null, { journal: journal('second') }));
    expect(await readJournal(redis, keys, 'k')).toBe('first');
    expect(await readJournal(redis, keys, 'none')).toBeNull();
    expect(await redis.pttl(keys.under('effect:k'))).toBeGreaterThan(50_000);
  });
});

describe('what is broken', () => {
  it('fails alone, not those who travel with it', async () => {
    await redis.set(keys.under('llm:budget:broken'), 'no hash');
    const bad = reservation({ scopes: [{ name: 'broken', limitNanoUsd: 1e6 }] });
    const good = reservation({ scopes: [DAY] });
    const [failed, granted] = await Promise.allSettled([accounts.admit(bad), accounts.admit(good)]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL_ERROR' } });
    expect(granted).toMatchObject({ status: 'fulfilled', value: { verdict: 'granted' } });
    const settled = await Promise.allSettled([settleAs(bad), settleAs(good)]);
    expect(settled).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: { settled: true } }]);
    expect(await budget()).toEqual([400, 0]);
  });

  it('is refused before it is sent when it is no amount', async () => {
    for (const worstCaseNanoUsd of [1.5, -1, Number.NaN, 2 ** 53]) {
      await expect(accounts.admit(reservation({ worstCaseNanoUsd }))).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    }
  });

  it('is unavailable, not broken, when the connection is gone', async () => {
    const closed = new Redis(inject('redisSocket'));
    const gone = new Accounts(closed, keys);
    closed.disconnect();
    await eventually('the connection is closed', () => closed.status === 'end');
    await expect(gone.admit(reservation())).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(gone.settle(settlement(null))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(gone.lookup('openai', reservation(), null)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(gone.breakers([])).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

it('all keys carry the hash tag of the namespace (I12)', async () => {
  const tagged = accountKeys(`{t${keys.names.prefix}}`);
  used.push(tagged);
  const of = new Accounts(redis, tagged);
  const one = reservation({ scopes: [DAY, MONTH] });
  await of.admit(one);
  await of.settle(
    settlement(one, {
      cacheMiss: true,
      cache: { sha256: 'a', value: 'x', ttlMs: 60_000, maxBytes: 10_000 },
      journal: { key: tagged.under('effect:k'), value: 'x', ttlMs: 60_000 },
      health: { kind: 'shut', what: 'provider', forMs: 1_000 },
    }),
  );
  await of.settle(settlement(null));
  await of.sendAlert({ scope: DAY.name, threshold: 80, limitNanoUsd: 1, spentNanoUsd: 1 }, '{}');
  const made = await redis.keys(`*${keys.names.prefix}*`);
  expect(made.length).toBeGreaterThan(9);
  expect(made.filter((key) => !key.startsWith(`${tagged.names.prefix}:`))).toEqual([]);
});
