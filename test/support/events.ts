/** Events as external producers write them. */
import { randomUUID } from 'node:crypto';
import type { Envelope, EventType, Payloads, PlanItem, Row } from '../../schemas/types.ts';

export const ROWS: Row[] = [
  { text: 'Ticket triage', estimated_minutes: 30, category: 'ops' },
  { text: 'Ticket triage', estimated_minutes: 45, category: 'ops' },
  { text: 'status meeting', estimated_minutes: 60, category: 'meetings' },
];

export function anEvent<T extends EventType>(
  type: T,
  payload: Payloads[T],
  header: Partial<Envelope> = {},
): Envelope<T> {
  return {
    event_id: randomUUID(),
    event_type: type,
    event_version: 1,
    timestamp: new Date().toISOString(),
    source: 'test',
    instance: 'test/0',
    correlation_id: randomUUID(),
    causation_id: null,
    ...header,
    payload,
  } as Envelope<T>;
}

type Request = Payloads['PROJECT.INITIAL_REQUEST_RECEIVED'];

/** The request of the worked example (a), or a variation of it. */
export function anAnalysis(variation: Partial<Request> = {}): Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'> {
  return aRequest({ rows: ROWS, hourly_rate: 100, ...variation });
}

export function aRequest(variation: Partial<Request> = {}): Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'> {
  const request_text = 'Find out where the team loses time';
  return anEvent('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: randomUUID(), request_text, ...variation });
}

/** A project with items of its own. */
export const aProjectOf = (items: readonly PlanItem[], variation: Partial<Request> = {}) =>
  aRequest({ items: [...items], ...variation });
