// Connections: what is taken of an answer, what breaks it, and that nothing stays open.
import { createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../src/errors.ts';
import type { ProviderName, UpstreamEvent } from '../../src/llm/chat.ts';
import type { UpstreamRequest } from '../../src/llm/provider.ts';
import { createProviders } from '../../src/llm/providers/index.ts';
import type { ClosableProvider } from '../../src/llm/providers/sdk.ts';
import { eventually } from '../support/eventually.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import {
  closing,
  createProvider,
  failureOf,
  hear,
  hooks,
  KEY,
  providerSettings,
  request,
  startRawUpstream,
} from '../support/providers.ts';

const NAMES = ['openai', 'anthropic', 'google', 'local'] as const;
/** Provider and whether the client speaks its wire. */
const LANES = NAMES.flatMap((name) =>
  [false, true].flatMap((direct) => (name === 'google' && direct ? [] : [{ name, direct }])),
);

let mock: MockUpstream;
let providers: Record<ProviderName, ClosableProvider>;
beforeAll(async () => {
  mock = await startMockUpstream();
  const entries = NAMES.map((name) => [name, createProvider(name, mock.url)] as const);
  providers = Object.fromEntries(entries) as Record<ProviderName, ClosableProvider>;
});
beforeEach(() => mock.reset());
afterAll(() => closing(mock, ...Object.values(providers)));

function ask(name: ProviderName, direct: boolean, changes: Partial<UpstreamRequest> = {}): UpstreamRequest {
  const passthrough = {
    family: name === 'anthropic' ? ('anthropic' as const) : ('openai' as const),
    body: { messages: [{ role: 'user', content: 'Hello' }] },
    dropped: [],
  };
  return request(name, { ...(direct && { passthrough }), ...changes });
}

