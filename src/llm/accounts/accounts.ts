/**
 * What the gateway keeps in Redis about calls: rate limits, breakers, budgets, the ledger, recorded and cached answers.
 *
 * Owns: sending the scripts until they are answered or it is too late. Does not own what a call may cost or what a
 * failure means. Every write is one script call that may be sent again: a reservation is taken and settled once, however
 * often it is asked for. Calls of one turn of the event loop travel together.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../../bus/keys.ts';
import { Fault } from '../../errors.ts';
import { type AdmitItem, checkReservation, decodeAdmissions, encodeAdmits, Numbers, readRate } from './admit.ts';
import { Batches } from './batches.ts';
import { breakerState } from './breakers.ts';
import { makeRoom } from './eviction.ts';
import {
  breakerKey,
  budgetKey,
  cacheIndexKey,
  cacheKey,
  providerBreakerKey,
  rateKey,
  reservationsKey,
} from './names.ts';
import { lostSettlement, memberOf } from './reservations.ts';
import { ask, KeyList, scripted, unavailable } from './scripts.ts';
import { checkSettlement, type SettleItem, type SettleReply } from './settle.ts';
import { nothingDone, type SettleTimes, Settling, sizeOf } from './settling.ts';
import type {
  Admission,
  BreakerState,
  BudgetAlert,
  BudgetScope,
  RateState,
  Reservation,
  Settlement,
} from './shapes.ts';

export interface AccountTimes extends SettleTimes {
  /** A probe whose process has died is replaced after this; longer than an upstream may be silent. */
  probeLeaseMs: number;
  /** For what nothing has been spent on yet. */
  giveUpAfterMs: number;
}

export const ACCOUNT_TIMES: AccountTimes = {
  openMs: 5_000,
  openMaxMs: 20_000,
  coolMs: 1_000,
  coolMaxMs: 20_000,
  failuresInARow: 5,
  windowCalls: 20,
  probeLeaseMs: 60_000,
  giveUpAfterMs: 5_000,
  settleWithinMs: 15_000,
};

export interface Budget {
  name: string;
  limitNanoUsd: number;
  spentNanoUsd: number;
  reservedNanoUsd: number;
}

interface Limits {
  requestsPerMinute: number;
  tokensPerMinute: number;
}

interface LookupItem {
  provider: string;
  limits: Limits;
  cacheSha256: string | null;
}

const BUDGET_LIFE_MS = 400 * 24 * 60 * 60 * 1000;
const SWEEP_BATCH = 256;
const STORE_ATTEMPTS = 3;

