/**
 * The usage ledger: `P:llm:usage:{yyyy-mm-dd}`, one field per hour and dimensions, its value the counts.
 *
 * Owns: the text of fields and values, and reading them. They are written by `settle.lua` alone.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../../bus/keys.ts';
import { ledgerKey } from './names.ts';
import type { UsageKey } from './shapes.ts';

/** In the order in which a value has them. */
export const COUNTS = [
  'requests',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'reasoningTokens',
  'costNanoUsd',
  'errors',
  'cacheHits',
  'cacheMisses',
  'coalesced',
  'estimated',
  'unpriced',
  'lost',
] as const;

export type Counts = Record<(typeof COUNTS)[number], number>;

export interface LedgerEntry extends UsageKey {
  counts: Counts;
}

/** Fields per read; a day has one per hour and combination of labels that was used. */
const SCAN_COUNT = 2_000;

export const ledgerField = ({ hour, provider, model, agent, taskType, projectId }: UsageKey): string =>
  JSON.stringify([hour, provider, model, agent, taskType, projectId]);

export function ledgerEntry(day: string, field: string, value: string): LedgerEntry {
  const [hour, provider, model, agent, taskType, projectId] = JSON.parse(field) as [
    number,
    string,
    string,
    string,
    string,
    string,
  ];
  const numbers = JSON.parse(value) as number[];
  const counts = Object.fromEntries(COUNTS.map((name, i) => [name, numbers[i] ?? 0])) as Counts;
  return { day, hour, provider, model, agent, taskType, projectId, counts };
}

/** @param days `yyyy-mm-dd` */
export async function readLedger(redis: Redis, keys: Keys, days: readonly string[]): Promise<LedgerEntry[]> {
  const entries = await Promise.all(days.map((day) => readDay(redis, keys, day)));
  return entries.flat();
}

async function readDay(redis: Redis, keys: Keys, day: string): Promise<LedgerEntry[]> {
  // A scan may give a field twice.
  const fields = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, found] = await redis.hscan(ledgerKey(keys, day), cursor, 'COUNT', SCAN_COUNT);
    for (let i = 0; i < found.length; i += 2) fields.set(found[i] as string, found[i + 1] as string);
    cursor = next;
  } while (cursor !== '0');
  return [...fields].map(([field, value]) => ledgerEntry(day, field, value));
}
