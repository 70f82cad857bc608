/**
 * What becomes of an item whose dependencies are done.
 *
 * Owns: the rule that decides between waiting for an answer, waiting for an approval and being dispatched; it is
 * applied when an item becomes eligible and again whenever a blocker goes. An item that is not eligible stays
 * CREATED whatever is open about it. Keeps I7.
 */
import { requestApproval } from './approvals.ts';
import { dispatch } from './dispatch.ts';
import type { ItemPart } from './parts.ts';
import type { Project } from './working-copy.ts';

/** Whether the item would be dispatched now: nothing is open, and no approval is still to be asked for. */
export const isFree = ({ item, approved }: ItemPart): boolean =>
  item.blocked_by.length === 0 && (approved || !item.requires_approval);

/** Applies the rule to items whose dependencies are done; their parts must be loaded. */
export function start(project: Project, ids: readonly string[]): void {
  const free: string[] = [];
  for (const id of ids) {
    const part = project.item(id);
    if (isFree(part)) {
      project.move(id, 'ready');
      free.push(id);
      continue;
    }
    if (part.item.blocked_by.length === 0) requestApproval(project, id);
    if (part.item.status !== 'BLOCKED') project.move(id, 'block');
  }
  dispatch(project, free);
}

/** Adds an open question or approval to an item that is not final; work under way stops counting until it is gone. */
export function block(project: Project, id: string, blocker: string): void {
  const { item } = project.item(id);
  const blocked_by = [...item.blocked_by, blocker];
  if (item.status === 'IN_PROGRESS') project.move(id, 'block', { blocked_by });
  else project.change(id, { blocked_by });
}

/** Takes a blocker from items; returns those that waited for it alone, their attempts counted anew. */
export function unblock(project: Project, ids: readonly string[], blocker: string): string[] {
  const freed: string[] = [];
  for (const id of ids) {
    const { item } = project.item(id);
    const blocked_by = item.blocked_by.filter((other) => other !== blocker);
    if (item.status === 'BLOCKED' && blocked_by.length === 0) {
      project.change(id, { blocked_by, attempts: 0 });
      freed.push(id);
    } else project.change(id, { blocked_by });
  }
  return freed;
}
