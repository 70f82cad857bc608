// What providers make of the answers of each wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, ProviderName, UpstreamEvent } from '../../src/llm/chat.ts';
import type { UpstreamRequest } from '../../src/llm/provider.ts';
import type { ClosableProvider } from '../../src/llm/providers/sdk.ts';
import {
  answerJson,
  answerStream,
  closing,
  createProvider,
  failureOf,
  frames,
  type Heard,
  hear,
  hooks,
  type RawUpstream,
  request,
  startRawUpstream,
} from '../support/providers.ts';

let upstream: RawUpstream;
let providers: Record<ProviderName, ClosableProvider>;
beforeAll(async () => {
  upstream = await startRawUpstream();
  const { url } = upstream;
  providers = {
    anthropic: createProvider('anthropic', url),
    openai: createProvider('openai', url),
    google: createProvider('google', url),
    local: createProvider('local', url),
  };
});
afterAll(() => closing(upstream, ...Object.values(providers)));

function answered(name: ProviderName, json: object, changes: Partial<UpstreamRequest> = {}): Promise<Answer> {
  upstream.handle = answerJson(json);
  return providers[name].complete(request(name, changes), hooks());
}

function streamed(name: ProviderName, ...messages: string[]): AsyncIterable<UpstreamEvent> {
  upstream.handle = answerStream(...messages);
  return providers[name].stream(request(name), hooks());
}

const heard = (name: ProviderName, ...messages: string[]): Promise<Heard> => hear(streamed(name, ...messages));

async function events(name: ProviderName, ...messages: string[]): Promise<UpstreamEvent[]> {
  return Array.fromAsync(streamed(name, ...messages));
}

const DONE = 'data: [DONE]\n\n';

