// The SDKs of both wires read what the encoders write.
import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import type { Answer, StopReason, UpstreamEvent, Usage } from '../../src/llm/chat.ts';
import { replayEvents } from '../../src/llm/wires/replay.ts';
import type { ClientWire, ReadRequest } from '../../src/llm/wires/wire.ts';
import { createWires } from '../../src/llm/wires/wires.ts';
import { answers, anthropicBodies, openaiBodies } from '../fixtures/llm-answers.ts';

const wires = createWires({ nowMs: () => 1_770_000_000_000, randomHex: (sizeBytes) => 'ab'.repeat(sizeBytes) });
const { chat, openai, anthropic } = wires;
const RUNS = { numRuns: 200 };

interface Options {
  includeUsage?: boolean;
  model?: string;
}

function encoderOf(wire: ClientWire, { includeUsage = true, model = 'gemini-3.8-flash' }: Options = {}) {
  const request: ReadRequest = { request: { messages: [] }, stream: true, labels: {}, includeUsage };
  return wire.encoder({ id: wire.newId(), provider: 'google', model, request });
}

function streamed(wire: ClientWire, answer: Answer, options: Options = {}): string {
  const encoder = encoderOf(wire, options);
  return (
    encoder.start() +
    replayEvents(answer)
      .map((event) => encoder.event(event))
      .join('') +
    encoder.done(answer, true)
  );
}

const serving =
  (body: string, type = 'text/event-stream') =>
  async () =>
    new Response(body, { headers: { 'content-type': type } });

const openaiClient = (body: string, type?: string) =>
  new OpenAI({ apiKey: 'k', baseURL: 'http://gateway.invalid/v1', maxRetries: 0, fetch: serving(body, type) });
const anthropicClient = (body: string, type?: string) =>
  new Anthropic({ apiKey: 'k', baseURL: 'http://gateway.invalid', maxRetries: 0, fetch: serving(body, type) });

const openaiFinal = (body: string) =>
  openaiClient(body)
    .chat.completions.stream({ model: 'm', messages: [], stream_options: { include_usage: true } })
    .finalChatCompletion();
const anthropicFinal = (body: string) =>
  anthropicClient(body).messages.stream({ model: 'm', max_tokens: 9, messages: [] }).finalMessage();

const FINISH: Record<StopReason, string> = {
  end: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  content_filter: 'content_filter',
};
const STOP: Record<StopReason, string> = {
  end: 'end_turn',
  stop_sequence: 'stop_sequence',
  max_tokens: 'max_tokens',
  tool_use: 'tool_use',
  content_filter: 'refusal',
};

/** Server-sent events as a browser would read them. */
function eventsIn(text: string): { name: string; data: unknown }[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const lines = block.split('\n');
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field('data') as string;
      return { name: field('event') ?? 'message', data: data === '[DONE]' ? data : JSON.parse(data) };
    });
}

const chunksIn = (text: string) =>
  eventsIn(text)
    .map(({ data }) => data)
    .filter((data) => data !== '[DONE]') as Record<string, unknown>[];

