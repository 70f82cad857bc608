/**
 * Both sides at full load, and one project at a time, on the same Redis settings and the same number of cores.
 *
 * A round is one run of ours and one of BullMQ's right after it, so that what else the machine does hits both.
 */
import { Bullmq, flow } from './bullmq.ts';
import { Platform } from './platform.ts';
import { residentBytes, startUsage, type Usage } from './process-usage.ts';
import { analysisRequest } from './requests.ts';
import { type BenchServer, type Durability, memoryBytes, startServer } from './server.ts';
import { type Latency, latency, type Spread, spread } from './statistics.ts';

export interface ThroughputPlan {
  durability: Durability;
  threads: number;
  /** Projects, or flows, of one run. */
  projects: number;
  rounds: number;
  /** Measured one at a time, per side. */
  oneByOne: number;
}

export interface SideResult {
  perSecond: Spread;
  /** Of all its processes and Redis, per 1,000 projects. */
  cpuSecondsPer1000: Spread;
  redisCpuSecondsPer1000: Spread;
  /** Of the process that loads the work, not part of the above. */
  producerCpuSecondsPer1000: Spread;
  /** Cores in use by anybody but this side, its Redis and the producer. */
  othersCores: Spread;
  residentBytes: number;
  redisBytesPerProject: number;
  latency: Latency;
}

export interface ThroughputResult extends ThroughputPlan {
  platform: SideResult & {
    eventsPerProject: number;
    eventsPerSecond: Spread;
    cpuMsPerEvent: Spread;
    /** Loaded through `POST /api/projects`, 32 requests at a time. */
    posted: Pick<SideResult, 'perSecond' | 'cpuSecondsPer1000'>;
  };
  bullmq: SideResult;
  /** Ours by theirs, of each round. */
  ratio: Spread;
  /** Projects per CPU-second by flows per CPU-second, of each round; hardly moves with the load of others. */
  cpuRatio: Spread;
}

interface Side {
  server: BenchServer;
  pids: readonly number[];
  complete(count: number): Promise<number>;
  completeOneByOne(count: number): Promise<number[]>;
  stop(): Promise<void>;
}

