/**
 * From a resolved request to an answer: the only loop that tries again.
 *
 * Owns: the order of candidates and attempts, reservation and settlement around each attempt, who waits for a slot.
 * Does not own what a failure means (`disposition.ts`), one attempt (`attempt.ts`), or what is kept in Redis
 * (`accounts/`). Each attempt is admitted before and settled after it: nothing is spent that was not reserved.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import PQueue from 'p-queue';
import { Fault } from '../errors.ts';
import type { ServiceLog } from '../log.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { Admission, Health, Reservation, Settlement, UsageKey } from './accounts/shapes.ts';
import { type AttemptResult, attempt, type Billed, CallerGone, type Sink } from './attempt.ts';
import { budgetScopes, resetOf, usageKey } from './budgets.ts';
import type { Answer, ChatRequest, Labels, ProviderName } from './chat.ts';
import { dispositionOf, finalFault, healthOf, PATIENCE_MS, RetryBudget, retryDelayMs } from './disposition.ts';
import { type Fit, fitCandidate, type Measures } from './fit.ts';
import { costNanoUsd } from './pricing.ts';
import { type Provider, UpstreamFailure } from './provider.ts';
import { type CallReport, spend } from './report.ts';
import type { Candidate, Resolution } from './resolve.ts';
import type { LlmSettings } from './settings.ts';

/** Answers that may be longer than this come as a stream, so that silence and progress can be told apart. */
const STREAMED_ABOVE_TOKENS = 2_048;
/** Requests that may wait for a slot of one provider. */
const WAITING_MAX = 1_000;
const TAIL_MS = 5_000;
/** After the longest request a reservation that nobody settled counts as lost. */
const LOST_AFTER_MS = 60_000;
/** Longer than a timer may be early. */
const TIMER_SLACK_MS = 5;
export const TEST_PROVIDER = 'test';
export const TEST_MODEL = 'test-1';

/** What is written in one script with the settlement of the attempt that answered. */
export type Records = Pick<Settlement, 'journal' | 'cache' | 'flight'>;

export interface Job {
  request: ChatRequest;
  resolution: Resolution;
  measures: Measures;
  labels: Labels;
  report: CallReport;
  /** Aborted when nobody wants the answer any more. */
  signal: AbortSignal;
  sink: Sink | null;
  wantsBody: boolean;
  cacheMiss: boolean;
  /** `performance.now()` at which the request must have ended, whatever has been tried. */
  deadlineMs: number;
  /** What the candidates make of the request, as far as that has been looked at. */
  fits: Fit[];
  /** Looks at an answer before it is settled. */
  conclude(answer: Answer): Conclusion;
}

export interface Conclusion {
  /** As the caller gets it. */
  answer: Answer;
  /** It is what the caller gets, so the request counts as answered. */
  final: boolean;
  records: Records;
}

export interface RouterOptions {
  settings: LlmSettings;
  /** Who executes calls to a candidate: its own adapter, or the test provider. */
  providerOf(name: ProviderName): Provider;
  accounts: Accounts;
  log: ServiceLog;
  onAlerts(alerts: Admission['alerts']): void;
}

/** What it takes to see what a candidate makes of a request. */
export type FitJob = Pick<Job, 'request' | 'resolution' | 'measures' | 'labels' | 'fits'>;

/** Why a candidate was passed over without being asked. */
export interface Passed {
  verdict: 'breaker_open' | 'cooling_down' | 'rate_limited';
  waitMs: number | null;
}

type Tried = { answer: Answer } | { failure: UpstreamFailure } | Passed;

