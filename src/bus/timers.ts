/**
 * Durable timers: what is to come back into a mailbox, and when.
 *
 * Owns: firing. Timers are written by commits; any node may fire, since one script moves a timer into its mailbox
 * and removes it. Keeps I1: between being parked and being delivered an event is always in exactly one place.
 */
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';

/** Puts one due timer's events into the mailbox of its role. 0 if another node was faster or its time has not come. */
const FIRE = `#!lua flags=allow-oom
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) > now then return 0 end
local row = redis.call('HMGET', KEYS[2], 'events', 'log_ids', 'attempts')
if row[1] then redis.call('XADD', KEYS[3], '*', 'events', row[1], 'log_ids', row[2], 'attempts', row[3]) end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
return 1`;

interface ScriptedRedis extends Redis {
  fireTimer(timers: string, timer: string, mailbox: string, id: string): Promise<number>;
}

const BATCH = 256;
/** Timers of other nodes are noticed within this time; own ones when they are due. */
const POLL_MS = 250;

export class Timers {
  readonly #redis: ScriptedRedis;
  readonly #keys: Keys;
  #timeout: NodeJS.Timeout | null = null;
  #nextMs = Number.POSITIVE_INFINITY;
  #stopped = false;
  readonly #onError: (error: unknown) => void;

  constructor(redis: Redis, keys: Keys, onError: (error: unknown) => void) {
    redis.defineCommand('fireTimer', { numberOfKeys: 3, lua: FIRE });
    this.#redis = redis as ScriptedRedis;
    this.#keys = keys;
    this.#onError = onError;
  }

  start(): void {
    this.#arm(POLL_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timeout) clearTimeout(this.#timeout);
  }

  /** A timer was stored that is due at `dueMs` (ms since the epoch). */
  expect(dueMs: number): void {
    if (dueMs < this.#nextMs) this.#arm(Math.max(1, dueMs - Date.now() + 1));
  }

  /** Fires what is due; returns how many. */
  async fire(): Promise<number> {
    let fired = 0;
    for (;;) {
      const due = await this.#redis.zrangebyscore(this.#keys.timers, '-inf', Date.now(), 'LIMIT', 0, BATCH);
      let firedNow = 0;
      for (const id of due) firedNow += await this.#fireOne(id);
      fired += firedNow;
      // Timers that this clock takes for due and Redis' does not are left to the next look.
      if (due.length < BATCH || firedNow === 0) return fired;
    }
  }

  /** A timer that cannot be fired does not hold up those behind it. */
  async #fireOne(id: string): Promise<number> {
    const { timers } = this.#keys;
    const mailbox = this.#keys.mailbox(id.slice(0, id.indexOf(':')));
    try {
      return await this.#redis.fireTimer(timers, this.#keys.timer(id), mailbox, id);
    } catch (error) {
      this.#onError(error);
      return 0;
    }
  }

  #arm(delayMs: number): void {
    if (this.#stopped) return;
    if (this.#timeout) clearTimeout(this.#timeout);
    this.#nextMs = Date.now() + delayMs;
    this.#timeout = setTimeout(() => void this.#turn(), delayMs);
  }

  async #turn(): Promise<void> {
    this.#nextMs = Number.POSITIVE_INFINITY;
    try {
      await this.fire();
    } catch (error) {
      this.#onError(error);
    }
    if (Date.now() + POLL_MS < this.#nextMs) this.#arm(POLL_MS);
  }
}
