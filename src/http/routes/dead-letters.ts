/**
 * Dead letters: looking at them, sending them again, throwing them away.
 *
 * Owns: `/api/dlq…` and what a redriven event looks like. A redrive happens once: its record is claimed before
 * anything is published, every id in it is derived, and a claim that was left half-way is finished by the next call.
 */
import { hash, randomUUID } from 'node:crypto';
import { canonicalJson } from '../../../schemas/canonical.ts';
import { GROUPS, rolesFor } from '../../../schemas/catalog.ts';
import type { Envelope } from '../../../schemas/types.ts';
import type { Validator } from '../../../schemas/validate.ts';
import { deriveId } from '../../runtime/ids.ts';
import type { DeadLetter, DeadLetterFilter, DeadLetters } from '../../store/dead-letters.ts';
import type { RequestLog } from '../app.ts';
import type { Edge } from '../edge.ts';
import { conflict, invalid, notFound, type Violation } from '../errors.ts';
import { type PageQuery, pageOf, pageParameters } from '../paging.ts';
import { type Call, type QueryParameter, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

export interface DeadLetterRoutesOptions {
  deadLetters: DeadLetters;
  edge: Edge;
  validator: Pick<Validator, 'errorsOf'>;
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

const RESULTS = ['would_publish', 'published', 'already_redriven', 'invalid'] as const;
type Result = (typeof RESULTS)[number];

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
              shape.object({ dlq_id: shape.text, event_id: shape.orNull(shape.text), status: shape.oneOf(RESULTS) }),
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

/** The role whose group gave up; undefined when the gate did. */
function failedRole({ document: { consumer_group } }: DeadLetter): string | undefined {
  if (consumer_group === GROUPS.validator) return undefined;
  return Object.entries(GROUPS).find(([, group]) => group === consumer_group)?.[0];
}

/**
 * The event a redrive publishes. What the gate refused has had no effect and keeps its identity; what a role gave up
 * on was accepted once, so it comes again as a new event, caused by the old one.
 */
function redrivenEvent(
  letter: DeadLetter,
  edited: Record<string, unknown> | undefined,
): Record<string, unknown> | null {
  const original = letter.document.original_event;
  const source = edited ?? original;
  if (!source) return null;
  if (failedRole(letter) === undefined) return source;
  const originalId = typeof original?.event_id === 'string' ? original.event_id : undefined;
  if (originalId === undefined) return source;
  return {
    ...source,
    event_id: deriveId(originalId, `redrive:${letter.id}`),
    timestamp: new Date().toISOString(),
    correlation_id: original?.correlation_id,
    causation_id: originalId,
  };
}

function violationsOf(
  validator: DeadLetterRoutesOptions['validator'],
  letter: DeadLetter,
  event: Record<string, unknown> | null,
): Violation[] {
  if (event === null) return [{ path: '/event', message: 'is required: the original cannot be read' }];
  const violations = validator.errorsOf(event).map(({ path, message }) => ({ path: `/event${path}`, message }));
  const role = failedRole(letter);
  if (violations.length === 0 && role !== undefined && !rolesFor(event as unknown as Envelope).includes(role)) {
    violations.push({ path: '/event/event_type', message: `is not an event that ${role} takes` });
  }
  return violations;
}

async function redrive(
  { deadLetters, edge, validator }: DeadLetterRoutesOptions,
  letter: DeadLetter,
  edited: Record<string, unknown> | undefined,
  by: string,
) {
  const { id } = letter;
  const event = redrivenEvent(letter, edited);
  const askedAgain = letter.redriven && edited === undefined;
  const violations = askedAgain ? [] : violationsOf(validator, letter, event);
  if (violations.length > 0) throw invalid('The event is not valid.', violations);
  const valid = event as Envelope | null;
  const digest = edited === undefined ? '' : hash('sha256', canonicalJson(edited), 'hex');
  const wanted = {
    redrive_id: randomUUID(),
    event_id: valid?.event_id ?? '',
    at: new Date().toISOString(),
    by,
  };
  const claim = await deadLetters.claim(id, digest, wanted);
  if (claim.verdict === 'GONE') throw notFound(`Dead letter ${id}`);
  if (claim.verdict === 'OTHER') throw conflict('This dead letter was redriven with another event.');
  const { redrive_id, event_id } = claim.redrive;
  const result = { dlq_id: id, redrive_id, event_id, edited: claim.edited };
  if (claim.verdict === 'DONE') return { ...result, status: 'already_redriven' as const };
  if (!valid) throw invalid('The event is not valid.', [{ path: '/event', message: 'is required' }]);
  const role = failedRole(letter);
  await edge.publish(valid, role);
  const notice = edge.envelope(
    'DLQ.ENTRY_REDRIVEN',
    {
      dlq_id: id,
      redrive_id,
      event_id,
      event_type: valid.event_type,
      edited: claim.edited,
      target_group: role === undefined ? null : letter.document.consumer_group,
      requested_by: by,
    },
    { eventId: deriveId(redrive_id, 'DLQ.ENTRY_REDRIVEN'), correlationId: valid.correlation_id },
  );
  await edge.publish(notice);
  await deadLetters.finish(id);
  return { ...result, status: 'published' as const };
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

async function redriveOne(
  options: DeadLetterRoutesOptions,
  letter: DeadLetter,
  by: string,
  dryRun: boolean,
): Promise<Result> {
  if (letter.redriven) return 'already_redriven';
  const event = redrivenEvent(letter, undefined);
  if (violationsOf(options.validator, letter, event).length > 0) return 'invalid';
  if (dryRun) return 'would_publish';
  return (await redrive(options, letter, undefined, by)).status;
}
