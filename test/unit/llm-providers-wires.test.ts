// The JSON that each provider is sent.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Message, ProviderName, Tool } from '../../src/llm/chat.ts';
import type { UpstreamRequest } from '../../src/llm/provider.ts';
import type { ClosableProvider } from '../../src/llm/providers/sdk.ts';
import {
  answerJson,
  closing,
  createProvider,
  hooks,
  KEY,
  type RawUpstream,
  request,
  startRawUpstream,
} from '../support/providers.ts';

const TOOL: Tool = {
  name: 'find_order',
  description: 'Finds an order',
  parameters: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'], additionalProperties: false },
};
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string', x_test: 'Paris' } },
  required: ['city'],
  additionalProperties: false,
};
const WIRE_SCHEMA = { ...SCHEMA, properties: { city: { type: 'string' } } };
const PICTURE: Message = {
  role: 'user',
  content: [
    { type: 'text', text: 'What is this?' },
    { type: 'image', media_type: 'image/png', data: 'iVBORw0KGgo=' },
  ],
};
const TOOL_TALK: Message[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Where are orders 7 and 8?' },
  {
    role: 'assistant',
    content: [
      { type: 'text', text: 'I look.' },
      { type: 'tool_call', id: 'call_7', name: 'find_order', arguments: '{"id":"7"}' },
      { type: 'tool_call', id: 'call.8', name: 'find_order', arguments: '{"id":"8"}' },
    ],
  },
  { role: 'user', content: [{ type: 'tool_result', id: 'call_7', content: 'shipped' }] },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'And?' },
      { type: 'tool_result', id: 'call.8', content: 'unknown', is_error: true },
    ],
  },
];
const ANSWERS: Record<string, object> = {
  openai: { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] },
  anthropic: { content: [], stop_reason: 'end_turn' },
  google: { candidates: [{ content: { parts: [] }, finishReason: 'STOP' }] },
};

let upstream: RawUpstream;
const open: ClosableProvider[] = [];
beforeAll(async () => {
  upstream = await startRawUpstream();
});
afterAll(() => closing(upstream, ...open));

const providers = new Map<ProviderName, ClosableProvider>();
function providerOf(name: ProviderName): ClosableProvider {
  const changes = name === 'google' ? { safetySettings: { hate_speech: 'BLOCK_ONLY_HIGH' } } : {};
  const provider = providers.get(name) ?? createProvider(name, upstream.url, changes);
  providers.set(name, provider);
  if (!open.includes(provider)) open.push(provider);
  return provider;
}

/** The body that a request becomes. */
async function sent(name: ProviderName, changes: Partial<UpstreamRequest> = {}): Promise<unknown> {
  upstream.handle = answerJson(ANSWERS[name === 'local' ? 'openai' : name]);
  await providerOf(name).complete(request(name, changes), hooks());
  return upstream.bodies.at(-1);
}

