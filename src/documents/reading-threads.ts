/**
 * Threads in which files are read, apart from everything else.
 *
 * Owns: their number, their memory and the deadline of each file. What a hostile file costs is bounded here: it cannot
 * hold up the event loop, and a thread that it kills or keeps is ended and replaced. Does not own how files are read.
 * Keeps I9.
 */
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';

export interface ReadingThreadsOptions {
  /** URL of a module; what it exports as `task` takes a job and gives a result. */
  filename: string;
  task: string;
  threads: number;
  /** Of a thread: its heap, and its heap together with its buffers. */
  maxMemoryMb: number;
  /** From the moment a thread takes the file. */
  deadlineMs: number;
  /** Files that wait; one more is refused with {@link TooManyWaiting}. */
  queueMax: number;
}

export type Limited<Result> = { ok: true; result: Result } | { ok: false; limit: 'time limit' | 'memory limit' };

export interface ReadingThreads<Job, Result> {
  /** Rejects with what the task throws, or with {@link TooManyWaiting}. */
  run(job: Job): Promise<Limited<Result>>;
  /** Rejects what is being read and what is waiting. */
  close(): Promise<void>;
}

export class TooManyWaiting extends Error {
  override readonly name = 'TooManyWaiting';
}

const CLOSED = 'the threads that read files have been ended';
/** A thread ends when it had nothing to read for this long. */
const IDLE_MS = 30_000;
/** How often the memory of a busy thread is looked at: buffers are outside of what the engine limits. */
const WATCH_MS = 50;
const BYTES_PER_MB = 1024 * 1024;

export function createReadingThreads<Job, Result>(options: ReadingThreadsOptions): ReadingThreads<Job, Result> {
  // A pool of one thread each, so that it is known which thread has which file.
  const pools = Array.from({ length: options.threads }, () => createPool<Job, Result>(options));
  const idle = [...pools];
  const waiting: PromiseWithResolvers<Piscina<Job, Result>>[] = [];
  let closed = false;

  async function take(): Promise<Piscina<Job, Result>> {
    if (closed) throw new Error(CLOSED);
    const free = idle.pop();
    if (free) return free;
    if (waiting.length >= options.queueMax) throw new TooManyWaiting('too many files are waiting to be read');
    const next = Promise.withResolvers<Piscina<Job, Result>>();
    waiting.push(next);
    return next.promise;
  }
  function give(pool: Piscina<Job, Result>): void {
    const next = waiting.shift();
    if (next) next.resolve(pool);
    else idle.push(pool);
  }

  return {
    async run(job) {
      const pool = await take();
      try {
        return await runOn(pool, job, options);
      } finally {
        give(pool);
      }
    },
    async close() {
      closed = true;
      for (const { reject } of waiting.splice(0)) reject(new Error(CLOSED));
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

function createPool<Job, Result>({ filename, task, maxMemoryMb }: ReadingThreadsOptions): Piscina<Job, Result> {
  const pool = new Piscina<Job, Result>({
    ...{ filename, name: task, minThreads: 0, maxThreads: 1, idleTimeout: IDLE_MS, atomics: 'disabled' },
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb },
  });
  // A thread's end reaches us through its task.
  pool.on('error', () => {});
  return pool;
}

async function runOn<Job, Result>(
  pool: Piscina<Job, Result>,
  job: Job,
  { deadlineMs, maxMemoryMb }: ReadingThreadsOptions,
): Promise<Limited<Result>> {
  const abort = new AbortController();
  let limit: 'time limit' | 'memory limit' | undefined;
  const exceed = (exceeded: typeof limit): void => {
    limit ??= exceeded;
    abort.abort();
  };
  const deadline = setTimeout(() => exceed('time limit'), deadlineMs);
  const watch = setInterval(() => {
    for (const thread of pool.threads) {
      void exceeds(thread, maxMemoryMb * BYTES_PER_MB).then((isOver) => {
        if (isOver) exceed('memory limit');
      });
    }
  }, WATCH_MS);
  try {
    return { ok: true, result: await pool.run(job, { signal: abort.signal }) };
  } catch (error) {
    if (limit !== undefined) return { ok: false, limit };
    if ((error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY') return { ok: false, limit: 'memory limit' };
    throw error;
  } finally {
    clearTimeout(deadline);
    clearInterval(watch);
  }
}

/** Answered by the engine in the middle of whatever the thread is doing. */
async function exceeds(thread: Worker, maxBytes: number): Promise<boolean> {
  try {
    const { used_heap_size, external_memory } = await thread.getHeapStatistics();
    return used_heap_size + external_memory > maxBytes;
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
