// A body in the client's wire is sent directly, a request in our vocabulary by the SDK: both must give the same.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpstreamRequest } from '../../src/llm/provider.ts';
import { UpstreamFailure } from '../../src/llm/provider.ts';
import type { ClosableProvider } from '../../src/llm/providers/sdk.ts';
import {
  answerJson,
  closing,
  createProvider,
  frames,
  type Handler,
  hear,
  heardOf,
  hooks,
  type RawUpstream,
  request,
  startRawUpstream,
} from '../support/providers.ts';

type Json = Record<string, unknown>;

let upstream: RawUpstream;
let providers: { openai: ClosableProvider; anthropic: ClosableProvider };
beforeAll(async () => {
  upstream = await startRawUpstream();
  providers = {
    openai: createProvider('openai', upstream.url),
    anthropic: createProvider('anthropic', upstream.url),
  };
});
afterAll(() => closing(upstream, providers.openai, providers.anthropic));

const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const count = fc.nat(1_000_000);
const args = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
const call = fc.record({ id: fc.stringMatching(/^[a-z0-9_]{1,12}$/), name: fc.stringMatching(/^[a-z_]{1,12}$/), args });

/** An answer as it is meant, before a wire gets hold of it. */
const meant = fc.record({
  pieces: fc.array(
    text.filter((piece) => piece !== ''),
    { maxLength: 6 },
  ),
  calls: fc.array(call, { maxLength: 3 }),
  finish: fc.nat(3),
  usage: fc.option(fc.record({ input: count, output: count, cached: count, written: count, reasoning: count })),
  /** Sizes of the pieces in which a stream's bytes are written. */
  sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
});
type Meant = typeof meant extends fc.Arbitrary<infer T> ? T : never;

const inHalves = (json: string) => [json.slice(0, json.length / 2), json.slice(json.length / 2)];

interface WireOfTest {
  passed: Json;
  whole(meant: Meant): Json;
  stream(meant: Meant): string[];
}

const openai: WireOfTest = {
  passed: { messages: [{ role: 'user', content: 'Hello' }] },
  whole: ({ pieces, calls, finish, usage }) => ({
    id: 'x',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: pieces.length > 0 ? pieces.join('') : null,
          ...(calls.length > 0 && {
            tool_calls: calls.map(({ id, name, args }) => {
              return { id, type: 'function', function: { name, arguments: JSON.stringify(args) } };
            }),
          }),
        },
        finish_reason: ['stop', 'length', 'content_filter', 'tool_calls'][finish],
      },
    ],
    ...(usage && { usage: openaiUsage(usage) }),
  }),
  stream: ({ pieces, calls, finish, usage }) => {
    const delta = (change: Json, finish_reason: string | null = null) => {
      return { choices: [{ index: 0, delta: change, finish_reason }] };
    };
    const sent = [
      delta({ role: 'assistant', content: '' }),
      ...pieces.map((content) => delta({ content })),
      ...calls.flatMap(({ id, name, args }, index) => {
        const halves = inHalves(JSON.stringify(args));
        const piece = (more: Json) => delta({ tool_calls: [{ index, ...more }] });
        return [
          piece({ id, type: 'function', function: { name, arguments: '' } }),
          ...halves.map((half) => piece({ function: { arguments: half } })),
        ];
      }),
      delta({}, ['stop', 'length', 'content_filter', 'tool_calls'][finish]),
      ...(usage ? [{ choices: [], usage: openaiUsage(usage) }] : []),
    ];
    return [...frames(...sent), 'data: [DONE]\n\n'];
  },
};

const openaiUsage = ({ input, output, cached, written, reasoning }: NonNullable<Meant['usage']>) => ({
  prompt_tokens: input,
  completion_tokens: output,
  prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
  completion_tokens_details: { reasoning_tokens: reasoning },
});

