/**
 * The tasks of a run as its result, its readers and later tasks see them.
 *
 * Owns: what a task looks like before it begins, and whose work counts: what a branch that failed, a round that did not
 * win or a reviewer has said went into nothing. Reads the state only.
 */
import { type IterativeContext, iterationOf } from './patterns/iterative.ts';
import type { ParallelContext } from './patterns/parallel.ts';
import { childNumber, loopAround, nodeAt, type Path, parentPath, upwards } from './places.ts';
import type { RunState, Step } from './run-state.ts';
import type { Node, SubTeamNode, TaskNode } from './team.ts';

/** A task that has not begun. */
export function newStep(plan: Node, path: Path, { task, agent, mode }: TaskNode): Step {
  return {
    path,
    task,
    agent,
    mode,
    status: 'PENDING',
    attempt: loopAround(plan, path)?.iteration ?? 1,
    task_id: null,
    duration_ms: null,
    output: null,
    usage: null,
    failure: null,
  };
}

/** The sub-team that the place belongs to. */
export function subTeamAround(plan: Node, path: Path): { path: Path; node: SubTeamNode } | null {
  for (const at of upwards(path)) {
    const node = nodeAt(plan, at);
    if (node.kind === 'team') return { path: at, node };
  }
  return null;
}

type Patterned = Pick<RunState, 'plan' | 'patterns'>;

/** Whether what came from the child was taken over by the pattern around it. What a sub-team does stays with it. */
function isTakenOver({ plan, patterns }: Patterned, path: Path): boolean {
  const around = parentPath(path);
  const node = nodeAt(plan, around);
  const context = patterns[around]?.context;
  if (node.kind === 'parallel') return !(context as ParallelContext).failed.includes(childNumber(path));
  if (node.kind === 'iterative') {
    const { best } = context as IterativeContext;
    return best !== null && best.iteration === iterationOf(childNumber(path));
  }
  return node.kind !== 'team';
}

const isWork = ({ mode }: Step): boolean => mode === 'work' || mode === 'aggregate' || mode === 'synthesize';

/** The tasks below a node whose work went into what the node has brought, in plan order. */
export function stepsThatCount(run: Patterned & Pick<RunState, 'steps'>, below: Path): Step[] {
  return run.steps.filter((step) => {
    const way = upwards(step.path);
    if (step.status !== 'COMPLETED' || !isWork(step) || !way.includes(below)) return false;
    return way.slice(0, way.indexOf(below)).every((at) => isTakenOver(run, at));
  });
}
