/**
 * Anthropic's messages wire, `POST /v1/messages`.
 *
 * Owns: answers, streams and errors in that wire's shape. Messages that came from an upstream in this wire go on as
 * they are, but for the model's real name.
 */
import type { Answer, StopReason, ToolCallDelta, UpstreamEvent, Usage } from '../chat.ts';
import { readAnthropic } from './anthropic-read.ts';
import { isObject, type Json } from './reading.ts';
import {
  type ClientWire,
  type EncoderMeta,
  namedEvent,
  type Source,
  type StreamEncoder,
  type WireErrorInput,
} from './wire.ts';

const STOP_REASONS: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  stop_sequence: 'stop_sequence',
  max_tokens: 'max_tokens',
  tool_use: 'tool_use',
  content_filter: 'refusal',
};

/** Here `input_tokens` are those that were neither read from the provider's cache nor written to it. */
function usageOf(usage: Usage | null): Json {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0 } = usage ?? {};
  return {
    input_tokens: Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cachedInputTokens,
    output_tokens: outputTokens,
    ...(usage?.reasoningTokens ? { output_tokens_details: { thinking_tokens: usage.reasoningTokens } } : {}),
  };
}

/** The arguments as an object: what a model was cut off in is no JSON, and the wire has no place for a text. */
function inputOf(json: string): Json {
  try {
    const input: unknown = JSON.parse(json);
    return isObject(input) ? input : {};
  } catch {
    return {};
  }
}

function answerOf(answer: Answer, id: string): Record<string, unknown> {
  if (answer.body?.family === 'anthropic') return { ...answer.body.json, model: answer.model };
  const { text, toolCalls } = answer;
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content: [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...toolCalls.map((call) => ({
        type: 'tool_use',
        id: call.id,
        name: call.name,
        input: inputOf(call.arguments),
      })),
    ],
    stop_reason: STOP_REASONS[answer.stopReason],
    stop_sequence: null,
    usage: usageOf(answer.usage),
  };
}

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

function errorOf({ code, status, message, details }: WireErrorInput): Record<string, unknown> {
  const usual = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  const type = code === 'BUDGET_EXCEEDED' ? 'billing_error' : usual;
  return { type: 'error', error: { type, message, code, ...(details && { details }) } };
}

const NO_USAGE = usageOf(null);

class AnthropicEncoder implements StreamEncoder {
  readonly #id: string;
  readonly #model: string;
  #started = false;
  #ended = false;
  #stopped = false;
  /** Index of the next block, of the open one, and of the one that each tool call has. */
  #next = 0;
  #open: { index: number; call: number | null } | undefined;
  readonly #calls = new Map<number, number>();

  constructor({ id, model }: EncoderMeta) {
    this.#id = id;
    this.#model = model;
  }

  /** Whether the message is to be begun here shows with the first event. */
  start(): string {
    return '';
  }

  event({ text, toolCalls, usage, frame }: UpstreamEvent): string {
    if (frame) return this.#forward(frame);
    let written = this.#begin(usage ? usageOf(usage) : NO_USAGE);
    if (text !== undefined) written += this.#text(text);
    for (const call of toolCalls ?? []) written += this.#call(call);
    return written;
  }

  done(answer: Answer): string {
    let written = '';
    if (!this.#ended) {
      const usage = usageOf(answer.usage);
      written += this.#begin(usage) + this.#close();
      const delta = { stop_reason: STOP_REASONS[answer.stopReason], stop_sequence: null };
      written += event({ type: 'message_delta', delta, usage });
    }
    return this.#stopped ? written : written + event({ type: 'message_stop' });
  }

  error(error: WireErrorInput): string {
    return namedEvent('error', JSON.stringify(errorOf(error)));
  }

  #begin(usage: Json): string {
    if (this.#started) return '';
    this.#started = true;
    const message = {
      id: this.#id,
      type: 'message',
      role: 'assistant',
      model: this.#model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      // What was generated is counted by the end of the message.
      usage: { ...usage, output_tokens: 0 },
    };
    return event({ type: 'message_start', message });
  }

  #text(text: string): string {
    const written = this.#open?.call === null ? '' : this.#block(null, { type: 'text', text: '' });
    return written + this.#delta(this.#next - 1, { type: 'text_delta', text });
  }

  /** A piece for a call whose block is closed still names that block: clients find blocks by index. */
  #call({ index, id, name, arguments: piece }: ToolCallDelta): string {
    let written = '';
    let block = this.#calls.get(index);
    if (block === undefined) {
      block = this.#next;
      this.#calls.set(index, block);
      written = this.#block(index, { type: 'tool_use', id: id ?? `toolu_${index}`, name: name ?? '', input: {} });
    }
    return piece ? written + this.#delta(block, { type: 'input_json_delta', partial_json: piece }) : written;
  }

  #block(call: number | null, block: Json): string {
    const closed = this.#close();
    const index = this.#next++;
    this.#open = { index, call };
    return closed + event({ type: 'content_block_start', index, content_block: block });
  }

  #delta(index: number, delta: Json): string {
    return event({ type: 'content_block_delta', index, delta });
  }

  #close(): string {
    if (!this.#open) return '';
    const { index } = this.#open;
    this.#open = undefined;
    return event({ type: 'content_block_stop', index });
  }

  #forward(frame: Json): string {
    this.#started = true;
    if (frame.type === 'message_start' && isObject(frame.message)) {
      return event({ ...frame, message: { ...frame.message, model: this.#model } });
    }
    if (frame.type === 'message_delta') this.#ended = true;
    if (frame.type === 'message_stop') this.#stopped = true;
    return event(frame);
  }
}

const event = (frame: Json): string => namedEvent(String(frame.type), JSON.stringify(frame));

export function anthropicWire(source: Source): ClientWire {
  return {
    name: 'anthropic',
    read: readAnthropic,
    answer: answerOf,
    encoder: (meta) => new AnthropicEncoder(meta),
    error: errorOf,
    newId: () => `msg_${source.randomHex(12)}`,
  };
}
