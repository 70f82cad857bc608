/**
 * Which plan a request gets.
 *
 * Owns: the four rules, their order and their templates, and what a plan of an LLM has to satisfy. Does not own what
 * becomes of the plan (`planning.ts`) nor asking for one.
 */
import type { BacklogItem, PlanItem, ProjectInitialRequestReceived } from '../../schemas/types.ts';
import type { DeriveId } from '../kit.ts';
import type { Team } from '../teams/team.ts';
import type { PlanKind } from './parts.ts';
import { checkPlan, type PlanProblem } from './plan-check.ts';
import { countRows } from './row-sets.ts';
import { matchTeams, type TeamMatch } from './teams.ts';

export interface Plan {
  kind: PlanKind;
  items: readonly PlanItem[];
  /** Teams that keywords selected; one item each. */
  teams: readonly TeamMatch[];
  /** Why it is not the plan of the LLM that was asked. */
  instead?: string;
}

/** What asking an LLM for a plan came to: its items, as they came, or why there are none. */
export type PlanOutcome = { items: readonly PlanItem[] } | { refused: string };

/** Kinds of ids of items: they tell a plan of an LLM from one by rules. */
export const ITEM = 'item';
export const LLM_ITEM = 'llm_item';

/** Most items of an LLM plan. */
export const MAX_LLM_ITEMS = 20;

/** Problems that the reason of a refused plan names. */
const NAMED_PROBLEMS = 5;

const task = (key: string, title: string, agent_target: string, depends_on: string[] = []): PlanItem => ({
  key,
  title,
  agent_target,
  depends_on,
});

const ANALYSIS: readonly PlanItem[] = [
  task('T', 'Measure time spent', 'time_waste_worker'),
  task('C', 'Estimate cost', 'cost_worker'),
  task('F', 'Find recurring work', 'friction_worker'),
  task('S', 'Project savings', 'scenario_worker', ['C', 'F']),
  task('R', 'Report findings', 'requirements_manager', ['T', 'C', 'F', 'S']),
];

const DEFAULT: readonly PlanItem[] = [
  task('A', 'Collect requirements', 'requirements_manager'),
  task('B', 'Run checks', 'dev_worker', ['A']),
  task('P', 'Produce report', 'test_worker', ['B']),
];

/** Whether rules 1 and 2 leave the plan open, so that a planner may be asked. */
export const isOpen = (request: ProjectInitialRequestReceived): boolean =>
  request.items === undefined && countRows(request) === 0;

/** The plan by rules 1 to 4, without an LLM. */
export function planByRules(request: ProjectInitialRequestReceived, all: readonly Team[]): Plan {
  const { items, request_text } = request;
  if (items !== undefined) return { kind: 'items', items, teams: [] };
  if (countRows(request) > 0) return { kind: 'analysis', items: ANALYSIS, teams: [] };
  const teams = matchTeams(request_text, all);
  if (teams.length === 0) return { kind: 'default', items: DEFAULT, teams };
  return {
    kind: 'teams',
    items: teams.map(({ team_id }, index) =>
      task(
        team_id,
        `Run ${team_id}`,
        team_id,
        teams.slice(Math.max(0, index - 1), index).map((team) => team.team_id),
      ),
    ),
    teams,
  };
}

/**
 * What asking an LLM had come to, read back from the items that were made then; undefined if there are none yet.
 * @param id of the request that caused them
 */
export function readBackPlan(created: readonly BacklogItem[], id: DeriveId): PlanOutcome | undefined {
  const [first] = created;
  if (first === undefined) return undefined;
  if (first.id !== id(LLM_ITEM)) return { refused: 'the rules made the plan' };
  return {
    items: created.map(
      ({ id: key, title, agent_target, description, depends_on, requires_approval, work_context }) => ({
        key,
        title,
        agent_target,
        description,
        depends_on,
        requires_approval,
        work_context,
      }),
    ),
  };
}

/** The plan of the LLM, or by the rules if it has none that can be carried out. */
export function planByLlm(outcome: PlanOutcome, request: ProjectInitialRequestReceived, all: readonly Team[]): Plan {
  if ('refused' in outcome) return { ...planByRules(request, all), instead: outcome.refused };
  const refused = refusalOf(outcome.items);
  if (refused !== null) return { ...planByRules(request, all), instead: refused };
  return { kind: 'llm', items: outcome.items, teams: [] };
}

/** Why the items of an LLM are no plan; null: they are one. */
export function refusalOf(items: readonly PlanItem[]): string | null {
  if (items.length > MAX_LLM_ITEMS) return `refused plan: ${items.length} items, at most ${MAX_LLM_ITEMS} are allowed`;
  const problems = checkPlan(items);
  return problems.length === 0 ? null : `refused plan: ${named(problems)}`;
}

/** The first problems of a plan, in one line. */
export const named = (problems: readonly PlanProblem[]): string =>
  problems
    .slice(0, NAMED_PROBLEMS)
    .map(({ message }) => message)
    .join('; ');
