/**
 * The gate: reads the whole log, lets in what is valid, turns the rest into dead letters.
 *
 * Owns: the order of the checks and their commits. Does not own the schemas. Keeps I1, I2 (a repeated id is acked
 * and dropped) and I11 (one clear dead letter for one bad entry, whatever its bytes).
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { validatorMachine } from '../../machines/validator.ts';
import { GROUPS } from '../../schemas/catalog.ts';
import type { Envelope } from '../../schemas/types.ts';
import type { Validator, Verdict } from '../../schemas/validate.ts';
import type { TurnCommit, TurnReply } from '../bus/commit.ts';
import type { Keys } from '../bus/keys.ts';
import type { Entry } from '../bus/mailbox.ts';
import { Fault } from '../errors.ts';
import { acceptance, isOwnProduct, withLowerCaseIds } from './acceptance.ts';
import { compileChart } from './chart.ts';
import { deadLetterText, type Origin, type Product, product, route, timelineOf } from './products.ts';

export interface GateStats {
  accepted: Map<string, number>;
  duplicate: Map<string, number>;
  rejected: Map<string, number>;
  deadLetters: number;
}

export interface GateOptions {
  keys: Keys;
  mark: string;
  validator: Validator;
  maxEventBytes: number;
  /** Errors of ours that one entry may meet before it becomes a dead letter. */
  maxAttempts: number;
  origin: Origin;
  stats: GateStats;
  /** Commands: re-reading an entry as bytes, acks of marked entries. */
  redis: Redis;
  commit(turn: TurnCommit): Promise<TurnReply>;
  redact(text: string): string;
  read(count: number, inWork: ReadonlySet<string>): Promise<Entry[]>;
  onError(error: unknown): void;
  readCount: number;
}

const GROUP = GROUPS.validator;
const chart = compileChart(validatorMachine);
/** What Redis clients put where bytes are no UTF-8. */
const REPLACEMENT = '\u{FFFD}';
const BASE64 = 'base64:';

/** From this check on the type is known to be in the catalog; before, anybody could make up any number of types. */
const PAYLOAD_CHECK = 6;
const NOTHING = { events: [], mailboxes: [], operations: [] };

const outcomeOf = (type: string): string => chart.transition(chart.initial(), { type }).value;

function count(counts: Map<string, number>, type: string): void {
  counts.set(type, (counts.get(type) ?? 0) + 1);
}

