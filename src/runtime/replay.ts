/**
 * Folds a project's log again and compares the result with what is stored.
 *
 * Owns: the fold and the comparison. Publishes nothing and performs no effect: what effects had come to is read from
 * the events that followed from it. Keeps I8.
 */
import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { EffectRequest } from '../../machines/kit.ts';
import { canonicalJson } from '../../schemas/canonical.ts';
import { pointerPart } from '../../schemas/json.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import { Instance } from '../bus/instances.ts';
import { answeredEntry, type Keys } from '../bus/keys.ts';
import { Fault } from '../errors.ts';
import { firstFields, withLowerCaseIds } from './acceptance.ts';
import { deriveId, derivesFrom } from './ids.ts';
import { type CompiledActor, closeState, fieldsOf, openState, step } from './step.ts';

export interface ReplayDifference {
  /** JSON pointer. */
  path: string;
  stored: unknown;
  replayed: unknown;
}

/** `archived`: the log no longer reaches back to the instance's start. */
export type ReplayOutcome =
  | { status: 'archived' }
  | {
      status: 'replayed';
      equal: boolean;
      eventsApplied: number;
      storedSha256: string;
      replayedSha256: string;
      differences: readonly ReplayDifference[];
    };

/** The state, what has made it and what was told of it, as of one moment: commits go on while we fold. */
const TOGETHER = `#!lua flags=no-writes
return { redis.call('HGETALL', KEYS[1]), redis.call('LLEN', KEYS[2]), redis.call('LLEN', KEYS[3]) }`;
const PAGE = 500;
const MAX_DIFFERENCES = 100;
/** The hash's own bookkeeping, no state. */
const BOOKKEEPING = new Set(['nonce', 'updated_at']);

/** @param maxAttempts an applied event had whatever tries it needed, so it is folded as on its last. */
export async function replay(
  redis: Redis,
  keys: Keys,
  actor: CompiledActor,
  instanceKey: string,
  maxAttempts: number,
): Promise<ReplayOutcome> {
  const names = [
    keys.state(actor.definition.name, instanceKey),
    keys.applied(instanceKey),
    keys.timeline(instanceKey),
  ] as const;
  const [flat, entries, told] = (await redis.eval(TOGETHER, names.length, ...names)) as [string[], number, number];
  // The state exists from the acceptance of the request on, before the orchestrator has applied anything.
  const [first] = await redis.lrange(keys.timeline(instanceKey), 0, 0);
  const [request] = first === undefined ? [] : ((await readLog(redis, keys.log, [logIdOf(first)])) ?? []);
  if (request === undefined) return { status: 'archived' };
  const folding = new Folding(redis, keys, actor, instanceKey, { maxAttempts, told });
  if (request.event_type === 'PROJECT.INITIAL_REQUEST_RECEIVED') folding.accept(request);
  for (let from = 0; from < entries; from += PAGE) {
    const page = await redis.lrange(keys.applied(instanceKey), from, Math.min(from + PAGE, entries) - 1);
    const events = await readLog(redis, keys.log, page.map(logIdOf));
    if (events === null) return { status: 'archived' };
    for (const [index, event] of events.entries()) {
      if (!(await folding.apply(page[index] as string, event))) return { status: 'archived' };
    }
  }
  const stored = asObject(Object.fromEntries(pairs(flat)));
  const replayed = asObject(folding.instance.fields());
  const storedText = canonicalJson(stored);
  const replayedText = canonicalJson(replayed);
  const differences: ReplayDifference[] = [];
  if (storedText !== replayedText) compare('', stored, replayed, differences);
  return {
    status: 'replayed',
    equal: storedText === replayedText,
    eventsApplied: folding.eventsApplied,
    storedSha256: hash('sha256', storedText),
    replayedSha256: hash('sha256', replayedText),
    differences,
  };
}

class Folding {
  readonly instance = new Instance();
  eventsApplied = 0;
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #actor: CompiledActor;
  readonly #instanceKey: string;
  readonly #maxAttempts: number;
  /** Rows of the timeline that belong to the state. */
  readonly #told: number;

  constructor(
    redis: Redis,
    keys: Keys,
    actor: CompiledActor,
    instanceKey: string,
    { maxAttempts, told }: { maxAttempts: number; told: number },
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#actor = actor;
    this.#instanceKey = instanceKey;
    this.#maxAttempts = maxAttempts;
    this.#told = told;
  }

