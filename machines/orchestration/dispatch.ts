/**
 * Handing items to their workers.
 *
 * Owns: the work context that travels with a dispatch, put together from what the project, the item and its
 * dependencies know. Does not own whether an item may be dispatched (`eligibility.ts`, `review.ts`).
 */
import type { Upstream, WorkContext } from '../../schemas/types.ts';
import type { Header, ItemPart } from './parts.ts';
import { withOwn } from './row-sets.ts';
import { MAX_LIST } from './text.ts';
import type { Project } from './working-copy.ts';

/** Dispatches items that are READY, or IN_PROGRESS for another attempt; each counts as an attempt. */
export function dispatch(project: Project, ids: readonly string[]): void {
  if (ids.length === 0) return;
  load(project, ids);
  for (const id of ids) {
    const { item } = project.item(id);
    const attempts = item.attempts + 1;
    const part =
      item.status === 'READY' ? project.move(id, 'dispatch', { attempts }) : project.change(id, { attempts });
    project.emit(
      'WORK.ITEM_DISPATCHED',
      {
        project_id: project.header.id,
        backlog_item_id: id,
        agent_target: item.agent_target,
        work_context: workContext(project, part),
        item_type: item.type,
      },
      part.index,
    );
  }
}

/** The deliverables that count: those of the last attempt, and the one that the evidence names. */
export function currentDeliverables({ item, turned_down }: ItemPart, evidence = item.evidence): string[] {
  const named = evidenceDeliverable(evidence);
  return item.deliverable_ids.filter((id, index) => index >= turned_down || id === named);
}

/** Id of the deliverable that evidence names; null if it names none. */
export function evidenceDeliverable({ deliverable_id }: Record<string, unknown>): string | null {
  return typeof deliverable_id === 'string' ? deliverable_id.toLowerCase() : null;
}

/** What the whole project gives to every item. */
export function sharedContext(header: Header, requestText: string, rows: WorkContext['rows']): WorkContext {
  return {
    request_text: requestText,
    rows,
    ...(header.input && { input: header.input }),
    ...(header.rows_ref && { rows_ref: header.rows_ref }),
    ...(header.hourly_rate !== undefined && { hourly_rate: header.hourly_rate }),
    ...(header.period && { period: header.period }),
  };
}

function workContext(project: Project, part: ItemPart): WorkContext {
  const upstream = upstreamOf(project, part);
  const messages = inboxOf(project);
  const { item, clarifications, review_notes } = part;
  return {
    ...withOwn(
      sharedContext(project.header, project.must('description'), project.get('rows') ?? []),
      item.work_context,
    ),
    ...(upstream.length > 0 && { upstream }),
    ...(clarifications.length > 0 && { clarifications }),
    ...(review_notes.length > 0 && { review_notes }),
    ...(messages.length > 0 && { messages }),
  };
}

const inboxOf = (project: Project) => (project.header.sizes.message > 0 ? (project.get('inbox') ?? []) : []);

/** The deliverables of the dependencies, in plan order. */
function upstreamOf(project: Project, { item }: ItemPart): Upstream[] {
  const dependencies = item.depends_on
    .map((id) => project.item(id))
    .filter(({ superseded }) => superseded !== true)
    .toSorted((a, b) => a.index - b.index);
  const upstream = dependencies.flatMap((dependency) =>
    currentDeliverables(dependency).map((id): Upstream => {
      const { type, content } = project.must(`deliverable:${id}`);
      const { id: backlog_item_id, title, agent_target } = dependency.item;
      return { backlog_item_id, title, agent_target, deliverable_id: id, type, content };
    }),
  );
  return upstream.slice(0, MAX_LIST);
}

/** Has everything loaded that {@link workContext} will read: first the dependencies, then what they delivered. */
function load(project: Project, ids: readonly string[]): void {
  const dependencies = [...new Set(ids.flatMap((id) => project.item(id).item.depends_on))];
  const inbox = project.header.sizes.message > 0 ? (['inbox'] as const) : [];
  project.require(['description', 'rows', ...inbox, ...dependencies.map((id) => `item:${id}` as const)]);
  const deliverables = dependencies.flatMap((id) => currentDeliverables(project.item(id)));
  project.require(deliverables.map((id) => `deliverable:${id}` as const));
}
