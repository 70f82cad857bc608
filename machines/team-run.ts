/**
 * The life of a team's run, from its request to its result.
 *
 * Owns: the statuses of a run, which event may do what in which, and what is said at its end. Does not own what becomes
 * of the tasks meanwhile (`teams/run.ts`, `teams/patterns`). Keeps I7 and I8.
 *
 * An answer that nobody waits for (late, repeated, of another agent) is no event of any state, and so changes nothing.
 */
import { assign, setup } from 'xstate';
import type { Envelope, EventType, Failure, TeamId, WorkContext } from '../schemas/types.ts';
import { confidence } from './formulas/confidence.ts';
import { failureOf } from './formulas/failure.ts';
import { type MissingInputs, missingInputs } from './formulas/inputs.ts';
import { type Emission, type ExhaustedInput, vocabulary, type WireInput } from './kit.ts';
import { instant } from './orchestration/text.ts';
import { requestOf } from './teams/acceptance.ts';
import { materialOf } from './teams/handing-out.ts';
import { appendConversation, appendDecision, newMemory } from './teams/memory.ts';
import { ROOT, tasksBelow } from './teams/places.ts';
import { newStep, Run } from './teams/run.ts';
import { completed, failed, resultOf } from './teams/run-end.ts';
import { planRun, type RunPlan } from './teams/run-plan.ts';
import type { Requested, RunIds, RunState } from './teams/run-state.ts';
import { membersOf, patternOf, type Team } from './teams/team.ts';

export interface TeamRunContext {
  /** What is known of a run before it starts. */
  requested: Requested | null;
  run: RunState | null;
  /** What the last event has caused; never stored. */
  products: readonly Emission[];
}

type RunEvent = 'TEAM.RUN_REQUESTED' | 'WORK.ITEM_DISPATCHED' | 'AGENT.TASK_COMPLETED' | 'AGENT.TASK_FAILED';
type Input = { [T in RunEvent]: WireInput<T> }[RunEvent] | ExhaustedInput;
type Scope = { context: TeamRunContext; event: Input };

/** A dispatched item is a run named after its dispatch. */
function dispatchedRun(
  { event_id, payload, timestamp }: Envelope<'WORK.ITEM_DISPATCHED'>,
  pattern: Requested['pattern'],
): Requested {
  const { project_id, backlog_item_id, agent_target, work_context } = payload;
  const { request_text = '', scope = '' } = work_context;
  return {
    ids: { run_id: event_id, team_id: agent_target as TeamId, project_id, backlog_item_id },
    pattern,
    request_text: request_text.trim() === '' ? scope : request_text,
    created_at: instant(timestamp),
  };
}

/** What was asked for, with why it did not become a run. */
const refused = (requested: Requested, failure: Failure, { timestamp }: Envelope): Requested => ({
  ...requested,
  refused: { reason: failure.reason, failure, at: instant(timestamp) },
});

/** Ids of the run that an event is about, as far as it says them: what is left when the run cannot be read. */
function idsFrom(event: Envelope): { ids: RunIds; isItem: boolean } {
  if (event.event_type === 'WORK.ITEM_DISPATCHED') return { ids: dispatchedRun(event, 'sequential').ids, isItem: true };
  const { run_id, team_id, project_id, backlog_item_id } = event.payload as RunIds;
  return { ids: { run_id, team_id, project_id, backlog_item_id }, isItem: backlog_item_id !== null };
}

