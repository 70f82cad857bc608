/** Watching events as they happen. Owns `/api/stream`: its filters and where it resumes. */
import { isStreamId } from '../../store/stream-id.ts';
import { typeMatcher } from '../../store/timeline.ts';
import { badStreamId, type EventStreams } from '../event-stream.ts';
import type { ShownEvent } from '../log-tailer.ts';
import { type Call, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

interface StreamQuery {
  project_id?: string;
  correlation_id?: string;
  type?: string[];
  last_event_id?: string;
}

const HEADERS = { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' };

export function streamRoutes(streams: EventStreams): Route[] {
  return [
    route<StreamQuery>({
      method: 'GET',
      path: '/api/stream',
      access: 'events:read',
      tag: 'Events',
      summary: 'Events as they happen (server-sent events)',
      query: {
        project_id: { description: 'Only of this project.', schema: shape.uuid },
        correlation_id: { description: 'Only with this correlation.', schema: shape.uuid },
        type: {
          description: 'Comma-separated event types or prefixes such as `WORK.*`.',
          schema: {
            type: 'array',
            items: { type: 'string', maxLength: 200, pattern: '^[A-Z]+(\\.[A-Z_]+)*(\\.\\*)?$' },
          },
        },
        last_event_id: { description: 'As the header Last-Event-ID.', schema: { type: 'string', maxLength: 100 } },
      },
      responses: { 200: { description: 'The stream', contentType: 'text/event-stream' } },
      errors: [400],
      async handler(call) {
        const after = resumeFrom(call);
        if (call.request.method === 'HEAD') return new Response(null, { headers: HEADERS });
        const body = await streams.open({
          caller: call.caller,
          after,
          wants: wantedBy(call.query),
          destroy: () => call.connection?.destroy(),
        });
        return new Response(body, { headers: HEADERS });
      },
    }),
  ];
}

/** The header wins: a browser that reconnects sends it along with the address it began with. */
function resumeFrom({ request, query }: Call<StreamQuery>): string | undefined {
  const header = request.headers.get('last-event-id');
  const given = header || query.last_event_id;
  if (given === undefined || given === null) return undefined;
  if (!isStreamId(given)) throw badStreamId(header ? 'header.Last-Event-ID' : 'query.last_event_id');
  return given;
}

function wantedBy({ project_id, correlation_id, type = [] }: StreamQuery): (event: ShownEvent) => boolean {
  const matches = typeMatcher(type);
  const projectId = project_id?.toLowerCase();
  const correlationId = correlation_id?.toLowerCase();
  return (event) =>
    matches(event.type) &&
    (projectId === undefined || event.projectId === projectId) &&
    (correlationId === undefined || event.correlationId === correlationId);
}