function openaiUsage(usage: Usage) {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

describe("OpenAI's SDK", () => {
  test('gathers the answer that was streamed', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const completion = await openaiFinal(streamed(openai, answer));
        const [choice] = completion.choices;
        expect(completion).toMatchObject({
          id: 'chatcmpl-abababababababababababab',
          model: answer.model,
          object: 'chat.completion',
        });
        expect(choice?.finish_reason).toBe(FINISH[answer.stopReason]);
        expect(choice?.message.content ?? '').toBe(answer.text);
        expect(
          (choice?.message.tool_calls ?? []).map(
            (call) => call.type === 'function' && { id: call.id, ...call.function },
          ),
        ).toMatchObject(answer.toolCalls);
        expect(completion.usage).toEqual(openaiUsage(answer.usage as Usage));
      }),
      RUNS,
    );
  });

  test('reads the answer that was not streamed, with the same content', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const body = JSON.stringify(openai.answer(answer, 'chatcmpl-1', false));
        const completion = await openaiClient(body, 'application/json').chat.completions.create({
          model: 'm',
          messages: [],
        });
        const streamedOne = await openaiFinal(streamed(openai, answer));
        expect(completion.usage).toEqual(streamedOne.usage);
        expect(completion.choices[0]?.finish_reason).toBe(streamedOne.choices[0]?.finish_reason);
        expect(completion.choices[0]?.message.content ?? '').toBe(answer.text);
        expect(completion.choices[0]?.message.tool_calls ?? []).toMatchObject(
          answer.toolCalls.map((call) => ({ id: call.id, function: { name: call.name, arguments: call.arguments } })),
        );
      }),
      RUNS,
    );
  });

  test('sees neither a usage chunk nor its place unless it asked', () => {
    fc.assert(
      fc.property(fc.oneof(answers, answersOf('openai')), (answer) => {
        const text = streamed(openai, answer, { includeUsage: false });
        for (const chunk of chunksIn(text)) {
          expect(chunk).not.toHaveProperty('usage');
          expect(chunk.choices).not.toEqual([]);
        }
        expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
      }),
      RUNS,
    );
  });

  test('gets every choice, refusal and log probability of an upstream with the same wire', async () => {
    await fc.assert(
      fc.asyncProperty(openaiBodies, async (body) => {
        const answer = withBody('openai', body);
        const text = streamed(openai, answer, { model: 'gpt-6-luna-real' });
        for (const chunk of chunksIn(text))
          expect(chunk).toMatchObject({ id: 'chatcmpl-upstream', model: 'gpt-6-luna-real' });
        const completion = await openaiClient(text)
          .chat.completions.stream({ model: 'm', messages: [], n: 3 })
          .finalChatCompletion();
        expect(completion.usage).toEqual(body.usage);
        completion.choices.forEach((choice, index) => {
          const { message, finish_reason, logprobs } = body.choices[index] as (typeof body.choices)[number];
          expect(choice.finish_reason).toBe(finish_reason);
          expect(choice.logprobs ?? null).toEqual(logprobs);
          expect(choice.message).toMatchObject({ content: message.content, refusal: message.refusal });
          expect(choice.message.tool_calls ?? []).toMatchObject(message.tool_calls ?? []);
        });
      }),
      RUNS,
    );
  });

  test('is told that a stream broke, and gets no end', async () => {
    const encoder = encoderOf(openai);
    const broken = { code: 'STREAM_INTERRUPTED', status: 502, message: 'The stream broke.' };
    const text = encoder.start() + encoder.event({ text: 'Par' }) + encoder.error(broken);
    expect(text).not.toContain('[DONE]');
    await expect(openaiFinal(text)).rejects.toMatchObject({ code: 'STREAM_INTERRUPTED', message: 'The stream broke.' });
  });

  test('gets a usage that a local upstream did not report, and a finish reason it left out', () => {
    const encoder = encoderOf(openai);
    const frame = {
      id: 'x',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }],
    };
    const usage = { inputTokens: 3, outputTokens: 1, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
    const answer: Answer = { provider: 'local', model: 'm', text: 'a', toolCalls: [], stopReason: 'end', usage };
    const chunks = chunksIn(encoder.start() + encoder.event({ text: 'a', frame }) + encoder.done(answer, false));
    expect(chunks).toMatchObject([
      { id: 'x' },
      { choices: [{ finish_reason: 'stop' }], usage: null },
      { choices: [], usage: openaiUsage(usage) },
    ]);
  });
});

