/**
 * The life of a project, from request to report.
 *
 * Owns: its statuses, which event may do what in which, and what is refused. Does not own what an event does to the
 * backlog (`orchestration/*`) nor storage (`actors/orchestrator.ts`). Keeps I7 (statuses change here only; items by
 * their own machine), I8 (nothing but state and event decides) and I10 (guards and actions read the parts they name).
 *
 * The three ends stay reachable: results that come late and messages still find the project.
 */
import { assign, setup } from 'xstate';
import { PRODUCT_ORDER } from '../schemas/catalog.ts';
import type { Envelope } from '../schemas/types.ts';
import { allowedFrom } from './backlog-item.ts';
import {
  type DoneInput,
  type ExhaustedInput,
  type FailedInput,
  type Parts,
  vocabulary,
  type WireInput,
} from './kit.ts';
import { isOwnRequest } from './orchestration/acceptance.ts';
import { answer } from './orchestration/answering.ts';
import { ask } from './orchestration/clarification.ts';
import { conclude, concludeFailed, concludeStopped, type Ended, lacksOnlyWords } from './orchestration/completion.ts';
import { decide } from './orchestration/deciding.ts';
import { receive } from './orchestration/deliverables.ts';
import { evidenceDeliverable } from './orchestration/dispatch.ts';
import { failAsTold } from './orchestration/failing.ts';
import { approvalOf, isEarly, isNewDeliverable, isOpenItem, itemOf, questionOf } from './orchestration/lookups.ts';
import { hear, type Spoken } from './orchestration/messages.ts';
import type { QuestionPart } from './orchestration/parts.ts';
import { plan, planWithLlm, takeUp } from './orchestration/planning.ts';
import { isOpen, type PlanOutcome } from './orchestration/plans.ts';
import { answerWithReading, type RereadOutcome, rereadRequest, wantsRereading } from './orchestration/rereading.ts';
import { review } from './orchestration/review.ts';
import {
  announce,
  change,
  type ProjectContext,
  type ProjectInput,
  refusing,
  type Scope,
  when,
} from './orchestration/wiring.ts';
import { Project } from './orchestration/working-copy.ts';
import type { Team } from './teams/team.ts';

export interface ProjectSettings {
  /** Dispatches of one item, and deliveries of one event; `MAX_ATTEMPTS`. */
  maxAttempts: number;
  /** Who plans a request that brings no items and no rows; `PLANNER`. */
  planner: 'rules' | 'llm';
  /** Cap of the task minutes that a result may assert; `DOD_MAX_MINUTES`. */
  dodMaxMinutes: number;
  /** All teams; a request may ask for them by their keywords. */
  teams: readonly Team[];
}

const alreadyExists = refusing<'PROJECT.INITIAL_REQUEST_RECEIVED'>(
  false,
  ({ payload }) => `project already exists: ${payload.project_id}`,
);
const unknownProject = refusing<Spoken['event_type'] | 'PROJECT.STOP_REQUESTED'>(
  true,
  ({ payload }) => `unknown project: ${payload.project_id}`,
);
const unknownQuestion = refusing<'USER.ANSWER_SUBMITTED'>(
  true,
  ({ payload }) => `unknown question: ${payload.question_id}`,
);
const unknownApproval = refusing<'HUMAN.APPROVAL_SUBMITTED'>(
  true,
  ({ payload }) => `unknown approval: ${payload.approval_id}`,
);
const notArrived = refusing<'WORK.ITEM_COMPLETED'>(
  true,
  ({ payload }) => `deliverable not arrived: ${evidenceDeliverable(payload.evidence)}`,
);
const outOfTurn = refusing<'WORK.ITEM_COMPLETED'>(false, ({ payload }, project) => {
  const { id, status } = project.item(payload.backlog_item_id.toLowerCase()).item;
  return `illegal transition: item ${id} ${status} -> DONE (allowed: ${allowedFrom(status).join(', ')})`;
});

/** The effect that asks an LLM for the plan; answered by `plan.done`, or `plan.failed` as a last resort. */
const askPlanner = {
  type: 'effect' as const,
  params: ({ event }: Scope) => ({ name: 'plan', input: event.event.payload }),
};

/** The effect that reads the project's file again; answered by `reread.done`, or `reread.failed` as a last resort. */
const readAgain = {
  type: 'effect' as const,
  params: ({ context, event }: Scope) => ({
    name: 'reread',
    input: rereadRequest(context.project, (event as WireInput<'USER.ANSWER_SUBMITTED'>).event),
  }),
};

/** What reading again came to, also if the effect itself was given up. */
function readingOf(input: DoneInput<'reread', RereadOutcome> | FailedInput<'reread'> | ExhaustedInput): RereadOutcome {
  if (input.type === 'reread.done') return input.output;
  return { refused: `the file cannot be read again (${input.fault.code})` };
}

