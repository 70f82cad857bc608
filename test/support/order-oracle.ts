/**
 * What must be true of orders when their work has come to rest, read from Redis and the disk alone.
 *
 * Owns: the checks that every order that was taken is there with all its files (I1), that it was drafted once a version
 * and exported once (I2), and that every read model says what the state says. What holds for all work is in `oracle.ts`.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { exportCsv } from '../../machines/orders/export-csv.ts';
import { ORDER_STATUSES, type OrderStatus, statusDocument } from '../../machines/orders/order-state.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import { type Keys, PENDING_ORDERS } from '../../src/bus/keys.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { Artifacts } from '../../src/store/artifacts.ts';
import { Orders, type StoredOrder } from '../../src/store/orders.ts';
import { readLog } from './oracle.ts';

export interface AuditedOrders {
  redis: Redis;
  keys: Keys;
  storageDir: string;
}

/** Adds a finding about the order. */
type Found = (what: string) => void;

interface OrderAudit extends AuditedOrders {
  id: string;
  /** What the log says of it, in order, each with its place in the log. */
  events: readonly { event: Envelope; place: number }[];
  order: StoredOrder;
  found: Found;
}

/** All findings about orders. */
export async function orderFindings(audited: AuditedOrders): Promise<string[]> {
  const { redis, keys } = audited;
  const findings: string[] = [];
  const log = await readLog(redis, keys);
  const ofOrder = Map.groupBy(
    log.map(({ event }, place) => ({ event, place })).filter(({ event }) => orderOf(event) !== null),
    ({ event }) => orderOf(event) as string,
  );
  const orders = new Orders(redis, keys);
  for (const [id, events] of ofOrder) {
    const found = (what: string) => void findings.push(`order ${id}: ${what}`);
    const order = await orders.order(id);
    if (!order) found(`is lost; the log says ${events.map(({ event }) => event.event_type).join(', ')}`);
    else {
      const audit: OrderAudit = { ...audited, id, events, order, found };
      saidOnce(audit);
      await readModels(audit);
      await files(audit);
    }
  }
  const indexed = await redis.zrange(keys.under('orders:index'), '0', '-1');
  if (indexed.toSorted().join() !== [...ofOrder.keys()].toSorted().join())
    findings.push(`the index has ${indexed.length} orders, the log ${ofOrder.size}`);
  for (const key of await redis.keys(keys.lock('order:*'))) findings.push(`a lock is left: ${key}`);
  findings.push(...(await fingerprints(audited)));
  return findings;
}

function orderOf({ event_type, payload }: Envelope): string | null {
  if (event_type === 'DELIVERABLE.PUBLISHED') {
    const { deliverable } = payload as { deliverable: { type: string; content: { order_id?: string } } };
    return deliverable.type === 'order_export' ? (deliverable.content.order_id ?? null) : null;
  }
  return event_type.startsWith('ORDER.') ? (payload as { order_id: string }).order_id : null;
}

interface Said {
  type: EventType;
  event_id: string;
  causation_id: string | null;
}

/** The events of an order are those that its state tells of: each once, in order, of the right cause. */
function saidOnce({ events, order, found }: OrderAudit): void {
  const { head, parts, status } = order;
  const groups = Array.from({ length: head.version }, (_, ordinal) =>
    versionOf(events, head.received, ordinal, ordinal === head.version - 1 ? order : null),
  );
  const decision: Said[] = head.decided
    ? [{ type: parts.decision?.approved ? 'ORDER.VALIDATED' : 'ORDER.REJECTED', ...idOf(head.decided, null) }]
    : [];
  const exported = (['ORDER.EXPORT_READY', 'DELIVERABLE.PUBLISHED'] as const).map(
    (type): Said => ({ type, ...idOf(deriveId(head.decided ?? '', type), head.decided) }),
  );
  const inbox: Said = { type: 'ORDER.INBOX_RECEIVED', ...idOf(head.received, null) };
  const expected = [[inbox], ...groups, decision, status === 'EXPORTED' ? exported : []].flat();
  const shown = (said: readonly Said[]) => said.map(({ type, event_id }) => `${type} ${event_id}`).join(', ');
  const actual = events.map(
    ({ event }): Said => ({ type: event.event_type, event_id: event.event_id, causation_id: event.causation_id }),
  );
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    found(`version ${head.version}, ${status}: said ${shown(actual)}; expected ${shown(expected)}`);
  }
  for (const { event } of events) {
    if (event.correlation_id !== head.correlation_id) found(`${event.event_type} left its correlation`);
  }
  // What one commit says stands together.
  for (const group of [...groups, status === 'EXPORTED' ? exported : []]) {
    const places = group.map(({ event_id }) => events.find(({ event }) => event.event_id === event_id)?.place ?? -1);
    const apart = places.some((place, index) => index > 0 && place !== (places[index - 1] as number) + 1);
    if (apart) found(`${shown(group)} stand apart in the log`);
  }
}

const idOf = (event_id: string, causation_id: string | null) => ({ event_id, causation_id });