interface Run {
  projects: number;
  perSecond: number;
  usage: Usage<'side' | 'redis' | 'producer'>;
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

interface PlatformSide extends Side {
  logLength(): Promise<number>;
  completePosted(count: number): Promise<number>;
}

async function platformSide(durability: Durability, threads: number): Promise<PlatformSide> {
  const server = await startServer(durability);
  const platform = await Platform.start(server, { threads });
  return {
    server,
    logLength: () => server.redis.xlen(platform.keys.log),
    pids: [platform.pid],
    complete: (count) => platform.complete(times(count, analysisRequest)),
    completePosted: (count) => platform.completePosted(count),
    completeOneByOne: (count) => platform.completeOneByOne(count),
    async stop() {
      await platform.stop();
      await server.stop();
    },
  };
}

async function bullmqSide(durability: Durability, threads: number): Promise<Side> {
  const server = await startServer(durability);
  const bullmq = await Bullmq.start(server, { processes: threads });
  return {
    server,
    pids: bullmq.pids,
    complete: (count) => bullmq.complete(times(count, flow)),
    completeOneByOne: (count) => bullmq.completeOneByOne(times(count, flow)),
    async stop() {
      await bullmq.stop();
      await server.stop();
    },
  };
}

export async function measureThroughput(plan: ThroughputPlan): Promise<ThroughputResult> {
  const { durability, threads, projects, rounds, oneByOne } = plan;
  const [ours, theirs] = await Promise.all([platformSide(durability, threads), bullmqSide(durability, threads)]);
  try {
    for (const side of [ours, theirs]) await side.complete(Math.ceil(projects / 2));
    await ours.completePosted(Math.ceil(projects / 10));
    const before = { events: await ours.logLength(), ...(await bytesOf(ours, theirs)) };
    const runs = { ours: [] as Run[], theirs: [] as Run[] };
    for (let round = 0; round < rounds; round++) {
      runs.ours.push(await run(ours, projects));
      runs.theirs.push(await run(theirs, projects));
    }
    const after = { events: await ours.logLength(), ...(await bytesOf(ours, theirs)) };
    const posted: Run[] = [];
    for (let round = 0; round < rounds; round++)
      posted.push(await run(ours, Math.ceil(projects / 2), ours.completePosted));

    const eachBytes = (side: 'ours' | 'theirs') => (after[side] - before[side]) / (rounds * projects);
    const events = (after.events - before.events) / (rounds * projects);
    const platform = { ...sideResult(ours, runs.ours), redisBytesPerProject: eachBytes('ours') };
    const bullmq = { ...sideResult(theirs, runs.theirs), redisBytesPerProject: eachBytes('theirs') };
    const byRound = (of: (ours: Run, theirs: Run) => number) =>
      spread(runs.ours.map((run, round) => of(run, runs.theirs[round] as Run)));
    return {
      ...plan,
      platform: {
        ...platform,
        eventsPerProject: events,
        eventsPerSecond: scaled(platform.perSecond, events),
        // CPU-seconds per 1,000 projects are CPU-ms per project.
        cpuMsPerEvent: scaled(platform.cpuSecondsPer1000, 1 / events),
        posted: {
          perSecond: spread(posted.map(({ perSecond }) => perSecond)),
          cpuSecondsPer1000: spread(posted.map((run) => per1000(run, 'side', 'redis'))),
        },
        latency: await latencyOf(ours, oneByOne),
      },
      bullmq: { ...bullmq, latency: await latencyOf(theirs, oneByOne) },
      ratio: byRound((a, b) => a.perSecond / b.perSecond),
      cpuRatio: byRound((a, b) => per1000(b, 'side', 'redis') / per1000(a, 'side', 'redis')),
    };
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
}

async function bytesOf(ours: Side, theirs: Side): Promise<{ ours: number; theirs: number }> {
  return { ours: await memoryBytes(ours.server), theirs: await memoryBytes(theirs.server) };
}

function sideResult({ pids }: Side, runs: readonly Run[]): Omit<SideResult, 'redisBytesPerProject' | 'latency'> {
  return {
    perSecond: spread(runs.map(({ perSecond }) => perSecond)),
    cpuSecondsPer1000: spread(runs.map((run) => per1000(run, 'side', 'redis'))),
    redisCpuSecondsPer1000: spread(runs.map((run) => per1000(run, 'redis'))),
    producerCpuSecondsPer1000: spread(runs.map((run) => per1000(run, 'producer'))),
    othersCores: spread(runs.map(({ usage }) => usage.othersCpuSeconds / usage.seconds)),
    residentBytes: pids.reduce((sum, pid) => sum + residentBytes(pid), 0),
  };
}

/** A fifth as many come first and are not counted: full load has left other things warm than these need. */
async function latencyOf(side: Side, count: number): Promise<Latency> {
  await side.completeOneByOne(Math.ceil(count / 5));
  return latency(await side.completeOneByOne(count));
}

async function run(side: Side, projects: number, complete = side.complete): Promise<Run> {
  const usage = startUsage({ side: side.pids, redis: [side.server.pid], producer: [process.pid] });
  const seconds = await complete(projects);
  return { projects, perSecond: projects / seconds, usage: usage() };
}

/** CPU-seconds of the groups for 1,000 projects. */
function per1000({ usage, projects }: Run, ...groups: (keyof Run['usage']['cpuSeconds'])[]): number {
  return (groups.reduce((sum, group) => sum + usage.cpuSeconds[group], 0) / projects) * 1000;
}

const scaled = ({ median, min, max }: Spread, factor: number): Spread => ({
  median: median * factor,
  min: min * factor,
  max: max * factor,
});
