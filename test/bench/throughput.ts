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
  /** Cores in use by anybody but this side, its Redis and the producer. */
  othersCores: Spread;
  residentBytes: number;
  redisBytesPerProject: number;
  latency: Latency;
}

export interface ThroughputResult extends ThroughputPlan {
  platform: SideResult & { eventsPerProject: number; eventsPerSecond: Spread; cpuMsPerEvent: Spread };
  bullmq: SideResult;
  /** Ours by theirs, of each round. */
  ratio: Spread;
  /** Projects per CPU-second by flows per CPU-second, of each round; hardly moves with the load of others. */
  cpuRatio: Spread;
}

interface Side {
  server: BenchServer;
  /** Entries of the log; none at BullMQ. */
  logLength(): Promise<number>;
  pids: readonly number[];
  complete(count: number): Promise<number>;
  completeOneByOne(count: number): Promise<number[]>;
  stop(): Promise<void>;
}

interface Run {
  perSecond: number;
  usage: Usage<'side' | 'redis' | 'producer'>;
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

async function platformSide(durability: Durability, threads: number): Promise<Side> {
  const server = await startServer(durability);
  const platform = await Platform.start(server, { threads });
  return {
    server,
    logLength: () => server.redis.xlen(platform.keys.log),
    pids: [platform.pid],
    complete: (count) => platform.complete(times(count, analysisRequest)),
    completeOneByOne: (count) => platform.completeOneByOne(times(count, analysisRequest)),
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
    logLength: async () => 0,
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
  const sides = await Promise.all([platformSide(durability, threads), bullmqSide(durability, threads)]);
  try {
    for (const side of sides) await side.complete(Math.ceil(projects / 2));
    const bytesBefore = await Promise.all(sides.map(({ server }) => memoryBytes(server)));
    const eventsBefore = await sides[0].logLength();
    const runs: [Run[], Run[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [i, side] of sides.entries()) runs[i]?.push(await run(side, projects));
    }
    const eventsPerProject = ((await sides[0].logLength()) - eventsBefore) / (rounds * projects);
    const bytesAfter = await Promise.all(sides.map(({ server }) => memoryBytes(server)));
    const [ours, theirs] = await Promise.all(
      sides.map(async (side, i): Promise<SideResult> => {
        const ofSide = runs[i] as Run[];
        return {
          perSecond: spread(ofSide.map(({ perSecond }) => perSecond)),
          cpuSecondsPer1000: spread(ofSide.map((run) => per1000(run, projects, 'side', 'redis'))),
          redisCpuSecondsPer1000: spread(ofSide.map((run) => per1000(run, projects, 'redis'))),
          othersCores: spread(ofSide.map(({ usage }) => usage.othersCpuSeconds / usage.seconds)),
          residentBytes: side.pids.reduce((sum, pid) => sum + residentBytes(pid), 0),
          redisBytesPerProject: ((bytesAfter[i] as number) - (bytesBefore[i] as number)) / (rounds * projects),
          latency: latency([]),
        };
      }),
    );
    for (const [side, result] of [
      [sides[0], ours],
      [sides[1], theirs],
    ] as const) {
      await (side as Side).completeOneByOne(Math.ceil(oneByOne / 5));
      (result as SideResult).latency = latency(await (side as Side).completeOneByOne(oneByOne));
    }
    const platform = ours as SideResult;
    const byRound = (of: (ours: Run, theirs: Run) => number) =>
      spread(runs[0].map((run, round) => of(run, runs[1][round] as Run)));
    return {
      ...plan,
      platform: {
        ...platform,
        eventsPerProject,
        eventsPerSecond: scaled(eventsPerProject)(platform.perSecond),
        // CPU-seconds per 1,000 projects are CPU-ms per project.
        cpuMsPerEvent: scaled(1 / eventsPerProject)(platform.cpuSecondsPer1000),
      },
      bullmq: theirs as SideResult,
      ratio: byRound((a, b) => a.perSecond / b.perSecond),
      cpuRatio: byRound((a, b) => per1000(b, projects, 'side', 'redis') / per1000(a, projects, 'side', 'redis')),
    };
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
}

async function run({ server, pids, complete }: Side, projects: number): Promise<Run> {
  const usage = startUsage({ side: pids, redis: [server.pid], producer: [process.pid] });
  const seconds = await complete(projects);
  return { perSecond: projects / seconds, usage: usage() };
}

function per1000({ usage }: Run, projects: number, ...groups: ('side' | 'redis')[]): number {
  return (groups.reduce((sum, group) => sum + usage.cpuSeconds[group], 0) / projects) * 1000;
}

const scaled =
  (factor: number) =>
  (values: Spread): Spread => ({
    median: values.median * factor,
    min: values.min * factor,
    max: values.max * factor,
  });
