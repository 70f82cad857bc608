import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Keys } from '../../src/bus/keys.ts';
import { Accounts } from '../../src/llm/accounts/accounts.ts';
import type { Admission, Health, Reservation } from '../../src/llm/accounts/shapes.ts';
import { accountKeys, removeAll, reservation, settlement } from '../support/llm-accounts.ts';

const redis = new Redis(inject('redisSocket'));
const other = new Redis(inject('redisSocket'));
const used: Keys[] = [];
let keys: Keys;
let accounts: Accounts;
/** The same as another process. */
let elsewhere: Accounts;

beforeEach(() => {
  keys = accountKeys();
  used.push(keys);
  accounts = new Accounts(redis, keys);
  elsewhere = new Accounts(other, keys);
});
afterAll(async () => {
  for (const { names } of used) await removeAll(redis, names.prefix);
  redis.disconnect();
  other.disconnect();
});

const CANDIDATE = { provider: 'openai', model: 'm-1' };
const state = async (candidate = CANDIDATE) => {
  const [found] = await accounts.breakers([candidate]);
  if (!found) throw new Error('no state');
  return found;
};
const own = () => keys.under('llm:breaker:openai:m-1');
const whole = () => keys.under('llm:breaker:openai:*');
async function end(one: Reservation, health: Health, of = accounts): Promise<void> {
  await of.settle(settlement(one, { health, latencyMs: health.kind === 'success' ? 100 : null }));
}
/** One call that ends like that. */
async function call(health: Health): Promise<Admission['verdict']> {
  const one = reservation();
  const { verdict } = await accounts.admit(one);
  if (verdict === 'granted') await end(one, health);
  return verdict;
}
const fail = async (times: number) => {
  for (let i = 0; i < times; i++) await call({ kind: 'failure' });
};
/** Lets the time pass for which a breaker is open or cooling down. */
const pass = async (field: 'o' | 'c' | 'p', key = own()) => redis.hset(key, field, 1);
/** For how long from now, in seconds. */
const fromNow = (untilMs: number | null) => Math.round(((untilMs ?? Number.NaN) - Date.now()) / 1_000);

describe('a breaker', () => {
  it('opens after five failures in a row, for 5 s, for all processes and only for its model', async () => {
    await fail(4);
    expect(await state()).toMatchObject({ breaker: 'closed', openUntilMs: null, errorRate: 1, p50Ms: null });
    await fail(1);
    const { breaker, openUntilMs } = await state();
    expect([breaker, fromNow(openUntilMs)]).toEqual(['open', 5]);
    expect(await elsewhere.admit(reservation())).toMatchObject({ verdict: 'breaker_open', untilMs: openUntilMs });
    expect(await accounts.admit(reservation({ candidateModel: 'm-2' }))).toMatchObject({ verdict: 'granted' });
  });

  it('does not count failures across a success', async () => {
    await fail(4);
    await call({ kind: 'success' });
    await fail(4);
    expect((await state()).breaker).toBe('closed');
  });

  it('opens when half of 20 calls within 30 s failed', async () => {
    for (let i = 0; i < 9; i++) {
      await call({ kind: 'failure' });
      await call({ kind: 'success' });
    }
    await call({ kind: 'success' });
    expect((await state()).breaker).toBe('closed');
    await call({ kind: 'failure' });
    expect(await state()).toMatchObject({ breaker: 'open', errorRate: 0.5 });
  });

  it('forgets what is older than 30 s', async () => {
    for (let i = 0; i < 10; i++) {
      await call({ kind: 'success' });
      if (i < 9) await call({ kind: 'failure' });
    }
    const window = await redis.hget(own(), 'w');
    const [slice = '', ...counts] = window?.split(' ') ?? [];
    await redis.hset(own(), 'w', `${Number(slice) - 6} ${counts.join(' ')}`);
    await call({ kind: 'failure' });
    expect((await state()).breaker).toBe('closed');
  });

  it('then lets one probe through in all processes, whose success closes it', async () => {
    await fail(5);
    await pass('o');
    expect((await state()).breaker).toBe('half_open');
    const calls = Array.from({ length: 20 }, () => reservation());
    const admissions = await Promise.all(calls.map((one, i) => (i % 2 ? accounts : elsewhere).admit(one)));
    const probes = admissions.filter((admission) => admission.verdict === 'granted');
    expect(probes).toMatchObject([{ probe: true }]);
    const probe = calls[admissions.findIndex(({ verdict }) => verdict === 'granted')] as Reservation;
    expect(await elsewhere.admit(probe)).toMatchObject({ verdict: 'granted', probe: true });
    await end(probe, { kind: 'success' });
    expect((await state()).breaker).toBe('closed');
    expect(await accounts.admit(reservation())).toMatchObject({ verdict: 'granted', probe: false });
    await fail(4);
    expect((await state()).breaker).toBe('closed');
  });

  it('opens again for twice as long when its probe fails, up to 20 s', async () => {
    await fail(5);
    const seconds: number[] = [];
    for (let i = 0; i < 3; i++) {
      await pass('o');
      await call({ kind: 'failure' });
      seconds.push(fromNow((await state()).openUntilMs));
    }
    expect(seconds).toEqual([10, 20, 20]);
    await pass('o');
    await call({ kind: 'success' });
    await fail(5);
    expect(fromNow((await state()).openUntilMs)).toBe(5);
  });

  it('is not moved by calls that were sent before it opened', async () => {
    const early = [reservation(), reservation(), reservation()] as const;
    for (const one of early) await accounts.admit(one);
    await fail(5);
    const before = await state();
    await end(early[0], { kind: 'failure' });
    await end(early[1], { kind: 'success' });
    expect(await state()).toMatchObject({ breaker: 'open', openUntilMs: before.openUntilMs });
    await pass('o');
    await accounts.admit(reservation());
    await end(early[2], { kind: 'success' });
    expect((await state()).breaker).toBe('half_open');
  });

  it('lends its probe again when that says nothing, or its process is gone', async () => {
    await fail(5);
    await pass('o');
    expect(await call({ kind: 'neutral' })).toBe('granted');
    expect(await accounts.admit(reservation())).toMatchObject({ verdict: 'granted', probe: true });
    expect(await elsewhere.admit(reservation())).toMatchObject({ verdict: 'breaker_open' });
    await pass('p');
    expect(await elsewhere.admit(reservation())).toMatchObject({ verdict: 'granted', probe: true });
  });

  it('lends no probe to a call that is refused for another reason', async () => {
    await fail(5);
    await pass('o');
    expect(await accounts.admit(reservation({ tokens: 11, tokensPerMinute: 10 }))).toMatchObject({
      verdict: 'rate_limited',
    });
    expect(await accounts.admit(reservation())).toMatchObject({ verdict: 'granted', probe: true });
  });

  it('is forgotten ten minutes after the last call', async () => {
    await call({ kind: 'success' });
    expect(await redis.pttl(own())).toBeGreaterThan(590_000);
    expect(await redis.pttl(own())).toBeLessThanOrEqual(600_000);
  });
});

