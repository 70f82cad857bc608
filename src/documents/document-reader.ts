/**
 * Reads the files of orders in threads of their own.
 *
 * Owns: what becomes of a file that takes too long or too much memory. Does not own: how files are read
 * (`document-task.ts`), nor how threads are bounded (`reading-threads.ts`).
 */
import { deserialize } from 'node:v8';
import type { ReadDocument, ReadMessage } from '../../machines/orders/document.ts';
import type { ModelOutcome, OrderInput } from '../../machines/orders/read-order.ts';
import type { DocumentJob, OrderJob, Packed, PackedFiles } from './document-task.ts';
import { type FilesReading, type OrderForm, readOrderFiles } from './order-files.ts';
import type { Preview, PreviewQuery } from './preview.ts';
import { createReadingThreads } from './reading-threads.ts';

export type { DocumentJob } from './document-task.ts';

/**
 * What cannot be read is `unreadable` with its reason. Everything rejects if there is no such file, if a directory cannot
 * be written, and with `TooManyWaiting`.
 */
export interface DocumentReader {
  /** Reads the files of an order, in the order received; only threads that read get to see what is in them. */
  openOrder(order: OrderToRead): Promise<OpenedOrder>;
  /** A raw message: who sent it, and what it says. Its attachments are written to the directory, not read out. */
  readMessage(job: DocumentJob): Promise<ReadMessage>;
  /** A part of a file. Null if there is no such part, or if the file cannot be read. */
  preview(job: DocumentJob, query: PreviewQuery): Promise<Preview | null>;
  /** The file as a document with all its content, and if it is a message, what is attached to it after it. */
  read(job: DocumentJob): Promise<readonly ReadDocument[]>;
  /** Ends the threads; what they were reading is rejected. */
  close(): Promise<void>;
}

export interface OrderToRead {
  form: OrderForm;
  /** The text of the form and its files, or a raw message. */
  from: { body: OrderInput['body']; files: readonly DocumentJob[] } | { message: DocumentJob };
}

/** An order whose files have been read. */
export interface OpenedOrder {
  /** What the files say; `model`: what came of the question that the first reading leaves. */
  reading(model?: ModelOutcome): Promise<FilesReading>;
}

export interface DocumentReaderOptions {
  /** Files that are read at a time. */
  threads?: number;
  deadlineMs?: number;
  maxMemoryMb?: number;
}

const THREADS = 2;
const DEADLINE_MS = 20_000;
const MAX_MEMORY_MB = 256;
/** Files that wait; one takes 20 s at most. */
const QUEUE_MAX = 100;

export function createDocumentReader({
  threads = THREADS,
  deadlineMs = DEADLINE_MS,
  maxMemoryMb = MAX_MEMORY_MB,
}: DocumentReaderOptions = {}): DocumentReader {
  const pool = createReadingThreads<OrderJob, OrderResult>({
    filename: new URL('./document-task.ts', import.meta.url).href,
    task: 'orderTask',
    ...{ threads, deadlineMs, maxMemoryMb, queueMax: QUEUE_MAX },
  });

  /** The result of a job; of one that exceeds a limit the result of the job that is done in its place. */
  async function run(job: OrderJob, filename: string, instead: (reason: string) => OrderJob): Promise<OrderResult> {
    const done = await pool.run(job);
    if (done.ok) return done.result;
    const second = await pool.run(instead(done.limit));
    if (second.ok) return second.result;
    throw new Error(`${filename} exceeds the ${second.limit} even when it is not read`);
  }

  const pack = async (job: DocumentJob): Promise<Packed> =>
    (await run({ kind: 'pack', job: { kind: 'file', job } }, job.filename, (reason) => {
      return { kind: 'pack', job: { kind: 'identity', job, reason } };
    })) as Packed;

  const packMessage = async (job: DocumentJob): Promise<Packed> =>
    (await run({ kind: 'pack', job: { kind: 'message', job, headersOnly: null } }, job.filename, (headersOnly) => {
      return { kind: 'pack', job: { kind: 'message', job, headersOnly } };
    })) as Packed;

  async function packOrder(from: OrderToRead['from']): Promise<PackedFiles> {
    if ('message' in from) return { messageId: from.message.artifact_id, packed: [await packMessage(from.message)] };
    const packed: Packed[] = [];
    // One after another: the threads are shared by all orders.
    for (const file of from.files) packed.push(await pack(file));
    return { body: from.body, packed };
  }

  return {
    async openOrder({ form, from }) {
      const files = await packOrder(from);
      return {
        async reading(model) {
          const done = await pool.run({ kind: 'order', form, files, model });
          return done.ok ? (done.result as FilesReading) : overLimit(form, files, done.limit);
        },
      };
    },
    async readMessage(job) {
      const { message, documents } = await packMessage(job);
      return { ...(message as NonNullable<Packed['message']>), documents };
    },
    async preview(job, query) {
      const done = await pool.run({ kind: 'preview', job, query });
      return done.ok ? (done.result as Preview | null) : null;
    },
    async read(job) {
      const { bytes } = await pack(job);
      return deserialize(bytes) as readonly ReadDocument[];
    },
    close: pool.close,
  };
}

type OrderResult = Packed | FilesReading | Preview | null;

/** Files that can be read, but from which no order can be made in time or memory. */
function overLimit(form: OrderForm, files: PackedFiles, reason: string): FilesReading {
  const documents = files.packed.flatMap((packed) => packed.documents);
  const unread = documents.map((document) =>
    document.status === 'parsed' ? ({ ...document, status: 'unreadable', reason } as const) : document,
  );
  return readOrderFiles(form, { body: null, documents: unread });
}
