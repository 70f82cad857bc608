/**
 * Projects: starting them, looking at them, steering them.
 *
 * Owns: `/api/projects…`. Every write becomes an event; every read comes from what the events' commits wrote.
 */
import { plural } from '../../../machines/orchestration/text.ts';
import type { BacklogItemStatus, Envelope, Payloads, Row } from '../../../schemas/types.ts';
import type { Ingested, IngestJob } from '../../documents/ingest.ts';
import { Fault } from '../../errors.ts';
import { PROJECT_STATUSES, type ProjectHead, type ProjectStatus } from '../../store/project-state.ts';
import type { Projects } from '../../store/projects.ts';
import type { Timeline } from '../../store/timeline.ts';
import type { Edge } from '../edge.ts';
import { conflict, invalid, notFound, tooLarge } from '../errors.ts';
import {
  acceptProject,
  type GivenProject,
  PROJECT_FORM_FIELDS,
  projectFormSchema,
  projectSchema,
} from '../given-project.ts';
import { type PageQuery, pageOf, pageParameters } from '../paging.ts';
import type { Ingest } from '../ports.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

export interface ProjectRoutesOptions {
  projects: Projects;
  timeline: Timeline;
  edge: Edge;
  ingest: Ingest;
  maxRows: number;
}

const FINAL: ReadonlySet<ProjectStatus> = new Set(['COMPLETED', 'FAILED', 'STOPPED']);
const ITEM_STATUSES = ['CREATED', 'READY', 'BLOCKED', 'IN_PROGRESS', 'DONE', 'FAILED'] as const;
const FILENAME_MAX = 255;
const TAG = 'Projects';
const TYPE_FILTER = '^[A-Z]+(\\.[A-Z_]+)*(\\.\\*)?$';

const summary = shape.object({
  id: shape.uuid,
  name: shape.text,
  description: shape.text,
  status: shape.oneOf(PROJECT_STATUSES),
  completion_percentage: shape.percentage,
  created_at: shape.time,
  updated_at: shape.time,
});

const project = shape.object({
  id: shape.uuid,
  name: shape.text,
  description: shape.text,
  status: shape.oneOf(PROJECT_STATUSES),
  plan: { enum: ['items', 'analysis', 'llm', 'teams', 'default', null], description: 'Null until it is planned.' },
  correlation_id: shape.uuid,
  requester: shape.orNull(shape.anyObject),
  file: shape.orNull(shape.anyObject),
  completion_percentage: shape.percentage,
  counts: shape.objectRef('counts'),
  open_questions: shape.count,
  open_approvals: shape.count,
  failure: shape.orNull(shape.anyObject),
  report_deliverable_id: shape.orNull(shape.uuid),
  created_at: shape.time,
  updated_at: shape.time,
});

const status = shape.object({
  project_id: shape.uuid,
  status: shape.oneOf(PROJECT_STATUSES),
  completion_percentage: shape.percentage,
  backlog_items: shape.object({
    total: shape.count,
    completed: shape.count,
    in_progress: shape.count,
    ready: shape.count,
    blocked: shape.count,
    created: shape.count,
    failed: shape.count,
  }),
  deliverables: shape.list(shape.object({ id: shape.uuid, type: shape.text, created_at: shape.time })),
  last_activity: shape.time,
});

const deliverableRow = {
  id: shape.uuid,
  type: shape.text,
  backlog_item_id: shape.orNull(shape.uuid),
  agent: shape.text,
  confidence: shape.confidence,
  created_at: shape.time,
  late: { ...shape.boolean, description: 'Came after its item or project was final.' },
};

const message = shape.object({
  id: shape.uuid,
  direction: shape.oneOf(['incoming', 'outgoing']),
  message_type: shape.text,
  content: shape.text,
  related_item_id: shape.orNull(shape.uuid),
  requires_response: shape.boolean,
  created_at: shape.time,
});

/** The project of a call, or 404. */
export async function headOf(projects: Projects, projectId: string): Promise<ProjectHead> {
  const head = await projects.state.head(projectId);
  if (!head) throw notFound(`Project ${projectId}`);
  return head;
}

