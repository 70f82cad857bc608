/**
 * What a leader and the sub-teams are to each other.
 *
 * Owns: who is offered, who is asked for what, what a sub-team hands back and where it goes (`context.teams`). Does not
 * own when they run (`patterns/hierarchical.ts`).
 */
import type { Change } from './change.ts';
import { headlineOf } from './judging.ts';
import { collaborate } from './keeping.ts';
import { childPath, type Path, parentPath } from './places.ts';
import type { RunState } from './run-state.ts';
import * as scopes from './scopes.ts';
import { stepsThatCount } from './steps.ts';
import type { DelegationNode, SubTeamNode } from './team.ts';

interface PlacedTeam {
  path: Path;
  node: SubTeamNode;
}

function subTeamsOf(change: Change, delegation: Path): PlacedTeam[] {
  const { teams } = change.node(delegation) as DelegationNode;
  const around = childPath(delegation, 1);
  return teams.children.map((node, child) => ({ path: childPath(around, child), node: node as SubTeamNode }));
}

/** Those that a leader may give work to. */
export const offered = (change: Change, delegation: Path): { team_id: string; purpose: string }[] =>
  subTeamsOf(change, delegation).map(({ node: { team_id, purpose } }) => ({ team_id, purpose }));

/** Notes what each sub-team is to do; one that nothing is said of gets the whole request. */
export function assign(change: Change, task: Path, leader: string, output: Record<string, unknown>): void {
  const assignments: unknown[] = Array.isArray(output.assignments) ? output.assignments : [];
  const objectives = { ...change.state.objectives };
  for (const { path, node } of subTeamsOf(change, parentPath(task))) {
    const given = assignments.flatMap((assignment) => objectiveFor(node.team_id, assignment));
    if (given.length > 0) objectives[path] = given.join('\n');
    for (const objective of given) collaborate(change, leader, node.team_id, objective);
  }
  change.patch({ objectives });
}

/** An answer from outside may be anything. */
function objectiveFor(team: string, assignment: unknown): string[] {
  const { team_id, objective } = (assignment ?? {}) as Record<string, unknown>;
  return team_id === team && typeof objective === 'string' && objective.trim() !== '' ? [objective.trim()] : [];
}

/** Gives a sub-team a memory of its own: it sees what the run was given, and what it writes itself. */
export function enterTeam(change: Change, team: Path): Path {
  const root = childPath(team, 0);
  change.state = scopes.open(change.state, root, false);
  return root;
}

/** Keeps what a sub-team hands over of what it wrote. */
export function leaveTeam(change: Change, path: Path, { artifacts }: SubTeamNode, how: 'done' | 'failed'): void {
  const root = childPath(path, 0);
  const written = scopes.writesOf(change.state, root);
  change.state = scopes.close(change.state, path, [root], []);
  if (how === 'failed') return;
  const found = artifacts.filter((key) => written[key] !== undefined).map((key) => [key, written[key]] as const);
  const summary = headlineOf(stepsThatCount(change.state, root).at(-1)?.output ?? {});
  const result = { summary, ...Object.fromEntries(found) };
  change.patch({ teamResults: { ...change.state.teamResults, [path]: result } });
}

/** Puts what the sub-teams have brought where the leader and the rest of the run see it. */
export function gather(change: Change, delegation: Path): void {
  const teamResults: Record<Path, RunState['teamResults'][Path]> = { ...change.state.teamResults };
  const brought = subTeamsOf(change, delegation).flatMap(({ path, node }) => {
    const { [path]: result } = teamResults;
    delete teamResults[path];
    return result === undefined ? [] : [[node.team_id, result] as const];
  });
  change.state = scopes.write({ ...change.state, teamResults }, delegation, { teams: Object.fromEntries(brought) });
}
