/**
 * Reading files of activities in a thread of their own.
 *
 * Owns: what is answered when a file costs too much. Does not own how threads are bounded, nor how files are read.
 */
import { Fault } from '../errors.ts';
import type { Ingested, IngestJob, IngestRefusal } from './ingest.ts';
import { createReadingThreads, TooManyWaiting } from './reading-threads.ts';

const MAX_MEMORY_MB = 512;
const DEADLINE_MS = 20_000;
/** Files that wait; more than these are refused with 503. */
const QUEUE_MAX = 8;

/** @throws {Fault} SERVICE_UNAVAILABLE while too many files wait */
export type Ingest = (job: IngestJob) => Promise<Ingested | IngestRefusal>;

export interface IngestPool {
  ingest: Ingest;
  close(): Promise<void>;
}

const REFUSALS = { 'time limit': 'takes too long to read', 'memory limit': 'takes too much memory to read' } as const;

export function createIngestPool(): IngestPool {
  const pool = createReadingThreads<IngestJob, Ingested | IngestRefusal>({
    filename: new URL('./ingest.ts', import.meta.url).href,
    task: 'ingestTask',
    ...{ threads: 1, maxMemoryMb: MAX_MEMORY_MB, deadlineMs: DEADLINE_MS, queueMax: QUEUE_MAX },
  });
  return {
    async ingest(job) {
      try {
        const done = await pool.run(job);
        if (done.ok) return done.result;
        return { ok: false, status: 400, errors: [{ path: 'file', message: REFUSALS[done.limit] }] };
      } catch (error) {
        if (!(error instanceof TooManyWaiting)) throw error;
        throw new Fault('SERVICE_UNAVAILABLE', 'Too many files are being read.', { cause: error });
      }
    },
    close: pool.close,
  };
}
