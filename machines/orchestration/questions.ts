/**
 * Questions as objects: opened, then closed.
 *
 * Owns: their parts, their count and the event that shows one. Does not own what is asked (`clarification.ts`) nor
 * what an answer does (`answering.ts`).
 */
import type { AnswerType } from '../../schemas/types.ts';
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
}

/** Opens a question and lists it in each item that it blocks; returns its id. */
export function openQuestion(project: Project, { field, text, type, options, blocks, index }: Asked): string {
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
  const { options: _, answer: __, answered_at: ___, ...shown } = question;
  project.emit('QUESTION.CREATED', { question: { ...shown, ...(options && { options }) } }, index);
  return question.id;
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
