/**
 * Settlements on their way: the same call again until Redis has answered, or it is too late.
 *
 * Owns: the mark by which a call that is sent again is known, trying again, and what is left out when memory is full.
 * The money is spent: only what can be had again, the cached answer, may be lost.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Keys } from '../../bus/keys.ts';
import { Fault } from '../../errors.ts';
import { ask, isFull, type scripted } from './scripts.ts';
import {
  type BreakerTimes,
  decodeSettlements,
  encodeSettlements,
  type SettleItem,
  type SettleReply,
} from './settle.ts';
import type { Reservation, Settlement, UsageKey } from './shapes.ts';

export interface SettleTimes extends BreakerTimes {
  /** After this a settlement is given up; its reservation then counts as lost. */
  settleWithinMs: number;
}

export class Settling {
  readonly #redis: ReturnType<typeof scripted>;
  readonly #keys: Keys;
  readonly #times: SettleTimes;
  readonly #process = randomUUID();
  #calls = 0;

  constructor(redis: ReturnType<typeof scripted>, keys: Keys, times: SettleTimes) {
    this.#redis = redis;
    this.#keys = keys;
    this.#times = times;
  }

  /** @throws Fault SERVICE_UNAVAILABLE; INTERNAL_ERROR when something in it is wrong, and nothing was done */
  async send(items: readonly SettleItem[]): Promise<SettleReply[]> {
    const mark = `${this.#process}:${++this.#calls}`;
    const deadlineMs = performance.now() + this.#times.settleWithinMs;
    let call = encodeSettlements(items, this.#keys, this.#times, mark);
    let whenFull = false;
    for (let delayMs = 10; ; delayMs = Math.min(1_000, delayMs * 2)) {
      try {
        const send = whenFull ? this.#redis.llmSettleWhenFull : this.#redis.llmSettle;
        const { keys, args } = call;
        const reply = await ask(
          () => send.call(this.#redis, keys.length, ...keys, ...args),
          deadlineMs - performance.now(),
        );
        return decodeSettlements(items, reply);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'SERVICE_UNAVAILABLE') throw error;
        if (this.#redis.status === 'end' || performance.now() + delayMs >= deadlineMs) throw error;
        if (isFull(error) && !whenFull) {
          whenFull = true;
          call = encodeSettlements(items.map(withoutCache), this.#keys, this.#times, mark);
        } else {
          await pause(delayMs * (0.5 + Math.random() / 2));
        }
      }
    }
  }
}

/** Gives back what a reservation took, if there is one, and counts nothing. */
export function nothingDone(reservation: Reservation | null, usage: UsageKey): Settlement {
  return {
    reservation,
    usage,
    tokens: null,
    costNanoUsd: 0,
    answered: false,
    failed: false,
    cacheHit: false,
    coalesced: false,
    cacheMiss: false,
    flags: [],
    health: { kind: 'neutral' },
    latencyMs: null,
  };
}

const withoutCache = ({ settlement: { cache: _, ...settlement }, member }: SettleItem): SettleItem => ({
  settlement,
  member,
});

/** Bytes that travel with a settlement, roughly. */
export const sizeOf = ({ settlement: { journal, cache, flight } }: SettleItem): number =>
  (journal?.value.length ?? 0) + (cache?.value.length ?? 0) + (flight?.value.length ?? 0);
