// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { estimateTokens, textOf } from '../../src/llm/chat.ts';
import type { LlmRequest } from '../../src/llm/client.ts';
import type { UpstreamRequest } from '../../src/llm/provider.ts';
import type { LlmSettings } from '../../src/llm/settings.ts';
import { connectTo, narrowSettings, newKeys, scriptedGateway, testSettings } from '../support/scripted-gateway.ts';

const redis = connectTo(inject('redisSocket'));
afterAll(() => redis.disconnect());

const SCHEMA = {
  type: 'object',
  required: ['n'],
  properties: { n: { type: 'integer', maximum: 9 } },
  additionalProperties: false,
};

function ask(overrides: Partial<LlmRequest> = {}): LlmRequest {
  return {
    instruction: 'Count.',
    data: [{ name: 'request_text', text: 'There are 3 of them.' }],
    schema: SCHEMA,
    labels: { agent: 'worker', task_type: 'text_generation', project_id: 'p' },
    key: randomUUID(),
    signal: new AbortController().signal,
    ...overrides,
  };
}

describe('a question', () => {
  test('with a schema is answered with a value of that shape', async () => {
    const { client, calls } = scriptedGateway(redis);
    expect(await client.complete(ask())).toMatchObject({
      output: { n: 3 },
      provider: 'test',
      model: 'test-1',
      stop_reason: 'end',
      truncated: [],
    });
    expect(calls.length).toBe(1);
  });

  test('without a schema is answered with text', async () => {
    const { schema: _, ...request } = ask();
    expect((await scriptedGateway(redis).client.complete(request)).output).toMatch(/^\[test\] .*There are 3 of them/);
  });

  test('reaches the candidate that the configuration names for its labels', async () => {
    const { client, calls } = scriptedGateway(redis);
    await client.complete(ask({ labels: { agent: 'dev_worker', task_type: 'reasoning', project_id: 'p' } }));
    await client.complete(ask({ labels: { agent: 'nobody', task_type: 'classification', project_id: 'p' } }));
    expect(calls.map(({ provider, model, max_tokens }) => [provider, model, max_tokens])).toEqual([
      ['anthropic', 'claude-sonnet-5-5', 8192],
      ['openai', 'gpt-6-luna', 1024],
    ]);
  });

  test('over the window says in its result what was cut', async () => {
    const rows = Array.from({ length: 500 }, (_, n) => ({ n }));
    const settings = narrowSettings({ contextWindowTokens: 1_400, maxTokens: 100 });
    const { client } = scriptedGateway(redis, [], { settings });
    const { truncated } = await client.complete(
      ask({ data: [{ name: 'rows', rows }], labels: { agent: 'admin_classifier_agent' } }),
    );
    expect(truncated).toMatchObject([{ part: 'rows', unit: 'rows' }]);
  });
});

describe('an answer of the wrong shape', () => {
  test('is repaired once, with its errors told, and both calls are paid for', async () => {
    const { client, calls } = scriptedGateway(redis, [{ match: {}, times: 1, then: { json: { n: 'three' } } }]);
    expect((await client.complete(ask())).output).toEqual({ n: 3 });
    expect(calls.length).toBe(2);
    expect(calls[1]?.messages.slice(0, 2)).toEqual(calls[0]?.messages);
    expect(calls[1]?.messages.at(-2)).toEqual({ role: 'assistant', content: '{"n":"three"}' });
    expect(calls[1]?.messages.at(-1)?.content).toContain('/n must be integer');
  });

  test('is repaired when it is no JSON at all', async () => {
    const { client } = scriptedGateway(redis, [{ match: {}, times: 1, then: { fail: 'bad_json' } }]);
    expect((await client.complete(ask())).output).toEqual({ n: 3 });
  });

  test('is accepted within a Markdown fence', async () => {
    const { client, calls } = scriptedGateway(redis, [{ match: {}, then: { text: '```json\n{"n": 4}\n```' } }]);
    expect([(await client.complete(ask())).output, calls.length]).toEqual([{ n: 4 }, 1]);
  });

  test('twice is a fault worth a retry that names places and not values', async () => {
    const { client, calls } = scriptedGateway(redis, [{ match: {}, then: { json: { n: 'secret' } } }]);
    const fault = await client.complete(ask()).catch((error) => error);
    expect(fault).toMatchObject({ code: 'PROVIDER_ERROR', disposition: 'retry', details: { reason: 'bad_output' } });
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('secret');
    expect(calls.length).toBe(2);
  });
});

test('a failure worth no retry reaches the caller as it is, and nobody else is asked', async () => {
  const { client, calls } = scriptedGateway(redis, [{ match: {}, then: { fail: 'content_filter' } }]);
  await expect(client.complete(ask())).rejects.toMatchObject({ code: 'CONTENT_FILTERED', disposition: 'dead-letter' });
  expect(calls.length).toBe(1);
});

