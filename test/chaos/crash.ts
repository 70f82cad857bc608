/**
 * Two processes share the work of many projects; one is killed, then Redis is.
 *
 *   npm run chaos -- --projects 500 --threads 2
 *
 * Afterwards every project must have ended, with nothing lost, nothing done twice, nothing pending, and stored state
 * equal to its replay (I1, I2, I3, I6, I8). Exits with 1 if anything is not so, or if nothing was at stake when the
 * faults struck.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { GROUPS, ROLES } from '../../schemas/catalog.ts';
import { Keys } from '../../src/bus/keys.ts';
import { compositionSettings, createActors } from '../../src/composition.ts';
import { compileActor } from '../../src/runtime/step.ts';
import { anAnalysis } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { NodeProcess } from '../support/node-process.ts';
import { findings, openWork, readDeadLetters, readLog } from '../support/oracle.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { testConfig } from '../support/test-node.ts';

export interface CrashPlan {
  projects: number;
  threads: number;
  /** How long each call of a language model takes: what keeps deliveries in work when the faults strike. */
  modelMs: number;
}

export interface CrashReport {
  violations: string[];
  facts: Record<string, number | string>;
}

const NAMESPACE = 'chaos';
/** Parts of the projects that have ended when the process, and when Redis, is killed. */
const KILL_PROCESS_AT = 0.05;
const KILL_REDIS_AT = 0.35;
const RESUME_WITHIN_MS = 3_000;
const FINISH_WITHIN_MS = 120_000;

