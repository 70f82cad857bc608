/**
 * One call, from a request in the gateway's vocabulary to an answer that is paid for.
 *
 * Owns: what stands between caller and router: recorded results, the response cache, calls that equal one another,
 * answers of a demanded shape and their one repair, the log line. The same for the HTTP surface and for actors.
 * Keeps I4 (a key has one result, and pays once) and I9 (what is kept has a size and an end).
 */
import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { canonicalJson } from '../../schemas/canonical.ts';
import type { Keys } from '../bus/keys.ts';
import { Fault, type FaultData, faultData, isFaultCode, reviveFault } from '../errors.ts';
import type { ServiceLog } from '../log.ts';
import { Accounts } from './accounts/accounts.ts';
import { type FlightLease, Flights } from './accounts/flights.ts';
import { readJournal } from './accounts/journal.ts';
import type { BudgetAlert, Settlement } from './accounts/shapes.ts';
import { CallerGone, orAborted, type Sink } from './attempt.ts';
import { usageKey } from './budgets.ts';
import type { Answer, ChatRequest, Labels, Message, ProviderName } from './chat.ts';
import { textOf } from './chat.ts';
import { measure } from './fit.ts';
import type { LlmMetrics } from './metrics.ts';
import type { Provider } from './provider.ts';
import { type CallReport, spend } from './report.ts';
import { type Candidate, resolve } from './resolve.ts';
import { type Job, type Records, Router, rateLimitsOf } from './router.ts';
import type { LlmSettings } from './settings.ts';
import { readStructured } from './structured.ts';
import { replayEvents } from './wires/replay.ts';

