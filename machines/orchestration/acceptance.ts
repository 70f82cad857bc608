/**
 * How a request becomes a project.
 *
 * Owns: the state that exists from the moment a request is accepted, before anything is planned. The HTTP edge and
 * the gate store it with the event they accept, so that the project can be read at once. Does not own planning.
 */
import type { Envelope } from '../../schemas/types.ts';
import type { Header, PartTypes } from './parts.ts';
import { referenceOf } from './row-sets.ts';
import { clip, instant } from './text.ts';

export type Request = Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>;

/** A project as it is first stored: snapshot value and context, and its parts. */
export interface Requested {
  value: 'CREATED';
  header: Header;
  parts: Pick<PartTypes, 'description'>;
}

/** Code points of a name made from the request's text. */
const MAX_MADE_NAME = 80;

const nameOf = ({ name, request_text }: Request['payload']): string =>
  name?.trim() || clip(request_text.trim().replace(/\s+/g, ' '), MAX_MADE_NAME) || 'Untitled project';

/** The state that accepting `event` makes. Pure: the gate, the HTTP edge and a replay make the same. */
export function requested(event: Request): Requested {
  const { payload } = event;
  const at = instant(event.timestamp);
  const rows_ref = referenceOf(payload);
  return {
    value: 'CREATED',
    header: {
      id: payload.project_id.toLowerCase(),
      name: nameOf(payload),
      plan: null,
      correlation_id: event.correlation_id,
      request_event_id: event.event_id,
      requester: payload.requester ?? null,
      file: payload.file_info ?? null,
      requires_approval: payload.requires_approval ?? false,
      ...(payload.hourly_rate !== undefined && { hourly_rate: payload.hourly_rate }),
      ...(payload.period && { period: payload.period }),
      ...(rows_ref && { rows_ref }),
      counts: { total: 0, created: 0, ready: 0, blocked: 0, in_progress: 0, done: 0, failed: 0 },
      open_questions: 0,
      open_approvals: 0,
      failure: null,
      report_deliverable_id: null,
      sizes: { question: 0, approval: 0, deliverable: 0, message: 0 },
      created_at: at,
      updated_at: at,
    },
    parts: { description: payload.request_text },
  };
}

/** Whether `event` is the request that made the project: itself, or its re-driven dead letter. */
export const isOwnRequest = (header: Header, event: Request): boolean =>
  header.request_event_id === event.event_id || header.request_event_id === event.causation_id;
