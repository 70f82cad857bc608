/**
 * How actors ask a language model.
 *
 * Owns: one question, from instruction and data to an answer that fits its schema. Does not own the call: that is the
 * gateway's, the same as over HTTP. Keeps I4: a question's key gives one result, however often its work runs.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { Fault, type FaultCode } from '../errors.ts';
import type { JsonSchema, Labels, StopReason } from './chat.ts';
import { roomOf } from './fit.ts';
import type { Gateway } from './gateway.ts';
import { NANO_PER_USD } from './pricing.ts';
import { type DataPart, preparePrompt, type Truncation } from './prompt.ts';
import { type CallReport, newReport } from './report.ts';
import { type Candidate, resolve } from './resolve.ts';

export interface LlmRequest {
  /** Who is asked: the system message. Absent = the instruction is. */
  role?: string;
  /** What to do. Never holds anything that came from outside. */
  instruction: string;
  /** What to do it with, most important first: a cut begins at the end. */
  data: readonly DataPart[];
  /** Absent: the answer is text. */
  schema?: JsonSchema;
  labels: Labels;
  /** Idempotency key of the result. */
  key: string;
  signal: AbortSignal;
  /**
   * Waits no longer than this for a rate limit of ours, and for none of a provider. Absent: for both, as long as the
   * signal allows.
   */
  patienceMs?: number;
}

export interface LlmResult {
  /** Valid against the request's schema; without one, the text. */
  output: unknown;
  provider: string;
  model: string;
  usage: { input_tokens: number; output_tokens: number; total_tokens: number; cost_usd: number };
  stop_reason: StopReason;
  /** Somebody else has paid for the answer. */
  cached: boolean;
  /** What of the data did not fit the window; empty when all did. */
  truncated: Truncation[];
}

export interface LlmClient {
  /** @throws Fault as {@link Gateway.complete}; with `details.reason` = `bad_output` if one repair did not help */
  complete(request: LlmRequest): Promise<LlmResult>;
  /** Ends what is running and resolves when that is settled, at the latest after `withinMs`. */
  close(withinMs: number): Promise<void>;
}

/** Codes of a call that was refused: by providers after all that the gateway tries, or by what it is configured to allow. */
const REFUSED: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'VALIDATION_ERROR',
  'UNSUPPORTED_PARAMETER',
  'CONTEXT_LENGTH_EXCEEDED',
  'CONTENT_FILTERED',
  'RATE_LIMITED',
  'BUDGET_EXCEEDED',
  'PROVIDER_ERROR',
  'PROVIDER_TIMEOUT',
  'SERVICE_UNAVAILABLE',
  'STREAM_INTERRUPTED',
]);

/**
 * The fault of a call that got no answer although nothing of ours has failed; null for any other error. Whoever can do
 * without an answer does so then. The rest (Redis, a thread that drains, a bug) is worth trying again.
 */
export function refusalOfCall(error: unknown): Fault | null {
  if (!(error instanceof Fault) || !REFUSED.has(error.code)) return null;
  return error.details?.dependency === 'redis' ? null : error;
}

/** Violations of the demanded shape that a refusal in words repeats. */
const NAMED_VIOLATIONS = 3;

/** Faults of the gateway hold neither prompts nor answers; of an answer's shape they name the places. */
export function refusalInWords({ code, message, details }: Fault): string {
  if (details?.reason !== 'bad_output') return `${code}: ${message}`;
  return `${code}: ${message} (${(details.errors as string[]).slice(0, NAMED_VIOLATIONS).join('; ')})`;
}

const SPREAD_FIRST_MS = 500;
const SPREAD_MAX_MS = 30_000;
/** Actors share a tenant of their own. */
const TENANT = 'internal';

export function createLlmClient(gateway: Gateway): LlmClient {
  const { settings } = gateway;
  const closing = new AbortController();
  return {
    async close(withinMs) {
      closing.abort();
      await gateway.idle(withinMs);
    },
    async complete({ role, instruction, data, schema, labels, key, signal: wanted, patienceMs }) {
      const signal = AbortSignal.any([wanted, closing.signal]);
      const resolution = resolve(settings, { messages: [] }, labels);
      const promptOf = preparePrompt({ role, instruction, data, schema });
      const promptFor = (candidate: Candidate) => promptOf(roomOf(settings, resolution, candidate).inputTokens);
      const [first] = resolution.candidates as [Candidate, ...Candidate[]];
      const report = newReport(performance.now(), '');
      const answer = await inTurn(signal, patienceMs, () =>
        gateway.complete({
          request: {
            messages: promptFor(first).messages,
            cutTo: (inputTokens) => promptOf(inputTokens).messages,
            ...(schema && { response_format: { schema } }),
          },
          labels,
          tenant: TENANT,
          wire: TENANT,
          cache: undefined,
          journal: { key, fingerprint: null },
          signal,
          sink: null,
          wantsBody: false,
          report,
        }),
      );
      const { inputTokens: input_tokens = 0, outputTokens: output_tokens = 0 } = answer.usage ?? {};
      return {
        output: schema ? JSON.parse(answer.text) : answer.text,
        provider: answer.provider,
        model: answer.model,
        usage: {
          input_tokens,
          output_tokens,
          total_tokens: input_tokens + output_tokens,
          cost_usd: (report.replayed ? report.recordedCostNanoUsd : report.costNanoUsd) / NANO_PER_USD,
        },
        stop_reason: answer.stopReason,
        cached: report.cache === 'HIT' || report.cache === 'COALESCED',
        truncated: promptFor(answeredBy(resolution.candidates, answer, report) ?? first).truncated,
      };
    },
  };
}

/** A recorded answer does not say which candidate it was asked of, but who has answered. */
function answeredBy(
  candidates: readonly Candidate[],
  { provider, model }: Pick<LlmResult, 'provider' | 'model'>,
  { route }: CallReport,
): Candidate | undefined {
  return route ?? candidates.find((each) => each.provider === provider && each.realModel === model);
}

/**
 * Work of ours has time where a client on the line has not: what is over a rate limit waits its turn, as long as its
 * deadline or patience allows, instead of using up attempts.
 */
async function inTurn<T>(signal: AbortSignal, patienceMs: number | undefined, ask: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + (patienceMs ?? Number.POSITIVE_INFINITY);
  for (let spreadMs = SPREAD_FIRST_MS; ; spreadMs = Math.min(SPREAD_MAX_MS, 2 * spreadMs)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'RATE_LIMITED') throw error;
      const { retry_after: waitS, attempts } = error.details ?? {};
      if (typeof waitS !== 'number') throw error;
      const outOfPatience = attempts !== undefined || performance.now() + waitS * 1000 > untilMs;
      if (patienceMs !== undefined && outOfPatience) throw error;
      // Those who wait must not all come back at once.
      await pause(waitS * 1000 + Math.random() * spreadMs, undefined, { signal });
    }
  }
}