  accept(request: Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>): void {
    this.instance.written('accepted', firstFields(request));
  }

  /**
   * Applies one entry of the applied list. An effect is answered with its event, unless the list says that the answer
   * came later; then the event asks again there, as it has done.
   * @returns false if the log no longer holds what is needed
   */
  async apply(entry: string, event: Envelope): Promise<boolean> {
    const logId = logIdOf(entry);
    const later = entry === answeredEntry(logId);
    if (!later) this.eventsApplied++;
    const id = derivesFrom(event);
    const input = { type: event.event_type, event, id, attempt: this.#maxAttempts, replayed: true };
    const queue = [...this.#step(input)];
    if (queue.length === 0) return true;
    const applied = this.#keys.applied(this.#instanceKey);
    if (!later && (await this.#redis.lpos(applied, answeredEntry(logId))) !== null) return true;
    for (let asked = queue.shift(); asked; asked = queue.shift()) {
      const { name } = asked;
      const readBack = this.#actor.definition.readBack?.[name];
      if (!readBack) throw new Fault('INTERNAL_ERROR', `what the effect '${name}' came to cannot be read back`);
      const products = await this.#productsOf(event, readBack.from);
      if (products === null) return false;
      const output = readBack.outcome(products, id);
      if (output !== undefined) queue.push(...this.#step({ type: `${name}.done`, output, event, id }));
    }
    return true;
  }

  #step(input: { type: string } & Record<string, unknown>): readonly EffectRequest[] {
    const { instance } = this;
    const result = step(this.#actor, openState(this.#actor, instance.snapshot, instance), input);
    if (result.refusal) return [];
    instance.written('replayed', fieldsOf(closeState(this.#actor, result.state)));
    return result.effects;
  }

  /** The products of the event that are of one type, in order; null if the log no longer holds them. */
  async #productsOf(cause: Envelope, type: EventType): Promise<Envelope[] | null> {
    const products: Envelope[] = [];
    for (let from = 0; from < this.#told; from += PAGE) {
      const last = Math.min(from + PAGE, this.#told) - 1;
      const rows = await this.#redis.lrange(this.#keys.timeline(this.#instanceKey), from, last);
      const ofType = rows.filter((row) => row.endsWith(` ${type}`));
      const events = await readLog(this.#redis, this.#keys.log, ofType.map(logIdOf));
      if (events === null) return null;
      for (const event of events) {
        // Anybody can add an event that claims this cause, but not under this id.
        if (event.event_id === deriveId(cause.event_id, type, products.length)) products.push(event);
      }
    }
    return products;
  }
}

/** Of an entry of the timeline or of the applied list: what stands before its first blank. */
const logIdOf = (entry: string): string => entry.split(' ', 1)[0] as string;

async function readLog(redis: Redis, log: string, logIds: readonly string[]): Promise<Envelope[] | null> {
  const pipeline = redis.pipeline();
  for (const id of logIds) pipeline.xrange(log, id, id);
  const events: Envelope[] = [];
  for (const [error, rows] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    const fields = (rows as [string, string[]][])[0]?.[1];
    if (!fields) return null;
    events.push(withLowerCaseIds(JSON.parse(fields[fields.indexOf('event') + 1] as string) as Envelope));
  }
  return events;
}

function* pairs(flat: readonly string[]): Iterable<[string, string]> {
  for (let i = 0; i < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as string];
}

function asObject(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const parsed: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(fields)) if (!BOOKKEEPING.has(name)) parsed[name] = JSON.parse(text);
  return parsed;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function compare(path: string, stored: unknown, replayed: unknown, out: ReplayDifference[]): void {
  if (out.length >= MAX_DIFFERENCES) return;
  if (isObject(stored) && isObject(replayed) && Array.isArray(stored) === Array.isArray(replayed)) {
    for (const key of [...new Set([...Object.keys(stored), ...Object.keys(replayed)])].sort()) {
      compare(`${path}/${pointerPart(key)}`, stored[key], replayed[key], out);
    }
    return;
  }
  if (stored === replayed || canonicalJson(stored ?? null) === canonicalJson(replayed ?? null)) return;
  out.push({ path, stored: stored ?? null, replayed: replayed ?? null });
}