async function sentForStream(name: ProviderName, changes: Partial<UpstreamRequest> = {}): Promise<unknown> {
  upstream.handle = (_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
  for await (const _ of providerOf(name).stream(request(name, changes), hooks()));
  return upstream.bodies.at(-1);
}

const lastRequest = () => {
  const { method, url, headers } = upstream.requests.at(-1) as NonNullable<(typeof upstream.requests)[number]>;
  return { method, url, headers };
};

describe('OpenAI is sent', () => {
  it('text', async () => {
    expect(await sent('openai')).toEqual({
      model: 'm-1',
      messages: [{ role: 'user', content: 'Hello' }],
      max_completion_tokens: 100,
    });
    const { method, url, headers } = lastRequest();
    expect({ method, url }).toEqual({ method: 'POST', url: '/v1/chat/completions' });
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(headers['openai-organization']).toBeUndefined();
  });

  it('a request for a stream with its usage', async () => {
    expect(await sentForStream('openai')).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('all sampling parameters', async () => {
    const sampling = {
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      logit_bias: { '50256': -100 },
      logprobs: true,
      top_logprobs: 2,
      user: 'u-1',
    };
    expect(await sent('openai', { ...sampling, stop: ['END'], n: 2 })).toEqual({
      model: 'm-1',
      messages: [{ role: 'user', content: 'Hello' }],
      max_completion_tokens: 100,
      ...sampling,
      stop: ['END'],
      n: 2,
    });
  });

  it('tools, calls, results and a forced choice', async () => {
    const tool_choice = { name: 'find_order' };
    expect(
      await sent('openai', { messages: TOOL_TALK, tools: [TOOL], tool_choice, parallel_tool_calls: false }),
    ).toEqual({
      model: 'm-1',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Where are orders 7 and 8?' },
        {
          role: 'assistant',
          content: 'I look.',
          tool_calls: [
            { id: 'call_7', type: 'function', function: { name: 'find_order', arguments: '{"id":"7"}' } },
            { id: 'call.8', type: 'function', function: { name: 'find_order', arguments: '{"id":"8"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_7', content: 'shipped' },
        { role: 'tool', tool_call_id: 'call.8', content: 'unknown' },
        { role: 'user', content: [{ type: 'text', text: 'And?' }] },
      ],
      max_completion_tokens: 100,
      tools: [{ type: 'function', function: TOOL }],
      tool_choice: { type: 'function', function: { name: 'find_order' } },
      parallel_tool_calls: false,
    });
  });

  it('a closed schema, strict and without our annotation', async () => {
    const body = await sent('openai', { schema: { schema: SCHEMA, name: 'a city' } });
    expect(body).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'a_city', schema: WIRE_SCHEMA, strict: true } },
    });
  });

  it('a schema with an optional member, not strict', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, additionalProperties: false };
    const body = await sent('openai', { schema: { schema, name: 'answer' } });
    expect(body).toMatchObject({ response_format: { json_schema: { schema, strict: false } } });
  });

  it('images', async () => {
    expect(await sent('openai', { messages: [PICTURE] })).toMatchObject({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          ],
        },
      ],
    });
  });

  it('the body of its own client with only the resolved fields changed', async () => {
    const body = {
      model: 'alias',
      messages: [{ role: 'developer', content: 'Hi', name: 'x' }],
      max_tokens: 5,
      max_completion_tokens: 6,
      temperature: 1.5,
      store: true,
      reasoning_effort: 'low',
      verbosity: 'high',
      stream: true,
      stream_options: { include_obfuscation: true },
    };
    const passthrough = { family: 'openai', body, dropped: ['temperature', 'verbosity'] } as const;
    const rest = {
      messages: body.messages,
      store: true,
      reasoning_effort: 'low',
      model: 'm-1',
      max_completion_tokens: 100,
    };
    expect(await sent('openai', { passthrough, top_p: 0.1 })).toEqual({ ...rest, top_p: 0.1 });
    expect(await sentForStream('openai', { passthrough })).toEqual({
      ...rest,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(body).toMatchObject({ model: 'alias', temperature: 1.5, max_tokens: 5 });
  });
});

describe('a local server is sent', () => {
  it('its own name of the token limit, to /v1', async () => {
    const passthrough = { family: 'openai', body: { messages: [], max_completion_tokens: 9 }, dropped: [] } as const;
    expect(await sent('local', { top_k: 5 })).toEqual({
      model: 'm-1',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 100,
      top_k: 5,
    });
    expect(lastRequest().url).toBe('/v1/chat/completions');
    expect(await sent('local', { passthrough })).toEqual({ model: 'm-1', messages: [], max_tokens: 100 });
    expect(lastRequest().url).toBe('/v1/chat/completions');
  });

  it('no key when it has none', async () => {
    const provider = createProvider('local', upstream.url, { apiKey: null });
    open.push(provider);
    upstream.handle = answerJson(ANSWERS.openai);
    await provider.complete(request('local'), hooks());
    expect(lastRequest().headers.authorization).toBeUndefined();
  });
});

