/**
 * The Redis that the app starts for itself when it is given none.
 *
 * Owns: keeping one private server per data folder alive while this process wants it: a server that ends without
 * being told to is started again on the same socket.
 * Does not own: starting one (`embedded-server.ts`), finding the program (`redis-binary.ts`), connections to it.
 *
 * The server ends with the process that started it, also when that is killed. It is in a process group of its own,
 * so that Ctrl-C reaches only the app, which drains first. Another process with the same folder shares the server,
 * and takes over when it ends.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { Fault } from '../errors.ts';
import { attach, type EmbeddedRedisOptions } from './embedded-server.ts';
import type { RedisBinary } from './redis-binary.ts';

/** The server is gone although nobody stopped it. `recovered`: another one runs on the same socket. */
export interface UnexpectedExit {
  reason: string;
  recovered: boolean;
}

export interface EmbeddedRedis {
  readonly socketPath: string;
  /** Of the server that runs now; changes with a restart. */
  readonly pid: number;
  readonly version: string;
  readonly source: RedisBinary['source'];
  /** True while the server belongs to another process. */
  readonly shared: boolean;
  /** Ends the server (a shared one is only left); resolves when it is gone. */
  stop(): Promise<void>;
  /** Called once per unexpected end, after the restart has worked or been given up. */
  onUnexpectedExit(listener: (exit: UnexpectedExit) => void): void;
}

/** Restarts in a row that fail, or whose server lives less than `settledAfterMs`. */
const restartLimit = 5;
const settledAfterMs = 1_000;
const restartDelayMs = 25;

/**
 * Starts the server of `options.dataDir`, or shares the one that runs there. Call it from the main thread: the
 * kernel ties the server to the thread that started it.
 * Throws EMBEDDED_REDIS_FAILED when there is no program or it does not start.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  if (!isMainThread) throw new Fault('EMBEDDED_REDIS_FAILED', 'the embedded Redis is started by the main thread only');
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });

  let current = await attach(dataDir, options);
  let stopping = false;
  const listeners: ((exit: UnexpectedExit) => void)[] = [];

  /** Null when a server runs again, else why none does. */
  const restart = async (earlierFailures: number): Promise<string | null> => {
    for (let failures = earlierFailures; ; failures++) {
      if (failures > 0) await delay(restartDelayMs * 2 ** failures);
      if (stopping) return null;
      try {
        current = await attach(dataDir, options);
        if (stopping) await current.release();
        return null;
      } catch (error) {
        if (failures >= restartLimit) return error instanceof Error ? error.message : String(error);
      }
    }
  };

  const watch = async (): Promise<void> => {
    for (let shortLives = 0; ; ) {
      const since = performance.now();
      const reason = await current.gone;
      if (stopping) return;
      shortLives = performance.now() - since < settledAfterMs ? shortLives + 1 : 0;
      const problem = shortLives > restartLimit ? reason : await restart(shortLives);
      if (stopping) return;
      for (const listener of listeners) listener({ reason: problem ?? reason, recovered: problem === null });
      if (problem !== null) return;
    }
  };

  const watching = watch();

  return {
    socketPath: current.record.socketPath,
    get pid() {
      return current.record.server.pid;
    },
    get version() {
      return current.record.version;
    },
    get source() {
      return current.record.source;
    },
    get shared() {
      return current.shared;
    },
    async stop() {
      stopping = true;
      await current.release();
      await watching;
    },
    onUnexpectedExit(listener) {
      listeners.push(listener);
    },
  };
}