describe.each(LANES)('$name, directly: $direct,', ({ name, direct }) => {
  const complete = (signal?: AbortSignal) => providers[name].complete(ask(name, direct), hooks(signal));
  const stream = (signal?: AbortSignal) => providers[name].stream(ask(name, direct), hooks(signal));

  it('gives the answer of an upstream, whole and streamed, over one connection', async () => {
    const answer = await complete();
    expect(answer).toMatchObject({ provider: name, model: 'm-1', stopReason: 'end' });
    expect(answer.text).toMatch(/^w1 w2 .* w60$/);
    for (let round = 0; round < 3; round++) {
      const heard = await hear(stream());
      expect(heard).toMatchObject({
        text: answer.text,
        usage: answer.usage,
        stopReason: 'end',
        ended: name !== 'google',
      });
      const call = mock.calls.at(-1);
      await eventually('the mock is done', () => call?.finished === true);
      // The tail of a stream is read after its last event.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
    expect(new Set(mock.calls.map(({ socketId }) => socketId)).size).toBeLessThanOrEqual(2);
  });

  it('tells of headers and of data', async () => {
    const onHeaders = vi.fn();
    const onData = vi.fn();
    await providers[name].complete(ask(name, direct), { ...hooks(), onHeaders, onData });
    expect(onHeaders).toHaveBeenCalledOnce();
    expect(onData).toHaveBeenCalled();
    await hear(providers[name].stream(ask(name, direct), { ...hooks(), onHeaders }));
    expect(onHeaders).toHaveBeenCalledTimes(2);
    mock.script([{ do: { status: 500 } }]);
    await failureOf(providers[name].complete(ask(name, direct), { ...hooks(), onHeaders }));
    expect(onHeaders).toHaveBeenCalledTimes(2);
  });

  it('reads a stream however it is cut', async () => {
    mock.script([{ do: { text: 'Zürich 😀 Łódź', chunkBytes: 1 } }]);
    expect((await hear(stream())).text).toBe('Zürich 😀 Łódź');
  });

  it.each([
    [
      { status: 429, headers: { 'Retry-After': '2' } },
      { kind: 'rate_limited', status: 429, retryAfterMs: 2_000 },
    ],
    [{ status: 503 }, { kind: 'server_error', status: 503 }],
    [{ code: 'context_length_exceeded' }, { kind: 'context_length' }],
    [{ code: 'insufficient_quota' }, { kind: 'quota' }],
    [{ status: 401 }, { kind: 'auth' }],
    [{ status: 404 }, { kind: 'no_model' }],
    [{ redirect: 'http://127.0.0.1:1/' }, { kind: 'malformed', status: 302 }],
    [{ reset: true }, { kind: 'connection' }],
    [{ cutAfterTokens: 10 }, { kind: 'cut' }],
    [{ malformedAfterTokens: 10 }, { kind: 'malformed' }],
  ])('calls %j a failure, %j', async (act, expected) => {
    mock.script([{ do: act }]);
    expect(await failureOf(complete())).toMatchObject(expected);
    expect(await failureOf(stream())).toMatchObject(expected);
    expect(mock.calls).toHaveLength(2);
  });

  it('calls an error in mid-stream what it is', async () => {
    mock.script([{ do: { errorAfterTokens: 3, errorStatus: 529 } }]);
    expect(await failureOf(stream())).toMatchObject({ kind: 'server_error' });
  });

  it('delivers what came before a stream broke', async () => {
    mock.script([{ do: { malformedAfterTokens: 10 } }]);
    let text = '';
    const read = async () => {
      for await (const event of stream()) text += event.text ?? '';
    };
    expect(await failureOf(read())).toMatchObject({ kind: 'malformed' });
    expect(text).toBe('w1 w2 w3 w4 w5 w6 w7 w8 w9 w10');
  });

  it('takes no more than 16 MiB', async () => {
    mock.script([{ do: { hugeBytes: 17 * 1024 * 1024 } }]);
    const changes = { max_tokens: 50_000_000 };
    expect(await failureOf(providers[name].complete(ask(name, direct, changes), hooks()))).toMatchObject({
      kind: 'too_large',
    });
    expect(await failureOf(providers[name].stream(ask(name, direct, changes), hooks()))).toMatchObject({
      kind: 'too_large',
    });
  });

  it.each([
    ['before headers', { silent: true }],
    ['before the first token', { firstTokenDelayMs: 60_000 }],
    ['in mid-answer', { stallAfterTokens: 5 }],
  ] as const)('closes the connection when it is aborted %s, and throws the reason', async (_, act) => {
    for (const send of [complete, (signal: AbortSignal) => hear(stream(signal))]) {
      mock.reset();
      mock.script([{ do: act }]);
      const controller = new AbortController();
      const reason = new Error('gone');
      const work = send(controller.signal).catch((error) => error);
      await eventually('the mock has the request', () => mock.calls.length === 1);
      if ('stallAfterTokens' in act) await eventually('tokens were sent', () => (mock.calls[0]?.tokensSent ?? 0) > 0);
      controller.abort(reason);
      expect(await work).toBe(reason);
      await eventually('the socket is closed', () => mock.calls[0]?.closedByClientMs != null, 250);
    }
  });

  it('closes the connection of a stream that is left', async () => {
    mock.script([{ do: { stallAfterTokens: 5 } }]);
    for await (const event of stream()) if (event.content) break;
    await eventually('the socket is closed', () => mock.calls[0]?.closedByClientMs != null);
  });

  it('sends nothing when it is aborted before', async () => {
    const reason = new Error('gone');
    await expect(complete(AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(hear(stream(AbortSignal.abort(reason)))).rejects.toBe(reason);
    expect(mock.calls).toEqual([]);
  });

  it('ends a stream at its mark although the connection stays open', async () => {
    if (name === 'google') return;
    mock.script([{ do: { noEndMarker: 'hang' } }]);
    const upstream = await startRawUpstream();
    upstream.handle = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(name === 'anthropic' ? 'data: {"type":"message_stop"}\n\n' : 'data: [DONE]\n\n');
    };
    const provider = createProvider(name, upstream.url);
    try {
      expect(await hear(provider.stream(ask(name, direct), hooks()))).toMatchObject({ ended: true });
      await eventually('the connection is closed', async () => (await upstream.connections()) === 0);
    } finally {
      await closing(upstream, provider);
    }
  });

  it.each(['close', 'cut'])('a stream that ends inside a message was cut (%s)', async (how) => {
    const upstream = await startRawUpstream();
    upstream.handle = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"type":"ping"}\n\ndata: {"ty', () =>
        how === 'close' ? response.end() : response.destroy(),
      );
    };
    const provider = createProvider(name, upstream.url);
    try {
      expect(await failureOf(provider.stream(ask(name, direct), hooks()))).toMatchObject({ kind: 'cut' });
    } finally {
      await closing(upstream, provider);
    }
  });

  it.each([
    ['application/json', '{"error":{"message":"x","type":"overloaded_error","code":"overloaded"}}', 'server_error'],
    ['application/json', '{}', 'malformed'],
    ['text/html', '<html>sign in</html>', 'malformed'],
  ])('calls a stream that is none (%s %s) %s', async (type, body, kind) => {
    const upstream = await startRawUpstream();
    upstream.handle = (_, response) => response.writeHead(200, { 'content-type': type }).end(body);
    const provider = createProvider(name, upstream.url);
    try {
      expect(await failureOf(provider.stream(ask(name, direct), hooks()))).toMatchObject({ kind });
      expect(await failureOf(provider.complete(ask(name, direct), hooks()))).toMatchObject({ kind });
    } finally {
      await closing(upstream, provider);
    }
  });

  it('calls an upstream that is not there unreachable', async () => {
    const upstream = await startRawUpstream();
    await upstream.close();
    const provider = createProvider(name, upstream.url);
    try {
      expect(await failureOf(provider.complete(ask(name, direct), hooks()))).toMatchObject({ kind: 'connection' });
      expect(await failureOf(provider.stream(ask(name, direct), hooks()))).toMatchObject({ kind: 'connection' });
    } finally {
      await provider.close();
    }
  });
});

