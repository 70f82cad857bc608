/**
 * OpenAI's chat-completions wire, `POST /v1/chat/completions`.
 *
 * Owns: answers, streams and errors in that wire's shape. Messages that came from an upstream in this wire go on as
 * they are, but for the model's real name and a usage that was not asked for.
 */
import type { Answer, StopReason, ToolCallDelta, UpstreamEvent, Usage } from '../chat.ts';
import { readOpenai } from './openai-read.ts';
import { isObject, type Json } from './reading.ts';
import {
  type ClientWire,
  type EncoderMeta,
  namedEvent,
  plainEvent,
  type Source,
  type StreamEncoder,
  type WireErrorInput,
} from './wire.ts';

const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  end: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  content_filter: 'content_filter',
};

function usageOf(usage: Usage | null): Json {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, reasoningTokens = 0 } = usage ?? {};
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}

function messageOf({ text, toolCalls }: Answer): Json {
  if (toolCalls.length === 0) return { role: 'assistant', content: text, refusal: null };
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: null,
    tool_calls: toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  };
}

function answerOf(answer: Answer, id: string, createdS: number): Record<string, unknown> {
  if (answer.body?.family === 'openai') return { ...answer.body.json, model: answer.model };
  const finishReason = FINISH_REASONS[answer.stopReason];
  return {
    id,
    object: 'chat.completion',
    created: createdS,
    model: answer.model,
    choices: [{ index: 0, message: messageOf(answer), logprobs: null, finish_reason: finishReason }],
    usage: usageOf(answer.usage),
  };
}

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** `param`: the first violation's place, as OpenAI writes it. */
function errorOf({ code, status, message, details }: WireErrorInput): Record<string, unknown> {
  const usual = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
  const type = code === 'BUDGET_EXCEEDED' ? 'insufficient_quota' : usual;
  return { error: { message, type, param: paramOf(details), code, ...(details && { details }) } };
}

function paramOf(details: Json | undefined): string | null {
  const [first] = Array.isArray(details?.errors) ? details.errors : [];
  const path = isObject(first) && typeof first.path === 'string' ? first.path : '';
  if (!path.startsWith('/')) return null;
  return path
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
}

class OpenaiEncoder implements StreamEncoder {
  readonly #model: string;
  readonly #wantsUsage: boolean;
  /** Of a chunk made here, before and after its choices. */
  readonly #head: string;
  readonly #tail: string;
  /** The role was sent, the finish reason was, the usage was. */
  #open = false;
  #finished = false;
  #usageSent = false;
  readonly #calls = new Set<number>();

  constructor({ id, model, request }: EncoderMeta, createdS: number) {
    this.#model = model;
    this.#wantsUsage = request.includeUsage === true;
    const common = JSON.stringify({ id, object: 'chat.completion.chunk', created: createdS, model });
    this.#head = `${common.slice(0, -1)},"choices":`;
    this.#tail = this.#wantsUsage ? ',"usage":null}' : '}';
  }

  /** Whether the role is to be said here shows with the first event. */
  start(): string {
    return '';
  }

  event({ text, toolCalls, frame }: UpstreamEvent): string {
    if (frame) return this.#forward(frame);
    let written = '';
    if (text !== undefined) written += this.#delta(`{"content":${JSON.stringify(text)}}`);
    for (const call of toolCalls ?? []) written += this.#delta(this.#callDelta(call));
    return written === '' ? '' : this.#opening() + written;
  }

  done(answer: Answer): string {
    let written = this.#opening();
    if (!this.#finished) written += this.#choice('{}', JSON.stringify(FINISH_REASONS[answer.stopReason]));
    if (this.#wantsUsage && !this.#usageSent) {
      written += plainEvent(`${this.#head}[],"usage":${JSON.stringify(usageOf(answer.usage))}}`);
    }
    return `${written}data: [DONE]\n\n`;
  }

  error(error: WireErrorInput): string {
    return namedEvent('error', JSON.stringify(errorOf(error)));
  }

  #opening(): string {
    if (this.#open) return '';
    this.#open = true;
    return this.#delta('{"role":"assistant","content":"","refusal":null}');
  }

  #callDelta({ index, id, name, arguments: piece = '' }: ToolCallDelta): string {
    if (this.#calls.has(index)) return JSON.stringify({ tool_calls: [{ index, function: { arguments: piece } }] });
    this.#calls.add(index);
    const called = { name: name ?? '', arguments: piece };
    return JSON.stringify({ tool_calls: [{ index, id: id ?? `call_${index}`, type: 'function', function: called }] });
  }

  #delta(json: string): string {
    return this.#choice(json, 'null');
  }

  #choice(delta: string, finishReason: string): string {
    const choice = `[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finishReason}}]`;
    return plainEvent(this.#head + choice + this.#tail);
  }

  /** The upstream is always asked for its usage; a client that did not ask sees neither it nor its place. */
  #forward(frame: Json): string {
    const choices = Array.isArray(frame.choices) ? frame.choices : [];
    const hasUsage = isObject(frame.usage);
    this.#open = true;
    this.#finished ||= choices.some((choice) => isObject(choice) && typeof choice.finish_reason === 'string');
    this.#usageSent ||= hasUsage;
    if (this.#wantsUsage || !('usage' in frame)) return plainEvent(JSON.stringify({ ...frame, model: this.#model }));
    if (hasUsage && choices.length === 0) return '';
    const { usage: _, ...rest } = frame;
    return plainEvent(JSON.stringify({ ...rest, model: this.#model }));
  }
}

export function openaiWire(source: Source): ClientWire {
  const nowS = () => Math.floor(source.nowMs() / 1000);
  return {
    name: 'openai',
    read: readOpenai,
    answer: (answer, id) => answerOf(answer, id, nowS()),
    encoder: (meta) => new OpenaiEncoder(meta, nowS()),
    error: errorOf,
    newId: () => `chatcmpl-${source.randomHex(12)}`,
  };
}