export function projectRoutes(options: ProjectRoutesOptions): Route[] {
  const { projects, timeline } = options;
  return [
    route<Record<string, never>, GivenProject>({
      method: 'POST',
      path: '/api/projects',
      access: 'projects:write',
      tag: TAG,
      summary: 'Start a project',
      body: {
        schema: projectSchema(options.maxRows),
        form: { fields: PROJECT_FORM_FIELDS, schema: projectFormSchema(options.maxRows) },
      },
      responses: {
        201: {
          description: 'Accepted',
          headers: { Location: 'Path of the project' },
          schema: shape.object({
            project_id: shape.uuid,
            status: shape.oneOf(['CREATED']),
            message: shape.text,
            rows: { ...shape.count, description: 'Rows taken from the request or its file.' },
            warnings: shape.list(shape.text),
          }),
        },
      },
      errors: [400, 409, 413, 415],
      handler: (call) => create(options, call),
    }),
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
      responses: { 200: { description: 'A page', schema: shape.pageOf('projects', summary) } },
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
      responses: { 200: { description: 'The project', schema: project } },
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
      responses: { 200: { description: 'The status', schema: status } },
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
      responses: { 200: { description: 'A page', schema: shape.pageOf('deliverables', shape.object(deliverableRow)) } },
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
            ...deliverableRow,
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
      responses: { 200: { description: 'A page', schema: shape.pageOf('messages', message) } },
      errors: [400, 404],
      async handler(call) {
        const { id = '' } = call.params;
        const head = await headOf(projects, id);
        const { page, next_cursor } = await pageOf(call, (after, limit) => projects.messages(id, head, after, limit));
        return { status: 200, body: { messages: page.rows, next_cursor } };
      },
    }),
    route<Record<string, never>, { reason?: string } | undefined>({
      method: 'POST',
      path: '/api/projects/:id/stop',
      access: 'projects:write',
      tag: TAG,
      summary: 'Stop a project',
      body: { optional: true, schema: shape.object({ 'reason?': { type: 'string', maxLength: 20_000 } }) },
      responses: {
        200: {
          description: 'Stopped',
          schema: shape.object({ project_id: shape.uuid, status: shape.oneOf(['STOPPED']), message: shape.text }),
        },
        202: {
          description: 'Taken, not yet carried out',
          schema: shape.object({ project_id: shape.uuid, status: shape.oneOf(['SUBMITTED']), message: shape.text }),
        },
      },
      errors: [400, 404, 409, 413, 415],
      handler: (call) => stop(options, call),
    }),
    route<Record<string, never>, { message: string; in_reply_to?: string }>({
      method: 'POST',
      path: '/api/projects/:id/message',
      access: 'projects:write',
      tag: TAG,
      summary: 'Send a message to a project',
      body: {
        schema: shape.object({
          message: { type: 'string', minLength: 1, maxLength: 5_000 },
          'in_reply_to?': { ...shape.uuid, description: 'Id of an outgoing message.' },
        }),
      },
      responses: {
        200: {
          description: 'Delivered',
          schema: shape.object({ message_id: shape.uuid, status: shape.oneOf(['delivered']) }),
        },
        202: {
          description: 'Taken, not yet delivered',
          schema: shape.object({ message_id: shape.uuid, status: shape.oneOf(['SUBMITTED']) }),
        },
      },
      errors: [400, 404, 409, 413, 415],
      handler: (call) => say(options, call),
    }),
  ];
}

async function create({ edge, ingest, maxRows }: ProjectRoutesOptions, call: Call<unknown, GivenProject>) {
  const { body, file } = call;
  if (file && body.rows) {
    throw invalid('Rows are given twice.', [{ path: '/rows', message: 'must not be given together with a file' }]);
  }
  if (body.sheet && !file) throw invalid('There is no file.', [{ path: '/sheet', message: 'needs a file' }]);
  const { items, rows: given } = acceptProject(body, maxRows);
  const read = file && (await readFile(ingest, { ...file, sheet: body.sheet || undefined, maxRows }));
  const rows: Row[] | undefined = read ? read.rows.map((row) => ({ ...row })) : given;
  const projectId = call.id('project');
  const payload: Payloads['PROJECT.INITIAL_REQUEST_RECEIVED'] = {
    project_id: projectId,
    request_text: body.description,
    name: body.name,
    ...(body.requester && { requester: body.requester }),
    ...(file && {
      file_info: {
        filename: file.filename.slice(0, FILENAME_MAX),
        content_type: read?.contentType ?? '',
        size: file.bytes.length,
      },
    }),
    ...(items && { items }),
    ...(rows && { rows }),
    ...(body.hourly_rate !== undefined && { hourly_rate: body.hourly_rate }),
    ...(body.period && { period: body.period }),
    ...(body.requires_approval !== undefined && { requires_approval: body.requires_approval }),
  };
  const ids = { eventId: call.id('event'), correlationId: call.correlationId };
  await edge.publish(edge.envelope('PROJECT.INITIAL_REQUEST_RECEIVED', payload, ids));
  return {
    status: 201,
    headers: { Location: `/api/projects/${projectId}` },
    body: {
      project_id: projectId,
      status: 'CREATED',
      message: 'Project accepted',
      rows: rows?.length ?? 0,
      warnings: read?.warnings ?? [],
    },
  };
}

