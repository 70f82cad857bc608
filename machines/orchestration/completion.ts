/**
 * How a project ends.
 *
 * Owns: closing what is still open, the report, and the last event of the project. Runs once, when a final status is
 * entered, and needs the whole state.
 */
import type { Failure, ProjectStopRequested, Report } from '../../schemas/types.ts';
import { findingsOf } from '../formulas/findings.ts';
import { analyticContents, type Contents, inputOf, missingOf } from './analytic-contents.ts';
import { closeApproval } from './approvals.ts';
import { store } from './deliverables.ts';
import { currentDeliverables } from './dispatch.ts';
import { failAll } from './failing.ts';
import type { Header, ItemPart } from './parts.ts';
import { closeQuestion } from './questions.ts';
import { clip, MAX_LIST, MAX_TEXT, plural } from './text.ts';
import type { Project } from './working-copy.ts';

export type Ended = 'COMPLETED' | 'FAILED' | 'STOPPED';

/**
 * Whether the report can be made although an item failed: an analysis whose figures are all there and whose last item,
 * which only words them, is not. The last one depends on all others, so a single failure can be no other's.
 */
export const lacksOnlyWords = ({ plan, counts }: Header): boolean =>
  plan === 'analysis' && counts.failed === 1 && counts.done === counts.total - 1;

/** All items are done, or all but the one that words the findings. */
export function conclude(project: Project): void {
  const items = settled(project);
  const report = reportOn(project, items, 'COMPLETED');
  const { header, now } = project;
  const id = project.nextId('deliverable');
  const superseded = new Set(items.flatMap((part) => (part.superseded ? part.item.deliverable_ids : [])));
  const counted = report.deliverables.filter((deliverable) => !superseded.has(deliverable.id));
  const confidence = Math.min(1, ...counted.map((deliverable) => deliverable.confidence));
  store(project, {
    id,
    type: 'final_report',
    backlog_item_id: null,
    agent: 'orchestrator',
    confidence,
    late: false,
    artifact: null,
    content: { ...report },
  });
  header.report_deliverable_id = id;
  project.emit('REPORT.FINAL_PUBLISHED', { project_id: header.id, deliverable_id: id, report });
  project.emit('PROJECT.COMPLETED', {
    project_id: header.id,
    completed_at: now,
    counts: { ...header.counts },
    deliverable_ids: report.deliverables.map((deliverable) => deliverable.id),
    report_deliverable_id: id,
  });
}

/** All items are final and some failed, or the plan was refused before there was any. */
export function concludeFailed(project: Project): void {
  const { header, now } = project;
  const items = settled(project);
  const failed = items.filter(({ item }) => item.status === 'FAILED').map(({ item }) => item);
  // A refused plan has said why, and leaves nothing to report on.
  header.failure ??= {
    reason: `${failed.length} of ${header.counts.total} items failed`,
    failed_items: failed.length,
  };
  if (items.length > 0) {
    const snapshot = reportOn(project, items, 'FAILED');
    project.emit('REPORT.PROJECT_SNAPSHOT_PUBLISHED', { project_id: header.id, snapshot });
  }
  project.emit('PROJECT.FAILED', {
    project_id: header.id,
    reason: header.failure.reason,
    failed_items: failed.map(({ id, title, failure }) => ({
      backlog_item_id: id,
      title,
      reason: (failure as Failure).reason,
    })),
    counts: { ...header.counts },
    failed_at: now,
  });
}

/** Somebody wants the project to end now: what is not final fails. */
export function concludeStopped(project: Project, { reason }: ProjectStopRequested): void {
  const { header, now } = project;
  const stopped_items = failAll(project, planned(project));
  const snapshot = reportOn(project, settled(project), 'STOPPED');
  project.emit('REPORT.PROJECT_SNAPSHOT_PUBLISHED', { project_id: header.id, snapshot });
  project.emit('PROJECT.STOPPED', {
    project_id: header.id,
    stopped_items,
    stopped_at: now,
    ...(reason !== undefined && { reason }),
  });
}

const planned = (project: Project): readonly string[] => {
  project.requireAll();
  return project.get('order') ?? [];
};

/** Closes what is still open; the items, all final, in plan order. */
function settled(project: Project): ItemPart[] {
  project.touch();
  const ids = planned(project);
  for (const id of project.all('question')) {
    const question = project.must(`question:${id}`);
    if (question.status === 'OPEN') closeQuestion(project, question);
  }
  for (const id of project.all('approval')) {
    const approval = project.must(`approval:${id}`);
    if (approval.status === 'OPEN') closeApproval(project, approval, 'CANCELED');
  }
  return ids.map((id) => project.item(id));
}

function reportOn(project: Project, parts: readonly ItemPart[], status: Ended): Report {
  const { header, now } = project;
  const deliverables = parts
    .flatMap(({ item }) => item.deliverable_ids)
    .slice(0, MAX_LIST)
    .map((id) => project.must(`deliverable:${id}`));
  const contents = contentsOf(project, parts);
  const findings = findingsOf(contents);
  const input = inputOf(contents);
  const missing = missingOf(
    parts.map(({ item }) => item),
    contents,
    parts.flatMap((part) => currentDeliverables(part)).map((id) => project.must(`deliverable:${id}`).content),
  );
  return {
    project_id: header.id,
    name: header.name,
    status,
    generated_at: now,
    counts: { ...header.counts },
    items: parts.map(({ item }) => ({
      id: item.id,
      title: item.title,
      agent_target: item.agent_target,
      status: item.status,
      deliverable_ids: item.deliverable_ids.slice(0, MAX_LIST),
      ...(item.failure && { reason: item.failure.reason }),
    })),
    deliverables: deliverables.map(({ id, type, backlog_item_id, confidence }) => ({
      id,
      type,
      backlog_item_id,
      confidence,
    })),
    figures: Object.fromEntries(Object.entries(contents).map(([type, content]) => [type, numbersOf(content)])),
    questions: project
      .all('question')
      .slice(0, MAX_LIST)
      .map((id) => {
        const { question_text, answer } = project.must(`question:${id}`);
        return { id, question_text, answer };
      }),
    summary: summaryOf(project, status, missing),
    ...(findings.length > 0 && { findings }),
    ...(input && { input }),
    ...(missing.length > 0 && { missing }),
  };
}

/** The analytic contents of what was delivered and not turned down. */
function contentsOf(project: Project, parts: readonly ItemPart[]): Contents {
  return analyticContents(parts, (id) => project.must(`deliverable:${id}`));
}

const numbersOf = (content: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(content).filter(([, value]) => typeof value === 'number'));

function summaryOf({ header }: Project, status: Ended, missing: readonly string[]): string {
  const { total, done, failed } = header.counts;
  const items = plural(total, 'item');
  if (status === 'COMPLETED') {
    if (missing.length === 0) return `${items} done.`;
    const reasons = missing.map((sentence) => sentence.replace(/\.$/, '')).join('; ');
    const said =
      failed > 0
        ? `${done} of ${items} done; the findings of a language model are missing: ${reasons}.`
        : `${items} done; missing: ${reasons}.`;
    return clip(said, MAX_TEXT);
  }
  if (status === 'STOPPED') return `Stopped with ${done} of ${items} done.`;
  return `${failed} of ${items} failed, ${done} done.`;
}
