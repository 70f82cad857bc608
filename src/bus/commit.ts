/**
 * The typed face of `commit.lua`: turns in, one verdict per turn out.
 *
 * Owns: the encoding of a batch of turns and its sending until it is answered. Does not own what a turn decides.
 * Keeps I1 (one script call), I2 (fence), I3 (nonce), I12 (every key in KEYS).
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { Fault } from '../errors.ts';
import { refusesForNow } from './connection.ts';
import type { Keys } from './keys.ts';

/** One change of the read models: command, full key, arguments. */
export type Operation = readonly [
  command: 'ZADD' | 'ZREM' | 'HSET' | 'RPUSH' | 'DEL' | 'SET' | 'PEXPIRE' | 'SADD' | 'SREM',
  key: string,
  ...rest: string[],
];

/** `keep` only checks the fence; `ack` leaves the entry in the stream (the log); `done` also deletes it (mailboxes). */
export type Handling = 'keep' | 'ack' | 'done';

export interface DeliveryRef {
  stream: string;
  group: string;
  entryId: string;
  handling: Handling;
}

/** A mailbox entry of this turn's own events (by ordinal), or of an event that is in the log already. */
export type MailboxEntry =
  | { mailbox: string; ordinals: readonly number[] }
  | { mailbox: string; events: string; logIds: string };

export interface TurnCommit {
  /** Key of the mark that the event's id leaves behind; it must not be there yet. */
  dedupe?: { key: string; value: 'accepted' | 'rejected' };
  state?: {
    key: string;
    /** Nonce of the state the turn was computed from; '' if there was none. */
    expected: string;
    /** Chosen before the first send. */
    nonce: string;
    /** Field, value, field, value … */
    fields: readonly string[];
    /**
     * `ifAbsent`: write state and operations only if the instance does not exist. `compare`: write nothing, but stand
     * only if the state is still the expected one.
     */
    mode?: 'ifAbsent' | 'compare';
    keepMs?: number;
  };
  deliveries: readonly DeliveryRef[];
  /** Envelopes as JSON text, appended to the log in this order. */
  events: readonly string[];
  mailboxes: readonly MailboxEntry[];
  /** Timeline rows: one per event, or one for `forwardedLogId`. */
  timeline?: { key: string; types: readonly string[] };
  forwardedLogId?: string;
  deadLetters: readonly string[];
  /** Added to fields of hashes. */
  counters?: readonly { key: string; field: string; by: number }[];
  operations: readonly Operation[];
}

export type Verdict = 'OK' | 'SAME' | 'FENCED' | 'CONFLICT' | 'DUPLICATE';

export interface TurnReply {
  verdict: Verdict;
  /** Log id of the turn's first event. */
  logId: string | null;
}

export interface CommitterOptions {
  keys: Keys;
  mark: string;
  consumer: string;
  gateGroup: string;
  rememberSeconds: number;
  deadLettersMax: number;
  /** For edges, whose callers do not wait for ever: rejects with SERVICE_UNAVAILABLE after this long. Absent = never. */
  giveUpAfterMs?: number;
  /** Told how long each call took, ms. */
  onCall?: (ms: number) => void;
}

const SCRIPT = readFileSync(new URL('./commit.lua', import.meta.url), 'utf8');
const MODE = { replace: 0, ifAbsent: 1, compare: 2 } as const;
const HANDLING: Record<Handling, number> = { keep: 0, ack: 1, done: 2 };
const LETTER_OF: Record<Operation[0], string> = {
  ...{ ZADD: 'z', ZREM: 'z', HSET: 'h', RPUSH: 'l', DEL: 'h' },
  // Expiry is set on documents alone.
  ...{ SET: 's', PEXPIRE: 's', SADD: 't', SREM: 't' },
};
const OUT_OF_MEMORY = /^-?OOM\b/;
/** Turns of one script call. Longer calls keep Redis from everybody else, and this thread from its next turns. */
const MAX_TURNS_PER_CALL = 24;
const MAX_BYTES_PER_CALL = 4 * 1024 * 1024;

