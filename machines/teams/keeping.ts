/**
 * What is kept of an answer.
 *
 * Owns: which result, finding, keys, conversation and decision an answer leaves in the shared memory. Does not own what
 * happens next (`movement.ts`).
 */
import { clip, MAX_TEXT } from '../orchestration/text.ts';
import type { Change } from './change.ts';
import { valueAt } from './cut.ts';
import { headlineOf, reviewOf } from './judging.ts';
import { addFinding, appendConversation, appendDecision, setResult, setState } from './memory.ts';
import type { IterativeContext } from './patterns/iterative.ts';
import { loopAround, parentPath } from './places.ts';
import type { Step } from './run-state.ts';
import * as scopes from './scopes.ts';
import { subTeamAround } from './steps.ts';

type Output = Record<string, unknown>;

export function keep(change: Change, step: Step, output: Output): void {
  const { path, task, agent, mode } = step;
  const { state } = change;
  const memory = setResult(state.memory, resultName(change, step), output);
  const patch = mode === 'work' || mode === 'aggregate' ? written(change, agent, output) : {};
  change.state = scopes.write({ ...state, memory }, path, patch);
  const finding = { task, headline: headlineOf(output), keys: Object.keys(patch) };
  change.memory((kept) => addFinding(kept, { agent, finding, timestamp: change.now }));
  change.memory((kept) => setState(kept, { step: task }));
  if (mode === 'review') keepReview(change, step, output);
}

/** `write:writer_agent`, in loops `write:writer_agent#2`, in sub-teams `email_team/write:writer_agent`. */
function resultName({ state: { plan } }: Change, { path, task, agent }: Step): string {
  const team = subTeamAround(plan, path);
  const loop = loopAround(plan, path);
  return `${team ? `${team.node.team_id}/` : ''}${task}:${agent}${loop ? `#${loop.iteration}` : ''}`;
}

/** What an agent's answer says of the keys that it writes; an answer from outside may say nothing. */
function written(change: Change, agent: string, output: Output): Output {
  const values = Object.entries(change.member(agent).writes).map(([key, path]) => [key, valueAt(output, path)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function keepReview(change: Change, { path, agent, attempt }: Step, output: Output): void {
  const { score, summary } = reviewOf(output);
  const { qualityThreshold } = change.pattern(parentPath(path)).context as IterativeContext;
  const decision = { accepted: score >= qualityThreshold, score, iteration: attempt };
  change.memory((kept) =>
    appendDecision(
      appendConversation(kept, { role: agent, content: clip(summary, MAX_TEXT), at: change.now }),
      decision,
    ),
  );
}

/** One member, or the leader of a sub-team, says to another what to do. */
export function collaborate(change: Change, requester: string, target: string, words: string): void {
  const { run_id, team_id, project_id } = change.state.ids;
  const content = clip(words, MAX_TEXT);
  const message = { from_agent: requester, to_agent: target, content, timestamp: change.now };
  change.emit('AGENT.COLLABORATION_REQUEST', { project_id, run_id, team_id, requester, target, message });
  change.memory((kept) => appendConversation(kept, { role: requester, content, at: change.now }));
}
