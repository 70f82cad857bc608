/** The load generator, and what a side does and costs under it in a closed loop. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { ownChild } from '../leftovers.ts';
import { residentBytes, startUsage } from '../process-usage.ts';
import type { LoadOrder, LoadResult } from './load-process.ts';
import { chatBody, PATH, type Side, type SideName, type Sides } from './sides.ts';

export class Load {
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid as number;
  }

  /** `folder` holds autocannon. */
  static async start(folder: string): Promise<Load> {
    const child = ownChild(
      fork(new URL('./load-process.ts', import.meta.url), {
        env: { PATH: process.env.PATH ?? '', BENCH_PACKAGES: folder },
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    await once(child, 'message');
    return new Load(child);
  }

  async put(side: Side, amount: Pick<LoadOrder, 'connections' | 'seconds' | 'requests'>): Promise<LoadResult> {
    const { origin, headers } = side;
    const order: LoadOrder = { url: origin + PATH, headers, body: chatBody({ max_tokens: 64 }), ...amount };
    const answered = once(this.#child, 'message');
    this.#child.send(order);
    const [result] = (await answered) as [LoadResult];
    return result;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

export interface LoadSample {
  side: SideName;
  connections: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  answered: number;
  failed: number;
  failures: string;
  /** Of the side's process, the mock itself for `direct`. */
  cpuUsPerRequest: number;
  redisCpuUsPerRequest: number;
  residentBytes: number;
  /** Cores in use by processes that are no part of the bench. */
  othersCores: number;
}

export async function measureLoad(
  load: Load,
  sides: Sides,
  side: Side,
  { connections, warmUpSeconds, seconds }: { connections: number; warmUpSeconds: number; seconds: number },
): Promise<LoadSample> {
  await sides.refill();
  const warmUp = await load.put(side, { connections, seconds: warmUpSeconds });
  const rest = [load.pid, process.pid, sides.mockPid, ...sides.all.map(({ pid }) => pid)];
  const usage = startUsage({
    side: [side.pid],
    redis: [sides.server.pid],
    rest: [...new Set(rest)].filter((pid) => pid !== side.pid),
  });
  const result = await load.put(side, { connections, seconds });
  const used = usage();
  const perRequestUs = (cpuSeconds: number) => (1e6 * cpuSeconds) / result.answered;
  return {
    side: side.name,
    connections,
    perSecond: result.answered / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    answered: result.answered + warmUp.answered,
    failed: result.failed + warmUp.failed,
    failures: [warmUp.failures, result.failures].filter(Boolean).join(', '),
    cpuUsPerRequest: perRequestUs(used.cpuSeconds.side),
    redisCpuUsPerRequest: perRequestUs(used.cpuSeconds.redis),
    residentBytes: residentBytes(side.pid),
    othersCores: used.othersCpuSeconds / used.seconds,
  };
}
