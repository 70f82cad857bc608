/** Reads what Anthropic answers, whole and message by message. Pure. */
import type { Answer, StopReason, ToolCall, UpstreamEvent, Usage } from '../chat.ts';
import type { UpstreamRequest } from '../provider.ts';
import type { Json, ReadFrame } from './http.ts';
import { countOf, incomplete, objectOf, objectsOf, stringOf } from './reading.ts';

const STOP_REASONS = new Map<string, StopReason>([
  ['end_turn', 'end'],
  ['max_tokens', 'max_tokens'],
  ['model_context_window_exceeded', 'max_tokens'],
  ['stop_sequence', 'stop_sequence'],
  ['tool_use', 'tool_use'],
  ['refusal', 'content_filter'],
]);

/**
 * `pause_turn`, and any reason nobody knows here, is told as `max_tokens`: there may be more to come, so the answer
 * must neither pass for a whole one nor be kept as such. A client of the wire still reads the reason itself.
 */
function stopReasonOf(reason: unknown): StopReason {
  return STOP_REASONS.get(stringOf(reason)) ?? 'max_tokens';
}

function usageOf(value: unknown): Usage | null {
  const usage = objectOf(value);
  if (typeof usage.input_tokens !== 'number') return null;
  const cachedInputTokens = countOf(usage.cache_read_input_tokens);
  const cacheWriteTokens = countOf(usage.cache_creation_input_tokens);
  return {
    inputTokens: countOf(usage.input_tokens) + cachedInputTokens + cacheWriteTokens,
    outputTokens: countOf(usage.output_tokens),
    cachedInputTokens,
    cacheWriteTokens,
    reasoningTokens: countOf(objectOf(usage.output_tokens_details).thinking_tokens),
  };
}

export function answerOf(json: Json, { provider, model, passthrough }: UpstreamRequest): Answer {
  if (!Array.isArray(json.content)) throw incomplete('content');
  const blocks = objectsOf(json.content);
  const toolCalls = blocks.flatMap((block): ToolCall[] =>
    block.type === 'tool_use'
      ? [{ id: stringOf(block.id), name: stringOf(block.name), arguments: JSON.stringify(block.input ?? {}) }]
      : [],
  );
  return {
    provider,
    model,
    text: blocks.map(({ type, text }) => (type === 'text' ? stringOf(text) : '')).join(''),
    toolCalls,
    stopReason: stopReasonOf(json.stop_reason),
    usage: usageOf(json.usage),
    ...(passthrough && { body: { family: passthrough.family, json } }),
  };
}

/** A call that is under way: by the index of its block, what it counts among the calls. */
interface OpenCall {
  index: number;
  /** Given with the start of the block: counts only if no pieces follow. */
  input: unknown;
  pieces: boolean;
}

export function frameReader({ passthrough }: UpstreamRequest): ReadFrame {
  const calls = new Map<unknown, OpenCall>();
  let counts: Json = {};

  const read: Readonly<Record<string, (frame: Json) => UpstreamEvent>> = {
    message_start({ message }) {
      counts = objectOf(objectOf(message).usage);
      const usage = usageOf(counts);
      return usage ? { usage } : {};
    },
    content_block_start({ index, content_block }) {
      const block = objectOf(content_block);
      if (block.type === 'tool_use') {
        calls.set(index, { index: calls.size, input: block.input, pieces: false });
        const start = { index: calls.size - 1, id: stringOf(block.id), name: stringOf(block.name) };
        return { toolCalls: [start], content: true };
      }
      const text = block.type === 'text' ? stringOf(block.text) : '';
      return text === '' ? {} : { text, content: true };
    },
    content_block_delta({ index, delta: given }) {
      const delta = objectOf(given);
      const text = delta.type === 'text_delta' ? stringOf(delta.text) : '';
      if (text !== '') return { text, content: true };
      const piece = delta.type === 'input_json_delta' ? stringOf(delta.partial_json) : '';
      const call = calls.get(index);
      if (piece !== '' && call) {
        call.pieces = true;
        return { toolCalls: [{ index: call.index, arguments: piece }], content: true };
      }
      return stringOf(delta.type).startsWith('thinking') ? { content: true } : {};
    },
    content_block_stop({ index }) {
      const call = calls.get(index);
      if (!call || call.pieces) return {};
      return { toolCalls: [{ index: call.index, arguments: JSON.stringify(call.input ?? {}) }], content: true };
    },
    message_delta({ delta, usage: given }) {
      // Sums so far; what is not said again still holds.
      counts = {
        ...counts,
        ...Object.fromEntries(Object.entries(objectOf(given)).filter(([, count]) => count != null)),
      };
      const usage = usageOf(counts);
      const reason = objectOf(delta).stop_reason;
      return { ...(usage && { usage }), ...(reason != null && { stopReason: stopReasonOf(reason) }) };
    },
    message_stop: () => ({ end: true }),
  };

  return (frame) => {
    const event = read[stringOf(frame.type)]?.(frame) ?? {};
    return passthrough ? { ...event, frame } : event;
  };
}