describe('of OpenAI, the provider reads', () => {
  const answer = (message: object, finish_reason: string, more: object = {}) => {
    return { choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }], ...more };
  };
  const delta = (change: object, finish_reason: string | null = null, more: object = {}) => {
    return { choices: [{ index: 0, delta: change, finish_reason }], ...more };
  };

  it('text and usage, cached and reasoning tokens included', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 15 },
    };
    expect(await answered('openai', answer({ content: 'Paris.' }, 'stop', { usage }))).toEqual({
      provider: 'openai',
      model: 'm-1',
      text: 'Paris.',
      toolCalls: [],
      stopReason: 'end',
      usage: { inputTokens: 100, outputTokens: 20, cachedInputTokens: 60, cacheWriteTokens: 10, reasoningTokens: 15 },
    });
  });

  it('no usage as unknown usage', async () => {
    expect((await answered('local', answer({ content: 'x' }, 'stop'))).usage).toBeNull();
  });

  it('calls, also when they end with stop', async () => {
    const tool_calls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }];
    expect(await answered('openai', answer({ content: null, tool_calls }, 'stop'))).toMatchObject({
      text: '',
      toolCalls: [{ id: 'c1', name: 'f', arguments: '{"a":1}' }],
      stopReason: 'tool_use',
    });
  });

  it.each([
    ['length', 'max_tokens'],
    ['content_filter', 'content_filter'],
    ['tool_calls', 'tool_use'],
    ['something new', 'end'],
  ])('the finish reason %s as %s', async (finish, stopReason) => {
    expect(await answered('openai', answer({ content: 'x' }, finish))).toMatchObject({ stopReason });
    expect(await heard('openai', ...frames(delta({}, finish)), DONE)).toMatchObject({ stopReason, ended: true });
  });

  it('a refusal as filtered content', async () => {
    expect(await answered('openai', answer({ content: null, refusal: 'No.' }, 'stop'))).toMatchObject({
      stopReason: 'content_filter',
    });
    const stream = frames(delta({ refusal: 'No.' }), delta({}, 'stop'));
    expect(await heard('openai', ...stream, DONE)).toMatchObject({ stopReason: 'content_filter' });
  });

  it('a stream message by message', async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 };
    const stream = frames(
      delta({ role: 'assistant', content: '' }),
      delta({ reasoning_content: 'Hm' }),
      delta({ content: 'Hi' }),
      delta({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'f', arguments: '' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
      delta({}, 'tool_calls'),
      { choices: [], usage },
    );
    expect(await events('openai', ...stream, DONE)).toEqual([
      {},
      { content: true },
      { text: 'Hi', content: true },
      { toolCalls: [{ index: 0, id: 'c1', name: 'f' }], content: true },
      { toolCalls: [{ index: 0, arguments: '{}' }], content: true },
      { stopReason: 'tool_use' },
      { usage: { inputTokens: 3, outputTokens: 2, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 } },
      { end: true },
    ]);
  });

  it('several choices as ended when all have', async () => {
    const choice = (index: number, change: object, finish_reason: string | null = null) => {
      return { choices: [{ index, delta: change, finish_reason }] };
    };
    upstream.handle = answerStream(
      ...frames(
        choice(0, { content: 'a' }),
        choice(1, { content: 'b' }),
        choice(0, {}, 'length'),
        choice(1, {}, 'stop'),
      ),
    );
    expect(await Array.fromAsync(providers.openai.stream(request('openai', { n: 2 }), hooks()))).toEqual([
      { text: 'a', content: true },
      { content: true },
      {},
      { stopReason: 'max_tokens' },
    ]);
  });

  it('the body or the messages as received for a client of the same wire', async () => {
    const passthrough = { family: 'openai', body: { messages: [] }, dropped: [] } as const;
    const json = { ...answer({ content: 'x' }, 'stop'), system_fingerprint: 'fp' };
    expect((await answered('openai', json, { passthrough })).body).toEqual({ family: 'openai', json });
    const [frame] = [delta({ content: 'x' })];
    upstream.handle = answerStream(...frames(frame), DONE);
    const read = await Array.fromAsync(providers.openai.stream(request('openai', { passthrough }), hooks()));
    expect(read).toEqual([{ text: 'x', content: true, frame }, { end: true }]);
  });

  it('an answer without choices as malformed', async () => {
    expect(await failureOf(answered('openai', { object: 'chat.completion' }))).toMatchObject({ kind: 'malformed' });
  });

  it.each([
    ['{"error":{"message":"x","type":"server_error","code":null}}', 'server_error'],
    ['{"error":{"message":"x","type":"tokens","code":"rate_limit_exceeded"}}', 'rate_limited'],
    ['{"error":{"message":"x","code":502}}', 'server_error'],
    ['{"error":"out of memory"}', 'server_error'],
    ['{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}', 'quota'],
    [
      '{"object":"error","message":"maximum context length is 10","type":"BadRequestError","code":400}',
      'context_length',
    ],
  ])('the error %s in a stream as %s', async (error, kind) => {
    const first = frames(delta({ content: 'Hi' }));
    const failure = await failureOf(streamed('openai', ...first, `data: ${error}\n\n`, DONE));
    expect(failure).toMatchObject({ kind, status: 200 });
    expect(await failureOf(streamed('openai', ...first, `event: error\ndata: ${error}\n\n`))).toMatchObject({ kind });
  });
});

