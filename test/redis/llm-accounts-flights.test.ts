import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Keys } from '../../src/bus/keys.ts';
import { Accounts } from '../../src/llm/accounts/accounts.ts';
import { type FlightLease, type FlightOutcome, Flights, type FlightTimes } from '../../src/llm/accounts/flights.ts';
import { eventually } from '../support/eventually.ts';
import { accountKeys, removeAll, settlement } from '../support/llm-accounts.ts';

const connections = [new Redis(inject('redisSocket')), new Redis(inject('redisSocket'))];
const [redis, other] = connections as [Redis, Redis];
const used: Keys[] = [];
const leases: FlightLease[] = [];
let keys: Keys;

beforeEach(() => {
  keys = accountKeys();
  used.push(keys);
});
afterAll(async () => {
  for (const lease of leases) await lease.release();
  for (const { names } of used) await removeAll(redis, names.prefix);
  for (const connection of connections) connection.disconnect();
});

const flights = (times: Partial<FlightTimes> = {}, connection = redis) => new Flights(connection, keys, times);
const nobody = new AbortController().signal;

async function lead(of: Flights): Promise<FlightLease> {
  const joined = await of.join('a');
  if (joined.role !== 'leader') throw new Error('somebody else leads');
  leases.push(joined.lease);
  return joined.lease;
}
/** Waits without awaiting the outcome. */
async function waiting(of: Flights, signal = nobody): Promise<{ outcome: Promise<FlightOutcome> }> {
  const joined = await of.join('a');
  if (joined.role !== 'follower') throw new Error('nobody leads');
  const outcome = joined.wait(signal);
  outcome.catch(() => undefined);
  return { outcome };
}
const stored = () => redis.get(keys.under('llm:flight:a'));

describe('a flight', () => {
  it('has one leader in all processes, and the settlement gives its result to all who wait', async () => {
    const [here, there] = [flights(), flights({}, other)];
    const roles = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? here : there).join('a')));
    const leaders = roles.flatMap((joined) => (joined.role === 'leader' ? [joined.lease] : []));
    expect(leaders).toHaveLength(1);
    const [lease] = leaders as [FlightLease];
    const outcomes = roles.flatMap((joined) => (joined.role === 'follower' ? [joined.wait(nobody)] : []));
    await new Accounts(redis, keys).settle(
      settlement(null, { flight: { sha256: 'a', token: String(lease.token), value: 'an answer' } }),
    );
    for (const outcome of outcomes) expect(await outcome).toEqual({ kind: 'value', value: 'an answer', failed: false });
    await lease.release();
    expect(await stored()).toBe('Van answer');
  });

  it('tells its leader whether somebody waits', async () => {
    const lease = await lead(flights());
    expect(await lease.hasFollowers()).toBe(false);
    const controller = new AbortController();
    const there = flights({ waitingMs: 100 }, other);
    const { outcome } = await waiting(there, controller.signal);
    expect(await lease.hasFollowers()).toBe(true);
    const first = await stored();
    await eventually('it says again that it waits', async () => (await stored()) !== first);
    expect(await lease.hasFollowers()).toBe(true);
    controller.abort(new Error('gone'));
    await expect(outcome).rejects.toThrow('gone');
    await eventually('nobody waits any more', async () => !(await lease.hasFollowers()));
    await lease.release();
  });

  it('gives a failure to those who wait, and not to those who come later', async () => {
    const lease = await lead(flights());
    const all = [await waiting(flights()), await waiting(flights({}, other))];
    await lease.fail('a fault');
    for (const { outcome } of all) expect(await outcome).toEqual({ kind: 'value', value: 'a fault', failed: true });
    const next = await flights().join('a');
    expect(next.role).toBe('leader');
    if (next.role === 'leader') await next.lease.release();
  });

  it('goes to one of those who wait when its leader gives up', async () => {
    const lease = await lead(flights());
    const here = flights();
    const all = [await waiting(here), await waiting(here), await waiting(flights({}, other))];
    await lease.release();
    const first = await Promise.race(all.map(({ outcome }) => outcome));
    if (first.kind !== 'take_over') throw new Error('nobody took over');
    await new Accounts(redis, keys).settle(
      settlement(null, { flight: { sha256: 'a', token: String(first.lease.token), value: 'x' } }),
    );
    const outcomes = await Promise.all(all.map(({ outcome }) => outcome));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['take_over', 'value', 'value']);
    await first.lease.release();
  });

  it('goes to one of those who wait when its leader dies', async () => {
    // Never renewed: the process is gone.
    const dead = await lead(flights({ leaseMs: 200, renewMs: 60_000 }, other));
    const { outcome } = await waiting(flights());
    const taken = await outcome;
    if (taken.kind !== 'take_over') throw new Error('nobody took over');
    // What the dead one would still say is not heard.
    await dead.fail('late');
    await new Accounts(other, keys).settle(
      settlement(null, { flight: { sha256: 'a', token: String(dead.token), value: 'late' } }),
    );
    expect(await stored()).toContain(String(taken.lease.token));
    await taken.lease.release();
    expect(await stored()).toBeNull();
  });

  it('stays with a leader that is slow', async () => {
    const lease = await lead(flights({ leaseMs: 2_000, renewMs: 30 }));
    let leftMs = Number.POSITIVE_INFINITY;
    await eventually('the lease is renewed', async () => {
      const beforeMs = leftMs;
      leftMs = await redis.pttl(keys.under('llm:flight:a'));
      return leftMs > beforeMs;
    });
    expect((await flights({}, other).join('a')).role).toBe('follower');
    await lease.release();
  });

  it('is not taken over for callers who are gone', async () => {
    const lease = await lead(flights());
    const controller = new AbortController();
    const { outcome } = await waiting(flights(), controller.signal);
    controller.abort(new Error('gone'));
    await expect(outcome).rejects.toThrow('gone');
    await lease.release();
    expect(await stored()).toBeNull();
  });

  it('refuses a caller who is gone already', async () => {
    const lease = await lead(flights());
    const joined = await flights({}, other).join('a');
    if (joined.role !== 'follower') throw new Error('two leaders');
    await expect(joined.wait(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    await lease.release();
  });

  it('has the same leader when the question is sent again (I2)', async () => {
    const key = keys.under('llm:flight:a');
    flights();
    const scripted = redis as unknown as { llmFlight(...args: unknown[]): Promise<string[]> };
    const ask = (token: string) => scripted.llmFlight(1, key, 'join', token, 5_000, 1_000);
    expect([await ask('t1'), await ask('t1'), await ask('t2')]).toEqual([['LEAD'], ['LEAD'], ['WAIT']]);
  });
});