export class Router {
  readonly #options: RouterOptions;
  readonly #queues = new Map<ProviderName, PQueue>();
  /** Calls that are being admitted, by provider. */
  readonly #entering = new Map<ProviderName, number>();
  readonly #retries = new RetryBudget();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** @throws Fault with `details.attempts`; CallerGone */
  async run(job: Job): Promise<Answer> {
    this.#retries.request(performance.now());
    const { candidates } = job.resolution;
    const run: Run = {
      job,
      smallestWaitMs: null,
    };
    const passed: Passed[] = [];
    let decisive: UpstreamFailure | null = null;
    let windowAbove = 0;
    for (const [index, candidate] of candidates.entries()) {
      if (performance.now() >= job.deadlineMs) break;
      const fitted = this.fitOf(job, index);
      const windowTokens = this.#model(candidate)?.contextWindowTokens ?? 0;
      if (!fitted.upstream || windowTokens <= windowAbove) continue;
      const tried = await this.#try(run, index, fitted);
      if ('answer' in tried) return tried.answer;
      if ('verdict' in tried) {
        passed.push(tried);
        if (tried.waitMs !== null) run.smallestWaitMs = Math.min(run.smallestWaitMs ?? Infinity, tried.waitMs);
        continue;
      }
      const { failure } = tried;
      const { next } = dispositionOf(failure.kind);
      // The first one's error is the one to tell, unless a larger window did not help either.
      decisive ??= failure;
      if (next === 'none') {
        decisive = failure;
        break;
      }
      if (next === 'from_fallback' && index === 0) break;
      if (next === 'larger_window') windowAbove = windowTokens;
    }
    if (decisive) throw finalFault(decisive, job.report.attempts, run.smallestWaitMs);
    if (performance.now() >= job.deadlineMs) throw tooLate(job.report);
    throw nothingUsable(job, passed, run.smallestWaitMs);
  }

