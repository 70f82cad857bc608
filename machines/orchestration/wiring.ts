/**
 * How decisions become guards and actions of the project's machine.
 *
 * Owns: what the machine is given, and the adapters from XState's scope to plain functions of project and event.
 * Every action that changes the project forks the working copy; `announce` then emits the products of that fork.
 */
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { DoneInput, ExhaustedInput, FailedInput, WireInput } from '../kit.ts';
import type { PlanOutcome } from './plans.ts';
import type { RereadOutcome } from './rereading.ts';
import type { Project } from './working-copy.ts';

export interface ProjectContext {
  project: Project;
}

type Heard =
  | 'PROJECT.INITIAL_REQUEST_RECEIVED'
  | 'PROJECT.MESSAGE_RECEIVED'
  | 'PROJECT.STOP_REQUESTED'
  | 'WORK.ITEM_COMPLETED'
  | 'WORK.ITEM_FAILED'
  | 'DELIVERABLE.PUBLISHED'
  | 'CLARIFICATION.NEEDED'
  | 'USER.ANSWER_SUBMITTED'
  | 'HUMAN.APPROVAL_SUBMITTED'
  | 'USER.PROMPT_SUBMITTED'
  | 'CUSTOMER.MESSAGE_RESPONDED';

export type ProjectInput =
  | { [T in Heard]: WireInput<T> }[Heard]
  | DoneInput<'plan', PlanOutcome>
  | FailedInput<'plan'>
  | DoneInput<'reread', RereadOutcome>
  | FailedInput<'reread'>
  | ExhaustedInput;

/** What guards, actions and their parameters are given. */
export type Scope = { context: ProjectContext; event: ProjectInput };
type On<T extends EventType> = (project: Project, event: Envelope<T>) => void;

/** The project after a decision, made on a fork: nothing is changed that was given. */
export function change<T extends EventType>({ context, event }: Scope, decision: On<T>): ProjectContext {
  const project = context.project.fork(event);
  decision(project, event.event as Envelope<T>);
  return { project };
}

/** A guard on the project and the event. */
export const when =
  <T extends EventType>(test: (project: Project, event: Envelope<T>) => boolean) =>
  ({ context, event }: Scope) =>
    test(context.project, event.event as Envelope<T>);

/** Refuses the event with a reason. `retry`: it may only be early. */
export const refusing = <T extends EventType>(
  retry: boolean,
  reason: (event: Envelope<T>, project: Project) => string,
) => ({
  type: 'refuse' as const,
  params: ({ context, event }: Scope) => ({ reason: reason(event.event as Envelope<T>, context.project), retry }),
});

/** Emits the products of the change before it. */
export const announce = { type: 'emit' as const, params: ({ context }: Scope) => context.project.products };
