import { createHash } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { readSse } from '../support/sse.ts';
import { mockEnv, startTestLlm, type TestLlm } from '../support/test-llm.ts';

const WORDS = Array.from({ length: 60 }, (_, index) => `w${index + 1}`).join(' ');

let mock: MockUpstream;
let llm: TestLlm;
beforeAll(async () => {
  mock = await startMockUpstream();
  llm = await startTestLlm({ socketPath: inject('redisSocket'), env: mockEnv(mock.url) });
});
afterEach(() => mock.reset());
afterAll(async () => {
  await llm.stop();
  await mock.close();
});

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
const jsonOf = async (response: Response | Promise<Response>): Promise<any> => (await response).json();
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${llm.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const say = (text: string) => ({ messages: [{ role: 'user', content: `say ${text}` }] });

describe('POST /v1/chat', () => {
  it('answers with exactly the documented keys and tells the rest in headers', async () => {
    const response = await post('/v1/chat', { ...say('Paris'), provider: 'openai', max_tokens: 64 });
    const body = await jsonOf(response);
    expect(body).toEqual({
      id: expect.stringMatching(/^chat-[0-9a-f]{8}$/),
      provider: 'openai',
      model: 'gpt-6.1-terra',
      message: { role: 'assistant', content: 'Paris' },
      usage: { input_tokens: expect.any(Number), output_tokens: 1, total_tokens: body.usage.input_tokens + 1 },
      cached: false,
    });
    const seen = Object.fromEntries(response.headers);
    expect(seen).toMatchObject({
      'x-llm-provider': 'openai',
      'x-llm-model': 'gpt-6.1-terra',
      'x-llm-attempts': '1',
      'x-stop-reason': 'end',
      'x-cache': 'BYPASS',
      'x-correlation-id': expect.any(String),
    });
    expect(Number(seen['x-cost-usd'])).toBeGreaterThan(0);
    for (const phase of ['auth', 'resolve', 'admit', 'queue', 'upstream', 'settle', 'total']) {
      expect(seen['server-timing']).toMatch(new RegExp(`\\b${phase};dur=\\d+\\.\\d{3}`));
    }
  });

  it('streams start, deltas and done, the same content and usage as in one piece', async () => {
    const request = { messages: [{ role: 'user', content: 'Count.' }], provider: 'anthropic', max_tokens: 64 };
    const whole = await jsonOf(post('/v1/chat', request));
    const { status, messages, headers } = await readSse(`${llm.url}/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, stream: true }),
    });
    expect(status).toBe(200);
    expect(headers.get('x-cost-usd')).toBeNull();
    expect(messages[0]?.event).toBe('start');
    expect(JSON.parse(messages[0]?.data ?? '')).toMatchObject({ provider: 'anthropic', model: 'claude-sonnet-5-5' });
    const deltas = messages.filter(({ event }) => event === 'delta').map(({ data }) => JSON.parse(data).content);
    expect(deltas.join('').trim()).toBe(WORDS);
    expect(deltas.length).toBeGreaterThan(50);
    const { id: _, ...done } = JSON.parse(messages.at(-1)?.data ?? '');
    const { id: __, ...expected } = whole;
    expect([messages.at(-1)?.event, done]).toEqual(['done', expected]);
  });

  it.each(['anthropic', 'openai', 'google'])('reaches %s with its own model', async (provider) => {
    const body = await jsonOf(post('/v1/chat', { ...say('hello'), provider, max_tokens: 32 }));
    expect([body.provider, body.message.content]).toEqual([provider, 'hello']);
    expect(mock.calls.map(({ wire }) => wire)).toEqual([provider]);
  });

  it('gives JSON text valid against the schema that was asked for', async () => {
    const schema = {
      type: 'object',
      required: ['city'],
      properties: { city: { type: 'string' } },
      additionalProperties: false,
    };
    const response = await post('/v1/chat', {
      messages: [{ role: 'user', content: 'answer json {"city":"Paris"}' }],
      provider: 'openai',
      response_format: { type: 'json_schema', schema },
    });
    const { message } = await jsonOf(response);
    expect(JSON.parse(message.content)).toEqual({ city: 'Paris' });
  });

  it('repairs an answer of the wrong shape once, then fails as the provider’s error', async () => {
    const schema = {
      type: 'object',
      required: ['n'],
      properties: { n: { type: 'integer' } },
      additionalProperties: false,
    };
    const ask = {
      messages: [{ role: 'user', content: 'x' }],
      provider: 'openai',
      response_format: { type: 'json_schema', schema },
    };
    mock.script([{ times: 1, do: { text: '{"n":"three"}' } }, { do: { text: '{"n":3}' } }]);
    const repaired = await post('/v1/chat', ask);
    expect((await jsonOf(repaired)).message.content).toBe('{"n":3}');
    expect(mock.calls.length).toBe(2);
    mock.script([{ do: { text: 'no' } }]);
    const failed = await post('/v1/chat', ask);
    expect([failed.status, await jsonOf(failed)]).toMatchObject([
      502,
      { error: { code: 'PROVIDER_ERROR', details: { reason: 'bad_output' } } },
    ]);
  });

  it('names every violation of a body, and every unknown key', async () => {
    const response = await post('/v1/chat', { messages: [], temperature: 9, nope: 1 });
    expect(response.status).toBe(400);
    const { error } = await jsonOf(response);
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(error.details.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      '/messages',
      '/nope',
      '/temperature',
    ]);
  });

  it('lists what was tried when a fallback that is too dear for the budget ends it', async () => {
    const request = { ...say('hello'), provider: 'openai', max_tokens: 4000 };
    const { candidates } = await jsonOf(post('/v1/route/explain', request));
    const [cheap, dear] = ['openai', 'anthropic'].map(
      (name) => candidates.find(({ provider }: { provider: string }) => provider === name).estimated.max_cost_usd,
    );
    expect(cheap).toBeLessThan(dear);
    const poor = await startTestLlm({
      socketPath: inject('redisSocket'),
      env: { ...mockEnv(mock.url), LLM_DAILY_BUDGET_USD: ((cheap + dear) / 2).toFixed(9) },
    });
    try {
      mock.script([{ match: { wire: 'openai' }, do: { status: 401 } }]);
      const response = await fetch(`${poor.url}/v1/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      });
      const { error } = await jsonOf(response);
      expect([response.status, error.code]).toEqual([429, 'BUDGET_EXCEEDED']);
      expect(error.details.attempts).toEqual([
        { provider: 'openai', model: 'gpt-6.1-terra', outcome: 'auth', status: 401, ms: expect.any(Number) },
      ]);
      expect(mock.calls.map(({ wire }) => wire)).toEqual(['openai']);
    } finally {
      await poor.stop();
    }
  });

  it('says which parameters a candidate does without', async () => {
    const response = await post('/v1/chat', { ...say('x'), provider: 'anthropic', temperature: 0.3, seed: 7 });
    expect(response.headers.get('x-dropped-params')).toBe('seed, temperature');
    expect(mock.calls[0]?.body).not.toHaveProperty('temperature');
  });
});

