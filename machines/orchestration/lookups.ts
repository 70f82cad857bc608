/** What an event is about, read from the project; ids compare in lower case. Used by the machine's guards. */
import type { Envelope } from '../../schemas/types.ts';
import { isFinal } from '../backlog-item.ts';
import { deliverableId } from './deliverables.ts';
import { evidenceDeliverable } from './dispatch.ts';
import type { Project } from './working-copy.ts';

/** Events about one item. */
export type AboutItem = Envelope<
  'WORK.ITEM_COMPLETED' | 'WORK.ITEM_FAILED' | 'DELIVERABLE.PUBLISHED' | 'CLARIFICATION.NEEDED'
>;

export const itemOf = (project: Project, { payload }: AboutItem) =>
  project.get(`item:${payload.backlog_item_id.toLowerCase()}`)?.item;

export const questionOf = (project: Project, { payload }: Envelope<'USER.ANSWER_SUBMITTED'>) =>
  project.get(`question:${payload.question_id.toLowerCase()}`);

export const approvalOf = (project: Project, { payload }: Envelope<'HUMAN.APPROVAL_SUBMITTED'>) =>
  project.get(`approval:${payload.approval_id.toLowerCase()}`);

/** The item exists and is not final. */
export function isOpenItem(project: Project, event: AboutItem): boolean {
  const item = itemOf(project, event);
  return item !== undefined && !isFinal(item.status);
}

/** The item exists and its deliverable has not come before. */
export const isNewDeliverable = (project: Project, event: Envelope<'DELIVERABLE.PUBLISHED'>): boolean =>
  itemOf(project, event) !== undefined && project.get(`deliverable:${deliverableId(event)}`) === undefined;

/** The evidence names a deliverable that has not arrived. */
export function isEarly(project: Project, { payload }: Envelope<'WORK.ITEM_COMPLETED'>): boolean {
  const named = evidenceDeliverable(payload.evidence);
  return named !== null && project.get(`deliverable:${named}`) === undefined;
}
