/**
 * Reading uploaded files in a thread of their own.
 *
 * Owns: the thread, its memory and its deadline. What a hostile file costs is bounded here: it cannot hold up the
 * event loop, and a thread that it kills is replaced. Does not own how files are read (`src/documents`).
 */
import { Piscina } from 'piscina';
import type { Ingested, IngestJob, IngestRefusal } from '../documents/ingest.ts';
import { unavailable } from './errors.ts';
import type { Ingest } from './ports.ts';

const MAX_HEAP_MB = 512;
const DEADLINE_MS = 20_000;
/** Files that wait; more than these are refused with 503. */
const QUEUE_MAX = 8;
/** The thread ends when nobody has uploaded anything for this long. */
const IDLE_MS = 30_000;

export interface IngestPool {
  ingest: Ingest;
  close(): Promise<void>;
}

export function createIngestPool(): IngestPool {
  const pool = new Piscina<IngestJob, Ingested | IngestRefusal>({
    filename: new URL('../documents/ingest.ts', import.meta.url).href,
    name: 'ingestTask',
    minThreads: 0,
    maxThreads: 1,
    maxQueue: QUEUE_MAX,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  // A thread's end reaches us through its task.
  pool.on('error', () => {});
  const refused = (message: string): IngestRefusal => ({ ok: false, status: 400, errors: [{ path: 'file', message }] });
  return {
    async ingest(job) {
      try {
        return await pool.run(job, { signal: AbortSignal.timeout(DEADLINE_MS) });
      } catch (error) {
        const { name, code, message } = error as { name?: string; code?: string; message?: string };
        if (message === 'Task queue is at limit') throw unavailable('Too many files are being read.', error);
        if (name === 'AbortError' || name === 'TimeoutError') return refused('takes too long to read');
        if (code === 'ERR_WORKER_OUT_OF_MEMORY') return refused('takes too much memory to read');
        throw error;
      }
    },
    close: () => pool.destroy(),
  };
}
