import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTS, type Counts, type LedgerEntry, ledgerEntry, ledgerField } from '../../src/llm/accounts/ledger.ts';
import { lostSettlement, memberOf } from '../../src/llm/accounts/reservations.ts';
import { PERIODS, sumUsage, usageWindow } from '../../src/llm/accounts/usage.ts';
import { reservation } from '../support/llm-accounts.ts';

const name = fc.oneof(fc.constantFrom('openai', 'local', '-', '__proto__'), fc.string({ maxLength: 8 }));
const counts = fc.record(Object.fromEntries(COUNTS.map((count) => [count, fc.nat(1_000_000)]))) as fc.Arbitrary<Counts>;
const atMs = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 11, 31, 23, 59, 59) });
const entry: fc.Arbitrary<LedgerEntry> = fc
  .tuple(atMs, fc.record({ provider: name, model: name, agent: name, taskType: name, projectId: name, counts }))
  .map(([ms, rest]) => ({
    day: new Date(ms).toISOString().slice(0, 10),
    hour: new Date(ms).getUTCHours(),
    ...rest,
  }));
const zero = Object.fromEntries(COUNTS.map((count) => [count, 0])) as Counts;
const one = (day: string, hour: number, changes: Partial<Counts> = {}, provider = 'openai'): LedgerEntry => ({
  day,
  hour,
  provider,
  model: 'm',
  agent: 'a',
  taskType: 't',
  projectId: 'p',
  counts: { ...zero, ...changes },
});

describe('a period', () => {
  it('contains its moment, and the next one begins where it ends', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PERIODS), atMs, (period, ms) => {
        const { startMs, endMs } = usageWindow(period, ms);
        expect(startMs <= ms && ms < endMs).toBe(true);
        expect(usageWindow(period, startMs)).toEqual({ startMs, endMs });
        expect(usageWindow(period, endMs - 1)).toEqual({ startMs, endMs });
        expect(usageWindow(period, endMs).startMs).toBe(endMs);
      }),
    );
  });

  it.each([
    ['hour', '2026-01-15T10:00:00Z', '2026-01-15T10:59:59Z'],
    ['day', '2026-01-15T00:00:00Z', '2026-01-15T23:59:59Z'],
    ['week', '2026-01-12T00:00:00Z', '2026-01-18T23:59:59Z'],
    ['month', '2026-01-01T00:00:00Z', '2026-01-31T23:59:59Z'],
  ] as const)('%s of a Thursday in January is told from its first to its last second', (period, start, end) => {
    const report = sumUsage([], { period, atMs: Date.UTC(2026, 0, 15, 10, 30) });
    expect(report).toMatchObject({ period, start, end });
  });

  it('of a week begins on Monday, also across the turn of the year', () => {
    const { startMs } = usageWindow('week', Date.UTC(2027, 0, 3, 23));
    expect(new Date(startMs).toISOString()).toBe('2026-12-28T00:00:00.000Z');
  });
});

describe('usage', () => {
  it('is the same sum by whatever it is divided', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), fc.constantFrom(...PERIODS), atMs, (entries, period, ms) => {
        const { totals, ...report } = sumUsage(entries, { period, atMs: ms });
        for (const by of ['provider', 'model', 'agent', 'task_type', 'project', 'hour'] as const) {
          const parts = Object.values(report[`by_${by}`]);
          for (const number of ['requests', 'input_tokens', 'output_tokens'] as const) {
            expect(parts.reduce((sum, part) => sum + part[number], 0)).toBe(totals[number]);
          }
          expect(parts.reduce((sum, part) => sum + part.estimated_cost_usd, 0)).toBeCloseTo(totals.estimated_cost_usd);
        }
      }),
    );
  });

  it('counts every entry in exactly one day, and a provider alone as part of all', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const days = [...new Set(entries.map(({ day }) => day))].map((day) => Date.parse(day));
        const requests = (provider?: string) =>
          days
            .map((ms) => sumUsage(entries, { period: 'day', atMs: ms, ...(provider !== undefined && { provider }) }))
            .reduce((sum, { totals }) => sum + totals.requests, 0);
        expect(requests()).toBe(entries.reduce((sum, each) => sum + each.counts.requests, 0));
        const providers = [...new Set(entries.map(({ provider }) => provider))];
        expect(providers.reduce((sum, provider) => sum + requests(provider), 0)).toBe(requests());
      }),
    );
  });

  it('is told in USD and by the first second of the hour', () => {
    const entries = [
      one('2026-01-15', 9, { requests: 1, costNanoUsd: 12_500_000_000, inputTokens: 5 }),
      one('2026-01-15', 9, { requests: 2, outputTokens: 7 }, 'google'),
      one('2026-01-16', 0, { requests: 100 }),
    ];
    const report = sumUsage(entries, { period: 'day', atMs: Date.UTC(2026, 0, 15, 12) });
    const sums = { requests: 3, input_tokens: 5, output_tokens: 7, estimated_cost_usd: 12.5 };
    expect(report.totals).toEqual(sums);
    expect(report.by_hour).toEqual({ '2026-01-15T09:00:00Z': sums });
    expect(Object.keys(report.by_provider)).toEqual(['google', 'openai']);
  });

  it('has the part of cached requests that hit', () => {
    const entries = [one('2026-01-15', 9, { cacheHits: 3, cacheMisses: 2, coalesced: 1 })];
    const at = { period: 'hour', atMs: Date.UTC(2026, 0, 15, 9) } as const;
    expect(sumUsage(entries, at).cache).toEqual({ hits: 3, misses: 2, coalesced: 1, hit_rate: 0.5 });
    expect(sumUsage([], at).cache.hit_rate).toBe(0);
  });

  it('is read as it is written, whatever the labels', () => {
    fc.assert(
      fc.property(entry, (each) => {
        const value = JSON.stringify(COUNTS.map((count) => each.counts[count]));
        expect(ledgerEntry(each.day, ledgerField(each), value)).toEqual(each);
      }),
    );
  });
});

describe('a reservation', () => {
  it('says in its member all that it takes to settle it', () => {
    const usage = { ...one('2026-01-15', 9), agent: '"\n', counts: undefined };
    const { counts: _, ...key } = usage;
    const made = reservation({ usage: key, scopes: [{ name: 'day:x', limitNanoUsd: 5 }] });
    expect(lostSettlement(memberOf(made))).toMatchObject({
      reservation: { id: made.id, provider: made.provider, scopes: [{ name: 'day:x' }] },
      usage: key,
      tokens: { inputTokens: 60, outputTokens: 40 },
      costNanoUsd: made.worstCaseNanoUsd,
      flags: ['lost'],
    });
  });

  it('is not made of a text that is none', () => {
    for (const text of ['', 'x', '[]', '{}', JSON.stringify(Array(13).fill('x'))]) {
      expect(lostSettlement(text)).toBeNull();
    }
  });

  it('has an id that the scripts can find', () => {
    for (const id of ['', 'a"b', 'a b', 'x'.repeat(129)])
      expect(() => memberOf(reservation({ id }))).toThrow(TypeError);
  });
});
