// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { createLlmClient, type LlmRequest } from '../../src/llm/client.ts';
import { journaled } from '../../src/llm/journal.ts';
import type { Provider } from '../../src/llm/provider.ts';
import { createTestProvider } from '../../src/llm/providers/test.ts';
import type { ScriptRule } from '../../src/llm/providers/test-script.ts';

const prefix = `test-${randomUUID()}`;
const redis = new Redis(inject('redisSocket'));
afterAll(async () => {
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
});

function ask(key: string, text = 'There are 3 of them.'): LlmRequest {
  return {
    instruction: 'Count.',
    data: [{ name: 'request_text', text }],
    schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    labels: { agent: 'worker', task_type: 'text_generation', project_id: 'p' },
    key,
    signal: new AbortController().signal,
  };
}

/** A journaled client and the number of calls that reached its provider. */
function journal(...rules: ScriptRule[]) {
  let calls = 0;
  const provider = createTestProvider(rules);
  const counting: Provider = {
    complete(request, signal) {
      calls++;
      return provider.complete(request, signal);
    },
  };
  return { client: journaled(createLlmClient(counting), redis, prefix), calls: () => calls };
}

describe('the journal', () => {
  test('gives work that runs again the recorded result, without a call (I4)', async () => {
    const first = journal();
    const result = await first.client.complete(ask('again'));
    const second = journal({ match: {}, then: { fail: 'unavailable' } });
    expect(await second.client.complete(ask('again'))).toEqual(result);
    expect([first.calls(), second.calls()]).toEqual([1, 0]);
  });

  test('calls again for another key', async () => {
    const { client, calls } = journal();
    await client.complete(ask('one'));
    await client.complete(ask('two'));
    expect(calls()).toBe(2);
  });

  test('gives two calls that raced one result (I4)', async () => {
    const [left, right] = await Promise.all([
      journal({ match: {}, then: { json: { n: 1 } } }).client.complete(ask('race')),
      journal({ match: {}, then: { json: { n: 2 } } }).client.complete(ask('race')),
    ]);
    expect(left.output).toEqual(right.output);
    expect((await journal().client.complete(ask('race'))).output).toEqual(left.output);
  });

  test('records no failure', async () => {
    const { client, calls } = journal({ match: {}, times: 1, then: { fail: 'reset' } });
    await expect(client.complete(ask('failure'))).rejects.toMatchObject({ code: 'PROVIDER_ERROR' });
    expect((await client.complete(ask('failure'))).output).toEqual({ n: 3 });
    expect(calls()).toBe(2);
  });

  test('records no answer that stayed invalid, so that the next try asks anew', async () => {
    const { client, calls } = journal({ match: {}, times: 2, then: { json: { n: 'x' } } });
    await expect(client.complete(ask('invalid'))).rejects.toMatchObject({ details: { reason: 'bad_output' } });
    expect((await client.complete(ask('invalid'))).output).toEqual({ n: 3 });
    expect(calls()).toBe(3);
  });

  test('holds a record for seven days under the effect key, and never the prompt', async () => {
    await journal().client.complete(ask('kept', 'A secret 3.'));
    const key = `${prefix}:effect:kept`;
    const week = 7 * 24 * 60 * 60;
    expect(await redis.ttl(key)).toBeGreaterThan(week - 60);
    expect(await redis.ttl(key)).toBeLessThanOrEqual(week);
    expect(await redis.get(key)).not.toContain('secret');
  });
});