describe('of Anthropic, the provider reads', () => {
  const start = (usage: object) => ({ type: 'message_start', message: { id: 'msg', content: [], usage } });
  const blockStart = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
  const blockDelta = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta });
  const blockStop = (index: number) => ({ type: 'content_block_stop', index });
  const end = (stop_reason: string, usage: object) => ({ type: 'message_delta', delta: { stop_reason }, usage });
  const STOP = { type: 'message_stop' };

  it('text, calls and usage, cached tokens as part of the input', async () => {
    const json = {
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 's' },
        { type: 'text', text: 'Par' },
        { type: 'text', text: 'is.' },
        { type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 200,
        cache_creation_input_tokens: 30,
        output_tokens: 20,
        output_tokens_details: { thinking_tokens: 5 },
      },
    };
    expect(await answered('anthropic', json)).toEqual({
      provider: 'anthropic',
      model: 'm-1',
      text: 'Paris.',
      toolCalls: [{ id: 't1', name: 'f', arguments: '{"a":1}' }],
      stopReason: 'tool_use',
      usage: { inputTokens: 240, outputTokens: 20, cachedInputTokens: 200, cacheWriteTokens: 30, reasoningTokens: 5 },
    });
  });

  it.each([
    ['end_turn', 'end'],
    ['max_tokens', 'max_tokens'],
    ['model_context_window_exceeded', 'max_tokens'],
    ['stop_sequence', 'stop_sequence'],
    ['refusal', 'content_filter'],
    ['pause_turn', 'max_tokens'],
    ['something new', 'max_tokens'],
    ['constructor', 'max_tokens'],
  ])('the stop reason %s as %s', async (stop_reason, stopReason) => {
    expect(await answered('anthropic', { content: [], stop_reason })).toMatchObject({ stopReason, usage: null });
    const stream = frames(end(stop_reason, { output_tokens: 1 }), STOP);
    expect(await heard('anthropic', ...stream)).toMatchObject({ stopReason, ended: true });
  });

  it('counts that no upstream can mean as whole ones within bounds', async () => {
    const usage = { input_tokens: 10.2, output_tokens: 1e300, cache_read_input_tokens: -5 };
    expect(await answered('anthropic', { content: [], stop_reason: 'end_turn', usage })).toMatchObject({
      usage: { inputTokens: 11, outputTokens: 1e12, cachedInputTokens: 0 },
    });
  });

  it('a stream message by message, usage as sums so far', async () => {
    const usage = { cachedInputTokens: 4, cacheWriteTokens: 0, reasoningTokens: 0, inputTokens: 7 };
    const stream = frames(
      start({ input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 1 }),
      { type: 'ping' },
      blockStart(0, { type: 'thinking', thinking: '' }),
      blockDelta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      blockStop(0),
      blockStart(1, { type: 'text', text: '' }),
      blockDelta(1, { type: 'text_delta', text: 'Hi' }),
      blockStop(1),
      blockStart(2, { type: 'tool_use', id: 't1', name: 'f', input: {} }),
      blockDelta(2, { type: 'input_json_delta', partial_json: '' }),
      blockDelta(2, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      blockStop(2),
      blockStart(3, { type: 'tool_use', id: 't2', name: 'g', input: {} }),
      blockStop(3),
      end('tool_use', { output_tokens: 9, input_tokens: null }),
      STOP,
    );
    expect(await events('anthropic', ...stream)).toEqual([
      { usage: { ...usage, outputTokens: 1 } },
      {},
      {},
      { content: true },
      {},
      {},
      { text: 'Hi', content: true },
      {},
      { toolCalls: [{ index: 0, id: 't1', name: 'f' }], content: true },
      {},
      { toolCalls: [{ index: 0, arguments: '{"a":1}' }], content: true },
      {},
      { toolCalls: [{ index: 1, id: 't2', name: 'g' }], content: true },
      { toolCalls: [{ index: 1, arguments: '{}' }], content: true },
      { usage: { ...usage, outputTokens: 9 }, stopReason: 'tool_use' },
      { end: true },
    ]);
  });

  it('a message without a name by its type', async () => {
    const nameless = `data: ${JSON.stringify(blockDelta(0, { type: 'text_delta', text: 'Hi' }))}\n\n`;
    expect(await heard('anthropic', nameless)).toMatchObject({ text: 'Hi' });
  });

  it.each([
    ['overloaded_error', 'server_error'],
    ['api_error', 'server_error'],
    ['rate_limit_error', 'rate_limited'],
    ['authentication_error', 'auth'],
    ['billing_error', 'quota'],
    ['invalid_request_error', 'bad_request'],
    ['some_new_error', 'server_error'],
  ])('the error %s in a stream as %s', async (type, kind) => {
    const error = frames({ type: 'error', error: { type, message: 'x' } });
    const first = frames(start({ input_tokens: 1, output_tokens: 1 }));
    expect(await failureOf(streamed('anthropic', ...first, ...error))).toMatchObject({ kind, status: 200 });
  });

  it('an answer without content as malformed', async () => {
    expect(await failureOf(answered('anthropic', { type: 'message' }))).toMatchObject({ kind: 'malformed' });
  });
});

