/**
 * Watching the log over HTTP (server-sent events).
 *
 * Owns: the open streams of this process, their number, catching up and going live, heartbeats, and what happens to
 * a reader that does not keep up. Keeps I9: what waits for a client is at most 64 KiB and one event.
 */
import { Fault } from '../errors.ts';
import { isOlder } from '../store/stream-id.ts';
import { rateLimited, unavailable } from './errors.ts';
import type { LogTailer, ShownEvent, Stretch } from './log-tailer.ts';

export interface StreamLimits {
  perCaller: number;
  perProcess: number;
  heartbeatMs: number;
  /** More than this waiting for a client: it is too slow. */
  waitingBytes: number;
  /** How long a reader gets to take some of that, so that a burst alone makes nobody slow. */
  graceMs: number;
  /** How long a reader may stand still while it catches up, and a closed one until it is cut off. */
  stalledMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  perCaller: 5,
  perProcess: 200,
  heartbeatMs: 15_000,
  waitingBytes: 64 * 1024,
  graceMs: 1_000,
  stalledMs: 30_000,
};

export interface StreamRequest {
  /** Key or address the stream is counted under. */
  caller: string;
  /** Everything after this id first; undefined: only what comes from now on. */
  after: string | undefined;
  wants(event: ShownEvent): boolean;
  /** Ends the connection under a client that reads nothing. */
  destroy(): void;
}

const RETRY_MS = 2_000;
const TOO_MANY_RETRY_SECONDS = 5;
const PING = Buffer.from(': ping\n\n');

export class EventStreams {
  readonly #tailer: LogTailer;
  readonly #limits: StreamLimits;
  readonly #open = new Set<EventStream>();
  readonly #perCaller = new Map<string, number>();
  #heartbeat: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(tailer: LogTailer, limits: StreamLimits = STREAM_LIMITS) {
    this.#tailer = tailer;
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Throws 429 or 503 when there are too many. */
  async open(request: StreamRequest): Promise<ReadableStream<Uint8Array>> {
    const { perCaller, perProcess, heartbeatMs } = this.#limits;
    const held = this.#perCaller.get(request.caller) ?? 0;
    if (this.#closed || this.#open.size >= perProcess) throw unavailable('No more streams can be opened here.');
    if (held >= perCaller) throw rateLimited(`At most ${perCaller} streams at a time.`, TOO_MANY_RETRY_SECONDS);
    const stream = new EventStream(this.#tailer, this.#limits, request, () => {
      this.#open.delete(stream);
      const left = (this.#perCaller.get(request.caller) ?? 1) - 1;
      if (left > 0) this.#perCaller.set(request.caller, left);
      else this.#perCaller.delete(request.caller);
      if (this.#open.size === 0) {
        clearInterval(this.#heartbeat);
        this.#heartbeat = undefined;
      }
    });
    // Counted before anything is awaited, so that a burst cannot pass the limit.
    this.#open.add(stream);
    this.#perCaller.set(request.caller, held + 1);
    this.#heartbeat ??= setInterval(() => {
      for (const each of this.#open) each.beat();
    }, heartbeatMs);
    try {
      await stream.start();
    } catch (error) {
      stream.end();
      throw error;
    }
    return stream.body;
  }

  /** Ends all streams; clients come back elsewhere. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#open) stream.end();
    this.#tailer.close();
  }
}

class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #tailer: LogTailer;
  readonly #limits: StreamLimits;
  readonly #request: StreamRequest;
  readonly #onEnd: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #unlisten: (() => void) | undefined;
  #drained: (() => void) | undefined;
  /** Id of the last entry sent or passed over. */
  #position = '0-0';
  /** Id of the last event sent. */
  #lastSent: string;
  #ended = false;

  constructor(tailer: LogTailer, limits: StreamLimits, request: StreamRequest, onEnd: () => void) {
    this.#tailer = tailer;
    this.#limits = limits;
    this.#request = request;
    this.#onEnd = onEnd;
    this.#lastSent = request.after ?? '0-0';
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#drained?.(),
        cancel: () => this.#finish(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: limits.waitingBytes }),
    );
  }