  /** What a candidate makes of the request; computed once. */
  fitOf({ request, resolution, measures, labels, fits }: FitJob, index: number): Fit {
    const candidate = resolution.candidates[index] as Candidate;
    fits[index] ??= fitCandidate(this.#options.settings, resolution, candidate, request, measures, labels, Date.now());
    return fits[index];
  }

  async #try(run: Run, index: number, fitted: Fit): Promise<Tried> {
    const { job } = run;
    const { settings } = this.#options;
    const { report, signal } = job;
    const { provider } = fitted.candidate;
    const { maxRetries } = settings.providers[provider];
    let waited = 0;
    for (let k = 0; ; ) {
      const nowMs = Date.now();
      const reservation = this.#reservation(job, fitted, nowMs);
      const admission = await this.#admit(provider, reservation, report);
      if (admission.alerts.length > 0) this.#options.onAlerts(admission.alerts);
      if (index === 0) report.rate = admission.rate;
      if (admission.verdict === 'budget_exceeded') throw budgetExceeded(admission, nowMs);
      if (admission.verdict === 'rate_limited') {
        if (index === 0 && k === 0) throw rateLimited(provider, admission.retryAfterMs);
        return { verdict: 'rate_limited', waitMs: admission.retryAfterMs };
      }
      if (admission.verdict !== 'granted') {
        const waitMs = Math.max(0, admission.untilMs - Date.now());
        const patient = admission.verdict === 'cooling_down' && waited < maxRetries;
        if (!patient || !(await this.#worthWaiting(job, index, waitMs))) return { verdict: admission.verdict, waitMs };
        waited++;
        await rest(waitMs + TIMER_SLACK_MS, signal);
        continue;
      }

      const result = await this.#attempt(run, index, fitted, reservation);
      if (result.kind === 'answered') return { answer: result.answer };
      if (result.kind === 'gone') throw new CallerGone();
      if (result.kind === 'broken') throw result.error;
      const { failure, delivered } = result;
      if (delivered) throw interrupted(failure, report);
      if (failure.retryAfterMs !== undefined) {
        run.smallestWaitMs = Math.min(run.smallestWaitMs ?? Infinity, failure.retryAfterMs);
      }
      k++;
      if (!dispositionOf(failure.kind).retry || k > maxRetries) return { failure };
      const delayMs = retryDelayMs(settings, k, Math.random(), failure.retryAfterMs);
      const worth =
        failure.kind === 'rate_limited' || failure.retryAfterMs !== undefined
          ? await this.#worthWaiting(job, index, delayMs)
          : performance.now() + delayMs < job.deadlineMs;
      if (!worth || !this.#retries.take(performance.now())) return { failure };
      await rest(delayMs + (failure.retryAfterMs === undefined ? 0 : TIMER_SLACK_MS), signal);
    }
  }

  /** @throws Fault SERVICE_UNAVAILABLE when too many wait already */
  async #admit(provider: ProviderName, reservation: Reservation, report: CallReport): Promise<Admission> {
    const entering = this.#entering.get(provider) ?? 0;
    // Counted before anything is awaited, so that a burst cannot pass the limit.
    if (this.#queue(provider).size + entering >= WAITING_MAX) throw busy(provider);
    this.#entering.set(provider, entering + 1);
    const admitMs = performance.now();
    try {
      return await this.#options.accounts.admit(reservation);
    } finally {
      this.#entering.set(provider, (this.#entering.get(provider) ?? 1) - 1);
      spend(report, 'admit', admitMs);
    }
  }

  /** One attempt with a slot of its provider, settled whatever comes of it. */
  async #attempt(run: Run, index: number, fitted: Fit, reservation: Reservation): Promise<AttemptResult> {
    const { job } = run;
    const { report } = job;
    const { candidate, price } = fitted;
    const { settings } = this.#options;
    report.route = candidate;
    report.provider = settings.testMode ? TEST_PROVIDER : candidate.provider;
    report.model = settings.testMode ? TEST_MODEL : candidate.realModel;
    report.droppedParams = fitted.droppedParams;
    report.attemptsStarted++;
    const result = await this.#inTurn(run, index, fitted);
    spend(report, 'upstream', performance.now() - result.totalMs);
    if (result.firstContentMs !== null) report.phases.ttft = result.firstContentMs;
    report.attempts.push({
      provider: candidate.provider,
      model: candidate.realModel,
      outcome: result.kind === 'failed' ? result.failure.kind : result.kind,
      status: result.kind === 'failed' ? (result.failure.status ?? null) : result.kind === 'answered' ? 200 : null,
      ms: Math.round(result.totalMs),
    });
    const cost = result.billed ? costNanoUsd(price, result.billed.usage) : 0;
    report.costNanoUsd += cost;
    if (cost > reservation.worstCaseNanoUsd) {
      const { provider, model } = report;
      this.#options.log.error('a call cost more than its worst case', { provider, model, cost_usd: cost / 1e9 });
    }
    let concluded: Conclusion | null = null;
    let ended: AttemptResult = result;
    if (result.kind === 'answered') {
      const { provider, model } = report as { provider: string; model: string };
      report.stopReason = result.answer.stopReason;
      try {
        concluded = job.conclude({ ...result.answer, provider, model, usage: result.billed.usage });
        result.answer = concluded.answer;
      } catch (error) {
        ended = { ...result, kind: 'broken', error };
      }
    }
    const health = this.#healthAfter(candidate, ended);
    const flags = flagsOf(ended.billed, price === null && !settings.testMode);
    await this.#settle(job, { reservation, cost, health, flags, result: ended, concluded });
    return ended;
  }

  /** Waits for a slot of the provider and makes the attempt, if it is still wanted and there is still time. */
  async #inTurn({ job }: Run, index: number, fitted: Fit): Promise<AttemptResult> {
    const { candidate, upstream, worstCase } = fitted;
    if (!upstream) throw new Error('a candidate that was left out is asked');
    const { report, signal, deadlineMs } = job;
    const own = this.#options.settings.providers[candidate.provider];
    const queuedMs = performance.now();
    const unsent = { billed: null, firstContentMs: null, totalMs: 0 };
    const late = new UpstreamFailure('unsent', 'no slot became free in time');
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, Math.ceil(deadlineMs - queuedMs)))]);
    const run = (): Promise<AttemptResult> => {
      spend(report, 'queue', queuedMs);
      return attempt({
        provider: this.#options.providerOf(candidate.provider),
        request: upstream,
        streamed: job.sink !== null || fitted.maxTokens > STREAMED_ABOVE_TOKENS,
        timers: {
          responseMs: own.responseTimeoutMs,
          firstTokenMs: own.firstTokenTimeoutMs,
          idleMs: own.idleTimeoutMs,
          tailMs: TAIL_MS,
          totalMs: Math.max(0, Math.min(own.timeoutMs, deadlineMs - performance.now())),
        },
        sink: job.sink,
        wantsBody: job.wantsBody && upstream.passthrough !== undefined,
        inputTokensEstimated: fitted.estimatedInputTokens,
        outputTokensMax: worstCase.outputTokens,
        otherUsable: () => this.#otherUsable(job, index),
        signal,
      });
    };
    const queue = this.#queue(candidate.provider);
    if (queue.pending < queue.concurrency) return queue.add(run);
    try {
      // Nobody who has left, and nothing that is too late, keeps a place.
      return await queue.add(run, { signal: waiting });
    } catch (error) {
      if (!waiting.aborted) throw error;
      return signal.aborted
        ? { kind: 'gone', ...unsent }
        : { kind: 'failed', failure: late, delivered: false, ...unsent };
    }
  }

  #healthAfter({ provider, realModel }: Candidate, result: AttemptResult): Health {
    if (result.kind !== 'failed') return { kind: result.kind === 'answered' ? 'success' : 'neutral' };
    const health = healthOf(result.failure);
    if (health.kind === 'shut') {
      const { message, status } = result.failure;
      this.#options.log.error(`${provider}: ${message}`, { provider, model: realModel, status });
    }
    return health;
  }

  async #settle(job: Job, { reservation, cost, health, flags, result, concluded }: Outcome): Promise<void> {
    const { report } = job;
    const settleMs = performance.now();
    const settlement: Settlement = {
      reservation,
      usage: reservation.usage,
      tokens: result.billed?.usage ?? null,
      costNanoUsd: cost,
      answered: concluded?.final ?? false,
      failed: result.kind === 'failed' || result.kind === 'broken',
      cacheHit: false,
      coalesced: false,
      cacheMiss: job.cacheMiss && (concluded?.final ?? false),
      flags,
      health,
      latencyMs: result.kind === 'answered' ? result.totalMs : null,
      ...concluded?.records,
    };
    try {
      const { alerts } = await this.#options.accounts.settle(settlement);
      if (alerts.length > 0) this.#options.onAlerts(alerts);
    } catch (error) {
      // What was reserved stays reserved and is settled in full later; the answer is paid for and is delivered.
      report.settled = false;
      this.#options.log.error('a call could not be settled, it will count as lost', {
        error,
        reservation: reservation.id,
      });
    }
    spend(report, 'settle', settleMs);
  }

  #reservation({ request, labels, resolution }: Job, fitted: Fit, nowMs: number): Reservation {
    const { settings } = this.#options;
    const { candidate, worstCase } = fitted;
    const limits = rateLimitsOf(settings, candidate.provider);
    return {
      id: randomUUID(),
      provider: candidate.provider,
      candidateModel: candidate.realModel,
      tokens: fitted.estimatedInputTokens + fitted.maxTokens * (request.n ?? 1),
      ...limits,
      worstCaseNanoUsd: worstCase.nanoUsd,
      scopes: budgetScopes(settings, labels, nowMs),
      usage: this.#usageKeyOf(candidate, labels, nowMs),
      worstCaseTokens: { input: worstCase.inputTokens, output: worstCase.outputTokens },
      ttlMs: this.requestTimeoutMs(resolution.candidates[0]) + LOST_AFTER_MS,
      alertAtPercentage: settings.costs.alertAtPercentage,
    };
  }

  #usageKeyOf({ provider, realModel }: Candidate, labels: Labels, nowMs: number): UsageKey {
    const { settings } = this.#options;
    return settings.testMode
      ? usageKey(settings, TEST_PROVIDER, TEST_MODEL, labels, nowMs)
      : usageKey(settings, provider, realModel, labels, nowMs);
  }

  #model({ provider, realModel }: Candidate) {
    return this.#options.settings.providers[provider].models[realModel];
  }

  /** How long a whole request may take. */
  requestTimeoutMs(first: Candidate | undefined): number {
    const { settings } = this.#options;
    return Math.max(settings.timeoutMs, first ? settings.providers[first.provider].timeoutMs : 0);
  }

  #queue(provider: ProviderName): PQueue {
    let queue = this.#queues.get(provider);
    if (!queue) {
      queue = new PQueue({ concurrency: this.#options.settings.providers[provider].maxConcurrency });
      this.#queues.set(provider, queue);
    }
    return queue;
  }

  /** A short wait is better than another provider; a long one only when there is no other. */
  async #worthWaiting(job: Job, index: number, waitMs: number): Promise<boolean> {
    if (performance.now() + waitMs >= job.deadlineMs) return false;
    if (waitMs <= PATIENCE_MS) return true;
    return waitMs <= this.#options.settings.retryMaxDelayMs && !(await this.#otherUsable(job, index));
  }

  /** Whether a later candidate could be asked right now. */
  async #otherUsable(job: Job, index: number): Promise<boolean> {
    const later = job.resolution.candidates
      .map((candidate, at) => ({ candidate, at }))
      .filter(({ at }) => at > index && this.fitOf(job, at).upstream !== null)
      .map(({ candidate: { provider, realModel } }) => ({ provider, model: realModel }));
    if (later.length === 0) return false;
    const states = await this.#options.accounts.breakers(later);
    return states.some(({ breaker, coolingUntilMs }) => breaker === 'closed' && coolingUntilMs === null);
  }
}

