/**
 * Giving a task to its agent.
 *
 * Owns: what belongs to a task by its mode (a review's work, an aggregator's results, a leader's sub-teams), and that it
 * is now running. Does not own what an agent is handed of the rest (`handing-out.ts`), nor who sees what (`scopes.ts`).
 */
import type { Change } from './change.ts';
import { handOut } from './handing-out.ts';
import { feedbackFor, workOf } from './loops.ts';
import { appendDecision, setState } from './memory.ts';
import { childNumber, childPath, loopAround, type Path, parentPath } from './places.ts';
import * as scopes from './scopes.ts';
import { stepsThatCount, subTeamAround } from './steps.ts';
import { offered } from './sub-teams.ts';
import type { TaskNode } from './team.ts';

export function dispatch(change: Change, path: Path, node: TaskNode): void {
  const { state } = change;
  const { ids, plan, request_text, objectives, material, input } = state;
  const attempt = loopAround(plan, path)?.iteration ?? 1;
  const team = subTeamAround(plan, path);
  const { task, context, decisions } = handOut({
    node,
    member: change.member(node.agent),
    request: (team && objectives[team.path]) ?? request_text,
    view: scopes.view(state, node.mode === 'review' ? reviewed(path) : path),
    input,
    feedback: feedbackFor(state, path),
    besides: besides(change, path, node),
    material,
  });
  for (const decision of decisions) change.memory((memory) => appendDecision(memory, decision));
  const task_id = change.taskId(path, attempt);
  change.step(path, { status: 'RUNNING', task_id });
  change.memory((memory) => setState(memory, { step: node.task }));
  change.emit('AGENT.TASK_DISPATCHED', { ...ids, task_id, agent: node.agent, task, attempt, context });
}

/** A review sees what the work of its round has written. */
const reviewed = (review: Path): Path => childPath(parentPath(review), childNumber(review) - 1);

function besides(change: Change, path: Path, { mode }: TaskNode): Record<string, unknown> {
  const around = parentPath(path);
  switch (mode) {
    case 'work':
      return {};
    case 'review':
      return { work: workOf(change.state, reviewed(path)) };
    case 'delegate':
      return { teams: offered(change, around) };
    case 'synthesize':
      return { teams: scopes.view(change.state, path).teams };
    case 'aggregate':
      return { results: resultsIn(change, around) };
  }
}

/** Task → output; a name that several tasks have is told apart by a number. */
function resultsIn(change: Change, around: Path): Record<string, unknown> {
  const results = new Map<string, unknown>();
  for (const { task, output } of stepsThatCount(change.state, around)) {
    let name = task;
    for (let number = 2; results.has(name); number += 1) name = `${task} ${number}`;
    results.set(name, output);
  }
  return Object.fromEntries(results);
}