/**
 * What a version of the draft says. Of the newest the state knows whether it was odd, and until it is approved whether it
 * lacked something; of others the log does.
 */
function versionOf(
  events: OrderAudit['events'],
  received: string,
  ordinal: number,
  newest: StoredOrder | null,
): Said[] {
  const said = (type: EventType): Said => ({ type, ...idOf(deriveId(received, type, ordinal), received) });
  const has = (type: EventType, part: readonly unknown[] | null) =>
    newest && part ? part.length > 0 : events.some(({ event }) => event.event_id === deriveId(received, type, ordinal));
  const { missing_fields = [], anomalies = [], decision } = newest?.parts ?? {};
  return [
    said('ORDER.DRAFT_CREATED'),
    ...(has('ORDER.MISSING_FIELDS_DETECTED', decision?.approved ? null : missing_fields)
      ? [said('ORDER.MISSING_FIELDS_DETECTED')]
      : []),
    ...(has('ORDER.ANOMALY_DETECTED', anomalies) ? [said('ORDER.ANOMALY_DETECTED')] : []),
    said('ORDER.VALIDATION_REQUIRED'),
  ];
}

const FINAL: ReadonlySet<OrderStatus> = new Set(['EXPORTED', 'REJECTED']);

/** What other programs read of an order is what its state says. */
async function readModels({ redis, keys, id, order, found }: OrderAudit): Promise<void> {
  const { status, head, parts } = order;
  const documents = {
    status: statusDocument(status, head),
    draft: parts.draft,
    fields: parts.fields,
    missing: parts.missing_fields,
    anomalies: parts.anomalies,
    export: parts.export,
  };
  for (const [name, expected] of Object.entries(documents)) {
    const text = await redis.get(keys.under(`orders:${id}:${name}`));
    if (text !== (expected === undefined ? null : JSON.stringify(expected)))
      found(`${name} is ${text}, the state says ${JSON.stringify(expected)}`);
  }
  const pending = (await redis.sismember(keys.under(PENDING_ORDERS), id)) === 1;
  if (pending !== (status === 'VALIDATION_REQUIRED')) found(`is ${status}, and ${pending ? '' : 'not '}pending`);
  for (const of of ORDER_STATUSES) {
    const listed = (await redis.zscore(keys.under(`orders:status:${of}`), id)) !== null;
    if (listed !== (of === status)) found(`is ${status}, and ${listed ? '' : 'not '}listed as ${of}`);
  }
  const final = (await redis.zscore(keys.under('orders:final'), id)) !== null;
  if (final !== FINAL.has(status)) found(`is ${status}, and ${final ? '' : 'not '}listed as final`);
  for (const attachment of parts.attachments ?? []) {
    const key = keys.under(`orders:artifact:${attachment.artifact_id}`);
    const { filename, mime_type, sha256 } = JSON.parse((await redis.get(key)) ?? '{}');
    if (filename !== attachment.filename || mime_type !== attachment.mime_type || sha256 !== attachment.sha256)
      found(`${attachment.filename} is another file in ${key}`);
    if ((await redis.pttl(key)) > 0 !== FINAL.has(status)) found(`is ${status}, and ${key} does not go as it should`);
  }
}

/** Every file is on the disk as it was read, and the CSV is what the draft makes. */
async function files({ storageDir, id, order, found }: OrderAudit): Promise<void> {
  const { status, parts } = order;
  const artifacts = new Artifacts(join(storageDir, 'artifacts'));
  const read = (path: string) => readFile(path).catch(() => null);
  for (const { artifact_id, filename } of parts.request?.attachments ?? []) {
    if (!(await artifacts.has(id, artifact_id))) found(`${filename}, which it came with, is not on the disk`);
  }
  for (const { artifact_id, filename, sha256 } of parts.attachments ?? []) {
    const bytes = await read(artifacts.pathOf(id, artifact_id));
    if (!bytes) found(`${filename} is not on the disk`);
    else if (sha256 !== null && createHash('sha256').update(bytes).digest('hex') !== sha256)
      found(`${filename} is not what was read`);
  }
  const csv = await read(join(storageDir, 'exports', `${id}.csv`));
  if ((csv !== null) !== (status === 'EXPORTED')) found(`is ${status}, and there is ${csv ? 'a' : 'no'} CSV`);
  if (!csv || !parts.draft) return;
  if (csv.toString() !== exportCsv(parts.draft)) found(`its CSV is not what its draft makes: ${csv}`);
  const sha256 = createHash('sha256').update(csv).digest('hex');
  if (parts.export?.sha256 !== sha256 || parts.export.size !== csv.length) found('its CSV is another than it says');
}

/** Nobody claims a fingerprint twice. */
async function fingerprints({ redis, keys }: AuditedOrders): Promise<string[]> {
  const found: string[] = [];
  for (const key of await redis.keys(keys.under('orders:fingerprint:*'))) {
    const ids = ((await redis.get(key)) ?? '').split(',');
    if (new Set(ids).size !== ids.length) found.push(`${key} names an order twice: ${ids.join()}`);
  }
  return found;
}
