/**
 * Calls that equal one another are made once, and results are kept under a key.
 *
 * Owns: who leads and who follows, what a leader leaves to its followers, when a call goes on although its caller has
 * left, and the journal. Does not own how a result is made, nor the response cache. Keeps I4.
 */
import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import { Fault, type FaultData, faultData, reviveFault } from '../errors.ts';
import { type FlightLease, Flights } from './accounts/flights.ts';
import { journalKey, readJournal } from './accounts/journal.ts';
import { CallerGone } from './attempt.ts';
import type { Call, JournalKey, Stored } from './call.ts';
import type { Answer } from './chat.ts';
import type { Records } from './job.ts';

/** Results outlive every retry and redrive of their cause. */
const JOURNAL_TTL_MS = 7 * 24 * 60 * 60 * 1000;
/** How often a leader whose own caller left looks whether others still wait. */
const FOLLOWERS_LOOK_MS = 100;

export interface Roles {
  /** The result, if somebody has made it already. */
  stored(): Promise<Answer | null>;
  follow(stored: Stored): Promise<Answer>;
  lead(signal: AbortSignal, lease: FlightLease): Promise<Answer>;
}

export class Sharing {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #flights: Flights;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    this.#flights = new Flights(redis, keys);
  }

  /**
   * The result recorded for the key, or one that is made and recorded now.
   * @param again gives a recorded result to the caller
   * @param make makes the result and settles it with the records it is handed
   * @throws Fault CONFLICT if the key belongs to another request
   */
  keyed(
    call: Call,
    { key, fingerprint }: JournalKey,
    again: (stored: Stored) => Promise<Answer>,
    make: (signal: AbortSignal, records: (value: string) => Records) => Promise<Answer>,
  ): Promise<Answer> {
    const follow = (stored: Stored): Promise<Answer> => {
      if (fingerprint !== null && stored.fingerprint !== fingerprint) throw otherRequest();
      return again(stored);
    };
    return this.shared(hash('sha256', `journal\n${key}`), call, {
      stored: async () => {
        const text = await readJournal(this.#redis, this.#keys, key);
        return text === null ? null : follow(JSON.parse(text) as Stored);
      },
      follow,
      lead: (signal, lease) =>
        make(signal, (value) => ({
          ...resultOf(lease, value),
          journal: { key: journalKey(this.#keys, key), value, ttlMs: JOURNAL_TTL_MS },
        })),
    });
  }

  /** One of all that want the same leads; the others get what comes of it, or take over if it dies. */
  async shared(sha256: string, call: Call, { stored, follow, lead }: Roles): Promise<Answer> {
    const joined = await this.#flights.join(sha256);
    let lease: FlightLease;
    if (joined.role === 'leader') lease = joined.lease;
    else {
      const seen = await joined.wait(call.signal).catch((error) => {
        throw call.signal.aborted ? new CallerGone() : error;
      });
      if (seen.kind === 'value') {
        const outcome = JSON.parse(seen.value) as { stored: Stored } | { fault: FaultData; fingerprint: string | null };
        if ('fault' in outcome) {
          if (call.journal && call.journal.fingerprint !== outcome.fingerprint) throw otherRequest();
          throw reviveFault(outcome.fault);
        }
        return follow(outcome.stored);
      }
      lease = seen.lease;
    }
    let found: Answer | null;
    try {
      // Who led before may have finished between our look and our lease.
      found = await stored();
    } catch (error) {
      await lease.release();
      throw error;
    }
    if (found) {
      await lease.release();
      return found;
    }
    const ended = new AbortController();
    // A caller that leaves ends the call only if, and as soon as, nobody else waits for it.
    const onGone = async () => {
      while (!ended.signal.aborted && (await lease.hasFollowers().catch(() => false))) {
        await pause(FOLLOWERS_LOOK_MS, undefined, { ref: false });
      }
      ended.abort();
    };
    call.signal.addEventListener('abort', onGone, { once: true });
    try {
      if (call.signal.aborted) await onGone();
      const answer = await lead(ended.signal, lease);
      // Without a settlement there is no result for those who wait: one of them asks anew.
      if (call.report.settled) lease.settled();
      else await lease.release();
      return answer;
    } catch (error) {
      // A failure is everybody's; but a bug is not, and neither is a budget, which may be this caller's own.
      const shared = error instanceof Fault && error.code !== 'BUDGET_EXCEEDED';
      const fingerprint = call.journal?.fingerprint ?? null;
      if (shared) await lease.fail(JSON.stringify({ fault: withoutStacks(faultData(error)), fingerprint }));
      else await lease.release();
      throw error;
    } finally {
      call.signal.removeEventListener('abort', onGone);
      ended.abort();
    }
  }
}

/** What those get who wait for a call. */
export function resultOf({ sha256, token }: FlightLease, value: string): Records {
  return token === null ? {} : { flight: { sha256, token, value: `{"stored":${value}}` } };
}

function otherRequest(): Fault {
  return new Fault('CONFLICT', 'This Idempotency-Key was used for another request.');
}

function withoutStacks({ stack: _, cause: __, ...data }: FaultData): FaultData {
  return data;
}
