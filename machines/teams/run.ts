/**
 * A run as one event changes it.
 *
 * Owns: beginning, taking an answer or a failure, and the bound of what a run remembers. Does not own how it moves on
 * (`movement.ts`), what is kept of an answer (`keeping.ts`), or how it is reported (`run-end.ts`). Keeps I9: what would
 * not fit into the memory is not kept.
 */
import type { AgentTaskCompleted, Failure } from '../../schemas/types.ts';
import { failureOf } from '../formulas/failure.ts';
import { utf8Bytes } from './bytes.ts';
import type { Change } from './change.ts';
import { reviewOf } from './judging.ts';
import { keep } from './keeping.ts';
import { addUsage, isKeepable, MAX_MEMORY_BYTES, setState } from './memory.ts';
import { breakOff, leave, start } from './movement.ts';
import { ROOT } from './places.ts';
import type { RunState, Step } from './run-state.ts';
import { assign } from './sub-teams.ts';

/** Starts the first tasks. */
export const beginRun = (change: Change): void => bounded(change, () => start(change, ROOT));

/** The step that waits for this agent's answer to this task; undefined: nobody does. */
export function awaited({ steps }: RunState, taskId: string, agent: string): Step | undefined {
  const id = taskId.toLowerCase();
  return steps.find((step) => step.task_id === id && step.status === 'RUNNING' && step.agent === agent);
}

/** An agent has answered. */
export function takeAnswer(change: Change, step: Step, { output, usage, duration_ms }: AgentTaskCompleted): void {
  const { path, task, agent, mode } = step;
  // It was used and has cost, whatever becomes of the answer.
  if (usage) change.memory((memory) => addUsage(memory, agent, usage));
  change.step(path, { duration_ms: duration_ms ?? null, usage: usage ?? null });
  if (!isKeepable(output)) {
    takeFailure(change, step, failureOf({ message: 'output too large' }));
    return;
  }
  bounded(change, () => {
    keep(change, step, output);
    change.step(path, { status: 'COMPLETED', output });
    const { run_id, team_id, project_id } = change.state.ids;
    change.emit('AGENT.RESULT_SHARED', { project_id, run_id, team_id, agent_id: agent, result: { task, output } });
    if (mode === 'delegate') assign(change, path, agent, output);
    leave(change, path, { how: 'done', score: mode === 'review' ? reviewOf(output).score : 0 });
  });
}

/** An agent has given up. */
export const takeFailure = (change: Change, step: Step, failure: Failure): void =>
  bounded(change, () => failStep(change, step, failure));

function failStep(change: Change, { path, task }: Step, failure: Failure): void {
  change.step(path, { status: 'FAILED', failure });
  change.memory((memory) => setState(memory, { step: task }));
  leave(change, path, { how: 'failed', cause: path });
}

/** Does something that lets the memory grow; if it grows too large, none of it has happened and the run has failed. */
function bounded(change: Change, grow: () => void): void {
  const { state } = change;
  const products = change.products.length;
  grow();
  const { memory, scopes, teamResults } = change.state;
  if (utf8Bytes(JSON.stringify([memory, scopes, teamResults])) <= MAX_MEMORY_BYTES) return;
  change.state = state;
  change.products.length = products;
  breakOff(change, failureOf({ message: 'shared memory full' }));
}
