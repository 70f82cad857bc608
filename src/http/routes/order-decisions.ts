/**
 * How a person decides on an order.
 *
 * Owns: `POST /orders/:id/validate`: whether a decision can be made of a request, and what the other one of two is told.
 * Does not own what a decision does: the order's machine checks it once more, and takes one for each version.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { exceedsCodePoints } from '../../../machines/formulas/code-points.ts';
import { DECISION } from '../../../machines/order.ts';
import { type Corrected, correct } from '../../../machines/orders/correcting.ts';
import { readCorrections } from '../../../machines/orders/corrections.ts';
import { missingForApproval } from '../../../machines/orders/missing-fields.ts';
import type { OrderParts } from '../../../machines/orders/order-state.ts';
import { pointerPart } from '../../../schemas/json.ts';
import type { Envelope } from '../../../schemas/types.ts';
import { Fault } from '../../errors.ts';
import { deriveId } from '../../runtime/ids.ts';
import type { Orders, StoredOrder } from '../../store/orders.ts';
import type { Edge } from '../edge.ts';
import { invalid, notFound, unavailable } from '../errors.ts';
import * as shown from '../order-shapes.ts';
import { type Call, type OwnLimit, type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';

export interface OrderDecisionOptions {
  prefix: string;
  ownLimit: OwnLimit;
  orders: Orders;
  edge: Edge;
  /** How long the caller of a decision waits to hear what came of it. */
  waitMs: number;
}

interface GivenDecision {
  corrections?: Record<string, unknown>;
  approved?: boolean;
  notes?: string;
  version?: number;
}

const POLL_MS = 25;
const NOTES_MAX = 20_000;

export function orderDecisionRoute(options: OrderDecisionOptions): Route {
  return route<Record<string, never>, GivenDecision>({
    method: 'POST',
    path: `${options.prefix}/orders/:id/validate`,
    access: 'orders:approve',
    ownLimit: options.ownLimit,
    tag: 'Orders',
    summary: 'Approve an order, with corrections, or reject it',
    body: {
      schema: shape.object({
        'corrections?': {
          ...shape.anyObject,
          description: 'Values by path, e.g. `{"lines[1].qty": 12, "delivery.date": null}`. Not with a rejection.',
        },
        'approved?': { ...shape.boolean, default: true },
        'notes?': { type: 'string', maxLength: NOTES_MAX },
        'version?': {
          type: 'integer',
          minimum: 1,
          description: 'That the decision is about; the current one if absent.',
        },
      }),
    },
    responses: {
      200: { description: 'Decided', schema: shown.decisionMade },
      202: { description: 'Taken, not yet carried out', schema: shown.decisionTaken },
    },
    errors: [400, 404, 409, 413, 415],
    handler: (call) => decide(options, call),
  });
}

async function decide({ orders, edge, waitMs }: OrderDecisionOptions, call: Call<unknown, GivenDecision>) {
  const { id = '' } = call.params;
  const order = await orders.order(id);
  if (!order) throw notFound(`Order ${id}`);
  const { approved = true, version = order.head.version } = call.body;
  if (isOwn(order, call)) return answer(order, approved);
  if (order.status !== 'VALIDATION_REQUIRED') throw notPending(order);
  if (version !== order.head.version) throw otherVersion(order, version);
  const event = decisionOf(edge, order, call);
  const { applied, logId } = await edge.submit(event);
  if (!applied) {
    const message = approved ? 'Approval submitted' : 'Rejection submitted';
    return { status: 202, body: { order_id: id, status: 'SUBMITTED', export_path: null, message } };
  }
  const decided = logId === null ? await onceDecided(orders, order, waitMs) : ((await orders.order(id)) ?? order);
  // It may be this very request's, of a process that was killed: an answer that is kept must not deny it.
  if (logId === null && call.resumed && isUndecided(decided, order))
    throw unavailable('A decision on this version has been taken, and is not carried out yet.');
  if (logId === null && !isOwn(decided, call)) throw notPending(decided);
  if (decided.status === 'VALIDATION_REQUIRED') throw otherVersion(decided, version);
  return answer(decided, approved);
}

const isUndecided = ({ status, head }: StoredOrder, before: StoredOrder): boolean =>
  status === 'VALIDATION_REQUIRED' && head.version === before.head.version;

