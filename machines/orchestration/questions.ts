/**
 * Questions as objects: opened, then closed.
 *
 * Owns: their parts, their count and the event that shows one. Does not own what is asked (`clarification.ts`) nor
 * what an answer does (`answering.ts`).
 */
import type { AnswerType, ClarificationNeeded } from '../../schemas/types.ts';
import { block } from './eligibility.ts';
import type { QuestionPart } from './parts.ts';
import type { Project } from './working-copy.ts';

export interface Asked {
  field: string | null;
  text: string;
  type: AnswerType;
  /** For CHOICE; null for every other type. */
  options: string[] | null;
  /** Items that cannot go on without the answer, in plan order; not empty. */
  blocks: readonly string[];
  /** Place among the questions of the event. */
  index: number;
  /** What a `CLARIFICATION.NEEDED` says beside the question; none when one has asked for the question. */
  notice?: Pick<ClarificationNeeded, 'reason' | 'missing_fields'>;
}

/** Opens a question and lists it in each item that it blocks. */
export function openQuestion(project: Project, { field, text, type, options, blocks, index, notice }: Asked): void {
  const { header, now } = project;
  const question: QuestionPart = {
    id: project.nextId('question'),
    project_id: header.id,
    backlog_item_id: blocks[0] as string,
    blocks: [...blocks],
    question_text: text,
    answer_type: type,
    field,
    options,
    status: 'OPEN',
    answer: null,
    created_at: now,
    answered_at: null,
    correlation_id: header.correlation_id,
  };
  project.put(`question:${question.id}`, question);
  project.append('question', question.id);
  header.open_questions += 1;
  for (const id of blocks) block(project, id, question.id);
  if (notice) {
    const { project_id, backlog_item_id, id: question_id } = question;
    project.emit('CLARIFICATION.NEEDED', { project_id, backlog_item_id, question_id, ...notice }, index);
  }
  const { options: _, answer: __, answered_at: ___, ...shown } = question;
  project.emit('QUESTION.CREATED', { question: { ...shown, ...(options && { options }) } }, index);
}

/** Closes a question: with its answer, or without one because the project ends. */
export function closeQuestion(project: Project, question: QuestionPart, answered?: { answer: unknown }): void {
  project.put(`question:${question.id}`, {
    ...question,
    status: 'CLOSED',
    ...(answered && { answer: answered.answer, answered_at: project.now }),
  });
  project.header.open_questions -= 1;
}