describe('an unmodified OpenAI client', () => {
  const client = () => new OpenAI({ apiKey: 'any', baseURL: `${llm.url}/v1`, maxRetries: 0 });

  it('gets the upstream’s own answer', async () => {
    const answer = await client().chat.completions.create({
      model: 'gpt-6.1-terra',
      messages: [{ role: 'user', content: 'say hello there' }],
      max_completion_tokens: 100,
    });
    expect(answer.choices[0]?.message.content).toBe('hello there');
    expect(answer.model).toBe('gpt-6.1-terra');
    expect(answer.usage?.completion_tokens).toBe(2);
  });

  it('streams, with usage when it asks for it', async () => {
    const stream = await client().chat.completions.create({
      model: 'gpt-6.1-terra',
      messages: [{ role: 'user', content: 'Count.' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text.trim()).toBe(WORDS);
    expect(usage?.completion_tokens).toBe(60);
  });

  it('calls tools, also of a model that speaks another wire', async () => {
    for (const model of ['gpt-6.1-terra', 'claude-sonnet-5-5', 'gemini-3.8-flash']) {
      const { choices } = await client().chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'use tool weather with {"city":"Paris"}' }],
        tools: [
          {
            type: 'function',
            function: {
              name: 'weather',
              parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
            },
          },
        ],
      });
      const call = choices[0]?.message.tool_calls?.[0];
      expect([
        model,
        choices[0]?.finish_reason,
        call?.type === 'function' && JSON.parse(call.function.arguments),
      ]).toEqual([model, 'tool_calls', { city: 'Paris' }]);
    }
  });

  it('understands the refusal of a bad request', async () => {
    const wrong = client().chat.completions.create({ model: 'nobody', messages: [{ role: 'user', content: 'x' }] });
    await expect(wrong).rejects.toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
  });
});

