/**
 * The project API as the command line calls it.
 *
 * Owns: addresses, the key, pages, waiting when the server says so. An answer that is an error becomes a `Fault` with
 * the API's own code, message and details.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Fault, isFaultCode } from '../errors.ts';

export interface Connection {
  /** Without a slash at the end. */
  url: string;
  apiKey: string | null;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The longest an upload may take; reads take milliseconds. */
const ANSWER_WITHIN_MS = 120_000;
/** The window of the server's rate limit is a minute; a longer wait is for the caller to decide. */
const WAIT_AT_MOST_S = 60;
const PAGE_MAX = 200;

export class Client {
  readonly connection: Connection;
  readonly #note: (text: string) => void;

  /** @param note told when a call has to wait. */
  constructor(connection: Connection, note: (text: string) => void) {
    this.connection = connection;
    this.#note = note;
  }

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#json<T>(path, query, { method: 'GET' });
  }

  /** A form is sent as one, anything else as JSON. */
  post<T>(path: string, body?: unknown): Promise<T> {
    if (body === undefined) return this.#json<T>(path, {}, { method: 'POST' });
    if (body instanceof FormData) return this.#json<T>(path, {}, { method: 'POST', body });
    const headers = { 'Content-Type': 'application/json' };
    return this.#json<T>(path, {}, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Elements of a list in the order of the API, `most` of them at most. */
  async *pages<T>(path: string, member: string, query: Query = {}, most = Number.POSITIVE_INFINITY): AsyncGenerator<T> {
    let cursor: string | undefined;
    for (let left = most; left > 0; ) {
      const limit = Math.min(left, PAGE_MAX);
      const page = await this.get<Record<string, unknown>>(path, { ...query, limit, cursor });
      const rows = page[member] as T[];
      yield* rows;
      left -= rows.length;
      cursor = (page.next_cursor as string | null) ?? undefined;
      if (cursor === undefined) return;
    }
  }

  async all<T>(path: string, member: string, query: Query = {}, most?: number): Promise<T[]> {
    return Array.fromAsync(this.pages<T>(path, member, query, most));
  }

  /** The answer itself, for a stream. Throws unless it is a 2xx. */
  async open(path: string, query: Query, init: RequestInit): Promise<Response> {
    const { url, apiKey } = this.connection;
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    const headers = {
      ...(init.headers as Record<string, string>),
      ...(apiKey !== null && { Authorization: `Bearer ${apiKey}` }),
    };
    for (;;) {
      let response: Response;
      try {
        response = await fetch(`${url}${path}${search && `?${search}`}`, { ...init, headers });
      } catch (error) {
        throw unreachable(url, error);
      }
      if (response.ok) return response;
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      if (response.status !== 429 || !(seconds <= WAIT_AT_MOST_S)) throw await faultOf(response, url);
      await response.body?.cancel();
      this.#note(`The server's rate limit is reached; going on in ${seconds} s.`);
      await pause(seconds * 1000);
    }
  }

  async #json<T>(path: string, query: Query, init: RequestInit): Promise<T> {
    const { url } = this.connection;
    const response = await this.open(path, query, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const text = await response.text();
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw foreign(url, response.status, error);
    }
  }
}

async function faultOf(response: Response, url: string): Promise<Fault> {
  const text = await response.text();
  let error: { code?: unknown; message?: unknown; details?: Record<string, unknown> } | undefined;
  try {
    error = (JSON.parse(text) as { error?: typeof error }).error;
  } catch (cause) {
    return foreign(url, response.status, cause);
  }
  if (!isFaultCode(error?.code) || typeof error.message !== 'string') return foreign(url, response.status, text);
  const details = error.details ?? (response.status === 500 ? { correlation_id: correlationOf(response) } : undefined);
  return new Fault(error.code, error.message, details ? { details } : {});
}

const correlationOf = (response: Response) => response.headers.get('x-correlation-id');

function foreign(url: string, status: number, cause: unknown): Fault {
  return new Fault('PROVIDER_ERROR', `${url} answered ${status}, but not as this API does. Is it another server?`, {
    cause,
  });
}

/** `details.unreachable` marks the fault of a server that does not answer at all. */
function unreachable(url: string, cause: unknown): Fault {
  return new Fault('SERVICE_UNAVAILABLE', `No server answers at ${url}.`, { details: { unreachable: url }, cause });
}
