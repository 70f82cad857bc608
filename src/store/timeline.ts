/**
 * What happened to a project, in the words of the log.
 *
 * Owns: reading `P:project:{pid}:timeline` (one row per accepted event: log id, type) and the bodies in the log.
 */
import type { Redis } from 'ioredis';
import type { Envelope } from '../../schemas/types.ts';
import type { Keys } from '../bus/keys.ts';
import { type Rows, run } from './project-state.ts';

export interface TimelineEvent {
  log_id: string;
  event: Envelope;
}

interface TimelineRow {
  /** Place in the list, from 0; the list only grows, so places stay. */
  place: number;
  logId: string;
  type: string;
}

const CHUNK = 500;
/** How far back the products of a command are looked for: more than any project gets in the time it waited. */
const PRODUCTS_CHUNKS = 20;

export class Timeline {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** `type`: exact, or a prefix ending in `.*`. Events whose bodies were archived are left out. */
  async events(
    projectId: string,
    { type, newestFirst }: { type?: string | undefined; newestFirst: boolean },
    after: string | undefined,
    limit: number,
  ): Promise<Rows<TimelineEvent>> {
    const length = await this.#redis.llen(this.#keys.timeline(projectId));
    const matches = typeMatcher(type === undefined ? [] : [type]);
    const found: TimelineRow[] = [];
    let next: string | null = null;
    let place = after === undefined ? (newestFirst ? length - 1 : 0) : Number(after);
    while (next === null && place >= 0 && place < length) {
      const rows = await this.#rows(projectId, place, newestFirst ? -1 : 1);
      if (rows.length === 0) break;
      for (const row of rows) {
        if (!matches(row.type)) continue;
        if (found.length === limit) {
          next = String(row.place);
          break;
        }
        found.push(row);
      }
      place += newestFirst ? -rows.length : rows.length;
    }
    const bodies = await this.#bodies(found.map(({ logId }) => logId));
    return { rows: bodies.filter((body) => body !== undefined), next };
  }

  /** The events caused by event `causeId` that are of one of `types`, as far as they are among the newest. */
  async productsOf(projectId: string, causeId: string, types: readonly string[]): Promise<Envelope[]> {
    let place = (await this.#redis.llen(this.#keys.timeline(projectId))) - 1;
    for (let chunk = 0; chunk < PRODUCTS_CHUNKS && place >= 0; chunk++) {
      const rows = await this.#rows(projectId, place, -1);
      const bodies = await this.#bodies(rows.filter((row) => types.includes(row.type)).map(({ logId }) => logId));
      const products = bodies.flatMap((body) => (body?.event.causation_id === causeId ? [body.event] : []));
      // They were appended together, so they are next to each other.
      if (products.length > 0) return products.reverse();
      place -= rows.length;
    }
    return [];
  }

  /** Whether the orchestrator applied the event of this log entry: it changed the project. */
  async isApplied(projectId: string, logId: string): Promise<boolean> {
    const place = await this.#redis.lpos(
      this.#keys.applied(projectId),
      logId,
      'RANK',
      -1,
      'MAXLEN',
      CHUNK * PRODUCTS_CHUNKS,
    );
    return place !== null;
  }

  /** Up to a chunk of rows from `place` on, in the direction of `step`. */
  async #rows(projectId: string, place: number, step: 1 | -1): Promise<TimelineRow[]> {
    const first = step === 1 ? place : Math.max(0, place - CHUNK + 1);
    const last = step === 1 ? place + CHUNK - 1 : place;
    const texts = await this.#redis.lrange(this.#keys.timeline(projectId), first, last);
    const rows = texts.map((text, index) => {
      const [logId = '', type = ''] = text.split(' ', 2);
      return { place: first + index, logId, type };
    });
    return step === 1 ? rows : rows.reverse();
  }

  async #bodies(logIds: readonly string[]): Promise<(TimelineEvent | undefined)[]> {
    const pipeline = this.#redis.pipeline();
    for (const id of logIds) pipeline.xrange(this.#keys.log, id, id);
    const replies = (await run(pipeline)) as [id: string, fields: string[]][][];
    return replies.map(([entry]) => {
      if (!entry) return undefined;
      const [log_id, fields] = entry;
      return { log_id, event: JSON.parse(fieldOf(fields, 'event') ?? 'null') as Envelope };
    });
  }
}

/** The value of a stream entry's field. */
export function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}

/** Whether an event type is one of `types`, each exact or a prefix ending in `.*`; none = every type. */
export function typeMatcher(types: readonly string[]): (type: string) => boolean {
  if (types.length === 0) return () => true;
  const exact = new Set(types);
  const prefixes = types.filter((type) => type.endsWith('.*')).map((type) => type.slice(0, -1));
  return (type) => exact.has(type) || prefixes.some((prefix) => type.startsWith(prefix));
}
