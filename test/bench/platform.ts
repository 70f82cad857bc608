/** Our side: a node in a process of its own, and how work is put to it from this one. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Keys } from '../../src/bus/keys.ts';
import type { ProjectRequest } from './requests.ts';
import type { BenchServer } from './server.ts';

export interface PlatformOptions {
  threads: number;
  /** Folder for the CPU profiles of all threads; they are written when the process ends. */
  profileDirectory?: string;
}

const PIPELINE_LENGTH = 200;
const STUCK_AFTER_MS = 30_000;

export class Platform {
  readonly pid: number;
  readonly keys: Keys;
  readonly #child: ChildProcess;
  readonly #server: BenchServer;

  private constructor(child: ChildProcess, server: BenchServer) {
    this.#child = child;
    this.#server = server;
    this.pid = child.pid as number;
    const { namespace, keyPrefix, logStream, dlqStream, idempotencePrefix } = server.config.bus;
    this.keys = new Keys({
      namespace,
      prefix: keyPrefix,
      log: logStream,
      deadLetters: dlqStream,
      idempotence: idempotencePrefix,
    });
  }

  static async start(server: BenchServer, { threads, profileDirectory }: PlatformOptions): Promise<Platform> {
    const profiling = profileDirectory ? ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`] : [];
    const child = fork(new URL('./platform-process.ts', import.meta.url), {
      env: { ...server.env, THREADS: String(threads), RATE_LIMIT_PER_MINUTE: '0' },
      execArgv: profiling,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the node ended before it was ready');
    });
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => {});
    return new Platform(child, server);
  }

  /** Appends all requests and waits until every project is completed. Resolves with the seconds that took. */
  async complete(requests: readonly ProjectRequest[]): Promise<number> {
    const { redis } = this.#server;
    const goal = (await this.#completed()) + requests.length;
    const started = performance.now();
    for (let from = 0; from < requests.length; from += PIPELINE_LENGTH) {
      const pipeline = redis.pipeline();
      for (const { text } of requests.slice(from, from + PIPELINE_LENGTH))
        pipeline.xadd(this.keys.log, '*', 'event', text);
      await pipeline.exec();
    }
    await this.#reach(goal);
    return (performance.now() - started) / 1000;
  }

  /** Appends one request at a time; resolves with the ms until each one's PROJECT.COMPLETED could be read. */
  async completeOneByOne(requests: readonly ProjectRequest[]): Promise<number[]> {
    const reader = new Redis({ path: this.#server.socketPath });
    const latenciesMs: number[] = [];
    try {
      for (const { projectId, text } of requests) {
        const started = performance.now();
        let last = (await this.#server.redis.xadd(this.keys.log, '*', 'event', text)) as string;
        for (let completed = false; !completed; ) {
          const reply = await reader.xread('BLOCK', STUCK_AFTER_MS, 'STREAMS', this.keys.log, last);
          const entries = reply?.[0]?.[1];
          if (!entries) throw new Error(`project ${projectId} is not completed`);
          last = entries.at(-1)?.[0] as string;
          completed = entries.some(([, [, event]]) => isCompletion(event as string, projectId));
        }
        latenciesMs.push(performance.now() - started);
      }
    } finally {
      reader.disconnect();
    }
    return latenciesMs;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  #completed(): Promise<number> {
    return this.#server.redis.zcard(this.keys.under('projects:status:COMPLETED'));
  }

  async #reach(goal: number): Promise<void> {
    let seen = -1;
    for (let movedAt = performance.now(); seen < goal; ) {
      const completed = await this.#completed();
      if (completed > seen) movedAt = performance.now();
      else if (performance.now() - movedAt > STUCK_AFTER_MS)
        throw new Error(`stuck ${goal - completed} projects before the end`);
      seen = completed;
      if (seen < goal) await delay(10);
    }
  }
}

function isCompletion(event: string, projectId: string): boolean {
  return event.includes('"PROJECT.COMPLETED"') && event.includes(projectId);
}
