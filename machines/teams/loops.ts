/**
 * The rounds of a loop as the run keeps them.
 *
 * Owns: opening a round, what its worker is told of the one before, and which round is taken over. Does not own when
 * there is another (`patterns/iterative.ts`).
 */
import type { Change } from './change.ts';
import type { Feedback } from './handing-out.ts';
import { type Review, reviewOf } from './judging.ts';
import { collaborate } from './keeping.ts';
import { type IterativeContext, iterationOf, reviewChild, workChild } from './patterns/iterative.ts';
import {
  childNumber,
  childPath,
  comparePaths,
  nodeAt,
  type Path,
  parentPath,
  ROOT,
  tasksBelow,
  upwards,
} from './places.ts';
import type { RunState, Step } from './run-state.ts';
import * as scopes from './scopes.ts';
import { newStep } from './steps.ts';
import { type TaskNode, tasksOf } from './team.ts';

/** The review of a round that has ended. */
function reviewIn({ steps }: RunState, loop: Path, iteration: number): { reviewer: string; review: Review } {
  const { agent, output } = steps.find(({ path }) => path === childPath(loop, reviewChild(iteration))) as Step;
  return { reviewer: agent, review: reviewOf(output as Record<string, unknown>) };
}

/** Gives the round a scope and, from the second on, its steps. */
export function openRound(change: Change, loop: Path, iteration: number): void {
  const work = childPath(loop, workChild(iteration));
  change.state = scopes.open(change.state, work, true);
  if (iteration === 1) return;
  const { plan, steps } = change.state;
  const places = [work, childPath(loop, reviewChild(iteration))];
  const added = places
    .flatMap((place) => tasksBelow(change.node(place), place))
    .map(({ path, node }) => newStep(plan, path, node));
  change.patch({ steps: [...steps, ...added].sort((a, b) => comparePaths(a.path, b.path)) });
  const { reviewer, review } = reviewIn(change.state, loop, iteration - 1);
  const [worker] = tasksOf(change.node(work)) as [TaskNode];
  collaborate(change, reviewer, worker.agent, review.summary);
}

/** What the work of a round has brought: the answer of a single agent, else all that was written. */
export function workOf(run: RunState, work: Path): unknown {
  const step = run.steps.find(({ path }) => path === work);
  return step ? step.output : scopes.writesOf(run, work);
}

/** What the round before says to the work of this one; null in a first round, outside of loops, and to reviewers. */
export function feedbackFor(run: RunState, path: Path): Feedback | null {
  for (const at of upwards(path)) {
    const loop = parentPath(at);
    const child = childNumber(at);
    const iteration = iterationOf(child);
    if (at === ROOT || nodeAt(run.plan, loop).kind !== 'iterative') continue;
    if (child !== workChild(iteration)) return null;
    if (iteration === 1) continue;
    const { issues, summary } = reviewIn(run, loop, iteration - 1).review;
    return { previous_output: workOf(run, childPath(loop, workChild(iteration - 1))), issues, summary };
  }
  return null;
}

/** The best round counts. */
export function settleLoop(change: Change, loop: Path): void {
  const { best, iteration } = change.pattern(loop).context as IterativeContext;
  const rounds = Array.from({ length: iteration }, (_, index) => childPath(loop, workChild(index + 1)));
  const winner = childPath(loop, workChild((best as NonNullable<typeof best>).iteration));
  change.state = scopes.close(change.state, loop, rounds, [winner]);
}

/** How the loop of the run has ended; of several one after another, the last. Those of sub-teams are not the run's. */
export function loopOf({ plan, patterns }: RunState): { accepted: boolean; iterations: number } | null {
  const isOwn = (path: Path) =>
    upwards(path)
      .slice(1)
      .every((at) => !['iterative', 'team'].includes(nodeAt(plan, at).kind));
  const [, last] =
    Object.entries(patterns)
      .filter(([path, { value }]) => value === 'done' && nodeAt(plan, path).kind === 'iterative' && isOwn(path))
      .sort(([a], [b]) => comparePaths(a, b))
      .at(-1) ?? [];
  if (last === undefined) return null;
  const { accepted, iteration } = last.context as IterativeContext;
  return { accepted, iterations: iteration };
}
