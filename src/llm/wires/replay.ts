/**
 * A complete answer as the stream it could have been, for clients that asked for a stream and get an answer that
 * another request has paid for.
 *
 * Owns: the inverse of `assemble`. An answer that has an upstream's own body is replayed in that upstream's messages,
 * so that nothing is lost that only the wire can say (several choices, thinking, log probabilities).
 */
import type { Answer, UpstreamEvent } from '../chat.ts';
import { isObject, type Json } from './reading.ts';

type Frame = Readonly<Record<string, unknown>>;

export function replayEvents(answer: Answer): UpstreamEvent[] {
  const { text, toolCalls, stopReason, usage, body } = answer;
  const last: UpstreamEvent = { stopReason, ...(usage && { usage }), end: true };
  if (body) {
    const frames = body.family === 'openai' ? openaiFrames(body.json) : anthropicFrames(body.json);
    const events = frames.map((frame): UpstreamEvent => ({ frame }));
    // The first frames open the answer; what it says in this vocabulary is told with the next one.
    const said = events[Math.min(1, events.length - 1)];
    if (said) Object.assign(said, saidIn(text, toolCalls));
    return [...events.slice(0, -1), { ...events.at(-1), ...last }];
  }
  const events: UpstreamEvent[] = [];
  if (text !== '') events.push({ text, content: true });
  for (const [index, call] of toolCalls.entries()) events.push({ toolCalls: [{ index, ...call }], content: true });
  return [...events, last];
}

function saidIn(text: string, toolCalls: Answer['toolCalls']): UpstreamEvent {
  return {
    content: true,
    ...(text !== '' && { text }),
    ...(toolCalls.length > 0 && { toolCalls: toolCalls.map((call, index) => ({ index, ...call })) }),
  };
}

function openaiFrames({ choices, usage, ...common }: Json): Frame[] {
  const frame = (members: Frame): Frame => ({ ...common, object: 'chat.completion.chunk', ...members });
  const all = (Array.isArray(choices) ? choices : []).filter(isObject);
  return [
    ...all.map(({ message, finish_reason: _, ...choice }) => {
      const { tool_calls: calls, ...said } = isObject(message) ? message : {};
      const numbered = Array.isArray(calls) ? calls.map((call: Json, index) => ({ index, ...call })) : undefined;
      const delta = { ...said, ...(numbered && { tool_calls: numbered }) };
      return frame({ choices: [{ ...choice, delta, finish_reason: null }] });
    }),
    ...all.map(({ index, finish_reason }) => frame({ choices: [{ index, delta: {}, finish_reason }] })),
    ...(isObject(usage) ? [frame({ choices: [], usage })] : []),
  ];
}

/** What an answer has from its end only. */
const FINAL = new Set(['stop_reason', 'stop_sequence', 'stop_details', 'container']);

function anthropicFrames({ content, usage, ...members }: Json): Frame[] {
  const entries = Object.entries(members);
  const common = Object.fromEntries(entries.filter(([key]) => !FINAL.has(key)));
  const delta = Object.fromEntries(entries.filter(([key]) => FINAL.has(key)));
  const counted = isObject(usage) ? usage : {};
  const message = {
    ...common,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...counted, output_tokens: 0 },
  };
  const blocks = (Array.isArray(content) ? content : []).filter(isObject);
  return [
    { type: 'message_start', message },
    ...blocks.flatMap((block, index): Frame[] => {
      const [opening, deltas] = opened(block);
      return [
        { type: 'content_block_start', index, content_block: opening },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ];
    }),
    { type: 'message_delta', delta, usage: counted },
    { type: 'message_stop' },
  ];
}

/** A block as it starts, and what then comes piece by piece. */
function opened(block: Json): [Frame, Frame[]] {
  switch (block.type) {
    case 'text': {
      const citations = Array.isArray(block.citations) ? block.citations : [];
      return [
        { ...block, text: '', ...(citations.length > 0 && { citations: [] }) },
        [
          { type: 'text_delta', text: block.text },
          ...citations.map((citation) => ({ type: 'citations_delta', citation })),
        ],
      ];
    }
    case 'thinking':
      return [
        { ...block, thinking: '', signature: '' },
        [
          { type: 'thinking_delta', thinking: block.thinking },
          { type: 'signature_delta', signature: block.signature },
        ],
      ];
    case 'tool_use':
    case 'server_tool_use':
      return [{ ...block, input: {} }, [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input ?? {}) }]];
    default:
      return [block, []];
  }
}
