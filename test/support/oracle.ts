/**
 * What must be true of a namespace when its work has come to rest, read from Redis alone.
 *
 * Owns: the checks of I1 (nothing is left behind), I2 (nothing twice), I8 (state = replay), I9 (nothing leaks), and
 * that every event ever emitted is valid. A finding says what is wrong with which key or event; none is what tests want.
 */
import type { Redis } from 'ioredis';
import type { Header } from '../../machines/orchestration/parts.ts';
import { GROUPS, projectIdOf, ROLES } from '../../schemas/catalog.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import type { Keys } from '../../src/bus/keys.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { replay } from '../../src/runtime/replay.ts';
import type { CompiledActor } from '../../src/runtime/step.ts';
import { auditRuns } from './run-oracle.ts';

export interface Logged {
  id: string;
  event: Envelope;
  /** Appended by a commit of the platform, so it was valid and is accepted. */
  marked: boolean;
}

/** Everything in the log that is an event. */
export async function readLog(redis: Redis, keys: Keys): Promise<Logged[]> {
  const logged: Logged[] = [];
  for (let from = '-'; ; ) {
    const page = await redis.xrange(keys.log, from, '+', 'COUNT', 1000);
    for (const [id, fields] of page) {
      const event = asEvent(fields[fields.indexOf('event') + 1] ?? '');
      if (event) logged.push({ id, event, marked: fields[2] === 'mark' });
    }
    if (page.length < 1000) return logged;
    from = `(${page.at(-1)?.[0]}`;
  }
}

function asEvent(text: string): Envelope | null {
  try {
    const value = JSON.parse(text) as Envelope | null;
    return typeof value === 'object' && value !== null && typeof value.event_id === 'string' ? value : null;
  } catch {
    return null;
  }
}

export interface DeadLetterRead {
  id: string;
  reason: string;
  consumer_group: string;
  event_id: string | null;
  event_type: string | null;
  attempts: number;
  error_class: string | null;
  error_message: string | null;
  original_event: Envelope | null;
  original_fields: Record<string, string>;
  source_entry_id: string;
}

export async function readDeadLetters(redis: Redis, keys: Keys): Promise<DeadLetterRead[]> {
  const entries = await redis.xrange(keys.deadLetters, '-', '+');
  return entries.map(([id, fields]) => ({ ...JSON.parse(fields[1] as string), id }));
}

/** Deliveries nobody has finished yet, timers not yet fired, and whether the gate has not read all: nothing at rest. */
export async function openWork(redis: Redis, keys: Keys): Promise<Record<string, number>> {
  const mailboxes = ROLES.filter((role) => role !== 'validator').map((role) => ({
    stream: keys.mailbox(role),
    group: GROUPS[role] as string,
  }));
  const streams = [{ stream: keys.log, group: GROUPS.validator as string }, ...mailboxes];
  // At one instant: an event on its way from one mailbox to the next must not be missed in both.
  const instant = redis.multi();
  for (const { stream } of streams) instant.xinfo('GROUPS', stream).xlen(stream);
  instant.xrevrange(keys.log, '+', '-', 'COUNT', 1).zcard(keys.timers);
  const replies = ((await instant.exec()) ?? []).map(([error, reply]) => (error ? null : reply));
  const open: Record<string, number> = {};
  const count = (what: string, number: number) => {
    if (number > 0) open[what] = number;
  };
  for (const [i, { stream, group }] of streams.entries()) {
    const rows = (replies[2 * i] ?? []) as unknown[][];
    const row = rows.find((candidate) => candidate[candidate.indexOf('name') + 1] === group);
    // A mailbox that no role of this build reads keeps what it was given.
    if (!row) continue;
    const of = (name: string) => row[row.indexOf(name) + 1];
    count(`${stream} pending`, Number(of('pending')));
    if (stream !== keys.log) count(`${stream} entries`, Number(replies[2 * i + 1]));
    else {
      // Redis does not always know the lag of a group.
      const [last] = (replies.at(-2) as [string, string[]][]).map(([id]) => id);
      if (last !== undefined && last !== of('last-delivered-id')) count(`${stream} unread`, 1);
    }
  }
  count(keys.timers, Number(replies.at(-1)));
  return open;
}

export interface Audited {
  redis: Redis;
  keys: Keys;
  orchestrator: CompiledActor<never>;
  maxAttempts: number;
}

