/**
 * Projects as the API shows them.
 *
 * Owns: the list with its filters, and the views of one project's head, backlog, deliverables and messages.
 * Reads what the commit of an event wrote (so a reader never sees a state that no event explains).
 */
import type { Redis } from 'ioredis';
import type { DeliverablePart, ItemPart } from '../../machines/orchestration/parts.ts';
import type { BacklogItemStatus } from '../../schemas/types.ts';
import type { Keys } from '../bus/keys.ts';
import { PROJECT_STATUSES, type ProjectHead, ProjectState, type ProjectStatus } from './project-state.ts';
import { newestPage } from './ranked.ts';

/** Items looked at together when a status is wanted. */
const CHUNK = 200;
/** Deliverables in the status view. */
const LATEST_DELIVERABLES = 100;

export interface ProjectFilter {
  statuses: readonly ProjectStatus[];
  /** Part of name or description, any case. */
  text?: string | undefined;
}

export class Projects {
  readonly state: ProjectState;
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    this.state = new ProjectState(redis, keys);
  }

  async list({ statuses, text }: ProjectFilter, after: string | undefined, limit: number) {
    const sets =
      statuses.length === 0
        ? [this.#keys.under('projects:all')]
        : statuses.map((status) => this.#keys.under(`projects:status:${status}`));
    const wanted = text?.toLowerCase();
    return newestPage(this.#redis, sets, { after, limit, searching: wanted !== undefined }, async (ids) =>
      (await this.state.summaries(ids)).map((summary) => {
        // The sets may be a moment behind or ahead of the state just read.
        if (!summary || (statuses.length > 0 && !statuses.includes(summary.status))) return undefined;
        const searched = `${summary.header.name}\n${summary.description}`.toLowerCase();
        return wanted === undefined || searched.includes(wanted) ? summaryView(summary) : undefined;
      }),
    );
  }

  async countByStatus(): Promise<[ProjectStatus, number][]> {
    return Promise.all(
      PROJECT_STATUSES.map(
        async (status): Promise<[ProjectStatus, number]> => [
          status,
          await this.#redis.zcard(this.#keys.under(`projects:status:${status}`)),
        ],
      ),
    );
  }

  async view(projectId: string) {
    const [[summary], input = null] = await Promise.all([
      this.state.summaries([projectId]),
      this.state.part(projectId, 'input'),
    ]);
    if (!summary) return undefined;
    const { status, header, description } = summary;
    return {
      id: header.id,
      name: header.name,
      description,
      status,
      plan: header.plan,
      correlation_id: header.correlation_id,
      requester: header.requester,
      file: header.file,
      input,
      completion_percentage: completion(header.counts),
      counts: header.counts,
      open_questions: header.open_questions,
      open_approvals: header.open_approvals,
      failure: header.failure,
      report_deliverable_id: header.report_deliverable_id,
      created_at: header.created_at,
      updated_at: header.updated_at,
    };
  }

  async statusView(projectId: string, { status, header }: ProjectHead) {
    const { total, done, in_progress, ready, blocked, created, failed } = header.counts;
    const latest = await this.state.numbered(projectId, 'deliverable', header.sizes.deliverable, LATEST_DELIVERABLES);
    return {
      project_id: header.id,
      status,
      completion_percentage: completion(header.counts),
      backlog_items: { total, completed: done, in_progress, ready, blocked, created, failed },
      deliverables: latest.map(({ part: { id, type, created_at } }) => ({ id, type, created_at })),
      last_activity: header.updated_at,
    };
  }

  /** Items in plan order; `after` is the place of the last one seen. */
  async backlog(projectId: string, statuses: readonly BacklogItemStatus[], after: string | undefined, limit: number) {
    const order = (await this.state.part(projectId, 'order')) ?? [];
    const rows: ItemPart['item'][] = [];
    let place = after === undefined ? 0 : Number(after) + 1;
    while (place < order.length && rows.length < limit) {
      const ids = order.slice(place, place + (statuses.length > 0 ? CHUNK : limit));
      const parts = await this.state.parts(
        projectId,
        ids.map((id) => `item:${id}` as const),
      );
      for (const part of parts) {
        if (rows.length === limit) break;
        place++;
        if (part && (statuses.length === 0 || statuses.includes(part.item.status))) rows.push(part.item);
      }
    }
    return { rows, next: place < order.length ? String(place - 1) : null };
  }

  async deliverables(
    projectId: string,
    { header }: ProjectHead,
    type: string | undefined,
    after: string | undefined,
    limit: number,
  ) {
    return this.state.newest(projectId, 'deliverable', header.sizes.deliverable, after, limit, (part) =>
      type === undefined || part.type === type ? deliverableRow(part) : undefined,
    );
  }

  async deliverable(projectId: string, id: string) {
    const part = await this.state.part(projectId, `deliverable:${id}`);
    if (!part) return undefined;
    const { project_id, artifact, content } = part;
    return { ...deliverableRow(part), project_id, artifact, content };
  }

  async messages(projectId: string, { header }: ProjectHead, after: string | undefined, limit: number) {
    return this.state.newest(projectId, 'message', header.sizes.message, after, limit, (part) => ({
      id: part.id,
      direction: part.direction,
      message_type: part.message_type,
      content: part.content,
      related_item_id: part.related_item_id,
      requires_response: part.requires_response,
      created_at: part.created_at,
    }));
  }

  async message(projectId: string, id: string) {
    return this.state.part(projectId, `message:${id}`);
  }
}

function summaryView({ status, header, description }: ProjectHead & { description: string }) {
  return {
    id: header.id,
    name: header.name,
    description,
    status,
    completion_percentage: completion(header.counts),
    created_at: header.created_at,
    updated_at: header.updated_at,
  };
}

function deliverableRow({ id, type, backlog_item_id, agent, confidence, created_at, late }: DeliverablePart) {
  return { id, type, backlog_item_id, agent, confidence, created_at, late };
}

/** Percentage of items that are DONE, rounded down. */
function completion({ total, done }: { total: number; done: number }): number {
  return total === 0 ? 0 : Math.floor((100 * done) / total);
}
