/**
 * Deliverables as they arrive.
 *
 * Owns: storing one, under its own id or that of its event. One that comes after its item is final is kept as late
 * and changes nothing else.
 */
import type { Envelope } from '../../schemas/types.ts';
import { isFinal } from '../backlog-item.ts';
import type { DeliverablePart } from './parts.ts';
import type { Project } from './working-copy.ts';

export type Published = Envelope<'DELIVERABLE.PUBLISHED'>;

export const deliverableId = ({ event_id, payload }: Published): string =>
  (payload.deliverable.id ?? event_id).toLowerCase();

/** Stores the deliverable of a known item. */
export function receive(project: Project, event: Published): void {
  project.touch();
  const { backlog_item_id, deliverable } = event.payload;
  const itemId = backlog_item_id.toLowerCase();
  const { item } = project.item(itemId);
  const id = deliverableId(event);
  const late = isFinal(item.status);
  store(project, {
    id,
    type: deliverable.type,
    backlog_item_id: itemId,
    agent: deliverable.agent ?? event.source,
    confidence: deliverable.confidence,
    late,
    artifact: deliverable.artifact ?? null,
    content: deliverable.content,
  });
  if (!late) project.change(itemId, { deliverable_ids: [...item.deliverable_ids, id] });
}

/** Adds a deliverable to the project's list. */
export function store(project: Project, deliverable: Omit<DeliverablePart, 'project_id' | 'created_at'>): void {
  const { id } = deliverable;
  project.put(`deliverable:${id}`, { ...deliverable, project_id: project.header.id, created_at: project.now });
  project.append('deliverable', id);
}
