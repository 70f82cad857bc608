/** Dead letters: looking at them, sending them again, throwing them away. Owns `/api/dlq…`. */
import type { DeadLetter, DeadLetterFilter, DeadLetters } from '../../store/dead-letters.ts';
import { invalid, notFound } from '../errors.ts';
import type { RequestLog } from '../exchange.ts';
import { type PageQuery, pageOf, pageParameters } from '../paging.ts';
import { REDRIVE_RESULTS, type RedriveOptions, redrive, redriveOne } from '../redrive.ts';
import { type Call, type QueryParameter, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

export interface DeadLetterRoutesOptions extends RedriveOptions {
  log: RequestLog;
}

interface Filter {
  event_type?: string;
  consumer_group?: string;
  reason?: string;
  since?: string;
  until?: string;
}

const TAG = 'Dead letters';
const names = { id: /^\d{1,20}-\d{1,20}$/ };
const filterText = { type: 'string', minLength: 1, maxLength: 200 };
const filterSchemas = {
  event_type: filterText,
  consumer_group: filterText,
  reason: filterText,
  since: { ...shape.time, maxLength: 40 },
  until: { ...shape.time, maxLength: 40 },
};
const filterParameters: Readonly<Record<string, QueryParameter>> = {
  event_type: { description: 'Exactly this type.', schema: filterSchemas.event_type },
  consumer_group: { description: 'The group that gave up.', schema: filterSchemas.consumer_group },
  reason: { description: 'Part of the reason.', schema: filterSchemas.reason },
  since: { description: 'Dead-lettered at or after.', schema: filterSchemas.since },
  until: { description: 'Dead-lettered at or before.', schema: filterSchemas.until },
};

const entry = shape.object({
  id: shape.text,
  timestamp: shape.text,
  event_id: shape.orNull(shape.text),
  event_type: shape.orNull(shape.text),
  reason: shape.text,
  consumer_group: shape.text,
  attempts: shape.count,
  redriven_at: shape.orNull(shape.time),
});

const redriveResult = (status: string) =>
  shape.object({
    dlq_id: shape.text,
    redrive_id: shape.uuid,
    event_id: shape.uuid,
    edited: shape.boolean,
    status: shape.oneOf([status]),
  });

export function deadLetterRoutes(options: DeadLetterRoutesOptions): Route[] {
  const { deadLetters, log } = options;
  return [
    route<PageQuery & Filter & { redriven?: boolean }>({
      method: 'GET',
      path: '/api/dlq',
      access: 'dlq:read',
      tag: TAG,
      summary: 'Dead letters, newest first',
      query: {
        ...filterParameters,
        redriven: { description: 'Only those that were, or were not, redriven.', schema: shape.boolean },
        ...pageParameters,
      },
      responses: {
        200: { description: 'A page', schema: shape.pageOf('entries', entry, { total: shape.count }) },
      },
      errors: [400],
      async handler(call) {
        const filter = { ...filterOf(call.query), redriven: call.query.redriven };
        const { page, next_cursor } = await pageOf(call, (after, limit) => deadLetters.list(filter, after, limit));
        return { status: 200, body: { entries: page.rows.map(entryOf), total: page.total, next_cursor } };
      },
    }),
    // Before `:id`, which would take it for one.
    route<Record<string, never>, BulkBody>({
      method: 'POST',
      path: '/api/dlq/redrive',
      access: 'dlq:write',
      tag: TAG,
      summary: 'Redrive all dead letters that pass a filter, oldest first',
      body: {
        schema: shape.object({
          filter: shape.object(
            Object.fromEntries(Object.entries(filterSchemas).map(([name, schema]) => [`${name}?`, schema])),
          ),
          'all?': { ...shape.boolean, description: 'Must be true when the filter is empty.' },
          'dry_run?': shape.boolean,
          'limit?': { type: 'integer', minimum: 1, maximum: 1_000, description: '100 by default.' },
        }),
      },
      responses: {
        200: {
          description: 'What was, or would be, done',
          schema: shape.object({
            dry_run: shape.boolean,
            matched: shape.count,
            redriven: shape.count,
            skipped: shape.count,
            results: shape.list(
              shape.object({
                dlq_id: shape.text,
                event_id: shape.orNull(shape.text),
                status: shape.oneOf(REDRIVE_RESULTS),
              }),
            ),
          }),
        },
      },
      errors: [400, 409, 413, 415],
      handler: (call) => redriveMany(options, call),
    }),
    route({
      method: 'GET',
      path: '/api/dlq/:id',
      access: 'dlq:read',
      tag: TAG,
      summary: 'One dead letter with its document',
      names,
      responses: {
        200: {
          description: 'The dead letter',
          schema: shape.object({
            id: shape.text,
            redriven_at: shape.orNull(shape.time),
            redrive: shape.orNull(
              shape.object({ redrive_id: shape.uuid, event_id: shape.uuid, at: shape.time, by: shape.text }),
            ),
            document: shape.anyObject,
          }),
        },
      },
      errors: [404],
      async handler({ params: { id = '' } }) {
        const { document, redrive } = await letterOf(deadLetters, id);
        return { status: 200, body: { id, redriven_at: redrive?.at ?? null, redrive, document } };
      },
    }),
    route<Record<string, never>, { event?: Record<string, unknown> } | undefined>({
      method: 'POST',
      path: '/api/dlq/:id/redrive',
      access: 'dlq:write',
      tag: TAG,
      summary: 'Send a dead letter again, as it was or edited',
      names,
      body: {
        optional: true,
        schema: shape.object({ 'event?': { ...shape.anyObject, description: 'The edited envelope.' } }),
      },
      responses: {
        202: { description: 'Published', schema: redriveResult('published') },
        200: { description: 'Redriven before', schema: redriveResult('already_redriven') },
      },
      errors: [400, 404, 409, 413, 415],
      async handler(call) {
        const { id = '' } = call.params;
        const result = await redrive(options, await letterOf(deadLetters, id), call.body?.event, call.principal.name);
        return { status: result.status === 'published' ? 202 : 200, body: result };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/dlq/:id',
      access: 'dlq:write',
      tag: TAG,
      summary: 'Delete a dead letter',
      names,
      responses: { 204: { description: 'Deleted' } },
      errors: [404],
      async handler({ params: { id = '' }, principal, correlationId }) {
        if (!(await deadLetters.remove(id))) throw notFound(`Dead letter ${id}`);
        log.write('WARN', 'dead letter deleted', { dlq_id: id, by: principal.name, correlation_id: correlationId });
        return { status: 204 };
      },
    }),
  ];
}

function filterOf({ event_type, consumer_group, reason, since, until }: Filter): DeadLetterFilter {
  return {
    eventType: event_type,
    consumerGroup: consumer_group,
    reason,
    sinceMs: since === undefined ? undefined : Math.max(0, Date.parse(since)),
    untilMs: until === undefined ? undefined : Math.max(0, Date.parse(until)),
  };
}

function entryOf({ id, document, redrive }: DeadLetter) {
  const { timestamp, event_id, event_type, reason, consumer_group, attempts } = document;
  return { id, timestamp, event_id, event_type, reason, consumer_group, attempts, redriven_at: redrive?.at ?? null };
}

async function letterOf(deadLetters: DeadLetters, id: string): Promise<DeadLetter> {
  const letter = await deadLetters.get(id);
  if (!letter) throw notFound(`Dead letter ${id}`);
  return letter;
}

interface BulkBody {
  filter: Filter;
  all?: boolean;
  dry_run?: boolean;
  limit?: number;
}

async function redriveMany(options: DeadLetterRoutesOptions, { body, principal }: Call<unknown, BulkBody>) {
  const { filter, all, dry_run = false, limit = 100 } = body;
  if (Object.keys(filter).length === 0 && all !== true) {
    throw invalid('An empty filter takes every dead letter.', [
      { path: '/all', message: 'must be true when the filter is empty' },
    ]);
  }
  const chosen: DeadLetter[] = [];
  let matched = 0;
  for await (const letter of options.deadLetters.matching(filterOf(filter))) {
    matched++;
    if (chosen.length < limit) chosen.push(letter);
  }
  const results = [];
  for (const letter of chosen) {
    const status = await redriveOne(options, letter, principal.name, dry_run);
    results.push({ dlq_id: letter.id, event_id: letter.document.event_id, status });
  }
  const redriven = results.filter(({ status }) => status === 'published').length;
  const skipped = results.filter(({ status }) => status === 'already_redriven' || status === 'invalid').length;
  return { status: 200, body: { dry_run, matched, redriven, skipped, results } };
}
