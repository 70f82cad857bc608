/**
 * The intake of orders: reads what has come, has a person decide, writes the CSV.
 *
 * Owns: how the order machine's effects are done, and the read models of orders. Keeps I4: a question to a model has the
 * effect's key, claims and files are the same when they are made again.
 */
import { createOrderMachine, type ModelRetries } from '../machines/order.ts';
import { earlierIssue, fingerprintsOf, type KnownOrder } from '../machines/orders/duplicates.ts';
import { EXTRACT_INSTRUCTION } from '../machines/orders/extraction/fill.ts';
import type { OrderContext, OrderRead } from '../machines/orders/order-changes.ts';
import {
  ORDER_PARTS,
  type OrderAttachment,
  type OrderHead,
  type OrderPart,
  type OrderParts,
  type OrderStatus,
  statusDocument,
} from '../machines/orders/order-state.ts';
import { type ModelOutcome, type OrderReading, withAnomalies } from '../machines/orders/read-order.ts';
import { GROUPS, INSTANCE_FIELD } from '../schemas/catalog.ts';
import type { OrderIssue } from '../schemas/types.ts';
import type { FilesReading } from '../src/documents/order-files.ts';
import type { JsonSchema } from '../src/llm/chat.ts';
import { refusalOfCall } from '../src/llm/client.ts';
import {
  type ActorDefinition,
  defineActor,
  type EffectContext,
  type Projection,
  type StateCodec,
  type StoredSnapshot,
} from '../src/runtime/define-actor.ts';
import type { Tools } from './tools.ts';

const NAME = 'order_intake';
/** People wait for a draft: a model that lets us wait is asked again later. */
const MODEL_PATIENCE_MS = 5_000;
const MODEL_DEADLINE_MS = 60_000;

export interface OrderIntakeSettings extends ModelRetries {
  /** How long files are kept once the order is final. */
  artifactTtlMs: number;
}

interface ReadInput {
  head: OrderHead;
  request: OrderParts['request'];
  attachments: readonly OrderAttachment[];
}

interface ExportInput {
  head: OrderHead;
  draft: OrderParts['draft'];
  csv: string;
}

/** Reads the files, asks a model for what they leave open, looks for the same order among earlier ones. */
async function read({ head, request, attachments }: ReadInput, context: EffectContext<Tools>): Promise<OrderRead> {
  const { tools } = context;
  const order = await tools.orders.open(head, request, attachments);
  let files = await order.reading();
  const { question } = files.reading;
  if (question) files = await order.reading(await ask(question, context));
  const { question: _, ...reading } = files.reading;
  const duplicates = await duplicatesOf(head, files, tools);
  return {
    reading: withAnomalies({ ...reading, question: null }, duplicates),
    attachments: order.attachments(files.documents),
    at: new Date().toISOString(),
  };
}

async function ask(
  { schema, parts }: NonNullable<OrderReading['question']>,
  { key, signal, tools }: EffectContext<Tools>,
): Promise<ModelOutcome> {
  const deadline = AbortSignal.timeout(MODEL_DEADLINE_MS);
  try {
    const { output } = await tools.orders.llm.complete({
      instruction: EXTRACT_INSTRUCTION,
      data: parts.map(({ name, text }) => ({ name, text })),
      schema: schema as JsonSchema,
      labels: { agent: NAME, task_type: 'data_extraction' },
      key,
      signal: AbortSignal.any([signal, deadline]),
      patienceMs: MODEL_PATIENCE_MS,
    });
    return { answer: output };
  } catch (error) {
    const refusal = refusalOfCall(error);
    if (refusal?.details?.reason === 'bad_output') return 'schema_mismatch';
    if (refusal || (deadline.aborted && !signal.aborted)) {
      const message = refusal?.message ?? `no answer within ${MODEL_DEADLINE_MS / 1000} s`;
      tools.logFor(NAME).warn(`no model for what an order leaves open: ${message}`);
      return 'gateway_unavailable';
    }
    throw error;
  }
}

async function duplicatesOf(
  head: OrderHead,
  { reading, fileHashes }: FilesReading,
  { orders }: Tools,
): Promise<OrderIssue[]> {
  const order: KnownOrder = { draft: reading.draft, from_email: head.customer_email, file_hashes: fileHashes };
  const earlier = await orders.earlier(head.order_id, fingerprintsOf(order));
  return earlier.flatMap((each) => earlierIssue(order, each) ?? []);
}

