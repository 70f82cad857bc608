/** `npm run bench:gateway -- --profile`: our gateway under load with every thread and Redis watched. */
import { tmpdir } from 'node:os';
import { ownFolder, removeFolder } from '../leftovers.ts';
import {
  formatProfile,
  merge,
  profileClock,
  readProfiles,
  readServerProfile,
  startServerProfile,
  type ThreadProfile,
} from '../profile.ts';
import type { Durability } from '../server.ts';
import { type Load, measureLoad } from './load.ts';
import { startSides } from './sides.ts';

const CONNECTIONS = 16;
const REDIS_SECONDS = 3;
const TOP = 25;

export async function profileRun(
  load: Load,
  { durability, seconds }: { durability: Durability; seconds: number },
): Promise<string> {
  const directory = await ownFolder(tmpdir(), 'profile');
  const sides = await startSides({ durability, portkeyFolder: null, profileDirectory: directory });
  try {
    await load.put(sides.ours, { connections: CONNECTIONS, seconds });
    const from = profileClock();
    const sample = await measureLoad(load, sides, sides.ours, { connections: CONNECTIONS, warmUpSeconds: 2, seconds });
    const to = profileClock();
    // Redis watches each call of a script at a cost: not in the time that is profiled.
    await sides.refill();
    await startServerProfile(sides.server.redis);
    await load.put(sides.ours, { connections: CONNECTIONS, seconds: REDIS_SECONDS });
    const redisReport = await readServerProfile(sides.server.redis);
    await sides.stop();
    const [main, ...workers] = readProfiles(directory, from, to);
    const parts = [formatProfile('main thread', main as ThreadProfile, TOP)];
    if (workers.length > 0) parts.push(formatProfile(`${workers.length} other threads`, merge(workers), 5));
    return [
      `c = ${CONNECTIONS}, ${durability}, under the profiler: ${sample.perSecond.toFixed(0)} req/s, ` +
        `${sample.cpuUsPerRequest.toFixed(0)} µs of CPU per request, Redis ${sample.redisCpuUsPerRequest.toFixed(0)} µs, ` +
        `${sample.failures || 'none'} failed, other processes ${sample.othersCores.toFixed(2)} cores`,
      ...parts,
      redisReport,
    ].join('\n');
  } finally {
    await sides.stop();
    await removeFolder(directory);
  }
}