export class Gate {
  readonly #options: GateOptions;
  readonly #inWork = new Set<string>();
  /** Errors that entries still to be judged have met, by entry id. */
  readonly #errors = new Map<string, number>();
  #draining = false;
  #idle: (() => void) | null = null;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { read, readCount } = this.#options;
    while (!this.#draining) {
      const entries = await read(readCount, this.#inWork);
      await this.take(entries);
    }
    this.#idle?.();
  }

  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#inWork.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Handles entries that were read or claimed. */
  async take(entries: readonly Entry[]): Promise<void> {
    const { redis, keys, mark } = this.#options;
    const onError = (error: unknown) => this.#options.onError(error);
    const marked: string[] = [];
    const work: Promise<void>[] = [];
    for (const entry of entries) {
      if (this.#inWork.has(entry.id)) continue;
      const { fields } = entry;
      if (
        fields === null ||
        (fields.length === 4 && fields[0] === 'event' && fields[2] === 'mark' && fields[3] === mark)
      ) {
        marked.push(entry.id);
        continue;
      }
      this.#inWork.add(entry.id);
      work.push(
        this.#judge(entry.id, fields)
          .then(() => void this.#errors.delete(entry.id))
          .catch((error) => this.#failed(entry.id, fields, error))
          .catch(onError)
          .finally(() => this.#inWork.delete(entry.id)),
      );
    }
    if (marked.length > 0) work.push(redis.xack(keys.log, GROUP, ...marked).then(() => {}, onError));
    await Promise.all(work);
  }

  async #judge(id: string, fields: readonly string[]): Promise<void> {
    const { validator, maxEventBytes, stats, commit, keys } = this.#options;
    const raw = await this.#rawFields(id, fields);
    const verdict: Verdict | { ok: false; reason: string } =
      shapeOf(raw) ?? validator.check(raw.get('event') as Buffer | string, { maxEventBytes });
    if (verdict.ok) {
      const { event } = verdict;
      const lowered = withLowerCaseIds(event);
      const own = isOwnProduct(lowered);
      const reply = await commit({
        ...(own ? NOTHING : acceptance(lowered, { logId: id, text: JSON.stringify(lowered) }, keys)),
        deliveries: [this.#delivery(id)],
        deadLetters: [],
      });
      const outcome = outcomeOf(own || reply.verdict === 'DUPLICATE' ? 'entry.repeated' : 'entry.valid');
      count(outcome === 'duplicate' ? stats.duplicate : stats.accepted, event.event_type);
      return;
    }
    await this.#reject(id, raw, verdict as Exclude<Verdict, { ok: true }>);
  }

  /** An error of ours: the entry is judged again, a bounded number of times. */
  async #failed(id: string, fields: readonly string[], error: unknown): Promise<void> {
    const errors = (this.#errors.get(id) ?? 0) + 1;
    this.#errors.set(id, errors);
    if (errors < this.#options.maxAttempts) throw error;
    const raw = await this.#rawFields(id, fields);
    const { message } = Fault.from(error);
    await this.#reject(id, raw, { ok: false, check: 2, reason: `handler_error: ${message}`, ...UNREAD }, errors);
    this.#errors.delete(id);
  }

  async #reject(
    id: string,
    raw: ReadonlyMap<string, Buffer | string>,
    verdict: Exclude<Verdict, { ok: true }>,
    attempts = 1,
  ): Promise<void> {
    const { keys, stats, commit, redact } = this.#options;
    const misdirected = verdict.event ?? null;
    const products = misdirected ? this.#failure(withLowerCaseIds(misdirected), verdict.reason) : [];
    const nowMs = Date.now();
    // Own properties whatever their names are: a field may be called __proto__.
    const fields = Object.fromEntries([...raw].map(([name, value]) => [name, printable(value)]));
    const sha256 = hash('sha256', JSON.stringify(fields));
    const timeline = timelineOf(products, keys);
    const reply = await commit({
      dedupe: { key: keys.rejected(GROUP, sha256), value: 'rejected' },
      deliveries: [this.#delivery(id)],
      events: products.map(({ text }) => text),
      mailboxes: route(products, keys, 'validator'),
      ...(timeline && { timeline }),
      deadLetters: [
        deadLetterText(
          {
            reason: verdict.reason,
            group: GROUP,
            stream: keys.log,
            entryId: id,
            event: verdict.parsed ?? null,
            eventId: verdict.eventId ?? null,
            eventType: verdict.eventType ?? null,
            fields,
            schemaId: verdict.schemaId ?? null,
            attempts: { attempts, firstSeenMs: nowMs, lastSeenMs: nowMs },
          },
          redact,
        ),
      ],
      operations: [],
    });
    const outcome = outcomeOf(
      reply.verdict === 'DUPLICATE' ? 'entry.repeated' : misdirected ? 'entry.misdirected' : 'entry.invalid',
    );
    count(
      outcome === 'duplicate' ? stats.duplicate : stats.rejected,
      verdict.check >= PAYLOAD_CHECK && verdict.eventType ? verdict.eventType : 'unknown',
    );
    if (reply.verdict === 'OK') stats.deadLetters++;
  }

  /** A dispatch to nobody would leave its item waiting for ever. */
  #failure(event: Envelope, reason: string): Product[] {
    if (event.event_type !== 'WORK.ITEM_DISPATCHED') return [];
    const { project_id, backlog_item_id } = event.payload;
    return [
      product(
        { type: 'WORK.ITEM_FAILED', payload: { project_id, backlog_item_id, reason } },
        event,
        0,
        this.#options.origin,
      ),
    ];
  }

  #delivery(entryId: string) {
    return { stream: this.#options.keys.log, group: GROUP, entryId, handling: 'ack' as const };
  }

  /** Fields as text; read again as bytes if they may not be UTF-8. A repeated field name is numbered. */
  async #rawFields(id: string, fields: readonly string[]): Promise<Map<string, Buffer | string>> {
    const raw = new Map<string, Buffer | string>();
    let values: readonly (Buffer | string)[] = fields;
    if (fields.some((field) => field.includes(REPLACEMENT))) {
      const reply = await this.#options.redis.xrangeBuffer(this.#options.keys.log, id, id);
      values = ((reply as unknown as [Buffer, Buffer[]][])[0]?.[1] as Buffer[] | undefined) ?? fields;
    }
    for (let i = 0; i + 1 < values.length; i += 2) {
      const name = printable(textIfUtf8(values[i] as Buffer | string));
      raw.set(raw.has(name) ? `${name} (${i / 2 + 1})` : name, textIfUtf8(values[i + 1] as Buffer | string));
    }
    return raw;
  }
}

const textIfUtf8 = (value: Buffer | string): Buffer | string =>
  typeof value === 'string' || !isUtf8(value) ? value : value.toString('utf8');

const printable = (value: Buffer | string): string =>
  typeof value === 'string' ? value : `${BASE64}${value.toString('base64')}`;

const UNREAD = { schemaId: null, eventId: null, eventType: null, parsed: null, event: null };

/** Check 1: exactly the field `event`. */
function shapeOf(raw: ReadonlyMap<string, unknown>): Exclude<Verdict, { ok: true }> | null {
  if (!raw.has('event')) return { ok: false, check: 2, reason: "missing field 'event'", ...UNREAD };
  for (const name of raw.keys()) {
    if (name !== 'event') return { ok: false, check: 2, reason: `unexpected field '${name.slice(0, 200)}'`, ...UNREAD };
  }
  return null;
}
