/**
 * A run moving on.
 *
 * Owns: telling each pattern what became of its children, and doing what it then asks for: start, skip, end. Does not own
 * what a pattern decides (`patterns/`). Keeps I7: a pattern moves by its machine only.
 */
import type { Failure } from '../../schemas/types.ts';
import type { Change } from './change.ts';
import { dispatch } from './dispatching.ts';
import { openRound, settleLoop } from './loops.ts';
import { appendDecision, setState } from './memory.ts';
import { iterationOf, workChild } from './patterns/iterative.ts';
import type { ParallelContext } from './patterns/parallel.ts';
import { type Advance, advance, begin, type PatternEvent } from './patterns/pattern.ts';
import { patternOfNode } from './patterns/patterns.ts';
import { childNumber, childPath, type Path, parentPath, ROOT, upwards } from './places.ts';
import type { Step } from './run-state.ts';
import * as scopes from './scopes.ts';
import { enterTeam, gather, leaveTeam } from './sub-teams.ts';
import type { ParallelNode } from './team.ts';

/** How a node has ended: a review with its score, anything else with 0; a failed one with the step that made it fail. */
type Ending = { how: 'done'; score: number } | { how: 'failed'; cause: Path };

export function start(change: Change, path: Path): void {
  const node = change.node(path);
  if (node.kind === 'task') {
    dispatch(change, path, node);
  } else if (node.kind === 'team') {
    start(change, enterTeam(change, path));
  } else {
    const { machine, input } = patternOfNode(node);
    follow(change, path, begin(machine, input), null);
  }
}

/** A node has ended: the pattern around it is told, or the run has ended with it. */
export function leave(change: Change, path: Path, ending: Ending): void {
  if (path === ROOT) {
    endRun(change, ending);
    return;
  }
  const around = parentPath(path);
  const node = change.node(around);
  if (ending.how === 'failed') change.patch({ causes: { ...change.state.causes, [path]: ending.cause } });
  if (node.kind === 'team') {
    leaveTeam(change, around, node, ending.how);
    leave(change, around, ending);
    return;
  }
  const { machine } = patternOfNode(node);
  const advanced = advance(machine, change.pattern(around), eventOf(childNumber(path), ending));
  follow(change, around, advanced, ending.how === 'failed' ? ending.cause : null);
}

const eventOf = (child: number, ending: Ending): PatternEvent =>
  ending.how === 'failed' ? { type: 'child.failed', child } : { type: 'child.done', child, score: ending.score };

/** Does what a pattern asks for. `cause`: the step that failed, if it was that. */
function follow(change: Change, path: Path, { state, start: started, skip, ended }: Advance, cause: Path | null): void {
  change.patch({ patterns: { ...change.state.patterns, [path]: state } });
  for (const child of skip) skipAll(change, childPath(path, child));
  for (const child of started) enter(change, path, child);
  if (ended === 'done') finish(change, path);
  if (ended === 'failed') {
    change.state = scopes.abandon(change.state, path);
    leave(change, path, { how: 'failed', cause: blamed(change, path, cause) });
  }
}

/** Starts a child with what its kind of pattern gives it: a scope, what others have written. */
function enter(change: Change, path: Path, child: number): void {
  const node = change.node(path);
  const at = childPath(path, child);
  if (node.kind === 'parallel') {
    if (child < node.children.length) change.state = scopes.open(change.state, at, true);
    else merge(change, path, node);
  }
  if (node.kind === 'delegation' && child === 2) gather(change, path);
  if (node.kind === 'iterative' && child === workChild(iterationOf(child))) openRound(change, path, iterationOf(child));
  start(change, at);
}

function finish(change: Change, path: Path): void {
  const node = change.node(path);
  // With an aggregator they have been merged before it began.
  if (node.kind === 'parallel' && node.aggregator === null) merge(change, path, node);
  if (node.kind === 'iterative') settleLoop(change, path);
  leave(change, path, { how: 'done', score: 0 });
}

/** Takes over what the branches that succeeded have written, in the order of the plan. */
function merge(change: Change, path: Path, { children }: ParallelNode): void {
  const { failed } = change.pattern(path).context as ParallelContext;
  const all = children.map((_, child) => childPath(path, child));
  const kept = all.filter((_, child) => !failed.includes(child));
  change.state = scopes.close(change.state, path, all, kept);
}

function skipAll(change: Change, path: Path): void {
  const { steps } = change.state;
  const skipped = steps.filter((step) => step.status === 'PENDING' && upwards(step.path).includes(path));
  change.patch({
    steps: steps.map((step): Step => (skipped.includes(step) ? { ...step, status: 'SKIPPED' } : step)),
  });
  for (const { task } of skipped) {
    change.memory((memory) => appendDecision(memory, { skipped: task, reason: 'an earlier task failed' }));
  }
}

/** The step that a failure is put down to, whatever the order of arrival: in `parallel`, the first in the plan. */
function blamed(change: Change, path: Path, cause: Path | null): Path {
  const node = change.node(path);
  if (node.kind !== 'parallel') return cause as Path;
  const { causes } = change.state;
  const { failed } = change.pattern(path).context as ParallelContext;
  const inOrder = [...failed].sort((a, b) => a - b);
  const first = inOrder.find((child) => node.children[child]?.required) ?? inOrder[0];
  // An aggregator only runs, and fails, when its branches were good enough.
  return (causes[childPath(path, node.children.length)] ?? causes[childPath(path, first as number)]) as Path;
}

function endRun(change: Change, ending: Ending): void {
  if (ending.how === 'failed') {
    const { task, agent, failure } = change.state.steps.find(({ path }) => path === ending.cause) as Step;
    const why = failure as Failure;
    change.patch({ error: { reason: `${task}:${agent}: ${why.reason}`, failure: why } });
  }
  close(change, ending.how === 'done' ? 'COMPLETED' : 'FAILED');
}

/** The run as a whole cannot go on. */
export function breakOff(change: Change, failure: Failure): void {
  const steps = change.state.steps.map((step): Step => {
    if (step.status === 'RUNNING') return { ...step, status: 'FAILED', failure };
    return step.status === 'PENDING' ? { ...step, status: 'SKIPPED' } : step;
  });
  change.patch({ steps, error: { reason: failure.reason, failure } });
  close(change, 'FAILED');
}

function close(change: Change, status: 'COMPLETED' | 'FAILED'): void {
  change.memory((memory) => setState(memory, { status }));
  change.patch({ completed_at: change.now });
}
