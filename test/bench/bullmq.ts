/** The other side: BullMQ flows of a parent with four children, worked on by as many processes as we have threads. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type FlowJob, FlowProducer } from 'bullmq';
import { CHILDREN_PER_FLOW, FLOW, PARENT, type WorkerSettings } from './bullmq-settings.ts';
import { ownChild } from './leftovers.ts';
import { jobData } from './requests.ts';
import type { BenchServer } from './server.ts';

export interface BullmqOptions extends Omit<WorkerSettings, 'socketPath'> {
  processes: number;
  /** Flows per call of the producer. */
  flowsPerCall: number;
}

/**
 * Concurrency of 20 to 200, calls of 20 to 500 flows, and removing finished jobs make less than 5 % of a difference on
 * a quiet machine. Finished jobs are kept, as the platform keeps its projects.
 */
const BEST = { concurrency: 100, keepCompleted: true, flowsPerCall: 100 };

const STUCK_AFTER_MS = 30_000;

export class Bullmq {
  readonly pids: readonly number[];
  readonly #children: readonly ChildProcess[];
  readonly #finished: number[];
  readonly #progress = new EventEmitter();
  readonly #producer: FlowProducer;
  readonly #flowsPerCall: number;

  private constructor(children: readonly ChildProcess[], producer: FlowProducer, flowsPerCall: number) {
    this.#children = children;
    this.#producer = producer;
    this.#flowsPerCall = flowsPerCall;
    this.pids = children.map(({ pid }) => pid as number);
    this.#finished = children.map(() => 0);
    for (const [i, child] of children.entries()) {
      child.on('message', (finished: number) => {
        this.#finished[i] = finished;
        this.#progress.emit('finished');
      });
    }
  }

  static async start(server: BenchServer, options: Partial<BullmqOptions>): Promise<Bullmq> {
    const { processes, flowsPerCall, ...worker } = { ...BEST, processes: 1, ...options };
    const settings: WorkerSettings = { socketPath: server.socketPath, ...worker };
    const children = Array.from({ length: processes }, () =>
      ownChild(
        fork(new URL('./bullmq-worker.ts', import.meta.url), {
          env: { PATH: server.env.PATH, BENCH_WORKER: JSON.stringify(settings) },
          execArgv: [],
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        }),
      ),
    );
    await Promise.all(children.map((child) => once(child, 'message')));
    const producer = new FlowProducer({ connection: { path: server.socketPath } });
    await producer.waitUntilReady();
    return new Bullmq(children, producer, flowsPerCall);
  }

  /** Adds the flows and waits until all parents are done. Resolves with the seconds that took. */
  async complete(flows: FlowJob[]): Promise<number> {
    const goal = this.#total() + flows.length;
    const started = performance.now();
    for (let from = 0; from < flows.length; from += this.#flowsPerCall) {
      await this.#producer.addBulk(flows.slice(from, from + this.#flowsPerCall));
    }
    while (this.#total() < goal)
      await once(this.#progress, 'finished', { signal: AbortSignal.timeout(STUCK_AFTER_MS) });
    return (performance.now() - started) / 1000;
  }

  /** Adds one flow at a time; resolves with the ms until each one was done. */
  async completeOneByOne(flows: FlowJob[]): Promise<number[]> {
    const latenciesMs: number[] = [];
    for (const flow of flows) {
      const goal = this.#total() + 1;
      const started = performance.now();
      await this.#producer.add(flow);
      while (this.#total() < goal)
        await once(this.#progress, 'finished', { signal: AbortSignal.timeout(STUCK_AFTER_MS) });
      latenciesMs.push(performance.now() - started);
    }
    return latenciesMs;
  }

  async stop(): Promise<void> {
    await this.#producer.close();
    await Promise.all(
      this.#children.map(async (child) => {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }),
    );
  }

  #total(): number {
    return this.#finished.reduce((sum, finished) => sum + finished, 0);
  }
}

export const flow = (): FlowJob => ({
  name: PARENT,
  queueName: FLOW,
  data: jobData(),
  children: Array.from({ length: CHILDREN_PER_FLOW }, (_, i) => ({
    name: `item-${i}`,
    queueName: FLOW,
    data: jobData(),
  })),
});
