import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { canonicalJson } from '../../schemas/canonical.ts';
import { CHAT_REQUEST_SCHEMA } from '../../src/llm/wires/chat-schemas.ts';
import { eventually } from '../support/eventually.ts';
import { askLlm, CALL_ROUTES, type CallRoute, type Got } from '../support/llm-asking.ts';
import { ABSENT, FIELDS, type Field, FULL_REQUESTS } from '../support/llm-request-fields.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { mockEnv, startTestLlm, type TestLlm } from '../support/test-llm.ts';

const digest = (key: string) => createHash('sha256').update(key).digest('hex');
const MODEL = { context_window: 1_000_000, max_tokens: 8_192, supports_vision: true, supports_tools: true };
const FILE = {
  global: { max_retries: 0 },
  providers: {
    openai: {
      default_model: 'gpt-6.1-terra',
      models: { 'gpt-6.1-terra': { ...MODEL, supports_sampling: false }, 'm-a': MODEL, 'm-b': MODEL },
      aliases: { 'm-old': 'm-a' },
    },
    anthropic: {
      default_model: 'claude-sonnet-5-5',
      models: { 'claude-sonnet-5-5': { ...MODEL, supports_sampling: false }, 'c-a': MODEL, 'c-b': MODEL },
    },
  },
  agent_overrides: {},
  task_type_overrides: {},
  rate_limiting: { enabled: false },
};

let mock: MockUpstream;
/** Two processes' worth of gateway on one namespace. */
let llm: TestLlm;
let twin: TestLlm;
beforeAll(async () => {
  mock = await startMockUpstream();
  const env = {
    ...mockEnv(mock.url),
    API_KEYS: `one:llm:use+ops:read:${digest('one')},two:llm:use:${digest('two')}`,
  };
  const options = { socketPath: inject('redisSocket'), env, file: FILE, namespace: `llmcache${process.pid}` };
  llm = await startTestLlm(options);
  twin = await startTestLlm(options);
});
afterEach(() => mock.reset());
afterAll(async () => {
  await llm.stop();
  await twin.stop();
  await mock.close();
});

let count = 0;
const unique = () => `unique ${++count}`;
// biome-ignore lint/suspicious/noExplicitAny: requests are changed freely
const request = (route: CallRoute, changes: object = {}): any => ({ ...FULL_REQUESTS[route](unique()), ...changes });

