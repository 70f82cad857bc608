/**
 * Steering projects: starting, stopping, talking.
 *
 * Owns: the writing routes of `/api/projects…`. Each becomes an event, and waits until it is carried out where the
 * answer tells what came of it.
 */
import { readFile } from 'node:fs/promises';
import { plural } from '../../../machines/orchestration/text.ts';
import type { Envelope, Payloads, Row } from '../../../schemas/types.ts';
import type { Ingested, IngestJob } from '../../documents/ingest.ts';
import { Fault } from '../../errors.ts';
import type { KeptRows, ProjectFiles } from '../../store/project-files.ts';
import type { ProjectStatus } from '../../store/project-state.ts';
import type { Projects } from '../../store/projects.ts';
import type { Timeline } from '../../store/timeline.ts';
import type { Edge } from '../edge.ts';
import { asFault, conflict, invalid, tooLarge } from '../errors.ts';
import type { StoredUpload } from '../form.ts';
import {
  acceptProject,
  type GivenProject,
  PROJECT_FORM_FIELDS,
  projectFormSchema,
  projectSchema,
} from '../given-project.ts';
import type { Ingest } from '../ports.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';
import { headOf } from './projects.ts';

export interface ProjectCommandsOptions {
  projects: Projects;
  timeline: Timeline;
  edge: Edge;
  ingest: Ingest;
  files: ProjectFiles;
  maxRows: number;
}

const TAG = 'Projects';
const FINAL: ReadonlySet<ProjectStatus> = new Set(['COMPLETED', 'FAILED', 'STOPPED']);
const FILENAME_MAX = 255;

export function projectCommands(options: ProjectCommandsOptions): Route[] {
  return [
    route<Record<string, never>, GivenProject>({
      method: 'POST',
      path: '/api/projects',
      access: 'projects:write',
      tag: TAG,
      summary: 'Start a project',
      body: {
        schema: projectSchema(options.maxRows),
        form: {
          fields: PROJECT_FORM_FIELDS,
          schema: projectFormSchema(options.maxRows),
          files: { field: 'file', filesMax: 1, partsMax: 20, description: 'CSV or XLSX' },
        },
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

async function create({ edge, ingest, files, maxRows }: ProjectCommandsOptions, call: Call<unknown, GivenProject>) {
  const {
    body,
    files: [file],
  } = call;
  if (file && body.rows) {
    throw invalid('Rows are given twice.', [{ path: '/rows', message: 'must not be given together with a file' }]);
  }
  if (body.sheet && !file) throw invalid('There is no file.', [{ path: '/sheet', message: 'needs a file' }]);
  const { items, rows: given } = acceptProject(body, maxRows);
  const read = file && (await readRows(ingest, file, { sheet: body.sheet || undefined, maxRows }));
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
        size: file.sizeBytes,
      },
    }),
    ...(items && { items }),
    ...(body.hourly_rate !== undefined && { hourly_rate: body.hourly_rate }),
    ...(body.period && { period: body.period }),
    ...(body.requires_approval !== undefined && { requires_approval: body.requires_approval }),
  };
  const ids = { eventId: call.id('event'), correlationId: call.correlationId };
  try {
    const kept: KeptRows | undefined = rows && (await files.keepRows(projectId, call.id('rows'), rows));
    await edge.publish(edge.envelope('PROJECT.INITIAL_REQUEST_RECEIVED', { ...payload, ...kept }, ids));
  } catch (error) {
    // What may be taken later, or has been taken by an earlier request of the same key, needs its rows.
    if (asFault(error).status < 500 && !call.resumed) await files.remove(projectId);
    throw error;
  }
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

async function readRows(
  ingest: Ingest,
  { filename, path }: StoredUpload,
  options: Pick<IngestJob, 'sheet' | 'maxRows'>,
): Promise<Ingested> {
  const read = await ingest({ filename, bytes: await readFile(path), ...options });
  if (read.ok) return read;
  const [first] = read.errors;
  if (read.status === 413) throw tooLarge(first?.message ?? 'The file is too large.');
  if (read.status === 415)
    throw new Fault('UNSUPPORTED_MEDIA_TYPE', first?.message ?? 'The file is neither CSV nor XLSX.');
  throw invalid('The file cannot be read as activities.', read.errors);
}

async function stop(
  { projects, timeline, edge }: ProjectCommandsOptions,
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
  { projects, edge }: ProjectCommandsOptions,
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
