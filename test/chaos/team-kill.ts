/**
 * A run of five agents whose process is killed at every step, one process after the other.
 *
 * Each process reaches Redis over a wire that is cut at one command: as Redis gets it, or when it is done and its answer
 * has not arrived. So each of the run's commits and settlements is struck from both sides; calls are struck while the
 * upstream has them. Afterwards the run must have the result of one that nobody disturbed, to the byte; a member must have
 * been asked once, and once more for each kill that met its call before that was settled (I1, I2, I4).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Envelope } from '../../schemas/types.ts';
import { Keys } from '../../src/bus/keys.ts';
import { compositionSettings, createActors } from '../../src/composition.ts';
import { compileActor } from '../../src/runtime/step.ts';
import { eventually } from '../support/eventually.ts';
import type { MockUpstream } from '../support/mock-upstream.ts';
import { NodeProcess } from '../support/node-process.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import type { RedisProcess } from '../support/redis-process.ts';
import { type Cut, RedisWire } from '../support/redis-wire.ts';
import { ANALYSTS, addressee, aRun, comparable } from '../support/team-runs.ts';
import { mockEnv } from '../support/test-llm.ts';
import { testConfig } from '../support/test-node.ts';
import type { ChaosReport } from './scene.ts';
import { staged } from './staged.ts';

/**
 * `dispatch`: the coordinator's commit that hands the task out. `call`: the upstream has the request. `settle`: the call's
 * settlement, which records the answer. `answer`: the agent's commit. `end`: the coordinator's last commit.
 */
export type Step = 'dispatch' | 'call' | 'settle' | 'answer' | 'end';
export interface Strike {
  step: Step;
  /** Absent for `end`. */
  agent?: string;
  cut: Cut;
}

export interface TeamKillPlan {
  pattern: 'sequential' | 'parallel';
  /** `mock`: over sockets to an upstream that counts. `test`: the test provider. */
  upstream: 'mock' | 'test';
  /** In this order; the run must come by each. */
  strikes: readonly Strike[];
  /** How often Redis is killed after that, each time while the mock upstream has calls. */
  redisKills?: number;
}

const BOTH: readonly Cut[] = ['before', 'after'];
/** All there are, in the order in which a sequential run comes by them. */
export const EVERY_STRIKE: readonly Strike[] = [
  ...ANALYSTS.flatMap((agent): Strike[] => [
    ...BOTH.map((cut): Strike => ({ step: 'dispatch', agent, cut })),
    { step: 'call', agent, cut: 'after' },
    ...BOTH.map((cut): Strike => ({ step: 'settle', agent, cut })),
    ...BOTH.map((cut): Strike => ({ step: 'answer', agent, cut })),
  ]),
  ...BOTH.map((cut): Strike => ({ step: 'end', cut })),
];
/** The same where the first four work at once: what strikes one of them strikes all, and the last brings all together. */
export const PARALLEL_STRIKES: readonly Strike[] = EVERY_STRIKE.filter(
  ({ agent }) => agent === undefined || agent === 'pattern_agent' || agent === 'report_agent',
);
/** For a first look: around the commits of both sides, and around the recording of an answer. */
export const SOME_STRIKES: readonly Strike[] = [
  { step: 'dispatch', agent: 'pattern_agent', cut: 'before' },
  { step: 'settle', agent: 'classifier_agent', cut: 'after' },
  { step: 'answer', agent: 'remediation_agent', cut: 'before' },
  { step: 'answer', agent: 'report_agent', cut: 'after' },
];

const NAMESPACE = 'teamkill';
const CALL_MS = 150;
const WITHIN_MS = 60_000;
const TEAM = 'analysis_team';

export const teamKill = (plan: TeamKillPlan): Promise<ChaosReport> =>
  staged({ name: 'teamkill', mock: { latencyMs: CALL_MS } }, (dir, server, mock) => new Play(plan, dir, server, mock));