describe('an unmodified Anthropic client', () => {
  const client = () => new Anthropic({ authToken: 'any', apiKey: null, baseURL: llm.url, maxRetries: 0 });

  it('gets the upstream’s own answer', async () => {
    const answer = await client().messages.create({
      model: 'claude-sonnet-5-5',
      max_tokens: 100,
      system: 'Be short.',
      messages: [{ role: 'user', content: 'say hello there' }],
    });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'hello there' }]);
    expect(answer.stop_reason).toBe('end_turn');
  });

  it.each(['claude-sonnet-5-5', 'gpt-6.1-terra'])('streams an answer of %s', async (model) => {
    const stream = client().messages.stream({
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Count.' }],
    });
    const message = await stream.finalMessage();
    expect(message.content).toMatchObject([{ type: 'text' }]);
    expect((message.content[0] as Anthropic.TextBlock).text.trim()).toBe(WORDS);
    expect([message.model, message.usage.output_tokens]).toEqual([model, 60]);
  });

  it('understands the refusal of a bad request', async () => {
    const wrong = client().messages.create({
      model: 'nobody',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'x' }],
    });
    await expect(wrong).rejects.toMatchObject({ status: 400, error: { error: { code: 'VALIDATION_ERROR' } } });
  });

  it('may ask for beta features', async () => {
    const answer = await client().beta.messages.create({
      model: 'claude-sonnet-5-5',
      max_tokens: 100,
      betas: ['some-beta'],
      messages: [{ role: 'user', content: 'say hello' }],
    });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'hello' }]);
    expect((await post('/v1/messages?alpha=true', { ...say('x'), max_tokens: 1 })).status).toBe(400);
    expect((await post('/v1/chat/completions?beta=true', say('x'))).status).toBe(400);
  });
});

describe('another method on a route', () => {
  it('is refused in the shape of its wire', async () => {
    const refused = async (path: string) => {
      const response = await fetch(`${llm.url}${path}`);
      return [response.status, response.headers.get('allow'), await jsonOf(response)];
    };
    const code = 'METHOD_NOT_ALLOWED';
    expect(await refused('/v1/messages')).toMatchObject([405, 'POST', { type: 'error', error: { code } }]);
    expect(await refused('/v1/chat/completions')).toMatchObject([405, 'POST', { error: { code, param: null } }]);
    expect(await refused('/v1/chat')).toEqual([405, 'POST', { error: { code, message: expect.any(String) } }]);
  });
});

describe('POST /v1/predict', () => {
  it('chooses one of the categories and says how sure it is', async () => {
    mock.script([{ do: { text: '{"prediction":"positive","confidence":0.95}' } }]);
    const response = await post('/v1/predict', {
      prompt: 'I like it.',
      options: { categories: ['positive', 'negative'] },
    });
    expect(await jsonOf(response)).toEqual({
      prediction: 'positive',
      confidence: 0.95,
      metadata: { model: 'gpt-6-luna', processing_time_ms: expect.any(Number) },
    });
  });

  it('refuses categories together with a schema', async () => {
    const response = await post('/v1/predict', { prompt: 'x', options: { categories: ['a', 'b'], schema: {} } });
    expect(response.status).toBe(400);
  });
});

describe('a prediction of a given schema', () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['tree'],
    properties: { tree: { $ref: '#/definitions/node' }, copy: { $ref: '#/properties/tree' } },
    definitions: {
      node: {
        type: 'object',
        additionalProperties: false,
        required: ['n'],
        properties: { n: { type: 'integer' }, left: { $ref: '#/definitions/node' } },
      },
    },
  };
  const errorsOf = async (options: object) => {
    const response = await post('/v1/predict', { prompt: 'x', options });
    const { error } = await jsonOf(response);
    return [response.status, (error.details?.errors ?? []).map(({ path }: { path: string }) => path)];
  };

  it('has the references of the schema lead where they did', async () => {
    const prediction = { tree: { n: 1, left: { n: 2 } }, copy: { n: 3 } };
    mock.script([
      { times: 1, do: { text: '{"prediction":{"tree":{"n":1,"left":{"n":"two"}}},"confidence":1}' } },
      { do: { text: JSON.stringify({ prediction, confidence: 0.5 }) } },
    ]);
    const response = await post('/v1/predict', { prompt: 'x', options: { schema } });
    expect(await jsonOf(response)).toMatchObject({ prediction, confidence: 0.5 });
    expect(response.headers.get('x-llm-attempts')).toBe('2');
  });

  it('is refused with the place in the body', async () => {
    const properties = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`p${index}`, {}]));
    expect(await errorsOf({ schema: { type: 'object', properties } })).toEqual([400, ['/options/schema']]);
    expect(await errorsOf({ schema: { properties: { a: { $ref: 'https://a.example/s' } } } })).toEqual([
      400,
      ['/options/schema/properties/a/$ref'],
    ]);
    expect(await errorsOf({ schema: { type: 'no such type' } })).toEqual([400, ['/options/schema']]);
    expect(await errorsOf({ schema: { $ref: '#/$defs/prediction' } })).toEqual([400, ['/options/schema']]);
    expect(await errorsOf({ provider: 'azure' })).toEqual([400, ['/options/provider']]);
    expect(await errorsOf({ model: 'gpt-9' })).toEqual([400, ['/options/model']]);
    expect(await errorsOf({ provider: 'openai', model: 'gpt-9' })).toEqual([400, ['/options/model']]);
    expect(mock.calls).toEqual([]);
  });
});

