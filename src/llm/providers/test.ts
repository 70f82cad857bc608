/**
 * The provider of test mode: no network, no model, the same bytes for the same request.
 *
 * Owns: answers made from the request alone, and failures a script asks for. It is a provider like any other, so
 * everything above it works as usual.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Fault, type FaultCode } from '../../errors.ts';
import { withoutDelimiters } from '../prompt.ts';
import { estimateTokens, type Provider, type ProviderAnswer, type ProviderRequest } from '../provider.ts';
import { type Failure, type ScriptRule, scripted } from './test-script.ts';
import { conformingValue } from './test-values.ts';

const NAME = 'test';
const MODEL = 'test-1';
/** Code points of the last user message that a text answer repeats. */
const ECHO_CODE_POINTS = 200;

/** Failures that are an error at once. The others never answer (`silent`, `stall`) or answer wrongly (`bad_json`). */
const FAULTS: Partial<Record<Failure, readonly [FaultCode, string, number?]>> = {
  rate_limited: ['RATE_LIMITED', 'the provider limits the rate', 429],
  server_error: ['PROVIDER_ERROR', 'the provider failed', 500],
  unavailable: ['SERVICE_UNAVAILABLE', 'the provider is unavailable', 503],
  auth: ['PROVIDER_ERROR', 'the provider refused the key', 401],
  timeout: ['PROVIDER_ERROR', 'the provider did not answer in time'],
  reset: ['PROVIDER_ERROR', 'the connection was reset'],
  cut_stream: ['PROVIDER_ERROR', 'the answer ended early', 200],
  malformed: ['PROVIDER_ERROR', 'the answer is malformed', 200],
  context_length: ['PROVIDER_ERROR', 'the input is longer than the context window', 400],
  content_filter: ['PROVIDER_ERROR', 'the content was filtered', 200],
};

async function fail(kind: Failure, then: ScriptRule['then'], signal: AbortSignal): Promise<void> {
  if (kind === 'silent' || kind === 'stall') {
    await new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
  const fault = FAULTS[kind];
  if (!fault) return;
  const [code, message, status] = fault;
  const details: Record<string, unknown> = { provider: NAME, outcome: kind };
  if (status !== undefined) details.status = status;
  if (then.retry_after_s !== undefined) details.retry_after_s = then.retry_after_s;
  throw new Fault(code, message, { details });
}

function answerText({ messages, schema }: ProviderRequest): string {
  const user = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  if (schema) return JSON.stringify(conformingValue(schema, withoutDelimiters(user.join('\n'))));
  const last = (user.at(-1) ?? '').replace(/\s+/g, ' ').trim();
  return `[test] ${Array.from(last).slice(0, ECHO_CODE_POINTS).join('')}`;
}

/** @param script rules that make calls fail or answer as told; the first that applies wins */
export function createTestProvider(script: readonly ScriptRule[] = []): Provider {
  const next = scripted(script);
  return {
    async complete(request, signal): Promise<ProviderAnswer> {
      signal.throwIfAborted();
      const then = next(request);
      if (then?.latency_ms) await delay(then.latency_ms, undefined, { signal });
      if (then?.fail) await fail(then.fail, then, signal);
      let text: string;
      if (then?.fail === 'bad_json') text = '{"unfinished": ';
      else if (then && 'json' in then) text = JSON.stringify(then.json);
      else text = then?.text ?? answerText(request);
      return {
        provider: NAME,
        model: MODEL,
        text,
        usage: {
          input_tokens: estimateTokens(request.messages.map(({ content }) => content).join('')),
          output_tokens: estimateTokens(text),
        },
        stop_reason: 'end',
      };
    },
  };
}
