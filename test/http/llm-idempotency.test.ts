import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { askLlm, type Got, type RouteName } from '../support/llm-asking.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { mockEnv, startTestLlm, type TestLlm } from '../support/test-llm.ts';

const digest = (key: string) => createHash('sha256').update(key).digest('hex');

let mock: MockUpstream;
/** Two processes' worth of gateway on one namespace. */
let llm: TestLlm;
let twin: TestLlm;
beforeAll(async () => {
  mock = await startMockUpstream();
  const options = {
    socketPath: inject('redisSocket'),
    env: {
      ...mockEnv(mock.url),
      API_KEYS: `one:llm:use+ops:read:${digest('one')},two:llm:use:${digest('two')}`,
      LLM_MAX_RETRIES: '0',
    },
    file: { rate_limiting: { enabled: false } },
    namespace: `llmkeys${process.pid}`,
  };
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
const newKey = () => `key ${++count}`;

interface Asking {
  tenant?: string;
  of?: TestLlm;
  signal?: AbortSignal;
}
function ask(
  route: RouteName,
  body: object,
  key: string,
  { tenant = 'one', of = llm, signal }: Asking = {},
): Promise<Got> {
  const headers = { authorization: `Bearer ${tenant}`, 'idempotency-key': key };
  return askLlm(of.url, route, body, { headers, ...(signal && { signal }) });
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely
async function usage(): Promise<any> {
  const response = await fetch(`${llm.url}/v1/usage?include=budgets`, { headers: { authorization: 'Bearer one' } });
  return response.json();
}
const isReplay = ({ headers }: Got) => headers.get('idempotency-replayed') === 'true';

const say = (text: string) => [{ role: 'user', content: `say ${text}` }];
const WAYS: { name: string; route: RouteName; body: (text: string) => object; wire?: string }[] = [
  { name: '/v1/chat', route: 'chat', body: (text) => ({ messages: say(text), provider: 'google', max_tokens: 64 }) },
  {
    name: '/v1/chat, streamed',
    route: 'chat',
    body: (text) => ({ messages: say(text), stream: true, max_tokens: 64 }),
  },
  { name: 'OpenAI’s wire', route: 'openai', body: (text) => ({ model: 'gpt-6.1-terra', messages: say(text) }) },
  {
    name: 'OpenAI’s wire, streamed',
    route: 'openai',
    body: (text) => ({ model: 'gpt-6.1-terra', messages: say(text), stream: true }),
  },
  {
    name: 'OpenAI’s wire to another provider',
    route: 'openai',
    body: (text) => ({ model: 'claude-sonnet-5-5', messages: say(text) }),
  },
  {
    name: 'Anthropic’s wire',
    route: 'anthropic',
    body: (text) => ({ model: 'claude-sonnet-5-5', max_tokens: 64, messages: say(text) }),
  },
  {
    name: 'Anthropic’s wire, streamed',
    route: 'anthropic',
    body: (text) => ({ model: 'claude-sonnet-5-5', max_tokens: 64, messages: say(text), stream: true }),
  },
  {
    name: '/v1/predict',
    route: 'predict',
    body: (text) => ({ prompt: `Say ${text}`, options: { provider: 'openai' } }),
  },
  {
    name: '/v1/extract/order',
    route: 'extract',
    body: (text) => ({ text: `Order for 5 units of Widget A. ${text}`, schema: { gate_code: 'string' } }),
  },
];

describe.each(WAYS)('an Idempotency-Key of $name', ({ route, body }) => {
  it('gives the recorded answer again, without an upstream call, a reservation or a cost (I4)', async () => {
    const key = newKey();
    const first = await ask(route, body('one two'), key);
    expect([first.status, first.complete, isReplay(first)], first.raw).toEqual([200, true, false]);
    const calls = mock.calls.length;
    const before = await usage();
    for (const of of [llm, twin, llm]) {
      const again = await ask(route, body('one two'), key, { of });
      expect([again.status, again.complete, isReplay(again)], again.raw).toEqual([200, true, true]);
      expect([again.text, again.toolArguments]).toEqual([first.text, first.toolArguments]);
      expect(again.headers.get('x-cost-usd') ?? '0').toBe('0');
      if (route === 'chat' || route === 'openai' || route === 'anthropic') {
        expect(again.body?.id ?? null).toBe(first.body?.id ?? null);
      }
    }
    expect([calls, mock.calls.length]).toEqual([1, 1]);
    const after = await usage();
    const spent = ({ totals, budgets }: typeof after) => [
      totals.input_tokens,
      totals.output_tokens,
      totals.estimated_cost_usd,
      budgets,
    ];
    expect(spent(after)).toEqual(spent(before));
  });

  it('is refused for another body', async () => {
    const key = newKey();
    await ask(route, body('one'), key);
    const other = await ask(route, body('two'), key);
    expect([other.status, other.code, mock.calls.length], other.raw).toEqual([409, 'CONFLICT', 1]);
    expect((await ask(route, body('one'), key)).status).toBe(200);
  });

  it('makes one upstream call for all who use it at once, over two gateways', async () => {
    mock.script([{ do: { latencyMs: 300 } }]);
    const key = newKey();
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask(route, body('one two'), key, { of: index % 2 ? llm : twin })),
    );
    expect(mock.calls.length).toBe(1);
    expect(new Set(seen.map(({ status, complete, text }) => `${status} ${complete} ${text}`)).size).toBe(1);
    expect([seen[0]?.status, seen[0]?.complete]).toEqual([200, true]);
    expect(seen.filter(isReplay)).toHaveLength(19);
  });

  it('records no failure', async () => {
    const key = newKey();
    mock.script([{ times: 1, do: { status: 400 } }]);
    const failed = await ask(route, body('one'), key);
    expect([failed.status, failed.code], failed.raw).toEqual([400, 'VALIDATION_ERROR']);
    const then = await ask(route, body('one'), key);
    expect([then.status, isReplay(then), mock.calls.length], then.raw).toEqual([200, false, 2]);
    expect(isReplay(await ask(route, body('one'), key))).toBe(true);
  });

  it('is another one for each tenant', async () => {
    const key = newKey();
    const mine = await ask(route, body('one'), key);
    const theirs = await ask(route, body('two'), key, { tenant: 'two' });
    expect([mine.status, theirs.status, isReplay(theirs), mock.calls.length], theirs.raw).toEqual([200, 200, false, 2]);
  });
});

it('a key belongs to one route', async () => {
  const key = newKey();
  const body = { model: 'gpt-6.1-terra', messages: say('one'), max_tokens: 64 };
  expect((await ask('openai', body, key)).status).toBe(200);
  expect((await ask('chat', body, key)).status).toBe(409);
});

it('a broken stream is not recorded', async () => {
  const key = newKey();
  const body = { model: 'gpt-6.1-terra', messages: [{ role: 'user', content: 'Count.' }], stream: true };
  mock.script([{ times: 1, do: { cutAfterTokens: 20 } }]);
  const cut = await ask('openai', body, key);
  expect([cut.complete, cut.code]).toEqual([false, 'STREAM_INTERRUPTED']);
  const then = await ask('openai', body, key);
  expect([then.complete, isReplay(then), mock.calls.length]).toEqual([true, false, 2]);
});

it('a call whose client has gone is not recorded, and its key can be used again', async () => {
  const key = newKey();
  const body = { model: 'gpt-6.1-terra', messages: [{ role: 'user', content: 'Count.' }] };
  mock.script([{ times: 1, do: { silent: true } }]);
  const hangUp = new AbortController();
  const left = ask('openai', body, key, { signal: hangUp.signal }).catch(() => 'gone');
  await eventually('the upstream is asked', () => mock.calls.length === 1);
  hangUp.abort();
  expect(await left).toBe('gone');
  await eventually('the upstream call has ended', () => mock.calls[0]?.closedByClientMs != null);
  const then = await ask('openai', body, key);
  expect([then.status, isReplay(then), mock.calls.length], then.raw).toEqual([200, false, 2]);
});

it('who waits for a call gets its answer when the client that made it hangs up', async () => {
  const key = newKey();
  const body = { model: 'gpt-6.1-terra', messages: [{ role: 'user', content: 'Count.' }], stream: true };
  mock.script([{ do: { tokenDelayMs: 20 } }]);
  const hangUp = new AbortController();
  const left = ask('openai', body, key, { signal: hangUp.signal }).then(
    ({ complete }) => complete,
    () => false,
  );
  await eventually('it is being answered', () => (mock.calls[0]?.tokensSent ?? 0) > 0);
  const other = ask('openai', body, key, { of: twin });
  await eventually('another waits for it', async () => {
    const flights = await llm.redis.keys(llm.keys.under('llm:flight:*'));
    const held = flights.length > 0 ? await llm.redis.mget(...flights) : [];
    return held.some((value) => /^L[1-9]/.test(value ?? ''));
  });
  hangUp.abort();
  expect(await left).toBe(false);
  const got = await other;
  expect([got.status, got.complete, isReplay(got), mock.calls.length]).toEqual([200, true, true, 1]);
});

it('a key that is no header text is refused', async () => {
  for (const key of ['', 'x'.repeat(256)]) {
    expect((await ask('chat', { messages: say('x') }, key)).status).toBe(400);
  }
  expect(mock.calls.length).toBe(0);
});

it('the record is under the sha-256 of tenant and key, and is kept for a week', async () => {
  const key = newKey();
  await ask('chat', { messages: say('x'), max_tokens: 64 }, key);
  const name = llm.keys.under(`effect:${digest(`one\n${key}`)}`);
  const ttlMs = await llm.redis.pttl(name);
  expect(ttlMs).toBeGreaterThan(6.9 * 86_400_000);
  expect(ttlMs).toBeLessThanOrEqual(7 * 86_400_000);
});
