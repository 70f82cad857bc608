/** `npm run bench -- profile`: one throughput run with every thread and Redis watched. Slower than an unwatched one. */
import { tmpdir } from 'node:os';
import { ownFolder, removeFolder } from './leftovers.ts';
import { Platform } from './platform.ts';
import { startUsage } from './process-usage.ts';
import {
  formatProfile,
  merge,
  profileClock,
  readProfiles,
  readServerProfile,
  startServerProfile,
  type ThreadProfile,
} from './profile.ts';
import { analysisRequest, itemsRequest } from './requests.ts';
import { type Durability, startServer } from './server.ts';

export interface ProfileOptions {
  projects: number;
  /** Projects of so many items each instead of analysis projects. */
  itemsPerProject?: number;
  /** Analysis projects through `POST /api/projects` instead of the log. */
  posted?: boolean;
  threads: number;
  durability: Durability;
}

export async function profileRun({
  projects,
  itemsPerProject,
  posted = false,
  threads,
  durability,
}: ProfileOptions): Promise<string> {
  const directory = await ownFolder(tmpdir(), 'profile');
  const server = await startServer(durability);
  const make = itemsPerProject === undefined ? analysisRequest : () => itemsRequest(itemsPerProject);
  try {
    const platform = await Platform.start(server, { threads, profileDirectory: directory });
    await platform.complete(Array.from({ length: Math.ceil(projects / 3) }, make));
    const requests = Array.from({ length: projects }, make);
    await startServerProfile(server.redis);
    const eventsBefore = await server.redis.xlen(platform.keys.log);
    const usage = startUsage({ node: [platform.pid], redis: [server.pid], bench: [process.pid] });
    const from = profileClock();
    const seconds = await (posted ? platform.completePosted(projects) : platform.complete(requests));
    const to = profileClock();
    const { cpuSeconds } = usage();
    const events = (await server.redis.xlen(platform.keys.log)) - eventsBefore;
    const redisReport = await readServerProfile(server.redis);
    await platform.stop();
    const threadsSeen = readProfiles(directory, from, to);
    // The main thread is the first; the others do all the same.
    const [main, ...workers] = threadsSeen;
    const groups = [
      { title: 'main thread', profile: main },
      { title: `${workers.length} worker threads`, profile: merge(workers) },
    ].filter(({ profile }) => profile && idleShare(profile) < 0.95);
    const busyShare = Object.entries(cpuSeconds).map(
      ([label, cpu]) => `${label} ${((100 * cpu) / seconds).toFixed(0)} %`,
    );
    return [
      `${projects} projects${itemsPerProject === undefined ? '' : ` of ${itemsPerProject} items`}${posted ? ' posted' : ''}, ${threads} threads, ${durability}, under the profiler:`,
      `${(projects / seconds).toFixed(1)} projects/s, ${(events / seconds).toFixed(0)} log events/s, ${((1000 * (cpuSeconds.node + cpuSeconds.redis)) / events).toFixed(4)} CPU-ms per log event`,
      `CPU of a core: ${busyShare.join(', ')}`,
      ...threadsSeen.map((profile, i) => `thread ${i}: idle ${(100 * idleShare(profile)).toFixed(1)} %`),
      ...groups.map(({ title, profile }) => formatProfile(title, profile as ThreadProfile)),
      redisReport,
    ].join('\n');
  } finally {
    await server.stop();
    await removeFolder(directory);
  }
}

const idleShare = ({ self, totalMs }: ThreadProfile) => (self.get('(idle)') ?? 0) / totalMs;
