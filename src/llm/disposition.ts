/**
 * What a failed attempt means: for the next attempt, for the candidate's breaker, and for the caller when nothing is left.
 *
 * Owns: the table, the delay before a retry, and the share of requests that may be retries. Pure: time and chance
 * are passed in.
 */
import { Fault, type FaultCode } from '../errors.ts';
import type { Health } from './accounts/shapes.ts';
import type { FailureKind, UpstreamFailure } from './provider.ts';

interface Disposition {
  /** Whether the same candidate may be asked again. */
  retry: boolean;
  /** Which candidates may be asked instead. `from_fallback`: any, but only if this one was not the first. */
  next: 'any' | 'none' | 'larger_window' | 'from_fallback';
  health: 'failure' | 'neutral' | 'cool_down' | 'shut_provider' | 'shut_model';
  code: FaultCode;
  message: string;
}

const failure = { health: 'failure', code: 'SERVICE_UNAVAILABLE', next: 'any' } as const;
const TABLE: Readonly<Record<FailureKind, Disposition>> = {
  server_error: { ...failure, retry: true, message: 'no provider could answer' },
  connection: { ...failure, retry: true, message: 'no provider could be reached' },
  malformed: { ...failure, retry: true, message: 'the provider sent an answer that cannot be read' },
  cut: { ...failure, retry: true, message: 'the provider ended its answer early' },
  too_large: { ...failure, retry: false, code: 'PROVIDER_ERROR', message: 'the answer is larger than 16 MiB' },
  silent: { ...failure, retry: false, code: 'PROVIDER_TIMEOUT', message: 'the provider did not answer in time' },
  stalled: { ...failure, retry: false, code: 'PROVIDER_TIMEOUT', message: 'the provider stopped in mid-answer' },
  deadline: { ...failure, retry: false, code: 'PROVIDER_TIMEOUT', message: 'the answer took too long' },
  unread: {
    retry: false,
    next: 'none',
    health: 'neutral',
    code: 'PROVIDER_TIMEOUT',
    message: 'the answer was not read in time',
  },
  unsent: {
    retry: false,
    next: 'none',
    health: 'neutral',
    code: 'PROVIDER_TIMEOUT',
    message: 'no slot of the provider became free in time',
  },
  rate_limited: {
    retry: true,
    next: 'any',
    health: 'cool_down',
    code: 'RATE_LIMITED',
    message: 'the provider limits the rate',
  },
  auth: {
    retry: false,
    next: 'any',
    health: 'shut_provider',
    code: 'PROVIDER_ERROR',
    message: 'the provider refused our key',
  },
  quota: {
    retry: false,
    next: 'any',
    health: 'shut_provider',
    code: 'PROVIDER_ERROR',
    message: 'the quota at the provider is used up',
  },
  no_model: {
    retry: false,
    next: 'any',
    health: 'shut_model',
    code: 'PROVIDER_ERROR',
    message: 'the provider does not know the model',
  },
  context_length: {
    retry: false,
    next: 'larger_window',
    health: 'neutral',
    code: 'CONTEXT_LENGTH_EXCEEDED',
    message: 'the input is longer than the context window of every candidate',
  },
  content_filter: {
    retry: false,
    next: 'none',
    health: 'neutral',
    code: 'CONTENT_FILTERED',
    message: 'the provider refused to answer for reasons of content',
  },
  bad_request: {
    retry: false,
    next: 'from_fallback',
    health: 'neutral',
    code: 'VALIDATION_ERROR',
    message: 'the provider does not accept the request',
  },
};

const SHUT_MS = 60_000;

export function dispositionOf(kind: FailureKind): Disposition {
  return TABLE[kind];
}

/** What the failure says about the health of its candidate. */
export function healthOf({ kind, retryAfterMs }: UpstreamFailure): Health {
  switch (TABLE[kind].health) {
    case 'failure':
      return { kind: 'failure' };
    case 'cool_down':
      return { kind: 'cool_down', forMs: retryAfterMs ?? null };
    case 'shut_provider':
      return { kind: 'shut', what: 'provider', forMs: SHUT_MS };
    case 'shut_model':
      return { kind: 'shut', what: 'model', forMs: SHUT_MS };
    default:
      return { kind: 'neutral' };
  }
}

/** Seconds that a client waits before it comes back after a failure that names no time. */
const RETRY_AFTER_DEFAULT_S = 5;

/**
 * What the caller is told when no candidate is left.
 * @param failed the failure that decides: of the first candidate that was asked
 * @param smallestWaitMs over all attempts that named one
 */
export function finalFault(failed: UpstreamFailure, attempts: readonly object[], smallestWaitMs: number | null): Fault {
  const { code, message } = TABLE[failed.kind];
  const waits = code === 'RATE_LIMITED' || code === 'SERVICE_UNAVAILABLE';
  const retryAfterS = smallestWaitMs === null ? RETRY_AFTER_DEFAULT_S : Math.max(1, Math.ceil(smallestWaitMs / 1000));
  const reason = failed.kind === 'bad_request' ? `: ${failed.message}` : '';
  return new Fault(code, `${message}${reason}`, {
    details: { attempts, ...(waits && { retry_after: retryAfterS }) },
    cause: failed,
  });
}

/** The longest pause before a retry of a 429 while another candidate could answer instead. */
export const PATIENCE_MS = 5_000;

/**
 * The pause before retry `k` (from 1): full jitter below an exponential bound, at least what the upstream asked for.
 * @param random from 0 to 1
 */
export function retryDelayMs(
  { retryBaseDelayMs, retryMaxDelayMs }: { retryBaseDelayMs: number; retryMaxDelayMs: number },
  k: number,
  random: number,
  retryAfterMs = 0,
): number {
  return Math.max(random * Math.min(retryMaxDelayMs, retryBaseDelayMs * 2 ** (k - 1)), retryAfterMs);
}

const WINDOW_MS = 10_000;
const RETRIES_MIN = 10;
const RETRIES_SHARE = 0.1;

/** Keeps retries of a process from multiplying its load: at most 10 or a tenth of its requests, per 10 s. */
export class RetryBudget {
  #window = 0;
  #requests = 0;
  #retries = 0;

  request(nowMs: number): void {
    this.#turn(nowMs);
    this.#requests++;
  }

  /** Whether one more retry may be made; if so it counts. */
  take(nowMs: number): boolean {
    this.#turn(nowMs);
    if (this.#retries >= Math.max(RETRIES_MIN, this.#requests * RETRIES_SHARE)) return false;
    this.#retries++;
    return true;
  }

  #turn(nowMs: number): void {
    const window = Math.floor(nowMs / WINDOW_MS);
    if (window === this.#window) return;
    this.#window = window;
    this.#requests = 0;
    this.#retries = 0;
  }
}