const effects = {
  read,
  /** Writes the CSV. What a person has corrected is what later orders may repeat, so that it is claimed, too. */
  async export({ head, draft, csv }: ExportInput, { key, tools }: EffectContext<Tools>) {
    const { order_id, customer_email } = head;
    await tools.orders.earlier(order_id, fingerprintsOf({ draft, from_email: customer_email, file_hashes: [] }));
    return { ...(await tools.orders.exports.write(order_id, csv, key)), at: new Date().toISOString() };
  },
};

const codec: StateCodec<OrderContext> = {
  open(stored, parts) {
    const known = ORDER_PARTS.flatMap((name) => {
      const part = parts.get(name);
      return part === undefined ? [] : [[name, part] as const];
    });
    return { head: (stored as OrderHead | undefined) ?? null, parts: Object.fromEntries(known), changed: new Set() };
  },
  close: ({ head, parts, changed }) => ({
    stored: head,
    parts: new Map([...changed].map((name) => [name, parts[name]])),
  }),
};

/** Parts that other programs read as documents of their own. */
const DOCUMENTS: readonly (readonly [part: OrderPart, name: string])[] = [
  ['draft', 'draft'],
  ['fields', 'fields'],
  ['missing_fields', 'missing'],
  ['anomalies', 'anomalies'],
  ['export', 'export'],
];
const FINAL: ReadonlySet<string> = new Set<OrderStatus>(['EXPORTED', 'REJECTED']);

function project(
  { artifactTtlMs }: OrderIntakeSettings,
  id: string,
  before: StoredSnapshot | null,
  after: StoredSnapshot,
  parts: ReadonlyMap<string, unknown>,
): Projection[] {
  const head = after.context as OrderHead | null;
  if (head === null) return [];
  const changes: Projection[] = [statusChange(id, after.value as OrderStatus, head)];
  if (before?.value !== after.value) changes.push(...listChanges(id, before, after, head));
  for (const [part, name] of DOCUMENTS) {
    const document = parts.get(part);
    if (document) changes.push({ op: 'set', key: `orders:${id}:${name}`, value: JSON.stringify(document) });
  }
  for (const attachment of (parts.get('attachments') as readonly OrderAttachment[] | undefined) ?? []) {
    const key = `orders:artifact:${attachment.artifact_id}`;
    changes.push({ op: 'set', key, value: JSON.stringify(artifactDocument(id, attachment)) });
    if (FINAL.has(after.value)) changes.push({ op: 'expire', key, afterMs: artifactTtlMs });
  }
  return changes;
}

const statusChange = (id: string, status: OrderStatus, head: OrderHead): Projection => ({
  op: 'set',
  key: `orders:${id}:status`,
  value: JSON.stringify(statusDocument(status, head)),
});

/** Lists of all orders by status, of those that wait for a person, and of those whose files will go. */
function listChanges(id: string, before: StoredSnapshot | null, after: StoredSnapshot, head: OrderHead): Projection[] {
  const score = Date.parse(head.created_at);
  const pending = after.value === 'VALIDATION_REQUIRED';
  const changes: Projection[] = [
    { op: 'zadd', key: `orders:status:${after.value}`, score, member: id },
    { op: pending ? 'sadd' : 'srem', key: 'orders:pending_validation', member: id },
  ];
  if (before) changes.push({ op: 'zrem', key: `orders:status:${before.value}`, member: id });
  if (FINAL.has(after.value)) {
    changes.push({ op: 'zadd', key: 'orders:final', score: Date.parse(head.updated_at), member: id });
  }
  return changes;
}

const artifactDocument = (orderId: string, { artifact_id, filename, mime_type, size, sha256 }: OrderAttachment) => ({
  ...{ artifact_id, filename, mime_type, size, sha256, path: `/storage/artifacts/${orderId}/${artifact_id}` },
});

export function createOrderIntake(settings: OrderIntakeSettings): ActorDefinition<Tools> {
  return defineActor(createOrderMachine(settings))<Tools>({
    name: NAME,
    group: GROUPS[NAME],
    receives: ['ORDER.INBOX_RECEIVED', 'ORDER.VALIDATED', 'ORDER.REJECTED'],
    instanceOf: INSTANCE_FIELD[NAME],
    effects,
    // A decision does not wait for a model that is asked once more.
    asks: ['ORDER.INBOX_RECEIVED', 'ORDER.VALIDATED'],
    state: codec as StateCodec<unknown>,
    project: (id, before, after, parts) => project(settings, id, before, after, parts),
  });
}
