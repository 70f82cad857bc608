/**
 * One call, from a request in the gateway's vocabulary to an answer that is paid for.
 *
 * Owns: the order of what stands between caller and router: results kept under a key, the response cache, calls that equal
 * one another, answers of a demanded shape; and the log line. The same for the HTTP surface and for actors.
 * Keeps I4 (a key has one result, and pays once) and I9 (what is kept has a size and an end).
 */

import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import { Fault, isFaultCode } from '../errors.ts';
import { LOG_LEVELS, type ServiceLog } from '../log.ts';
import { Accounts } from './accounts/accounts.ts';
import { nothingDone } from './accounts/settling.ts';
import type { BudgetAlert } from './accounts/shapes.ts';
import { CallerGone, orAborted } from './attempt.ts';
import { Attempts } from './attempts.ts';
import { usageKey } from './budgets.ts';
import type { Call, JournalKey, Stored } from './call.ts';
import { type Answer, type ProviderName, textOf } from './chat.ts';
import type { Conclusion, Job, Records } from './job.ts';
import type { LlmMetrics } from './metrics.ts';
import { type CachePlace, type Plan, planOf } from './plan.ts';
import { NANO_PER_USD } from './pricing.ts';
import type { Provider } from './provider.ts';
import { type CallReport, spend } from './report.ts';
import { Router } from './router.ts';
import { type LlmSettings, rateLimitsOf } from './settings.ts';
import { askForShape } from './shaped.ts';
import { resultOf, Sharing } from './sharing.ts';
import { replayEvents } from './wires/replay.ts';

const NONE = '-';
/** How a call ended whose caller hung up. */
const CLIENT_GONE = 'CLIENT_GONE';
/** Answers that say all they had to say. */
const COMPLETE = new Set(['end', 'stop_sequence', 'tool_use']);

export interface GatewayOptions {
  settings: LlmSettings;
  redis: Redis;
  keys: Keys;
  providerOf(name: ProviderName): Provider;
  log: ServiceLog;
  /** An alert is due; it is sent at most once over all processes. */
  onAlert(alert: BudgetAlert, accounts: Accounts): Promise<void>;
  metrics?: LlmMetrics;
}

export class Gateway {
  readonly settings: LlmSettings;
  readonly accounts: Accounts;
  readonly router: Router;
  readonly #sharing: Sharing;
  readonly #log: ServiceLog;
  readonly #metrics: LlmMetrics | undefined;
  #running = 0;
  readonly #untilIdle: (() => void)[] = [];

  constructor({ settings, redis, keys, providerOf, log, onAlert, metrics }: GatewayOptions) {
    this.settings = settings;
    this.#log = log;
    this.#metrics = metrics;
    this.accounts = new Accounts(redis, keys);
    this.#sharing = new Sharing(redis, keys);
    const { accounts } = this;
    const onAlerts = (alerts: readonly BudgetAlert[]) => {
      for (const alert of alerts) {
        onAlert(alert, accounts).catch((error) => log.error('a budget alert could not be sent', { error }));
      }
    };
    const attempts = new Attempts({ settings, providerOf, accounts, log, onAlerts });
    this.router = new Router({ settings, attempts, accounts });
  }