const FINAL = new Set(['COMPLETED', 'FAILED', 'STOPPED']);
const ENDINGS = new Set<EventType>(['PROJECT.COMPLETED', 'PROJECT.FAILED', 'PROJECT.STOPPED']);
const SETTLED = new Set<EventType>(['WORK.ITEM_COMPLETED', 'WORK.ITEM_FAILED', 'CLARIFICATION.NEEDED']);

/** All findings. `running`: projects that are meant not to have ended. */
export async function findings(audited: Audited, { running = 0 }: { running?: number } = {}): Promise<string[]> {
  const { redis, keys } = audited;
  const found: string[] = [];
  for (const [what, count] of Object.entries(await openWork(redis, keys))) found.push(`${count} ${what}`);
  for (const key of await keysOf(redis, keys.timer('*'))) found.push(`timer row without a timer: ${key}`);
  const log = await readLog(redis, keys);
  found.push(...emittedAsTheyMust(log), ...settledOnce(log));
  const statuses = await projects(audited, found, log);
  const unfinished = statuses.filter((status) => !FINAL.has(status)).length;
  if (unfinished !== running) found.push(`${unfinished} projects have not ended, ${running} should not have`);
  found.push(...(await countersOff(redis, keys)), ...(await auditRuns(redis, keys, log)));
  return found;
}

/** Every marked event is valid, unique, and a product whose id, cause and correlation are right. */
function emittedAsTheyMust(log: readonly Logged[]): string[] {
  const found: string[] = [];
  const validator = createValidator();
  const byId = new Map<string, Envelope>();
  const marked = new Map<string, string>();
  for (const { event } of log)
    if (!byId.has(event.event_id.toLowerCase())) byId.set(event.event_id.toLowerCase(), event);
  const products = new Map<string, string[]>();
  for (const { id, event, marked: own } of log) {
    if (!own) continue;
    const { event_id, event_type, event_version, payload, causation_id } = event;
    const wrong =
      validator.checkEnvelope(event) ??
      validator.checkPayload(event_type, event_version, payload) ??
      validator.checkTarget(event);
    if (wrong) found.push(`${id} ${event_type}: ${wrong.reason}`);
    if (marked.has(event_id)) found.push(`${event_type} ${event_id} was emitted twice: ${marked.get(event_id)}, ${id}`);
    marked.set(event_id, id);
    if (causation_id === null) continue;
    const cause = byId.get(causation_id);
    if (!cause) found.push(`${event_type} ${event_id} has a cause that is not in the log`);
    else if (cause.correlation_id.toLowerCase() !== event.correlation_id)
      found.push(`${event_type} ${event_id} left its correlation`);
    const kind = `${event.source} ${causation_id} ${event_type}`;
    const siblings = products.get(kind);
    if (siblings) siblings.push(event_id);
    else products.set(kind, [event_id]);
  }
  for (const [kind, ids] of products) {
    const [, cause, type] = kind.split(' ') as [string, string, string];
    const expected = new Set(ids.map((_, ordinal) => deriveId(cause, type, ordinal)));
    if (!ids.every((id) => expected.has(id))) found.push(`products are not numbered from 0: ${kind}`);
  }
  return found;
}

/** A dispatch is settled exactly once, by whoever it was sent to. */
function settledOnce(log: readonly Logged[]): string[] {
  const results = new Map<string, number>();
  const completions = new Map<string, number>();
  for (const { event, marked } of log) {
    if (!marked || event.causation_id === null || !SETTLED.has(event.event_type)) continue;
    if (event.source !== 'orchestrator') results.set(event.causation_id, (results.get(event.causation_id) ?? 0) + 1);
    if (event.event_type === 'WORK.ITEM_COMPLETED') {
      const key = `${event.payload.backlog_item_id} by ${event.causation_id}`;
      completions.set(key, (completions.get(key) ?? 0) + 1);
    }
  }
  const found: string[] = [];
  for (const { event, marked } of log) {
    if (!marked || event.event_type !== 'WORK.ITEM_DISPATCHED') continue;
    const settled = results.get(event.event_id) ?? 0;
    if (settled > 1) found.push(`dispatch ${event.event_id} was settled ${settled} times`);
  }
  for (const [key, count] of completions) if (count > 1) found.push(`item ${key} was completed ${count} times`);
  return found;
}