interface ScriptedRedis extends Redis {
  commitTurns(keyCount: number, ...args: string[]): Promise<string[]>;
  commitTurnsWhenFull(keyCount: number, ...args: string[]): Promise<string[]>;
}

interface Waiting {
  turn: TurnCommit;
  sizeBytes: number;
  resolve(reply: TurnReply): void;
  reject(error: unknown): void;
}

/** Commits turns; whatever becomes ready while a call is under way travels together in the next one. */
export class Committer {
  readonly #redis: ScriptedRedis;
  readonly #options: CommitterOptions;
  #waiting: Waiting[] = [];
  #sending = false;
  #backingOff = false;

  constructor(redis: Redis, options: CommitterOptions) {
    redis.defineCommand('commitTurns', { lua: `#!lua\n${SCRIPT}` });
    // Acks and dead letters must pass when memory is full, or nothing would ever be freed.
    redis.defineCommand('commitTurnsWhenFull', { lua: `#!lua flags=allow-oom\n${SCRIPT}` });
    this.#redis = redis as ScriptedRedis;
    this.#options = options;
  }

  /** True while Redis refuses writes or does not answer. */
  get backingOff(): boolean {
    return this.#backingOff;
  }

  /** Resolves with the verdict once Redis has answered, however long that takes; rejects only for a broken turn. */
  commit(turn: TurnCommit): Promise<TurnReply> {
    return new Promise((resolve, reject) => {
      let sizeBytes = 0;
      for (const event of turn.events) sizeBytes += event.length;
      for (const field of turn.state?.fields ?? []) sizeBytes += field.length;
      for (const [command, , value = ''] of turn.operations) if (command === 'SET') sizeBytes += value.length;
      this.#waiting.push({ turn, sizeBytes, resolve, reject });
      if (!this.#sending) {
        this.#sending = true;
        // What becomes ready while this first call is under way travels together in the next.
        queueMicrotask(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      let count = 0;
      let bytes = 0;
      for (const waiting of this.#waiting) {
        if (count === MAX_TURNS_PER_CALL || (count > 0 && bytes + waiting.sizeBytes > MAX_BYTES_PER_CALL)) break;
        bytes += waiting.sizeBytes;
        count++;
      }
      const batch = this.#waiting.splice(0, count);
      await this.#send(batch);
    }
    this.#sending = false;
  }

  async #send(batch: Waiting[]): Promise<void> {
    const { keys, args } = encode(
      batch.map((waiting) => waiting.turn),
      this.#options,
    );
    const { giveUpAfterMs } = this.#options;
    let gaveUp = false;
    const giveUp =
      giveUpAfterMs === undefined
        ? null
        : setTimeout(() => {
            gaveUp = true;
            const fault = new Fault('SERVICE_UNAVAILABLE', 'Redis does not take writes just now, try again');
            for (const waiting of batch) waiting.reject(fault);
          }, giveUpAfterMs);
    try {
      await this.#sendUntilAnswered(batch, keys, args, () => gaveUp);
    } finally {
      if (giveUp) clearTimeout(giveUp);
    }
  }

  async #sendUntilAnswered(batch: Waiting[], keys: string[], args: string[], abandoned: () => boolean): Promise<void> {
    const onlyFrees = batch.every(frees);
    for (let delayMs = 10; ; delayMs = Math.min(1_000, delayMs * 2)) {
      try {
        const send = onlyFrees ? this.#redis.commitTurnsWhenFull : this.#redis.commitTurns;
        const sentMs = performance.now();
        const replies = await send.call(this.#redis, keys.length, ...keys, ...args);
        this.#options.onCall?.(performance.now() - sentMs);
        this.#backingOff = false;
        for (let i = 0; i < batch.length; i++) settle(batch[i] as Waiting, replies[i] ?? '');
        return;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message.includes('Connection is closed') && this.#redis.status === 'end') {
          for (const waiting of batch) waiting.reject(error);
          return;
        }
        if (!refusesForNow(error) && error instanceof Error && error.name === 'ReplyError') {
          // One turn of the batch is broken: find it by sending each alone.
          if (batch.length > 1) {
            for (const waiting of batch) await this.#send([waiting]);
          } else {
            batch[0]?.reject(error);
          }
          return;
        }
        if (abandoned()) return;
        if (OUT_OF_MEMORY.test(message)) {
          // What frees memory must not wait behind what needs it, in this call or after it.
          const freeing = [...batch, ...this.#waiting].filter(frees);
          this.#waiting = this.#waiting.filter((waiting) => !frees(waiting));
          if (freeing.length > 0) await this.#send(freeing);
          if (batch.some(frees)) return this.#send(batch.filter((waiting) => !frees(waiting)));
        }
        // Unknown outcome or refused: the same call again, until it answers (nonces make that safe).
        this.#backingOff = true;
        await pause(delayMs * (0.5 + Math.random() / 2));
      }
    }
  }
}

/** Acks, dead letters and timers: they pass when memory is full, or nothing would ever be freed. */
const frees = ({ turn }: Waiting): boolean =>
  turn.events.length === 0 && turn.mailboxes.length === 0 && (!turn.state || turn.state.mode === 'compare');

const BROKEN = 'BROKEN ';

function settle({ resolve, reject }: Waiting, reply: string): void {
  const blank = reply.indexOf(' ');
  if (reply.startsWith(BROKEN)) reject(new Error(reply.slice(BROKEN.length)));
  else if (blank < 0) resolve({ verdict: reply as Verdict, logId: null });
  else resolve({ verdict: reply.slice(0, blank) as Verdict, logId: reply.slice(blank + 1) });
}

/** Keys and arguments as `commit.lua` documents them. */
export function encode(turns: readonly TurnCommit[], options: CommitterOptions): { keys: string[]; args: string[] } {
  const keys: string[] = [];
  const indexes = new Map<string, number>();
  let letters = '';
  const index = (key: string, letter: string): number => {
    let known = indexes.get(key);
    if (known === undefined) {
      keys.push(key);
      letters += letter;
      known = keys.length;
      indexes.set(key, known);
    }
    return known;
  };
  const args: string[] = [''];
  /** Index of the first of some long texts; Lua counts from 1. */
  const long = (texts: readonly string[]): number => {
    const first = args.length + 1;
    for (const text of texts) args.push(text);
    return first;
  };
  const log = index(options.keys.log, 'x');
  const deadLetters = index(options.keys.deadLetters, 'x');
  const planned = turns.map((turn) => {
    const { dedupe, state, events } = turn;
    return [
      dedupe ? index(dedupe.key, 's') : 0,
      dedupe?.value ?? '',
      state ? index(state.key, '-') : 0,
      state?.expected ?? '',
      state?.nonce ?? '',
      MODE[state?.mode ?? 'replace'],
      state?.keepMs ?? 0,
      state ? long(state.fields) : 0,
      state?.fields.length ?? 0,
      turn.deliveries.map(({ stream, group, entryId, handling }) => [
        index(stream, '-'),
        group,
        entryId,
        HANDLING[handling],
      ]),
      long(events),
      events.length,
      turn.mailboxes.map((entry) =>
        'ordinals' in entry
          ? [index(entry.mailbox, 'x'), entry.ordinals]
          : [index(entry.mailbox, 'x'), false, long([entry.events]), entry.logIds],
      ),
      turn.timeline ? index(turn.timeline.key, 'l') : 0,
      turn.timeline?.types ?? [],
      turn.forwardedLogId ?? '',
      long(turn.deadLetters),
      turn.deadLetters.length,
      turn.counters?.map(({ key, field, by }) => [index(key, 'h'), field, by]) ?? [],
      turn.operations.map(([command, key, ...rest]) => [
        command,
        index(key, LETTER_OF[command]),
        ...(command === 'SET' ? [long(rest)] : rest),
      ]),
    ];
  });
  const { mark, consumer, rememberSeconds, deadLettersMax, gateGroup } = options;
  const nowSeconds = Math.floor(Date.now() / 1000);
  args[0] = JSON.stringify([
    mark,
    consumer,
    rememberSeconds,
    letters,
    log,
    deadLetters,
    deadLettersMax,
    gateGroup,
    nowSeconds,
    planned,
  ]);
  return { keys, args };
}
