/**
 * What an answer does.
 *
 * Owns: recording answers, accepted or not, and letting go on what waited for them. Does not own whether an answer
 * fits (`answers.ts`). The cost is that of the items that the question blocks (I10).
 */
import type { Payloads } from '../../schemas/types.ts';
import { isFinal } from '../backlog-item.ts';
import { type Fit, fitAnswer } from './answers.ts';
import { ACTIVITIES_FIELD, TIME_COLUMN_FIELD } from './clarification.ts';
import { isFree, start, unblock } from './eligibility.ts';
import { fail } from './failing.ts';
import { fieldValue, isOwnField } from './fields.ts';
import type { QuestionPart } from './parts.ts';
import { closeQuestion } from './questions.ts';
import { MAX_LIST } from './text.ts';
import type { Project } from './working-copy.ts';

/** Takes an answer to a known question: closes the question if it is open and the answer fits, else only says so. */
export function answer(project: Project, question: QuestionPart, given: unknown, reading?: Recorded['reading']): void {
  const fit: Fit = question.status === 'OPEN' ? fitAnswer(question, given) : { fits: false, reason: 'question closed' };
  if (!fit.fits) {
    record(project, question, given, fit.reason);
    return;
  }
  project.touch();
  closeQuestion(project, question, { answer: fit.value });
  record(project, question, fit.value, null, reading);
  if (question.field === ACTIVITIES_FIELD && fit.value === false) endWithoutActivities(project, question);
  else release(project, question, fit.value);
}

/** Says that an answer cannot be carried out; the question stays open. */
export const refuseAnswer = (project: Project, question: QuestionPart, given: unknown, reason: string): void =>
  record(project, question, given, reason);

type Recorded = Payloads['QUESTION.ANSWER_RECORDED'];

function endWithoutActivities(project: Project, question: QuestionPart): void {
  project.require(question.blocks.map((id) => `item:${id}` as const));
  for (const id of question.blocks) {
    if (isFinal(project.item(id).item.status)) continue;
    fail(project, id, { category: 'DATA_INSUFFICIENCY', reason: 'the file is no list of activities' });
  }
}

function record(
  project: Project,
  question: QuestionPart,
  given: unknown,
  refusal: string | null,
  reading?: Recorded['reading'],
): void {
  project.emit('QUESTION.ANSWER_RECORDED', {
    project_id: project.header.id,
    question_id: question.id,
    answer: given,
    accepted: refusal === null,
    recorded_at: project.now,
    ...(refusal !== null && { reason: refusal }),
    ...(reading && { reading }),
  });
}

/** Gives the answer to the items that wait for it, and starts those that wait for nothing else. */
function release(project: Project, question: QuestionPart, value: unknown): void {
  project.require(question.blocks.map((id) => `item:${id}` as const));
  const ids = question.blocks.filter((id) => !isFinal(project.item(id).item.status));
  for (const id of ids) learn(project, id, question, value);
  const freed = unblock(project, ids, question.id);
  for (const id of freed) {
    const part = project.item(id);
    if (!isFree(part)) continue; // an approval is asked for instead
    const payload = { project_id: project.header.id, backlog_item_id: id, question_id: question.id };
    project.emit('BACKLOG.ITEM_UNBLOCKED', payload, part.index);
  }
  start(project, freed);
}

/** Answers to questions about a file say how it is read, and are no input of a worker. */
const ABOUT_FILE: ReadonlySet<string> = new Set([ACTIVITIES_FIELD, TIME_COLUMN_FIELD]);

/** Puts the answer where the item's next dispatch finds it. */
function learn(project: Project, id: string, { id: question_id, field }: QuestionPart, value: unknown): void {
  const { item, clarifications } = project.item(id);
  const work_context =
    field === null || isOwnField(field) || ABOUT_FILE.has(field)
      ? item.work_context
      : { ...item.work_context, [field]: fieldValue(field, value) };
  const clarified = [...clarifications, { question_id, field, answer: value }].slice(-MAX_LIST);
  project.change(id, { work_context }, { clarifications: clarified });
}
