/**
 * From a resolved request to an answer: the only loop that tries again.
 *
 * Owns: the order of candidates and attempts, and how long to wait between them. Does not own what a failure means
 * (`disposition.ts`) nor what an attempt costs (`attempts.ts`): each one is admitted before and settled after it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Accounts } from './accounts/accounts.ts';
import { CallerGone } from './attempt.ts';
import type { Attempts } from './attempts.ts';
import type { Answer } from './chat.ts';
import { dispositionOf, finalFault, PATIENCE_MS, RetryBudget, retryDelayMs } from './disposition.ts';
import { type Fit, fitCandidate } from './fit.ts';
import type { FitJob, Job } from './job.ts';
import type { UpstreamFailure } from './provider.ts';
import { budgetExceeded, interrupted, nothingUsable, type Passed, rateLimited, tooLate } from './refusals.ts';
import type { Candidate } from './resolve.ts';
import type { LlmSettings } from './settings.ts';

/** Longer than a timer may be early. */
const TIMER_SLACK_MS = 5;

export interface RouterOptions {
  settings: LlmSettings;
  attempts: Attempts;
  accounts: Accounts;
}

type Tried = { answer: Answer } | { failure: UpstreamFailure } | Passed;

export class Router {
  readonly #options: RouterOptions;
  readonly #retries = new RetryBudget();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** @throws Fault with `details.attempts`; CallerGone */
  async run(job: Job): Promise<Answer> {
    this.#retries.request(performance.now());
    const { candidates } = job.resolution;
    const run: Run = { job, smallestWaitMs: null };
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
    const { settings, attempts } = this.#options;
    const { report, signal } = job;
    const { provider } = fitted.candidate;
    const { maxRetries } = settings.providers[provider];
    let waited = 0;
    for (let k = 0; ; ) {
      const nowMs = Date.now();
      const reservation = attempts.reservation(job, fitted, nowMs);
      const admission = await attempts.admit(reservation, report);
      if (index === 0) report.rate = admission.rate;
      if (admission.verdict === 'budget_exceeded') throw budgetExceeded(admission, nowMs, report);
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

      const result = await attempts.make(job, fitted, reservation, () => this.#otherUsable(job, index));
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

  #model({ provider, realModel }: Candidate) {
    return this.#options.settings.providers[provider].models[realModel];
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

/** One request on its way through the candidates. */
interface Run {
  job: Job;
  smallestWaitMs: number | null;
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? new CallerGone() : error;
  }
}
