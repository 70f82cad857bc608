/**
 * What the order intake may use of the world.
 *
 * Owns: getting an order's files read, and finding earlier orders. Does not own what is made of them.
 */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import type { ReadDocument } from '../../machines/orders/document.ts';
import type { EarlierOrder } from '../../machines/orders/duplicates.ts';
import {
  BODY_ARTIFACT,
  MESSAGE_ARTIFACT,
  type OrderAttachment,
  type OrderHead,
  type OrderParts,
} from '../../machines/orders/order-state.ts';
import type { Keys } from '../bus/keys.ts';
import type { DocumentReader, OpenedOrder, OrderToRead } from '../documents/document-reader.ts';
import type { LlmClient } from '../llm/client.ts';
import { deriveId } from '../runtime/ids.ts';
import type { Artifacts } from './artifacts.ts';
import { OrderExports } from './order-exports.ts';
import { OrderFingerprints } from './order-fingerprints.ts';
import { Orders } from './orders.ts';

export interface OrderDesk {
  /** Opens what an order came with. */
  open(
    head: OrderHead,
    request: OrderParts['request'],
    attachments: readonly OrderAttachment[],
  ): Promise<OpenedOrder & { attachments(read: readonly ReadDocument[]): OrderAttachment[] }>;
  /** Orders that had one of its fingerprints before, and have not been rejected. */
  earlier(orderId: string, fingerprints: readonly string[]): Promise<EarlierOrder[]>;
  exports: Pick<OrderExports, 'write'>;
  llm: Pick<LlmClient, 'complete'>;
}

export interface OrderDeskOptions {
  redis: Redis;
  keys: Keys;
  artifacts: Artifacts;
  storageDir: string;
  exportLockTtlMs: number;
  reader: DocumentReader;
  llm: Pick<LlmClient, 'complete'>;
}

export function createOrderDesk(options: OrderDeskOptions): OrderDesk {
  const { redis, keys, artifacts, storageDir, exportLockTtlMs, reader, llm } = options;
  const orders = new Orders(redis, keys);
  const fingerprints = new OrderFingerprints(redis, keys);
  return {
    llm,
    exports: new OrderExports({ redis, keys, storageDir, lockTtlMs: exportLockTtlMs }),
    async open(head, request, attachments) {
      const given = attachments.filter(({ parent_id }) => parent_id === null);
      const texts = await textsOf(head, given, artifacts);
      const opened = await reader.openOrder(orderToRead(head, request, given, texts, artifacts));
      return { ...opened, attachments: (read) => attachmentsOf(head, given, read, texts) };
    },
    async earlier(orderId, texts) {
      const shared = [...(await fingerprints.claim(orderId, texts))];
      const stored = await Promise.all(shared.map(([id]) => orders.order(id)));
      return stored.flatMap((order, index): EarlierOrder[] => {
        if (!order || order.status === 'REJECTED') return [];
        const [order_id, fingerprints] = shared[index] as [string, string[]];
        const { draft, attachments = [] } = order.parts;
        const file_hashes = hashesOf(order.head, attachments);
        const known = draft ? { draft, from_email: order.head.customer_email, file_hashes } : null;
        return [{ order_id, shared: fingerprints, known }];
      });
    },
  };
}

const bodyId = ({ order_id }: OrderHead): string => deriveId(order_id, BODY_ARTIFACT);
const messageId = ({ order_id }: OrderHead): string => deriveId(order_id, MESSAGE_ARTIFACT);

/** Files that make two orders one: not what their messages say. */
function hashesOf(head: OrderHead, attachments: readonly OrderAttachment[]): string[] {
  const message = messageId(head);
  const texts = new Set([bodyId(head), message, deriveId(message, BODY_ARTIFACT)]);
  return attachments.flatMap(({ artifact_id, status, sha256 }) =>
    texts.has(artifact_id) || status === 'skipped' || sha256 === null ? [] : [sha256],
  );
}

/** The text of a form and a raw message: files that are no documents by themselves. By artifact id. */
type Texts = ReadonlyMap<string, Buffer>;

async function textsOf(head: OrderHead, given: readonly OrderAttachment[], artifacts: Artifacts): Promise<Texts> {
  const own = given.filter(({ artifact_id }) => artifact_id === bodyId(head) || artifact_id === messageId(head));
  return new Map(
    await Promise.all(
      own.map(
        async ({ artifact_id }) => [artifact_id, await readFile(artifacts.pathOf(head.order_id, artifact_id))] as const,
      ),
    ),
  );
}

function orderToRead(
  head: OrderHead,
  request: OrderParts['request'],
  given: readonly OrderAttachment[],
  texts: Texts,
  artifacts: Artifacts,
): OrderToRead {
  const { order_id, subject, customer_email: from_email, created_at } = head;
  const directory = artifacts.directoryOf(order_id);
  const job = ({ artifact_id, filename, mime_type }: OrderAttachment) => ({
    ...{ artifact_id, filename, declaredType: mime_type, directory },
    source: { path: artifacts.pathOf(order_id, artifact_id) },
  });
  const form = { order_id, subject, from_email, received_day: created_at.slice(0, 10), form: request };
  const message = given.find(({ artifact_id }) => artifact_id === messageId(head));
  if (message) return { form, from: { message: job(message) } };
  const artifact_id = bodyId(head);
  // The event carries the beginning of a long text only.
  const text = texts.get(artifact_id)?.toString() ?? request.body_text ?? '';
  const body = text.trim() === '' ? null : { artifact_id, filename: 'body.txt', text };
  return { form, from: { body, files: given.filter((attachment) => attachment.artifact_id !== artifact_id).map(job) } };
}

/** Every file of the order with what became of it, those given first, each followed by what was found in it. */
function attachmentsOf(
  head: OrderHead,
  given: readonly OrderAttachment[],
  read: readonly ReadDocument[],
  texts: Texts,
): OrderAttachment[] {
  const documents = read.map(
    ({ artifact_id, parent_id, filename, mime_type, size, sha256, status, reason }): OrderAttachment => ({
      ...{ artifact_id, parent_id, filename, mime_type, size, sha256, status, reason },
    }),
  );
  const known = new Set(documents.map(({ artifact_id }) => artifact_id));
  const own = given.flatMap((attachment): OrderAttachment[] => {
    const bytes = texts.get(attachment.artifact_id);
    if (!bytes || known.has(attachment.artifact_id)) return [];
    return [{ ...attachment, size: bytes.length, sha256: hash('sha256', bytes), status: 'parsed' }];
  });
  const isMessage = own.some(({ artifact_id }) => artifact_id === messageId(head));
  return isMessage ? [...own, ...documents] : [...documents, ...own];
}
