// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
import { describe, expect, test } from 'vitest';
import { createLlmClient, DEFAULT_ROUTE, type LlmRequest } from '../../src/llm/client.ts';
import type { Provider, ProviderRequest } from '../../src/llm/provider.ts';
import { createTestProvider } from '../../src/llm/providers/test.ts';
import type { ScriptRule } from '../../src/llm/providers/test-script.ts';

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
    key: 'k',
    signal: new AbortController().signal,
    ...overrides,
  };
}

/** A client whose provider follows a script, with the requests that reached it. */
function scripted(...rules: ScriptRule[]) {
  const calls: ProviderRequest[] = [];
  const provider = createTestProvider(rules);
  const recording: Provider = {
    complete(request, signal) {
      calls.push(request);
      return provider.complete(request, signal);
    },
  };
  return { client: createLlmClient(recording), calls };
}

describe('a question', () => {
  test('with a schema is answered with a value of that shape', async () => {
    const { client, calls } = scripted();
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
    expect((await scripted().client.complete(request)).output).toMatch(/^\[test\] .*There are 3 of them/);
  });

  test('names the candidate, the labels and the bound of the answer', async () => {
    const { client, calls } = scripted();
    await client.complete(ask());
    expect(calls[0]).toMatchObject({
      provider: DEFAULT_ROUTE.provider,
      model: DEFAULT_ROUTE.model,
      max_tokens: DEFAULT_ROUTE.maxOutputTokens,
      labels: { agent: 'worker', task_type: 'text_generation', project_id: 'p' },
    });
  });

  test('over the window says in its result what was cut', async () => {
    const rows = Array.from({ length: 500 }, (_, n) => ({ n }));
    const client = createLlmClient(createTestProvider(), {
      ...DEFAULT_ROUTE,
      contextWindowTokens: 700,
      maxOutputTokens: 100,
    });
    const { truncated } = await client.complete(ask({ data: [{ name: 'rows', rows }] }));
    expect(truncated).toMatchObject([{ part: 'rows', unit: 'rows' }]);
  });
});

describe('an answer of the wrong shape', () => {
  test('is repaired once, with its errors told', async () => {
    const { client, calls } = scripted({ match: {}, times: 1, then: { json: { n: 'three' } } });
    const { output, usage } = await client.complete(ask());
    expect(output).toEqual({ n: 3 });
    expect(calls.length).toBe(2);
    expect(calls[1]?.messages.slice(0, 2)).toEqual(calls[0]?.messages);
    expect(calls[1]?.messages.at(-2)).toEqual({ role: 'assistant', content: '{"n":"three"}' });
    expect(calls[1]?.messages.at(-1)?.content).toContain('/n must be integer');
    expect(usage.total_tokens).toBe(usage.input_tokens + usage.output_tokens);
    expect(usage.output_tokens).toBe(4 + 2); // 13 and 7 bytes
  });

  test('is repaired when it is no JSON at all', async () => {
    const { client } = scripted({ match: {}, times: 1, then: { fail: 'bad_json' } });
    expect((await client.complete(ask())).output).toEqual({ n: 3 });
  });

  test('is accepted within a Markdown fence', async () => {
    const { client, calls } = scripted({ match: {}, then: { text: '```json\n{"n": 4}\n```' } });
    expect([(await client.complete(ask())).output, calls.length]).toEqual([{ n: 4 }, 1]);
  });

  test('twice is a fault worth a retry that names places and not values', async () => {
    const { client, calls } = scripted({ match: {}, then: { json: { n: 'secret' } } });
    const fault = await client.complete(ask()).catch((error) => error);
    expect(fault).toMatchObject({ code: 'PROVIDER_ERROR', disposition: 'retry', details: { reason: 'bad_output' } });
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('secret');
    expect(calls.length).toBe(2);
  });
});

test('a failure of the provider reaches the caller as it is, without a second call', async () => {
  const { client, calls } = scripted({ match: {}, then: { fail: 'unavailable' } });
  await expect(client.complete(ask())).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(calls.length).toBe(1);
});
