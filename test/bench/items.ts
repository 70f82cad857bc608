/** What an item costs in small and large projects: the same number of items at every size, of one structure. */
import { Platform } from './platform.ts';
import { startUsage } from './process-usage.ts';
import { itemsRequest } from './requests.ts';
import { type Durability, startServer } from './server.ts';
import { median } from './statistics.ts';

export interface ItemsPlan {
  durability: Durability;
  threads: number;
  /** Items per project, the first is what the others are compared with. */
  sizes: readonly number[];
  /** Items of one run. */
  items: number;
  rounds: number;
}

export interface ItemsResult extends Omit<ItemsPlan, 'sizes'> {
  sizes: readonly ItemsOfSize[];
}

export interface ItemsOfSize {
  itemsPerProject: number;
  msPerItem: number;
  /** Node and Redis. */
  cpuMsPerItem: number;
  /** By the first size. */
  timeRatio: number;
  cpuRatio: number;
}

export async function measureItems({ sizes, ...plan }: ItemsPlan): Promise<ItemsResult> {
  const server = await startServer(plan.durability);
  const platform = await Platform.start(server, { threads: plan.threads });
  const runOf = async (size: number) => {
    const requests = Array.from({ length: Math.max(1, Math.round(plan.items / size)) }, () => itemsRequest(size));
    const usage = startUsage({ used: [platform.pid, server.pid] });
    const seconds = await platform.complete(requests);
    const items = requests.length * size;
    return { msPerItem: (seconds * 1000) / items, cpuMsPerItem: (usage().cpuSeconds.used * 1000) / items };
  };
  try {
    for (const size of sizes) await runOf(size);
    const runs = sizes.map((): Awaited<ReturnType<typeof runOf>>[] => []);
    for (let round = 0; round < plan.rounds; round++) {
      for (const [i, size] of sizes.entries()) runs[i]?.push(await runOf(size));
    }
    const measured = sizes.map((itemsPerProject, i) => ({
      itemsPerProject,
      msPerItem: median((runs[i] ?? []).map(({ msPerItem }) => msPerItem)),
      cpuMsPerItem: median((runs[i] ?? []).map(({ cpuMsPerItem }) => cpuMsPerItem)),
      timeRatio: median((runs[i] ?? []).map(({ msPerItem }, round) => msPerItem / (runs[0]?.[round]?.msPerItem ?? 0))),
      cpuRatio: median(
        (runs[i] ?? []).map(({ cpuMsPerItem }, round) => cpuMsPerItem / (runs[0]?.[round]?.cpuMsPerItem ?? 0)),
      ),
    }));
    return { ...plan, sizes: measured };
  } finally {
    await platform.stop();
    await server.stop();
  }
}