describe('patience', () => {
  test('for our own rate limit ends when it would take longer than given', async () => {
    const testLimits = { contextWindowTokens: 100_000, requestsPerMinute: 1, tokensPerMinute: 0 };
    const { client, calls } = scriptedGateway(redis, [], { settings: testSettings({ testLimits }) });
    await client.complete(ask({ patienceMs: 0 }));
    await expect(client.complete(ask({ patienceMs: 1_000 }))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(calls.length).toBe(1);
  });

  test('is not had for the limit of a provider, which the gateway has waited for', async () => {
    const shipped = testSettings();
    const providers = Object.entries(shipped.providers).map(([name, each]) => [name, { ...each, maxRetries: 0 }]);
    const settings = { ...shipped, providers: Object.fromEntries(providers) };
    const { client } = scriptedGateway(redis, [{ match: {}, then: { fail: 'rate_limited' } }], { settings });
    await expect(client.complete(ask({ patienceMs: 60_000 }))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('the journal', () => {
  test('gives work that runs again the recorded result, without a call (I4)', async () => {
    const keys = newKeys();
    const first = scriptedGateway(redis, [], { keys });
    const result = await first.client.complete(ask({ key: 'again' }));
    const second = scriptedGateway(redis, [{ match: {}, then: { fail: 'unavailable' } }], { keys });
    const again = await second.client.complete(ask({ key: 'again' }));
    expect(again).toEqual({ ...result, usage: { ...result.usage, cost_usd: 0 } });
    expect([first.calls.length, second.calls.length]).toEqual([1, 0]);
  });

  test('calls again for another key', async () => {
    const { client, calls } = scriptedGateway(redis);
    await client.complete(ask({ key: 'one' }));
    await client.complete(ask({ key: 'two' }));
    expect(calls.length).toBe(2);
  });

  test('makes one call for two that run at once, in different processes (I4)', async () => {
    const keys = newKeys();
    const other = connectTo(inject('redisSocket'));
    const left = scriptedGateway(redis, [{ match: {}, then: { json: { n: 1 }, latency_ms: 20 } }], { keys });
    const right = scriptedGateway(other, [{ match: {}, then: { json: { n: 2 }, latency_ms: 20 } }], { keys });
    const [one, two] = await Promise.all([
      left.client.complete(ask({ key: 'race' })),
      right.client.complete(ask({ key: 'race' })),
    ]);
    expect(one.output).toEqual(two.output);
    expect(left.calls.length + right.calls.length).toBe(1);
    other.disconnect();
  });

  test('records no failure', async () => {
    const script = [{ match: {}, times: 1, then: { fail: 'content_filter' as const } }];
    const { client, calls } = scriptedGateway(redis, script);
    await expect(client.complete(ask({ key: 'failure' }))).rejects.toMatchObject({ code: 'CONTENT_FILTERED' });
    expect((await client.complete(ask({ key: 'failure' }))).output).toEqual({ n: 3 });
    expect(calls.length).toBe(2);
  });

  test('records no answer that stayed invalid, so that the next try asks anew', async () => {
    const { client, calls } = scriptedGateway(redis, [{ match: {}, times: 2, then: { json: { n: 'x' } } }]);
    await expect(client.complete(ask({ key: 'invalid' }))).rejects.toMatchObject({ details: { reason: 'bad_output' } });
    expect((await client.complete(ask({ key: 'invalid' }))).output).toEqual({ n: 3 });
    expect(calls.length).toBe(3);
  });

  test('holds a record for seven days under the effect key, and never the prompt', async () => {
    const { client, keys } = scriptedGateway(redis);
    await client.complete(ask({ key: 'kept', data: [{ name: 'text', text: 'A secret 3.' }] }));
    const key = keys.under('effect:kept');
    const week = 7 * 24 * 60 * 60;
    expect(await redis.ttl(key)).toBeGreaterThan(week - 60);
    expect(await redis.ttl(key)).toBeLessThanOrEqual(week);
    expect(await redis.get(key)).not.toContain('secret');
  });
});

describe('data of any size', () => {
  const rows = Array.from({ length: 20_000 }, (_, n) => ({ text: `Activity ${n}`, estimated_minutes: n }));
  const large = { data: [{ name: 'rows', rows }], labels: { agent: 'nobody', project_id: 'p' } };

  /** As in production: no test mode, a key for each provider, no pauses. Windows by provider, tokens. */
  function realSettings(windows: Partial<Record<string, number>>, tokensPerMinute = 0): LlmSettings {
    const shipped = testSettings();
    const providers = Object.entries(shipped.providers).map(([name, provider]) => {
      const models = Object.entries(provider.models).map(([id, model]) => [
        id,
        { ...model, contextWindowTokens: windows[name] ?? 1_000_000 },
      ]);
      const asked = { models: Object.fromEntries(models), apiKey: 'key', enabled: name in windows, maxRetries: 0 };
      return [name, { ...provider, ...asked }];
    });
    const limits = Object.keys(shipped.providers).map((name) => [name, { requestsPerMinute: 0, tokensPerMinute }]);
    return {
      ...shipped,
      testMode: false,
      providers: Object.fromEntries(providers),
      rateLimiting: { enabled: true, providers: Object.fromEntries(limits) },
    };
  }
  const sizeOf = ({ messages }: UpstreamRequest) =>
    messages.reduce((sum, { content }) => sum + estimateTokens(textOf(content)), 0);

  test('is cut to the window of each candidate that is asked, so that the next one can be', async () => {
    const settings = realSettings({ anthropic: 200_000, openai: 30_000 });
    const unavailable = { match: { provider: 'anthropic' as const }, then: { fail: 'unavailable' as const } };
    const { client, calls } = scriptedGateway(redis, [unavailable], { settings });
    const { truncated, output } = await client.complete(ask(large));
    expect(output).toEqual({ n: 0 });
    expect(calls.map(({ provider }) => provider)).toEqual(['anthropic', 'openai']);
    const [whole, cut] = calls.map(sizeOf) as [number, number];
    expect(whole).toBeGreaterThan(190_000);
    expect(cut).toBeLessThanOrEqual(30_000 - 4_096);
    expect(cut).toBeGreaterThan(25_000);
    // What is told is what the one that has answered was shown.
    const shown = calls[1]?.messages.map(({ content }) => textOf(content)).join() ?? '';
    expect(shown).toContain(`Only the first ${truncated[0]?.kept} of 20000 rows`);
  });

  test('leaves room for an answer that has to be repaired', async () => {
    const settings = realSettings({ anthropic: 30_000 });
    const wrong = { json: { n: 'x'.repeat(30_000) } };
    const { client, calls } = scriptedGateway(redis, [{ match: {}, times: 1, then: wrong }], { settings });
    expect((await client.complete(ask(large))).output).toEqual({ n: expect.any(Number) });
    expect(calls.length).toBe(2);
    for (const call of calls) expect(sizeOf(call) + call.max_tokens).toBeLessThanOrEqual(30_000);
  });

  test('is cut to what the rate limit of its provider can ever admit', async () => {
    const settings = realSettings({ anthropic: 200_000 }, 20_000);
    const { client, calls } = scriptedGateway(redis, [], { settings });
    const { truncated } = await client.complete(ask({ ...large, patienceMs: 0 }));
    expect(calls.map((call) => sizeOf(call) + call.max_tokens <= 20_000)).toEqual([true]);
    expect(truncated).toMatchObject([{ part: 'rows', unit: 'rows' }]);
  });

  test('is cut although the answer alone may be more than that rate limit', async () => {
    const settings = realSettings({ anthropic: 200_000 }, 4_000);
    const { client, calls } = scriptedGateway(redis, [], { settings });
    await client.complete(ask({ ...large, patienceMs: 0 }));
    expect(calls.map(({ max_tokens }) => max_tokens)).toEqual([2_000]);
  });

  test('is not cut in test mode to windows of models that are not asked, nor admitted under their limits', async () => {
    const shipped = testSettings();
    const limits = Object.keys(shipped.providers).map((name) => [name, { requestsPerMinute: 1, tokensPerMinute: 10 }]);
    const settings = {
      ...shipped,
      providers: realSettings({ anthropic: 10_000, openai: 10_000, google: 10_000 }).providers,
      rateLimiting: { enabled: true, providers: Object.fromEntries(limits) },
    };
    const { client, calls } = scriptedGateway(redis, [], { settings });
    for (const key of ['one', 'two', 'three']) {
      const { truncated } = await client.complete(ask({ ...large, key, patienceMs: 0 }));
      expect(truncated).toEqual([]);
    }
    expect(calls.length).toBe(3);
  });

  test('is cut in test mode to limits of its own', async () => {
    const testLimits = { contextWindowTokens: 100_000, requestsPerMinute: 0, tokensPerMinute: 9_000 };
    const { client, calls } = scriptedGateway(redis, [], { settings: testSettings({ testLimits }) });
    await client.complete(ask({ ...large, patienceMs: 0 }));
    expect(calls.map((call) => sizeOf(call) + call.max_tokens <= 9_000)).toEqual([true]);
  });
});