/** A process and its wire. */
interface Victim {
  node: NodeProcess;
  wire: RedisWire;
}

const nameOf = ({ step, agent, cut }: Strike): string => `${cut} ${step}${agent ? ` of ${agent}` : ''}`;

/** Whether a command to Redis is what a strike waits for. */
function isStruck({ step, agent }: Strike, [name = '', ...args]: readonly string[]): boolean {
  if (!/^eval(sha)?$/i.test(name)) return false;
  const emits = (type: string, of?: string) =>
    args.some((text) => text.includes(`"event_type":"${type}"`) && (!of || text.includes(`"agent":"${of}"`)));
  switch (step) {
    case 'dispatch':
      return emits('AGENT.TASK_DISPATCHED', agent);
    case 'answer':
      // The same texts reach the coordinator's mailbox by this commit alone, and its own commit emits what comes of them.
      return emits('AGENT.TASK_COMPLETED', agent) && args.some((text) => text.startsWith('{"value":"answered"'));
    case 'settle':
      return args.some((text) => text.includes(':effect:')) && args.some((text) => text.includes(`"${agent}"`));
    case 'end':
      return emits('TEAM.RUN_COMPLETED');
    case 'call':
      return false;
  }
}

class Play {
  readonly #plan: TeamKillPlan;
  readonly #server: RedisProcess;
  readonly #mock: MockUpstream;
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #dir: string;
  readonly #env: Record<string, string>;
  readonly #victims: Victim[] = [];
  readonly #violations: string[] = [];
  /** Kills that met an agent's call before its settlement. */
  readonly #repeats = new Map<string, number>();
  /** Agents whose answer is recorded. */
  readonly #settled = new Set<string>();
  /** Calls of processes that are gone. */
  #seen = 0;

