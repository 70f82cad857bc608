/**
 * The typed face of `settle.lua`: settlements in, what became of each out.
 *
 * Owns: the encoding of a batch and of its reply, and what a settlement counts in the ledger.
 */
import type { Keys } from '../../bus/keys.ts';
import { Numbers, readAlerts, whole } from './admit.ts';
import { latencyClass } from './breakers.ts';
import { COUNTS, type Counts, ledgerField } from './ledger.ts';
import {
  breakerKey,
  budgetKey,
  cacheIndexKey,
  cacheKey,
  flightKey,
  ledgerKey,
  providerBreakerKey,
  rateKey,
  reservationsKey,
  settledKey,
} from './names.ts';
import { KeyList } from './scripts.ts';
import type { BudgetAlert, Health, Settlement } from './shapes.ts';

/** What an answer in the cache costs beside its bytes: two keys, an entry of the index (measured). */
export const CACHE_OVERHEAD_BYTES = 300;
/** Followers ask several times a second. */
const FLIGHT_RESULT_MS = 5_000;

export interface SettleItem {
  settlement: Settlement;
  /** '' if nothing was reserved. */
  member: string;
}

export interface SettleReply {
  settled: boolean;
  /** The cache has no room for the answer. */
  full: boolean;
  alerts: readonly BudgetAlert[];
}

export interface BreakerTimes {
  openMs: number;
  openMaxMs: number;
  coolMs: number;
  coolMaxMs: number;
  failuresInARow: number;
  windowCalls: number;
}

const ZEROS = COUNTS.map(() => 0).join(',');
const NO_LIMITS = '0,0,0,0,0,0';

/** @throws Fault INTERNAL_ERROR for a settlement that the script could not read */
export function checkSettlement({ costNanoUsd, tokens, journal, cache }: Settlement): void {
  whole({ costNanoUsd, ...tokens, ...(journal && { journalTtlMs: journal.ttlMs }) });
  if (cache) whole({ cacheTtlMs: cache.ttlMs, cacheMaxBytes: cache.maxBytes });
}

/** @param mark unique to this batch; chosen before the first send */
export function encodeSettlements(
  items: readonly SettleItem[],
  keys: Keys,
  times: BreakerTimes,
  mark: string,
): { keys: string[]; args: string[] } {
  const list = new KeyList();
  list.of(reservationsKey(keys));
  list.of(settledKey(keys));
  list.of(cacheIndexKey(keys));
  const plans = new Map<string, number>();
  const planTexts: string[] = [];
  const rows: string[] = [];
  let marked = false;
  for (const { settlement, member } of items) {
    const { reservation, tokens, health, usage, journal, cache, flight } = settlement;
    const counts = countsOf(settlement);
    let plan = NO_LIMITS;
    if (reservation) {
      const { provider, candidateModel, requestsPerMinute, tokensPerMinute, alertAtPercentage } = reservation;
      plan = `${list.of(rateKey(keys, provider))},${requestsPerMinute},${tokensPerMinute},${list.of(providerBreakerKey(keys, provider))},${list.of(breakerKey(keys, provider, candidateModel))},${Math.round(alertAtPercentage)}`;
    }
    const counted = counts !== ZEROS;
    if (counted && member === '') marked = true;
    plan += counted ? `,${list.of(ledgerKey(keys, usage.day))}` : ',0';
    for (const { name, limitNanoUsd } of reservation?.scopes ?? []) {
      plan += `,${list.of(budgetKey(keys, name))},${limitNanoUsd}`;
    }
    const field = ledgerField(usage);
    const kind = `${plan}\n${field}`;
    let number = plans.get(kind);
    if (number === undefined) {
      number = plans.size + 1;
      plans.set(kind, number);
      planTexts.push(`[${plan}]`, field);
    }
    const records: string[] = [];
    let letters = '';
    if (journal) {
      letters += 'j';
      records.push(`[${list.of(journal.key)},${journal.ttlMs}]`, journal.value);
    }
    if (cache && Buffer.byteLength(cache.value) + CACHE_OVERHEAD_BYTES <= cache.maxBytes) {
      letters += 'c';
      const { sha256, value, ttlMs, maxBytes } = cache;
      records.push(`[${list.of(cacheKey(keys, sha256))},${ttlMs},${maxBytes},${CACHE_OVERHEAD_BYTES}]`, sha256, value);
    }
    if (flight) {
      letters += 'f';
      const { sha256, token, value } = flight;
      records.push(`[${list.of(flightKey(keys, sha256))},${FLIGHT_RESULT_MS}]`, token, value);
    }
    const used = tokens ? tokens.inputTokens + tokens.outputTokens : 0;
    const [letter, forMs] = healthCode(health);
    const latency = latencyClass(settlement.latencyMs);
    rows.push(
      `[${number},${reservation?.tokens ?? 0},${used},${reservation?.worstCaseNanoUsd ?? 0},${settlement.costNanoUsd},"${letter}",${forMs},${latency},"${letters}",${counts}]`,
      member,
      ...records,
    );
  }
  const { openMs, openMaxMs, coolMs, coolMaxMs, failuresInARow, windowCalls } = times;
  const args = [
    `[${plans.size},${items.length}]`,
    marked ? mark : '',
    `[${openMs},${openMaxMs},${coolMs},${coolMaxMs},${failuresInARow},${windowCalls}]`,
    ...planTexts,
    ...rows,
  ];
  return { keys: list.keys, args };
}

export function decodeSettlements(items: readonly SettleItem[], reply: readonly number[]): SettleReply[] {
  const numbers = new Numbers(reply);
  return items.map(({ settlement: { reservation } }) => ({
    settled: numbers.next() === 1,
    full: numbers.next() === 1,
    alerts: readAlerts(numbers, reservation?.scopes ?? []),
  }));
}

/** -1: not told. */
function healthCode(health: Health): [letter: string, forMs: number] {
  switch (health.kind) {
    case 'success':
      return ['s', 0];
    case 'failure':
      return ['f', 0];
    case 'neutral':
      return ['n', 0];
    case 'cool_down':
      return ['c', health.forMs === null ? -1 : Math.max(0, Math.ceil(health.forMs))];
    case 'shut':
      return [health.what === 'provider' ? 'p' : 'm', Math.max(0, Math.ceil(health.forMs))];
  }
}

/** The counts in the order of `COUNTS`. */
function countsOf(settlement: Settlement): string {
  const { tokens, costNanoUsd, answered, failed, cacheHit, cacheMiss, coalesced, flags } = settlement;
  const counts: Counts = {
    requests: answered ? 1 : 0,
    inputTokens: tokens?.inputTokens ?? 0,
    outputTokens: tokens?.outputTokens ?? 0,
    cachedInputTokens: tokens?.cachedInputTokens ?? 0,
    reasoningTokens: tokens?.reasoningTokens ?? 0,
    costNanoUsd,
    errors: failed ? 1 : 0,
    cacheHits: cacheHit ? 1 : 0,
    cacheMisses: cacheMiss ? 1 : 0,
    coalesced: coalesced ? 1 : 0,
    estimated: flags.includes('estimated') ? 1 : 0,
    unpriced: flags.includes('unpriced') ? 1 : 0,
    lost: flags.includes('lost') ? 1 : 0,
  };
  return Object.values(counts).join(',');
}
