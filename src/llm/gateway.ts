/**
 * One call, from a request in the gateway's vocabulary to an answer that is paid for.
 *
 * Owns: what stands between caller and router: recorded results, the response cache, calls that equal one another,
 * answers of a demanded shape and their one repair, the log line. The same for the HTTP surface and for actors.
 * Keeps I4 (a key has one result, and pays once) and I9 (what is kept has a size and an end).
 */
import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { canonicalJson } from '../../schemas/canonical.ts';
import type { Keys } from '../bus/keys.ts';
import { Fault, type FaultData, faultData, isFaultCode, reviveFault } from '../errors.ts';
import type { ServiceLog } from '../log.ts';
import { Accounts } from './accounts/accounts.ts';
import { type FlightLease, Flights } from './accounts/flights.ts';
import { readJournal } from './accounts/journal.ts';
import type { BudgetAlert } from './accounts/shapes.ts';
import { CallerGone, type Sink } from './attempt.ts';
import { usageKey } from './budgets.ts';
import type { Answer, ChatRequest, Labels, Message, ProviderName } from './chat.ts';
import { textOf } from './chat.ts';
import { measure } from './fit.ts';
import type { LlmMetrics } from './metrics.ts';
import type { Provider } from './provider.ts';
import { type CallReport, spend } from './report.ts';
import { resolve } from './resolve.ts';
import { type Job, type Records, Router, rateLimitsOf } from './router.ts';
import type { LlmSettings } from './settings.ts';
import { readStructured } from './structured.ts';
import { replayEvents } from './wires/replay.ts';

/** Results outlive every retry and redrive of their cause. */
const JOURNAL_TTL_MS = 7 * 24 * 60 * 60 * 1000;
const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'];
/** How a call ended whose caller hung up. */
const CLIENT_GONE = 'CLIENT_GONE';
/** Requests that differ only in these are the same request. */
const IGNORED = ['stream', 'stream_options', 'cache', 'agent', 'task_type', 'project_id', 'user', 'metadata'] as const;
/** Answers that say all they had to say. */
const COMPLETE = new Set(['end', 'stop_sequence', 'tool_use']);

export interface Call {
  request: ChatRequest;
  labels: Labels;
  /** Name of the key, `local`, or `internal`: nothing is shared between tenants. */
  tenant: string;
  /** The wire in which the answer is wanted. */
  wire: string;
  /** True: keep and reuse the answer; false: do neither; undefined: if the request is deterministic. */
  cache: boolean | undefined;
  /** The result is recorded under `key`, for requests with the same `fingerprint` (null: any). */
  journal: { key: string; fingerprint: string | null } | null;
  /** Aborted when the caller is gone. */
  signal: AbortSignal;
  /** Where the answer goes while it comes; null: only as a whole. */
  sink: Sink | null;
  /** The answer needs the body in the client's own wire. */
  wantsBody: boolean;
  report: CallReport;
}