/** What became of an attempt, for its settlement. */
interface Outcome {
  reservation: Reservation;
  cost: number;
  health: Health;
  flags: Settlement['flags'];
  result: AttemptResult;
  concluded: Conclusion | null;
}

/** One request on its way through the candidates. */
interface Run {
  job: Job;
  smallestWaitMs: number | null;
}

export function rateLimitsOf({ rateLimiting }: LlmSettings, provider: ProviderName) {
  return rateLimiting.enabled ? rateLimiting.providers[provider] : { requestsPerMinute: 0, tokensPerMinute: 0 };
}

function flagsOf(billed: Billed | null, unpriced: boolean): Settlement['flags'] {
  const flags: Settlement['flags'][number][] = [];
  if (billed?.estimated) flags.push('estimated');
  if (billed && unpriced) flags.push('unpriced');
  return flags;
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? new CallerGone() : error;
  }
}

function busy(provider: ProviderName): Fault {
  return new Fault('SERVICE_UNAVAILABLE', `more than ${WAITING_MAX} requests wait for ${provider}`, {
    details: { retry_after: 1 },
  });
}

function rateLimited(provider: ProviderName, retryAfterMs: number | null): Fault {
  if (retryAfterMs === null) {
    const message = `the request takes more tokens than ${provider} may take in a minute; lower max_tokens or raise rate_limiting.providers.${provider}.tokens_per_minute`;
    return new Fault('RATE_LIMITED', message, { details: { provider } });
  }
  const retry_after = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new Fault('RATE_LIMITED', `the rate limit for ${provider} is reached`, { details: { provider, retry_after } });
}

