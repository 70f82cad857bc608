/**
 * Folds a project's log again and compares the result with what is stored.
 *
 * Owns: the fold and the comparison. Publishes nothing and performs no effect. Keeps I8.
 */
import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { canonicalJson } from '../../schemas/canonical.ts';
import type { Envelope } from '../../schemas/types.ts';
import { Instance } from '../bus/instances.ts';
import type { Keys } from '../bus/keys.ts';
import { Fault } from '../errors.ts';
import { firstFields, withLowerCaseIds } from './acceptance.ts';
import { derivesFrom } from './ids.ts';
import { type CompiledActor, closeState, openState, step } from './step.ts';

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

/** The state and how many events have made it, as of one moment: commits go on while we fold. */
const TOGETHER = `#!lua flags=no-writes
return { redis.call('HGETALL', KEYS[1]), redis.call('LLEN', KEYS[2]) }`;
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
  const appliedKey = keys.applied(instanceKey);
  const folded = new Instance();
  const [flat, eventsApplied] = (await redis.eval(
    TOGETHER,
    2,
    keys.state(actor.definition.name, instanceKey),
    appliedKey,
  )) as [string[], number];
  // The state exists from the acceptance of the request on, before the orchestrator has applied anything.
  const [first] = await redis.lrange(keys.timeline(instanceKey), 0, 0);
  const [request] =
    first === undefined ? [] : ((await readLog(redis, keys.log, [first.slice(0, first.indexOf(' '))])) ?? []);
  if (request === undefined) return { status: 'archived' };
  if (request.event_type === 'PROJECT.INITIAL_REQUEST_RECEIVED') folded.written('accepted', firstFields(request));
  for (let from = 0; from < eventsApplied; from += PAGE) {
    const logIds = await redis.lrange(appliedKey, from, Math.min(from + PAGE, eventsApplied) - 1);
    const events = await readLog(redis, keys.log, logIds);
    if (events === null) return { status: 'archived' };
    for (const event of events) fold(actor, folded, event, maxAttempts);
  }
  const stored = asObject(Object.fromEntries(pairs(flat)));
  const replayed = asObject(folded.fields());
  const storedText = canonicalJson(stored);
  const replayedText = canonicalJson(replayed);
  const differences: ReplayDifference[] = [];
  if (storedText !== replayedText) compare('', stored, replayed, differences);
  return {
    status: 'replayed',
    equal: storedText === replayedText,
    eventsApplied,
    storedSha256: hash('sha256', storedText),
    replayedSha256: hash('sha256', replayedText),
    differences,
  };
}

function fold(actor: CompiledActor, instance: Instance, event: Envelope, attempt: number): void {
  const input = { type: event.event_type, event, id: derivesFrom(event), attempt };
  const result = step(actor, openState(actor, instance.snapshot, instance), input);
  if (result.effects.length > 0)
    throw new Fault('INTERNAL_ERROR', `event ${event.event_id} asks for an effect, which a replay cannot answer`);
  if (result.refusal) return;
  const closed = closeState(actor, result.state);
  const fields = ['snapshot', JSON.stringify({ value: closed.value, context: closed.stored })];
  for (const [name, value] of closed.parts) fields.push(name, JSON.stringify(value));
  instance.written('replayed', fields);
}

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

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function compare(path: string, stored: unknown, replayed: unknown, out: ReplayDifference[]): void {
  if (out.length >= MAX_DIFFERENCES) return;
  if (isObject(stored) && isObject(replayed) && Array.isArray(stored) === Array.isArray(replayed)) {
    for (const key of [...new Set([...Object.keys(stored), ...Object.keys(replayed)])].sort()) {
      compare(`${path}/${escaped(key)}`, stored[key], replayed[key], out);
    }
    return;
  }
  if (stored === replayed || canonicalJson(stored ?? null) === canonicalJson(replayed ?? null)) return;
  out.push({ path, stored: stored ?? null, replayed: replayed ?? null });
}