interface Asking {
  key?: string;
  headers?: Record<string, string>;
  of?: TestLlm;
}
/** Opts in where the wire does so in a header. */
function ask(route: CallRoute, body: object, { key = 'one', headers = {}, of = llm }: Asking = {}): Promise<Got> {
  const optIn: Record<string, string> = route === 'chat' ? {} : { 'x-cache': 'on' };
  return askLlm(of.url, route, body, { headers: { authorization: `Bearer ${key}`, ...optIn, ...headers } });
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely
async function usage(): Promise<any> {
  const response = await fetch(`${llm.url}/v1/usage?include=cache`, { headers: { authorization: 'Bearer one' } });
  return response.json();
}

describe.each(CALL_ROUTES)('the cache of %s', (route) => {
  it.each(FIELDS[route])('is missed when only $name is another', async ({ values, put }: Field) => {
    const pair = fc.tuple(values, values).filter(([a, b]) => textOf(a) !== textOf(b));
    await fc.assert(
      fc.asyncProperty(pair, async (two) => {
        const base = request(route);
        const [a, b] = two.map((value) => {
          const body = structuredClone(base);
          put(body, value);
          return body;
        });
        const seen = [];
        for (const body of [a, b, a, b]) seen.push(await ask(route, body));
        const bodies = seen.map(({ raw }) => raw).join('\n');
        expect(
          seen.map(({ status, cache }) => `${status} ${cache}`),
          bodies,
        ).toEqual(['200 MISS', '200 MISS', '200 HIT', '200 HIT']);
      }),
      { numRuns: 5 },
    );
  });

  it.each<[string, object, Record<string, string>]>([
    ['stream', { stream: true }, {}],
    ['stream: false', { stream: false }, {}],
    ['labels in the body', { agent: 'a', task_type: 't', project_id: 'p' }, {}],
    ['labels in headers', {}, { 'x-agent': 'a', 'x-task-type': 't', 'x-project-id': 'p' }],
    ['a correlation id', {}, { 'x-correlation-id': '5f0a4c1e-7b0a-4c7e-9d55-3b1f0c6f2a11' }],
    ['an Idempotency-Key', {}, { 'idempotency-key': 'k' }],
    ...(route === 'openai'
      ? ([
          ['stream_options', { stream: true, stream_options: { include_usage: true } }, {}],
          ['user', { user: 'jo' }, {}],
          ['metadata', { metadata: { a: 'b' } }, {}],
        ] satisfies [string, object, Record<string, string>][])
      : []),
    ...(route === 'anthropic'
      ? ([['metadata', { metadata: { user_id: 'jo' } }, {}]] satisfies [string, object, Record<string, string>][])
      : []),
  ])('is hit whatever %s says', async (_, changes, headers) => {
    const body = request(route);
    expect((await ask(route, body)).cache).toBe('MISS');
    const again = await ask(route, { ...body, ...changes }, { headers: withOwnKey(headers) });
    expect([again.status, again.cache, mock.calls.length], again.raw).toEqual([200, 'HIT', 1]);
  });

  it('gives a stream what was not streamed, and the other way round', async () => {
    const saying = { role: 'user', content: 'say Grüße, 世界 🙂 and\nso on' };
    const calling = { role: 'user', content: 'use tool look with {"a":"ß 🙂","b":[1,{"c":null}]}' };
    const asked = route === 'chat' ? [saying] : [saying, calling];
    for (const message of asked) {
      for (const streamedFirst of [true, false]) {
        const base = request(route);
        base.messages.push(message);
        const first = await ask(route, { ...base, stream: streamedFirst });
        const second = await ask(route, { ...base, stream: !streamedFirst });
        expect([first.cache, second.cache], second.raw).toEqual(['MISS', 'HIT']);
        expect([first.complete, second.complete]).toEqual([true, true]);
        expect(first.text + first.toolArguments).not.toBe('');
        expect([second.text, second.toolArguments]).toEqual([first.text, first.toolArguments]);
      }
    }
    expect(mock.calls.length).toBe(2 * asked.length);
  });

  it('is another one for each tenant', async () => {
    const body = request(route);
    const seen = [await ask(route, body), await ask(route, body, { key: 'two' }), await ask(route, body)];
    expect(seen.map(({ cache }) => cache)).toEqual(['MISS', 'MISS', 'HIT']);
  });

  it('is asked without opting in only if the temperature that is sent is 0', async () => {
    const plain = { headers: { 'x-cache': '' } };
    const at = async (temperature: number | undefined) => {
      const { cache: _, ...body } = request(route, { temperature });
      return [(await ask(route, body, plain)).cache, (await ask(route, body, plain)).cache];
    };
    expect(await at(0)).toEqual(['MISS', 'HIT']);
    expect(await at(0.3)).toEqual(['BYPASS', 'BYPASS']);
    expect(await at(undefined)).toEqual(['BYPASS', 'BYPASS']);
  });

  it('tells no temperature from temperature 0', async () => {
    const body = request(route, { temperature: 0 });
    const { temperature: _, ...without } = body;
    expect([(await ask(route, body)).cache, (await ask(route, without)).cache]).toEqual(['MISS', 'MISS']);
  });

  it('is neither asked nor filled for a caller who says no', async () => {
    const body = request(route, { temperature: 0 });
    const no = route === 'chat' ? { ...body, cache: false } : body;
    const bypassing = { headers: { 'x-cache': 'off' } };
    const seen = [await ask(route, no, bypassing), await ask(route, no, bypassing), await ask(route, body)];
    expect(seen.map(({ cache }) => cache)).toEqual(['BYPASS', 'BYPASS', 'MISS']);
  });

  it('keeps nothing that was made at another temperature than the 0 that was asked for', async () => {
    const plain = { headers: { 'x-cache': '' } };
    const model = route === 'openai' ? 'gpt-6.1-terra' : 'claude-sonnet-5-5';
    const { cache: _, provider: __, top_p: ___, ...body } = request(route, { temperature: 0, model });
    const seen = [await ask(route, body, plain), await ask(route, body, plain)];
    expect(
      seen.map(({ status, cache }) => [status, cache]),
      seen[0]?.raw,
    ).toEqual([
      [200, 'BYPASS'],
      [200, 'BYPASS'],
    ]);
    expect(seen[0]?.headers.get('x-dropped-params')).toContain('temperature');
  });

  it('keeps nothing of a fallback that did without the temperature 0 that was asked for', async () => {
    const plain = { headers: { 'x-cache': '' } };
    const wire = route === 'anthropic' ? 'anthropic' : 'openai';
    const { cache: _, ...body } = request(route, { temperature: 0 });
    // Only what any candidate takes.
    const messages = [{ role: 'user', content: `say ${unique()}` }];
    const asked = { ...body, messages, tools: undefined, tool_choice: undefined, n: undefined };
    mock.script([{ match: { wire }, times: 1, do: { status: 500 } }]);
    const fallen = await ask(route, asked, plain);
    expect([fallen.status, fallen.headers.get('x-llm-provider') !== wire], fallen.raw).toEqual([200, true]);
    expect(fallen.headers.get('x-dropped-params')).toContain('temperature');
    expect((await ask(route, asked, plain)).cache).toBe('MISS');
  });

  it.each([
    [
      'cut by its limit',
      { text: 'one two three' },
      route === 'openai' ? { max_completion_tokens: 2 } : { max_tokens: 2 },
    ],
    ['refused for its content', { contentFilter: 'answer' as const }, {}],
    ['an error', { status: 400 }, {}],
    ['cut off', { cutAfterTokens: 1, text: 'one two three' }, {}],
    ['malformed', { malformedAfterTokens: 1, text: 'one two three' }, {}],
  ])('keeps no answer that is %s', async (_, act, changes) => {
    for (const stream of [false, true]) {
      const body = request(route, { ...changes, stream });
      mock.script([{ do: act }]);
      const kept = await llm.redis.zcard(llm.keys.under('llm:cache:index'));
      const before = await ask(route, body);
      expect(await llm.redis.zcard(llm.keys.under('llm:cache:index'))).toBe(kept);
      mock.script([]);
      const calls = mock.calls.length;
      const after = await ask(route, body);
      expect([before.cache, after.cache, mock.calls.length], before.raw).toEqual(['MISS', 'MISS', calls + 1]);
    }
  });

  it('keeps answers that end with a stop sequence or a tool call', async () => {
    const body = request(route);
    const stops = { [route === 'anthropic' ? 'stop_sequences' : 'stop']: ['two'] };
    mock.script([{ do: { text: 'one two three' } }]);
    const asked =
      route === 'chat'
        ? [{ ...body, ...stops }]
        : [{ ...body, ...stops }, withLast(body, 'use tool look with {"a":1}')];
    for (const each of asked) {
      if (each !== asked[0]) mock.script([]);
      expect([(await ask(route, each)).cache, (await ask(route, each)).cache]).toEqual(['MISS', 'HIT']);
    }
  });

  it('answers for nothing, counts the request and keeps its usage', async () => {
    const body = request(route);
    const first = await ask(route, body);
    const before = await usage();
    const second = await ask(route, body);
    const after = await usage();
    expect(Number(first.headers.get('x-cost-usd'))).toBe(0);
    expect(second.headers.get('x-cost-usd')).toBe('0');
    expect(after.totals).toEqual({ ...before.totals, requests: before.totals.requests + 1 });
    expect(after.cache.hits).toBe(before.cache.hits + 1);
    const { usage: told } = second.body;
    expect(told).toEqual(first.body.usage);
    if (route === 'chat') expect([first.body.cached, second.body.cached]).toEqual([false, true]);
  });

  it('is hit by the alias of a model, which is the same model', async () => {
    if (route === 'anthropic') return;
    const body = request(route);
    expect([(await ask(route, body)).cache, (await ask(route, { ...body, model: 'm-old' })).cache]).toEqual([
      'MISS',
      'HIT',
    ]);
  });
});

it('every member of a request to /v1/chat is one of the fields here, or ignored', () => {
  const ignored = ['stream', 'cache', 'agent', 'task_type', 'project_id', 'provider'];
  const members = Object.keys(CHAT_REQUEST_SCHEMA.properties as object);
  const covered = FIELDS.chat.map(({ name }) => name.split('.')[0]);
  expect(members.filter((name) => !covered.includes(name) && !ignored.includes(name))).toEqual([]);
});

it('an answer of another provider is another answer', async () => {
  const body = { messages: [{ role: 'user', content: `say ${unique()}` }], cache: true, max_tokens: 64 };
  const seen = [];
  for (const provider of ['openai', 'anthropic', 'openai', 'anthropic'])
    seen.push(await ask('chat', { ...body, provider }));
  expect(seen.map(({ cache, body }) => `${cache} ${body.provider}`)).toEqual([
    'MISS openai',
    'MISS anthropic',
    'HIT openai',
    'HIT anthropic',
  ]);
});

describe.each(CALL_ROUTES)('fifty equal requests to %s over two gateways', (route) => {
  const fifty = (body: object) =>
    Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        ask(route, { ...body, stream: index % 3 === 0 }, { of: index % 2 ? llm : twin }),
      ),
    );

  it('make one upstream call, whose answer all of them get (I9)', async () => {
    mock.script([{ do: { latencyMs: 300 } }]);
    const before = await usage();
    const seen = await fifty(request(route));
    expect(mock.calls.length).toBe(1);
    expect(new Set(seen.map(({ status, complete, text }) => `${status} ${complete} ${text}`)).size).toBe(1);
    expect(seen[0]).toMatchObject({ status: 200, complete: true });
    const uses = seen.map(({ cache }) => cache);
    expect(uses.filter((use) => use === 'MISS')).toHaveLength(1);
    expect(uses.filter((use) => use === 'COALESCED' || use === 'HIT')).toHaveLength(49);
    const [bill] = mock.billedCalls;
    const after = await usage();
    expect([
      after.totals.requests - before.totals.requests,
      after.totals.output_tokens - before.totals.output_tokens,
    ]).toEqual([50, bill?.outputTokens]);
  });

  it('fail together when that call fails', async () => {
    mock.script([{ do: { latencyMs: 300, status: 400 } }]);
    const seen = await fifty(request(route));
    expect(mock.calls.length).toBe(1);
    expect(new Set(seen.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(['400 VALIDATION_ERROR']));
  });

  it('get their answer from the same call when the client of the one that made it hangs up', async () => {
    mock.script([{ do: { tokenDelayMs: 25, text: Array.from({ length: 40 }, (_, i) => `t${i}`).join(' ') } }]);
    const body = request(route);
    const hangUp = new AbortController();
    const headers = { authorization: 'Bearer one', 'x-cache': 'on' };
    const leading = askLlm(llm.url, route, { ...body, stream: true }, { headers, signal: hangUp.signal }).then(
      ({ complete }) => complete,
      () => false,
    );
    await eventually('the call is made', () => (mock.calls[0]?.tokensSent ?? 0) > 0);
    const others = Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        ask(route, { ...body, stream: index > 3 }, { of: index % 2 ? llm : twin }),
      ),
    );
    await eventually('others wait for it', async () => {
      const flights = await llm.redis.keys(llm.keys.under('llm:flight:*'));
      const held = flights.length > 0 ? await llm.redis.mget(...flights) : [];
      return held.some((value) => /^L[1-9]/.test(value ?? ''));
    });
    hangUp.abort();
    expect(await leading).toBe(false);
    const seen = await others;
    expect(seen.map(({ status, complete, cache }) => `${status} ${complete} ${cache}`)).toEqual(
      Array.from({ length: 8 }, () => '200 true COALESCED'),
    );
    expect([mock.calls.length, mock.calls[0]?.closedByClientMs, mock.calls[0]?.finished]).toEqual([1, null, true]);
    expect(new Set(seen.map(({ text }) => text)).size).toBe(1);
    expect(seen[0]?.text).toContain('t39');
  });
});

const textOf = (value: unknown) => (value === ABSENT ? '' : canonicalJson(value));
const withLast = (body: { messages: object[] }, content: string) => ({
  ...body,
  messages: [...body.messages, { role: 'user', content }],
});
/** Each key is another one in each test. */
const withOwnKey = (headers: Record<string, string>): Record<string, string> =>
  headers['idempotency-key'] ? { 'idempotency-key': unique() } : headers;
