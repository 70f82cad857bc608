/**
 * What a turn gives to the outside: envelopes, the mailboxes they go to, dead letters, parked retries.
 *
 * Owns: the text of an envelope, the routing of products, and the shape of a dead letter. Pure but for the clock
 * and nothing here talks to Redis.
 */
import type { Emission } from '../../machines/kit.ts';
import { instanceKeyFor, projectIdOf, rolesFor } from '../../schemas/catalog.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { MailboxEntry, Operation } from '../bus/commit.ts';
import type { Keys } from '../bus/keys.ts';
import { deriveId } from './ids.ts';

export interface Product {
  event: Envelope;
  text: string;
}

/** Who builds events: a role and the process and thread it runs in. */
export interface Origin {
  source: string;
  instance: string;
}

let lastMs = 0;
let lastIso = '';
/** Now as RFC 3339 with milliseconds; the text is reused within one millisecond. */
export function nowIso(): string {
  const nowMs = Date.now();
  if (nowMs !== lastMs) {
    lastMs = nowMs;
    lastIso = new Date(nowMs).toISOString();
  }
  return lastIso;
}

/** The product of `cause`: its id is derived, so a turn that runs again makes the same event. */
export function product(emission: Emission, cause: Envelope, ordinal: number, origin: Origin): Product {
  const event_id = deriveId(cause.event_id, emission.type, ordinal);
  return envelope(emission, {
    event_id,
    correlation_id: cause.correlation_id,
    causation_id: cause.event_id,
    ...origin,
  });
}

export function envelope(
  emission: Emission,
  header: { event_id: string; correlation_id: string; causation_id: string | null } & Origin,
): Product {
  const timestamp = nowIso();
  const causation = header.causation_id === null ? 'null' : `"${header.causation_id}"`;
  const text =
    `{"event_id":"${header.event_id}","event_type":"${emission.type}","event_version":1,"timestamp":"${timestamp}",` +
    `"source":${JSON.stringify(header.source)},"instance":${JSON.stringify(header.instance)},` +
    `"correlation_id":"${header.correlation_id}","causation_id":${causation},"payload":${JSON.stringify(emission.payload)}}`;
  const event = {
    event_id: header.event_id,
    event_type: emission.type,
    event_version: 1,
    timestamp,
    source: header.source,
    instance: header.instance,
    correlation_id: header.correlation_id,
    causation_id: header.causation_id,
    payload: emission.payload,
  } as Envelope;
  return { event, text };
}

/** Numbers the products of one cause by type, over all steps of a turn. */
export class Ordinals {
  readonly #next = new Map<string, number>();
  next(causeId: string, type: EventType): number {
    const key = `${causeId}${type}`;
    const ordinal = this.#next.get(key) ?? 0;
    this.#next.set(key, ordinal + 1);
    return ordinal;
  }
}

/**
 * Mailbox entries for products: one per receiving instance, so that what belongs together arrives together.
 * A role is not sent its own products: it knows what it has done.
 */
export function route(products: readonly Product[], keys: Keys, ownRole: string): MailboxEntry[] {
  const bundles = new Map<string, { mailbox: string; ordinals: number[] }>();
  for (let ordinal = 0; ordinal < products.length; ordinal++) {
    const { event } = products[ordinal] as Product;
    for (const role of rolesFor(event)) {
      if (role === ownRole) continue;
      const instance = instanceKeyFor(role, event);
      const key = `${role} ${instance}`;
      const bundle = bundles.get(key);
      if (bundle) bundle.ordinals.push(ordinal);
      else bundles.set(key, { mailbox: keys.mailbox(role), ordinals: [ordinal] });
    }
  }
  return [...bundles.values()];
}

/** The timeline that the products belong to; all events of one turn are about one project. */
export function timelineOf(products: readonly Product[], keys: Keys): { key: string; types: string[] } | undefined {
  const first = products[0];
  const projectId = first && projectIdOf(first.event);
  if (!projectId) return undefined;
  return { key: keys.timeline(projectId), types: products.map(({ event }) => event.event_type) };
}

/** How often an event has been tried, kept with the delivery. */
export interface Attempts {
  attempts: number;
  firstSeenMs: number;
  lastSeenMs: number;
  /** Its effect was at work when a thread died, and from then on runs with no other such effect beside it. */
  alone?: boolean;
}

export interface DeadLetter {
  reason: string;
  group: string;
  stream: string;
  entryId: string;
  event: object | null;
  eventId: string | null;
  eventType: string | null;
  fields: Record<string, string>;
  schemaId?: string | null;
  attempts: Attempts;
  error?: { name: string; message: string; stack?: string } | null;
}

const STACK_MAX_CHARACTERS = 4_000;

/** JSON text of a dead letter with all keys present. `redact` removes secrets from what an error says. */
export function deadLetterText(letter: DeadLetter, redact: (text: string) => string): string {
  return JSON.stringify({
    timestamp: nowIso(),
    event_id: letter.eventId,
    event_type: letter.eventType,
    reason: redact(letter.reason),
    schema_id: letter.schemaId ?? null,
    consumer_group: letter.group,
    attempts: letter.attempts.attempts,
    first_seen_at: new Date(letter.attempts.firstSeenMs).toISOString(),
    last_seen_at: new Date(letter.attempts.lastSeenMs).toISOString(),
    error_class: letter.error?.name ?? null,
    error_message: letter.error ? redact(letter.error.message) : null,
    stack_trace: letter.error?.stack ? redact(letter.error.stack).slice(0, STACK_MAX_CHARACTERS) : null,
    original_event: letter.event,
    original_fields: letter.fields,
    source_stream: letter.stream,
    source_entry_id: letter.entryId,
  });
}

/** Full-jitter back-off before attempt `attempts + 1`, ms. `random` in [0, 1). */
export function backOffMs(attempts: number, baseMs: number, maxMs: number, random: number): number {
  return Math.floor(random * Math.min(maxMs, baseMs * 2 ** Math.min(attempts - 1, 30)));
}

/** Fields of a timer that puts a delivery back into its mailbox; stored until it is due. */
export function parkOperations(
  keys: Keys,
  timer: {
    id: string;
    dueMs: number;
    role: string;
    events: string;
    logIds: string;
    attempts: Attempts;
    instance: string;
  },
): Operation[] {
  return [
    [
      'HSET',
      keys.timer(timer.id),
      'role',
      timer.role,
      'instance',
      timer.instance,
      'events',
      timer.events,
      'log_ids',
      timer.logIds,
      'attempts',
      JSON.stringify(timer.attempts),
    ],
    ['ZADD', keys.timers, String(timer.dueMs), timer.id],
  ];
}