export class Accounts {
  readonly #redis: ReturnType<typeof scripted>;
  readonly #keys: Keys;
  readonly #times: AccountTimes;
  readonly #settling: Settling;
  readonly #admits = new Batches<AdmitItem, Admission>((items) => this.#sendAdmits(items));
  readonly #settles = new Batches<SettleItem, SettleReply>((items) => this.#settling.send(items), sizeOf);
  readonly #lookups = new Batches<LookupItem, { cached: string | null; rate: RateState }>((items) =>
    this.#sendLookups(items),
  );

  constructor(redis: Redis, keys: Keys, times: Partial<AccountTimes> = {}) {
    this.#redis = scripted(redis);
    this.#keys = keys;
    this.#times = { ...ACCOUNT_TIMES, ...times };
    this.#settling = new Settling(this.#redis, keys, this.#times);
  }

  /**
   * Takes what the reservation needs, or nothing; the same id again is granted and takes nothing.
   * @throws Fault SERVICE_UNAVAILABLE; whatever was taken then is given back as soon as Redis answers
   */
  async admit(reservation: Reservation): Promise<Admission> {
    checkReservation(reservation);
    const item = { reservation, member: memberOf(reservation) };
    try {
      return await this.#admits.add(item);
    } catch (error) {
      // Sent, with an unknown outcome. The connection keeps the order, so this comes after it.
      this.#settles.add({ member: item.member, settlement: nothingDone(reservation, reservation.usage) }).catch(() => {
        // It then counts as lost.
      });
      throw error;
    }
  }

  /**
   * Puts the real cost in the place of the reservation and writes what goes with it. Tried again for as long as makes
   * sense. `settled` false: it had been before (sent again, or swept as lost), and only the records were written.
   * @throws Fault SERVICE_UNAVAILABLE; the reservation then counts as lost in the end
   */
  async settle(settlement: Settlement): Promise<{ settled: boolean; alerts: readonly BudgetAlert[] }> {
    checkSettlement(settlement);
    const { reservation, cache } = settlement;
    const item = { settlement, member: reservation ? memberOf(reservation) : '' };
    const { settled, full, alerts } = await this.#settles.add(item);
    if (full && cache) await this.#storeWithEviction(settlement, cache);
    return { settled, alerts };
  }

  /** The cached answer, and what is left of the provider's rate limit; takes nothing. */
  lookup(
    provider: string,
    limits: Limits,
    cacheSha256: string | null,
  ): Promise<{ cached: string | null; rate: RateState }> {
    return this.#lookups.add({ provider, limits, cacheSha256 });
  }

  /** Whether an answer is cached; it does not count as used. */
  async peek(cacheSha256: string): Promise<boolean> {
    return (await this.#ask(() => this.#redis.exists(cacheKey(this.#keys, cacheSha256)))) === 1;
  }

  async breakers(models: readonly { provider: string; model: string }[]): Promise<BreakerState[]> {
    const pipeline = this.#redis.pipeline().time();
    for (const { provider, model } of models) {
      pipeline.hgetall(providerBreakerKey(this.#keys, provider)).hgetall(breakerKey(this.#keys, provider, model));
    }
    const [time, ...hashes] = await this.#read<[string, string] | Record<string, string>>(pipeline);
    const nowMs = unixMs(time as [string, string]);
    return models.map((candidate, i) => {
      const [whole, own] = [hashes[i * 2], hashes[i * 2 + 1]] as Record<string, string>[];
      return breakerState(candidate, whole ?? {}, own ?? {}, nowMs);
    });
  }

  async budgets(scopes: readonly BudgetScope[]): Promise<Budget[]> {
    const pipeline = this.#redis.pipeline();
    for (const { name } of scopes) pipeline.hmget(budgetKey(this.#keys, name), 'spent', 'reserved');
    const rows = scopes.length > 0 ? await this.#read<(string | null)[]>(pipeline) : [];
    return scopes.map(({ name, limitNanoUsd }, i) => {
      const [spent, reserved] = rows[i] ?? [];
      return { name, limitNanoUsd, spentNanoUsd: Number(spent ?? 0), reservedNanoUsd: Number(reserved ?? 0) };
    });
  }

  /**
   * Settles in full what nobody has settled in time. Any process may do it at any time.
   * @returns how many it settled
   */
  async sweepLost(): Promise<number> {
    const key = reservationsKey(this.#keys);
    let swept = 0;
    for (;;) {
      const nowMs = unixMs(await this.#ask(() => this.#redis.time()));
      const members = await this.#ask(() => this.#redis.zrangebyscore(key, '-inf', nowMs, 'LIMIT', 0, SWEEP_BATCH));
      await Promise.all(
        members.map(async (member) => {
          const settlement = lostSettlement(member);
          // Nobody reserved that.
          if (!settlement) await this.#ask(() => this.#redis.zrem(key, member));
          else if ((await this.#settles.add({ member, settlement })).settled) swept++;
        }),
      );
      if (members.length < SWEEP_BATCH) return swept;
    }
  }

  /**
   * Appends the alert's event to the log, once per scope and threshold.
   * @param eventText the envelope as JSON
   * @returns whether it was sent by this call
   */
  async sendAlert({ scope, threshold }: BudgetAlert, eventText: string): Promise<boolean> {
    const [budget, log] = [budgetKey(this.#keys, scope), this.#keys.log];
    const args = [String(threshold), eventText, String(BUDGET_LIFE_MS)];
    return (await this.#ask(() => this.#redis.llmAlert(2, budget, log, ...args))) === 1;
  }

  async #sendAdmits(items: readonly AdmitItem[]): Promise<Admission[]> {
    const { keys, args } = encodeAdmits(items, this.#keys, this.#times.probeLeaseMs);
    return decodeAdmissions(items, await this.#ask(() => this.#redis.llmAdmit(keys.length, ...keys, ...args)));
  }

  async #sendLookups(items: readonly LookupItem[]): Promise<{ cached: string | null; rate: RateState }[]> {
    const list = new KeyList();
    list.of(cacheIndexKey(this.#keys));
    const args = items.flatMap(({ provider, limits, cacheSha256 }) => {
      const bucket = list.of(rateKey(this.#keys, provider));
      const answer = cacheSha256 === null ? 0 : list.of(cacheKey(this.#keys, cacheSha256));
      return [`[${bucket},${limits.requestsPerMinute},${limits.tokensPerMinute},${answer}]`, cacheSha256 ?? ''];
    });
    const reply = await this.#ask(() => this.#redis.llmLookup(list.keys.length, ...list.keys, ...args));
    const values = new Numbers(reply);
    return items.map(({ limits }) => ({ cached: values.text(), rate: readRate(values, limits) }));
  }

  /** An answer that is not cached is no harm: only a broken cache is told. */
  async #storeWithEviction(settlement: Settlement, cache: NonNullable<Settlement['cache']>): Promise<void> {
    const item = { settlement: { ...nothingDone(null, settlement.usage), cache }, member: '' };
    try {
      for (let attempt = 0; attempt < STORE_ATTEMPTS; attempt++) {
        await makeRoom(this.#redis, this.#keys, cache, (send) => this.#ask(send));
        if (!(await this.#settles.add(item)).full) return;
      }
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'SERVICE_UNAVAILABLE') throw error;
    }
  }

  async #read<T>(pipeline: ReturnType<Redis['pipeline']>): Promise<T[]> {
    const results = (await this.#ask(() => pipeline.exec())) ?? [];
    return this.#ask(async () =>
      results.map(([error, value]) => {
        if (error) throw error;
        return value as T;
      }),
    );
  }

  #ask<T>(send: () => Promise<T>): Promise<T> {
    if (this.#redis.status === 'end') return Promise.reject(unavailable('the connection to Redis is closed'));
    return ask(send, this.#times.giveUpAfterMs);
  }
}

const unixMs = ([seconds, micros]: readonly (string | number)[]): number =>
  Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
