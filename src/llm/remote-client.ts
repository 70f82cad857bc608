/**
 * How actors ask a language model through a gateway of another process.
 *
 * Owns: one question over HTTP (`POST /v1/chat`). Budgets, retries and repairs are that gateway's. Keeps I4: a question's
 * key goes along as its `Idempotency-Key`.
 */
import { Fault, type FaultCode } from '../errors.ts';
import type { LlmClient, LlmRequest } from './client.ts';
import { buildPrompt } from './prompt.ts';

/** What instruction and answer leave of the smallest window that is configured for such tasks. */
const INPUT_TOKENS = 100_000;
const MAX_ERROR_CHARACTERS = 500;

/** Asks the gateway at `baseUrl`. Everything that keeps it from answering is a fault as of a call that was refused. */
export function createRemoteLlm(baseUrl: string): Pick<LlmClient, 'complete'> {
  const url = new URL('v1/chat', baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  return {
    async complete(request) {
      const { messages, truncated } = buildPrompt({ ...request, inputTokens: INPUT_TOKENS });
      const answer = await post(url, request, messages);
      const { input_tokens, output_tokens, total_tokens } = answer.usage;
      return {
        output: request.schema ? parsed(answer.message.content) : answer.message.content,
        provider: answer.provider,
        model: answer.model,
        // What it has cost is in the ledger of that gateway.
        usage: { input_tokens, output_tokens, total_tokens, cost_usd: 0 },
        stop_reason: 'end',
        cached: answer.cached,
        truncated,
      };
    },
  };
}

interface ChatAnswer {
  provider: string;
  model: string;
  message: { content: string };
  usage: { input_tokens: number; output_tokens: number; total_tokens: number };
  cached: boolean;
}

async function post(url: URL, { schema, labels, key, signal }: LlmRequest, messages: unknown): Promise<ChatAnswer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({
        ...labels,
        messages,
        ...(schema && { response_format: { type: 'json_schema', schema } }),
      }),
      signal,
    });
    text = await response.text();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Fault('SERVICE_UNAVAILABLE', `the LLM gateway at ${url.origin} cannot be reached`, { cause: error });
  }
  if (response.ok) return parsed(text) as ChatAnswer;
  throw refusal(response.status, text);
}

function refusal(status: number, text: string): Fault {
  const { error } = (parsed(text) ?? {}) as { error?: { code?: string; message?: string; details?: object } };
  const message = (error?.message ?? text).slice(0, MAX_ERROR_CHARACTERS);
  const code: FaultCode = status === 429 ? 'RATE_LIMITED' : status === 502 ? 'PROVIDER_ERROR' : 'SERVICE_UNAVAILABLE';
  return new Fault(code, `the LLM gateway refuses: ${message}`, {
    details: { ...error?.details, status },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('PROVIDER_ERROR', 'the LLM gateway answers with no JSON', {
      cause,
      details: { reason: 'bad_output' },
    });
  }
}
