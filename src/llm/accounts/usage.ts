/**
 * What was used in a period, for `GET /v1/usage`.
 *
 * Owns: periods (UTC, ISO weeks) and sums over the ledger. Pure but for `readUsage`.
 */

import type { Redis } from 'ioredis';
import type { Keys } from '../../bus/keys.ts';
import { NANO_PER_USD } from '../pricing.ts';
import { type LedgerEntry, readLedger } from './ledger.ts';

export const PERIODS = ['hour', 'day', 'week', 'month'] as const;
export type UsagePeriod = (typeof PERIODS)[number];

export interface UsageSums {
  requests: number;
  input_tokens: number;
  output_tokens: number;
  estimated_cost_usd: number;
}

type UsageBy = Record<string, UsageSums>;

export interface UsageReport {
  period: UsagePeriod;
  /** First and last second. */
  start: string;
  end: string;
  totals: UsageSums;
  by_provider: UsageBy;
  by_model: UsageBy;
  by_agent: UsageBy;
  by_task_type: UsageBy;
  by_project: UsageBy;
  /** By the hour's first second. */
  by_hour: UsageBy;
  /** `hit_rate`: hits by all requests that the cache could have answered; 0 without any. */
  cache: { hits: number; misses: number; coalesced: number; hit_rate: number };
}

export interface UsageQuery {
  period: UsagePeriod;
  /** Some moment of the period, Unix ms. */
  atMs: number;
  /** Counts only what this provider answered. */
  provider?: string;
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

export async function readUsage(redis: Redis, keys: Keys, query: UsageQuery): Promise<UsageReport> {
  const { startMs, endMs } = usageWindow(query.period, query.atMs);
  return sumUsage(await readLedger(redis, keys, daysOf(startMs, endMs)), query);
}

/** The period that contains a moment; `endMs` is the first moment after it. */
export function usageWindow(period: UsagePeriod, atMs: number): { startMs: number; endMs: number } {
  const at = new Date(atMs);
  if (period === 'month') {
    const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
    return { startMs: Date.UTC(year, month, 1), endMs: Date.UTC(year, month + 1, 1) };
  }
  if (period === 'hour') {
    const startMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
    return { startMs, endMs: startMs + HOUR_MS };
  }
  const dayMs = Math.floor(atMs / DAY_MS) * DAY_MS;
  if (period === 'day') return { startMs: dayMs, endMs: dayMs + DAY_MS };
  // Weeks begin on Monday.
  const startMs = dayMs - ((at.getUTCDay() + 6) % 7) * DAY_MS;
  return { startMs, endMs: startMs + 7 * DAY_MS };
}

function daysOf(startMs: number, endMs: number): string[] {
  const days: string[] = [];
  for (let ms = startMs; ms < endMs; ms += DAY_MS) days.push(new Date(ms).toISOString().slice(0, 10));
  return days;
}

export function sumUsage(entries: readonly LedgerEntry[], { period, atMs, provider }: UsageQuery): UsageReport {
  const { startMs, endMs } = usageWindow(period, atMs);
  const counted = entries.filter((entry) => {
    const ms = hourOf(entry);
    return ms >= startMs && ms < endMs && (provider === undefined || entry.provider === provider);
  });
  const sum = (name: keyof LedgerEntry['counts']) => counted.reduce((total, { counts }) => total + counts[name], 0);
  const [hits, misses, coalesced] = [sum('cacheHits'), sum('cacheMisses'), sum('coalesced')];
  const asked = hits + misses + coalesced;
  return {
    period,
    start: seconds(startMs),
    end: seconds(endMs - 1),
    totals: sumsOf(counted),
    by_provider: sumsBy(counted, (entry) => entry.provider),
    by_model: sumsBy(counted, (entry) => entry.model),
    by_agent: sumsBy(counted, (entry) => entry.agent),
    by_task_type: sumsBy(counted, (entry) => entry.taskType),
    by_project: sumsBy(counted, (entry) => entry.projectId),
    by_hour: sumsBy(counted, (entry) => seconds(hourOf(entry))),
    cache: { hits, misses, coalesced, hit_rate: asked === 0 ? 0 : hits / asked },
  };
}

const hourOf = ({ day, hour }: LedgerEntry): number => Date.parse(`${day}T00:00:00Z`) + hour * HOUR_MS;
const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function sumsOf(entries: readonly LedgerEntry[]): UsageSums {
  const sums = { requests: 0, input_tokens: 0, output_tokens: 0 };
  let nanoUsd = 0;
  for (const { counts } of entries) {
    sums.requests += counts.requests;
    sums.input_tokens += counts.inputTokens;
    sums.output_tokens += counts.outputTokens;
    nanoUsd += counts.costNanoUsd;
  }
  return { ...sums, estimated_cost_usd: nanoUsd / NANO_PER_USD };
}

function sumsBy(entries: readonly LedgerEntry[], nameOf: (entry: LedgerEntry) => string): UsageBy {
  const groups = Map.groupBy(entries, nameOf);
  const names = [...groups.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, sumsOf(groups.get(name) ?? [])]));
}
