/**
 * One reader of the log per process, for everyone who watches.
 *
 * Owns: which entries of the log are events to be shown (what a commit appended, and what the gate lets in), and
 * handing them to listeners in log order. Reads only while someone listens: a blocked reader costs Redis a little
 * with every append. Does not own connections to clients.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { GROUPS, projectIdOf } from '../../schemas/catalog.ts';
import type { Envelope } from '../../schemas/types.ts';
import type { Validator } from '../../schemas/validate.ts';
import type { Keys } from '../bus/keys.ts';
import { run } from '../store/project-state.ts';
import { fieldOf } from '../store/timeline.ts';

/** One event as it is shown. */
export interface ShownEvent {
  /** Id of the log entry. */
  id: string;
  type: string;
  projectId: string | null;
  correlationId: string;
  /** The event as one message of the stream, encoded once for all who get it. */
  frame: Uint8Array;
}

/** A stretch of the log: its events, and the id it ends at (events that are not shown count too). */
export interface Stretch {
  events: ShownEvent[];
  end: string;
}

export interface LogTailerOptions {
  redis: Redis;
  /** A connection of its own: it blocks. */
  openReader(): Redis;
  keys: Keys;
  /** The namespace's secret, on entries that a commit appended. */
  mark: string;
  validator: Pick<Validator, 'check'>;
  maxEventBytes: number;
  blockMs: number;
  onError(error: unknown): void;
}

/** Entries per read: some ten kilobytes, written out before the next are read. */
const COUNT = 64;
const PAUSE_AFTER_ERROR_MS = 500;
/** Event ids remembered, so that an event sent in twice from outside is shown once. */
const REMEMBERED_IDS = 20_000;

type Entry = [id: string, fields: string[] | null];

export class LogTailer {
  readonly #options: LogTailerOptions;
  readonly #listeners = new Set<(stretch: Stretch) => void>();
  /** Event id → log id of its first entry seen. */
  readonly #firstSeen = new Map<string, string>();
  #reader: Redis | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  /** Id of the last entry handed on; what comes after it, every listener gets. */
  position = '0-0';

  constructor(options: LogTailerOptions) {
    this.#options = options;
  }

  /** Resolves when whatever is appended from now on will be handed on. */
  async start(): Promise<void> {
    this.#running ??= this.#begin();
    await this.#running;
  }

  /** Call it after `start` has resolved, in the same turn of the event loop. Returns what ends it. */
  listen(listener: (stretch: Stretch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    this.#reader?.disconnect();
  }

  /** What the log holds after `id`, oldest first; undefined at its end. */
  async readAfter(id: string): Promise<Stretch | undefined> {
    const { redis, keys } = this.#options;
    return this.#judge((await redis.xrange(keys.log, `(${id}`, '+', 'COUNT', COUNT)) as Entry[]);
  }

  /** First and last id the log knows, and whether entries were removed from it. */
  async bounds(): Promise<{ first: string | null; last: string; trimmed: boolean }> {
    const { redis, keys } = this.#options;
    let flat: unknown[];
    try {
      flat = (await redis.xinfo('STREAM', keys.log)) as unknown[];
    } catch (error) {
      if (String(error).includes('no such key')) return { first: null, last: '0-0', trimmed: false };
      throw error;
    }
    const facts = new Map<unknown, unknown>();
    for (let i = 0; i < flat.length; i += 2) facts.set(flat[i], flat[i + 1]);
    const first = (facts.get('first-entry') as Entry | null)?.[0] ?? null;
    const trimmed = Number(facts.get('entries-added')) > Number(facts.get('length'));
    return { first, last: String(facts.get('last-generated-id')), trimmed };
  }

  async #begin(): Promise<void> {
    try {
      this.position = (await this.bounds()).last;
    } catch (error) {
      this.#running = undefined;
      throw error;
    }
    void this.#tail();
  }

  async #tail(): Promise<void> {
    const { keys, blockMs, onError } = this.#options;
    this.#reader ??= this.#options.openReader();
    // One read is always made: whoever started the tailer is about to listen.
    do {
      try {
        const reply = await this.#reader.xread('COUNT', COUNT, 'BLOCK', blockMs, 'STREAMS', keys.log, this.position);
        const stretch = await this.#judge((reply?.[0]?.[1] ?? []) as Entry[]);
        if (stretch) {
          this.position = stretch.end;
          for (const listener of this.#listeners) listener(stretch);
        }
        // What was handed on gets written before more is read.
        await nextTurn();
      } catch (error) {
        if (this.#closed) break;
        onError(error);
        await pause(PAUSE_AFTER_ERROR_MS);
      }
    } while (this.#listeners.size > 0 && !this.#closed);
    this.#running = undefined;
  }

  async #judge(entries: readonly Entry[]): Promise<Stretch | undefined> {
    const end = entries.at(-1)?.[0];
    if (end === undefined) return undefined;
    const { mark, validator, maxEventBytes } = this.#options;
    const candidates: { id: string; event: Envelope; text: string; marked: boolean }[] = [];
    for (const [id, fields] of entries) {
      const text = fieldOf(fields ?? [], 'event');
      if (!fields || text === undefined) continue;
      if (fields.length === 4 && fieldOf(fields, 'mark') === mark) {
        candidates.push({ id, event: JSON.parse(text) as Envelope, text, marked: true });
        continue;
      }
      const verdict = fields.length === 2 ? validator.check(text, { maxEventBytes }) : { ok: false as const };
      if (verdict.ok) {
        // Written anew: what comes from outside may hold line breaks.
        candidates.push({ id, event: verdict.event, text: JSON.stringify(verdict.event), marked: false });
      }
    }
    const repeated = await this.#repeated(candidates.filter(({ marked }) => !marked));
    const shown = candidates.filter(({ id, event }) => !repeated.has(id) && this.#isFirst(id, event));
    return { events: shown.map(({ id, event, text }) => show(id, event, text)), end };
  }

  /** Entries of events that the gate accepted from another entry. */
  async #repeated(outside: readonly { id: string; event: Envelope }[]): Promise<Set<string>> {
    const repeated = new Set<string>();
    if (outside.length === 0) return repeated;
    const { redis, keys } = this.#options;
    const pipeline = redis.pipeline();
    for (const { event } of outside) pipeline.get(keys.accepted(GROUPS.validator, event.event_id.toLowerCase()));
    for (const [index, mark] of (await run(pipeline)).entries()) {
      const { id } = outside[index] as { id: string };
      const [verdict, , logId] = String(mark ?? '').split(':');
      if (verdict === 'accepted' && logId !== undefined && logId !== id) repeated.add(id);
    }
    return repeated;
  }

  #isFirst(id: string, event: Envelope): boolean {
    const eventId = event.event_id.toLowerCase();
    const first = this.#firstSeen.get(eventId);
    if (first !== undefined) return first === id;
    this.#firstSeen.set(eventId, id);
    if (this.#firstSeen.size > REMEMBERED_IDS) {
      this.#firstSeen.delete(this.#firstSeen.keys().next().value as string);
    }
    return true;
  }
}

function show(id: string, event: Envelope, text: string): ShownEvent {
  return {
    id,
    type: event.event_type,
    projectId: projectIdOf(event),
    correlationId: event.correlation_id.toLowerCase(),
    frame: Buffer.from(`id: ${id}\nevent: ${event.event_type}\ndata: ${text}\n\n`),
  };
}