  /**
   * @throws Fault VALIDATION_ERROR, UNSUPPORTED_PARAMETER, CONTEXT_LENGTH_EXCEEDED, CONTENT_FILTERED, RATE_LIMITED,
   *   BUDGET_EXCEEDED, PROVIDER_ERROR, PROVIDER_TIMEOUT, SERVICE_UNAVAILABLE, STREAM_INTERRUPTED, CONFLICT;
   *   CallerGone
   */
  async complete(call: Call): Promise<Answer> {
    const { report } = call;
    this.#running++;
    try {
      const answer = await this.#complete(call);
      this.#ended(call, answer, undefined);
      return answer;
    } catch (error) {
      this.#ended(call, null, error instanceof CallerGone ? CLIENT_GONE : Fault.from(error).code);
      throw error;
    } finally {
      report.phases.total = performance.now() - report.startedMs;
      if (--this.#running === 0) for (const resolve of this.#untilIdle.splice(0)) resolve();
    }
  }

  /** Resolves when no call is running any more, and so everything is settled; at the latest after `withinMs`. */
  async idle(withinMs: number): Promise<void> {
    if (this.#running === 0) return;
    const idle = new Promise<void>((resolve) => this.#untilIdle.push(resolve));
    await Promise.race([idle, pause(withinMs, undefined, { ref: false })]);
  }

  async #complete(call: Call): Promise<Answer> {
    const { report, journal } = call;
    const resolveMs = performance.now();
    const plan = this.plan(call);
    spend(report, 'resolve', resolveMs);
    try {
      if (journal) return await this.#once(call, plan, journal);
      if (plan.cache === null) return await this.#ask(call, plan.job, () => ({}));
      return await this.#cached(call, plan.job, plan.cache);
    } finally {
      // Every answer tells what is left of the rate limit, also one for which nothing was taken from it.
      if (report.rate === null && !call.signal.aborted) await this.#lookAtRate(report, plan.job);
    }
  }

  async #lookAtRate(report: CallReport, { resolution }: Job): Promise<void> {
    const provider = resolution.provider.value;
    const limits = rateLimitsOf(this.settings, provider);
    const seen = await this.accounts.lookup(provider, limits, null).catch(() => null);
    if (seen) report.rate = seen.rate;
  }

  /** A result that was found without a model, under the call's key if it has one: the same request gives it again. */
  async recorded(call: Call, text: string): Promise<Answer> {
    const answer: Answer = { provider: NONE, model: NONE, text, toolCalls: [], stopReason: 'end', usage: null };
    const { journal, report, labels } = call;
    if (!journal) return answer;
    return this.#keyed(call, journal, async (_, records) => {
      const { id } = report;
      const value = JSON.stringify({ id, fingerprint: journal.fingerprint, answer, costNanoUsd: 0 } satisfies Stored);
      const usage = usageKey(this.settings, NONE, NONE, labels, Date.now());
      await this.accounts.settle({ ...nothingDone(null, usage), ...records(value) });
      return answer;
    });
  }

  plan(call: Call): Plan {
    return planOf(call, this.settings, this.router);
  }

  async #cached(call: Call, job: Job, place: CachePlace): Promise<Answer> {
    const { report } = call;
    const known = await this.#find(call, job, place);
    if (known) return this.#given(call, known, place, 'HIT', {});
    return this.#sharing.shared(place.sha256, call, {
      stored: async () => {
        const answer = await this.#find(call, job, place);
        return answer && this.#given(call, answer, place, 'HIT', {});
      },
      follow: ({ answer }) => this.#given(call, answer, place, 'COALESCED', {}),
      lead: (signal, lease) => {
        report.cache = 'MISS';
        return this.#ask(call, { ...job, signal, cacheMiss: true }, (textOfAnswer, answer) => {
          const value = textOfAnswer();
          return { ...resultOf(lease, value), ...this.#cacheRecord(call, place, value, answer) };
        });
      },
    });
  }

  /** The result recorded for the key, or one that is recorded now. */
  #once(call: Call, { job, cache: place }: Plan, journal: JournalKey): Promise<Answer> {
    const { report } = call;
    return this.#keyed(call, journal, async (signal, records) => {
      if (place === null) return this.#ask(call, { ...job, signal }, (textOfAnswer) => records(textOfAnswer()));
      const known = await this.#find(call, job, place);
      if (known) {
        const { fingerprint } = journal;
        const value = JSON.stringify({ id: report.id, fingerprint, answer: known, costNanoUsd: 0 } satisfies Stored);
        return this.#given(call, known, place, 'HIT', records(value));
      }
      report.cache = 'MISS';
      return this.#ask(call, { ...job, signal, cacheMiss: true }, (textOfAnswer, answer) => {
        const value = textOfAnswer();
        return { ...records(value), ...this.#cacheRecord(call, place, value, answer) };
      });
    });
  }

  #keyed(
    call: Call,
    journal: JournalKey,
    make: (signal: AbortSignal, records: (value: string) => Records) => Promise<Answer>,
  ): Promise<Answer> {
    const again = ({ answer, id, costNanoUsd }: Stored): Promise<Answer> => {
      call.report.replayed = true;
      call.report.recordedCostNanoUsd = costNanoUsd;
      call.report.id = id;
      return this.#deliver(call, answer);
    };
    return this.#sharing.keyed(call, journal, again, make);
  }

  /** The cached answer; also sees what is left of the rate limit. */
  async #find({ report }: Call, { resolution }: Job, { sha256 }: CachePlace): Promise<Answer | null> {
    const provider = resolution.provider.value;
    const admitMs = performance.now();
    const { cached, rate } = await this.accounts.lookup(provider, rateLimitsOf(this.settings, provider), sha256);
    spend(report, 'admit', admitMs);
    report.rate = rate;
    return cached === null ? null : (JSON.parse(cached) as Stored).answer;
  }

  /** Only an answer that is whole, and made by the candidate that its place in the cache stands for. */
  #cacheRecord({ report }: Call, { sha256, candidate }: CachePlace, value: string, answer: Answer): Records {
    if (report.route !== candidate || !COMPLETE.has(answer.stopReason)) return {};
    return { cache: { sha256, value, ttlMs: this.settings.cacheTtlMs, maxBytes: this.settings.cacheMaxBytes } };
  }

  /** Asks the router; what is to be kept of the answer is settled together with it. */
  async #ask(call: Call, job: Job, recordsOf: RecordsOf): Promise<Answer> {
    const { report } = call;
    const { id } = report;
    const fingerprint = call.journal?.fingerprint ?? null;
    const keep = (answer: Answer): Conclusion => ({
      answer,
      final: true,
      records: recordsOf(
        () => JSON.stringify({ id, fingerprint, answer, costNanoUsd: report.costNanoUsd } satisfies Stored),
        answer,
      ),
    });
    const schema = call.request.response_format?.schema;
    if (schema) return this.#deliver(call, await askForShape(this.router, job, schema, keep));
    // The parts of a stream are put together again only for those who come later.
    const wantsBody = job.wantsBody && (job.sink === null || job.cacheMiss || call.journal !== null);
    return this.router.run({ ...job, wantsBody, conclude: keep });
  }

  /** An answer that somebody else has paid for. */
  async #given(
    call: Call,
    answer: Answer,
    place: CachePlace,
    cache: 'HIT' | 'COALESCED',
    records: Records,
  ): Promise<Answer> {
    const { report, labels } = call;
    report.cache = cache;
    report.droppedParams = place.droppedParams;
    await this.accounts.settle({
      ...nothingDone(null, usageKey(this.settings, answer.provider, answer.model, labels, Date.now())),
      answered: true,
      cacheHit: cache === 'HIT',
      coalesced: cache === 'COALESCED',
      ...records,
    });
    return this.#deliver(call, answer);
  }

  /** Gives a complete answer to a caller who may want it as a stream. */
  async #deliver({ report, sink }: Call, answer: Answer): Promise<Answer> {
    report.provider = answer.provider;
    report.model = answer.model;
    report.stopReason = answer.stopReason;
    if (sink) {
      sink.begin();
      const signal = AbortSignal.timeout(this.settings.timeoutMs);
      for (const event of replayEvents(answer)) {
        const slow = sink.event(event);
        if (slow !== undefined) await orAborted(slow, signal);
      }
    }
    return answer;
  }

  /** Tells of the end of a call, without its content unless that is wanted. */
  #ended(call: Call, answer: Answer | null, code: string | undefined): void {
    const { loggingEnabled, logPrompts } = this.settings;
    const { report, labels, tenant, request } = call;
    this.#metrics?.observe(report, answer, code);
    const failed = code !== undefined && isFaultCode(code) && new Fault(code, '').status >= 500;
    const level = failed ? 'WARN' : 'INFO';
    if (!loggingEnabled || LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.settings.logLevel)) return;
    const { provider, model, cache, attemptsStarted, costNanoUsd, stopReason } = report;
    const metadata = {
      tenant,
      ...labels,
      provider,
      model,
      cache,
      attempts: attemptsStarted,
      stop_reason: stopReason,
      input: answer?.usage?.inputTokens,
      output: answer?.usage?.outputTokens,
      cost_usd: costNanoUsd / NANO_PER_USD,
      duration_ms: Math.round(performance.now() - report.startedMs),
      ...(code && { code, ...(code === CLIENT_GONE && { status: 499 }) }),
      ...(logPrompts && { prompt: request.messages.map(({ content }) => textOf(content)), answer: answer?.text }),
    };
    if (failed) this.#log.warn('call failed', metadata);
    else this.#log.info(code ? 'call ended without an answer' : 'call answered', metadata);
  }
}

/** @param textOfAnswer makes the text of the answer as it is to be stored: most answers are not */
type RecordsOf = (textOfAnswer: () => string, answer: Answer) => Records;