const STOPS = ['end_turn', 'max_tokens', 'refusal', 'stop_sequence'];
const anthropicUsage = ({ input, output, cached, written, reasoning }: NonNullable<Meant['usage']>) => ({
  input_tokens: input,
  output_tokens: output,
  cache_read_input_tokens: cached,
  cache_creation_input_tokens: written,
  output_tokens_details: { thinking_tokens: reasoning },
});
const anthropic: WireOfTest = {
  passed: { messages: [{ role: 'user', content: 'Hello' }] },
  whole: ({ pieces, calls, finish, usage }) => ({
    id: 'x',
    type: 'message',
    content: [
      ...pieces.map((piece) => ({ type: 'text', text: piece })),
      ...calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args })),
    ],
    stop_reason: STOPS[finish],
    ...(usage && { usage: anthropicUsage(usage) }),
  }),
  stream: ({ pieces, calls, finish, usage }) => {
    const blocks = [
      ...pieces.map((piece) => ({
        content_block: { type: 'text', text: '' },
        deltas: [{ type: 'text_delta', text: piece }],
      })),
      ...calls.map(({ id, name, args }) => ({
        content_block: { type: 'tool_use', id, name, input: {} },
        deltas: inHalves(JSON.stringify(args)).map((half) => ({ type: 'input_json_delta', partial_json: half })),
      })),
    ];
    return frames(
      {
        type: 'message_start',
        message: { id: 'x', ...(usage && { usage: { ...anthropicUsage(usage), output_tokens: 1 } }) },
      },
      { type: 'ping' },
      ...blocks.flatMap(({ content_block, deltas }, index) => [
        { type: 'content_block_start', index, content_block },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ]),
      { type: 'message_delta', delta: { stop_reason: STOPS[finish] }, ...(usage && { usage: anthropicUsage(usage) }) },
      { type: 'message_stop' },
    );
  },
};

const inPieces =
  (bytes: Buffer, sizes: readonly number[]): Handler =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length] as number;
      response.write(bytes.subarray(at, at + size));
      at += size;
    }
    response.end();
  };

/** Value or failure, without what only the direct lane has. */
async function outcome(work: () => Promise<object>): Promise<unknown> {
  try {
    const { body: _, ...rest } = (await work()) as { body?: unknown };
    return rest;
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error;
    const { kind, message, status, retryAfterMs } = error;
    return { kind, message, status, retryAfterMs };
  }
}

describe.each([
  ['openai', openai],
  ['anthropic', anthropic],
] as const)('both lanes of %s', (name, wire) => {
  const lanes = (): UpstreamRequest[] => [
    request(name),
    request(name, { passthrough: { family: name, body: wire.passed, dropped: [] } }),
  ];
  const complete = () => {
    return Promise.all(lanes().map((lane) => outcome(() => providers[name].complete(lane, hooks()))));
  };
  const stream = () => {
    return Promise.all(lanes().map((lane) => outcome(() => hear(providers[name].stream(lane, hooks())))));
  };

  it('send the same request', async () => {
    upstream.handle = answerJson({}, 400);
    for (const send of [complete, stream]) {
      upstream.bodies = [];
      upstream.requests = [];
      await send();
      const [one, other] = upstream.requests;
      expect(upstream.bodies[0]).toEqual(upstream.bodies[1]);
      expect(one?.url).toBe(other?.url);
      expect(one?.headers).toEqual(other?.headers);
    }
  });

  it('give the same answer for the same answer', async () => {
    const property = fc.asyncProperty(meant, async (answer) => {
      upstream.handle = answerJson(wire.whole(answer));
      const [bySdk, directly] = await complete();
      expect(directly).toEqual(bySdk);
      expect(bySdk).toMatchObject({
        text: answer.pieces.join(''),
        toolCalls: answer.calls.map(({ id, name: called, args }) => ({
          id,
          name: called,
          arguments: JSON.stringify(args),
        })),
      });
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('give the same stream for the same stream, which is the answer in pieces', async () => {
    const property = fc.asyncProperty(meant, async (answer) => {
      upstream.handle = inPieces(Buffer.from(wire.stream(answer).join('')), answer.sizes);
      const [bySdk, directly] = await stream();
      expect(directly).toEqual(bySdk);
      upstream.handle = answerJson(wire.whole(answer));
      const whole = await providers[name].complete(request(name), hooks());
      expect(bySdk).toEqual({ ...heardOf(whole), ended: true });
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('give the same failure for the same refusal', async () => {
    const status = fc.constantFrom(400, 401, 402, 403, 404, 408, 409, 413, 429, 500, 502, 503, 529);
    const property = fc.asyncProperty(status, fc.json(), fc.option(fc.nat(60)), async (code, body, waits) => {
      upstream.handle = (_, response) => {
        response.writeHead(code, waits === null ? {} : { 'retry-after': String(waits) }).end(body);
      };
      for (const [bySdk, directly] of [await complete(), await stream()]) {
        expect(directly).toEqual(bySdk);
        expect(bySdk).toMatchObject({ status: code });
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('give the same failure for a broken body', async () => {
    const bytes = Buffer.from(
      wire.stream({ pieces: ['a', 'b'], calls: [], finish: 0, usage: null, sizes: [1] }).join(''),
    );
    const property = fc.asyncProperty(fc.nat(bytes.length), fc.uint8Array({ maxLength: 3 }), async (at, noise) => {
      upstream.handle = inPieces(Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]), [bytes.length]);
      const [bySdk, directly] = await stream();
      expect(directly).toEqual(bySdk);
    });
    await fc.assert(property, { numRuns: 60 });
  });
});
