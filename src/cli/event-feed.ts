/**
 * The events of one project, from its first to its last, as they happen.
 *
 * Owns: reading server-sent events, and going on after the last one seen when a connection ends.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Envelope } from '../../schemas/types.ts';
import { Fault } from '../errors.ts';
import type { Client } from './client.ts';

/** As `GET /api/projects/:id/events` shows it. */
export interface LoggedEvent {
  log_id: string;
  event: Envelope;
}

interface ServerEvent {
  id: string;
  type: string;
  data: string;
}

const FINAL = new Set(['PROJECT.COMPLETED', 'PROJECT.FAILED', 'PROJECT.STOPPED']);
/** The server writes something every 15 s. */
const SILENCE_MAX_MS = 45_000;
const RECONNECTS_MAX = 30;
const RECONNECT_AFTER_MS = 1_000;

/** Ends with the event that makes the project final, or with what the log already holds of a final project. */
export async function* follow(
  client: Client,
  projectId: string,
  note: (text: string) => void,
): AsyncGenerator<LoggedEvent> {
  let last = '0-0';
  let final = false;
  for await (const row of client.pages<LoggedEvent>(`/api/projects/${projectId}/events`, 'events')) {
    if (isAfter(row.log_id, last)) last = row.log_id;
    final ||= FINAL.has(row.event.event_type);
    yield row;
  }
  for (let failures = 0; !final; ) {
    try {
      for await (const { id, type, data } of connect(client, projectId, last)) {
        failures = 0;
        // `reset` starts the log over, `resync` tells where to go on: neither is an event of the project.
        if (type === 'reset' || type === 'resync' || !isAfter(id, last)) continue;
        last = id;
        yield { log_id: id, event: JSON.parse(data) as Envelope };
        final = FINAL.has(type);
        if (final) return;
      }
    } catch (error) {
      if (!mayPass(error) || failures >= RECONNECTS_MAX) throw error;
    }
    if (failures++ > 0) note('The stream of events was cut; connecting again.');
    await pause(RECONNECT_AFTER_MS);
  }
}

/** Whether trying again may help: a connection that was cut, a server that is away. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof Fault) || error.disposition === 'retry';
}

async function* connect(client: Client, projectId: string, after: string): AsyncGenerator<ServerEvent> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
  try {
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': after };
    const { body } = await client.open('/api/stream', { project_id: projectId }, { headers, signal: silence.signal });
    if (body) yield* readServerEvents(body, () => timer.refresh());
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Events of a `text/event-stream`; comments and `retry` are passed over. */
export async function* readServerEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<ServerEvent> {
  let id = '';
  let type = 'message';
  let data: string[] = [];
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    onBytes();
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { id, type, data: data.join('\n') };
        type = 'message';
        data = [];
      } else if (line.startsWith('id: ')) id = line.slice(4);
      else if (line.startsWith('event: ')) type = line.slice(7);
      else if (line.startsWith('data: ')) data.push(line.slice(6));
    }
  }
}

/** Whether one log id is after another. */
export function isAfter(id: string, other: string): boolean {
  const [ms = 0, sequence = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherSequence = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && sequence > otherSequence);
}
