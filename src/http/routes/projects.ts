/**
 * Looking at projects.
 *
 * Owns: the reading routes of `/api/projects…`. Every read comes from what the events' commits wrote.
 */
import type { BacklogItemStatus } from '../../../schemas/types.ts';
import { PROJECT_STATUSES, type ProjectHead, type ProjectStatus } from '../../store/project-state.ts';
import type { Projects } from '../../store/projects.ts';
import type { Timeline } from '../../store/timeline.ts';
import { notFound } from '../errors.ts';
import { type PageQuery, pageOf, pageParameters } from '../paging.ts';
import * as shown from '../project-shapes.ts';
import { type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

const ITEM_STATUSES = ['CREATED', 'READY', 'BLOCKED', 'IN_PROGRESS', 'DONE', 'FAILED'] as const;
const TAG = 'Projects';
const TYPE_FILTER = '^[A-Z]+(\\.[A-Z_]+)*(\\.\\*)?$';

/** The project of a call, or 404. */
export async function headOf(projects: Projects, projectId: string): Promise<ProjectHead> {
  const head = await projects.state.head(projectId);
  if (!head) throw notFound(`Project ${projectId}`);
  return head;
}

export function projectRoutes(projects: Projects, timeline: Timeline): Route[] {
  return [
    route<PageQuery & { status?: ProjectStatus[]; q?: string }>({
      method: 'GET',
      path: '/api/projects',
      access: 'projects:read',
      tag: TAG,
      summary: 'List projects, newest first',
      query: {
        status: {
          description: 'Comma-separated.',
          schema: { type: 'array', items: shape.oneOf(PROJECT_STATUSES) },
        },
        q: {
          description: 'Part of name or description, any case. A page may be short, or empty, before the end.',
          schema: { type: 'string', maxLength: 200 },
        },
        ...pageParameters,
      },
      responses: { 200: { description: 'A page', schema: shape.pageOf('projects', shown.projectSummary) } },
      errors: [400],
      async handler(call) {
        const { status: statuses = [], q } = call.query;
        const filter = { statuses, text: q || undefined };
        const { page, next_cursor } = await pageOf(call, (after, limit) => projects.list(filter, after, limit));
        return { status: 200, body: { projects: page.rows, next_cursor } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/projects/:id',
      access: 'projects:read',
      tag: TAG,
      summary: 'One project',
      responses: { 200: { description: 'The project', schema: shown.project } },
      errors: [404],
      async handler({ params: { id = '' } }) {
        const view = await projects.view(id);
        if (!view) throw notFound(`Project ${id}`);
        return { status: 200, body: view };
      },
    }),
    route({
      method: 'GET',
      path: '/api/projects/:id/status',
      access: 'projects:read',
      tag: TAG,
      summary: 'Progress and newest deliverables',
      responses: { 200: { description: 'The status', schema: shown.projectStatus } },
      errors: [404],
      async handler({ params: { id = '' } }) {
        return { status: 200, body: await projects.statusView(id, await headOf(projects, id)) };
      },
    }),
    route<PageQuery & { status?: BacklogItemStatus[] }>({
      method: 'GET',
      path: '/api/projects/:id/backlog',
      access: 'projects:read',
      tag: TAG,
      summary: 'Items in plan order',
      query: {
        status: { description: 'Comma-separated.', schema: { type: 'array', items: shape.oneOf(ITEM_STATUSES) } },
        ...pageParameters,
      },
      responses: { 200: { description: 'A page', schema: shape.pageOf('items', shape.objectRef('backlog_item')) } },
      errors: [400, 404],
      async handler(call) {
        const { id = '' } = call.params;
        await headOf(projects, id);
        const { page, next_cursor } = await pageOf(call, (after, limit) =>
          projects.backlog(id, call.query.status ?? [], after, limit),
        );
        return { status: 200, body: { items: page.rows, next_cursor } };
      },
    }),
    route<PageQuery & { type?: string; order?: 'asc' | 'desc' }>({
      method: 'GET',
      path: '/api/projects/:id/events',
      access: 'projects:read',
      tag: TAG,
      summary: 'What happened, event by event',
      query: {
        type: {
          description: 'Event type, or a prefix such as `WORK.*`.',
          schema: { type: 'string', maxLength: 200, pattern: TYPE_FILTER },
        },
        order: { description: 'Oldest first by default.', schema: shape.oneOf(['asc', 'desc']) },
        ...pageParameters,
      },
      responses: {
        200: {
          description: 'A page',
          schema: shape.pageOf('events', shape.object({ log_id: shape.text, event: shape.envelopeRef })),
        },
      },
      errors: [400, 404],
      async handler(call) {
        const { id = '' } = call.params;
        await headOf(projects, id);
        const { type, order } = call.query;
        const { page, next_cursor } = await pageOf(call, (after, limit) =>
          timeline.events(id, { type, newestFirst: order === 'desc' }, after, limit),
        );
        return { status: 200, body: { events: page.rows, next_cursor } };
      },
    }),
    route<PageQuery & { type?: string }>({
      method: 'GET',
      path: '/api/projects/:id/deliverables',
      access: 'projects:read',
      tag: TAG,
      summary: 'Deliverables, newest first, without their content',
      query: {
        type: { description: 'Deliverable type.', schema: { type: 'string', minLength: 1, maxLength: 200 } },
        ...pageParameters,
      },
      responses: {
        200: { description: 'A page', schema: shape.pageOf('deliverables', shape.object(shown.deliverableRow)) },
      },
      errors: [400, 404],
      async handler(call) {
        const { id = '' } = call.params;
        const head = await headOf(projects, id);
        const { page, next_cursor } = await pageOf(call, (after, limit) =>
          projects.deliverables(id, head, call.query.type, after, limit),
        );
        return { status: 200, body: { deliverables: page.rows, next_cursor } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/projects/:id/deliverables/:did',
      access: 'projects:read',
      tag: TAG,
      summary: 'One deliverable',
      responses: {
        200: {
          description: 'The deliverable',
          schema: shape.object({
            ...shown.deliverableRow,
            project_id: shape.uuid,
            artifact: shape.orNull(shape.anyObject),
            content: shape.anyObject,
          }),
        },
      },
      errors: [404],
      async handler({ params: { id = '', did = '' } }) {
        const found = await projects.deliverable(id, did);
        if (!found) throw notFound(`Deliverable ${did}`);
        return { status: 200, body: found };
      },
    }),
    route<PageQuery>({
      method: 'GET',
      path: '/api/projects/:id/messages',
      access: 'projects:read',
      tag: TAG,
      summary: 'Messages in both directions, newest first',
      query: pageParameters,
      responses: { 200: { description: 'A page', schema: shape.pageOf('messages', shown.message) } },
      errors: [400, 404],
      async handler(call) {
        const { id = '' } = call.params;
        const head = await headOf(projects, id);
        const { page, next_cursor } = await pageOf(call, (after, limit) => projects.messages(id, head, after, limit));
        return { status: 200, body: { messages: page.rows, next_cursor } };
      },
    }),
  ];
}
