/**
 * What a run says when it has ended.
 *
 * Owns: the result that is handed over, and the events of an end, in their order. Nothing in a result depends on the
 * order in which answers arrived.
 */
import type { Envelope, Failure, TeamResult } from '../../schemas/types.ts';
import type { Emission } from '../kit.ts';
import { clip, instant, MAX_TEXT } from '../orchestration/text.ts';
import { headlineOf } from './judging.ts';
import { loopOf } from './loops.ts';
import type { TokenUsage } from './memory.ts';
import { ROOT } from './places.ts';
import type { RunIds, RunState } from './run-state.ts';
import { stepsThatCount } from './steps.ts';
import type { Member, Members } from './team.ts';

/** Usage in an order that does not depend on who was first. */
function inOrder({ agents, ...totals }: TokenUsage): TokenUsage {
  const names = Object.keys(agents).sort();
  return { ...totals, agents: Object.fromEntries(names.map((name) => [name, agents[name] as TokenUsage])) };
}

/** Context key → the agent whose writing it is in the end. */
function writersOf(run: RunState, members: Members): Record<string, string> {
  const written = stepsThatCount(run, ROOT)
    .filter(({ mode }) => mode !== 'synthesize')
    .flatMap(({ agent }) => Object.keys((members[agent] as Member).writes).map((key) => [key, agent] as const));
  return Object.fromEntries(written);
}

/** What the team hands over: of `artifacts`, the keys that its members have written. */
export function resultOf(run: RunState, artifacts: readonly string[], members: Members): TeamResult {
  const { ids, pattern, steps, memory } = run;
  const completed = steps.filter(({ status }) => status === 'COMPLETED');
  const failed = steps.filter(({ status }) => status === 'FAILED');
  const headline = headlineOf(completed.at(-1)?.output ?? {});
  const { context } = memory;
  const writers = writersOf(run, members);
  const loop = loopOf(run);
  return {
    team_id: ids.team_id,
    summary: clip(`${ids.team_id} completed ${completed.length} of ${steps.length} steps: ${headline}`, MAX_TEXT),
    artifacts: artifacts
      .filter((kind) => writers[kind] !== undefined && context[kind] !== undefined)
      .map((kind) => ({ kind, agent: writers[kind], content: context[kind] })),
    details: {
      steps: completed.map(({ task, agent, output }) => ({ task, agent, output })),
      failed: failed.map(({ task, agent, failure }) => ({ task, agent, reason: failure?.reason })),
      pattern,
      ...loop,
      token_usage: inOrder(memory.token_usage),
    },
  };
}

const itemOf = ({ project_id, backlog_item_id }: RunIds) => ({
  project_id: project_id as string,
  backlog_item_id: backlog_item_id as string,
});

/** The events of a run that has reached its end. */
export function completed(run: RunState, result: TeamResult, deliverableId: string, event: Envelope): Emission[] {
  const { ids, confidence } = run;
  const { run_id, team_id, project_id } = ids;
  const { summary } = result;
  const emissions: Emission[] = [
    { type: 'TEAM.SYNTHESIS_COMPLETE', payload: { project_id, run_id, team_id, summary, result } },
  ];
  if (confidence !== null) {
    const item = itemOf(ids);
    const { timestamp } = event;
    const content = { ...result };
    const deliverable = {
      id: deliverableId,
      type: 'team_result',
      ...item,
      agent: team_id,
      timestamp,
      confidence,
      content,
    };
    const evidence = {
      agent: team_id,
      deliverable_id: deliverableId,
      team_id,
      steps: run.steps.filter(({ status }) => status === 'COMPLETED').length,
    };
    emissions.push(
      { type: 'DELIVERABLE.PUBLISHED', payload: { ...item, deliverable } },
      { type: 'WORK.ITEM_COMPLETED', payload: { ...item, evidence } },
    );
  }
  const completed_at = instant(event.timestamp);
  emissions.push({ type: 'TEAM.RUN_COMPLETED', payload: { ...ids, result, completed_at } });
  return emissions;
}

/** The events of a run that has failed. `isItem`: an item waits for it. */
export function failed(ids: RunIds, reason: string, failure: Failure, isItem: boolean, event: Envelope): Emission[] {
  const failed_at = instant(event.timestamp);
  const emissions: Emission[] = [
    { type: 'TEAM.RUN_FAILED', payload: { ...ids, reason: clip(reason, MAX_TEXT), failure, failed_at } },
  ];
  if (isItem) {
    emissions.push({ type: 'WORK.ITEM_FAILED', payload: { ...itemOf(ids), reason: failure.reason, failure } });
  }
  return emissions;
}
