/** The sending end of one answer over node:http: pieces, pauses and ways to break off. Stops when the client goes. */
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Call } from './books.ts';

const LONGEST_MS = 2_147_483_647;

export class Outlet {
  /** Size of the pieces in which bytes are written; 0: as they come. */
  chunkBytes = 0;
  /** Told of tokens when they are written. */
  onTokens: (tokens: number) => void = () => {};
  readonly #response: ServerResponse;
  readonly #call: Call;
  readonly #gone = new AbortController();
  #batch = '';
  #batchTokens = 0;
  #isBrokenOff = false;

  constructor(response: ServerResponse, call: Call) {
    this.#response = response;
    this.#call = call;
    response.once('close', () => {
      if (!call.finished && !this.#isBrokenOff) call.closedByClientMs = performance.now();
      this.#gone.abort();
    });
    response.on('error', () => this.#gone.abort());
  }

  /** Runs `send`, which ends early when the client goes. */
  async whileOpen(send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (!this.#gone.signal.aborted) throw error;
    }
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    this.#call.status = status;
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
  }

  /** Headers and a body of known length. */
  whole(status: number, headers: Readonly<Record<string, string>>, body: string): void {
    this.#call.status = status;
    this.#call.finished = true;
    this.#response.writeHead(status, { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }).end(body);
  }

  add(bytes: string, tokens: number): void {
    this.#batch += bytes;
    this.#batchTokens += tokens;
  }

  /** Counts tokens that are written by other means. */
  tokens(count: number): void {
    if (count === 0) return;
    this.#call.tokensSent += count;
    this.onTokens(count);
  }

  /** Resolves when the bytes are the kernel's. */
  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = '';
    this.tokens(this.#batchTokens);
    this.#batchTokens = 0;
    if (batch === '') return;
    if (this.chunkBytes === 0) return await this.#write(batch);
    const bytes = Buffer.from(batch);
    for (let at = 0; at < bytes.length; at += this.chunkBytes) {
      await this.#write(bytes.subarray(at, at + this.chunkBytes));
      // Pieces of one turn would leave together.
      await nextTurn();
    }
  }

  async pause(delayMs: number): Promise<void> {
    if (delayMs > 0) await pause(Math.min(delayMs, LONGEST_MS), undefined, { signal: this.#gone.signal });
  }

  /** Until the client goes. */
  async hang(): Promise<void> {
    await this.pause(LONGEST_MS);
  }

  async end(): Promise<void> {
    await this.flush();
    this.#call.finished = true;
    this.#response.end();
  }

  /** Closes the connection in the middle of the body. */
  async cut(): Promise<void> {
    await this.flush();
    this.#isBrokenOff = true;
    this.#response.destroy();
  }

  reset(): void {
    this.#isBrokenOff = true;
    this.#response.socket?.resetAndDestroy();
  }

  async #write(bytes: string | Buffer): Promise<void> {
    this.#gone.signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(this.#gone.signal.reason);
      this.#gone.signal.addEventListener('abort', stop, { once: true });
      this.#response.write(bytes, (error) => {
        this.#gone.signal.removeEventListener('abort', stop);
        if (!error) return resolve();
        // Told here before it is told as an event.
        this.#gone.abort();
        reject(error);
      });
    });
  }
}
