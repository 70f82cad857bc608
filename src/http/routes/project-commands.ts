/**
 * Steering projects: stopping, talking.
 *
 * Owns: the writing routes of `/api/projects…`. Each becomes an event, and waits until it is carried out where the
 * answer tells what came of it.
 */
import { plural } from '../../../machines/orchestration/text.ts';
import type { Envelope } from '../../../schemas/types.ts';
import type { ProjectStatus } from '../../store/project-state.ts';
import type { Projects } from '../../store/projects.ts';
import type { Timeline } from '../../store/timeline.ts';
import type { Edge } from '../edge.ts';
import { conflict, invalid } from '../errors.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';
import { headOf } from './projects.ts';

export interface ProjectCommandsOptions {
  projects: Projects;
  timeline: Timeline;
  edge: Edge;
}

const TAG = 'Projects';
const FINAL: ReadonlySet<ProjectStatus> = new Set(['COMPLETED', 'FAILED', 'STOPPED']);

export function projectCommands(options: ProjectCommandsOptions): Route[] {
  return [
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
