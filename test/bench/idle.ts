/** What a node costs that has nothing to do. */
import { setTimeout as delay } from 'node:timers/promises';
import { Platform } from './platform.ts';
import { residentBytes, startUsage } from './process-usage.ts';
import { startServer } from './server.ts';

export interface IdlePlan {
  threads: number;
  seconds: number;
}

export interface IdleResult extends IdlePlan {
  /** Per cent of one core. */
  nodeCpuPercent: number;
  redisCpuPercent: number;
  residentBytes: number;
  /** Of the node, on Redis. */
  connections: number;
}

/** What starting has left behind is over by then. */
const SETTLE_MS = 3_000;

export async function measureIdle({ threads, seconds }: IdlePlan): Promise<IdleResult> {
  const server = await startServer('always');
  const clients = async () =>
    String(await server.redis.client('LIST'))
      .trim()
      .split('\n').length;
  const own = await clients();
  const platform = await Platform.start(server, { threads });
  try {
    await delay(SETTLE_MS);
    const connections = (await clients()) - own;
    const usage = startUsage({ node: [platform.pid], redis: [server.pid] });
    await delay(seconds * 1000);
    const { cpuSeconds, seconds: passed } = usage();
    return {
      threads,
      seconds,
      nodeCpuPercent: (100 * cpuSeconds.node) / passed,
      redisCpuPercent: (100 * cpuSeconds.redis) / passed,
      residentBytes: residentBytes(platform.pid),
      connections,
    };
  } finally {
    await platform.stop();
    await server.stop();
  }
}