/** Per project: replay, timeline, applied list, endings, lists by status. Returns the statuses. */
async function projects(audited: Audited, found: string[], log: readonly Logged[]): Promise<string[]> {
  const { redis, keys, orchestrator, maxAttempts } = audited;
  const statuses: string[] = [];
  const of = new Map<string, Logged[]>();
  for (const logged of log) {
    const projectId = logged.marked ? projectIdOf(logged.event) : null;
    if (projectId === null) continue;
    const events = of.get(projectId);
    if (events) events.push(logged);
    else of.set(projectId, [logged]);
  }
  const listed = new Map<string, string[]>();
  for (const status of [...FINAL, 'CREATED', 'PLANNING', 'IN_PROGRESS', 'AWAITING_INPUT']) {
    for (const id of await redis.zrange(keys.under(`projects:status:${status}`), '0', '-1')) {
      listed.set(id, [...(listed.get(id) ?? []), status]);
    }
  }
  for (const id of await redis.zrange(keys.under('projects:all'), '0', '-1')) {
    const snapshot = await redis.hget(keys.state('orchestrator', id), 'snapshot');
    const { value, context } = JSON.parse(snapshot as string) as { value: string; context: Header };
    statuses.push(value);
    if (String(listed.get(id)) !== value)
      found.push(`project ${id} is ${value} and listed as ${String(listed.get(id))}`);
    const { counts } = context;
    if (FINAL.has(value) && counts.done + counts.failed !== counts.total)
      found.push(`project ${id} ended with open items`);
    const replayed = await replay(redis, keys, orchestrator as CompiledActor, id, maxAttempts);
    if (replayed.status !== 'replayed') found.push(`project ${id} cannot be replayed`);
    else if (!replayed.equal)
      found.push(`project ${id}: replay differs: ${JSON.stringify(replayed.differences.slice(0, 3))}`);
    const applied = await redis.lrange(keys.applied(id), 0, -1);
    if (new Set(applied).size !== applied.length) found.push(`project ${id} applied an event twice`);
    const timeline = await redis.lrange(keys.timeline(id), 0, -1);
    const told = new Set(timeline);
    if (told.size !== timeline.length) found.push(`project ${id} tells an event twice`);
    const mine = of.get(id) ?? [];
    for (const { id: logId, event } of mine) {
      if (!told.has(`${logId} ${event.event_type}`))
        found.push(`project ${id} does not tell of ${event.event_type} ${logId}`);
    }
    const endings = mine.filter(({ event }) => ENDINGS.has(event.event_type)).map(({ event }) => event.event_type);
    if (endings.length !== (FINAL.has(value) ? 1 : 0))
      found.push(`project ${id} is ${value} and has the endings ${endings.join(', ')}`);
    if (FINAL.has(value)) {
      for (const list of ['questions', 'approvals']) {
        const open = await redis.zrange(keys.under(`${list}:OPEN`), '0', '-1');
        if (open.some((member) => member.startsWith(id))) found.push(`project ${id} has ended and has open ${list}`);
      }
    }
  }
  return statuses;
}

/** The counters of machine states say how many instances are in each. */
async function countersOff(redis: Redis, keys: Keys): Promise<string[]> {
  const found: string[] = [];
  for (const role of ROLES) {
    const counters = await redis.hgetall(keys.actor(role));
    const actual = new Map<string, number>();
    for (const key of await keysOf(redis, keys.state(role, '*'))) {
      const snapshot = await redis.hget(key, 'snapshot');
      if (snapshot === null) continue;
      const { value } = JSON.parse(snapshot) as { value: string };
      actual.set(value, (actual.get(value) ?? 0) + 1);
    }
    for (const [name, count] of Object.entries(counters)) {
      if (!name.startsWith('state:')) continue;
      const state = name.slice('state:'.length);
      if (Number(count) !== (actual.get(state) ?? 0))
        found.push(`${role} counts ${count} in ${state}, there are ${actual.get(state) ?? 0}`);
    }
  }
  return found;
}

async function keysOf(redis: Redis, pattern: string): Promise<string[]> {
  const all: string[] = [];
  for (let cursor = '0'; ; ) {
    const [next, page] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    all.push(...page);
    cursor = next;
    if (cursor === '0') return all;
  }
}