/** The machine of every run of one team. `teams`: all there are, which may be asked to help. */
export function createTeamRunMachine(team: Team, teams: readonly Team[]) {
  const members = membersOf(teams);
  const own = patternOf(team);

  const planOf = ({ event }: Input) =>
    event.event_type === 'TEAM.RUN_REQUESTED' ? planRun(team, event.payload, teams) : planRun(team, {}, teams);

  /** The run with the products of a change, and what is said if the change has ended it. */
  function after(run: Run, { event }: Input): Partial<TeamRunContext> {
    const { state } = run;
    if (state.completed_at === null) return { run: state, products: run.products };
    const isItem = state.confidence !== null;
    if (state.error) {
      const { reason, failure } = state.error;
      return { run: state, products: [...run.products, ...failed(state.ids, reason, failure, isItem, event)] };
    }
    const result = resultOf(state, team.artifacts);
    const products = [...run.products, ...completed(state, result, run.id('deliverable'), event)];
    return { run: { ...state, result }, products };
  }

  function start({ event: input }: Scope): Partial<TeamRunContext> {
    const { event } = input;
    const { pattern, run: plan } = planOf(input) as RunPlan;
    const isItem = event.event_type === 'WORK.ITEM_DISPATCHED';
    const requested = isItem
      ? dispatchedRun(event, pattern)
      : requestOf(event as Envelope<'TEAM.RUN_REQUESTED'>, pattern);
    const {
      input: given,
      keys,
      decisions,
    } = isItem
      ? materialOf(event.payload.work_context)
      : { input: inputOf(event as Envelope<'TEAM.RUN_REQUESTED'>), keys: [], decisions: [] };
    const at = instant(event.timestamp);
    let memory = appendConversation(newMemory(given, at), { role: 'requester', content: requested.request_text, at });
    for (const decision of [{ pattern }, ...decisions]) memory = appendDecision(memory, decision);
    const state: RunState = {
      ...requested,
      plan,
      input: given,
      confidence: isItem ? confidence(event.payload.work_context as WorkContext) : null,
      patterns: {},
      scopes: {},
      causes: {},
      feedback: {},
      objectives: {},
      teamResults: {},
      loop: null,
      material: keys,
      steps: tasksBelow(plan, ROOT).map(({ path, node }) => newStep(plan, path, node)),
      memory,
      result: null,
      error: null,
      completed_at: null,
    };
    const run = Run.fork(state, input, members);
    if (isItem) {
      const { project_id, backlog_item_id } = event.payload;
      run.emit('WORK.ITEM_STARTED', { project_id, backlog_item_id, started_at: event.timestamp });
    }
    run.begin();
    return { ...after(run, input), requested };
  }

  function answered({ context, event: input }: Scope): Partial<TeamRunContext> {
    const { payload } = input.event as Envelope<'AGENT.TASK_COMPLETED' | 'AGENT.TASK_FAILED'>;
    const run = Run.fork(context.run as RunState, input, members);
    const step = Run.awaited(run.state, payload.task_id, payload.agent);
    if (!step) return {};
    if ('output' in payload) run.answer(step, payload);
    else run.fail(step, payload.failure ?? failureOf({ message: payload.reason }));
    return after(run, input);
  }

  function refuse({ event: input }: Scope): Partial<TeamRunContext> {
    const event = input.event as Envelope<'TEAM.RUN_REQUESTED'>;
    const problem = planOf(input) as { message: string };
    const requested = requestOf(event, own);
    const failure = failureOf({ message: `invalid run: ${problem.message}` });
    const products = failed(requested.ids, failure.reason, failure, false, event);
    return { requested: refused(requested, failure, event), products };
  }

  function giveUp({ context, event: input }: Scope): Partial<TeamRunContext> {
    const { fault, attempts, event } = input as ExhaustedInput;
    const failure: Failure = failureOf(fault, attempts);
    if (context.run) {
      const run = Run.fork(context.run, input, members);
      run.breakOff(failure);
      return after(run, input);
    }
    const { ids, isItem } = idsFrom(event);
    const requested = event.event_type === 'WORK.ITEM_DISPATCHED' ? dispatchedRun(event, own) : context.requested;
    const products = failed(ids, failure.reason, failure, isItem, event);
    return { requested: requested && refused(requested, failure, event), products };
  }

  return setup({
    types: { context: {} as TeamRunContext, events: {} as Input },
    actions: {
      ...vocabulary,
      start: assign(start),
      answered: assign(answered),
      refuseRun: assign(refuse),
      giveUp: assign(giveUp),
      ask: assign({ products: ({ event }) => ask(event.event as Envelope<'WORK.ITEM_DISPATCHED'>) }),
    },
    guards: {
      inputs_missing: ({ event }) =>
        missingInputs(team.id, (event.event as Envelope<'WORK.ITEM_DISPATCHED'>).payload.work_context) !== null,
      no_plan: ({ event }) => 'message' in planOf(event),
      awaited: ({ context, event }) => {
        const { payload } = event.event as Envelope<'AGENT.TASK_COMPLETED' | 'AGENT.TASK_FAILED'>;
        return context.run !== null && Run.awaited(context.run, payload.task_id, payload.agent) !== undefined;
      },
      succeeded: ({ context }) =>
        context.run !== null && context.run.completed_at !== null && context.run.error === null,
      broke: ({ context }) => context.run !== null && context.run.error !== null,
    },
  }).createMachine({
    id: 'team_run',
    version: '1',
    meta: {
      emits: [
        'WORK.ITEM_STARTED',
        'AGENT.RESULT_SHARED',
        'AGENT.COLLABORATION_REQUEST',
        'AGENT.TASK_DISPATCHED',
        'TEAM.SYNTHESIS_COMPLETE',
        'DELIVERABLE.PUBLISHED',
        'WORK.ITEM_COMPLETED',
        'TEAM.RUN_COMPLETED',
        'TEAM.RUN_FAILED',
        'WORK.ITEM_FAILED',
        'CLARIFICATION.NEEDED',
      ] satisfies EventType[],
    },
    context: { requested: null, run: null, products: [] },
    initial: 'pending',
    states: {
      pending: {
        on: {
          'TEAM.RUN_REQUESTED': [
            { guard: 'no_plan', target: 'failed', actions: ['refuseRun', announce] },
            { target: 'running', actions: ['start', announce] },
          ],
          'WORK.ITEM_DISPATCHED': [
            { guard: 'inputs_missing', target: 'asked', actions: ['ask', announce] },
            { target: 'running', actions: ['start', announce] },
          ],
          exhausted: { target: 'failed', actions: ['giveUp', announce] },
        },
      },
      running: {
        on: {
          'AGENT.TASK_COMPLETED': { guard: 'awaited', actions: ['answered', announce] },
          'AGENT.TASK_FAILED': { guard: 'awaited', actions: ['answered', announce] },
          exhausted: { actions: ['giveUp', announce] },
        },
        always: [
          { guard: 'broke', target: 'failed' },
          { guard: 'succeeded', target: 'completed' },
        ],
      },
      completed: { type: 'final' },
      failed: { type: 'final' },
      asked: { type: 'final' },
    },
  });
}

/** Emits what the action before it has caused. */
const announce = { type: 'emit' as const, params: ({ context }: Scope) => context.products };

/** What a run by itself is given; names of sub-teams are no context. */
function inputOf({ payload: { context = {}, pattern } }: Envelope<'TEAM.RUN_REQUESTED'>): Record<string, unknown> {
  const { teams, ...rest } = context;
  return pattern === 'hierarchical' ? rest : context;
}

function ask({ payload }: Envelope<'WORK.ITEM_DISPATCHED'>): Emission[] {
  const { project_id, backlog_item_id, agent_target: agent, work_context } = payload;
  const { reason, missing_fields } = missingInputs(agent, work_context) as MissingInputs;
  return [{ type: 'CLARIFICATION.NEEDED', payload: { project_id, backlog_item_id, agent, reason, missing_fields } }];
}
