/**
 * What accepting an event from outside means, for the gate and for the HTTP edges alike.
 *
 * Owns: the id mark, the mailboxes, the timeline row, and the first state of a project, a team's run or an order. Does not own validation.
 * Keeps I2: the id is remembered by the commit that accepts the event, so a repetition finds it.
 */
import { requested } from '../../machines/orchestration/acceptance.ts';
import { receivedOrder, statusDocument } from '../../machines/orders/order-state.ts';
import { requestedRun } from '../../machines/teams/acceptance.ts';
import { GROUPS, instanceKeyFor, projectIdOf, type Role, rolesFor } from '../../schemas/catalog.ts';
import { isUuid } from '../../schemas/formats.ts';
import { TEAMS } from '../../schemas/teams.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { MailboxEntry, Operation, TurnCommit } from '../bus/commit.ts';
import type { Keys } from '../bus/keys.ts';
import { deriveId } from './ids.ts';
import { fieldsOf, NO_PARTS } from './step.ts';

/** Where the accepted event is: about to be appended by this very commit, or in the log already. */
export type Place = { append: string } | { logId: string; text: string };

export type Acceptance = Pick<
  TurnCommit,
  'dedupe' | 'state' | 'events' | 'mailboxes' | 'timeline' | 'counters' | 'operations'
> & {
  forwardedLogId?: string;
};

/** Ids compare in lower case, so what is routed carries them so; free text is left as it is. */
export function withLowerCaseIds(event: Envelope): Envelope {
  const lowered = { ...event, payload: lowerIds(event.payload) } as Envelope;
  lowered.event_id = event.event_id.toLowerCase();
  lowered.correlation_id = event.correlation_id.toLowerCase();
  lowered.causation_id = event.causation_id?.toLowerCase() ?? null;
  return lowered;
}

function lowerIds(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const isId = key === 'id' || key.endsWith('_id');
    if (isId && typeof member === 'string' && isUuid(member)) copy[key] = member.toLowerCase();
    else copy[key] = key === 'deliverable' || key === 'backlog_item' || key === 'evidence' ? lowerIds(member) : member;
  }
  return copy;
}

/** Products of one type that one event can have: one per item of a plan; of all other types there is one. */
const MAX_ORDINAL = 5_000;
const MANY: ReadonlySet<EventType> = new Set<EventType>([
  'TEAM.SELECTED',
  'WORK.ITEM_FAILED',
  'BACKLOG.ITEM_CREATED',
  'BACKLOG.ITEM_UNBLOCKED',
  'CLARIFICATION.NEEDED',
  'QUESTION.CREATED',
  'HUMAN.APPROVAL_REQUESTED',
  'WORK.ITEM_DISPATCHED',
  'ORCHESTRATOR.MESSAGE_SENT',
  'AGENT.TASK_DISPATCHED',
  'AGENT.COLLABORATION_REQUEST',
  // One per version of a draft.
  'ORDER.DRAFT_CREATED',
  'ORDER.MISSING_FIELDS_DETECTED',
  'ORDER.ANOMALY_DETECTED',
  'ORDER.VALIDATION_REQUIRED',
]);

/**
 * Whether the event is a copy of one that the platform emitted itself. Those ids need no memory: they can be derived
 * again from cause and type. Only an id of that version with a cause is worth the search.
 */
export function isOwnProduct({ event_id, event_type, causation_id }: Envelope): boolean {
  if (causation_id === null || event_id[14] !== '5') return false;
  const last = MANY.has(event_type) ? MAX_ORDINAL : 0;
  for (let ordinal = 0; ordinal <= last; ordinal++) {
    if (deriveId(causation_id, event_type, ordinal) === event_id) return true;
  }
  return false;
}

/** @param only deliver to this role alone (a dead letter re-driven to the group that failed). */
export function acceptance(event: Envelope, place: Place, keys: Keys, only?: string): Acceptance {
  const appended = 'append' in place;
  const roles = only === undefined ? rolesFor(event) : [only];
  const mailboxes = roles.map((role): MailboxEntry => {
    instanceKeyFor(role, event);
    const mailbox = keys.mailbox(role);
    return appended ? { mailbox, ordinals: [0] } : { mailbox, events: `[${place.text}]`, logIds: place.logId };
  });
  const projectId = projectIdOf(event);
  const first = firstState(event, keys);
  return {
    dedupe: { key: keys.accepted(GROUPS.validator, event.event_id), value: 'accepted' },
    ...(first && { state: first.state }),
    events: appended ? [place.append] : [],
    mailboxes,
    ...(projectId !== null && { timeline: { key: keys.timeline(projectId), types: [event.event_type] } }),
    ...(!appended && { forwardedLogId: place.logId }),
    ...(first && { counters: first.counters }),
    operations: first?.operations ?? [],
  };
}

/** What is stored of a project whose request has just been accepted: names and JSON texts in turn. */
export function firstFields(event: Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>): string[] {
  const { value, header, parts } = requested(event);
  return fieldsOf({ value, stored: header, parts: new Map(Object.entries(parts)) });
}

/** What is there from the commit that accepts a request; a second request for the same changes nothing. */
function firstState(event: Envelope, keys: Keys) {
  if (event.event_type === 'PROJECT.INITIAL_REQUEST_RECEIVED') return firstOfProject(event, keys);
  if (event.event_type === 'ORDER.INBOX_RECEIVED') return firstOfOrder(event, keys);
  return event.event_type === 'TEAM.RUN_REQUESTED' ? firstOfRun(event, keys) : null;
}

function firstOfProject(event: Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>, keys: Keys) {
  const { value, header } = requested(event);
  const { id } = header;
  const createdMs = String(Date.parse(event.timestamp));
  const operations: Operation[] = [
    ['ZADD', keys.under('projects:all'), createdMs, id],
    ['ZADD', keys.under(`projects:status:${value}`), createdMs, id],
  ];
  return { ...stored('orchestrator', id, value, firstFields(event), event, keys), operations };
}

function firstOfRun(event: Envelope<'TEAM.RUN_REQUESTED'>, keys: Keys) {
  const { team_id } = event.payload;
  const { value, context } = requestedRun(event, TEAMS[team_id].pattern);
  const fields = fieldsOf({ value, stored: context, parts: NO_PARTS });
  return { ...stored(team_id, context.requested.ids.run_id, value, fields, event, keys), operations: [] };
}

function firstOfOrder(event: Envelope<'ORDER.INBOX_RECEIVED'>, keys: Keys) {
  const { value, head, parts } = receivedOrder(event);
  const { order_id: id } = head;
  const fields = fieldsOf({ value, stored: head, parts: new Map(Object.entries(parts)) });
  const receivedMs = String(Date.parse(head.created_at));
  const operations: Operation[] = [
    ['ZADD', keys.under('orders:index'), receivedMs, id],
    ['ZADD', keys.under(`orders:status:${value}`), receivedMs, id],
    ['SET', keys.under(`orders:${id}:status`), JSON.stringify(statusDocument(value, head))],
  ];
  return { ...stored('order_intake', id, value, fields, event, keys), operations };
}

function stored(role: Role, id: string, value: string, fields: string[], event: Envelope, keys: Keys) {
  const state = {
    key: keys.state(role, id),
    expected: '',
    nonce: `accepted:${event.event_id}`,
    fields,
    mode: 'ifAbsent' as const,
  };
  return { state, counters: [{ key: keys.actor(role), field: `state:${value}`, by: 1 }] };
}
