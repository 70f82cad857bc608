/**
 * What the router asks of the accounts, and what they answer.
 *
 * Owns: shapes only. Money is integer nano-USD (1e-9 USD) in a `number`, exact up to 9 million USD.
 */
import type { Usage } from '../chat.ts';

/** `day:2026-01-15`, `month:2026-01`, `project:<id>` or `agent:<name>:2026-01-15`. */
export interface BudgetScope {
  name: string;
  limitNanoUsd: number;
}

/** Dimensions of the usage ledger; `-` where there is none or it is not tracked. */
export interface UsageKey {
  /** Hour of the call, 0-23 UTC, of the day `day`. */
  hour: number;
  /** `yyyy-mm-dd`, UTC. */
  day: string;
  provider: string;
  model: string;
  agent: string;
  taskType: string;
  projectId: string;
}

/** What one attempt takes before it starts. */
export interface Reservation {
  /** Unique; chosen before the first send, so a resend is recognized. */
  id: string;
  /** The candidate: whose bucket and breaker. In test mode too. */
  provider: string;
  candidateModel: string;
  /** Taken from the token bucket: estimated input + bound of the answer. */
  tokens: number;
  /** 0 = that bucket is off. */
  requestsPerMinute: number;
  tokensPerMinute: number;
  worstCaseNanoUsd: number;
  /** Scopes with a limit; may be empty. */
  scopes: readonly BudgetScope[];
  /** Under what the ledger counts it, also when its process dies: then in full, flagged lost. */
  usage: UsageKey;
  /** Worst case in tokens, for a reservation that is lost. */
  worstCaseTokens: { input: number; output: number };
  /** Time after which it counts as lost: longest request + 60 s. */
  ttlMs: number;
  /** Percentage of a limit from which on an alert is due. */
  alertAtPercentage: number;
}

/** State of a provider's buckets. `null` = off. Times in Unix seconds. */
export interface RateState {
  requests: { limit: number; remaining: number; resetAtS: number } | null;
  tokens: { limit: number; remaining: number; resetAtS: number } | null;
}

export interface BudgetAlert {
  scope: string;
  /** The percentage that was reached: `alertAtPercentage`, or 100 at the first refusal. */
  threshold: number;
  limitNanoUsd: number;
  spentNanoUsd: number;
}

export type Admission = { rate: RateState; alerts: readonly BudgetAlert[] } & (
  | { verdict: 'granted'; probe: boolean }
  /** The breaker is open, or a probe is out; or the model cools down. */
  | { verdict: 'breaker_open' | 'cooling_down'; untilMs: number }
  /** `retryAfterMs`: until this call fits; null: it never does (more tokens than the bucket holds). */
  | { verdict: 'rate_limited'; retryAfterMs: number | null }
  | { verdict: 'budget_exceeded'; scope: string; limitNanoUsd: number; spentNanoUsd: number; reservedNanoUsd: number }
);

/** What an attempt says about the health of its candidate. */
export type Health =
  | { kind: 'success' }
  | { kind: 'failure' }
  | { kind: 'neutral' }
  /** 429: `forMs` as the upstream asked; null = unknown: 1 s, doubled up to 20 s while it goes on. */
  | { kind: 'cool_down'; forMs: number | null }
  /** 401, 403, quota (`provider`), 404 (`model`): closed for a minute. */
  | { kind: 'shut'; what: 'provider' | 'model'; forMs: number };

export interface Settlement {
  /** Null: nothing was reserved (a cache hit). */
  reservation: Reservation | null;
  usage: UsageKey;
  /** As billed; null: nothing was (the attempt never reached the model). */
  tokens: Usage | null;
  costNanoUsd: number;
  /** Answered requests (also cached ones) count, failed attempts do not. */
  answered: boolean;
  failed: boolean;
  cacheHit: boolean;
  /** Shared the upstream call of another request. */
  coalesced: boolean;
  /** Eligible for the cache and not found there. */
  cacheMiss: boolean;
  /** Tokens or cost are estimated, unpriced, or of a lost reservation. */
  flags: readonly ('estimated' | 'unpriced' | 'lost')[];
  health: Health;
  /** From sending to the end of the answer; null when it did not end well. */
  latencyMs: number | null;
  /** Recorded under this Redis key together with all that. */
  journal?: { key: string; value: string; ttlMs: number };
  /** Stored in the response cache. */
  cache?: { sha256: string; value: string; ttlMs: number; maxBytes: number };
  /** The single-flight lease held by `token` becomes the result for those who wait. */
  flight?: { sha256: string; token: string; value: string };
}

export interface BreakerState {
  provider: string;
  model: string;
  breaker: 'closed' | 'open' | 'half_open';
  /** When it may be asked again; null = now. Unix ms. */
  openUntilMs: number | null;
  coolingUntilMs: number | null;
  /** Of the last 5 minutes, 0-1; null = no calls. */
  errorRate: number | null;
  p50Ms: number | null;
}
