/**
 * Orders, read for people.
 *
 * Owns: lists with their filters, and the view of one order. Reads what the commits of the order's actor have written,
 * and the one that accepts the message; writes nothing.
 */
import type { Redis } from 'ioredis';
import type { OrderFields } from '../../machines/orders/drafting.ts';
import {
  ORDER_PARTS,
  type OrderAttachment,
  type OrderHead,
  type OrderParts,
  type OrderStatus,
} from '../../machines/orders/order-state.ts';
import type { MissingField, OrderDraft, OrderIssue } from '../../schemas/types.ts';
import type { Keys } from '../bus/keys.ts';
import type { Rows } from './project-state.ts';
import { formatRanked, newestPage, oldestRanked, parseRanked } from './ranked.ts';

const ROLE = 'order_intake';

export interface OrderFilter {
  statuses: readonly OrderStatus[];
  /** Part of sender, subject, PO number or order id, any case. */
  text?: string | undefined;
}

/** An order with what it takes to decide on it. */
export interface StoredOrder {
  status: OrderStatus;
  head: OrderHead;
  parts: Partial<OrderParts>;
}

export type OrderRow = ReturnType<typeof rowOf>;
export type PendingOrder = ReturnType<typeof pendingOf>;
export type OrderView = ReturnType<typeof viewOf>;

export class Orders {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Undefined: there is no such order. */
  async order(id: string): Promise<StoredOrder | undefined> {
    const texts = await this.#redis.hmget(this.#keys.state(ROLE, id), 'snapshot', ...ORDER_PARTS);
    const [snapshot, ...parts] = texts;
    if (snapshot == null) return undefined;
    const { value, context } = JSON.parse(snapshot) as Snapshot;
    const read = ORDER_PARTS.flatMap((name, index) => {
      const text = parts[index];
      return text == null ? [] : [[name, JSON.parse(text)] as const];
    });
    return { status: value, head: context, parts: Object.fromEntries(read) as Partial<OrderParts> };
  }

  /** As the API shows it. */
  async view(id: string): Promise<OrderView | undefined> {
    const order = await this.order(id);
    return order && viewOf(order);
  }

  /** Newest first. */
  async list({ statuses, text }: OrderFilter, after: string | undefined, limit: number): Promise<Rows<OrderRow>> {
    const sets =
      statuses.length === 0
        ? [this.#keys.under('orders:index')]
        : statuses.map((status) => this.#keys.under(`orders:status:${status}`));
    const wanted = text?.toLowerCase();
    return newestPage(this.#redis, sets, { after, limit, searching: wanted !== undefined }, async (ids) =>
      (await this.#snapshots(ids)).map((snapshot) => {
        // The sets may be a moment behind or ahead of the state just read.
        if (!snapshot || (statuses.length > 0 && !statuses.includes(snapshot.value))) return undefined;
        const row = rowOf(snapshot);
        return wanted === undefined || searched(row).includes(wanted) ? row : undefined;
      }),
    );
  }

  /** What waits for a person, oldest first. */
  async pending(after: string | undefined, limit: number): Promise<Rows<PendingOrder>> {
    const set = this.#keys.under('orders:status:VALIDATION_REQUIRED');
    const position = after === undefined ? undefined : parseRanked(after);
    const ranked = await oldestRanked(this.#redis, set, position, limit + 1);
    const shown = ranked.slice(0, limit);
    const orders = await Promise.all(shown.map(({ member }) => this.#pending(member)));
    const last = shown.at(-1);
    const next = ranked.length > limit && last ? formatRanked(last) : null;
    return { rows: orders.filter((order) => order !== undefined), next };
  }

  async #pending(id: string): Promise<PendingOrder | undefined> {
    const key = this.#keys.state(ROLE, id);
    const [snapshot, missing, anomalies] = await this.#redis.hmget(key, 'snapshot', 'missing_fields', 'anomalies');
    if (snapshot == null) return undefined;
    const { value, context } = JSON.parse(snapshot) as Snapshot;
    if (value !== 'VALIDATION_REQUIRED') return undefined;
    return pendingOf(value, context, JSON.parse(missing ?? '[]'), JSON.parse(anomalies ?? '[]'));
  }

  async #snapshots(ids: readonly string[]): Promise<(Snapshot | undefined)[]> {
    const texts = await Promise.all(ids.map((id) => this.#redis.hget(this.#keys.state(ROLE, id), 'snapshot')));
    return texts.map((text) => (text === null ? undefined : (JSON.parse(text) as Snapshot)));
  }
}

interface Snapshot {
  value: OrderStatus;
  context: OrderHead;
}

const searched = ({ customer_email, subject, po_number, order_id }: OrderRow): string =>
  `${customer_email}\n${subject}\n${po_number ?? ''}\n${order_id}`.toLowerCase();

function rowOf({ value: status, context: head }: Snapshot) {
  const { order_id, version, created_at, updated_at, customer_email, subject, po_number, reason } = head;
  const { line_count, issue_count } = head;
  return {
    ...{ order_id, status, version, created_at, updated_at, customer_email, subject, po_number },
    ...{ line_count, issue_count, reason },
  };
}

function pendingOf(
  status: OrderStatus,
  { order_id, created_at, customer_email }: OrderHead,
  missing: readonly MissingField[],
  anomalies: readonly OrderIssue[],
) {
  const issues = [
    ...missing.map(({ field, reason }) => ({ field, type: 'missing', message: reason })),
    ...anomalies.map(({ type, field, line_ref, description }) => ({
      field: line_ref != null ? `lines[${line_ref}]` : (field ?? 'order'),
      ...{ type, message: description },
    })),
  ];
  return { order_id, status, created_at, customer_email, issues };
}

const NO_FIELDS: Readonly<OrderFields> = {};
const NO_ATTACHMENTS: readonly OrderAttachment[] = [];

function viewOf({ status, head, parts }: StoredOrder) {
  const { order_id, version, reason, created_at, updated_at, correlation_id, customer_email, subject } = head;
  const draft: OrderDraft | null = parts.draft ?? null;
  return {
    ...{ order_id, status, version, reason, created_at, updated_at, correlation_id },
    ...{ from_email: customer_email, subject, body_text: parts.request?.body_text ?? '', language: head.language },
    draft,
    contact: head.contact,
    fields: parts.fields ?? NO_FIELDS,
    missing_fields: parts.missing_fields ?? [],
    anomalies: parts.anomalies ?? [],
    email_draft: parts.email_draft ?? null,
    attachments: parts.attachments ?? NO_ATTACHMENTS,
    decision: parts.decision ?? null,
    export: parts.export ?? null,
  };
}
