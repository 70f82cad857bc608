/**
 * Single flight: of all that want the same call, one makes it.
 *
 * Owns: `P:llm:flight:{sha256}` until a settlement puts the result there: who leads, for how long without a sign of life,
 * whether somebody waits. Waiting is asking again; those of one process ask together.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Keys } from '../../bus/keys.ts';
import { flightKey } from './names.ts';
import { ask, scripted } from './scripts.ts';

export interface FlightTimes {
  /** A leader that gives no sign of life for this long is dead. */
  leaseMs: number;
  renewMs: number;
  /** Longest that a lease is renewed: longer than any call. */
  holdMaxMs: number;
  /** Those who wait ask again after this, and then less and less often. */
  pollMs: number;
  pollMaxMs: number;
  /** One who has asked counts as waiting for this long. */
  waitingMs: number;
  /** A failure is kept for those who wait. */
  failureMs: number;
  giveUpAfterMs: number;
}

const FLIGHT_TIMES: FlightTimes = {
  leaseMs: 5_000,
  renewMs: 1_500,
  holdMaxMs: 15 * 60_000,
  pollMs: 5,
  pollMaxMs: 50,
  waitingMs: 300,
  failureMs: 5_000,
  giveUpAfterMs: 5_000,
};

/** Held by the one who makes the call. It ends with its settlement, `fail` or `release`. */
export interface FlightLease {
  readonly sha256: string;
  /** For the settlement; null: nobody can wait for this call, and its result goes to nobody else. */
  readonly token: string | null;
  /** Whether somebody has asked for the result lately. */
  hasFollowers(): Promise<boolean>;
  /** Tells all who wait that there is no result. */
  fail(value: string): Promise<void>;
  /** Lets one of those who wait make the call. After the settlement it does nothing. */
  release(): Promise<void>;
  /** The settlement has put the result in the place of the lease: there is nothing left to renew. */
  settled(): void;
}

/** `failed`: the value is what the leader's `fail` was told. */
export type FlightOutcome =
  | { kind: 'value'; value: string; failed: boolean }
  | { kind: 'take_over'; lease: FlightLease };

export type FlightRole =
  | { role: 'leader'; lease: FlightLease }
  /** Rejects with the signal's reason, or SERVICE_UNAVAILABLE. */
  | { role: 'follower'; wait(signal: AbortSignal): Promise<FlightOutcome> };

type Reply = ['LEAD'] | ['ALONE'] | ['WAIT'] | ['VALUE' | 'FAILURE', string];

interface Waiter {
  resolve(outcome: FlightOutcome): void;
  reject(error: unknown): void;
}

/** Those of this process who wait for one flight. */
interface Watch {
  waiters: Set<Waiter>;
  timer: NodeJS.Timeout | null;
  pollMs: number;
}

export class Flights {
  readonly #redis: ReturnType<typeof scripted>;
  readonly #keys: Keys;
  readonly #times: FlightTimes;
  readonly #watches = new Map<string, Watch>();

  constructor(redis: Redis, keys: Keys, times: Partial<FlightTimes> = {}) {
    this.#redis = scripted(redis);
    this.#keys = keys;
    this.#times = { ...FLIGHT_TIMES, ...times };
  }

  /** @throws Fault SERVICE_UNAVAILABLE */
  async join(sha256: string): Promise<FlightRole> {
    const follower: FlightRole = { role: 'follower', wait: (signal) => this.#wait(sha256, signal) };
    if (this.#watches.has(sha256)) return follower;
    const token = randomUUID();
    const reply = (await this.#call('join', sha256, token)) as Reply;
    if (reply[0] === 'LEAD') return { role: 'leader', lease: this.#lease(sha256, token) };
    if (reply[0] === 'ALONE') return { role: 'leader', lease: alone(sha256) };
    return follower;
  }

  #wait(sha256: string, signal: AbortSignal): Promise<FlightOutcome> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let watch = this.#watches.get(sha256);
      const begins = !watch;
      watch ??= { waiters: new Set(), timer: null, pollMs: this.#times.pollMs };
      const { waiters } = watch;
      this.#watches.set(sha256, watch);
      const onAbort = () => {
        waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        resolve: (outcome) => {
          signal.removeEventListener('abort', onAbort);
          resolve(outcome);
        },
        reject: (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiters.add(waiter);
      if (begins) this.#arm(sha256, watch);
    });
  }

  #arm(sha256: string, watch: Watch): void {
    watch.timer = setTimeout(() => void this.#poll(sha256, watch), watch.pollMs);
    watch.pollMs = Math.min(this.#times.pollMaxMs, watch.pollMs * 1.5);
  }

  async #poll(sha256: string, watch: Watch): Promise<void> {
    const { waiters } = watch;
    const end = () => this.#watches.delete(sha256);
    if (waiters.size === 0) return void end();
    const token = randomUUID();
    try {
      const reply = (await this.#call('follow', sha256, token)) as Reply;
      if (reply[0] === 'LEAD') {
        const lease = this.#lease(sha256, token);
        const [first] = waiters;
        if (first) {
          waiters.delete(first);
          first.resolve({ kind: 'take_over', lease });
        } else await lease.release();
      } else if (reply[0] !== 'WAIT') {
        end();
        const outcome = outcomeOf(reply);
        for (const waiter of waiters) waiter.resolve(outcome);
        return;
      }
    } catch (error) {
      end();
      for (const waiter of waiters) waiter.reject(error);
      return;
    }
    if (waiters.size === 0) end();
    else this.#arm(sha256, watch);
  }

  #lease(sha256: string, token: string): FlightLease {
    const { renewMs, holdMaxMs, failureMs } = this.#times;
    const endMs = performance.now() + holdMaxMs;
    const renewal = setInterval(() => {
      if (performance.now() > endMs) return clearInterval(renewal);
      this.#call('renew', sha256, token).then(
        (held) => held === 1 || clearInterval(renewal),
        // Redis may be back before the lease ends.
        () => undefined,
      );
    }, renewMs).unref();
    // What became of the call must not be lost over this: an unreachable lease ends by itself.
    const end = async (what: 'fail' | 'release', value = '') => {
      clearInterval(renewal);
      await this.#call(what, sha256, token, failureMs, value).catch(() => {});
    };
    return {
      sha256,
      token,
      hasFollowers: async () => (await this.#call('waited', sha256, token)) === 1,
      fail: (value) => end('fail', value),
      release: () => end('release'),
      settled: () => clearInterval(renewal),
    };
  }

  #call(
    what: 'join' | 'follow' | 'renew' | 'waited' | 'fail' | 'release',
    sha256: string,
    token: string,
    forMs = this.#times.leaseMs,
    rest = String(this.#times.waitingMs),
  ): Promise<unknown> {
    const { giveUpAfterMs } = this.#times;
    const key = flightKey(this.#keys, sha256);
    return ask(() => this.#redis.llmFlight(1, key, what, token, String(forMs), rest), giveUpAfterMs);
  }
}

/** For a call beside the result of one that has just ended. */
function alone(sha256: string): FlightLease {
  const nothing = async () => {};
  return { sha256, token: null, hasFollowers: async () => false, fail: nothing, release: nothing, settled: () => {} };
}

const outcomeOf = ([what, value = '']: Reply): FlightOutcome => ({ kind: 'value', value, failed: what === 'FAILURE' });