describe('Anthropic is sent', () => {
  it('text', async () => {
    expect(await sent('anthropic')).toEqual({
      model: 'm-1',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 100,
    });
    const { method, url, headers } = lastRequest();
    expect({ method, url }).toEqual({ method: 'POST', url: '/v1/messages' });
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    expect(headers['anthropic-version']).toBe('2023-06-01');
    expect(headers['x-api-key']).toBeUndefined();
  });

  it('a request for a stream, sampling and stop sequences', async () => {
    expect(await sentForStream('anthropic', { temperature: 0, top_p: 0.5, top_k: 5, stop: ['END'] })).toEqual({
      model: 'm-1',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 100,
      temperature: 0,
      top_p: 0.5,
      top_k: 5,
      stop_sequences: ['END'],
      stream: true,
    });
  });

  it('tools, calls, results and a forced choice, in turns', async () => {
    const tool_choice = { name: 'find_order' };
    const messages: Message[] = [...TOOL_TALK, { role: 'system', content: 'Be kind.' }];
    expect(await sent('anthropic', { messages, tools: [TOOL], tool_choice, parallel_tool_calls: false })).toEqual({
      model: 'm-1',
      system: 'Be brief.\n\nBe kind.',
      messages: [
        { role: 'user', content: 'Where are orders 7 and 8?' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'call_7', name: 'find_order', input: { id: '7' } },
            { type: 'tool_use', id: 'call_8', name: 'find_order', input: { id: '8' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_7', content: 'shipped' },
            { type: 'tool_result', tool_use_id: 'call_8', content: 'unknown', is_error: true },
            { type: 'text', text: 'And?' },
          ],
        },
      ],
      max_tokens: 100,
      tools: [{ name: 'find_order', description: 'Finds an order', input_schema: TOOL.parameters }],
      tool_choice: { type: 'tool', name: 'find_order', disable_parallel_tool_use: true },
    });
  });

  it('a schema as it takes one', async () => {
    const schema = { ...SCHEMA, properties: { city: { type: 'string', minLength: 2, x_test: 'Paris' } } };
    expect(await sent('anthropic', { schema: { schema, name: 'answer' } })).toMatchObject({
      output_config: {
        format: {
          type: 'json_schema',
          schema: { ...SCHEMA, properties: { city: { type: 'string', description: '{minLength: 2}' } } },
        },
      },
    });
  });

  it('images', async () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' };
    expect(await sent('anthropic', { messages: [PICTURE] })).toMatchObject({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source },
          ],
        },
      ],
    });
  });

  it('the body of its own client with only the resolved fields changed', async () => {
    const body = {
      model: 'alias',
      system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: 'Hi' }],
      thinking: { type: 'adaptive' },
      max_tokens: 5,
      top_k: 3,
      stream: true,
    };
    const passthrough = { family: 'anthropic', body, dropped: ['top_k'] } as const;
    const { top_k: _, stream: __, ...rest } = { ...body, model: 'm-1', max_tokens: 100 };
    expect(await sent('anthropic', { passthrough, temperature: 0.1 })).toEqual({ ...rest, temperature: 0.1 });
    expect(await sentForStream('anthropic', { passthrough })).toEqual({ ...rest, stream: true });
  });
});

describe('Google is sent', () => {
  const safetySettings = [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_ONLY_HIGH' }];

  it('text, with the key in a header only', async () => {
    expect(await sent('google')).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      generationConfig: { maxOutputTokens: 100 },
      safetySettings,
    });
    const { method, url, headers } = lastRequest();
    expect({ method, url }).toEqual({ method: 'POST', url: '/v1beta/models/m-1:generateContent' });
    expect(headers['x-goog-api-key']).toBe(KEY);
    await sentForStream('google');
    expect(lastRequest().url).toBe('/v1beta/models/m-1:streamGenerateContent?alt=sse');
  });

  it('all sampling parameters and stop sequences', async () => {
    const sampling = { temperature: 0, top_p: 0.5, top_k: 5, seed: 7, frequency_penalty: 0.1, presence_penalty: 0.2 };
    expect(await sent('google', { ...sampling, stop: ['END'] })).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      generationConfig: {
        maxOutputTokens: 100,
        temperature: 0,
        topP: 0.5,
        topK: 5,
        seed: 7,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        stopSequences: ['END'],
      },
      safetySettings,
    });
  });

  it('tools, calls, results and a forced choice, in turns', async () => {
    const tool_choice = { name: 'find_order' };
    expect(await sent('google', { messages: TOOL_TALK, tools: [TOOL], tool_choice })).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Where are orders 7 and 8?' }] },
        {
          role: 'model',
          parts: [
            { text: 'I look.' },
            {
              functionCall: { id: 'call_7', name: 'find_order', args: { id: '7' } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
            { functionCall: { id: 'call.8', name: 'find_order', args: { id: '8' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'call_7', name: 'find_order', response: { output: 'shipped' } } },
            { text: 'And?' },
            { functionResponse: { id: 'call.8', name: 'find_order', response: { error: 'unknown' } } },
          ],
        },
      ],
      generationConfig: { maxOutputTokens: 100 },
      tools: [
        {
          functionDeclarations: [
            { name: 'find_order', description: 'Finds an order', parametersJsonSchema: TOOL.parameters },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['find_order'] } },
      safetySettings,
    });
  });

  it('instructions as what the user says when there is nothing else', async () => {
    const messages = ['Be brief.', 'Say hi.'].map((content) => ({ role: 'system', content }) as const);
    expect(await sent('google', { messages })).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Be brief.\n\nSay hi.' }] }],
      generationConfig: { maxOutputTokens: 100 },
      safetySettings,
    });
  });

  it('the first call of each turn signed, in a time that grows with their number', async () => {
    const call = (id: number) => ({ type: 'tool_call', id: String(id), name: 'f', arguments: '{}' }) as const;
    const turn = (count: number) => ({
      role: 'assistant',
      content: Array.from({ length: count }, (_, id) => call(id)),
    });
    const messages = [turn(50_000), { role: 'user', content: 'And?' }, turn(2)] as UpstreamRequest['messages'];
    const { contents } = (await sent('google', { messages })) as { contents: { parts: object[] }[] };
    const signed = contents.map(({ parts }) => parts.flatMap((part, at) => ('thoughtSignature' in part ? [at] : [])));
    expect([contents[0]?.parts.length, signed]).toEqual([50_000, [[0], [], [0]]]);
  });

  it('a schema without what it refuses', async () => {
    const schema = { ...SCHEMA, $schema: 'https://json-schema.org/draft/2020-12/schema', minProperties: 1 };
    expect(await sent('google', { schema: { schema, name: 'answer' } })).toMatchObject({
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: WIRE_SCHEMA },
    });
  });

  it('images', async () => {
    expect(await sent('google', { messages: [PICTURE] })).toMatchObject({
      contents: [
        {
          role: 'user',
          parts: [{ text: 'What is this?' }, { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }],
        },
      ],
    });
  });
});

