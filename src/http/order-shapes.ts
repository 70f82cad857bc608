/**
 * JSON Schemas of what is shown of orders.
 *
 * Owns: the public shapes of the order surface. Drafts, issues and missing fields are the objects of the bus.
 */
import { ORDER_STATUSES } from '../../machines/orders/order-state.ts';
import type { JsonSchema } from '../../schemas/load.ts';
import * as shape from './shapes.ts';

const REASONS = [
  'gateway_unavailable',
  'schema_mismatch',
  'manual_review',
  'missing_fields',
  'anomalies',
  'awaiting_approval',
] as const;

const textOrNull = shape.orNull(shape.text);
const reason: JsonSchema = {
  ...shape.orNull(shape.oneOf(REASONS)),
  description: 'Why a person is asked, the first that holds; null until the files have been read.',
};
const version: JsonSchema = { ...shape.count, description: 'Of the draft; 0 until the files have been read.' };
const missingFields = shape.list(shape.objectRef('missing_field'));

const place = { artifact_id: shape.uuid, filename: shape.text };
const source: JsonSchema = {
  anyOf: [
    shape.object({ ...place, kind: shape.oneOf(['cell']), sheet: shape.text, cell: shape.text }),
    shape.object({
      ...place,
      kind: shape.oneOf(['page']),
      page: shape.count,
      bbox: { ...shape.list(shape.number), description: 'x, y, width, height in points, origin top left.' },
    }),
    shape.object({ ...place, kind: shape.oneOf(['line']), line: shape.count, start: shape.count, end: shape.count }),
    shape.object({
      artifact_id: { type: 'null' },
      filename: { type: 'null' },
      kind: shape.oneOf(['form']),
      field: shape.text,
    }),
    { type: 'null' },
  ],
};

const field = shape.object({
  value: { ...shape.anything, description: 'Text, number or null.' },
  raw: { ...textOrNull, description: 'Verbatim.' },
  source,
  method: shape.oneOf(['human', 'form', 'deterministic', 'model', 'default']),
  confidence: shape.confidence,
  flags: shape.list(shape.text),
  suggestion: { ...shape.anything, description: "A model's value that stands nowhere; only a person can use it." },
});

const attachment = shape.object({
  artifact_id: shape.uuid,
  parent_id: { ...shape.orNull(shape.uuid), description: 'The message it was attached to.' },
  filename: shape.text,
  mime_type: shape.text,
  size: shape.orNull(shape.count),
  sha256: textOrNull,
  status: {
    ...shape.orNull(shape.oneOf(['parsed', 'needs_ocr', 'unreadable', 'skipped'])),
    description: 'Null until it has been read.',
  },
  reason: textOrNull,
});

const change = shape.object({ field: shape.text, from: shape.anything, to: shape.anything });

export const order = shape.object({
  order_id: shape.uuid,
  status: shape.oneOf(ORDER_STATUSES),
  version,
  reason,
  created_at: shape.time,
  updated_at: shape.time,
  correlation_id: shape.uuid,
  from_email: shape.text,
  subject: shape.text,
  body_text: shape.text,
  language: textOrNull,
  draft: shape.orNull(shape.objectRef('order_draft')),
  contact: shape.object({ name: textOrNull, phone: textOrNull }),
  fields: { type: 'object', additionalProperties: field, description: 'By path: `lines[1].qty`, `delivery.date`.' },
  missing_fields: missingFields,
  anomalies: shape.list(shape.objectRef('order_issue')),
  email_draft: { ...shape.orNull(shape.objectRef('email_draft')), description: 'Nothing is ever sent.' },
  attachments: shape.list(attachment),
  decision: shape.orNull(
    shape.object({
      approved: shape.boolean,
      by: { ...shape.text, description: 'Name of the key.' },
      at: shape.time,
      notes: shape.text,
      changes: shape.list(change),
    }),
  ),
  export: shape.orNull(
    shape.object({ artifact_id: shape.uuid, path: shape.text, size: shape.count, sha256: shape.text }),
  ),
});

export const orderRow = shape.object({
  order_id: shape.uuid,
  status: shape.oneOf(ORDER_STATUSES),
  version,
  created_at: shape.time,
  updated_at: shape.time,
  customer_email: shape.text,
  subject: shape.text,
  po_number: textOrNull,
  line_count: shape.count,
  issue_count: { ...shape.count, description: 'Missing fields and anomalies.' },
  reason,
});

export const pendingRow = shape.object({
  order_id: shape.uuid,
  status: shape.oneOf(['VALIDATION_REQUIRED']),
  created_at: shape.time,
  customer_email: shape.text,
  issues: shape.list(
    shape.object({
      field: { ...shape.text, description: 'As in `missing_fields`; of an anomaly `lines[n]`, a path or `order`.' },
      type: { ...shape.text, description: "`missing`, or the anomaly's type." },
      message: shape.text,
    }),
  ),
});

export const received = shape.object({
  order_id: shape.uuid,
  status: { ...shape.oneOf(['DRAFT_CREATED', 'RECEIVED']), description: '`RECEIVED`: the files are still being read.' },
  extracted_data: shape.orNull(
    shape.object({
      customer_email: textOrNull,
      delivery_address: textOrNull,
      delivery_date: textOrNull,
      po_number: textOrNull,
      currency: textOrNull,
      line_items: shape.list(
        shape.object({
          line_no: shape.count,
          product: { ...shape.text, description: 'Description, else SKU.' },
          sku: shape.text,
          quantity: shape.number,
          uom: textOrNull,
          unit_price: shape.orNull(shape.number),
        }),
      ),
    }),
  ),
  validation_required: { ...shape.boolean, description: 'Always true: every order needs a person.' },
  missing_fields: missingFields,
});

const decided = (statuses: readonly string[]) =>
  shape.object({
    order_id: shape.uuid,
    status: shape.oneOf(statuses),
    export_path: textOrNull,
    message: shape.text,
  });
export const decisionMade = decided(['VALIDATED', 'REJECTED']);
export const decisionTaken = decided(['SUBMITTED']);

const hidden: JsonSchema = { ...shape.boolean, description: 'Not to be seen where the file is opened.' };

export const preview: JsonSchema = {
  anyOf: [
    shape.object({
      kind: shape.oneOf(['table']),
      sheets: shape.list(shape.object({ name: shape.text, hidden })),
      sheet: shape.text,
      rows: shape.list(shape.list(shape.object({ ref: shape.text, text: shape.text, hidden }))),
    }),
    shape.object({
      kind: shape.oneOf(['page']),
      pages: shape.count,
      page: shape.count,
      width: shape.number,
      height: shape.number,
      items: shape.list(
        shape.object({
          text: shape.text,
          x: shape.number,
          y: shape.number,
          w: shape.number,
          h: shape.number,
          hidden,
        }),
      ),
    }),
    shape.object({ kind: shape.oneOf(['text']), lines: shape.list(shape.text) }),
  ],
};
