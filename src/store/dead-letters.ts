/**
 * Dead letters: what could not be processed, and what became of it since.
 *
 * Owns: reading the stream of dead letters, and the records of redrives `P:dlq:{id}:redrive`, which live as long as
 * their letters do (I9). Does not own publishing.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import { type Rows, run } from './project-state.ts';
import { isOlder } from './stream-id.ts';
import { fieldOf } from './timeline.ts';

/** A dead letter's document, as it was written. */
export interface DeadLetterDocument {
  timestamp: string;
  event_id: string | null;
  event_type: string | null;
  reason: string;
  consumer_group: string;
  attempts: number;
  original_event: Record<string, unknown> | null;
  [field: string]: unknown;
}

export interface Redrive {
  redrive_id: string;
  event_id: string;
  at: string;
  by: string;
}

export interface DeadLetter {
  id: string;
  document: DeadLetterDocument;
  redrive: Redrive | null;
  /** The redrive was published; false while it is under way, or was left half-way. */
  redriven: boolean;
}

export interface DeadLetterFilter {
  eventType?: string | undefined;
  consumerGroup?: string | undefined;
  /** Part of the reason. */
  reason?: string | undefined;
  sinceMs?: number | undefined;
  untilMs?: number | undefined;
  redriven?: boolean | undefined;
}

export type ClaimResult =
  | { verdict: 'GONE' }
  | { verdict: 'OTHER' }
  | { verdict: 'CLAIMED' | 'DONE'; redrive: Redrive; edited: boolean };

const SCRIPT = readFileSync(new URL('./claim-redrive.lua', import.meta.url), 'utf8');
/** A document holds the event and a stack: some kilobytes each, sometimes megabytes. */
const CHUNK = 100;
/** Records of letters that were trimmed away, removed per redrive. */
const SWEPT_PER_REDRIVE = 100;

interface ScriptedRedis extends Redis {
  claimRedrive(...keysAndArgs: string[]): Promise<[string, string, string, string, string, string]>;
}

