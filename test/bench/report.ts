/** The measurements as tables for people, and beside the targets. */
import type { IdleResult } from './idle.ts';
import type { ItemsResult } from './items.ts';
import type { Latency, Spread } from './statistics.ts';
import { type TargetResult, table } from './table.ts';
import type { TeamsResult } from './teams.ts';
import type { SideResult, ThroughputResult } from './throughput.ts';

export interface Measurements {
  throughput: readonly ThroughputResult[];
  items: ItemsResult | null;
  idle: readonly IdleResult[];
  teams: TeamsResult | null;
}

const mega = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const kilo = (bytes: number) => `${(bytes / 1e3).toFixed(1)} kB`;
const range = ({ median, min, max }: Spread, digits = 0) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
const percentiles = ({ p50Ms, p95Ms, p99Ms }: Latency) =>
  `${p50Ms.toFixed(1)} / ${p95Ms.toFixed(1)} / ${p99Ms.toFixed(1)}`;

export function formatTables({ throughput, items, idle, teams }: Measurements): string {
  const label = ({ threads, durability }: ThroughputResult) => [threads, durability];
  const cost = (side: SideResult) => [
    range(side.cpuSecondsPer1000, 2),
    side.redisCpuSecondsPer1000.median.toFixed(2),
    side.producerCpuSecondsPer1000.median.toFixed(2),
    mega(side.residentBytes),
    kilo(side.redisBytesPerProject),
  ];
  const parts: string[] = [];
  if (throughput.length > 0) {
    parts.push(
      table(
        'Full load: median (min–max) of the rounds. Ratio: ours by BullMQ, in time and per CPU-second. Others: cores in use by anything else.',
        [
          'THREADS',
          'fsync',
          'projects/s',
          'log events/s',
          'through POST',
          'BullMQ flows/s',
          'ratio',
          'per CPU',
          'others',
        ],
        throughput.map((result) => [
          ...label(result),
          range(result.platform.perSecond),
          range(result.platform.eventsPerSecond),
          range(result.platform.posted.perSecond),
          range(result.bullmq.perSecond),
          range(result.ratio, 2),
          range(result.cpuRatio, 2),
          `${result.platform.othersCores.median.toFixed(2)}, ${result.bullmq.othersCores.median.toFixed(2)}`,
        ]),
      ),
      table(
        'Cost. CPU-seconds of all processes of a side and of Redis per 1,000 projects or flows; the producer comes on top.',
        [
          'THREADS',
          'fsync',
          'side',
          'CPU-s / 1,000',
          'Redis',
          'producer',
          'RSS',
          'Redis bytes each',
          'CPU-ms / log event',
        ],
        throughput.flatMap((result) => [
          [...label(result), 'platform', ...cost(result.platform), range(result.platform.cpuMsPerEvent, 4)],
          [...label(result), 'BullMQ', ...cost(result.bullmq), '–'],
        ]),
      ),
      table(
        'One at a time: ms from POST until PROJECT.COMPLETED can be read, p50 / p95 / p99.',
        ['THREADS', 'fsync', 'platform', 'BullMQ flow'],
        throughput.map((result) => [
          ...label(result),
          percentiles(result.platform.latency),
          percentiles(result.bullmq.latency),
        ]),
      ),
    );
  }
  if (items) {
    parts.push(
      table(
        `Cost per item by the size of the project (THREADS=${items.threads}, ${items.durability}, ${items.items} items per size).`,
        ['items', 'ms per item', 'ratio', 'CPU-ms per item', 'ratio'],
        items.sizes.map((size) => [
          size.itemsPerProject,
          size.msPerItem.toFixed(3),
          size.timeRatio.toFixed(2),
          size.cpuMsPerItem.toFixed(3),
          size.cpuRatio.toFixed(2),
        ]),
      ),
    );
  }
  const [first] = idle;
  if (first) {
    parts.push(
      table(
        `Idle for ${first.seconds} s: share of a core; connections of the node to Redis.`,
        ['THREADS', 'node', 'Redis', 'RSS', 'connections'],
        idle.map((result) => [
          result.threads,
          `${result.nodeCpuPercent.toFixed(1)} %`,
          `${result.redisCpuPercent.toFixed(1)} %`,
          mega(result.residentBytes),
          result.connections,
        ]),
      ),
    );
  }
  if (teams) {
    parts.push(
      table(
        `A team of five, calls of ${teams.callMs} ms, THREADS=${teams.threads}, ${teams.runs} runs one after another: ms from the first dispatch, median (min–max).`,
        ['four at once', 'whole run, parallel', 'whole run, sequential'],
        [[range(teams.fourAtOnceMs), range(teams.parallelMs), range(teams.sequentialMs)]],
      ),
    );
  }
  return parts.join('\n\n');
}

/** The targets for the two cores that everything shares. */
export function compareWithTargets({ throughput, items, idle, teams }: Measurements): TargetResult[] {
  const results: TargetResult[] = [];
  const judge = (
    figure: string,
    value: number,
    digits: number,
    comparison: '≥' | '≤' | '<',
    target: number,
    unit = '',
  ) => {
    const reached = comparison === '≥' ? value >= target : comparison === '≤' ? value <= target : value < target;
    results.push({
      figure,
      target: `${comparison} ${target}${unit}`,
      measured: `${value.toFixed(digits)}${unit}`,
      reached,
    });
  };
  for (const { threads, durability, platform, ratio } of throughput) {
    const where = `THREADS=${threads} ${durability}`;
    judge(`log events/s, ${where}`, platform.eventsPerSecond.median, 0, '≥', 25_000);
    judge(`projects/s by BullMQ flows/s, ${where}`, ratio.median, 2, '≥', 0.8);
    judge(`CPU per log event, ${where}`, platform.cpuMsPerEvent.median, 4, '≤', 0.08, ' ms');
    judge(`p50 of one at a time, ${where}`, platform.latency.p50Ms, 1, '≤', durability === 'always' ? 10 : 5, ' ms');
  }
  const largest = items?.sizes.at(-1);
  if (largest) {
    judge(`time per item, ${largest.itemsPerProject} items by 10`, largest.timeRatio, 2, '≤', 1.5);
    judge(`CPU per item, ${largest.itemsPerProject} items by 10`, largest.cpuRatio, 2, '≤', 1.5);
  }
  for (const { threads, nodeCpuPercent, residentBytes } of idle) {
    judge(`idle CPU of the node, THREADS=${threads}`, nodeCpuPercent, 1, '<', 2, ' %');
    judge(`idle RSS of the node, THREADS=${threads}`, residentBytes / 1e6, 0, '<', 250, ' MB');
  }
  if (teams) judge(`four members of ${teams.callMs} ms each at once`, teams.fourAtOnceMs.median, 0, '<', 600, ' ms');
  return results;
}
