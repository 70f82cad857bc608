/**
 * Events of a message, put together.
 *
 * Owns: how deltas add up. Kinds of delta that no one has named here continue the texts of their block.
 */
import { UpstreamFailure } from '../provider.ts';
import { isObject, type Json } from './reading.ts';

type Block = Record<string, unknown>;

export function assembleAnthropic(frames: readonly Json[]): Record<string, unknown> {
  let message: Record<string, unknown> = { type: 'message', role: 'assistant', stop_reason: null };
  const blocks = new Map<number, Block>();
  const inputs = new Map<Block, string>();
  let usage: Record<string, unknown> = {};
  for (const frame of frames) {
    const block = typeof frame.index === 'number' ? blocks.get(frame.index) : undefined;
    if (frame.type === 'message_start' && isObject(frame.message)) {
      message = { ...message, ...frame.message };
      if (isObject(message.usage)) usage = { ...message.usage };
    } else if (frame.type === 'content_block_start' && isObject(frame.content_block)) {
      blocks.set(frame.index as number, { ...frame.content_block });
    } else if (frame.type === 'content_block_delta' && block && isObject(frame.delta)) {
      extend(block, frame.delta, inputs);
    } else if (frame.type === 'message_delta') {
      if (isObject(frame.delta)) message = { ...message, ...frame.delta };
      for (const key in isObject(frame.usage) ? frame.usage : {}) {
        const count = (frame.usage as Json)[key];
        if (key !== '__proto__' && (count !== null || !(key in usage))) usage[key] = count;
      }
    }
  }
  // What was cut off in the middle of a tool's input is not one that could be read.
  const mustBeJson = message.stop_reason === 'tool_use';
  for (const [block, json] of inputs) block.input = readInput(json, mustBeJson);
  message.content = [...blocks].sort(([left], [right]) => left - right).map(([, block]) => block);
  message.usage = usage;
  return message;
}

function extend(block: Block, delta: Json, inputs: Map<Block, string>): void {
  if (delta.type === 'input_json_delta') {
    if (delta.partial_json) inputs.set(block, (inputs.get(block) ?? '') + String(delta.partial_json));
  } else if (delta.type === 'citations_delta') {
    block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation];
  } else {
    for (const [key, piece] of Object.entries(delta)) {
      if (key === 'type' || key === '__proto__') continue;
      const before = block[key];
      block[key] = typeof before === 'string' && typeof piece === 'string' ? before + piece : piece;
    }
  }
}

function readInput(json: string, mustBeJson: boolean): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's message quotes the input.
    if (mustBeJson) throw new UpstreamFailure('malformed', "a tool's input is not JSON", { status: 200 });
    return {};
  }
}
