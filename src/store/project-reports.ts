/**
 * What a report for people is made of, read from the stored state of a project.
 *
 * Owns: which parts are read. Deliverables of items that are not done are not; nor is anything written. Keeps I10: of a
 * plan with many items only those that analyze are looked into, the last of each worker.
 */
import {
  ANALYTIC_WORKERS,
  analyticContents,
  inputOf,
  missingOf,
} from '../../machines/orchestration/analytic-contents.ts';
import { currentDeliverables } from '../../machines/orchestration/dispatch.ts';
import type { DeliverablePart, ItemPart } from '../../machines/orchestration/parts.ts';
import type { ReportSources } from '../report/report-model.ts';
import type { ProjectHead, ProjectState, ProjectStatus } from './project-state.ts';

/** Its deliverable holds what a model said about the findings. */
const REMARKS_WORKER = 'requirements_manager';

/** Then even nothing but failures is worth reporting. */
const FINAL: ReadonlySet<ProjectStatus> = new Set(['COMPLETED', 'FAILED', 'STOPPED']);

/** @returns null while nothing is delivered that a report could be made of */
export async function reportSources(
  state: ProjectState,
  projectId: string,
  { header, status }: ProjectHead,
): Promise<ReportSources | null> {
  const description = (await state.part(projectId, 'description')) ?? '';
  const order = (await state.part(projectId, 'order')) ?? [];
  const names = order.map((id) => `item:${id}` as const);
  const parts = (await state.parts(projectId, names)).filter((part) => part !== undefined);
  const analytic = lastOfEach(parts, [...ANALYTIC_WORKERS.keys()]);
  const [remarks] = lastOfEach(parts, [REMARKS_WORKER]);
  const deliverables = await deliverablesOf(state, projectId, remarks ? [...analytic, remarks] : analytic);
  const contents = analyticContents(analytic, (id) => deliverables.get(id) as DeliverablePart);
  if (!FINAL.has(status) && !parts.some(({ item }) => item.status === 'DONE')) return null;
  const spoken = remarks && currentDeliverables(remarks).map((id) => deliverables.get(id)?.content.analysis);
  // How the file was read is kept once per project; a deliverable repeats it in short.
  const input = await state.part(projectId, 'input');
  return {
    project: {
      id: header.id,
      name: header.name,
      description,
      status,
      created_at: header.created_at,
      updated_at: header.updated_at,
    },
    items: parts.map(({ item: { title, agent_target, status: at } }) => ({ title, agent_target, status: at })),
    contents,
    input: input ?? inputOf(contents) ?? null,
    missing: missingOf(
      parts.map(({ item }) => item),
      contents,
      [...deliverables.values()].map(({ content }) => content),
    ),
    analysis: spoken?.at(-1) ?? null,
  };
}

/** The last item that is done of each of these workers, in plan order. */
function lastOfEach(parts: readonly ItemPart[], workers: readonly string[]): ItemPart[] {
  const last = new Map<string, ItemPart>();
  for (const part of parts) {
    const { status, agent_target } = part.item;
    if (status === 'DONE' && workers.includes(agent_target)) last.set(agent_target, part);
  }
  return [...last.values()].sort((a, b) => a.index - b.index);
}

async function deliverablesOf(
  state: ProjectState,
  projectId: string,
  parts: readonly ItemPart[],
): Promise<Map<string, DeliverablePart>> {
  const ids = parts.flatMap((part) => currentDeliverables(part));
  const found = await state.parts(
    projectId,
    ids.map((id) => `deliverable:${id}` as const),
  );
  return new Map(found.flatMap((part) => (part ? [[part.id, part] as const] : [])));
}
