/**
 * What waits for a person: questions and approvals.
 *
 * Owns: `/api/questions…`, `/api/approvals…` and a project's own list of questions. An answer that does not fit is
 * refused here by the same rule as in the machine, so it never becomes an event.
 */
import { fitAnswer } from '../../../machines/orchestration/answers.ts';
import { plural } from '../../../machines/orchestration/text.ts';
import type { QuestionAnswerRecorded } from '../../../schemas/types.ts';
import { Fault } from '../../errors.ts';
import type { Inbox } from '../../store/inbox.ts';
import type { Projects } from '../../store/projects.ts';
import type { Timeline } from '../../store/timeline.ts';
import type { Edge } from '../edge.ts';
import { conflict, notFound } from '../errors.ts';
import { type PageQuery, pageOf, pageParameters } from '../paging.ts';
import { type Call, type QueryParameter, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';
import { headOf } from './projects.ts';

export interface InboxRoutesOptions {
  projects: Projects;
  questions: Inbox<'question'>;
  approvals: Inbox<'approval'>;
  timeline: Timeline;
  edge: Edge;
}

interface ListQuery extends PageQuery {
  project_id?: string;
  status?: string;
}

const question = shape.object({
  id: shape.uuid,
  project_id: shape.uuid,
  backlog_item_id: shape.uuid,
  blocks: shape.list(shape.uuid),
  question_text: shape.text,
  answer_type: shape.objectRef('answer_type'),
  field: shape.orNull(shape.text),
  options: shape.orNull(shape.list(shape.text)),
  status: shape.oneOf(['OPEN', 'CLOSED']),
  answer: shape.anything,
  created_at: shape.time,
  answered_at: shape.orNull(shape.time),
  correlation_id: shape.uuid,
});

const approval = shape.object({
  id: shape.uuid,
  project_id: shape.uuid,
  backlog_item_id: shape.uuid,
  title: shape.text,
  reason: shape.text,
  status: shape.oneOf(['OPEN', 'APPROVED', 'REJECTED', 'CANCELED']),
  notes: shape.orNull(shape.text),
  requested_at: shape.time,
  decided_at: shape.orNull(shape.time),
  decided_by: shape.orNull(shape.text),
});

const ofProject: QueryParameter = { description: 'Only of this project.', schema: shape.uuid };
const withStatus = (statuses: readonly string[]): QueryParameter => ({
  description: 'OPEN by default.',
  schema: shape.oneOf([...statuses, 'ALL']),
});
const questionStatus = withStatus(['OPEN', 'CLOSED']);
const questionPage = { 200: { description: 'A page', schema: shape.pageOf('questions', question) } };

export function inboxRoutes(options: InboxRoutesOptions): Route[] {
  const { projects, questions, approvals } = options;

  async function listOf<K extends 'question' | 'approval'>(inbox: Inbox<K>, call: Call<ListQuery>, projectId?: string) {
    const { status = 'OPEN' } = call.query;
    const head = projectId === undefined ? undefined : await projects.state.head(projectId);
    // A project that does not exist has no questions: as a filter it is not an address.
    if (projectId !== undefined && !head) return { rows: [], next_cursor: null };
    const { page, next_cursor } = await pageOf(call, (after, limit) =>
      projectId !== undefined && head
        ? inbox.listOf(projectId, head, status, after, limit)
        : inbox.list(status, after, limit),
    );
    return { rows: page.rows, next_cursor };
  }

  return [
    route<ListQuery>({
      method: 'GET',
      path: '/api/questions',
      access: 'projects:read',
      tag: 'Questions and approvals',
      summary: 'Questions, newest first',
      query: { project_id: ofProject, status: questionStatus, ...pageParameters },
      responses: questionPage,
      errors: [400],
      async handler(call) {
        const { rows, next_cursor } = await listOf(questions, call, call.query.project_id?.toLowerCase());
        return { status: 200, body: { questions: rows, next_cursor } };
      },
    }),
    route<ListQuery>({
      method: 'GET',
      path: '/api/projects/:id/questions',
      access: 'projects:read',
      tag: 'Questions and approvals',
      summary: "A project's questions, newest first",
      query: { status: questionStatus, ...pageParameters },
      responses: questionPage,
      errors: [400, 404],
      async handler(call) {
        const { id = '' } = call.params;
        await headOf(projects, id);
        const { rows, next_cursor } = await listOf(questions, call, id);
        return { status: 200, body: { questions: rows, next_cursor } };
      },
    }),
    route<Record<string, never>, { answer: unknown }>({
      method: 'POST',
      path: '/api/questions/:id/answer',
      access: 'projects:write',
      tag: 'Questions and approvals',
      summary: 'Answer a question',
      body: { schema: shape.object({ answer: { description: 'Any JSON value that fits the answer type.' } }) },
      responses: {
        200: {
          description: 'Answered',
          schema: shape.object({ question_id: shape.uuid, status: shape.oneOf(['CLOSED']), message: shape.text }),
        },
        202: {
          description: 'Taken, not yet recorded',
          schema: shape.object({ question_id: shape.uuid, status: shape.oneOf(['SUBMITTED']), message: shape.text }),
        },
      },
      errors: [400, 404, 409, 413, 415],
      handler: (call) => answer(options, call),
    }),
    route<ListQuery>({
      method: 'GET',
      path: '/api/approvals',
      access: 'projects:read',
      tag: 'Questions and approvals',
      summary: 'Approvals, newest first',
      query: {
        project_id: ofProject,
        status: withStatus(['OPEN', 'APPROVED', 'REJECTED', 'CANCELED']),
        ...pageParameters,
      },
      responses: { 200: { description: 'A page', schema: shape.pageOf('approvals', approval) } },
      errors: [400],
      async handler(call) {
        const { rows, next_cursor } = await listOf(approvals, call, call.query.project_id?.toLowerCase());
        return { status: 200, body: { approvals: rows, next_cursor } };
      },
    }),
    route<Record<string, never>, { approved: boolean; notes?: string | null }>({
      method: 'POST',
      path: '/api/approvals/:id',
      access: 'approvals:write',
      tag: 'Questions and approvals',
      summary: 'Approve or reject',
      body: {
        schema: shape.object({
          approved: shape.boolean,
          'notes?': { type: ['string', 'null'], maxLength: 20_000 },
        }),
      },
      responses: {
        200: {
          description: 'Decided',
          schema: shape.object({
            approval_id: shape.uuid,
            status: shape.oneOf(['APPROVED', 'REJECTED']),
            backlog_item_id: shape.uuid,
          }),
        },
        202: {
          description: 'Taken, not yet carried out',
          schema: shape.object({
            approval_id: shape.uuid,
            status: shape.oneOf(['SUBMITTED']),
            backlog_item_id: shape.uuid,
          }),
        },
      },
      errors: [400, 404, 409, 413, 415],
      handler: (call) => decide(options, call),
    }),
  ];
}

async function answer({ questions, timeline, edge }: InboxRoutesOptions, call: Call<unknown, { answer: unknown }>) {
  const { id = '' } = call.params;
  const asked = await questions.find(id);
  if (!asked) throw notFound(`Question ${id}`);
  const { answer_type, options, project_id, correlation_id } = asked;
  if (asked.status !== 'OPEN' && !call.resumed) throw conflict('The question is closed.', asked.status);
  const refuse = (reason: string) =>
    new Fault('VALIDATION_ERROR', 'The answer does not fit the question.', {
      details: { answer_type, options, reason, errors: [{ path: '/answer', message: reason }] },
    });
  const fit = fitAnswer(asked, call.body.answer);
  if (!fit.fits) throw refuse(fit.reason);
  const payload = { project_id, question_id: id, answer: call.body.answer };
  const ids = { eventId: call.id('event'), correlationId: correlation_id };
  const event = edge.envelope('USER.ANSWER_SUBMITTED', payload, ids);
  const { applied } = await edge.submit(event);
  const products = applied
    ? await timeline.productsOf(project_id, event.event_id, ['QUESTION.ANSWER_RECORDED', 'BACKLOG.ITEM_UNBLOCKED'])
    : [];
  const recorded = products.find(({ event_type }) => event_type === 'QUESTION.ANSWER_RECORDED');
  if (!recorded) {
    return { status: 202, body: { question_id: id, status: 'SUBMITTED', message: 'Answer submitted' } };
  }
  const { accepted, reason } = recorded.payload as QuestionAnswerRecorded;
  // Lost a race: somebody answered between our look and the event.
  if (!accepted && reason === 'question closed') throw conflict('The question is closed.', 'CLOSED');
  if (!accepted) throw refuse(reason ?? 'answer not accepted');
  const message = `Answer recorded, ${plural(products.length - 1, 'item')} unblocked`;
  return { status: 200, body: { question_id: id, status: 'CLOSED', message } };
}

async function decide(
  { projects, approvals, timeline, edge }: InboxRoutesOptions,
  call: Call<unknown, { approved: boolean; notes?: string | null }>,
) {
  const { id = '' } = call.params;
  const { approved, notes } = call.body;
  const asked = await approvals.find(id);
  if (!asked) throw notFound(`Approval ${id}`);
  const { project_id, backlog_item_id } = asked;
  const refuse = (status: string) => conflict(`The approval is ${status}.`, status);
  if (asked.status !== 'OPEN' && !call.resumed) throw refuse(asked.status);
  const { header } = await headOf(projects, project_id);
  const payload = {
    project_id,
    backlog_item_id,
    approval_id: id,
    approved,
    ...(notes !== undefined && { notes }),
    submitted_by: call.principal.name,
  };
  const ids = { eventId: call.id('event'), correlationId: header.correlation_id };
  const { applied, logId } = await edge.submit(edge.envelope('HUMAN.APPROVAL_SUBMITTED', payload, ids));
  if (!applied) return { status: 202, body: { approval_id: id, status: 'SUBMITTED', backlog_item_id } };
  const { status } = (await approvals.find(id)) ?? asked;
  const ours = logId === null || (await timeline.isApplied(project_id, logId));
  if (!ours || status !== (approved ? 'APPROVED' : 'REJECTED')) throw refuse(status);
  return { status: 200, body: { approval_id: id, status, backlog_item_id } };
}
