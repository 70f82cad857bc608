/**
 * The stored state of projects, read for people.
 *
 * Owns: reading header and named parts of the orchestrator's state hash. Writes nothing: the commit alone does.
 * Keeps I10: a reader takes the parts it shows, never the whole project.
 */
import type { Redis } from 'ioredis';
import type { Header, Numbered, PartName, PartTypes } from '../../machines/orchestration/parts.ts';
import type { Keys } from '../bus/keys.ts';

export type ProjectStatus =
  | 'CREATED'
  | 'PLANNING'
  | 'IN_PROGRESS'
  | 'AWAITING_INPUT'
  | 'COMPLETED'
  | 'FAILED'
  | 'STOPPED';

export const PROJECT_STATUSES: readonly ProjectStatus[] = [
  'CREATED',
  'PLANNING',
  'IN_PROGRESS',
  'AWAITING_INPUT',
  'COMPLETED',
  'FAILED',
  'STOPPED',
];

/** The machine's state and the small part of a project that every view starts from. */
export interface ProjectHead {
  status: ProjectStatus;
  header: Header;
}

/** Rows and the position to go on from, null at the end. */
export interface Rows<T> {
  rows: T[];
  next: string | null;
}

/** HMGET with more fields than this is split, so that no single command keeps Redis busy. */
const FIELDS_PER_COMMAND = 1_000;

export class ProjectState {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  #hash(projectId: string): string {
    return this.#keys.state('orchestrator', projectId);
  }

  /** Undefined: there is no such project. */
  async head(projectId: string): Promise<ProjectHead | undefined> {
    return parseHead(await this.#redis.hget(this.#hash(projectId), 'snapshot'));
  }

  /** Heads with their descriptions, in the order of the ids; undefined where there is no project. */
  async summaries(projectIds: readonly string[]): Promise<(undefined | (ProjectHead & { description: string }))[]> {
    const pipeline = this.#redis.pipeline();
    for (const id of projectIds) pipeline.hmget(this.#hash(id), 'snapshot', 'description');
    const replies = await run(pipeline);
    return replies.map((reply) => {
      const [snapshot = null, description = null] = reply as (string | null)[];
      const head = parseHead(snapshot);
      return head && { ...head, description: parse<string>(description) ?? '' };
    });
  }

  async part<N extends PartName>(projectId: string, name: N): Promise<PartTypes[N] | undefined> {
    return parse(await this.#redis.hget(this.#hash(projectId), name));
  }

  /** Parts of one project, in the order of the names. */
  async parts<N extends PartName>(projectId: string, names: readonly N[]): Promise<(PartTypes[N] | undefined)[]> {
    const values: (PartTypes[N] | undefined)[] = [];
    for (let from = 0; from < names.length; from += FIELDS_PER_COMMAND) {
      const some = names.slice(from, from + FIELDS_PER_COMMAND);
      for (const text of await this.#redis.hmget(this.#hash(projectId), ...some)) values.push(parse(text));
    }
    return values;
  }

  /** One part of each of several projects. */
  async partOfEach<N extends PartName>(
    wanted: readonly { projectId: string; name: N }[],
  ): Promise<(PartTypes[N] | undefined)[]> {
    const pipeline = this.#redis.pipeline();
    for (const { projectId, name } of wanted) pipeline.hget(this.#hash(projectId), name);
    return (await run(pipeline)).map((text) => parse(text as string | null));
  }

  /** Things of a kind, newest first, as `view` shows them; it leaves out what it gives no view of. */
  async newest<K extends Numbered, T>(
    projectId: string,
    kind: K,
    size: number,
    after: string | undefined,
    limit: number,
    view: (part: PartTypes[`${K}:${string}`]) => T | undefined,
  ): Promise<Rows<T>> {
    const rows: T[] = [];
    let end = after === undefined ? size : Number(after);
    while (end > 0) {
      if (rows.length === limit) return { rows, next: String(end) };
      for (const { part, number } of await this.numbered(projectId, kind, end, limit + 1)) {
        if (rows.length === limit) return { rows, next: String(end) };
        end = number;
        const row = view(part);
        if (row !== undefined) rows.push(row);
      }
    }
    return { rows, next: null };
  }

  /** The `count` things of a kind before number `end`, newest first. */
  async numbered<K extends Numbered>(projectId: string, kind: K, end: number, count: number) {
    const numbers = Array.from({ length: Math.min(end, count) }, (_, i) => end - 1 - i);
    const ids = await this.parts(
      projectId,
      numbers.map((n) => `${kind}_at:${n}` as const),
    );
    const parts = await this.parts(
      projectId,
      ids.map((id) => `${kind}:${id}` as const),
    );
    return numbers.map((number, i) => ({ number, part: parts[i] as PartTypes[`${K}:${string}`] }));
  }
}

/** Results of a pipeline. Throws the first error among them. */
export async function run(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown[]> {
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, value]) => {
    if (error) throw error;
    return value;
  });
}

function parse<T>(text: string | null | undefined): T | undefined {
  return text === null || text === undefined ? undefined : (JSON.parse(text) as T);
}

function parseHead(snapshot: string | null): ProjectHead | undefined {
  const stored = parse<{ value: ProjectStatus; context: Header }>(snapshot);
  return stored && { status: stored.value, header: stored.context };
}
