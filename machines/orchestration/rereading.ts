/**
 * Reading a project's file again, with the column that a person has named.
 *
 * Owns: when an answer makes that necessary, what is asked of the effect, and what its result changes: the rows of the
 * project, and the analyses that had gone on without them and are done once more. Does not own reading
 * (`actors/reread-activities.ts`). Keeps I8: what the reading came to stands in `QUESTION.ANSWER_RECORDED`.
 */
import type { ActivityInput, Envelope, PlanItem, RowsRef } from '../../schemas/types.ts';
import type { ActivityMapping } from '../activities/mapping.ts';
import { isFinal } from '../backlog-item.ts';
import { answer, refuseAnswer } from './answering.ts';
import { fitAnswer } from './answers.ts';
import { ESTIMATE_THEM, TIME_COLUMN_FIELD } from './clarification.ts';
import { start } from './eligibility.ts';
import { questionOf } from './lookups.ts';
import type { ItemPart, QuestionPart } from './parts.ts';
import { createItems, keepInput } from './planning.ts';
import type { Project } from './working-copy.ts';

export type Answered = Envelope<'USER.ANSWER_SUBMITTED'>;

/** Input of the effect `reread`. */
export interface RereadRequest {
  project_id: string;
  /** The stored file. */
  artifact_id: string;
  filename: string;
  mapping: ActivityMapping;
  /** A rate of the file counts only if nobody has given one. */
  hasRate: boolean;
  /** `YYYY-MM-DD`, of the answer. */
  today: string;
}

export interface Reading {
  rows_ref: RowsRef;
  input: ActivityInput;
  hourly_rate?: number | undefined;
}
export type RereadOutcome = Reading | { refused: string };

/** Whether the answer names a column of the project's file, so that the file has to be read again. */
export function wantsRereading(project: Project, event: Answered): boolean {
  const question = questionOf(project, event);
  if (question?.field !== TIME_COLUMN_FIELD || question.status !== 'OPEN') return false;
  const fit = fitAnswer(question, event.payload.answer);
  return fit.fits && fit.value !== ESTIMATE_THEM && project.header.file?.artifact_id !== undefined;
}

export function rereadRequest(project: Project, { payload, timestamp }: Answered): RereadRequest {
  const { header } = project;
  const before = (project.get('input')?.mapping ?? {}) as ActivityMapping;
  return {
    project_id: header.id,
    artifact_id: header.file?.artifact_id as string,
    filename: header.file?.filename ?? '',
    mapping: { ...before, duration: payload.answer as string },
    hasRate: header.hourly_rate !== undefined,
    today: timestamp.slice(0, 10),
  };
}

/** What a replay finds of a reading in the events that the answer has caused. */
export function readBackReading(recorded: readonly Envelope[]): RereadOutcome | undefined {
  const [first] = recorded as readonly Envelope<'QUESTION.ANSWER_RECORDED'>[];
  if (!first) return undefined;
  const { reading, accepted, reason = '' } = first.payload;
  if (reading) return reading;
  return accepted === false ? { refused: reason } : undefined;
}

/** Carries out an answer whose reading is there, or refuses it with what is wrong with the file or column. */
export function answerWithReading(project: Project, event: Answered, outcome: RereadOutcome): void {
  const question = questionOf(project, event) as QuestionPart;
  if (question.status === 'OPEN' && 'refused' in outcome) {
    refuseAnswer(project, question, event.payload.answer, outcome.refused);
    return;
  }
  if (question.status === 'OPEN') {
    const reading = outcome as Reading;
    takeOver(project, reading);
    answer(project, question, event.payload.answer, reading);
    repeatAnalyses(project);
    return;
  }
  answer(project, question, event.payload.answer);
}

function takeOver(project: Project, { rows_ref, input, hourly_rate }: Reading): void {
  const { header } = project;
  header.rows_ref = rows_ref;
  if (hourly_rate !== undefined) header.hourly_rate ??= hourly_rate;
  project.put('rows', []);
  keepInput(project, input);
}

const REPEATED: ReadonlySet<string> = new Set(['time_waste_worker', 'friction_worker']);

/** The analyses that have started on the first reading are planned again, behind the others. */
function repeatAnalyses(project: Project): void {
  const order = project.must('order');
  project.require(order.map((id) => `item:${id}` as const));
  const started = order
    .map((id) => project.item(id))
    .filter(({ item }) => REPEATED.has(item.agent_target) && item.work_context.rows === undefined)
    .filter(({ item }) => item.status === 'DONE' || item.status === 'IN_PROGRESS');
  if (started.length === 0) return;
  const planned = started.map(
    ({ item }): PlanItem => ({
      key: item.id,
      title: `${item.title} again`,
      agent_target: item.agent_target,
      description: 'The file was read again with the column of the answer.',
      requires_approval: false,
    }),
  );
  const ids = createItems(project, planned, 'repeated_item', order.length);
  project.put('order', [...order, ...ids]);
  for (const [i, part] of started.entries()) {
    project.change(part.item.id, {}, { superseded: true });
    waitForBoth(project, part, ids[i] as string);
  }
  start(project, ids);
}

/** What depends on an analysis, and has not started, depends on its repetition too. */
function waitForBoth(project: Project, { item }: ItemPart, repeated: string): void {
  const dependents = (project.get(`dependents:${item.id}`) ?? []).filter((id) => {
    const { status } = project.item(id).item;
    return !isFinal(status) && status !== 'IN_PROGRESS';
  });
  if (dependents.length === 0) return;
  project.put(`dependents:${repeated}`, dependents);
  for (const id of dependents) {
    project.put(`waiting:${id}`, (project.get(`waiting:${id}`) ?? 0) + 1);
    project.change(id, { depends_on: [...project.item(id).item.depends_on, repeated] });
  }
}
