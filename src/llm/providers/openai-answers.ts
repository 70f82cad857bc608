/** Reads what OpenAI and local servers answer, whole and message by message. Pure. */
import type { Answer, StopReason, ToolCall, ToolCallDelta, UpstreamEvent, Usage } from '../chat.ts';
import type { UpstreamRequest } from '../provider.ts';
import type { Json, ReadFrame } from './http.ts';
import { countOf, incomplete, objectOf, objectsOf, stringOf } from './reading.ts';

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'content_filter',
};

/** A forced call ends with `stop`, and so do all calls of some local servers. */
function stopReasonOf(finish: unknown, refused: boolean, called: boolean): StopReason {
  if (refused) return 'content_filter';
  const reason = STOP_REASONS[stringOf(finish)] ?? 'end';
  return reason === 'end' && called ? 'tool_use' : reason;
}

function usageOf(value: unknown): Usage | null {
  const usage = objectOf(value);
  if (typeof usage.prompt_tokens !== 'number') return null;
  const input = objectOf(usage.prompt_tokens_details);
  return {
    inputTokens: countOf(usage.prompt_tokens),
    outputTokens: countOf(usage.completion_tokens),
    cachedInputTokens: countOf(input.cached_tokens),
    cacheWriteTokens: countOf(input.cache_write_tokens),
    reasoningTokens: countOf(objectOf(usage.completion_tokens_details).reasoning_tokens),
  };
}

export function answerOf(json: Json, { provider, model, passthrough }: UpstreamRequest): Answer {
  const [choice] = objectsOf(json.choices);
  if (!choice) throw incomplete('choices');
  const message = objectOf(choice.message);
  const toolCalls = objectsOf(message.tool_calls).map((call): ToolCall => {
    const { name, arguments: text } = objectOf(call.function);
    return { id: stringOf(call.id), name: stringOf(name), arguments: stringOf(text) };
  });
  return {
    provider,
    model,
    text: stringOf(message.content),
    toolCalls,
    stopReason: stopReasonOf(choice.finish_reason, stringOf(message.refusal) !== '', toolCalls.length > 0),
    usage: usageOf(json.usage),
    ...(passthrough && { body: { family: passthrough.family, json } }),
  };
}

/** Text, calls and stop reason are those of the first choice, the latter when all have ended; all are in the frames. */
export function frameReader({ passthrough, n }: UpstreamRequest): ReadFrame {
  let refused = false;
  let called = false;
  let open = countOf(passthrough ? passthrough.body.n : n) || 1;
  let finish: unknown = null;
  return (frame) => {
    const event: UpstreamEvent = passthrough ? { frame } : {};
    const usage = usageOf(frame.usage);
    if (usage) event.usage = usage;
    for (const { index = 0, delta: given, finish_reason: reason } of objectsOf(frame.choices)) {
      const delta = objectOf(given);
      const calls = objectsOf(delta.tool_calls);
      if (calls.length > 0 || CONTENT.some((member) => stringOf(delta[member]) !== '')) event.content = true;
      if (reason != null) open--;
      if (index !== 0) continue;
      finish ??= reason;
      const text = stringOf(delta.content);
      if (text !== '') event.text = text;
      if (stringOf(delta.refusal) !== '') refused = true;
      if (calls.length === 0) continue;
      called = true;
      event.toolCalls = calls.map(callDelta);
    }
    if (finish !== null && open <= 0) {
      event.stopReason = stopReasonOf(finish, refused, called);
      finish = null;
    }
    return event;
  };
}

/** Reasoning: vLLM, DeepSeek and others; OpenRouter and Ollama. */
const CONTENT = ['content', 'reasoning_content', 'reasoning'] as const;

function callDelta(call: Json, position: number): ToolCallDelta {
  const { name, arguments: piece } = objectOf(call.function);
  return {
    index: typeof call.index === 'number' ? call.index : position,
    ...(stringOf(call.id) !== '' && { id: stringOf(call.id) }),
    ...(stringOf(name) !== '' && { name: stringOf(name) }),
    ...(stringOf(piece) !== '' && { arguments: stringOf(piece) }),
  };
}