export async function crash({ projects, threads, modelMs }: CrashPlan): Promise<CrashReport> {
  const dir = mkdtempSync(join(tmpdir(), 'devteam-chaos-'));
  const script = join(dir, 'model.json');
  writeFileSync(script, `[{"match":{},"then":{"latency_ms":${modelMs}}}]`);
  const server = await RedisProcess.start();
  const redis = server.connect();
  const nodes: NodeProcess[] = [];
  try {
    const { bus } = testConfig(NAMESPACE, dir);
    const keys = new Keys({
      namespace: NAMESPACE,
      prefix: NAMESPACE,
      log: bus.logStream,
      deadLetters: bus.dlqStream,
      idempotence: bus.idempotencePrefix,
    });
    const env = { REDIS_URL: server.url, NAMESPACE, THREADS: String(threads), LLM_TEST_SCRIPT: script };
    for (const id of ['first', 'second']) nodes.push(await NodeProcess.start({ ...env, INSTANCE_ID: id }));
    const [first, second] = nodes as [NodeProcess, NodeProcess];
    return await strike({ projects, redis, keys, server, first, second, dir });
  } finally {
    redis.disconnect();
    await Promise.all(nodes.map((node) => node.end('SIGKILL')));
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Scene {
  projects: number;
  redis: Redis;
  keys: Keys;
  server: RedisProcess;
  first: NodeProcess;
  second: NodeProcess;
  dir: string;
}

async function strike({ projects, redis, keys, server, first, second, dir }: Scene): Promise<CrashReport> {
  const violations: string[] = [];
  const completed = () => redis.zcard(keys.under('projects:status:COMPLETED'));
  const ended = (share: number) =>
    eventually(`${share * 100} % have ended`, async () => (await completed()) >= projects * share, FINISH_WITHIN_MS);
  const startedMs = performance.now();
  await publish(redis, keys, projects);
  await ended(KILL_PROCESS_AT);

  await first.end('SIGKILL');
  const killedMs = performance.now();
  const held = await heldBy(redis, keys, 'first');
  const endedAtKill = await completed();
  let resumedMs = Number.NaN;
  let releasedMs = Number.NaN;
  const resumption = (async () => {
    const still = () => heldBy(redis, keys, 'first');
    await eventually('its work resumes', async () => (await still()) < held, FINISH_WITHIN_MS);
    resumedMs = performance.now() - killedMs;
    await eventually('all its work is taken over', async () => (await still()) === 0, FINISH_WITHIN_MS);
    releasedMs = performance.now() - killedMs;
  })();

  await ended(KILL_REDIS_AT);
  const openAtRedisKill = Object.values(await openWork(redis, keys)).reduce((sum, count) => sum + count, 0);
  const endedAtRedisKill = await completed();
  const downMs = performance.now();
  await server.kill();
  await server.start();
  const redisDownMs = performance.now() - downMs;

  await resumption;
  await ended(1);
  const open = async () => Object.keys(await openWork(redis, keys)).length;
  await eventually('nothing is left to do', async () => (await open()) === 0, FINISH_WITHIN_MS).catch(() => {});
  const totalMs = performance.now() - startedMs;

  if (held === 0) violations.push('vacuous: the killed process held nothing');
  if (openAtRedisKill === 0) violations.push('vacuous: nothing was in work when Redis was killed');
  if (!(resumedMs < RESUME_WITHIN_MS)) violations.push(`work of the dead process resumed after ${resumedMs} ms`);
  const config = testConfig(NAMESPACE, dir);
  const orchestrator = createActors(compositionSettings(config)).find(({ name }) => name === 'orchestrator');
  const { maxAttempts } = config.bus;
  violations.push(...(await findings({ redis, keys, orchestrator: compileActor(orchestrator as never), maxAttempts })));
  const log = await readLog(redis, keys);
  const count = (type: string) => log.filter(({ event }) => event.event_type === type).length;
  const expectCount = (what: string, actual: number, expected: number) => {
    if (actual !== expected) violations.push(`${actual} ${what}, expected ${expected}`);
  };
  expectCount('PROJECT.COMPLETED', count('PROJECT.COMPLETED'), projects);
  expectCount('WORK.ITEM_COMPLETED', count('WORK.ITEM_COMPLETED'), 5 * projects);
  expectCount('events', log.length, 33 * projects);
  expectCount('dead letters', (await readDeadLetters(redis, keys)).length, 0);
  const exit = await second.end('SIGTERM');
  if (exit.code !== 0)
    violations.push(`the surviving process ended with ${exit.signal ?? exit.code}:\n${second.printed}`);
  return {
    violations,
    facts: {
      projects,
      'ended when the process was killed': endedAtKill,
      'deliveries it held': held,
      'first of them taken over after (ms)': Math.round(resumedMs),
      'all of them taken over after (ms)': Math.round(releasedMs),
      'ended when Redis was killed': endedAtRedisKill,
      'deliveries open then': openAtRedisKill,
      'Redis was away (ms)': Math.round(redisDownMs),
      'all ended after (ms)': Math.round(totalMs),
      'events in the log': log.length,
    },
  };
}

async function publish(redis: Redis, keys: Keys, projects: number): Promise<void> {
  for (let done = 0; done < projects; done += 100) {
    const pipeline = redis.pipeline();
    for (let i = done; i < Math.min(projects, done + 100); i++) {
      pipeline.xadd(keys.log, '*', 'event', JSON.stringify(anAnalysis()));
    }
    await pipeline.exec();
  }
}

interface ConsumerRow {
  name: string;
  pending: number;
}

async function consumersOf(redis: Redis, keys: Keys, instanceId: string): Promise<ConsumerRow[]> {
  const pipeline = redis.pipeline();
  for (const role of ROLES)
    pipeline.xinfo('CONSUMERS', role === 'validator' ? keys.log : keys.mailbox(role), GROUPS[role]);
  const rows = ((await pipeline.exec()) ?? []).flatMap(([error, reply]) => (error ? [] : (reply as unknown[][])));
  return rows
    .map((row) => ({ name: String(row[row.indexOf('name') + 1]), pending: Number(row[row.indexOf('pending') + 1]) }))
    .filter(({ name }) => name.startsWith(`${instanceId}#`));
}

/** Deliveries in the name of an instance of the platform. */
async function heldBy(redis: Redis, keys: Keys, instanceId: string): Promise<number> {
  return (await consumersOf(redis, keys, instanceId)).reduce((sum, { pending }) => sum + pending, 0);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      projects: { type: 'string', default: '500' },
      threads: { type: 'string', default: '2' },
      'model-ms': { type: 'string', default: '250' },
    },
  });
  const { violations, facts } = await crash({
    projects: Number(values.projects),
    threads: Number(values.threads),
    modelMs: Number(values['model-ms']),
  });
  console.table(facts);
  for (const violation of violations.slice(0, 50)) console.error(`VIOLATION ${violation}`);
  if (violations.length > 50) console.error(`… and ${violations.length - 50} more`);
  console.log(violations.length === 0 ? 'no violation' : `${violations.length} violations`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
