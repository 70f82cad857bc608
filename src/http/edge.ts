/**
 * How a request becomes an event.
 *
 * Owns: the envelope of what this process sends in, and the answer when it cannot be taken. Does not own the commit.
 */

import { MAX_NESTING, nestsDeeperThan } from '../../schemas/json.ts';
import type { Envelope, EventType, Payloads } from '../../schemas/types.ts';
import { tooLarge, unavailable } from './errors.ts';
import type { Published, Publisher } from './ports.ts';

export interface EdgeOptions {
  publisher: Publisher;
  /** Service name, the `source` of its events. */
  source: string;
  /** Process and thread, `<INSTANCE_ID>/<thread>`. */
  instance: string;
  maxEventBytes: number;
  /** How long a command waits to be applied. */
  waitMs: number;
}

export interface Submitted {
  /** Whom it concerns has handled it; false: it will. */
  applied: boolean;
  /** Null when the event had been accepted before. */
  logId: string | null;
}

/** Redis not answering for this long is answered with 503. The event may still get in: ids make a repeat safe. */
const GIVE_UP_MS = 4_000;

export class Edge {
  readonly #options: EdgeOptions;

  constructor(options: EdgeOptions) {
    this.#options = options;
  }

  envelope<T extends EventType>(
    type: T,
    payload: Payloads[T],
    ids: { eventId: string; correlationId: string; causationId?: string | null },
  ): Envelope {
    const { source, instance } = this.#options;
    return {
      event_id: ids.eventId,
      event_type: type,
      event_version: 1,
      timestamp: new Date().toISOString(),
      source,
      instance,
      correlation_id: ids.correlationId,
      causation_id: ids.causationId ?? null,
      payload,
    } as Envelope;
  }

  /** Throws 413 for what no event can hold, 503 when Redis does not take it. */
  async publish(event: Envelope, onlyTo?: string): Promise<Published> {
    const { publisher, maxEventBytes } = this.#options;
    const text = JSON.stringify(event);
    if (Buffer.byteLength(text) > maxEventBytes) {
      throw tooLarge(`The request makes an event of more than ${maxEventBytes} bytes.`);
    }
    if (nestsDeeperThan(text, MAX_NESTING)) throw tooLarge(`The request is nested deeper than an event may be.`);
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(unavailable('The store does not answer at the moment.')), GIVE_UP_MS);
    });
    try {
      return await Promise.race([publisher.publish(event, onlyTo === undefined ? {} : { onlyTo }), givenUp]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Publishes a command and waits until whom it concerns has handled it. */
  async submit(event: Envelope): Promise<Submitted> {
    const { publisher, waitMs } = this.#options;
    const { logId } = await this.publish(event);
    if (logId === null) return { applied: true, logId };
    return { applied: await publisher.waitApplied(event, waitMs), logId };
  }
}