async function readFile(ingest: Ingest, job: IngestJob): Promise<Ingested> {
  const read = await ingest(job);
  if (read.ok) return read;
  const [first] = read.errors;
  if (read.status === 413) throw tooLarge(first?.message ?? 'The file is too large.');
  if (read.status === 415)
    throw new Fault('UNSUPPORTED_MEDIA_TYPE', first?.message ?? 'The file is neither CSV nor XLSX.');
  throw invalid('The file cannot be read as activities.', read.errors);
}

async function stop(
  { projects, timeline, edge }: ProjectRoutesOptions,
  call: Call<unknown, { reason?: string } | undefined>,
) {
  const { id = '' } = call.params;
  const head = await headOf(projects, id);
  const refuse = (at: ProjectStatus) => conflict(`The project is ${at}.`, at);
  if (FINAL.has(head.status) && !call.resumed) throw refuse(head.status);
  const payload = {
    project_id: id,
    ...(call.body?.reason && { reason: call.body.reason }),
    requested_by: call.principal.name,
  };
  const ids = { eventId: call.id('event'), correlationId: head.header.correlation_id };
  const event = edge.envelope('PROJECT.STOP_REQUESTED', payload, ids);
  const { applied } = await edge.submit(event);
  if (!applied) {
    return { status: 202, body: { project_id: id, status: 'SUBMITTED', message: 'Stop requested' } };
  }
  const [stopped] = await timeline.productsOf(id, event.event_id, ['PROJECT.STOPPED']);
  // Somebody was faster, or the project ended by itself meanwhile.
  if (!stopped) throw refuse((await headOf(projects, id)).status);
  const { stopped_items } = (stopped as Envelope<'PROJECT.STOPPED'>).payload;
  const message = `Project stopped, ${plural(stopped_items, 'item')} canceled`;
  return { status: 200, body: { project_id: id, status: 'STOPPED', message } };
}

async function say(
  { projects, edge }: ProjectRoutesOptions,
  call: Call<unknown, { message: string; in_reply_to?: string }>,
) {
  const { id = '' } = call.params;
  const { message, in_reply_to } = call.body;
  const { header } = await headOf(projects, id);
  const ids = { eventId: call.id('event'), correlationId: header.correlation_id };
  let event: Envelope;
  let messageId = call.id('message');
  if (in_reply_to === undefined) {
    const payload = { project_id: id, message_id: messageId, message, sender: call.principal.name };
    event = edge.envelope('PROJECT.MESSAGE_RECEIVED', payload, ids);
  } else {
    const repliedTo = await projects.message(id, in_reply_to.toLowerCase());
    if (repliedTo?.direction !== 'outgoing') {
      const message = 'is not an outgoing message of this project';
      throw invalid('The message replies to nothing.', [{ path: '/in_reply_to', message }]);
    }
    const { related_item_id } = repliedTo;
    const payload = {
      project_id: id,
      message_id: repliedTo.id,
      response: message,
      ...(related_item_id && { related_item_id }),
    };
    event = edge.envelope('CUSTOMER.MESSAGE_RESPONDED', payload, ids);
    // A reply is kept under the id of its event: the payload's names what it replies to.
    messageId = event.event_id;
  }
  const { applied } = await edge.submit(event);
  if (!applied) return { status: 202, body: { message_id: messageId, status: 'SUBMITTED' } };
  return { status: 200, body: { message_id: messageId, status: 'delivered' } };
}