export class DeadLetters {
  readonly #redis: ScriptedRedis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    redis.defineCommand('claimRedrive', { lua: SCRIPT, numberOfKeys: 3 });
    this.#redis = redis as ScriptedRedis;
    this.#keys = keys;
  }

  #record(id: string): string {
    return this.#keys.under(`dlq:${id}:redrive`);
  }
  get #redriven(): string {
    return this.#keys.under('dlq:redriven');
  }

  /** Newest first; `total` counts all that pass the filter. */
  async list(filter: DeadLetterFilter, after: string | undefined, limit: number) {
    const page: Rows<DeadLetter> & { total: number } = { rows: [], next: null, total: 0 };
    const unfiltered = Object.values(filter).every((value) => value === undefined);
    for await (const letter of this.#scan(filter, unfiltered ? after : undefined)) {
      page.total++;
      if (after !== undefined && !isOlder(letter.id, after)) continue;
      if (page.rows.length < limit) page.rows.push(letter);
      else page.next ??= page.rows.at(-1)?.id ?? null;
      if (unfiltered && page.next !== null) break;
    }
    if (unfiltered) page.total = await this.#redis.xlen(this.#keys.deadLetters);
    return page;
  }

  /** Oldest first, so that a redrive keeps the order of what failed. */
  async *matching(filter: DeadLetterFilter): AsyncGenerator<DeadLetter> {
    for (let start = String(filter.sinceMs ?? '-'); ; ) {
      const end = filter.untilMs === undefined ? '+' : String(filter.untilMs);
      const entries = await this.#redis.xrange(this.#keys.deadLetters, start, end, 'COUNT', CHUNK);
      yield* await this.#passing(entries, filter);
      if (entries.length < CHUNK) return;
      start = `(${entries.at(-1)?.[0]}`;
    }
  }

  async get(id: string): Promise<DeadLetter | undefined> {
    const [letter] = await this.#passing(await this.#redis.xrange(this.#keys.deadLetters, id, id), {});
    return letter;
  }

  /** False: there is no such letter. */
  async remove(id: string): Promise<boolean> {
    const [removed] = await run(
      this.#redis.pipeline().xdel(this.#keys.deadLetters, id).del(this.#record(id)).zrem(this.#redriven, id),
    );
    return removed === 1;
  }

  /** @param editedSha256 '' when the original event is redriven */
  async claim(id: string, editedSha256: string, { redrive_id, event_id, at, by }: Redrive): Promise<ClaimResult> {
    const keys = [this.#keys.deadLetters, this.#record(id), this.#redriven];
    const ms = id.split('-', 1)[0] as string;
    const reply = await this.#redis.claimRedrive(...keys, id, editedSha256, redrive_id, event_id, at, by, ms);
    const [verdict, ...record] = reply;
    if (verdict === 'GONE' || verdict === 'OTHER') return { verdict };
    const [claimedId, claimedEvent, claimedAt, claimedBy, digest] = record;
    return {
      verdict: verdict as 'CLAIMED' | 'DONE',
      redrive: { redrive_id: claimedId, event_id: claimedEvent, at: claimedAt, by: claimedBy },
      edited: digest !== '',
    };
  }

  /** The claimed redrive is published: it will not happen again. */
  async finish(id: string): Promise<void> {
    await this.#redis.hset(this.#record(id), 'done', '1');
    await this.#sweep();
  }

  /** Letters newer than `sinceMs`, counted up to `limit`. */
  async countSince(sinceMs: number, limit: number): Promise<number> {
    return (await this.#redis.xrange(this.#keys.deadLetters, String(sinceMs), '+', 'COUNT', limit)).length;
  }

  count(): Promise<number> {
    return this.#redis.xlen(this.#keys.deadLetters);
  }

  /** Removes records of redrives whose letters the stream no longer holds. */
  async #sweep(): Promise<void> {
    const [oldest] = await this.#redis.xrange(this.#keys.deadLetters, '-', '+', 'COUNT', 1);
    const before = oldest ? `(${oldest[0].split('-', 1)[0]}` : '+inf';
    const gone = await this.#redis.zrangebyscore(this.#redriven, '-inf', before, 'LIMIT', 0, SWEPT_PER_REDRIVE);
    if (gone.length === 0) return;
    await this.#redis.del(...gone.map((id) => this.#record(id)));
    await this.#redis.zrem(this.#redriven, ...gone);
  }

  async *#scan(filter: DeadLetterFilter, after: string | undefined): AsyncGenerator<DeadLetter> {
    let end = after !== undefined ? `(${after}` : filter.untilMs === undefined ? '+' : String(filter.untilMs);
    for (;;) {
      const start = String(filter.sinceMs ?? '-');
      const entries = await this.#redis.xrevrange(this.#keys.deadLetters, end, start, 'COUNT', CHUNK);
      yield* await this.#passing(entries, filter);
      if (entries.length < CHUNK) return;
      end = `(${entries.at(-1)?.[0]}`;
    }
  }

  async #passing(entries: [id: string, fields: string[]][], filter: DeadLetterFilter): Promise<DeadLetter[]> {
    const documents = entries
      .map(([id, fields]) => ({ id, document: documentOf(fields) }))
      .filter(({ document }) => passes(document, filter));
    const pipeline = this.#redis.pipeline();
    for (const { id } of documents) pipeline.hmget(this.#record(id), 'redrive_id', 'event_id', 'at', 'by', 'done');
    const records = (await run(pipeline)) as (string | null)[][];
    const letters = documents.map((letter, index) => {
      const record = records[index] ?? [];
      return { ...letter, redrive: redriveOf(record), redriven: record[4] === '1' };
    });
    const { redriven } = filter;
    return redriven === undefined ? letters : letters.filter(({ redrive }) => (redrive !== null) === redriven);
  }
}

function redriveOf([redrive_id, event_id, at, by]: (string | null)[]): Redrive | null {
  return redrive_id && event_id && at && by ? { redrive_id, event_id, at, by } : null;
}

/** Anyone may write to a stream; an entry that is no document is shown with what it holds. */
function documentOf(fields: readonly string[]): DeadLetterDocument {
  const text = fieldOf(fields, 'dlq');
  try {
    const document: unknown = JSON.parse(text ?? '');
    if (typeof document === 'object' && document !== null) return document as DeadLetterDocument;
  } catch {}
  return {
    timestamp: '',
    event_id: null,
    event_type: null,
    reason: 'not a dead letter',
    consumer_group: '',
    attempts: 0,
    original_event: null,
    original_fields: { dlq: text ?? null },
  };
}

function passes(document: DeadLetterDocument, { eventType, consumerGroup, reason }: DeadLetterFilter): boolean {
  if (eventType !== undefined && document.event_type !== eventType) return false;
  if (consumerGroup !== undefined && document.consumer_group !== consumerGroup) return false;
  return reason === undefined || String(document.reason).includes(reason);
}
