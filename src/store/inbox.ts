/**
 * What waits for a person: questions and approvals, over all projects or of one.
 *
 * Owns: finding them by id, and their lists by status. Reads the parts of the orchestrator's state.
 */
import type { Redis } from 'ioredis';
import type { ApprovalPart, QuestionPart } from '../../machines/orchestration/parts.ts';
import type { Keys } from '../bus/keys.ts';
import { type ProjectHead, ProjectState, type Rows } from './project-state.ts';
import { formatRanked, newestRanked, parseRanked } from './ranked.ts';

interface Kinds {
  question: QuestionPart;
  approval: ApprovalPart;
}

const STATUSES = {
  question: ['OPEN', 'CLOSED'],
  approval: ['OPEN', 'APPROVED', 'REJECTED', 'CANCELED'],
} as const;

/** One of the two lists; `ALL` takes every status. */
export class Inbox<K extends keyof Kinds> {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #state: ProjectState;
  readonly #kind: K;

  constructor(kind: K, redis: Redis, keys: Keys) {
    this.#kind = kind;
    this.#redis = redis;
    this.#keys = keys;
    this.#state = new ProjectState(redis, keys);
  }

  #set(status: string): string {
    return this.#keys.under(`${this.#kind}s:${status}`);
  }

  countOpen(): Promise<number> {
    return this.#redis.zcard(this.#set('OPEN'));
  }

  async find(id: string): Promise<Kinds[K] | undefined> {
    const projectId = await this.#redis.hget(this.#keys.under(`${this.#kind}s:index`), id);
    if (projectId === null) return undefined;
    return (await this.#state.part(projectId, `${this.#kind}:${id}`)) as Kinds[K] | undefined;
  }

  /** Of all projects, newest first. */
  async list(status: string, after: string | undefined, limit: number): Promise<Rows<Kinds[K]>> {
    const statuses = status === 'ALL' ? STATUSES[this.#kind] : [status];
    const sets = statuses.map((each) => this.#set(each));
    const rows: Kinds[K][] = [];
    let position = after === undefined ? undefined : parseRanked(after);
    for (;;) {
      const count = limit + 1 - rows.length;
      const ranked = await newestRanked(this.#redis, sets, position, count);
      const parts = await this.#state.partOfEach(
        ranked.map(({ member }) => {
          const [projectId = '', id = ''] = member.split(':');
          return { projectId, name: `${this.#kind}:${id}` as const };
        }),
      );
      for (const [index, part] of (parts as (Kinds[K] | undefined)[]).entries()) {
        if (rows.length === limit) return { rows, next: position ? formatRanked(position) : null };
        position = ranked[index];
        if (part && (status === 'ALL' || part.status === status)) rows.push(part);
      }
      if (ranked.length < count) return { rows, next: null };
    }
  }

  /** Of one project, newest first. */
  async listOf(
    projectId: string,
    { header }: ProjectHead,
    status: string,
    after: string | undefined,
    limit: number,
  ): Promise<Rows<Kinds[K]>> {
    const size = header.sizes[this.#kind];
    return this.#state.newest(projectId, this.#kind as keyof Kinds, size, after, limit, (part) =>
      status === 'ALL' || part.status === status ? (part as Kinds[K]) : undefined,
    );
  }
}
