/**
 * The one way out: requests to one provider, over connections that are kept.
 *
 * Owns: sockets, headers and bytes: whom we connect to, what of an answer is taken, and that nothing stays open.
 * Does not own wires, nor time: all timers but the one for connecting are the router's, which aborts.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Dispatcher, Pool } from 'undici';
import type { UpstreamEvent } from '../chat.ts';
import { type Hooks, UpstreamFailure } from '../provider.ts';
import { type Headers, isJson, lost, refused, refusedInBody } from './failures.ts';
import { SseDecoder, SseError, type SseMessage } from './sse.ts';
import { checkedUrl, type Target } from './target.ts';

/** Of one answer, as sent. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Of the body of an error: more is no message to us. */
const MAX_REFUSAL_CHARS = 65_536;
/** What may follow the end mark of a stream, and for how long, before its connection is closed instead of kept. */
const MAX_TAIL_BYTES = 4096;
const MAX_TAIL_MS = 1_000;
/** Of a response whose body is a stream. */
const STREAMED_STATUS = 200;
/** Below what providers and the load balancers before them allow, so that we are the first to close. */
const KEEP_ALIVE_MS = 30_000;

/** A request's path below the host, and its body as JSON text. */
export interface Call {
  path: string;
  body: string;
}

export type Json = Readonly<Record<string, unknown>>;

/** Reads one message of a stream, and remembers what it must of those before. */
export type ReadFrame = (frame: Json) => UpstreamEvent;

type Response = Dispatcher.ResponseData;
type Send<S> = (sdk: S) => PromiseLike<unknown>;

interface SdkCall {
  hooks: Hooks;
  response?: Response;
  failure?: unknown;
}

export class Upstream {
  readonly #pool: Pool;
  readonly #target: Target;
  readonly #headers: string[];
  readonly #sdkCalls = new AsyncLocalStorage<SdkCall>();
  /** Path of the base URL, without a slash at its end. */
  readonly basePath: string;
  readonly origin: string;

  /** @throws Fault INVALID_CONFIGURATION */
  constructor(target: Target) {
    const { origin, pathname } = checkedUrl(target);
    this.origin = origin;
    this.basePath = pathname.replace(/\/+$/, '');
    this.#target = target;
    const headers = { 'content-type': 'application/json', 'user-agent': 'devteam', ...target.headers };
    this.#headers = Object.entries(headers).flat();
    this.#pool = new Pool(origin, {
      connect: { timeout: target.connectTimeoutMs },
      // One request per connection: ending a request closes its socket and no other's.
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  /** The JSON object that answers. @throws UpstreamFailure; what the signal was aborted with */
  async json(call: Call, hooks: Hooks): Promise<Json> {
    return this.#readJson(await this.#post(call, hooks), hooks);
  }

  /**
   * The messages of the stream that answers, as `read` reads them. After the one that says `end` nothing is awaited.
   * @throws as `json`
   */
  async *events(call: Call, hooks: Hooks, read: ReadFrame): AsyncGenerator<UpstreamEvent, void, void> {
    yield* this.#readEvents(await this.#post(call, hooks), hooks, read);
  }

  /** As `json`, of a request that an SDK sends through {@link fetch}. */
  async jsonBySdk<S>(hooks: Hooks, sdk: () => Promise<S>, send: Send<S>): Promise<Json> {
    return this.#readJson(await this.#bySdk(hooks, await sdk(), send), hooks);
  }

  /** As `events`, of a request that an SDK sends through {@link fetch}. */
  async *eventsBySdk<S>(hooks: Hooks, sdk: () => Promise<S>, send: Send<S>, read: ReadFrame) {
    yield* this.#readEvents(await this.#bySdk(hooks, await sdk(), send), hooks, read);
  }

  /**
   * For the SDKs: sends what they wrote, with our headers to our host whatever their environment says, and gives
   * them an empty success. The response itself is read here, by what reads all others: the SDKs' own readers skip
   * nameless events (Anthropic), take an abort for an end (OpenAI, Anthropic), hide the end mark (OpenAI), do not
   * close the connection of a stream that is left (Google), and quote content in errors and logs (all).
   */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<globalThis.Response> => {
    const call = this.#sdkCalls.getStore();
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    if (!call || typeof init?.body !== 'string') throw new Error('an SDK sent a request that nobody asked for');
    try {
      call.response = await this.#post({ path: pathname + search, body: init.body }, call.hooks);
    } catch (error) {
      call.failure = error;
      throw error;
    }
    return new globalThis.Response('{}', { headers: { 'content-type': 'application/json' } });
  };

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  /** The response, its body unread, to the one request that `send` makes an SDK send. */
  async #bySdk<S>(hooks: Hooks, sdk: S, send: Send<S>): Promise<Response> {
    const call: SdkCall = { hooks };
    try {
      await this.#sdkCalls.run(call, send, sdk);
    } catch {
      // What the SDK says may quote the request, and what it makes of the empty success does not matter.
    }
    if (call.response) return call.response;
    throw call.failure ?? new UpstreamFailure('bad_request', 'the request cannot be written for this provider');
  }