describe('POST /v1/extract/order', () => {
  it('finds what the text says without asking anybody', async () => {
    const response = await post('/v1/extract/order', {
      text: 'Order from John Doe, 123 Main St, for 5 units of Widget A at $10 each.',
      schema: { customer_name: 'string', address: 'string', items: 'array', total: 'number' },
    });
    expect(await jsonOf(response)).toEqual({
      extracted: {
        customer_name: 'John Doe',
        address: '123 Main St',
        items: [{ name: 'Widget A', quantity: 5, unit_price: 10 }],
        total: 50,
      },
      confidence: 0.85,
      missing_fields: [],
    });
    expect(mock.calls).toEqual([]);
  });

  it('takes a value of the model only if it stands in the text', async () => {
    const text = 'Order from John Doe, for 5 units of Widget A. The gate code is 4711.';
    const schema = { customer_name: 'string', gate_code: 'string', floor: 'string' };
    mock.script([
      {
        do: {
          text: JSON.stringify({
            gate_code: { value: '4711', quote: 'The gate code is 4711' },
            floor: { value: '3', quote: 'third floor' },
          }),
        },
      },
    ]);
    const { extracted, missing_fields } = await jsonOf(post('/v1/extract/order', { text, schema }));
    expect(extracted).toEqual({ customer_name: 'John Doe', gate_code: '4711', floor: null });
    expect(missing_fields).toEqual([{ field: 'floor', reason: 'not found in text' }]);
  });
});

