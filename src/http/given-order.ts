/**
 * What a client may send as an order, and what is answered of it. Pure.
 *
 * Owns: the fields of the form, the event that a form or a message becomes, and what has been read of it as an answer.
 */
import { firstCodePoints } from '../../machines/formulas/code-points.ts';
import type { JsonSchema } from '../../schemas/load.ts';
import type { OrderInboxReceived } from '../../schemas/types.ts';
import type { StoredOrder } from '../store/orders.ts';
import type { FieldKind } from './route.ts';
import * as shape from './shapes.ts';

export interface GivenOrder {
  from_email: string;
  subject?: string;
  body?: string;
  customer_hint?: string;
  delivery_address?: string;
  delivery_date?: string;
}

/** What the event says of an order's files. */
export type NamedFile = OrderInboxReceived['attachments'][number];

/** Of the whole body, which is a file too, the event carries the beginning. */
const BODY_TEXT_MAX = 20_000;
export const MAX_EMAIL_CHARS = 320;

const text: JsonSchema = { type: 'string', maxLength: 20_000 };

export const ORDER_FORM_FIELDS: Readonly<Record<string, FieldKind>> = {
  from_email: 'text',
  subject: 'text?',
  body: 'text?',
  customer_hint: 'text?',
  delivery_address: 'text?',
  delivery_date: 'text?',
};

export const orderFormSchema = shape.object({
  from_email: { type: 'string', format: 'email', maxLength: MAX_EMAIL_CHARS },
  'subject?': text,
  'body?': { ...shape.text, description: 'The text of the message.' },
  'customer_hint?': { ...text, description: 'Who the customer is, if the sender is not.' },
  'delivery_address?': text,
  'delivery_date?': { type: 'string', format: 'date', description: '`YYYY-MM-DD`' },
});

/** The event of a form with these files, or of a message. */
export function inboxEvent(
  orderId: string,
  { from_email, subject = '', body, customer_hint, delivery_address, delivery_date }: GivenOrder,
  attachments: NamedFile[],
  receivedAt: string,
): OrderInboxReceived {
  return {
    order_id: orderId,
    from_email,
    subject: firstCodePoints(subject, BODY_TEXT_MAX),
    received_at: receivedAt,
    attachments,
    ...(body !== undefined && { body_text: firstCodePoints(body, BODY_TEXT_MAX) }),
    ...(customer_hint !== undefined && { customer_hint }),
    ...(delivery_address !== undefined && { delivery_address }),
    ...(delivery_date !== undefined && { delivery_date }),
  };
}

/** What the sender of an order is told of it. */
export function receivedView({ head, parts }: StoredOrder) {
  const { draft, missing_fields = [] } = parts;
  const { order_id } = head;
  if (!draft) {
    const nothing = { extracted_data: null, validation_required: true, missing_fields: [] };
    return { order_id, status: 'RECEIVED' as const, ...nothing };
  }
  return {
    order_id,
    status: 'DRAFT_CREATED' as const,
    extracted_data: {
      customer_email: draft.customer?.email ?? head.customer_email,
      delivery_address: draft.delivery?.address ?? null,
      delivery_date: draft.delivery?.date ?? null,
      po_number: draft.po_number ?? null,
      currency: draft.currency ?? null,
      line_items: draft.lines.map(({ line_no, sku, description, qty, uom, unit_price }) => ({
        line_no,
        product: description ?? sku,
        sku,
        quantity: qty,
        uom: uom ?? null,
        unit_price: unit_price ?? null,
      })),
    },
    validation_required: true,
    missing_fields,
  };
}
