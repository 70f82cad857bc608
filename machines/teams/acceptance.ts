/**
 * How a request becomes a run.
 *
 * Owns: what is known of a run from the moment it is asked for, and the state that it starts with. The HTTP edge and the
 * gate store a request with the event they accept, so that the run can be read at once.
 */
import type { Envelope, TeamId } from '../../schemas/types.ts';
import { instant } from '../orchestration/text.ts';
import type { Material } from './handing-out.ts';
import { appendConversation, appendDecision, newMemory } from './memory.ts';
import { ROOT, tasksBelow } from './places.ts';
import type { RunPlan } from './run-plan.ts';
import type { Requested, RunState } from './run-state.ts';
import { newStep } from './steps.ts';
import type { Pattern } from './team.ts';

type Request = Envelope<'TEAM.RUN_REQUESTED'>;

/** An event that a run starts with. */
export type Opening = Envelope<'TEAM.RUN_REQUESTED' | 'WORK.ITEM_DISPATCHED'>;

/** What is known of a run before it starts. `own`: the pattern that the team has of its own accord. */
export function requestOf(event: Opening, own: Pattern): Requested {
  const created_at = instant(event.timestamp);
  if (event.event_type === 'WORK.ITEM_DISPATCHED') {
    const { project_id, backlog_item_id, agent_target, work_context } = event.payload;
    const { request_text = '', scope = '' } = work_context;
    return {
      // A dispatched item is a run named after its dispatch.
      ids: { run_id: event.event_id.toLowerCase(), team_id: agent_target as TeamId, project_id, backlog_item_id },
      pattern: own,
      request_text: request_text.trim() === '' ? scope : request_text,
      created_at,
    };
  }
  const { run_id, team_id, project_id, backlog_item_id, request_text, pattern = own } = event.payload;
  return {
    ids: { run_id: run_id.toLowerCase(), team_id, project_id, backlog_item_id },
    pattern,
    request_text,
    created_at,
  };
}

/** A run as it is first stored: snapshot value and context. Pure: the gate and the HTTP edge make the same. */
export const requestedRun = (event: Request, own: Pattern) => ({
  value: 'pending' as const,
  context: { requested: requestOf(event, own), run: null },
});

/** What a run by itself is given; names of sub-teams are no context. */
export function directMaterial({ context = {}, pattern }: Request['payload']): Material {
  const { teams, ...rest } = context;
  return { input: pattern === 'hierarchical' ? rest : context, keys: [], decisions: [] };
}

/** A run in which nothing has happened yet. `confidence`: of an item's result, null for a run by itself. */
export function newRun(
  requested: Requested,
  { pattern, run: plan }: RunPlan,
  { input, keys, decisions }: Material,
  confidence: number | null,
): RunState {
  const { request_text, created_at: at } = requested;
  let memory = appendConversation(newMemory(input, at), { role: 'requester', content: request_text, at });
  for (const decision of [{ pattern }, ...decisions]) memory = appendDecision(memory, decision);
  return {
    ...requested,
    pattern,
    plan,
    input,
    confidence,
    patterns: {},
    scopes: {},
    causes: {},
    objectives: {},
    teamResults: {},
    material: keys,
    steps: tasksBelow(plan, ROOT).map(({ path, node }) => newStep(plan, path, node)),
    memory,
    result: null,
    error: null,
    completed_at: null,
  };
}
