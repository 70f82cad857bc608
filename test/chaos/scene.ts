/**
 * What every chaos run plays in: a Redis of its own, processes of the platform on it, projects, and the verdict.
 *
 * Owns: starting and ending all of it, also after an error. Does not own what is broken and when.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { GROUPS, ROLES } from '../../schemas/catalog.ts';
import type { Keys } from '../../src/bus/keys.ts';
import { compositionSettings, createActors } from '../../src/composition.ts';
import { compileActor } from '../../src/runtime/step.ts';
import { anAnalysis } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { NodeProcess } from '../support/node-process.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { testConfig, testKeys } from '../support/test-node.ts';

export interface ChaosReport {
  violations: string[];
  facts: Record<string, number | string>;
}

const NAMESPACE = 'chaos';
export const FINISH_WITHIN_MS = 120_000;

export class Scene {
  readonly server: RedisProcess;
  readonly redis: Redis;
  readonly keys: Keys;
  readonly #dir: string;
  readonly #env: Record<string, string>;
  readonly #nodes = new Set<NodeProcess>();

  private constructor(server: RedisProcess, dir: string, threads: number) {
    this.server = server;
    this.redis = server.connect();
    this.#dir = dir;
    this.keys = testKeys(NAMESPACE, dir);
    const script = join(dir, 'model.json');
    this.#env = { REDIS_URL: server.url, NAMESPACE, THREADS: String(threads), LLM_TEST_SCRIPT: script };
  }

  /**
   * Plays `play` and clears everything away.
   * @param modelMs how long each call of a language model takes: what keeps deliveries in work when faults strike
   */
  static async play(
    { threads, modelMs }: { threads: number; modelMs: number },
    play: (scene: Scene) => Promise<ChaosReport>,
  ): Promise<ChaosReport> {
    const dir = mkdtempSync(join(tmpdir(), 'devteam-chaos-'));
    writeFileSync(join(dir, 'model.json'), `[{"match":{},"then":{"latency_ms":${modelMs}}}]`);
    const scene = new Scene(await RedisProcess.start(), dir, threads);
    try {
      return await play(scene);
    } finally {
      scene.redis.disconnect();
      await Promise.all([...scene.#nodes].map((node) => node.end('SIGKILL')));
      await scene.server.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  }

  async startNode(instanceId: string): Promise<NodeProcess> {
    const node = await NodeProcess.start({ ...this.#env, INSTANCE_ID: instanceId });
    this.#nodes.add(node);
    return node;
  }

  /** Appends requests as any producer may, and again if it does not know whether they were. */
  async publish(projects: number): Promise<void> {
    for (let left = projects; left > 0; left -= 100) {
      const requests = Array.from({ length: Math.min(left, 100) }, () => JSON.stringify(anAnalysis()));
      await eventually('the requests are appended', () => this.#append(requests), FINISH_WITHIN_MS);
    }
  }

  async #append(requests: readonly string[]): Promise<boolean> {
    const pipeline = this.redis.pipeline();
    for (const request of requests) pipeline.xadd(this.keys.log, '*', 'event', request);
    const replies = await pipeline.exec().catch(() => null);
    return replies?.every(([error]) => error === null) ?? false;
  }

  completed(): Promise<number> {
    return this.redis.zcard(this.keys.under('projects:status:COMPLETED'));
  }

  async untilCompleted(projects: number): Promise<void> {
    const enough = async () => (await this.completed()) >= projects;
    await eventually(`${projects} projects complete`, enough, FINISH_WITHIN_MS);
  }

  async openDeliveries(): Promise<number> {
    return Object.values(await openWork(this.redis, this.keys)).reduce((sum, count) => sum + count, 0);
  }

  /** Deliveries in the name of an instance of the platform. */
  async heldBy(instanceId: string): Promise<number> {
    const pipeline = this.redis.pipeline();
    for (const role of ROLES) {
      pipeline.xinfo('CONSUMERS', role === 'validator' ? this.keys.log : this.keys.mailbox(role), GROUPS[role]);
    }
    const replies = (await pipeline.exec()) ?? [];
    return replies
      .flatMap(([error, reply]) => (error ? [] : (reply as unknown[][])))
      .filter((row) => String(row[row.indexOf('name') + 1]).startsWith(`${instanceId}#`))
      .reduce((sum, row) => sum + Number(row[row.indexOf('pending') + 1]), 0);
  }

  /** What is not as it must be once the work is done: every event exists once, and nothing else does. */
  async audit(projects: number): Promise<string[]> {
    const rested = async () => (await this.openDeliveries()) === 0;
    await eventually('nothing is left to do', rested, FINISH_WITHIN_MS).catch(() => {});
    const { redis, keys } = this;
    const config = testConfig(NAMESPACE, this.#dir);
    const { maxAttempts } = config.bus;
    const actor = createActors(compositionSettings(config)).find(({ name }) => name === 'orchestrator');
    const orchestrator = compileActor(actor as never);
    const violations = await findings({ redis, keys, orchestrator, maxAttempts });
    // A request may have been sent twice; whatever else is in the log more than once has been found already.
    const log = new Map((await readLog(redis, keys)).map(({ event }) => [event.event_id, event]));
    const expectCount = (what: string, actual: number, expected: number) => {
      if (actual !== expected) violations.push(`${actual} ${what}, expected ${expected}`);
    };
    const count = (type: string) => [...log.values()].filter(({ event_type }) => event_type === type).length;
    expectCount('PROJECT.COMPLETED', count('PROJECT.COMPLETED'), projects);
    expectCount('WORK.ITEM_COMPLETED', count('WORK.ITEM_COMPLETED'), 5 * projects);
    expectCount('events', log.size, 33 * projects);
    expectCount('dead letters', (await readDeadLetters(redis, keys)).length, 0);
    return violations;
  }
}