  constructor(plan: TeamKillPlan, dir: string, server: RedisProcess, mock: MockUpstream) {
    this.#plan = plan;
    this.#dir = dir;
    this.#server = server;
    this.#mock = mock;
    this.#redis = server.connect();
    const { logStream: log, dlqStream: deadLetters, idempotencePrefix: idempotence } = testConfig(NAMESPACE, dir).bus;
    this.#keys = new Keys({ namespace: NAMESPACE, prefix: NAMESPACE, log, deadLetters, idempotence });
    const script = join(dir, 'model.json');
    writeFileSync(script, `[{"match":{},"then":{"latency_ms":${CALL_MS}}}]`);
    this.#env = {
      NAMESPACE,
      THREADS: '1',
      NODE_LEASE_MS: '500',
      BLOCK_MS: '200',
      // One delivery outlives many processes here.
      MAX_ATTEMPTS: '20',
      ...(plan.upstream === 'mock' ? mockEnv(mock.url) : { LLM_TEST_MODE: 'true', LLM_TEST_SCRIPT: script }),
      LLM_RATE_LIMIT_PER_MINUTE: '0',
    };
  }

  async end(): Promise<void> {
    this.#redis.disconnect();
    await Promise.all(this.#victims.map(({ node }) => node.end('SIGKILL')));
    await Promise.all(this.#victims.map(({ wire }) => wire.close()));
  }

  async run(): Promise<ChaosReport> {
    const { strikes, redisKills = 0, upstream } = this.#plan;
    let victim = await this.#start();
    const undisturbed = aRun(TEAM, { pattern: this.#plan.pattern });
    await this.#publish(undisturbed);
    const expected = comparable(await this.#result(undisturbed));
    const asked = this.#calls();
    this.#mock.reset();
    this.#settled.clear();

    const struck = aRun(TEAM, { pattern: this.#plan.pattern });
    const startedMs = performance.now();
    const ended = this.#endOf(struck, strikes.length * WITHIN_MS).then(() => 'ended' as const);
    // Met by whoever awaits it.
    ended.catch(() => {});
    for (const [index, strike] of strikes.entries()) {
      const cut = this.#arm(victim, strike);
      if (index === 0) await this.#publish(struck);
      const missed = strike.step !== 'end' && (await Promise.race([cut, ended])) === 'ended';
      if (missed) this.#violations.push(`vacuous: the run did not come by '${nameOf(strike)}'`);
      else await cut;
      await victim.node.end('SIGKILL');
      await victim.wire.close();
      await eventually('the upstream sees it go', () => this.#openCalls().length === 0, WITHIN_MS);
      this.#note();
      victim = await this.#start();
    }
    if (strikes.length === 0) await this.#publish(struck);
    for (let k = 0; k < redisKills; k++) await this.#killRedis(k);
    const got = comparable(await this.#result(struck));
    const ms = performance.now() - startedMs;

    if (got !== expected) this.#violations.push(`the result is another:\n${expected}\n${got}`);
    if (upstream === 'mock') this.#auditCalls(asked);
    await this.#audit([undisturbed, struck]);
    const exit = await victim.node.end('SIGTERM');
    if (exit.code !== 0)
      this.#violations.push(`the last process ended with ${exit.signal ?? exit.code}:\n${victim.node.printed}`);
    return {
      violations: this.#violations,
      facts: {
        pattern: this.#plan.pattern,
        upstream,
        'processes killed': strikes.length,
        'Redis killed': redisKills,
        'calls of the undisturbed run': [...asked.values()].reduce((sum, count) => sum + count, 0),
        'calls of the other': this.#mock.calls.length,
        'of them repeated by a kill': [...this.#repeats.values()].reduce((sum, count) => sum + count, 0),
        'bytes of the result': expected.length,
        'ended after (ms)': Math.round(ms),
      },
    };
  }

  async #start(): Promise<Victim> {
    const wire = await RedisWire.start(this.#server.port);
    const node = await NodeProcess.start({ ...this.#env, REDIS_URL: wire.url });
    const victim = { node, wire };
    this.#victims.push(victim);
    return victim;
  }

  /** Resolves when the process is cut off where the strike wants it. */
  #arm({ wire }: Victim, strike: Strike): Promise<void> {
    const cut = wire.cutWhere((command) => {
      const where = strike.step !== 'call' && isStruck(strike, command) ? strike.cut : null;
      if (where !== 'before') this.#noteSettlements(command);
      return where;
    });
    if (strike.step !== 'call') return cut;
    const { agent } = strike;
    void eventually(
      `${agent} is being asked`,
      async () =>
        this.#plan.upstream === 'mock'
          ? this.#openCalls().includes(agent as string)
          : (await this.#askedInTestMode()).includes(agent as string),
      WITHIN_MS,
    ).then(
      () => wire.cut(),
      (error) => this.#violations.push(String(error)),
    );
    return cut;
  }

  #noteSettlements(command: readonly string[]): void {
    for (const agent of ANALYSTS) {
      if (isStruck({ step: 'settle', agent, cut: 'before' }, command)) this.#settled.add(agent);
    }
  }

  /** Whose calls of the process that is gone have to be made again. */
  #note(): void {
    const calls = this.#mock.calls.slice(this.#seen).map(({ body }) => addressee(body) ?? '?');
    this.#seen = this.#mock.calls.length;
    for (const agent of calls) {
      if (!this.#settled.has(agent)) this.#repeats.set(agent, (this.#repeats.get(agent) ?? 0) + 1);
    }
  }

  #openCalls(): string[] {
    return this.#mock.calls
      .filter(({ finished, closedByClientMs }) => !finished && closedByClientMs === null)
      .map(({ body }) => addressee(body) ?? '?');
  }

  /** Agents whose task has been seen to begin. */
  async #askedInTestMode(): Promise<string[]> {
    const asking: string[] = [];
    for (const agent of ANALYSTS) {
      const [, keys] = await this.#redis.scan('0', 'MATCH', this.#keys.state(agent, '*'), 'COUNT', 10_000);
      for (const key of keys) {
        const snapshot = await this.#redis.hget(key, 'snapshot');
        if (snapshot?.startsWith('{"value":"asking"')) asking.push(agent);
      }
    }
    return asking;
  }

  async #killRedis(k: number): Promise<void> {
    await eventually(
      'calls of this process are out',
      () => this.#openCalls().length > 0 && this.#mock.calls.length > this.#seen + k,
      WITHIN_MS,
    );
    await this.#server.kill();
    await this.#server.start();
  }

  async #publish(run: Envelope): Promise<void> {
    await this.#redis.xadd(this.#keys.log, '*', 'event', JSON.stringify(run));
  }

  async #endOf({ payload }: ReturnType<typeof aRun>, withinMs = WITHIN_MS): Promise<string> {
    let value = 'pending';
    await eventually(
      'the run ends',
      async () => {
        // While Redis is away nobody can tell.
        const snapshot = await this.#redis.hget(this.#keys.state(TEAM, payload.run_id), 'snapshot').catch(() => null);
        if (snapshot !== null) value = JSON.parse(snapshot).value;
        return value === 'completed' || value === 'failed';
      },
      withinMs,
    );
    return value;
  }

  async #result(run: ReturnType<typeof aRun>) {
    await this.#endOf(run);
    const log = await readLog(this.#redis, this.#keys);
    const ends = log
      .map(({ event }) => event)
      .filter((event): event is Envelope<'TEAM.RUN_COMPLETED'> => event.event_type === 'TEAM.RUN_COMPLETED')
      .filter(({ payload }) => payload.run_id === run.payload.run_id);
    if (ends.length !== 1)
      throw new Error(
        `the run ended ${ends.length} times: ${JSON.stringify(log.map(({ event }) => [event.event_type, (event.payload as { reason?: string }).reason]))}`,
      );
    return (ends[0] as Envelope<'TEAM.RUN_COMPLETED'>).payload.result;
  }

  #calls(): Map<string, number> {
    const calls = new Map<string, number>();
    for (const { body } of this.#mock.calls) {
      const agent = addressee(body) ?? '?';
      calls.set(agent, (calls.get(agent) ?? 0) + 1);
    }
    return calls;
  }

  #auditCalls(undisturbed: ReadonlyMap<string, number>): void {
    const calls = this.#calls();
    for (const agent of new Set([...ANALYSTS, ...calls.keys(), ...undisturbed.keys()])) {
      if (undisturbed.get(agent) !== 1)
        this.#violations.push(`${agent} was asked ${undisturbed.get(agent)} times in peace`);
      const expected = 1 + (this.#repeats.get(agent) ?? 0);
      if (calls.get(agent) !== expected)
        this.#violations.push(`${agent} was asked ${calls.get(agent)} times, expected ${expected}`);
    }
  }

  async #audit(runs: readonly Envelope[]): Promise<void> {
    const { redis, keys } = { redis: this.#redis, keys: this.#keys };
    const rested = async () => Object.keys(await openWork(redis, keys)).length === 0;
    await eventually('nothing is left to do', rested, WITHIN_MS).catch(() => {});
    const config = testConfig(NAMESPACE, this.#dir);
    const actor = createActors(compositionSettings(config)).find(({ name }) => name === 'orchestrator');
    const orchestrator = compileActor(actor as never);
    const found = await findings({ redis, keys, orchestrator, maxAttempts: 20 });
    this.#violations.push(...found);
    const letters = await readDeadLetters(redis, keys);
    if (letters.length > 0) this.#violations.push(`${letters.length} dead letters`);
    const log = await readLog(redis, keys);
    const tasks = log.filter(({ event }) => event.event_type === 'AGENT.TASK_COMPLETED').length;
    if (tasks !== runs.length * ANALYSTS.length) this.#violations.push(`${tasks} tasks were completed`);
  }
}
