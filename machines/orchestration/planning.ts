/**
 * Taking a request up: from its plan to items, questions and first dispatches.
 *
 * Owns: how a plan is stored and started. Does not own which plan it is (`plans.ts`) nor what is asked
 * (`clarification.ts`). Linear in the plan (I10); item ids follow from the request, so folding it again gives the same ones (I8).
 */
import type {
  ActivityInput,
  BacklogItem,
  PlanItem,
  ProjectInitialRequestReceived,
  TeamId,
} from '../../schemas/types.ts';
import { type InputReport, summaryOf } from '../activities/input-report.ts';
import type { Team } from '../teams/team.ts';
import { type Request, requested } from './acceptance.ts';
import { askFindings } from './clarification.ts';
import { start } from './eligibility.ts';
import { checkPlan } from './plan-check.ts';
import { ITEM, LLM_ITEM, named, type Plan, type PlanOutcome, planByLlm, planByRules } from './plans.ts';
import { clip, MAX_TEXT } from './text.ts';
import type { Project } from './working-copy.ts';

/** Code points that a selection says about why no plan of an LLM is carried out. */
const MAX_WHY = 300;

/** Makes the project known and keeps what all its items share. */
export function takeUp(project: Project, event: Request): void {
  if (!project.exists) {
    const { header, parts } = requested(event);
    project.create(header);
    project.put('description', parts.description);
  }
  project.touch();
  if (event.payload.rows && event.payload.rows.length > 0) project.put('rows', event.payload.rows);
  if (event.payload.input) keepInput(project, event.payload.input);
}

/** Keeps what a reading says of itself, and its summary where every dispatch finds it without loading the whole. */
export function keepInput(project: Project, input: ActivityInput): void {
  project.put('input', input);
  project.header.input = summaryOf(input as InputReport);
}

/** Plans by the rules, or notes why the request's own plan is refused. */
export function plan(project: Project, event: Request, teams: readonly Team[]): void {
  takeUp(project, event);
  const request = event.payload;
  const made = planByRules(request, teams);
  const problems = made.kind === 'items' ? checkPlan(made.items) : [];
  if (problems.length === 0) {
    carryOut(project, made, request, teams);
    return;
  }
  project.header.failure = { reason: clip(`invalid_plan: ${named(problems)}`, MAX_TEXT), failed_items: 0 };
}

/** Plans as the LLM said; by the rules if it has no plan that can be carried out. */
export function planWithLlm(
  project: Project,
  outcome: PlanOutcome,
  { payload }: Request,
  teams: readonly Team[],
): void {
  project.touch();
  carryOut(project, planByLlm(outcome, payload, teams), payload, teams);
}

function carryOut(project: Project, made: Plan, request: ProjectInitialRequestReceived, teams: readonly Team[]): void {
  project.header.plan = made.kind;
  const why = made.instead === undefined ? '' : `; no LLM plan: ${clip(made.instead, MAX_WHY)}`;
  for (const team of made.teams) {
    const { team_id, keywords, strategy, tasks } = team;
    project.emit('TEAM.SELECTED', {
      project_id: project.header.id,
      team_id,
      reason: `matched keywords: ${keywords.join(', ')}${why}`,
      plan: { plan_id: project.nextId('execution_plan'), team_id, strategy, tasks },
    });
  }
  for (const { agent_target, title } of made.kind === 'llm' ? made.items : []) {
    const team_id = teams.find(({ id }) => id === agent_target)?.id as TeamId | undefined;
    if (team_id === undefined) continue;
    const reason = clip(`chosen by the LLM plan: ${title}`, MAX_WHY);
    project.emit('TEAM.SELECTED', { project_id: project.header.id, team_id, reason });
  }
  const ids = store(project, made.items, made.kind === 'llm' ? LLM_ITEM : ITEM);
  askFindings(project, ids, request);
  start(
    project,
    ids.filter((id) => project.item(id).item.depends_on.length === 0),
  );
}

/** Stores a checked plan; returns the ids of its items in plan order. */
function store(project: Project, items: readonly PlanItem[], idKind: string): string[] {
  const ids = createItems(project, items, idKind, 0);
  project.put('order', ids);
  return ids;
}

/** Creates items that depend on each other alone; the first one has place `from` in the plan. */
export function createItems(project: Project, items: readonly PlanItem[], idKind: string, from: number): string[] {
  const { header, now } = project;
  const ids = items.map(() => project.nextId(idKind));
  const idOf = new Map(items.map(({ key }, index) => [key, ids[index] as string]));
  const dependents = new Map<string, string[]>();
  for (const [n, planned] of items.entries()) {
    const index = from + n;
    const id = ids[n] as string;
    const depends_on = [...new Set(planned.depends_on)].map((key) => idOf.get(key) as string);
    const item: BacklogItem = {
      id,
      project_id: header.id,
      type: 'TASK',
      title: planned.title,
      description: planned.description ?? '',
      status: 'CREATED',
      agent_target: planned.agent_target,
      work_context: planned.work_context ?? {},
      depends_on,
      requires_approval: planned.requires_approval ?? header.requires_approval,
      attempts: 0,
      evidence: {},
      deliverable_ids: [],
      blocked_by: [],
      failure: null,
      created_at: now,
      updated_at: now,
    };
    project.add({ item, index, approved: false, review_notes: [], clarifications: [], turned_down: 0 });
    project.emit('BACKLOG.ITEM_CREATED', { project_id: header.id, backlog_item: item }, index);
    if (depends_on.length > 0) project.put(`waiting:${id}`, depends_on.length);
    for (const dependency of depends_on) {
      const listed = dependents.get(dependency);
      if (listed) listed.push(id);
      else dependents.set(dependency, [id]);
    }
  }
  for (const [id, listed] of dependents) project.put(`dependents:${id}`, listed);
  return ids;
}
