/**
 * What is known of one call while it runs, whatever becomes of it: for headers, logs and errors.
 *
 * Owns: shapes, and how they start. Written by the gateway and its parts, read by whoever answers the caller.
 */
import type { RateState } from './accounts/shapes.ts';
import type { StopReason } from './chat.ts';
import type { Candidate } from './resolve.ts';

/** One attempt as it may be shown: without content. */
export interface AttemptRecord {
  provider: string;
  model: string;
  /** `answered`, `gone`, or the kind of failure. */
  outcome: string;
  /** HTTP status of the upstream, null when there was none. */
  status: number | null;
  ms: number;
}

export type CacheUse = 'HIT' | 'MISS' | 'COALESCED' | 'BYPASS';

/** Phases of a call, ms. */
export type Phase = 'auth' | 'resolve' | 'admit' | 'queue' | 'upstream' | 'ttft' | 'translate' | 'settle' | 'total';

export interface CallReport {
  startedMs: number;
  /** Of the answer: what the caller knows it by. Of a recorded answer, the one it had. */
  id: string;
  /** Of the resolved provider, as of the last look. */
  rate: RateState | null;
  /** Those that have ended. */
  attempts: AttemptRecord[];
  attemptsStarted: number;
  droppedParams: readonly string[];
  cache: CacheUse;
  /** The candidate that is answering: with test mode on, the one that would have been called. */
  route: Candidate | null;
  /** Who executes it. */
  provider: string | null;
  model: string | null;
  stopReason: StopReason | null;
  costNanoUsd: number;
  /** Of a recorded answer: what it cost when it was made. */
  recordedCostNanoUsd: number;
  phases: Partial<Record<Phase, number>>;
  /** What was spent and recorded is in Redis. */
  settled: boolean;
  /** A recorded answer was given again. */
  replayed: boolean;
}

export function newReport(startedMs: number, id: string): CallReport {
  return {
    startedMs,
    id,
    rate: null,
    attempts: [],
    attemptsStarted: 0,
    droppedParams: [],
    cache: 'BYPASS',
    route: null,
    provider: null,
    model: null,
    stopReason: null,
    costNanoUsd: 0,
    recordedCostNanoUsd: 0,
    phases: {},
    settled: true,
    replayed: false,
  };
}

/** Adds the time since `sinceMs` (`performance.now()`) to a phase. */
export function spend({ phases }: CallReport, phase: Phase, sinceMs: number): void {
  phases[phase] = (phases[phase] ?? 0) + performance.now() - sinceMs;
}
