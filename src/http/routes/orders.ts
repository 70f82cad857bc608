/**
 * Orders: sending, deciding, looking at them. The same routes on two surfaces, one declaration for both.
 *
 * Owns: which routes there are, and those that read. Every read comes from what the commits of the order's actor wrote.
 */
import { hash } from 'node:crypto';
import { exportCsv } from '../../../machines/orders/export-csv.ts';
import { ORDER_STATUSES, type OrderStatus } from '../../../machines/orders/order-state.ts';
import { attachmentHeader } from '../content-disposition.ts';
import { conflict, notFound } from '../errors.ts';
import * as shown from '../order-shapes.ts';
import { type PageQuery, pageOf, pageParameters } from '../paging.ts';
import { type Route, route } from '../route.ts';
import * as shape from '../shapes.ts';
import { type OrderDecisionOptions, orderDecisionRoute } from './order-decisions.ts';
import { orderFileRoutes } from './order-files.ts';
import { type OrderInboxOptions, orderInboxRoute } from './order-inbox.ts';

const TAG = 'Orders';
const CSV = 'text/csv; charset=utf-8; header=present';
const DECIDED: ReadonlySet<OrderStatus> = new Set(['VALIDATED', 'EXPORTED']);

/** @param options `prefix`: of all paths */
export function orderRoutes(options: OrderInboxOptions & OrderDecisionOptions): Route[] {
  return [
    orderInboxRoute(options),
    ...readingRoutes(options),
    orderDecisionRoute(options),
    ...orderFileRoutes(options),
  ];
}

function readingRoutes({ prefix, ownLimit, orders }: OrderInboxOptions): Route[] {
  const common = { method: 'GET', access: 'orders:read', ownLimit, tag: TAG } as const;
  return [
    route<PageQuery>({
      ...common,
      path: `${prefix}/orders/pending-validation`,
      summary: 'Orders that wait for a person, oldest first',
      query: pageParameters,
      responses: { 200: { description: 'A page', schema: shape.pageOf('orders', shown.pendingRow) } },
      errors: [400],
      async handler(call) {
        const { page, next_cursor } = await pageOf(call, (after, limit) => orders.pending(after, limit));
        return { status: 200, body: { orders: page.rows, next_cursor } };
      },
    }),
    route<PageQuery & { status?: OrderStatus[]; q?: string }>({
      ...common,
      path: `${prefix}/orders`,
      summary: 'List orders, newest first',
      query: {
        status: {
          description: 'Comma-separated.',
          schema: { type: 'array', items: shape.oneOf(ORDER_STATUSES) },
        },
        q: {
          description:
            'Part of sender, subject, PO number or id, any case. A page may be short, or empty, before the end.',
          schema: { type: 'string', maxLength: 200 },
        },
        ...pageParameters,
      },
      responses: { 200: { description: 'A page', schema: shape.pageOf('orders', shown.orderRow) } },
      errors: [400],
      async handler(call) {
        const { status: statuses = [], q } = call.query;
        const filter = { statuses, text: q || undefined };
        const { page, next_cursor } = await pageOf(call, (after, limit) => orders.list(filter, after, limit));
        return { status: 200, body: { orders: page.rows, next_cursor } };
      },
    }),
    route({
      ...common,
      path: `${prefix}/orders/:id`,
      summary: 'One order, with the place of each of its values',
      responses: { 200: { description: 'The order', schema: shown.order } },
      errors: [404],
      async handler({ params: { id = '' } }) {
        const view = await orders.view(id);
        if (!view) throw notFound(`Order ${id}`);
        return { status: 200, body: view };
      },
    }),
    route({
      ...common,
      path: `${prefix}/orders/:id/export.csv`,
      summary: 'The lines of an approved order',
      responses: {
        200: {
          description: 'CSV',
          contentType: CSV,
          headers: { ETag: 'SHA-256 of the bytes', 'Content-Disposition': 'Always `attachment`' },
        },
      },
      errors: [404, 409],
      async handler({ params: { id = '' } }) {
        const order = await orders.order(id);
        if (!order) throw notFound(`Order ${id}`);
        const { draft } = order.parts;
        if (!draft || !DECIDED.has(order.status)) throw conflict('The order has not been approved.', order.status);
        // Of the draft, which is kept: the same bytes as the file, also when that is gone.
        const bytes = Buffer.from(exportCsv(draft));
        return new Response(bytes, {
          headers: {
            'Content-Type': CSV,
            'Content-Length': String(bytes.length),
            'Content-Disposition': attachmentHeader(`${id}.csv`),
            ETag: `"${hash('sha256', bytes, 'hex')}"`,
          },
        });
      },
    }),
  ];
}