describe('every upstream is sent', () => {
  it('what the settings say', async () => {
    const anthropic = createProvider('anthropic', upstream.url, { apiVersion: '2026-10-21' });
    const openai = createProvider('openai', upstream.url, { organizationId: 'org-1' });
    open.push(anthropic, openai);
    upstream.handle = answerJson(ANSWERS.anthropic);
    await anthropic.complete(request('anthropic'), hooks());
    expect(lastRequest().headers['anthropic-version']).toBe('2026-10-21');
    upstream.handle = answerJson(ANSWERS.openai);
    await openai.complete(request('openai'), hooks());
    expect(lastRequest().headers['openai-organization']).toBe('org-1');
  });

  it('nothing of what the environment says to the SDKs', async () => {
    const elsewhere = 'http://127.0.0.1:1';
    const environment = {
      OPENAI_BASE_URL: elsewhere,
      OPENAI_API_KEY: 'other-key',
      OPENAI_ORG_ID: 'other-org',
      OPENAI_CUSTOM_HEADERS: 'x-other: yes',
      OPENAI_LOG: 'debug',
      ANTHROPIC_BASE_URL: elsewhere,
      ANTHROPIC_API_KEY: 'other-key',
      ANTHROPIC_AUTH_TOKEN: 'other-key',
      ANTHROPIC_CUSTOM_HEADERS: 'x-other: yes',
      ANTHROPIC_LOG: 'debug',
      GOOGLE_GEMINI_BASE_URL: elsewhere,
      GOOGLE_GENAI_USE_VERTEXAI: 'true',
      GEMINI_API_KEY: 'other-key',
      HTTP_PROXY: elsewhere,
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const printed = ['log', 'info', 'debug', 'warn', 'error'].map((method) => vi.spyOn(console, method as 'log'));
    try {
      for (const name of ['openai', 'anthropic', 'google', 'local'] as const) {
        const provider = createProvider(name, upstream.url);
        open.push(provider);
        upstream.handle = answerJson(ANSWERS[name === 'local' ? 'openai' : name]);
        await provider.complete(request(name), hooks());
        const { headers } = lastRequest();
        expect(headers.authorization ?? headers['x-goog-api-key']).toContain(KEY);
        expect(Object.keys(headers).sort()).toEqual(
          ['connection', 'content-length', 'content-type', 'host', 'user-agent', ...HEADERS[name]].sort(),
        );
      }
      for (const print of printed) expect(print).not.toHaveBeenCalled();
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

const HEADERS: Record<ProviderName, string[]> = {
  openai: ['authorization'],
  anthropic: ['authorization', 'anthropic-version'],
  google: ['x-goog-api-key'],
  local: ['authorization'],
};
