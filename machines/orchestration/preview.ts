/**
 * What accepting a request would lead to, without accepting it.
 *
 * Owns: nothing of its own: it folds the request as the project's machine does and keeps nothing.
 */
import type { BacklogItem, Question } from '../../schemas/types.ts';
import type { DeriveId, Parts } from '../kit.ts';
import type { Team } from '../teams/team.ts';
import type { Request } from './acceptance.ts';
import { plan } from './planning.ts';
import { Project } from './working-copy.ts';

export interface PlanPreview {
  plan: string | null;
  items: Pick<BacklogItem, 'title' | 'agent_target' | 'status'>[];
  questions: Pick<Question, 'question_text' | 'answer_type' | 'field' | 'options'>[];
}

const NOTHING: Parts = { get: () => undefined, require: () => {}, all: () => [] };

/** The plan by the rules, and what would be asked. */
export function previewPlan(request: Request, teams: readonly Team[], id: DeriveId): PlanPreview {
  const project = Project.open(undefined, NOTHING).fork({ event: request, id });
  plan(project, request, teams);
  const order = project.get('order') ?? [];
  return {
    plan: project.header.plan,
    items: order.map((itemId) => {
      const { title, agent_target, status } = project.item(itemId).item;
      return { title, agent_target, status };
    }),
    questions: project.all('question').map((questionId) => {
      const { question_text, answer_type, field, options } = project.must(`question:${questionId}`);
      return { question_text, answer_type, field, ...(options && { options }) };
    }),
  };
}