describe("Anthropic's SDK", () => {
  const usageIn = (usage: Usage) => ({
    input_tokens: usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedInputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
  });
  const contentOf = ({ text, toolCalls }: Answer) => [
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...toolCalls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: JSON.parse(call.arguments) })),
  ];

  test('gathers the answer that was streamed, which is the one that was not', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const message = await anthropicFinal(streamed(anthropic, answer));
        expect(message).toMatchObject({ id: 'msg_abababababababababababab', model: answer.model, role: 'assistant' });
        expect(message.stop_reason).toBe(STOP[answer.stopReason]);
        expect(JSON.parse(JSON.stringify(message.content))).toEqual(contentOf(answer));
        expect(message.usage).toMatchObject(usageIn(answer.usage as Usage));
        const whole = anthropic.answer(answer, message.id, false);
        expect(whole).toMatchObject({ content: contentOf(answer), stop_reason: message.stop_reason });
        expect(message.usage).toEqual(whole.usage);
      }),
      RUNS,
    );
  });

  test('gets every block of an upstream with the same wire', async () => {
    await fc.assert(
      fc.asyncProperty(anthropicBodies, async (body) => {
        const answer = withBody('anthropic', body);
        const message = await anthropicFinal(streamed(anthropic, answer, { model: 'real' }));
        // The SDK's own addition is null.
        const expected = { ...body, model: 'real', parsed_output: null };
        expect(JSON.parse(JSON.stringify(message))).toEqual(expected);
      }),
      RUNS,
    );
  });

  test('gets blocks in order, each opened and closed once, text after tools included', () => {
    const piece = fc.oneof(
      fc.record({ text: fc.string({ minLength: 1, maxLength: 4 }), content: fc.constant(true as const) }),
      fc.record({
        toolCalls: fc.tuple(
          fc.record({
            index: fc.nat({ max: 2 }),
            id: fc.constant('i'),
            name: fc.constant('n'),
            arguments: fc.constant('{}'),
          }),
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces: UpstreamEvent[]) => {
        const encoder = encoderOf(anthropic);
        const answer: Answer = { provider: 'p', model: 'm', text: '', toolCalls: [], stopReason: 'end', usage: null };
        const text =
          encoder.start() + pieces.map((event) => encoder.event(event)).join('') + encoder.done(answer, false);
        const frames = eventsIn(text);
        for (const { name, data } of frames) expect((data as { type: string }).type).toBe(name);
        const names = frames.map(({ name }) => name);
        expect(names[0]).toBe('message_start');
        expect(names.slice(-2)).toEqual(['message_delta', 'message_stop']);
        let open: number | undefined;
        let next = 0;
        for (const { name, data } of frames) {
          const { index } = data as { index: number };
          if (name === 'content_block_start') {
            expect([open, index]).toEqual([undefined, next]);
            open = next++;
          } else if (name === 'content_block_stop') {
            expect(index).toBe(open);
            open = undefined;
          } else if (name === 'content_block_delta') expect(index).toBeLessThan(next);
        }
        expect(open).toBeUndefined();
      }),
      RUNS,
    );
  });

  test('is told that a stream broke, and gets no end', async () => {
    const encoder = encoderOf(anthropic);
    const broken = { code: 'STREAM_INTERRUPTED', status: 502, message: 'The stream broke.' };
    const text = encoder.start() + encoder.event({ text: 'Par' }) + encoder.error(broken);
    expect(text).not.toContain('message_stop');
    await expect(anthropicFinal(text)).rejects.toMatchObject({
      error: { error: { type: 'api_error', code: 'STREAM_INTERRUPTED' } },
    });
  });
});

describe("the gateway's own stream", () => {
  test('is start, deltas and the whole answer', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }), (answer, pieces) => {
        const encoder = encoderOf(chat);
        const whole = { ...answer, text: pieces.join('') };
        const text =
          encoder.start() + pieces.map((piece) => encoder.event({ text: piece })).join('') + encoder.done(whole, true);
        expect(eventsIn(text)).toEqual([
          { name: 'start', data: { id: 'chat-abababab', provider: 'google', model: answer.model } },
          ...pieces.map((content) => ({ name: 'delta', data: { content } })),
          { name: 'done', data: chat.answer(whole, 'chat-abababab', true) },
        ]);
      }),
      RUNS,
    );
  });

  test('ends with the error object when it broke', () => {
    const details = { attempts: [] };
    const error = { code: 'STREAM_INTERRUPTED', status: 502, message: 'The stream broke.', details };
    expect(eventsIn(encoderOf(chat).error(error))).toEqual([
      { name: 'error', data: { error: { code: 'STREAM_INTERRUPTED', message: 'The stream broke.', details } } },
    ]);
  });
});

test('an answer in the wire of its client goes on as it came, but for the model', () => {
  fc.assert(
    fc.property(openaiBodies, anthropicBodies, (left, right) => {
      expect(openai.answer(withBody('openai', left), 'own', false)).toEqual({ ...left, model: 'm' });
      expect(anthropic.answer(withBody('anthropic', right), 'own', false)).toEqual({ ...right, model: 'm' });
    }),
    RUNS,
  );
});

function withBody(family: 'openai' | 'anthropic', json: Record<string, unknown>): Answer {
  return {
    provider: family,
    model: 'm',
    text: 'x',
    toolCalls: [],
    stopReason: 'end',
    usage: null,
    body: { family, json },
  };
}

function answersOf(family: 'openai' | 'anthropic'): fc.Arbitrary<Answer> {
  return (family === 'openai' ? openaiBodies : anthropicBodies).map((body) => withBody(family, body));
}