describe('what can be seen from outside', () => {
  it('health names each provider', async () => {
    const response = await fetch(`${llm.url}/health`);
    expect([response.status, await jsonOf(response)]).toEqual([
      200,
      {
        status: 'healthy',
        providers: { anthropic: 'available', openai: 'available', google: 'available', local: 'unavailable' },
        cache: 'enabled',
        uptime_seconds: 1,
        test_mode: false,
      },
    ]);
  });

  it('providers come with their models and, if asked for, their health', async () => {
    const plain = await jsonOf(fetch(`${llm.url}/v1/providers`));
    expect(plain.providers.map(({ name }: { name: string }) => name)).toEqual([
      'anthropic',
      'openai',
      'google',
      'local',
    ]);
    await post('/v1/chat', { ...say('x'), provider: 'openai' });
    const { providers } = await jsonOf(fetch(`${llm.url}/v1/providers?include=health`));
    const terra = providers[1].health.find(({ model }: { model: string }) => model === 'gpt-6.1-terra');
    expect(terra).toMatchObject({ breaker: 'closed', cooldown_until: null });
    expect(terra.p50_ms).toBeGreaterThan(0);
  });

  it('usage adds up what was answered', async () => {
    const before = await jsonOf(fetch(`${llm.url}/v1/usage?provider=google`));
    await post('/v1/chat', { ...say('one two'), provider: 'google', agent: 'tester', project_id: 'p-1' });
    const after = await jsonOf(fetch(`${llm.url}/v1/usage?provider=google&include=agents,projects,budgets,cache`));
    expect(after.totals.requests).toBe(before.totals.requests + 1);
    expect(after.totals.output_tokens).toBe(before.totals.output_tokens + 2);
    expect(after.by_agent.tester.requests).toBe(1);
    expect(after.by_project['p-1'].output_tokens).toBe(2);
    expect(after.budgets.map(({ scope }: { scope: string }) => scope.split(':')[0])).toEqual(['day', 'month']);
  });

  it('usage is of years with four digits', async () => {
    const usage = async (at: string) => {
      const response = await fetch(`${llm.url}/v1/usage?period=week&at=${encodeURIComponent(at)}`);
      const { error } = await jsonOf(response);
      return error ? [response.status, error.details.errors[0].path] : response.status;
    };
    for (const at of ['2000-01-01T00:00:00Z', '9998-12-31T23:59:59Z']) {
      expect(await usage(at)).toBe(200);
    }
    for (const at of ['1999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '9999-01-01T00:00:00Z']) {
      expect(await usage(at)).toEqual([400, 'query.at']);
    }
  });

  it('the way of a request is explained without calling anybody', async () => {
    const explained = await jsonOf(post('/v1/route/explain', { ...say('x'), agent: 'dev_worker', temperature: 0.1 }));
    expect(explained).toMatchObject({
      resolved: { provider: 'anthropic', model: 'claude-sonnet-5-5', temperature: 0.1, max_tokens: 8192 },
      fields: {
        model: { from: 'agent_override', path: 'agent_overrides.dev_worker.model' },
        temperature: { from: 'call' },
      },
      decision: 'call',
      reject: null,
    });
    expect(explained.candidates[0]).toMatchObject({
      provider: 'anthropic',
      usable: true,
      dropped_params: ['temperature'],
    });
    expect(explained.candidates.at(-1)).toMatchObject({ provider: 'local', usable: false });
    expect(mock.calls).toEqual([]);
  });
});

describe('with keys', () => {
  const digest = (key: string) => createHash('sha256').update(key).digest('hex');
  let guarded: TestLlm;
  beforeAll(async () => {
    guarded = await startTestLlm({
      socketPath: inject('redisSocket'),
      env: {
        ...mockEnv(mock.url),
        API_KEYS: `caller:llm:use:${digest('calls')},watcher:ops:read:${digest('watches')},other:dlq:read:${digest('other')}`,
      },
    });
  });
  afterAll(() => guarded.stop());
  const call = (path: string, headers: Record<string, string>, body?: unknown) =>
    fetch(`${guarded.url}${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    });

  it('calls need one with llm:use; usage and providers also take ops:read', async () => {
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    const statuses = async (path: string, body?: unknown) =>
      Promise.all(
        [{}, bearer('wrong'), bearer('other'), bearer('watches'), bearer('calls')].map(
          async (headers) => (await call(path, headers as Record<string, string>, body)).status,
        ),
      );
    const chat = say('x');
    expect(await statuses('/v1/chat', chat)).toEqual([401, 401, 403, 403, 200]);
    expect(await statuses('/v1/route/explain', chat)).toEqual([401, 401, 403, 403, 200]);
    expect(await statuses('/v1/usage')).toEqual([401, 401, 403, 200, 200]);
    expect(await statuses('/v1/providers')).toEqual([401, 401, 403, 200, 200]);
  });

  it('Anthropic’s header is taken on Anthropic’s route, and refusals have its shape', async () => {
    const body = { model: 'claude-sonnet-5-5', max_tokens: 16, messages: [{ role: 'user', content: 'say hi' }] };
    expect((await call('/v1/messages', { 'x-api-key': 'calls' }, body)).status).toBe(200);
    const refused = await call('/v1/messages', { 'x-api-key': 'wrong' }, body);
    expect([refused.status, await refused.json()]).toMatchObject([
      401,
      { type: 'error', error: { type: 'authentication_error', code: 'UNAUTHORIZED' } },
    ]);
  });

  it('Anthropic’s header is taken on no other route', async () => {
    for (const path of ['/v1/chat/completions', '/v1/chat', '/v1/predict']) {
      expect((await call(path, { 'x-api-key': 'calls' }, say('x'))).status).toBe(401);
    }
  });

  it('health tells a stranger only that it is up', async () => {
    expect(await (await call('/health', {})).json()).toEqual({ status: 'healthy', uptime_seconds: 1 });
  });
});

describe('in test mode', () => {
  it('answers without a key and says so in every response', async () => {
    const test = await startTestLlm({ socketPath: inject('redisSocket') });
    const response = await fetch(`${test.url}/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'What is\nup?' }] }),
    });
    expect(await jsonOf(response)).toMatchObject({
      provider: 'test',
      model: 'test-1',
      message: { content: '[test] What is up?' },
    });
    expect(response.headers.get('x-llm-route')).toBe('anthropic/claude-sonnet-5-5');
    expect(response.headers.get('x-llm-test-mode')).toBe('true');
    expect((await fetch(`${test.url}/v1/usage`)).headers.get('x-llm-test-mode')).toBe('true');
    const { providers } = await jsonOf(fetch(`${test.url}/v1/providers`));
    expect(providers.at(-1)).toMatchObject({ name: 'test', models: ['test-1'] });
    await test.stop();
  });
});
