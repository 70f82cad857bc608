/**
 * Sending a dead letter again.
 *
 * Owns: what the redriven event looks like, whether it may be sent, and that it is sent once: its record is claimed
 * before anything is published, every id in it is derived, and a claim that was left half-way is finished by the
 * next call (I2). Does not own which letters are meant.
 */
import { hash, randomUUID } from 'node:crypto';
import { canonicalJson } from '../../schemas/canonical.ts';
import { GROUPS, rolesFor } from '../../schemas/catalog.ts';
import type { Envelope } from '../../schemas/types.ts';
import type { Validator } from '../../schemas/validate.ts';
import { deriveId } from '../runtime/ids.ts';
import type { DeadLetter, DeadLetters } from '../store/dead-letters.ts';
import type { Edge } from './edge.ts';
import { conflict, invalid, notFound, type Violation } from './errors.ts';

export interface RedriveOptions {
  deadLetters: DeadLetters;
  edge: Edge;
  validator: Pick<Validator, 'errorsOf'>;
}

export const REDRIVE_RESULTS = ['would_publish', 'published', 'already_redriven', 'invalid'] as const;
export type RedriveResult = (typeof REDRIVE_RESULTS)[number];

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
  validator: RedriveOptions['validator'],
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

/**
 * Redrives one letter, as it was or edited; asked again, tells what became of it.
 * Throws 400 for an event that is not valid, 404 for a letter that is gone, 409 for another event than the first.
 */
export async function redrive(
  { deadLetters, edge, validator }: RedriveOptions,
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

/** One of many: what cannot be sent is told, not thrown. `dryRun` publishes nothing. */
export async function redriveOne(
  options: RedriveOptions,
  letter: DeadLetter,
  by: string,
  dryRun: boolean,
): Promise<RedriveResult> {
  if (letter.redriven) return 'already_redriven';
  const event = redrivenEvent(letter, undefined);
  if (violationsOf(options.validator, letter, event).length > 0) return 'invalid';
  if (dryRun) return 'would_publish';
  return (await redrive(options, letter, undefined, by)).status;
}
