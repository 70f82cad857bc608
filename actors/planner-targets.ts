/** Owns what an LLM planner is told of each target: the only place where the platform describes them to a model. */
import type { DispatchTarget } from '../schemas/catalog.ts';
import type { PlannerTarget } from './plan-backlog.ts';

const PURPOSES: Readonly<Record<DispatchTarget, string>> = {
  time_waste_worker: 'computes from rows (activities with minutes) where the time goes',
  cost_worker: 'computes from rows and an hourly rate what the time costs',
  friction_worker: 'computes from rows which work recurs and could be avoided',
  scenario_worker: 'computes from rows and an hourly rate what automation would save',
  requirements_manager: 'collects requirements and analyses them: assumptions, open questions',
  dev_worker: 'builds: programs, queries, checks, documents',
  test_worker: 'checks what the items it depends on have made against what was asked',
  worker: 'any work that no other target is for',
  analysis_team: 'analyses a document or situation and reports findings, risks and measures',
  admin_team: 'classifies an administrative request and plans how it is carried out',
  email_team: 'understands an e-mail and drafts the reply',
  writing_team: 'edits a text and keeps its style',
  support_team: 'answers a support request and measures the answer',
};

export const PLANNER_TARGETS: readonly PlannerTarget[] = Object.entries(PURPOSES).map(([name, purpose]) => ({
  name,
  purpose,
}));
