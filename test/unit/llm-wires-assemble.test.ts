import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WireFamily } from '../../src/llm/chat.ts';
import { assemble } from '../../src/llm/wires/assemble.ts';
import { replayEvents } from '../../src/llm/wires/replay.ts';
import { anthropicBodies, openaiBodies } from '../fixtures/llm-answers.ts';

type Frame = Record<string, unknown>;

function framesOf(family: WireFamily, json: Frame): Frame[] {
  const answer = { provider: 'p', model: 'm', text: '', toolCalls: [], stopReason: 'end' as const, usage: null };
  return replayEvents({ ...answer, body: { family, json } }).flatMap(({ frame }) => (frame ? [frame] : []));
}

/** The same stream with every text of a delta in pieces of at most `size` code units. */
function inPieces(frames: Frame[], size: number): Frame[] {
  return frames.flatMap((frame) => {
    if (frame.type === 'content_block_delta') {
      const delta = frame.delta as Frame;
      const key = ['text', 'thinking', 'partial_json'].find((name) => typeof delta[name] === 'string');
      if (key) return cut(delta[key] as string, size).map((piece) => ({ ...frame, delta: { ...delta, [key]: piece } }));
    }
    const [choice] = (frame.choices ?? []) as { index: number; delta: Frame; finish_reason: null }[];
    const content = choice?.delta.content;
    if (choice && typeof content === 'string') {
      const [first, ...others] = cut(content, size);
      const more = others.map((piece) => ({
        ...frame,
        choices: [{ index: choice.index, delta: { content: piece }, finish_reason: null }],
      }));
      return [{ ...frame, choices: [{ ...choice, delta: { ...choice.delta, content: first } }] }, ...more];
    }
    return [frame];
  });
}

function cut(text: string, size: number): string[] {
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'));
  return pieces ?? [text];
}

describe('frames of a stream', () => {
  test("make the body of OpenAI's answer, however it was cut", () => {
    fc.assert(
      fc.property(openaiBodies, fc.integer({ min: 1, max: 9 }), (body, size) => {
        const frames = inPieces(framesOf('openai', body), size);
        const before = JSON.stringify(frames);
        expect(assemble('openai', frames)).toEqual(body);
        expect(JSON.stringify(frames)).toBe(before);
      }),
    );
  });

  test("make the body of Anthropic's answer, however it was cut", () => {
    fc.assert(
      fc.property(anthropicBodies, fc.integer({ min: 1, max: 9 }), (body, size) => {
        const frames = inPieces(framesOf('anthropic', body), size);
        const before = JSON.stringify(frames);
        expect(assemble('anthropic', frames)).toEqual(body);
        expect(JSON.stringify(frames)).toBe(before);
      }),
    );
  });

  test('add up as OpenAI sends them', () => {
    const chunk = (choices: unknown[], more: Frame = {}) => ({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      service_tier: 'default',
      choices,
      usage: null,
      obfuscation: 'xx',
      ...more,
    });
    const call = (fields: Frame) =>
      chunk([{ index: 0, delta: { tool_calls: [fields] }, logprobs: null, finish_reason: null }]);
    const frames = [
      chunk([
        { index: 0, delta: { role: 'assistant', content: null, refusal: null }, logprobs: null, finish_reason: null },
      ]),
      call({ index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"x"' } }),
      call({ index: 1, id: 'b', type: 'function', function: { name: 'look', arguments: '{}' } }),
      // As some servers do: what is known is said again.
      call({ index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: ':1}' } }),
      call({ index: 1, id: '', function: { name: null, arguments: '' } }),
      chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'tool_calls' }]),
      chunk([], { usage: { prompt_tokens: 1 } }),
    ];
    expect(assemble('openai', frames)).toEqual({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      service_tier: 'default',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            refusal: null,
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'look', arguments: '{"x":1}' } },
              { id: 'b', type: 'function', function: { name: 'look', arguments: '{}' } },
            ],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: { prompt_tokens: 1 },
    });
  });

  test('that were cut off inside the input of a tool are no error unless the call was complete', () => {
    const frames = (stopReason: string) => [
      { type: 'message_start', message: { id: 'm', usage: { input_tokens: 1, output_tokens: 0 } } },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'a', name: 'n', input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"x":' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: stopReason }, usage: { output_tokens: 4, input_tokens: null } },
      { type: 'message_stop' },
    ];
    expect(assemble('anthropic', frames('max_tokens'))).toMatchObject({
      content: [{ type: 'tool_use', id: 'a', name: 'n', input: {} }],
      usage: { input_tokens: 1, output_tokens: 4 },
    });
    const failure = { name: 'UpstreamFailure', kind: 'malformed', message: "a tool's input is not JSON", status: 200 };
    expect(() => assemble('anthropic', frames('tool_use'))).toThrow(expect.objectContaining(failure));
  });

  test('of any shape never throw and change no prototype', () => {
    const json = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text.replace('"a"', '"__proto__"')));
    const frame = fc.oneof(
      fc.record({
        choices: fc.array(fc.record({ index: fc.nat({ max: 2 }), delta: json, logprobs: json }, { requiredKeys: [] })),
      }),
      fc.record(
        {
          type: fc.constantFrom('message_start', 'content_block_start', 'content_block_delta', 'message_delta'),
          index: fc.nat({ max: 2 }),
          message: json,
          content_block: json,
          delta: json,
          usage: json,
        },
        { requiredKeys: ['type'] },
      ),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), (frames) => {
        for (const family of ['openai', 'anthropic'] as const) {
          const body = assemble(family, frames);
          expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
          const inherited: string[] = [];
          for (const key in {}) inherited.push(key);
          expect(inherited).toEqual([]);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