describe('a connection that is not established', () => {
  it('is given up after the limit', async () => {
    // Accepts no more than its backlog: further ones hang. TLS to a silent server hangs the same way everywhere.
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const provider = createProvider('openai', `https://127.0.0.1:${port}`, { connectTimeoutMs: 50 });
    try {
      expect(await failureOf(provider.complete(ask('openai', true), hooks()))).toMatchObject({ kind: 'connection' });
    } finally {
      for (const socket of sockets) socket.destroy();
      await provider.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('a base URL', () => {
  it.each<[ProviderName, string | null, string]>([
    ['openai', 'http://api.openai.com/v1', 'must begin with https://'],
    ['anthropic', 'http://10.0.0.1', 'must begin with https://'],
    ['google', 'ftp://example.com/v1beta', 'must begin with https://'],
    ['local', 'file:///etc/passwd', 'must begin with https://'],
    ['openai', 'https://user:secret@example.com/v1', 'must hold neither credentials nor a query'],
    ['openai', 'https://example.com/v1?key=secret', 'must hold neither credentials nor a query'],
    ['openai', 'example', 'is no URL'],
    ['local', null, 'is required'],
  ])('of %s is refused: %s', (name, baseUrl, why) => {
    const refusal = { code: 'INVALID_CONFIGURATION', message: `providers.${name}.base_url: ${why}` };
    expect(() => createProvider(name, '', { baseUrl })).toThrow(expect.objectContaining(refusal));
  });

  it.each<[ProviderName, string]>([
    ['openai', 'https://api.openai.com/v1'],
    ['anthropic', 'http://localhost:9100'],
    ['google', 'http://[::1]:9100/v1beta'],
    ['openai', 'http://127.0.0.1:9100/v1'],
    ['local', 'http://gpu-box:11434'],
  ])('of %s is taken: %s', async (name, baseUrl) => {
    await createProvider(name, '', { baseUrl }).close();
  });
});

describe('the providers of the settings', () => {
  it('are those that are enabled', async () => {
    const enabled = (name: ProviderName) =>
      providerSettings(name, mock.url, { enabled: name === 'openai' || name === 'google' });
    const settings = Object.fromEntries(NAMES.map((name) => [name, enabled(name)]));
    settings.local = { ...enabled('local'), baseUrl: null };
    const { providers: all, close } = createProviders({ providers: settings } as never);
    try {
      expect((await all.openai.complete(ask('openai', false), hooks())).text).toMatch(/^w1/);
      expect((await all.google.complete(ask('google', false), hooks())).text).toMatch(/^w1/);
      await expect(all.local.complete(ask('local', false), hooks())).rejects.toBeInstanceOf(Fault);
      expect(() => all.anthropic.stream(ask('anthropic', false), hooks())).toThrow(Fault);
    } finally {
      await close();
    }
    expect(await failureOf(all.openai.complete(ask('openai', true), hooks()))).toMatchObject({ kind: 'connection' });
  });
});

describe('keys and content', () => {
  const CANARY = 'canary-prompt-51d0';
  const printed: string[] = [];
  const print = (...values: unknown[]) => void printed.push(values.map(String).join(' '));
  beforeEach(() => {
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
      vi.spyOn(console, method).mockImplementation(print);
  });
  afterEach(() => printed.splice(0));

  it.each(LANES)('of $name are in no failure and no log, directly: $direct', async ({ name, direct }) => {
    const messages = [{ role: 'user', content: CANARY }] as const;
    const asked = ask(name, direct, { messages });
    if (asked.passthrough) Object.assign(asked.passthrough, { body: { messages } });
    const leaks = { error: { message: `${CANARY} ${KEY}`, type: CANARY, code: KEY, param: CANARY, status: KEY } };
    const acts = [
      { status: 400, body: leaks },
      { status: 500, body: `${CANARY} ${KEY}` },
      { body: `${CANARY} ${KEY}` },
      { text: CANARY, malformedAfterTokens: 0 },
      { text: CANARY, cutAfterTokens: 0 },
    ];
    for (const act of acts) {
      mock.script([{ do: act }]);
      for (const work of [providers[name].complete(asked, hooks()), providers[name].stream(asked, hooks())]) {
        const failure = await failureOf(work as Promise<unknown> | AsyncIterable<UpstreamEvent>);
        for (let error: unknown = failure; error instanceof Error; error = error.cause) {
          expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toMatch(/canary/);
        }
      }
    }
    expect(printed.join('\n')).not.toMatch(/canary/);
  });
});