/** What is kept of a finished call. */
interface Stored {
  /** Of the answer. */
  id: string;
  fingerprint: string | null;
  answer: Answer;
}

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
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #flights: Flights;
  readonly #log: ServiceLog;
  readonly #metrics: LlmMetrics | undefined;

  constructor({ settings, redis, keys, providerOf, log, onAlert, metrics }: GatewayOptions) {
    this.settings = settings;
    this.#redis = redis;
    this.#keys = keys;
    this.#log = log;
    this.#metrics = metrics;
    this.accounts = new Accounts(redis, keys);
    this.#flights = new Flights(redis, keys);
    this.router = new Router({
      settings,
      providerOf,
      accounts: this.accounts,
      log,
      onAlerts: (alerts) => {
        for (const alert of alerts) {
          onAlert(alert, this.accounts).catch((error) => log.error('a budget alert could not be sent', { error }));
        }
      },
    });
  }

  /**
   * @throws Fault VALIDATION_ERROR, UNSUPPORTED_PARAMETER, CONTEXT_LENGTH_EXCEEDED, CONTENT_FILTERED, RATE_LIMITED,
   *   BUDGET_EXCEEDED, PROVIDER_ERROR, PROVIDER_TIMEOUT, SERVICE_UNAVAILABLE, STREAM_INTERRUPTED, CONFLICT;
   *   CallerGone
   */
  async complete(call: Call): Promise<Answer> {
    const { report } = call;
    try {
      const answer = await this.#complete(call);
      this.#ended(call, answer, undefined);
      return answer;
    } catch (error) {
      this.#ended(call, null, error instanceof CallerGone ? CLIENT_GONE : Fault.from(error).code);
      throw error;
    } finally {
      report.phases.total = performance.now() - report.startedMs;
    }
  }

  async #complete(call: Call): Promise<Answer> {
    const { report, journal } = call;
    const resolveMs = performance.now();
    const plan = this.plan(call);
    spend(report, 'resolve', resolveMs);
    if (journal) return this.#once(call, plan, journal);
    if (plan.cacheKey === null) return this.#ask(call, plan.job, () => ({}));
    return this.#cached(call, plan.job, plan.cacheKey);
  }

  /** The request with everything resolved that can be without asking anybody. */
  plan(call: Call): { job: Job; cacheKey: string | null } {
    const { request, labels, report, signal, sink, wantsBody } = call;
    const resolution = resolve(this.settings, request, labels);
    const job: Job = {
      request,
      resolution,
      measures: measure(request),
      labels,
      report,
      signal,
      sink,
      wantsBody,
      cacheMiss: false,
      fits: [],
      conclude: (answer) => ({ answer, final: true, records: {} }),
    };
    return { job, cacheKey: this.#cacheKey(call, job) };
  }

  /** Null: the answer is neither looked up nor kept. */
  #cacheKey({ request, tenant, wire, cache }: Call, job: Job): string | null {
    if (!this.settings.cacheEnabled || cache === false) return null;
    const index = job.resolution.candidates.findIndex((_, at) => this.router.fitOf(job, at).upstream !== null);
    if (index < 0) return null;
    const { upstream, candidate } = this.router.fitOf(job, index);
    if (!upstream || (cache === undefined && upstream.temperature !== 0)) return null;
    const { wire: sent, provider: _, model: __, foreign: ___, ...neutral } = request;
    const fields: Record<string, unknown> = { ...(sent?.body ?? neutral) };
    for (const name of IGNORED) delete fields[name];
    const identity = {
      tenant,
      wire,
      // Made-up answers must never be taken for real ones.
      test: this.settings.testMode,
      provider: candidate.provider,
      model: candidate.realModel,
      fields,
      temperature: upstream.temperature ?? null,
      max_tokens: upstream.max_tokens,
    };
    return hash('sha256', canonicalJson(identity));
  }

  async #cached(call: Call, job: Job, sha256: string): Promise<Answer> {
    const { report } = call;
    const [first] = job.resolution.candidates;
    const provider = first?.provider ?? this.settings.defaultProvider;
    const find = async (): Promise<Answer | null> => {
      const admitMs = performance.now();
      const { cached, rate } = await this.accounts.lookup(provider, rateLimitsOf(this.settings, provider), sha256);
      spend(report, 'admit', admitMs);
      report.rate = rate;
      return cached === null ? null : (JSON.parse(cached) as Stored).answer;
    };
    const hit = async (answer: Answer): Promise<Answer> => this.#given(call, answer, 'HIT');
    const known = await find();
    if (known) return hit(known);
    return this.#shared(sha256, call, {
      stored: async () => {
        const answer = await find();
        return answer && hit(answer);
      },
      follow: ({ answer }) => this.#given(call, answer, 'COALESCED'),
      lead: (signal, lease) => {
        report.cache = 'MISS';
        return this.#ask(call, { ...job, signal, cacheMiss: true }, (value, answer) => ({
          flight: { sha256, token: lease.token, value: `{"stored":${value}}` },
          ...(COMPLETE.has(answer.stopReason) && {
            cache: { sha256, value, ttlMs: this.settings.cacheTtlMs, maxBytes: this.settings.cacheMaxBytes },
          }),
        }));
      },
    });
  }

  /** The result recorded for the key, or one that is recorded now. */
  async #once(call: Call, { job, cacheKey }: ReturnType<Gateway['plan']>, journal: JournalKey): Promise<Answer> {
    const { report } = call;
    const { key, fingerprint } = journal;
    const again = ({ answer, id, fingerprint: recorded }: Stored): Promise<Answer> => {
      if (fingerprint !== null && recorded !== fingerprint) {
        throw new Fault('CONFLICT', 'This Idempotency-Key was used for another request.');
      }
      report.replayed = true;
      report.id = id;
      return this.#deliver(call, answer);
    };
    const stored = async () => {
      const text = await readJournal(this.#redis, this.#keys, key);
      return text === null ? null : again(JSON.parse(text) as Stored);
    };
    const sha256 = hash('sha256', `journal\n${key}`);
    return this.#shared(sha256, call, {
      stored,
      follow: again,
      lead: async (signal, lease) => {
        const records = (value: string, answer: Answer): Records => ({
          flight: { sha256, token: lease.token, value: `{"stored":${value}}` },
          journal: { key: this.#keys.under(`effect:${key}`), value, ttlMs: JOURNAL_TTL_MS },
          ...(cacheKey !== null &&
            COMPLETE.has(answer.stopReason) && {
              cache: {
                sha256: cacheKey,
                value,
                ttlMs: this.settings.cacheTtlMs,
                maxBytes: this.settings.cacheMaxBytes,
              },
            }),
        });
        return this.#ask(call, { ...job, signal }, records);
      },
    });
  }

  /** One of all that want the same leads; the others get what comes of it, or take over if it dies. */
  async #shared(sha256: string, call: Call, { stored, follow, lead }: Sharing): Promise<Answer> {
    const joined = await this.#flights.join(sha256);
    let lease: FlightLease;
    if (joined.role === 'leader') lease = joined.lease;
    else {
      const seen = await joined.wait(call.signal).catch((error) => {
        throw call.signal.aborted ? new CallerGone() : error;
      });
      if (seen.kind === 'value') {
        const outcome = JSON.parse(seen.value) as { stored: Stored } | { fault: FaultData };
        if ('fault' in outcome) throw reviveFault(outcome.fault);
        return follow(outcome.stored);
      }
      lease = seen.lease;
    }
    // A caller that leaves ends the call only if nobody else waits for it.
    const controller = new AbortController();
    const onGone = async () => {
      if (!(await lease.hasFollowers().catch(() => false))) controller.abort();
    };
    call.signal.addEventListener('abort', onGone, { once: true });
    try {
      // Who led before may have finished between our look and our lease.
      const found = await stored();
      if (found) {
        await lease.release();
        return found;
      }
      if (call.signal.aborted) await onGone();
      const answer = await lead(controller.signal, lease);
      // Without a settlement there is no result for those who wait: one of them asks anew.
      if (call.report.settled) lease.settled();
      else await lease.release();
      return answer;
    } catch (error) {
      if (error instanceof CallerGone || !(error instanceof Fault)) await lease.release();
      else await lease.fail(JSON.stringify({ fault: withoutStacks(faultData(error)) }));
      throw error;
    } finally {
      call.signal.removeEventListener('abort', onGone);
    }
  }

  /** Asks, and asks once more if the answer does not have the shape that was demanded. */
  async #ask(call: Call, job: Job, recordsOf: RecordsOf): Promise<Answer> {
    const { request } = call;
    const { id } = call.report;
    const fingerprint = call.journal?.fingerprint ?? null;
    const keep = (answer: Answer) => ({
      answer,
      final: true,
      records: recordsOf(JSON.stringify({ id, fingerprint, answer } satisfies Stored), answer),
    });
    const schema = request.response_format?.schema;
    if (!schema) {
      const wantsBody = job.wantsBody && (job.sink === null || isRecorded(call, job));
      return this.router.run({ ...job, wantsBody, conclude: keep });
    }
    let errors: string[] | null = null;
    const conclude: Job['conclude'] = (answer) => {
      errors = null;
      if (answer.toolCalls.length > 0) return keep(answer);
      const read = readStructured(answer.text, schema);
      if (!read.ok) {
        errors = read.errors;
        return { answer, final: false, records: {} };
      }
      return keep(jsonOnly(answer, read.value));
    };
    // Nothing leaves before it is known to be valid.
    const held: Job = { ...job, sink: null, conclude };
    let answer = await this.router.run(held);
    // A request bound to its own wire cannot be put again in words.
    if (errors && !request.bound?.length) {
      const messages = [...request.messages, ...repairMessages(answer.text, errors)];
      const { wire: _, ...neutral } = request;
      const repaired = { ...neutral, messages };
      answer = await this.router.run({ ...held, request: repaired, measures: measure(repaired), fits: [] });
    }
    if (errors) {
      throw new Fault('PROVIDER_ERROR', 'the answer does not have the required shape', {
        details: { reason: 'bad_output', errors, attempts: job.report.attempts },
      });
    }
    return this.#deliver(call, answer);
  }

  /** An answer that somebody else has paid for. */
  async #given(call: Call, answer: Answer, cache: 'HIT' | 'COALESCED'): Promise<Answer> {
    const { report, labels } = call;
    report.cache = cache;
    await this.accounts.settle({
      reservation: null,
      usage: usageKey(this.settings, answer.provider, answer.model, labels, Date.now()),
      tokens: null,
      costNanoUsd: 0,
      answered: true,
      failed: false,
      cacheHit: cache === 'HIT',
      coalesced: cache === 'COALESCED',
      cacheMiss: false,
      flags: [],
      health: { kind: 'neutral' },
      latencyMs: null,
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
      for (const event of replayEvents(answer)) await sink.event(event);
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
    if (!loggingEnabled || LEVELS.indexOf(level) < LEVELS.indexOf(this.settings.logLevel)) return;
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
      cost_usd: costNanoUsd / 1e9,
      duration_ms: Math.round(performance.now() - report.startedMs),
      ...(code && { code, ...(code === CLIENT_GONE && { status: 499 }) }),
      ...(logPrompts && { prompt: request.messages.map(({ content }) => textOf(content)), answer: answer?.text }),
    };
    if (failed) this.#log.warn('call failed', metadata);
    else this.#log.info(code ? 'call ended without an answer' : 'call answered', metadata);
  }
}

type JournalKey = NonNullable<Call['journal']>;
/** @param value the answer as it is to be stored */
type RecordsOf = (value: string, answer: Answer) => Records;

interface Sharing {
  stored(): Promise<Answer | null>;
  follow(stored: Stored): Promise<Answer>;
  lead(signal: AbortSignal, lease: FlightLease): Promise<Answer>;
}

function isRecorded({ journal }: Call, { cacheMiss }: Job): boolean {
  return journal !== null || cacheMiss;
}

/** A model may put its JSON into a fence; the caller gets the JSON. */
function jsonOnly(answer: Answer, value: unknown): Answer {
  try {
    JSON.parse(answer.text);
    return answer;
  } catch {
    const { body: _, ...rest } = answer;
    return { ...rest, text: JSON.stringify(value) };
  }
}

function repairMessages(answer: string, errors: readonly string[]): Message[] {
  const list = errors.map((error) => `- ${error}`).join('\n');
  return [
    { role: 'assistant', content: answer },
    {
      role: 'user',
      content: `This answer does not have the required shape:\n${list}\nGive the whole answer again as JSON only, corrected.`,
    },
  ];
}

function withoutStacks({ stack: _, cause: __, ...data }: FaultData): FaultData {
  return data;
}
