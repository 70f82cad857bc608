/** Providers of a test, and what is asked of them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, ProviderName, StopReason, ToolCall, UpstreamEvent, Usage } from '../../src/llm/chat.ts';
import { type Hooks, UpstreamFailure, type UpstreamRequest } from '../../src/llm/provider.ts';
import { createAnthropicProvider } from '../../src/llm/providers/anthropic.ts';
import { createGoogleProvider } from '../../src/llm/providers/google.ts';
import { createOpenAiProvider } from '../../src/llm/providers/openai.ts';
import type { ProviderSettings } from '../../src/llm/settings.ts';

export const KEY = 'canary-key-9f2c';

const BASE_PATH: Record<ProviderName, string> = { anthropic: '', openai: '/v1', google: '/v1beta', local: '' };

/** @param url of the upstream's host */
export function providerSettings(name: ProviderName, url: string, changes: Partial<ProviderSettings> = {}) {
  const settings: ProviderSettings = {
    enabled: true,
    apiKey: KEY,
    baseUrl: url + BASE_PATH[name],
    apiVersion: null,
    organizationId: null,
    serverType: null,
    defaultModel: 'm-1',
    models: {},
    aliases: {},
    timeoutMs: 120_000,
    maxRetries: 3,
    connectTimeoutMs: 5_000,
    firstTokenTimeoutMs: 15_000,
    responseTimeoutMs: 45_000,
    idleTimeoutMs: 15_000,
    maxConcurrency: 32,
    safetySettings: {},
    ...changes,
  };
  return settings;
}

export function createProvider(name: ProviderName, url: string, changes: Partial<ProviderSettings> = {}) {
  const settings = providerSettings(name, url, changes);
  if (name === 'anthropic') return createAnthropicProvider(settings);
  return name === 'google' ? createGoogleProvider(settings) : createOpenAiProvider(name, settings);
}

export function request(provider: ProviderName, changes: Partial<UpstreamRequest> = {}): UpstreamRequest {
  const messages = [{ role: 'user', content: 'Hello' }] as const;
  return { provider, model: 'm-1', messages, max_tokens: 100, labels: {}, ...changes };
}

export function hooks(signal = new AbortController().signal): Hooks {
  return { signal };
}

/** What a stream has said in all. */
export interface Heard {
  text: string;
  toolCalls: ToolCall[];
  stopReason: StopReason | null;
  usage: Usage | null;
  ended: boolean;
}

export async function hear(events: AsyncIterable<UpstreamEvent>): Promise<Heard> {
  const heard: Heard = { text: '', toolCalls: [], stopReason: null, usage: null, ended: false };
  for await (const { text = '', toolCalls = [], stopReason, usage, end } of events) {
    heard.text += text;
    for (const { index, id = '', name = '', arguments: piece = '' } of toolCalls) {
      heard.toolCalls[index] ??= { id: '', name: '', arguments: '' };
      const call = heard.toolCalls[index];
      call.id += id;
      call.name += name;
      call.arguments += piece;
    }
    heard.stopReason = stopReason ?? heard.stopReason;
    heard.usage = usage ?? heard.usage;
    heard.ended ||= end === true;
  }
  return heard;
}

/** A complete answer as a stream would have said it. */
export function heardOf({ text, toolCalls, stopReason, usage }: Answer): Omit<Heard, 'ended'> {
  return { text, toolCalls: [...toolCalls], stopReason, usage };
}

/** The failure that the work ends with. */
export async function failureOf(work: Promise<unknown> | AsyncIterable<unknown>): Promise<UpstreamFailure> {
  try {
    if (Symbol.asyncIterator in work) {
      for await (const _ of work);
    } else await work;
  } catch (error) {
    if (error instanceof UpstreamFailure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface RawUpstream {
  url: string;
  /** What follows is answered by this. */
  handle: Handler;
  /** Bodies received, parsed. */
  bodies: unknown[];
  requests: IncomingMessage[];
  /** Connections that are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** An upstream that answers whatever bytes a test wants. */
export async function startRawUpstream(): Promise<RawUpstream> {
  const upstream: RawUpstream = {
    url: '',
    handle: (_, response) => response.end(),
    bodies: [],
    requests: [],
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    upstream.bodies.push(JSON.parse(body));
    upstream.requests.push(incoming);
    upstream.handle(incoming, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return upstream;
}

export const answerJson =
  (json: unknown, status = 200, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
  };

/** @param messages each sent as it is */
export const answerStream =
  (...messages: (string | Buffer)[]): Handler =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const message of messages) response.write(message);
    response.end();
  };

/** Anthropic's names its events, the others do not. */
export const frames = (...list: ({ type?: string } & Record<string, unknown>)[]): string[] =>
  list.map((frame) => `${frame.type ? `event: ${frame.type}\n` : ''}data: ${JSON.stringify(frame)}\n\n`);

export async function closing(...open: { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(open.map((one) => one.close()));
}
