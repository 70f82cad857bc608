/**
 * What becomes of a result.
 *
 * Owns: the review of completed work and its three verdicts. Does not own the definition of done (`formulas/done.ts`).
 * An approval costs what the items cost that it makes eligible (I10).
 */
import type { WorkItemCompleted, WorkItemReviewed } from '../../schemas/types.ts';
import { type Alert, claimsOf, evaluateDone } from '../formulas/done.ts';
import { currentDeliverables, dispatch } from './dispatch.ts';
import { start } from './eligibility.ts';
import { fail } from './failing.ts';
import type { ItemPart } from './parts.ts';
import { countRows, withOwn } from './row-sets.ts';
import { clip, MAX_LIST, MAX_TEXT } from './text.ts';
import type { Project } from './working-copy.ts';

export interface ReviewRules {
  /** Dispatches of one item, the first included. */
  maxAttempts: number;
  /** Cap of the task minutes that a result may assert, `DOD_MAX_MINUTES`. */
  maxMinutes: number;
}

/** Reviews the completed work of an item in progress. */
export function review(project: Project, completed: WorkItemCompleted, rules: ReviewRules): void {
  project.touch();
  const id = completed.backlog_item_id.toLowerCase();
  const { evidence } = completed;
  const part = project.item(id);
  const alerts = judge(project, part, evidence, rules.maxMinutes);
  const [first] = alerts;
  if (first === undefined) {
    tell(project, part, { result: 'approved' });
    project.move(id, 'complete', { evidence });
    startDependents(project, id);
    return;
  }
  const notes = clip(alerts.map(({ text }) => text).join(';'), MAX_TEXT);
  const { attempts, deliverable_ids } = part.item;
  if (attempts < rules.maxAttempts) {
    tell(project, part, { result: 'needs_changes', notes });
    const review_notes = [...part.review_notes, notes].slice(-MAX_LIST);
    project.change(id, {}, { review_notes, turned_down: deliverable_ids.length });
    dispatch(project, [id]);
    return;
  }
  tell(project, part, { result: 'rejected', notes });
  fail(project, id, { category: first.category, reason: 'review_rejected', attempts, details: { notes } });
}

function tell(project: Project, { item, index }: ItemPart, verdict: WorkItemReviewed['review']): void {
  const review = { ...verdict, reviewer: 'orchestrator' };
  project.emit('WORK.ITEM_REVIEWED', { project_id: project.header.id, backlog_item_id: item.id, review }, index);
}

/** Alerts about a result. What claims may cite is loaded only if there are claims. */
function judge(project: Project, part: ItemPart, evidence: Record<string, unknown>, maxMinutes: number): Alert[] {
  const ids = currentDeliverables(part, evidence);
  project.require(ids.map((id) => `deliverable:${id}` as const));
  const deliverables = ids.map((id) => project.must(`deliverable:${id}`));
  if (claimsOf({ evidence, deliverables }).length === 0) return evaluateDone({ evidence, deliverables, maxMinutes });
  const { depends_on, work_context } = part.item;
  project.require(['rows', ...depends_on.map((id) => `item:${id}` as const)]);
  const shared = { rows: project.get('rows'), rows_ref: project.header.rows_ref };
  return evaluateDone({
    evidence,
    deliverables,
    maxMinutes,
    rowCount: countRows(withOwn(shared, work_context)),
    citable: depends_on.flatMap((id) => currentDeliverables(project.item(id))),
  });
}

/** Counts the item off at everything that depends on it, and starts what depended on it alone. */
function startDependents(project: Project, id: string): void {
  const dependents = project.get(`dependents:${id}`) ?? [];
  project.require(dependents.map((dependent) => `waiting:${dependent}` as const));
  const eligible: string[] = [];
  for (const dependent of dependents) {
    const waiting = project.must(`waiting:${dependent}`) - 1;
    project.put(`waiting:${dependent}`, waiting);
    if (waiting === 0) eligible.push(dependent);
  }
  project.require(eligible.map((dependent) => `item:${dependent}` as const));
  // One that was declared failed from outside has nothing to wait for any more.
  start(
    project,
    eligible.filter((dependent) => project.item(dependent).item.status === 'CREATED'),
  );
}
