/**
 * What the decision on an approval does to its item.
 *
 * The approval, not the event, says which item that is. Keeps I7.
 */
import type { HumanApprovalSubmitted } from '../../schemas/types.ts';
import { closeApproval } from './approvals.ts';
import { start } from './eligibility.ts';
import { fail } from './failing.ts';
import type { Project } from './working-copy.ts';

/** Carries out the decision on an open approval. An item that has failed since is left alone. */
export function decide(project: Project, decision: HumanApprovalSubmitted): void {
  project.touch();
  const id = decision.approval_id.toLowerCase();
  const approval = project.must(`approval:${id}`);
  const { approved, notes = null, submitted_by = null } = decision;
  closeApproval(project, approval, approved ? 'APPROVED' : 'REJECTED', { notes, decided_by: submitted_by });
  const itemId = approval.backlog_item_id;
  const { item } = project.item(itemId);
  if (item.status !== 'BLOCKED') return;
  if (!approved) {
    fail(project, itemId, { category: 'TOOL_FAILURE', reason: 'approval_rejected', details: { notes } });
    return;
  }
  const blocked_by = item.blocked_by.filter((blocker) => blocker !== id);
  project.change(itemId, { blocked_by }, { approved: true });
  if (blocked_by.length === 0) start(project, [itemId]);
}
