/**
 * Attempts that are paid for: reserved before, settled after, whatever comes of them.
 *
 * Owns: what an attempt reserves, who waits for a slot of a provider, what an attempt has cost and says about the health of its
 * candidate. Does not own which attempt comes next (`router.ts`), nor the attempt itself (`attempt.ts`).
 */
import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import type { ServiceLog } from '../log.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { Admission, Health, Reservation, Settlement } from './accounts/shapes.ts';
import { type AttemptResult, attempt, type Billed } from './attempt.ts';
import { budgetScopes, usageKey } from './budgets.ts';
import type { ProviderName } from './chat.ts';
import { healthOf } from './disposition.ts';
import type { Fit } from './fit.ts';
import type { Conclusion, Job } from './job.ts';
import { costNanoUsd, NANO_PER_USD } from './pricing.ts';
import { type Provider, UpstreamFailure } from './provider.ts';
import { busy, WAITING_MAX } from './refusals.ts';
import { type CallReport, spend } from './report.ts';
import type { Candidate } from './resolve.ts';
import { type LlmSettings, rateLimitsOf, requestTimeoutMs, TEST_MODEL, TEST_PROVIDER } from './settings.ts';

/** Answers that may be longer than this come as a stream, so that silence and progress can be told apart. */
const STREAMED_ABOVE_TOKENS = 2_048;
const TAIL_MS = 5_000;
/** After the longest request a reservation that nobody settled counts as lost. */
const LOST_AFTER_MS = 60_000;

export interface AttemptsOptions {
  settings: LlmSettings;
  /** Who executes calls to a candidate: its own adapter, or the test provider. */
  providerOf(name: ProviderName): Provider;
  accounts: Accounts;
  log: ServiceLog;
  onAlerts(alerts: Admission['alerts']): void;
}

export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #queues = new Map<ProviderName, PQueue>();
  /** Calls that are being admitted, by provider. */
  readonly #entering = new Map<ProviderName, number>();

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** @throws Fault SERVICE_UNAVAILABLE when too many wait already */
  async admit(reservation: Reservation, report: CallReport): Promise<Admission> {
    const provider = reservation.provider as ProviderName;
    const entering = this.#entering.get(provider) ?? 0;
    // Counted before anything is awaited, so that a burst cannot pass the limit.
    if (this.#queue(provider).size + entering >= WAITING_MAX) throw busy(provider, report);
    this.#entering.set(provider, entering + 1);
    const admitMs = performance.now();
    try {
      const admission = await this.#options.accounts.admit(reservation);
      if (admission.alerts.length > 0) this.#options.onAlerts(admission.alerts);
      return admission;
    } finally {
      this.#entering.set(provider, (this.#entering.get(provider) ?? 1) - 1);
      spend(report, 'admit', admitMs);
    }
  }

  /** One attempt with a slot of its provider, settled whatever comes of it. */
  async make(
    job: Job,
    fitted: Fit,
    reservation: Reservation,
    otherUsable: () => Promise<boolean>,
  ): Promise<AttemptResult> {
    const { report } = job;
    const { candidate, price } = fitted;
    const { settings } = this.#options;
    report.route = candidate;
    const [provider, model] = executorOf(settings, candidate);
    report.provider = provider;
    report.model = model;
    report.droppedParams = fitted.droppedParams;
    report.attemptsStarted++;
    const result = await this.#inTurn(job, fitted, otherUsable);
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
      this.#options.log.error('a call cost more than its worst case', {
        provider,
        model,
        cost_usd: cost / NANO_PER_USD,
      });
    }
    let concluded: Conclusion | null = null;
    let ended: AttemptResult = result;
    if (result.kind === 'answered') {
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
  async #inTurn(job: Job, fitted: Fit, otherUsable: () => Promise<boolean>): Promise<AttemptResult> {
    const { candidate, upstream, worstCase } = fitted;
    if (!upstream) throw new Error('a candidate that was left out is asked');
    const { report, signal, deadlineMs } = job;
    const own = this.#options.settings.providers[candidate.provider];
    const queuedMs = performance.now();
    let running: Promise<AttemptResult> | undefined;
    const run = (): Promise<AttemptResult> => {
      spend(report, 'queue', queuedMs);
      running = attempt({
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
        otherUsable,
        signal,
      });
      return running;
    };
    const queue = this.#queue(candidate.provider);
    if (queue.pending < queue.concurrency) return queue.add(run);
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, Math.ceil(deadlineMs - queuedMs)))]);
    try {
      // Nobody who has left, and nothing that is too late, keeps a place.
      return await queue.add(run, { signal: waiting });
    } catch (error) {
      // Once it has begun, it ends by its own clock and is settled.
      if (running !== undefined) return running;
      if (!waiting.aborted) throw error;
      const unsent = { billed: null, firstContentMs: null, totalMs: 0 };
      const late = new UpstreamFailure('unsent', 'no slot became free in time');
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

  /** What an attempt at a candidate takes before it starts. */
  reservation({ request, labels, resolution }: Job, fitted: Fit, nowMs: number): Reservation {
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
      usage: usageKey(settings, ...executorOf(settings, candidate), labels, nowMs),
      worstCaseTokens: { input: worstCase.inputTokens, output: worstCase.outputTokens },
      ttlMs: requestTimeoutMs(settings, resolution.provider.value) + LOST_AFTER_MS,
      alertAtPercentage: settings.costs.alertAtPercentage,
    };
  }

  #queue(provider: ProviderName): PQueue {
    let queue = this.#queues.get(provider);
    if (!queue) {
      queue = new PQueue({ concurrency: this.#options.settings.providers[provider].maxConcurrency });
      this.#queues.set(provider, queue);
    }
    return queue;
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

function flagsOf(billed: Billed | null, unpriced: boolean): Settlement['flags'] {
  const flags: Settlement['flags'][number][] = [];
  if (billed?.estimated) flags.push('estimated');
  if (billed && unpriced) flags.push('unpriced');
  return flags;
}

/** Provider and model that answer calls to the candidate. */
function executorOf({ testMode }: LlmSettings, { provider, realModel }: Candidate): [provider: string, model: string] {
  return testMode ? [TEST_PROVIDER, TEST_MODEL] : [provider, realModel];
}
