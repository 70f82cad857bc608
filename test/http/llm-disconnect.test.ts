import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { readLedger } from '../../src/llm/accounts/ledger.ts';
import { eventually } from '../support/eventually.ts';
import { CALL_ROUTES, type CallRoute, PATHS } from '../support/llm-asking.ts';
import type { Act } from '../support/mock-upstream/script.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { mockEnv, startTestLlm, type TestLlm } from '../support/test-llm.ts';

/** Between the client's end and that of the upstream's socket. */
const WITHIN_MS = 250;

let mock: MockUpstream;
let llm: TestLlm;
beforeAll(async () => {
  mock = await startMockUpstream();
});
afterAll(() => mock.close());
// A namespace each, so that what is settled is that one call's.
beforeEach(async () => {
  llm = await startTestLlm({
    socketPath: inject('redisSocket'),
    env: { ...mockEnv(mock.url), LLM_MAX_RETRIES: '3' },
    file: { rate_limiting: { enabled: false } },
  });
});
afterEach(async () => {
  await llm.stop();
  mock.reset();
});

interface Client {
  /** Closes the client's socket; the time of it. */
  hangUp(): number;
  /** Bytes that have arrived. */
  received(): number;
}

function send(path: string, body: object, headers: Record<string, string> = {}): Client {
  const { port } = new URL(llm.url);
  let received = 0;
  const outgoing = httpRequest(
    {
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
    },
    (response) => {
      response.on('data', (bytes: Buffer) => {
        received += bytes.length;
      });
      response.on('error', () => {});
    },
  );
  outgoing.on('error', () => {});
  outgoing.end(JSON.stringify(body));
  return {
    received: () => received,
    hangUp: () => {
      outgoing.destroy();
      return performance.now();
    },
  };
}

const MODELS: Record<CallRoute, string> = {
  chat: 'gemini-3.8-flash',
  openai: 'gpt-6.1-terra',
  anthropic: 'claude-sonnet-5-5',
};
const bodyOf = (route: CallRoute, stream: boolean, maxTokens: number, model = MODELS[route]) => ({
  model,
  messages: [{ role: 'user', content: 'Count to sixty.' }],
  max_tokens: maxTokens,
  stream,
});

const gone = () => llm.logged.filter(({ metadata }) => metadata.code === 'CLIENT_GONE');
const settledCounts = async () => {
  const entries = await readLedger(llm.redis, llm.keys, [new Date().toISOString().slice(0, 10)]);
  return entries.map(({ counts }) => counts);
};

/** What must hold once a client has gone at `goneMs`. */
async function expectEnded(goneMs: number): Promise<number> {
  await eventually('the upstream sees its client go', () => mock.calls[0]?.closedByClientMs != null);
  await eventually('the call has ended', () => gone().length === 1);
  expect(gone()).toMatchObject([{ level: 'INFO', metadata: { status: 499, attempts: 1 } }]);
  await eventually(
    'nothing is reserved',
    async () => (await llm.redis.zcard(llm.keys.under('llm:reservations'))) === 0,
  );
  const [scope] = await llm.redis.keys(llm.keys.under('llm:budget:day:*'));
  expect(await llm.redis.hget(scope as string, 'reserved')).toBe('0');
  // Whoever would retry or fall back would have done so: the call is over.
  expect(mock.calls.length).toBe(1);
  expect(llm.logged.filter(({ level }) => level === 'ERROR')).toEqual([]);
  const afterMs = (mock.calls[0]?.closedByClientMs as number) - goneMs;
  expect(afterMs).toBeLessThan(WITHIN_MS);
  return afterMs;
}

/** An answer of more than 2,048 tokens comes as a stream from the upstream, whatever the client asked for. */
const WAYS = CALL_ROUTES.flatMap((route) =>
  [
    { stream: true, maxTokens: 100, streamedUpstream: true },
    { stream: false, maxTokens: 4_096, streamedUpstream: true },
    { stream: false, maxTokens: 100, streamedUpstream: false },
  ].map((way) => ({ route, ...way })),
);