function budgetExceeded(admission: Extract<Admission, { verdict: 'budget_exceeded' }>, nowMs: number): Fault {
  const { scope, limitNanoUsd, spentNanoUsd, reservedNanoUsd } = admission;
  const resetsAtMs = resetOf(scope, nowMs);
  return new Fault('BUDGET_EXCEEDED', `budget exceeded: ${scope}`, {
    details: {
      scope,
      limit_usd: limitNanoUsd / 1e9,
      spent_usd: spentNanoUsd / 1e9,
      reserved_usd: reservedNanoUsd / 1e9,
      resets_at: resetsAtMs === null ? null : new Date(resetsAtMs).toISOString(),
      ...(resetsAtMs !== null && { retry_after: Math.max(1, Math.ceil((resetsAtMs - nowMs) / 1000)) }),
    },
  });
}

function interrupted(failure: UpstreamFailure, { attempts }: CallReport): Fault {
  const filtered = failure.kind === 'content_filter';
  return new Fault(
    filtered ? 'CONTENT_FILTERED' : 'STREAM_INTERRUPTED',
    filtered ? dispositionOf('content_filter').message : `the answer broke off: ${failure.message}`,
    { details: { attempts }, cause: failure },
  );
}

function tooLate({ attempts }: CallReport): Fault {
  return new Fault('PROVIDER_TIMEOUT', 'the request could not be answered in time', { details: { attempts } });
}

/** No candidate was asked: why not. */
export function nothingUsable(
  job: Pick<Job, 'fits' | 'resolution' | 'report'>,
  passed: readonly Passed[],
  smallestWaitMs: number | null,
): Fault {
  const retry_after = Math.max(1, Math.ceil((smallestWaitMs ?? 1_000) / 1000));
  const { fits } = job;
  if (passed.some(({ verdict }) => verdict !== 'breaker_open')) {
    return new Fault('RATE_LIMITED', 'every provider that could answer limits the rate', { details: { retry_after } });
  }
  if (passed.length > 0) {
    const message = 'every provider that could answer has failed too often and is left alone for a while';
    return new Fault('SERVICE_UNAVAILABLE', message, { details: { retry_after } });
  }
  const candidates = job.resolution.candidates.map(({ provider, realModel: model }, index) => ({
    provider,
    model,
    reasons: fits[index]?.reasons ?? [],
  }));
  const parameters = [...new Set(fits.flatMap(({ unsupported }) => unsupported))];
  if (parameters.length > 0) {
    const message = `no candidate supports ${parameters.join(', ')}`;
    return new Fault('UNSUPPORTED_PARAMETER', message, { details: { parameters, candidates } });
  }
  if (fits.some(({ windowTooSmall }) => windowTooSmall)) {
    const message = 'the input and max_tokens together are more than the context window of every candidate';
    return new Fault('CONTEXT_LENGTH_EXCEEDED', message, { details: { candidates } });
  }
  const message = 'no provider can be asked: enable one and set its key, or set LLM_TEST_MODE=true';
  return new Fault('SERVICE_UNAVAILABLE', message, { details: { candidates, retry_after: 60 } });
}