describe('of Google, the provider reads', () => {
  const answer = (parts: object[], finishReason?: string, more: object = {}) => {
    return { candidates: [{ content: { role: 'model', parts }, finishReason }], responseId: 'r1', ...more };
  };

  it('text, calls and usage, thoughts as part of the output', async () => {
    const parts = [
      { text: 'Hm', thought: true },
      { text: 'Paris.' },
      { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 's' },
      { functionCall: { id: 'theirs', name: 'g' } },
    ];
    const usageMetadata = {
      promptTokenCount: 50,
      cachedContentTokenCount: 20,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 30,
    };
    expect(await answered('google', answer(parts, 'STOP', { usageMetadata }))).toEqual({
      provider: 'google',
      model: 'm-1',
      text: 'Paris.',
      toolCalls: [
        { id: 'call_r1_0', name: 'f', arguments: '{"a":1}' },
        { id: 'theirs', name: 'g', arguments: '{}' },
      ],
      stopReason: 'tool_use',
      usage: { inputTokens: 50, outputTokens: 37, cachedInputTokens: 20, cacheWriteTokens: 0, reasoningTokens: 30 },
    });
  });

  it.each([
    ['STOP', 'end'],
    ['MAX_TOKENS', 'max_tokens'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['SOMETHING_NEW', 'end'],
  ])('the finish reason %s as %s', async (finish, stopReason) => {
    expect(await answered('google', answer([], finish))).toMatchObject({ stopReason, usage: null });
    expect(await heard('google', ...frames(answer([], finish)))).toMatchObject({ stopReason, ended: false });
  });

  it('a blocked prompt as filtered content', async () => {
    const blocked = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 4 } };
    expect(await answered('google', blocked)).toMatchObject({ stopReason: 'content_filter' });
    expect(await heard('google', ...frames(blocked))).toMatchObject({ stopReason: 'content_filter' });
  });

  it('a stream message by message', async () => {
    const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 2 };
    const stream = frames(
      answer([{ text: 'Hm', thought: true }]),
      answer([{ text: 'Hi' }]),
      answer([{ functionCall: { name: 'f', args: {} } }]),
      answer([{ functionCall: { name: 'g', args: {} } }]),
      answer([{ text: '' }], 'STOP', { usageMetadata }),
    );
    expect(await events('google', ...stream)).toEqual([
      { content: true },
      { text: 'Hi', content: true },
      { toolCalls: [{ index: 0, id: 'call_r1_0', name: 'f', arguments: '{}' }], content: true },
      { toolCalls: [{ index: 1, id: 'call_r1_1', name: 'g', arguments: '{}' }], content: true },
      {
        stopReason: 'tool_use',
        usage: { inputTokens: 5, outputTokens: 2, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
      },
    ]);
  });

  it('an error in a stream by its code', async () => {
    const error = { error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } };
    expect(await failureOf(streamed('google', ...frames(answer([{ text: 'Hi' }]), error)))).toMatchObject({
      kind: 'server_error',
      status: 200,
    });
  });

  it('a call that the model could not write as malformed', async () => {
    const failure = await failureOf(answered('google', answer([], 'MALFORMED_FUNCTION_CALL')));
    expect(failure).toMatchObject({ kind: 'malformed' });
  });
});