describe.each(WAYS)(
  'a client of $route (stream: $stream, at most $maxTokens tokens) that hangs up',
  ({ route, stream, maxTokens, streamedUpstream }) => {
    const start = (act: Act): Client => {
      mock.script([{ do: act }]);
      return send(PATHS[route], bodyOf(route, stream, maxTokens));
    };

    it('before the headers ends the upstream call at once, unpaid', async () => {
      const client = start({ silent: true });
      await eventually('the upstream is asked', () => mock.calls.length === 1);
      await expectEnded(client.hangUp());
      expect(await settledCounts()).toEqual([]);
    });

    it('before the first token ends it at once and pays for the input that was taken', async () => {
      const client = start(streamedUpstream ? { firstTokenDelayMs: 60_000 } : { latencyMs: 60_000 });
      await eventually(
        'the upstream answers',
        () => mock.calls[0]?.status === 200 || (!streamedUpstream && mock.calls.length === 1),
      );
      // Its headers are read before the answer to a later request is.
      await fetch(`${llm.url}/v1/usage`);
      await expectEnded(client.hangUp());
      const counts = await settledCounts();
      // Not streamed, nothing has been answered yet.
      expect(counts).toHaveLength(streamedUpstream ? 1 : 0);
      for (const each of counts) {
        expect(each).toMatchObject({ requests: 0, errors: 0, estimated: 1 });
        expect(each.inputTokens).toBeGreaterThan(0);
        expect(each.costNanoUsd).toBeGreaterThan(0);
        // Anthropic's first message counts one already.
        expect(each.outputTokens).toBeLessThanOrEqual(1);
      }
    });

    it('in mid-answer ends it at once and pays for what has come', async () => {
      const client = start({ stallAfterTokens: 20 });
      await eventually('half of it is sent', () => (mock.calls[0]?.tokensSent ?? 0) >= 20);
      if (stream) await eventually('it arrives', () => client.received() > 0);
      // The other ways show nothing; what was sent before another round trip has been read.
      else await fetch(`${llm.url}/v1/providers`);
      await expectEnded(client.hangUp());
      const [counts] = await settledCounts();
      expect(counts).toMatchObject({ requests: 0, errors: 0, estimated: 1 });
      expect(counts?.inputTokens).toBeGreaterThan(0);
      if (streamedUpstream) expect(counts?.outputTokens).toBeGreaterThanOrEqual(10);
      expect(counts?.costNanoUsd).toBeGreaterThan(0);
    });
  },
);

it.each([true, false])(
  'a client that hangs up while a retry is awaited has no second attempt (stream: %s)',
  async (stream) => {
    mock.script([{ do: { status: 429, headers: { 'retry-after': '4' } } }]);
    const client = send(PATHS.chat, bodyOf('chat', stream, 100));
    await eventually('the upstream has refused', () => mock.calls[0]?.finished === true);
    await eventually('that is settled', async () => (await settledCounts()).length === 1);
    client.hangUp();
    await eventually('the call has ended', () => gone().length === 1);
    expect(gone()).toMatchObject([{ metadata: { status: 499, attempts: 1 } }]);
    expect(mock.calls.length).toBe(1);
  },
);

it('a client that hangs up while a slot is awaited never reaches the upstream', async () => {
  const narrow = await startTestLlm({
    socketPath: inject('redisSocket'),
    env: mockEnv(mock.url),
    file: { rate_limiting: { enabled: false }, providers: { openai: { settings: { max_concurrency: 1 } } } },
  });
  const { url } = llm;
  mock.script([{ do: { latencyMs: 500 } }]);
  llm.url = narrow.url;
  const first = send(PATHS.openai, bodyOf('openai', false, 100));
  await eventually('the slot is taken', () => mock.calls.length === 1);
  const second = send(PATHS.openai, bodyOf('openai', false, 100));
  await eventually(
    'the second waits',
    async () => (await narrow.redis.zcard(narrow.keys.under('llm:reservations'))) === 2,
  );
  second.hangUp();
  llm.url = url;
  await eventually('the first is answered', () => first.received() > 0);
  await eventually('the second has ended', () => narrow.logged.some(({ metadata }) => metadata.code === 'CLIENT_GONE'));
  expect(mock.calls.length).toBe(1);
  expect(await narrow.redis.zcard(narrow.keys.under('llm:reservations'))).toBe(0);
  await narrow.stop();
});
