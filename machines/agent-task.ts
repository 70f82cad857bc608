/**
 * The life of one task of an agent.
 *
 * Owns: when an agent asks, answers and gives up, and what it says then. Does not own what it asks (effect `ask`), nor
 * retries. A task has an instance of its own, so a task that has ended is never asked again. Keeps I7.
 */
import { setup } from 'xstate';
import type { AgentTaskDispatched, Envelope, EventType, Usage } from '../schemas/types.ts';
import { failureOf } from './formulas/failure.ts';
import {
  type DoneInput,
  type Emission,
  type ExhaustedInput,
  type FailedInput,
  type PlainFault,
  vocabulary,
  type WireInput,
  type Withdrawn,
} from './kit.ts';

/** What an agent made of its task. */
export interface Answered {
  output: Record<string, unknown>;
  /** Absent when no model was asked. */
  usage?: Usage;
  duration_ms: number;
}

type Dispatch = Envelope<'AGENT.TASK_DISPATCHED'>;
type Done = DoneInput<'ask', Answered | Withdrawn>;
type Failed = FailedInput<'ask'>;
type Input = WireInput<'AGENT.TASK_DISPATCHED'> | Done | Failed | ExhaustedInput;

const PROJECT_FINAL: PlainFault = { code: 'EVENT_REFUSED', message: 'project final' };

const about = ({ run_id, team_id, project_id, backlog_item_id, task_id, agent }: AgentTaskDispatched) => ({
  run_id,
  team_id,
  project_id,
  backlog_item_id,
  task_id,
  agent,
});

function answer({ event, output }: Done): Emission[] {
  const answered = output as Answered;
  return [{ type: 'AGENT.TASK_COMPLETED', payload: { ...about((event as Dispatch).payload), ...answered } }];
}

function fail(event: Envelope, fault: PlainFault, attempts?: number): Emission[] {
  const failure = failureOf(fault, attempts);
  const payload = { ...about((event as Dispatch).payload), reason: failure.reason, failure };
  return [{ type: 'AGENT.TASK_FAILED', payload }];
}

const ask = {
  type: 'effect',
  params: ({ event }: { event: Input }) => ({ name: 'ask', input: event.event.payload }),
} as const;

const agentTask = setup({
  types: { events: {} as Input },
  actions: vocabulary,
  guards: { withdrawn: ({ event }) => 'withdrawn' in (event as Done).output },
});

/** Only while the task goes on: one that has ended has said how. */
const givesUp = agentTask.createStateConfig({
  on: {
    exhausted: {
      target: 'failed',
      actions: [{ type: 'emit', params: ({ event: { event, fault, attempts } }) => fail(event, fault, attempts) }],
    },
  },
}).on;

export const agentTaskMachine = agentTask.createMachine({
  id: 'agent_task',
  version: '1',
  meta: { emits: ['AGENT.TASK_COMPLETED', 'AGENT.TASK_FAILED'] satisfies EventType[] },
  context: {},
  initial: 'idle',
  states: {
    idle: { on: { ...givesUp, 'AGENT.TASK_DISPATCHED': { target: 'asking', actions: [ask] } } },
    asking: {
      on: {
        ...givesUp,
        // The turn that asked did not end: a crash, or an error worth another try.
        'AGENT.TASK_DISPATCHED': { actions: [ask] },
        'ask.done': [
          {
            guard: 'withdrawn',
            target: 'failed',
            actions: [{ type: 'emit', params: ({ event }) => fail(event.event, PROJECT_FINAL) }],
          },
          { target: 'answered', actions: [{ type: 'emit', params: ({ event }) => answer(event) }] },
        ],
        'ask.failed': {
          target: 'failed',
          actions: [{ type: 'emit', params: ({ event: { event, fault } }) => fail(event, fault) }],
        },
      },
    },
    answered: { type: 'final' },
    failed: { type: 'final' },
  },
});
