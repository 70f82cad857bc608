/** Our side: the app in a process of its own, and how work is put to it from this one. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Keys } from '../../src/bus/keys.ts';
import { LLM_CONFIG } from '../support/llm-config-path.ts';
import { Api } from './api.ts';
import { ownChild } from './leftovers.ts';
import type { ProjectRequest } from './requests.ts';
import type { BenchServer } from './server.ts';

export interface PlatformOptions {
  threads: number;
  /** Folder for the CPU profiles of all threads; they are written when the process ends. */
  profileDirectory?: string;
  /** Environment variables besides those of the bench. */
  env?: Readonly<Record<string, string>>;
}

const PIPELINE_LENGTH = 200;
const CONNECTIONS = 32;
const STUCK_AFTER_MS = 30_000;

export class Platform {
  readonly pid: number;
  /** Address of its project API. */
  readonly url: string;
  readonly keys: Keys;
  readonly #child: ChildProcess;
  readonly #server: BenchServer;
  readonly #api: Api;

  private constructor(child: ChildProcess, server: BenchServer, apiUrl: string) {
    this.#child = child;
    this.#server = server;
    this.pid = child.pid as number;
    this.url = apiUrl;
    this.#api = new Api(apiUrl, CONNECTIONS);
    const { namespace, keyPrefix, logStream, dlqStream, idempotencePrefix } = server.config.bus;
    this.keys = new Keys({
      namespace,
      prefix: keyPrefix,
      log: logStream,
      deadLetters: dlqStream,
      idempotence: idempotencePrefix,
    });
  }

  static async start(server: BenchServer, { threads, profileDirectory, env }: PlatformOptions): Promise<Platform> {
    const child = ownChild(
      fork(new URL('../../src/main.ts', import.meta.url), {
        env: {
          ...server.env,
          THREADS: String(threads),
          API_PORT: '0',
          LLM_GATEWAY_PORT: '0',
          ORDER_INTAKE_PORT: '0',
          RATE_LIMIT_PER_MINUTE: '0',
          LLM_CONFIG_PATH: LLM_CONFIG,
          ...env,
        },
        execArgv: profileDirectory ? ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`] : [],
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      }),
    );
    return new Platform(child, server, await readyUrl(child.stdout as Readable));
  }

  /** Appends all requests to the log and waits until every project is completed. Resolves with the seconds that took. */
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

  /** Posts `count` analysis projects and waits until all are completed. Resolves with the seconds that took. */
  async completePosted(count: number): Promise<number> {
    const goal = (await this.#completed()) + count;
    const started = performance.now();
    let left = count;
    const client = async () => {
      while (left-- > 0) await this.#api.post();
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, client));
    await this.#reach(goal);
    return (performance.now() - started) / 1000;
  }

  /** Posts one project at a time; resolves with the ms from each POST until its PROJECT.COMPLETED could be read. */
  async completeOneByOne(count: number): Promise<number[]> {
    const reader = new Redis({ path: this.#server.socketPath });
    const latenciesMs: number[] = [];
    try {
      while (latenciesMs.length < count) {
        let last = (await reader.xrevrange(this.keys.log, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0';
        const started = performance.now();
        const projectId = await this.#api.post();
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
    this.#api.close();
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

/** The address that the app tells when it serves; what it says after that is read and dropped. */
function readyUrl(output: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let last = '';
    createInterface({ input: output })
      .on('line', (line) => {
        last = line;
        const url = /ready: (http:\/\/[^\s"]+)/.exec(line)?.[1];
        if (url) resolve(url);
      })
      .on('close', () => reject(new Error(`the app ended before it was ready: ${last}`)));
  });
}

function isCompletion(event: string, projectId: string): boolean {
  return event.includes('"PROJECT.COMPLETED"') && event.includes(projectId);
}
