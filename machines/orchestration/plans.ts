/**
 * Which plan a request gets.
 *
 * Owns: the four rules, their order and their templates. Does not own what becomes of the plan (`planning.ts`).
 */
import type { BacklogItem, PlanItem, ProjectInitialRequestReceived } from '../../schemas/types.ts';
import type { DeriveId } from '../kit.ts';
import type { PlanKind } from './parts.ts';
import { checkPlan } from './plan-check.ts';
import { matchTeams, type TeamMatch } from './teams.ts';

export interface Plan {
  kind: PlanKind;
  items: readonly PlanItem[];
  /** Teams that keywords selected; one item each. */
  teams: readonly TeamMatch[];
}

/** What an LLM planner gives back: a list of items, as it came. */
export interface PlannedItems {
  items: PlanItem[];
}

/** Kinds of ids of items: they tell a plan of an LLM from one by rules. */
export const ITEM = 'item';
export const LLM_ITEM = 'llm_item';

/** Most items of an LLM plan. */
const MAX_LLM_ITEMS = 20;

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
export const isOpen = ({ items, rows }: ProjectInitialRequestReceived): boolean =>
  items === undefined && (rows ?? []).length === 0;

/** The plan by rules 1 to 4, without an LLM. */
export function planByRules({ items, rows, request_text }: ProjectInitialRequestReceived): Plan {
  if (items !== undefined) return { kind: 'items', items, teams: [] };
  if ((rows ?? []).length > 0) return { kind: 'analysis', items: ANALYSIS, teams: [] };
  const teams = matchTeams(request_text);
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

/** What an LLM had planned, read back from the items that were made of it; null if they come from rules. */
export function readBackPlan(created: readonly BacklogItem[], id: DeriveId): PlannedItems | null {
  if (created[0]?.id !== id(LLM_ITEM)) return null;
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

/** The plan of an LLM, null if it is none. */
export function planByLlm({ items }: PlannedItems): Plan | null {
  if (items.length > MAX_LLM_ITEMS || checkPlan(items).length > 0) return null;
  return { kind: 'llm', items, teams: [] };
}
