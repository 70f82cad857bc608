/**
 * What the threads of this process have counted, in memory for metrics and in Redis for all processes together.
 *
 * Owns: adding up and flushing. Losing the last second of a killed process is accepted: these are not facts.
 */
import type { Redis } from 'ioredis';
import { GROUPS, type Role } from '../../schemas/catalog.ts';
import type { Keys } from '../bus/keys.ts';
import { mergeDurations, noDurations } from './durations.ts';
import type { FromThread, RoleCounts } from './messages.ts';

const FLUSH_MS = 1_000;
/** Turns are kept per minute for this long, so that a rate over the last minutes can be told. */
const MINUTES_KEPT = 10;
const TURNS = 'turns:';

type Counts = Extract<FromThread, { type: 'counts' }>;

export class Totals {
  readonly roles = new Map<string, RoleCounts>();
  readonly gate = {
    accepted: new Map<string, number>(),
    duplicate: new Map<string, number>(),
    rejected: new Map<string, number>(),
  };
  readonly emitted = new Map<string, number>();
  /** By consumer group. */
  readonly deadLetters = new Map<string, number>();
  readonly commands = noDurations();
  readonly restarts = new Map<string, number>();
  readonly crashed = new Set<string>();
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #onError: (error: unknown) => void;
  #unflushed = new Map<string, Map<string, number>>();
  #lastErrors = new Map<string, string>();
  #interval: NodeJS.Timeout | null = null;
  #trimmedMinute = 0;

  constructor(redis: Redis, keys: Keys, onError: (error: unknown) => void) {
    this.#redis = redis;
    this.#keys = keys;
    this.#onError = onError;
  }

  start(): void {
    this.#interval = setInterval(() => void this.flush(), FLUSH_MS);
  }

  async stop(): Promise<void> {
    if (this.#interval) clearInterval(this.#interval);
    await this.flush();
  }

  add({ roles, gate, emitted, commands }: Counts): void {
    mergeDurations(this.commands, commands);
    for (const [type, count] of Object.entries(emitted)) this.emitted.set(type, (this.emitted.get(type) ?? 0) + count);
    const minute = Math.floor(Date.now() / 60_000);
    for (const [role, counts] of Object.entries(roles)) {
      const total = this.roles.get(role);
      if (total) {
        for (const key of ['turns', 'conflicts', 'fenced', 'retries', 'deadLetters', 'ignored'] as const)
          total[key] += counts[key];
        mergeDurations(total.durations, counts.durations);
        total.lastError = counts.lastError ?? total.lastError;
      } else this.roles.set(role, { ...counts });
      this.#later(role, `${TURNS}${minute}`, counts.turns);
      this.#later(role, 'retries', counts.retries);
      this.#buried(role, counts.deadLetters);
      if (counts.lastError) this.#lastErrors.set(role, counts.lastError);
    }
    for (const outcome of ['accepted', 'duplicate', 'rejected'] as const) {
      for (const [type, count] of Object.entries(gate[outcome])) {
        this.gate[outcome].set(type, (this.gate[outcome].get(type) ?? 0) + count);
        this.#later('validator', `${TURNS}${minute}`, count);
        if (outcome === 'rejected') this.#buried('validator', count);
      }
    }
  }

  #buried(role: string, count: number): void {
    if (count === 0) return;
    const group = GROUPS[role as Role] ?? role;
    this.deadLetters.set(group, (this.deadLetters.get(group) ?? 0) + count);
    this.#later(role, 'dead_letters', count);
  }

  restarted(role: string): void {
    this.restarts.set(role, (this.restarts.get(role) ?? 0) + 1);
    this.#later(role, 'restarts', 1);
  }

  #later(role: string, field: string, by: number): void {
    if (by === 0) return;
    let fields = this.#unflushed.get(role);
    if (!fields) {
      fields = new Map();
      this.#unflushed.set(role, fields);
    }
    fields.set(field, (fields.get(field) ?? 0) + by);
  }

  async flush(): Promise<void> {
    if (this.#unflushed.size === 0) return;
    const counts = this.#unflushed;
    const errors = this.#lastErrors;
    this.#unflushed = new Map();
    this.#lastErrors = new Map();
    const minute = Math.floor(Date.now() / 60_000);
    const pipeline = this.#redis.pipeline();
    for (const [role, fields] of counts) {
      const key = this.#keys.actor(role);
      for (const [field, by] of fields) pipeline.hincrby(key, field, by);
    }
    for (const [role, error] of errors) pipeline.hset(this.#keys.actor(role), 'last_error', error);
    await pipeline.exec().catch(this.#onError);
    if (minute !== this.#trimmedMinute) await this.#dropOldMinutes([...counts.keys()], minute).catch(this.#onError);
  }

  async #dropOldMinutes(roles: readonly string[], minute: number): Promise<void> {
    this.#trimmedMinute = minute;
    for (const role of roles) {
      const key = this.#keys.actor(role);
      const old = (await this.#redis.hkeys(key)).filter(
        (field) => field.startsWith(TURNS) && Number(field.slice(TURNS.length)) < minute - MINUTES_KEPT,
      );
      if (old.length > 0) await this.#redis.hdel(key, ...old);
    }
  }
}