describe('a 429', () => {
  const refused: Health = { kind: 'cool_down', forMs: null };

  it('cools the model down for as long as the upstream says, and is no failure', async () => {
    for (let i = 0; i < 6; i++) {
      await call({ kind: 'cool_down', forMs: 7_000 });
      await pass('c');
    }
    await call({ kind: 'cool_down', forMs: 7_000 });
    const { breaker, coolingUntilMs } = await state();
    expect([breaker, fromNow(coolingUntilMs)]).toEqual(['closed', 7]);
    expect(await elsewhere.admit(reservation())).toMatchObject({ verdict: 'cooling_down', untilMs: coolingUntilMs });
  });

  it('without a time cools down for 1 s, doubled up to 20 s until a call succeeds', async () => {
    const seconds: number[] = [];
    for (let i = 0; i < 6; i++) {
      await call(refused);
      seconds.push(fromNow((await state()).coolingUntilMs));
      await pass('c');
    }
    expect(seconds).toEqual([1, 2, 4, 8, 16, 20]);
    await call({ kind: 'success' });
    await call(refused);
    expect(fromNow((await state()).coolingUntilMs)).toBe(1);
  });

  it('counts once for calls that were under way together', async () => {
    const calls = Array.from({ length: 8 }, () => reservation());
    for (const one of calls) await accounts.admit(one);
    await Promise.all(calls.map((one) => end(one, refused)));
    expect(fromNow((await state()).coolingUntilMs)).toBe(1);
  });

  it('is remembered for as long as it lasts', async () => {
    await call({ kind: 'cool_down', forMs: 3_600_000 });
    expect(await redis.pttl(own())).toBeGreaterThan(3_600_000);
  });
});

describe('a candidate that refuses us', () => {
  it('is shut with all its provider after 401, 403 and quota', async () => {
    await call({ kind: 'shut', what: 'provider', forMs: 60_000 });
    const { breaker, openUntilMs } = await state({ provider: 'openai', model: 'm-2' });
    expect([breaker, fromNow(openUntilMs)]).toEqual(['open', 60]);
    expect(await accounts.admit(reservation({ candidateModel: 'm-2' }))).toMatchObject({ verdict: 'breaker_open' });
    expect(await accounts.admit(reservation({ provider: 'local' }))).toMatchObject({ verdict: 'granted' });
    await pass('o', whole());
    const probe = reservation({ candidateModel: 'm-2' });
    expect(await accounts.admit(probe)).toMatchObject({ verdict: 'granted', probe: true });
    expect(await elsewhere.admit(reservation())).toMatchObject({ verdict: 'breaker_open' });
    await end(probe, { kind: 'success' });
    expect(await elsewhere.admit(reservation())).toMatchObject({ verdict: 'granted', probe: false });
  });

  it('is shut alone after a 404', async () => {
    await call({ kind: 'shut', what: 'model', forMs: 60_000 });
    expect(fromNow((await state()).openUntilMs)).toBe(60);
    expect(await accounts.admit(reservation({ candidateModel: 'm-2' }))).toMatchObject({ verdict: 'granted' });
  });
});

describe('the statistics', () => {
  it('tell error rate and median latency of the last five minutes', async () => {
    for (const latencyMs of [10, 200, 210, 220, 5_000]) {
      const one = reservation();
      await accounts.admit(one);
      await accounts.settle(settlement(one, { latencyMs }));
    }
    await call({ kind: 'failure' });
    const { errorRate, p50Ms } = await state();
    expect(errorRate).toBeCloseTo(1 / 6);
    expect(p50Ms).toBeGreaterThan(195);
    expect(p50Ms).toBeLessThan(225);

    const fields = await redis.hgetall(own());
    for (const [name, text] of Object.entries(fields).filter(([field]) => /^s\d$/.test(field))) {
      const [number, ...rest] = text.split(' ');
      await redis.hset(own(), name, [Number(number) - 10, ...rest].join(' '));
    }
    expect(await state()).toMatchObject({ errorRate: null, p50Ms: null });
  });

  it('know nothing of a candidate that was never asked', async () => {
    expect(await state()).toEqual({
      ...CANDIDATE,
      breaker: 'closed',
      openUntilMs: null,
      coolingUntilMs: null,
      errorRate: null,
      p50Ms: null,
    });
  });
});
