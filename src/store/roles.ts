/**
 * Roles in numbers, over all processes: their mailboxes, instances and counters.
 *
 * Owns: reading them. The counters in `P:actor:{role}` are written by commits (`state:*`) and by the runtime.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import { run } from './project-state.ts';

export interface RoleNumbers {
  /** Instances per state of the machine. */
  states: Record<string, number>;
  mailbox_depth: number;
  /** Delivered and not acked. */
  pending: number;
  /** Age of the oldest entry not yet delivered; 0 if none. */
  lag_ms: number;
  /** Committed turns, mean of the last 5 minutes. */
  throughput_per_minute: number;
  retries: number;
  dead_letters: number;
  restarts: number;
  last_error: string | null;
}

const MINUTES = 5;
const STATE = 'state:';

export class Roles {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** The stream a role reads: its mailbox, or the whole log for the gate. */
  streamOf(role: string): string {
    return role === 'validator' ? this.#keys.log : this.#keys.mailbox(role);
  }

  /** Numbers of several roles, in their order. */
  async numbersOf(roles: readonly { role: string; group: string }[], nowMs: number): Promise<RoleNumbers[]> {
    const pipeline = this.#redis.pipeline();
    for (const { role } of roles) {
      pipeline.hgetall(this.#keys.actor(role));
      pipeline.xlen(this.streamOf(role));
    }
    const replies = await run(pipeline);
    const lags = await Promise.all(roles.map(({ role, group }) => this.#backlogOf(this.streamOf(role), group, nowMs)));
    return roles.map(({ role }, index) => {
      const counters = replies[2 * index] as Record<string, string>;
      const lag = lags[index] as { pending: number; lag_ms: number };
      const count = (field: string) => Number(counters[field] ?? 0);
      return {
        states: statesOf(counters),
        // The log keeps what is done, so its length says nothing about what is left to do.
        mailbox_depth: role === 'validator' ? lag.pending : (replies[2 * index + 1] as number),
        ...lag,
        throughput_per_minute: throughput(counters, nowMs),
        retries: count('retries'),
        dead_letters: count('dead_letters'),
        restarts: count('restarts'),
        last_error: counters.last_error ?? null,
      };
    });
  }

  /** Milliseconds since the oldest entry came that the group has not been given; null without the group. */
  async lagOf(role: string, group: string, nowMs: number): Promise<number | null> {
    const found = await this.#group(this.streamOf(role), group);
    return found && this.#ageAfter(this.streamOf(role), found['last-delivered-id'] as string, nowMs);
  }

  async #backlogOf(stream: string, group: string, nowMs: number): Promise<{ pending: number; lag_ms: number }> {
    const found = await this.#group(stream, group);
    if (!found) return { pending: 0, lag_ms: 0 };
    const lag_ms = await this.#ageAfter(stream, found['last-delivered-id'] as string, nowMs);
    return { pending: Number(found.pending), lag_ms };
  }

  async #group(stream: string, group: string): Promise<Record<string, unknown> | null> {
    let groups: unknown[];
    try {
      groups = (await this.#redis.xinfo('GROUPS', stream)) as unknown[];
    } catch (error) {
      if (String(error).includes('no such key')) return null;
      throw error;
    }
    for (const flat of groups as unknown[][]) {
      const row: Record<string, unknown> = {};
      for (let i = 0; i < flat.length; i += 2) row[flat[i] as string] = flat[i + 1];
      if (row.name === group) return row;
    }
    return null;
  }

  async #ageAfter(stream: string, id: string, nowMs: number): Promise<number> {
    const [next] = await this.#redis.xrange(stream, `(${id}`, '+', 'COUNT', 1);
    return next ? Math.max(0, nowMs - Number(next[0].split('-', 1)[0])) : 0;
  }
}

function statesOf(counters: Record<string, string>): Record<string, number> {
  const states: Record<string, number> = {};
  for (const [field, count] of Object.entries(counters)) {
    if (field.startsWith(STATE)) states[field.slice(STATE.length)] = Math.max(0, Number(count));
  }
  return states;
}

/** The oldest of the minutes counts with the part of it that lies inside the window. */
function throughput(counters: Record<string, string>, nowMs: number): number {
  const minute = Math.floor(nowMs / 60_000);
  const passed = (nowMs % 60_000) / 60_000;
  const turns = (back: number) => Number(counters[`turns:${minute - back}`] ?? 0);
  let sum = turns(MINUTES) * (1 - passed);
  for (let back = 0; back < MINUTES; back++) sum += turns(back);
  return Math.round((sum / MINUTES) * 10) / 10;
}