/** Results outlive every retry and redrive of their cause. */
const JOURNAL_TTL_MS = 7 * 24 * 60 * 60 * 1000;
const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'];
/** How often a leader whose own caller left looks whether others still wait. */
const FOLLOWERS_LOOK_MS = 100;
const NONE = '-';
const NOTHING_SPENT = {
  reservation: null,
  tokens: null,
  costNanoUsd: 0,
  answered: true,
  failed: false,
  cacheHit: false,
  coalesced: false,
  cacheMiss: false,
  flags: [],
  health: { kind: 'neutral' },
  latencyMs: null,
} as const satisfies Partial<Settlement>;
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
  #running = 0;
  readonly #untilIdle: (() => void)[] = [];

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
      const value = JSON.stringify({ id, fingerprint: journal.fingerprint, answer } satisfies Stored);
      const usage = usageKey(this.settings, NONE, NONE, labels, Date.now());
      await this.accounts.settle({ ...NOTHING_SPENT, usage, answered: false, ...records(value) });
      return answer;
    });
  }

  /** The request with everything resolved that can be without asking anybody. */
  plan(call: Call): Plan {
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
      deadlineMs: performance.now() + this.router.requestTimeoutMs(resolution.candidates[0]),
      conclude: (answer) => ({ answer, final: true, records: {} }),
    };
    return { job, cache: this.#cachePlace(call, job) };
  }

  #cachePlace({ request, tenant, wire, cache }: Call, job: Job): CachePlace | null {
    if (!this.settings.cacheEnabled || cache === false) return null;
    const index = job.resolution.candidates.findIndex((_, at) => this.router.fitOf(job, at).upstream !== null);
    if (index < 0) return null;
    const { upstream, candidate, droppedParams } = this.router.fitOf(job, index);
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
    return { sha256: hash('sha256', canonicalJson(identity)), candidate, droppedParams };
  }

  async #cached(call: Call, job: Job, place: CachePlace): Promise<Answer> {
    const { report } = call;
    const known = await this.#find(call, job, place);
    if (known) return this.#given(call, known, place, 'HIT', {});
    return this.#shared(place.sha256, call, {
      stored: async () => {
        const answer = await this.#find(call, job, place);
        return answer && this.#given(call, answer, place, 'HIT', {});
      },
      follow: ({ answer }) => this.#given(call, answer, place, 'COALESCED', {}),
      lead: (signal, lease) => {
        report.cache = 'MISS';
        return this.#ask(call, { ...job, signal, cacheMiss: true }, (value, answer) => ({
          ...resultOf(lease, value),
          ...this.#cacheRecord(call, place, value, answer),
        }));
      },
    });
  }

  /** The result recorded for the key, or one that is recorded now. */
  #once(call: Call, { job, cache: place }: Plan, journal: JournalKey): Promise<Answer> {
    const { report } = call;
    return this.#keyed(call, journal, async (signal, records) => {
      if (place === null) return this.#ask(call, { ...job, signal }, records);
      const known = await this.#find(call, job, place);
      if (known) {
        const { fingerprint } = journal;
        const value = JSON.stringify({ id: report.id, fingerprint, answer: known } satisfies Stored);
        return this.#given(call, known, place, 'HIT', records(value));
      }
      report.cache = 'MISS';
      return this.#ask(call, { ...job, signal, cacheMiss: true }, (value, answer) => ({
        ...records(value),
        ...this.#cacheRecord(call, place, value, answer),
      }));
    });
  }

  /** @param make makes the result and settles it with the records it is handed */
  #keyed(
    call: Call,
    { key, fingerprint }: JournalKey,
    make: (signal: AbortSignal, records: (value: string) => Records) => Promise<Answer>,
  ): Promise<Answer> {
    const { report } = call;
    const again = ({ answer, id, fingerprint: recorded }: Stored): Promise<Answer> => {
      if (fingerprint !== null && recorded !== fingerprint) throw otherRequest();
      report.replayed = true;
      report.id = id;
      return this.#deliver(call, answer);
    };
    return this.#shared(hash('sha256', `journal\n${key}`), call, {
      stored: async () => {
        const text = await readJournal(this.#redis, this.#keys, key);
        return text === null ? null : again(JSON.parse(text) as Stored);
      },
      follow: again,
      lead: (signal, lease) =>
        make(signal, (value) => ({
          ...resultOf(lease, value),
          journal: { key: this.#keys.under(`effect:${key}`), value, ttlMs: JOURNAL_TTL_MS },
        })),
    });
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
        const outcome = JSON.parse(seen.value) as { stored: Stored } | { fault: FaultData; fingerprint: string | null };
        if ('fault' in outcome) {
          if (call.journal && call.journal.fingerprint !== outcome.fingerprint) throw otherRequest();
          throw reviveFault(outcome.fault);
        }
        return follow(outcome.stored);
      }
      lease = seen.lease;
    }
    let found: Answer | null;
    try {
      // Who led before may have finished between our look and our lease.
      found = await stored();
    } catch (error) {
      await lease.release();
      throw error;
    }
    if (found) {
      await lease.release();
      return found;
    }
    const ended = new AbortController();
    // A caller that leaves ends the call only if, and as soon as, nobody else waits for it.
    const onGone = async () => {
      while (!ended.signal.aborted && (await lease.hasFollowers().catch(() => false))) {
        await pause(FOLLOWERS_LOOK_MS, undefined, { ref: false });
      }
      ended.abort();
    };
    call.signal.addEventListener('abort', onGone, { once: true });
    try {
      if (call.signal.aborted) await onGone();
      const answer = await lead(ended.signal, lease);
      // Without a settlement there is no result for those who wait: one of them asks anew.
      if (call.report.settled) lease.settled();
      else await lease.release();
      return answer;
    } catch (error) {
      // A failure is everybody's; but a bug is not, and neither is a budget, which may be this caller's own.
      const shared = error instanceof Fault && error.code !== 'BUDGET_EXCEEDED';
      const fingerprint = call.journal?.fingerprint ?? null;
      if (shared) await lease.fail(JSON.stringify({ fault: withoutStacks(faultData(error)), fingerprint }));
      else await lease.release();
      throw error;
    } finally {
      call.signal.removeEventListener('abort', onGone);
      ended.abort();
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
      ...NOTHING_SPENT,
      usage: usageKey(this.settings, answer.provider, answer.model, labels, Date.now()),
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

/** Where in the cache an answer belongs. */
interface CachePlace {
  sha256: string;
  /** Whose answer it is. */
  candidate: Candidate;
  droppedParams: readonly string[];
}

interface Plan {
  job: Job;
  /** Null: the answer is neither looked up nor kept. */
  cache: CachePlace | null;
}

/** What those get who wait for a call. */
function resultOf({ sha256, token }: FlightLease, value: string): Records {
  return token === null ? {} : { flight: { sha256, token, value: `{"stored":${value}}` } };
}

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

function otherRequest(): Fault {
  return new Fault('CONFLICT', 'This Idempotency-Key was used for another request.');
}

function withoutStacks({ stack: _, cause: __, ...data }: FaultData): FaultData {
  return data;
}
