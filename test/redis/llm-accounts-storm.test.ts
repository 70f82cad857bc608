// Many callers, connections and processes at once, some of which vanish: no limit is ever passed, no nano-USD is lost.
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { Accounts } from '../../src/llm/accounts/accounts.ts';
import { readLedger } from '../../src/llm/accounts/ledger.ts';
import { accountKeys, removeAll, reservation, settlement, USAGE } from '../support/llm-accounts.ts';

const connections = Array.from({ length: 5 }, () => new Redis(inject('redisSocket')));
const watcher = new Redis(inject('redisSocket'));
const keys = accountKeys();
afterAll(async () => {
  await removeAll(watcher, keys.names.prefix);
  for (const connection of [...connections, watcher]) connection.disconnect();
});

/** The same numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

it('500 concurrent calls, some aborted, lost or cut off, never pass a limit by one nano-USD (I2)', async () => {
  const limits = [1_000_003, 600_007, 150_011] as const;
  const scopes = limits.map((limitNanoUsd, i) => ({ name: `scope:${i}`, limitNanoUsd }));
  const instances = connections.map((connection) => new Accounts(connection, keys));
  const random = numbers(4711);
  const watching = new Accounts(watcher, keys);
  let watched = 0;
  let highest = 0;
  let running = true;
  const watch = (async () => {
    while (running) {
      for (const { limitNanoUsd, spentNanoUsd, reservedNanoUsd } of await watching.budgets(scopes)) {
        expect(spentNanoUsd + reservedNanoUsd).toBeLessThanOrEqual(limitNanoUsd);
        expect(reservedNanoUsd).toBeGreaterThanOrEqual(0);
        highest = Math.max(highest, (spentNanoUsd + reservedNanoUsd) / limitNanoUsd);
      }
      watched++;
    }
  })();

  let cost = 0;
  let answered = 0;
  let lost = 0;
  let refused = 0;
  const caller = async (accounts: Accounts): Promise<void> => {
    for (let round = 0; round < 6; round++) {
      const worst = 500 + Math.floor(random() * 1_000);
      const fate = random();
      const call = reservation({
        worstCaseNanoUsd: worst,
        scopes: scopes.filter((_, i) => i === 0 || random() < 0.5),
        ttlMs: fate < 0.1 ? 0 : 180_000,
        usage: { ...USAGE, hour: Math.floor(random() * 24), agent: `a${Math.floor(random() * 5)}` },
      });
      const admission = await accounts.admit(call);
      if (admission.verdict !== 'granted') {
        expect(admission.verdict).toBe('budget_exceeded');
        refused++;
        continue;
      }
      await new Promise<void>((resolve) => setTimeout(resolve, random() * 10));
      if (fate < 0.1) {
        // Its process is gone.
        cost += worst;
        lost++;
        continue;
      }
      const aborted = fate < 0.3;
      const costNanoUsd = Math.floor(random() * (worst + 1) * (aborted ? 0.2 : 1));
      const one = settlement(call, { costNanoUsd, answered: !aborted, health: { kind: 'neutral' } });
      const replies = await Promise.all([accounts.settle(one), ...(fate > 0.8 ? [accounts.settle(one)] : [])]);
      // None, if the answer to the first was lost and it was sent again.
      expect(replies.filter(({ settled }) => settled).length).toBeLessThanOrEqual(1);
      cost += costNanoUsd;
      if (!aborted) answered++;
    }
  };
  // Every now and then a connection breaks under the calls that it carries.
  const breaking = setInterval(() => connections[Math.floor(random() * connections.length)]?.disconnect(true), 40);
  await Promise.all(Array.from({ length: 500 }, (_, i) => caller(instances[i % instances.length] as Accounts)));
  clearInterval(breaking);
  let swept = 0;
  for (const accounts of instances) swept += await accounts.sweepLost();
  running = false;
  await watch;

  expect(swept).toBe(lost);
  expect(refused).toBeGreaterThan(0);
  expect(watched).toBeGreaterThan(20);
  expect(highest).toBeGreaterThan(0.99);
  const budgets = await watching.budgets(scopes);
  expect(budgets.map(({ reservedNanoUsd }) => reservedNanoUsd)).toEqual([0, 0, 0]);
  const entries = await readLedger(watcher, keys, [USAGE.day]);
  const sum = (name: 'costNanoUsd' | 'requests' | 'lost') =>
    entries.reduce((total, { counts }) => total + counts[name], 0);
  expect([sum('costNanoUsd'), sum('requests'), sum('lost')]).toEqual([cost, answered, lost]);
  expect(budgets[0]?.spentNanoUsd).toBe(cost);
  expect(await watcher.exists(keys.under('llm:reservations'))).toBe(0);
});
