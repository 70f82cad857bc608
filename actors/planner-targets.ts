/** Owns what an LLM planner is told of each target: the only place where the platform describes them to a model. */
import type { Team } from '../machines/teams/team.ts';
import type { WorkerTarget } from '../schemas/catalog.ts';
import type { PlannerTarget } from './plan-backlog.ts';

const WORKERS: Readonly<Record<WorkerTarget, string>> = {
  time_waste_worker: 'computes from rows (activities with minutes) where the time goes',
  cost_worker: 'computes from rows and an hourly rate what the time costs',
  friction_worker: 'computes from rows which work recurs and could be avoided',
  scenario_worker: 'computes from rows and an hourly rate what automation would save',
  requirements_manager: 'collects requirements and analyses them: assumptions, open questions',
  dev_worker: 'builds: programs, queries, checks, documents',
  test_worker: 'checks what the items it depends on have made against what was asked',
  worker: 'any work that no other target is for',
};

/** Workers, then teams; a team says itself what it is for. */
export const plannerTargets = (teams: readonly Team[]): PlannerTarget[] => [
  ...Object.entries(WORKERS).map(([name, purpose]) => ({ name, purpose })),
  ...teams.map(({ id, purpose }) => ({ name: id, purpose })),
];