/** What asking for a plan came to, also if the effect itself was given up. */
function outcomeOf(input: DoneInput<'plan', PlanOutcome> | FailedInput<'plan'> | ExhaustedInput): PlanOutcome {
  if (input.type === 'plan.done') return input.output;
  return { refused: `the planner was given up (${input.fault.code})` };
}

/** What people say is heard in every status. */
const talk = (ended: Ended | null) => {
  const heard = [
    { guard: 'project_unknown' as const, actions: [unknownProject] },
    { actions: [{ type: 'hear' as const, params: { ended } }, announce] },
  ];
  return {
    'PROJECT.MESSAGE_RECEIVED': heard,
    'USER.PROMPT_SUBMITTED': heard,
    'CUSTOMER.MESSAGE_RESPONDED': heard,
  };
};

/** What every project that has not ended also hears. */
const untilEnd = {
  ...talk(null),
  'PROJECT.STOP_REQUESTED': [
    { guard: 'project_unknown' as const, actions: [unknownProject] },
    { target: 'STOPPED' as const },
  ],
};

const NOTHING: Parts = { get: () => undefined, require: () => {}, all: () => [] };

/** The machine of every project, under the settings of this process. */
export function createProjectMachine(settings: ProjectSettings) {
  const rules = { maxAttempts: settings.maxAttempts, maxMinutes: settings.dodMaxMinutes };
  return setup({
    types: { context: {} as ProjectContext, events: {} as ProjectInput },
    actions: {
      ...vocabulary,
      takeUp: assign((scope) => change(scope, takeUp)),
      plan: assign((scope) =>
        change<'PROJECT.INITIAL_REQUEST_RECEIVED'>(scope, (project, request) => plan(project, request, settings.teams)),
      ),
      planWithLlm: assign((scope) =>
        change<'PROJECT.INITIAL_REQUEST_RECEIVED'>(scope, (project, request) =>
          planWithLlm(project, outcomeOf(scope.event as Parameters<typeof outcomeOf>[0]), request, settings.teams),
        ),
      ),
      receive: assign((scope) => change(scope, receive)),
      review: assign((scope) =>
        change<'WORK.ITEM_COMPLETED'>(scope, (project, { payload }) => review(project, payload, rules)),
      ),
      fail: assign((scope) =>
        change<'WORK.ITEM_FAILED'>(scope, (project, { payload }) => failAsTold(project, payload)),
      ),
      ask: assign((scope) => change<'CLARIFICATION.NEEDED'>(scope, (project, { payload }) => ask(project, payload))),
      answer: assign((scope) =>
        change<'USER.ANSWER_SUBMITTED'>(scope, (project, event) =>
          answer(project, questionOf(project, event) as QuestionPart, event.payload.answer),
        ),
      ),
      answerWithReading: assign((scope) =>
        change<'USER.ANSWER_SUBMITTED'>(scope, (project, event) =>
          answerWithReading(project, event, readingOf(scope.event as Parameters<typeof readingOf>[0])),
        ),
      ),
      decide: assign((scope) =>
        change<'HUMAN.APPROVAL_SUBMITTED'>(scope, (project, { payload }) => decide(project, payload)),
      ),
      hear: assign((scope, { ended }: { ended: Ended | null }) =>
        change<Spoken['event_type']>(scope, (project, event) => hear(project, event, ended)),
      ),
      conclude: assign((scope) => change(scope, conclude)),
      concludeFailed: assign((scope) => change(scope, concludeFailed)),
      concludeStopped: assign((scope) =>
        change<'PROJECT.STOP_REQUESTED'>(scope, (project, { payload }) => concludeStopped(project, payload)),
      ),
    },
    guards: {
      project_unknown: when((project) => !project.exists),
      another_request: when<'PROJECT.INITIAL_REQUEST_RECEIVED'>(
        (project, event) => project.exists && !isOwnRequest(project.header, event),
      ),
      // A replay reads from the log whether it was so, since the setting may have changed.
      llm_plans: ({ event }) => {
        const { event: request, replayed } = event as WireInput<'PROJECT.INITIAL_REQUEST_RECEIVED'>;
        return (replayed || settings.planner === 'llm') && isOpen(request.payload);
      },
      plan_wanted: when(
        ({ header }, event) => event.event_type === 'PROJECT.INITIAL_REQUEST_RECEIVED' && isOwnRequest(header, event),
      ),
      plan_refused: when(({ header }) => header.failure !== null),
      planned: when(({ header }) => header.counts.total > 0),
      all_done: when(({ header: { counts } }) => counts.done === counts.total),
      only_words_lack: when(({ header }) => lacksOnlyWords(header)),
      all_final: when(({ header: { counts } }) => counts.done + counts.failed === counts.total),
      input_awaited: when(({ header }) => header.counts.blocked > 0),
      input_given: when(({ header }) => header.counts.blocked === 0),
      deliverable_is_new: when(isNewDeliverable),
      item_is_open: when(isOpenItem),
      item_in_progress: when<'WORK.ITEM_COMPLETED'>(
        (project, event) => itemOf(project, event)?.status === 'IN_PROGRESS',
      ),
      deliverable_not_arrived: ({ context, event }) => {
        const { event: completed, attempt } = event as WireInput<'WORK.ITEM_COMPLETED'>;
        const inProgress = itemOf(context.project, completed)?.status === 'IN_PROGRESS';
        return inProgress && attempt < settings.maxAttempts && isEarly(context.project, completed);
      },
      people_are_asked: when<'CLARIFICATION.NEEDED'>(
        (project, event) => event.payload.question_id === undefined && isOpenItem(project, event),
      ),
      question_unknown: when<'USER.ANSWER_SUBMITTED'>((project, event) => questionOf(project, event) === undefined),
      answer_reads_again: when(wantsRereading),
      reading_wanted: when(
        (project, event) =>
          event.event_type === 'USER.ANSWER_SUBMITTED' &&
          wantsRereading(project, event as Envelope<'USER.ANSWER_SUBMITTED'>),
      ),
      approval_unknown: when<'HUMAN.APPROVAL_SUBMITTED'>((project, event) => approvalOf(project, event) === undefined),
      approval_is_open: when<'HUMAN.APPROVAL_SUBMITTED'>(
        (project, event) => approvalOf(project, event)?.status === 'OPEN',
      ),
    },
  }).createMachine({
    id: 'project',
    version: '1',
    meta: { emits: PRODUCT_ORDER.flat() },
    context: { project: Project.open(undefined, NOTHING) },
    initial: 'CREATED',
    // In every status; each guard also says that there is such an item, question or approval.
    on: {
      'PROJECT.INITIAL_REQUEST_RECEIVED': { guard: 'another_request', actions: [alreadyExists] },
      'DELIVERABLE.PUBLISHED': { guard: 'deliverable_is_new', actions: ['receive', announce] },
      'WORK.ITEM_COMPLETED': [
        { guard: 'deliverable_not_arrived', actions: [notArrived] },
        { guard: 'item_in_progress', actions: ['review', announce] },
        { guard: 'item_is_open', actions: [outOfTurn] },
      ],
      'WORK.ITEM_FAILED': { guard: 'item_is_open', actions: ['fail', announce] },
      'CLARIFICATION.NEEDED': { guard: 'people_are_asked', actions: ['ask', announce] },
      'USER.ANSWER_SUBMITTED': [
        { guard: 'question_unknown', actions: [unknownQuestion] },
        { guard: 'answer_reads_again', actions: [readAgain] },
        { actions: ['answer', announce] },
      ],
      'reread.done': { actions: ['answerWithReading', announce] },
      'reread.failed': { actions: ['answerWithReading', announce] },
      exhausted: { guard: 'reading_wanted', actions: ['answerWithReading', announce] },
      'HUMAN.APPROVAL_SUBMITTED': [
        { guard: 'approval_unknown', actions: [unknownApproval] },
        { guard: 'approval_is_open', actions: ['decide', announce] },
      ],
    },
    states: {
      CREATED: {
        on: {
          ...untilEnd,
          'PROJECT.INITIAL_REQUEST_RECEIVED': [
            { guard: 'another_request', actions: [alreadyExists] },
            { guard: 'llm_plans', target: 'PLANNING', actions: ['takeUp', askPlanner] },
            { target: 'PLANNING', actions: ['plan', announce] },
          ],
        },
      },
      PLANNING: {
        on: {
          ...untilEnd,
          // The turn that waited for the plan did not end: it is asked for again.
          'PROJECT.INITIAL_REQUEST_RECEIVED': [
            { guard: 'another_request', actions: [alreadyExists] },
            { actions: [askPlanner] },
          ],
          'plan.done': { actions: ['planWithLlm', announce] },
          'plan.failed': { actions: ['planWithLlm', announce] },
          exhausted: { guard: 'plan_wanted', actions: ['planWithLlm', announce] },
        },
        always: [
          { guard: 'plan_refused', target: 'FAILED' },
          { guard: 'input_awaited', target: 'AWAITING_INPUT' },
          { guard: 'planned', target: 'IN_PROGRESS' },
        ],
      },
      IN_PROGRESS: {
        on: untilEnd,
        always: [
          { guard: 'all_done', target: 'COMPLETED' },
          { guard: 'only_words_lack', target: 'COMPLETED' },
          { guard: 'all_final', target: 'FAILED' },
          { guard: 'input_awaited', target: 'AWAITING_INPUT' },
        ],
      },
      AWAITING_INPUT: {
        on: untilEnd,
        always: [
          { guard: 'only_words_lack', target: 'COMPLETED' },
          { guard: 'all_final', target: 'FAILED' },
          { guard: 'input_given', target: 'IN_PROGRESS' },
        ],
      },
      COMPLETED: { type: 'final', entry: ['conclude', announce], on: talk('COMPLETED') },
      FAILED: { type: 'final', entry: ['concludeFailed', announce], on: talk('FAILED') },
      STOPPED: { type: 'final', entry: ['concludeStopped', announce], on: talk('STOPPED') },
    },
  });
}