  async start(): Promise<void> {
    await this.#tailer.start();
    this.#write(Buffer.from(`retry: ${RETRY_MS}\n\n`));
    if (this.#request.after === undefined) {
      this.#position = this.#tailer.position;
      this.#goLive();
      return;
    }
    this.#position = await this.#firstPosition(this.#request.after);
    void this.#catchUp().catch(() => this.end());
  }

  /** A position that the log no longer, or not yet, reaches: the reader is told, and gets the whole log. */
  async #firstPosition(after: string): Promise<string> {
    const { first, last, trimmed } = await this.#tailer.bounds();
    const lost = isOlder(last, after) || (trimmed && (first === null ? after !== last : isOlder(after, first)));
    if (!lost) return after;
    this.#write(Buffer.from(`event: reset\ndata: ${JSON.stringify({ first_event_id: first })}\n\n`));
    return '0-0';
  }

  /** Reads the log at the reader's own pace until nothing is left, then goes live. */
  async #catchUp(): Promise<void> {
    const { stalledMs } = this.#limits;
    while (!this.#ended) {
      const stretch = await this.#tailer.readAfter(this.#position);
      if (stretch) {
        while (!this.#send(stretch)) if (!(await this.#takesMore(stalledMs))) return this.#resync();
      } else {
        // Between the read and now the tailer may have handed on entries that this stream was not there for.
        await this.#tailer.start();
        if (!isOlder(this.#position, this.#tailer.position)) return this.#goLive();
      }
    }
  }

  #goLive(): void {
    if (this.#ended) return;
    this.#unlisten = this.#tailer.listen((stretch) => {
      if (!this.#send(stretch)) void this.#fallBehind().catch(() => this.end());
    });
  }

  /** A burst was more than may wait: a reader that takes some of it at once gets the rest from the log. */
  async #fallBehind(): Promise<void> {
    this.#unlisten?.();
    if (await this.#takesMore(this.#limits.graceMs)) await this.#catchUp();
    else this.#resync();
  }

  beat(): void {
    if (this.#waitingBytes <= this.#limits.waitingBytes) this.#write(PING);
  }

  /** Tells a reader that is too slow where it is, and lets it come back when it has read what waits. */
  #resync(): void {
    if (this.#ended) return;
    const data = JSON.stringify({ last_event_id: this.#lastSent });
    this.#write(Buffer.from(`id: ${this.#lastSent}\nevent: resync\ndata: ${data}\n\n`));
    this.end();
    setTimeout(this.#request.destroy, this.#limits.stalledMs).unref();
  }

  end(): void {
    if (this.#ended) return;
    this.#finish();
    this.#controller.close();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unlisten?.();
    this.#drained?.();
    this.#onEnd();
  }

  get #waitingBytes(): number {
    return this.#limits.waitingBytes - (this.#controller.desiredSize ?? this.#limits.waitingBytes);
  }

  /** Writes what of the stretch lies ahead of this stream; false if it had to stop because too much is waiting. */
  #send({ events, end }: Stretch): boolean {
    const ahead = events.filter((event) => isOlder(this.#position, event.id));
    for (const event of ahead) {
      if (this.#waitingBytes > this.#limits.waitingBytes) return false;
      this.#position = event.id;
      if (!this.#request.wants(event)) continue;
      this.#lastSent = event.id;
      this.#write(event.frame);
    }
    if (isOlder(this.#position, end)) this.#position = end;
    return true;
  }

  #write(bytes: Uint8Array): void {
    if (!this.#ended) this.#controller.enqueue(bytes);
  }

  /** Waits until the client has taken some of what waits; false if it does not within `withinMs`. */
  async #takesMore(withinMs: number): Promise<boolean> {
    if (this.#waitingBytes <= this.#limits.waitingBytes) return true;
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#drained = () => {
        clearTimeout(timer);
        this.#drained = undefined;
        resolve(true);
      };
    });
  }
}

export function badStreamId(path: string): Fault {
  return new Fault('VALIDATION_ERROR', 'The id to resume from is not valid.', {
    details: { errors: [{ path, message: 'must be the id of a log entry, <ms>-<number>' }] },
  });
}
