/**
 * The life of a team's run, from its request to its result.
 *
 * Owns: the statuses of a run, which event may do what in which, and what is said at its end. Does not own what becomes
 * of the tasks meanwhile (`teams/run.ts`, `teams/patterns`). Keeps I7 and I8.
 *
 * An answer that nobody waits for (late, repeated, of another agent) is no event of any state, and so changes nothing.
 */
import { assign, setup } from 'xstate';
import type { AgentTaskCompleted, Envelope, EventType } from '../schemas/types.ts';
import { confidence } from './formulas/confidence.ts';
import { failureOf } from './formulas/failure.ts';
import { type MissingInputs, missingInputs } from './formulas/inputs.ts';
import { type Emission, type ExhaustedInput, type PlainFault, vocabulary, type WireInput } from './kit.ts';
import { instant } from './orchestration/text.ts';
import { directMaterial, newRun, type Opening, requestOf } from './teams/acceptance.ts';
import { Change } from './teams/change.ts';
import { materialOf } from './teams/handing-out.ts';
import { breakOff } from './teams/movement.ts';
import { awaited, beginRun, takeAnswer, takeFailure } from './teams/run.ts';
import { completed, failed, resultOf } from './teams/run-end.ts';
import { planRun, type RunPlan } from './teams/run-plan.ts';
import type { Requested, RunState, Step } from './teams/run-state.ts';
import { type Member, membersOf, patternOf, type TaskMode, type Team } from './teams/team.ts';

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
type Dispatch = Envelope<'WORK.ITEM_DISPATCHED'>;

const isItem = ({ event_type }: Envelope): boolean => event_type === 'WORK.ITEM_DISPATCHED';
const isOpening = (event: Envelope): event is Opening => isItem(event) || event.event_type === 'TEAM.RUN_REQUESTED';

/** The step that an answer is for, if somebody waits for it. */
function stepFor({ run }: TeamRunContext, event: Envelope): Step | undefined {
  if (run === null || (event.event_type !== 'AGENT.TASK_COMPLETED' && event.event_type !== 'AGENT.TASK_FAILED')) return;
  return awaited(run, event.payload.task_id, event.payload.agent);
}

/** Whether an output is what a member may answer to such a task. */
export type IsAnswer = (member: Member, mode: TaskMode, output: Record<string, unknown>) => boolean;

/**
 * The machine of every run of one team.
 * @param teams all there are, which may be asked to help
 * @param isAnswer anybody can add to the log: an answer of another shape is none, and the agent's own is waited for
 */
