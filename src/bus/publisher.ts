/**
 * How an edge of this process appends an event.
 *
 * Owns: the commit that appends, marks, routes and projects one event in a single call; waiting until an event is
 * applied. Does not own validation of requests: what comes here must be a valid event, and is checked once more.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { rolesFor } from '../../schemas/catalog.ts';
import type { Envelope } from '../../schemas/types.ts';
import type { Validator } from '../../schemas/validate.ts';
import { Fault } from '../errors.ts';
import { acceptance } from '../runtime/acceptance.ts';
import type { Committer } from './commit.ts';
import type { Keys } from './keys.ts';

export interface Published {
  status: 'accepted' | 'duplicate';
  /** Id of the log entry; null for a duplicate. */
  logId: string | null;
}

const POLL_FIRST_MS = 2;
const POLL_MAX_MS = 50;
/** Events whose log id is remembered for `waitApplied`. */
const REMEMBERED = 1_000;

export class Publisher {
  readonly #redis: Redis;
  readonly #committer: Committer;
  readonly #keys: Keys;
  readonly #validator: Validator;
  /** Accepted events by type, for metrics. */
  readonly published = new Map<string, number>();
  readonly #logIds = new Map<string, string>();

  constructor(redis: Redis, committer: Committer, keys: Keys, validator: Validator) {
    this.#redis = redis;
    this.#committer = committer;
    this.#keys = keys;
    this.#validator = validator;
  }

  /**
   * @param onlyTo deliver to this role alone, not to all subscribers.
   * @throws Fault CONTRACT_VIOLATION for an invalid event, SERVICE_UNAVAILABLE when Redis takes no writes.
   */
  async publish(event: Envelope, { onlyTo }: { onlyTo?: string } = {}): Promise<Published> {
    const wrong =
      this.#validator.checkEnvelope(event) ??
      this.#validator.checkPayload(event.event_type, event.event_version, event.payload);
    if (wrong) throw new Fault('CONTRACT_VIOLATION', wrong.reason);
    if (this.#redis.status !== 'ready')
      throw new Fault('SERVICE_UNAVAILABLE', 'Redis cannot be reached just now, try again');
    const { verdict, logId } = await this.#committer.commit({
      ...acceptance(event, { append: JSON.stringify(event) }, this.#keys, onlyTo),
      deliveries: [],
      deadLetters: [],
    });
    if (verdict === 'DUPLICATE' || logId === null) return { status: 'duplicate', logId: null };
    this.published.set(event.event_type, (this.published.get(event.event_type) ?? 0) + 1);
    this.#logIds.set(event.event_id, logId);
    if (this.#logIds.size > REMEMBERED) this.#logIds.delete(this.#logIds.keys().next().value as string);
    return { status: 'accepted', logId };
  }

  /** True once no mailbox holds an event published here any more, false when `timeoutMs` is over. */
  async waitApplied(event: Envelope, timeoutMs: number): Promise<boolean> {
    const logId = this.#logIds.get(event.event_id);
    if (logId === undefined) return true;
    const mailboxes = rolesFor(event).map((role) => this.#keys.mailbox(role));
    const deadlineMs = performance.now() + timeoutMs;
    for (let delayMs = POLL_FIRST_MS; ; delayMs = Math.min(POLL_MAX_MS, delayMs * 2)) {
      // The mailbox entry is written by the same commit, so its id is not below the log entry's.
      const from = logId.slice(0, logId.indexOf('-'));
      const lists = await Promise.all(mailboxes.map((mailbox) => this.#redis.xrange(mailbox, from, '+', 'COUNT', 200)));
      const open = lists.flat().some(([, fields]) => fields[fields.indexOf('log_ids') + 1] === logId);
      if (!open) return true;
      if (performance.now() + delayMs > deadlineMs) return false;
      await pause(delayMs);
    }
  }
}
