/**
 * What a thread does that reads documents.
 *
 * Owns: getting the bytes of a file, and writing what is attached to a message. Runs in a thread of its own
 * (`document-reader.ts`): whatever a file costs, it costs here.
 */
import { readFile, stat } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import type { ReadDocument, ReadMessage } from '../../machines/orders/document.ts';
import type { ModelOutcome, OrderInput } from '../../machines/orders/read-order.ts';
import { writeDurably } from '../durable-files.ts';
import { partsOf } from './file-parts.ts';
import { recognize } from './file-types.ts';
import { type Keep, readMessageDocuments, readWholeMessage } from './message.ts';
import { type FilesReading, type OrderFiles, type OrderForm, readOrderFiles, withoutContent } from './order-files.ts';
import { type Preview, type PreviewQuery, previewOf } from './preview.ts';
import { type FileToRead, identityOf, readFileDocument, unreadable } from './read-file.ts';

// The libraries print what they think of a file, record by record: a damaged one would fill the log.
if (!isMainThread) Object.assign(console, { log() {}, info() {}, warn() {}, error() {}, debug() {} });

/** A file to be read. Plain data. */
export interface DocumentJob {
  artifact_id: string;
  filename: string;
  /** What the sender says it is; null if nothing. */
  declaredType: string | null;
  /** The file, or where it is stored. */
  source: { path: string } | { bytes: Uint8Array };
  /** Where the attachments of a message are written, each under its artifact id; nowhere if absent. */
  directory?: string | undefined;
}

/** What a thread is given. */
export type ReadingJob =
  | { kind: 'file'; job: DocumentJob }
  /** `headersOnly`: why the rest of the message is not to be read. */
  | { kind: 'message'; job: DocumentJob; headersOnly: string | null }
  /** Just what it takes to name a file that could not be read in time or memory. */
  | { kind: 'identity'; job: DocumentJob; reason: string };

/**
 * What was read, in a form that no thread but one that reads has to take apart, and without the content. `message`: with
 * the head and text of a raw message.
 */
export interface Packed {
  bytes: Uint8Array;
  documents: readonly ReadDocument[];
  message: Pick<ReadMessage, 'from' | 'subject' | 'body'> | null;
}

/** What has been read of an order's files. */
export type PackedFiles =
  | { body: OrderInput['body']; packed: readonly Packed[] }
  | { messageId: string; packed: readonly [Packed] };

/** What a thread is given that is done with several files, or shows one. */
export type OrderJob =
  | { kind: 'pack'; job: ReadingJob }
  | { kind: 'order'; form: OrderForm; files: PackedFiles; model: ModelOutcome | undefined }
  | { kind: 'preview'; job: DocumentJob; query: PreviewQuery };

export type ReadingResult = readonly ReadDocument[] | ReadMessage;

/** Rejects as {@link readingTask}. */
export async function orderTask(task: OrderJob): Promise<Packed | FilesReading | Preview | null> {
  if (task.kind === 'order') return readOrderFiles(task.form, unpacked(task.files), task.model);
  const read = await readingTask(task.kind === 'preview' ? { kind: 'file', job: task.job } : task.job);
  if (task.kind === 'preview') return previewOf((read as readonly ReadDocument[])[0] as ReadDocument, task.query);
  const message = 'documents' in read ? read : null;
  const documents = 'documents' in read ? read.documents : read;
  return {
    bytes: serialize(read),
    documents: documents.map(withoutContent),
    message: message && { from: message.from, subject: message.subject, body: message.body },
  };
}

function unpacked(files: PackedFiles): OrderFiles {
  const [first, ...rest] = files.packed.map(({ bytes }) => deserialize(bytes));
  if ('messageId' in files) return { messageId: files.messageId, message: first as ReadMessage };
  const documents = [first ?? [], ...rest].flat() as readonly ReadDocument[];
  return { body: files.body, documents };
}

/** Larger files are not read into memory. */
const MAX_FILE_BYTES = 100 * 1024 * 1024;

/** Rejects if there is no such file, or if an attachment cannot be written. */
export async function readingTask(task: ReadingJob): Promise<ReadingResult> {
  const { job } = task;
  const file = await fileOf(job);
  const keep = keepIn(job.directory);
  if (!file) {
    const sizeless = { ...job, parent_id: null, bytes: new Uint8Array() };
    return [{ ...unreadable(identityOf(sizeless, null), 'size'), size: await sizeOf(job) }];
  }
  if (task.kind === 'message') return readWholeMessage(file, keep, task.headersOnly);
  const recognized = await recognize(partsOf(file.bytes), file.filename, file.declaredType).catch(() => null);
  const type = recognized?.type ?? null;
  if (task.kind === 'identity') return [unreadable(identityOf(file, type), task.reason)];
  if (recognized?.type === 'eml') return readMessageDocuments(file, recognized.mismatch, keep);
  return [await readFileDocument(file)];
}

async function fileOf(job: DocumentJob): Promise<FileToRead | null> {
  const { artifact_id, filename, declaredType, source } = job;
  if ((await sizeOf(job)) > MAX_FILE_BYTES) return null;
  const bytes = 'bytes' in source ? source.bytes : new Uint8Array(await readFile(source.path));
  return { artifact_id, parent_id: null, filename, declaredType, bytes };
}

async function sizeOf({ source }: DocumentJob): Promise<number> {
  return 'bytes' in source ? source.bytes.length : (await stat(source.path)).size;
}

function keepIn(directory: string | undefined): Keep {
  return async (artifactId, bytes) => {
    if (directory !== undefined) await writeDurably(directory, artifactId, bytes);
  };
}