export function createTeamRunMachine(team: Team, teams: readonly Team[], isAnswer: IsAnswer) {
  const members = membersOf(teams);
  const own = patternOf(team);

  function planOf(event: Opening) {
    if (event.event_type !== 'TEAM.RUN_REQUESTED') return planRun(team, {}, teams);
    if (event.payload.request_text.trim() === '') return { path: '/request_text', message: 'request_text is blank' };
    return planRun(team, event.payload, teams);
  }

  /** The run with the products of a change, and what is said if the change has ended it. */
  function after(change: Change, event: Envelope): Partial<TeamRunContext> {
    const { state, products } = change;
    if (state.completed_at === null) return { run: state, products };
    if (state.error) {
      const { reason, failure } = state.error;
      const ofItem = state.confidence !== null;
      return { run: state, products: [...products, ...failed(state.ids, reason, failure, ofItem, event)] };
    }
    const result = resultOf(state, team.artifacts, members);
    const ended = completed(state, result, change.id('deliverable'), event);
    return { run: { ...state, result }, products: [...products, ...ended] };
  }

  function start({ event: input }: Scope): Partial<TeamRunContext> {
    const event = input.event as Opening;
    const plan = planOf(event) as RunPlan;
    const requested = requestOf(event, plan.pattern);
    const run =
      event.event_type === 'WORK.ITEM_DISPATCHED'
        ? newRun(requested, plan, materialOf(event.payload.work_context), confidence(event.payload.work_context))
        : newRun(requested, plan, directMaterial(event.payload), null);
    const change = new Change(run, input, members);
    if (event.event_type === 'WORK.ITEM_DISPATCHED') {
      const { project_id, backlog_item_id } = event.payload;
      change.emit('WORK.ITEM_STARTED', { project_id, backlog_item_id, started_at: event.timestamp });
    }
    beginRun(change);
    return { ...after(change, event), requested };
  }

  function answered({ context, event: { event, id } }: Scope): Partial<TeamRunContext> {
    const change = new Change(context.run as RunState, { event, id }, members);
    const step = stepFor(context, event) as Step;
    if (event.event_type === 'AGENT.TASK_FAILED') {
      const { failure, reason } = event.payload;
      takeFailure(change, step, failure ?? failureOf({ message: reason }));
    } else {
      takeAnswer(change, step, event.payload as AgentTaskCompleted);
    }
    return after(change, event);
  }

  /** What was asked for and never became a run. */
  function refused(event: Opening, fault: Pick<PlainFault, 'message'>, attempts?: number): Partial<TeamRunContext> {
    const requested = requestOf(event, own);
    const failure = failureOf(fault, attempts);
    return {
      requested: { ...requested, refused: { reason: failure.reason, failure, at: instant(event.timestamp) } },
      products: failed(requested.ids, failure.reason, failure, isItem(event), event),
    };
  }

  function refuse({ event: { event } }: Scope): Partial<TeamRunContext> {
    const { message } = planOf(event as Opening) as { message: string };
    return refused(event as Opening, { message: `invalid run: ${message}` });
  }

  function giveUp({ context, event: input }: Scope): Partial<TeamRunContext> {
    const { fault, attempts, event, id } = input as ExhaustedInput;
    if (context.run === null) return refused(event as Opening, fault, attempts);
    const change = new Change(context.run, { event, id }, members);
    breakOff(change, failureOf(fault, attempts));
    return after(change, event);
  }

  return setup({
    types: { context: {} as TeamRunContext, events: {} as Input },
    actions: {
      ...vocabulary,
      start: assign(start),
      answered: assign(answered),
      refuseRun: assign(refuse),
      giveUp: assign(giveUp),
      ask: assign({ products: ({ event: { event } }) => ask(event as Dispatch) }),
    },
    guards: {
      inputs_missing: ({ event: { event } }) =>
        missingInputs(team.id, (event as Dispatch).payload.work_context) !== null,
      no_plan: ({ event: { event } }) => 'message' in planOf(event as Opening),
      opens: ({ event: { event } }) => isOpening(event),
      awaited: ({ context, event: { event } }) => {
        const step = stepFor(context, event);
        if (!step || event.event_type !== 'AGENT.TASK_COMPLETED') return step !== undefined;
        return isAnswer(members[step.agent] as Member, step.mode, event.payload.output);
      },
      succeeded: ({ context: { run } }) => run?.completed_at != null && run.error === null,
      broke: ({ context: { run } }) => run?.error != null,
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
          exhausted: { guard: 'opens', target: 'failed', actions: ['giveUp', announce] },
        },
      },
      running: {
        on: {
          'AGENT.TASK_COMPLETED': { guard: 'awaited', actions: ['answered', announce] },
          'AGENT.TASK_FAILED': { guard: 'awaited', actions: ['answered', announce] },
          // The run cannot go on without this answer; without any other it can.
          exhausted: { guard: 'awaited', actions: ['giveUp', announce] },
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

function ask({ payload }: Dispatch): Emission[] {
  const { project_id, backlog_item_id, agent_target: agent, work_context } = payload;
  const { reason, missing_fields } = missingInputs(agent, work_context) as MissingInputs;
  return [{ type: 'CLARIFICATION.NEEDED', payload: { project_id, backlog_item_id, agent, reason, missing_fields } }];
}
