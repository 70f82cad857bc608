/**
 * Reads the files of orders in threads of their own.
 *
 * Owns: what becomes of a file that takes too long or too much memory. Does not own: how files are read
 * (`document-task.ts`), nor how threads are bounded (`reading-threads.ts`).
 */
import type { ReadDocument, ReadMessage } from '../../machines/orders/document.ts';
import type { DocumentJob, ReadingJob, ReadingResult } from './document-task.ts';
import { createReadingThreads } from './reading-threads.ts';

export type { DocumentJob } from './document-task.ts';

export interface DocumentReader {
  /**
   * The file as a document, and if it is a message, what is attached to it after it. What cannot be read is
   * `unreadable` with its reason. Rejects if there is no such file, if the directory cannot be written, and with
   * `TooManyWaiting`.
   */
  read(job: DocumentJob): Promise<readonly ReadDocument[]>;
  /**
   * A raw message taken apart; its body is the first document, `body.txt`. Of a message that cannot be read there is
   * its head, and itself as the only document. Rejects as {@link read}.
   */
  readMessage(job: DocumentJob): Promise<ReadMessage>;
  /** Ends the threads; what they were reading is rejected. */
  close(): Promise<void>;
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
  const pool = createReadingThreads<ReadingJob, ReadingResult>({
    filename: new URL('./document-task.ts', import.meta.url).href,
    task: 'readingTask',
    ...{ threads, deadlineMs, maxMemoryMb, queueMax: QUEUE_MAX },
  });

  /** The result of a job; of one that exceeds a limit the result of the job that is done in its place. */
  async function run(job: ReadingJob, instead: (reason: string) => ReadingJob): Promise<ReadingResult> {
    const done = await pool.run(job);
    if (done.ok) return done.result;
    const second = await pool.run(instead(done.limit));
    if (second.ok) return second.result;
    throw new Error(`${job.job.filename} exceeds the ${second.limit} even when it is not read`);
  }

  return {
    async read(job) {
      const result = await run({ kind: 'file', job }, (reason) => ({ kind: 'identity', job, reason }));
      return result as readonly ReadDocument[];
    },
    async readMessage(job) {
      const result = await run({ kind: 'message', job, headersOnly: null }, (headersOnly) => {
        return { kind: 'message', job, headersOnly };
      });
      return result as ReadMessage;
    },
    close: pool.close,
  };
}