  /** The response, its body unread, if its status says success. */
  async #post({ path, body }: Call, { signal, onHeaders }: Hooks): Promise<Response> {
    signal.throwIfAborted();
    let response: Response;
    try {
      response = await this.#pool.request({ path, method: 'POST', headers: this.#headers, body, signal });
    } catch (error) {
      throw signal.aborted ? signal.reason : lost(error, false);
    }
    const { statusCode, headers } = response;
    if (statusCode >= 200 && statusCode < 300) {
      onHeaders?.();
      return response;
    }
    throw refused(this.#target.wire, statusCode, headers, await readRefusal(response, signal), Date.now());
  }

  async #readJson({ statusCode, body }: Response, { signal, onData }: Hooks): Promise<Json> {
    let text: string;
    try {
      text = (await bytesOf(body, onData)).toString('utf8');
    } catch (error) {
      throw signal.aborted ? signal.reason : lost(error, true);
    }
    return this.#object(text, statusCode);
  }

  async *#readEvents(response: Response, hooks: Hooks, read: ReadFrame): AsyncGenerator<UpstreamEvent, void, void> {
    const { body, headers, statusCode } = response;
    if (isDocument(headers)) {
      // Asked for a stream, answered with something else: at best it says why.
      await this.#readJson(response, hooks);
      throw new UpstreamFailure('malformed', 'the upstream did not answer with a stream', { status: statusCode });
    }
    const { signal } = hooks;
    const decoder = new SseDecoder();
    let ended = false;
    body.on('error', () => {});
    try {
      for await (const bytes of body.iterator({ destroyOnReturn: false })) {
        for (const message of decoder.push(bytes)) {
          const event = this.#event(message, read);
          if (!event) continue;
          ended = event.end === true;
          yield event;
          if (ended) return;
        }
      }
      yield* this.#rest(decoder, read);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof SseError) throw new UpstreamFailure('malformed', `no event stream: ${error.message}`);
      throw lost(error, true);
    } finally {
      // Only a stream that is over leaves its connection fit for another request.
      if (ended) body.dump({ limit: MAX_TAIL_BYTES, signal: AbortSignal.timeout(MAX_TAIL_MS) }).catch(() => {});
      else body.destroy();
    }
  }

  /** A last message may lack its blank line, but what cannot be read at the end was cut there. */
  #rest(decoder: SseDecoder, read: ReadFrame): UpstreamEvent[] {
    try {
      return decoder.end().flatMap((message) => this.#event(message, read) ?? []);
    } catch (error) {
      const isHalf = error instanceof SseError || (error instanceof UpstreamFailure && error.kind === 'malformed');
      throw isHalf ? new UpstreamFailure('cut', 'the stream ended in the middle of a message') : error;
    }
  }

  #event({ event, data }: SseMessage, read: ReadFrame): UpstreamEvent | null {
    if (data === '') return null;
    const { wire } = this.#target;
    if (wire === 'openai' && data === '[DONE]') return { end: true };
    const frame = this.#object(data, STREAMED_STATUS);
    if (event === 'error') throw refusedInBody(wire, STREAMED_STATUS, frame);
    return read(frame);
  }

  /** @throws UpstreamFailure if it is none, or says that it is an error */
  #object(text: string, status: number): Json {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // Without the cause, which quotes the text.
    }
    if (!isJson(value)) throw new UpstreamFailure('malformed', 'the upstream sent no JSON object', { status });
    if (value.error != null || value.type === 'error' || value.object === 'error') {
      throw refusedInBody(this.#target.wire, status, value);
    }
    return value;
  }
}

/** Whatever it is called, a stream is neither JSON nor a page. */
function isDocument(headers: Headers): boolean {
  return /json|html/.test(String(headers['content-type']));
}

async function bytesOf(body: Response['body'], onData?: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
    onData?.();
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** The body of an error as JSON; undefined if it is none or does not come. @throws what the signal was aborted with */
async function readRefusal({ body }: Response, signal: AbortSignal): Promise<unknown> {
  try {
    const text = await body.text();
    return text.length > MAX_REFUSAL_CHARS ? undefined : JSON.parse(text);
  } catch {
    // The status alone says enough.
    signal.throwIfAborted();
    return undefined;
  }
}
