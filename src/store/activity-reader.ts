/**
 * Reading files of activities in a thread of their own.
 *
 * Owns: what is answered when a file costs too much. Does not own how threads are bounded
 * (`src/documents/reading-threads.ts`), nor how files are read.
 */
import type { IngestRefusal } from '../documents/ingest.ts';
import { createReadingThreads, TooManyWaiting } from '../documents/reading-threads.ts';
import { Fault } from '../errors.ts';
import type { ActivityJob, ReadActivityFile } from './activity-task.ts';

const MAX_MEMORY_MB = 512;
const DEADLINE_MS = 20_000;
/** Files that wait; more than these are refused with 503. */
const QUEUE_MAX = 8;

export interface ActivityReader {
  /** @throws {Fault} SERVICE_UNAVAILABLE while too many files wait */
  read(job: ActivityJob): Promise<ReadActivityFile | IngestRefusal>;
  close(): Promise<void>;
}

const REFUSALS = { 'time limit': 'takes too long to read', 'memory limit': 'takes too much memory to read' } as const;

export function createActivityReader(): ActivityReader {
  const pool = createReadingThreads<ActivityJob, ReadActivityFile | IngestRefusal>({
    filename: new URL('./activity-task.ts', import.meta.url).href,
    task: 'activityTask',
    threads: 1,
    maxMemoryMb: MAX_MEMORY_MB,
    deadlineMs: DEADLINE_MS,
    queueMax: QUEUE_MAX,
  });
  return {
    async read(job) {
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