/** The order when a decision that was taken before has been carried out, or when that takes too long. */
async function onceDecided(orders: Orders, before: StoredOrder, waitMs: number): Promise<StoredOrder> {
  const { order_id } = before.head;
  for (const deadlineMs = performance.now() + waitMs; ; await pause(POLL_MS)) {
    const now = (await orders.order(order_id)) ?? before;
    if (!isUndecided(now, before) || performance.now() > deadlineMs) return now;
  }
}

/** The order has been decided by this very request, which died before it could say so. */
function isOwn({ parts: { decision } }: StoredOrder, { resumed, principal, body }: Call<unknown, GivenDecision>) {
  return resumed && decision?.by === principal.name && decision.approved === (body.approved ?? true);
}

/** The event. @throws Fault 400 for a decision that cannot be made */
function decisionOf(
  edge: Edge,
  { head, parts }: StoredOrder,
  { body, principal }: Call<unknown, GivenDecision>,
): Envelope {
  const { order_id, correlation_id: correlationId, version } = head;
  const ids = { eventId: deriveId(order_id, DECISION, version), correlationId };
  const at = new Date().toISOString();
  const { approved = true, corrections = {}, notes = '' } = body;
  if (!approved) {
    if (Object.keys(corrections).length > 0) {
      throw invalid('A rejection corrects nothing.', [
        { path: '/corrections', message: 'must not be given to reject' },
      ]);
    }
    const payload = { order_id, rejected_by: principal.name, rejected_at: at, ...(notes && { notes }) };
    return edge.envelope('ORDER.REJECTED', payload, ids);
  }
  const corrected = correctedBy(corrections, parts as OrderParts);
  const lines = [notes, ...corrected.notes].filter(Boolean).join('\n');
  if (exceedsCodePoints(lines, NOTES_MAX)) {
    const message = `must not be longer than ${NOTES_MAX} characters together with the contact`;
    throw invalid('The notes are too long.', [{ path: '/notes', message }]);
  }
  const payload = {
    ...{ order_id, validated_by: principal.name, validated_at: at, final_order_draft: corrected.draft },
    ...(lines && { notes: lines }),
  };
  return edge.envelope('ORDER.VALIDATED', payload, ids);
}

function correctedBy(given: Record<string, unknown>, { draft, fields }: OrderParts): Corrected {
  const read = readCorrections(given, draft.lines.length);
  if (!read.ok) {
    const errors = read.errors.map(({ field, message }) => {
      return { path: field === 'corrections' ? '/corrections' : `/corrections/${pointerPart(field)}`, message };
    });
    throw invalid('The corrections are not valid.', errors);
  }
  const corrected = correct({ draft, fields }, read.corrections);
  const missing_fields = missingForApproval(corrected.draft, corrected.fields);
  if (missing_fields.length === 0) return corrected;
  const errors = missing_fields.map(({ field, reason: message }) => {
    const line = /^line (\d+)/.exec(message)?.[1];
    return { path: `/corrections/${line === undefined ? field : `lines[${line}].${field}`}`, message };
  });
  const message = 'The order lacks what approval needs.';
  throw new Fault('VALIDATION_ERROR', message, { details: { missing_fields, errors: errors.slice(0, 100) } });
}

function answer({ status, head: { order_id }, parts }: StoredOrder, approved: boolean) {
  if (!approved) {
    const body = { order_id, status: 'REJECTED', export_path: null, message: 'Order rejected' };
    return { status: 200, body };
  }
  const message = status === 'EXPORTED' ? 'Order validated and exported' : 'Order validated';
  return { status: 200, body: { order_id, status: 'VALIDATED', export_path: parts.export?.path ?? null, message } };
}

/** Nothing is waiting for a decision; tells the one that was made. */
function notPending({ status, head: { version }, parts: { decision } }: StoredOrder): Fault {
  const by = decision ? ` by ${decision.by}` : '';
  const message = {
    RECEIVED: 'The order is still being read.',
    VALIDATION_REQUIRED: 'Another decision on this version is being carried out.',
    ...{ VALIDATED: `The order was validated${by}.`, EXPORTED: `The order was validated${by}.` },
    REJECTED: `The order was rejected${by}.`,
  }[status];
  const details = { status, version, ...(decision && { decision }) };
  return new Fault('CONFLICT', message, { details });
}

/** There is another draft than the one that was decided on; tells what the newest says other than the one before. */
function otherVersion({ status, head: { version }, parts: { changes = [] } }: StoredOrder, asked: number): Fault {
  const message = `The order has version ${version}, not ${asked}.`;
  return new Fault('CONFLICT', message, { details: { status, version, changes } });
}
