/**
 * Approvals as objects: asked for, then decided or canceled.
 *
 * Owns: their parts, their count and the request that announces one. Does not own when an item needs one
 * (`eligibility.ts`) nor what a decision does to the item (`deciding.ts`).
 */
import type { ApprovalPart } from './parts.ts';
import type { Project } from './working-copy.ts';

/** Asks for the approval of an item and lists it as the item's blocker. */
export function requestApproval(project: Project, itemId: string): void {
  const { item, index } = project.item(itemId);
  const approval_id = project.nextId('approval');
  const reason = `approval required: ${item.title}`;
  project.put(`approval:${approval_id}`, {
    id: approval_id,
    project_id: project.header.id,
    backlog_item_id: itemId,
    title: item.title,
    reason,
    status: 'OPEN',
    notes: null,
    requested_at: project.now,
    decided_at: null,
    decided_by: null,
  });
  project.append('approval', approval_id);
  project.header.open_approvals += 1;
  project.change(itemId, { blocked_by: [...item.blocked_by, approval_id] });
  project.emit(
    'HUMAN.APPROVAL_REQUESTED',
    { project_id: project.header.id, backlog_item_id: itemId, approval_id, reason, agent: item.agent_target },
    index,
  );
}

/** Closes an open approval. */
export function closeApproval(
  project: Project,
  approval: ApprovalPart,
  status: 'APPROVED' | 'REJECTED' | 'CANCELED',
  by: Pick<ApprovalPart, 'notes' | 'decided_by'> = { notes: null, decided_by: null },
): void {
  project.put(`approval:${approval.id}`, { ...approval, ...by, status, decided_at: project.now });
  project.header.open_approvals -= 1;
}
