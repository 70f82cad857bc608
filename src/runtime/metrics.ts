/**
 * The runtime's numbers in the form of Prometheus.
 *
 * Owns: names and labels of `dta_*` metrics that come from threads. The numbers are this process's own; a scraper adds
 * up processes. Does not own counting (`totals.ts`).
 */
import type { Registry } from 'prom-client';
import { BOUNDS_MS, type Durations } from './durations.ts';
import type { PlatformNode } from './node.ts';

type Labels = Record<string, string | number>;
interface Sample {
  labels: Labels;
  value: number;
  metricName?: string;
}

const ms = 1 / 1000;

function histogramSamples(name: string, labels: Labels, durations: Durations): Sample[] {
  const samples: Sample[] = [];
  let count = 0;
  for (let i = 0; i < durations.counts.length; i++) {
    count += durations.counts[i] as number;
    const le = i < BOUNDS_MS.length ? (BOUNDS_MS[i] as number) * ms : '+Inf';
    samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: count });
  }
  samples.push({ metricName: `${name}_sum`, labels, value: durations.sumMs * ms });
  samples.push({ metricName: `${name}_count`, labels, value: count });
  return samples;
}

/** Registers metrics whose values are read from the supervisor when they are asked for. */
export function registerRuntimeMetrics(registry: Registry, { supervisor, publisher }: PlatformNode): void {
  const { totals } = supervisor;
  /** From outside by the gate and the edges, and what turns emitted. */
  const accepted = () => {
    const sum = new Map<string, number>();
    for (const counts of [totals.gate.accepted, publisher.published, totals.emitted]) {
      for (const [type, count] of counts) sum.set(type, (sum.get(type) ?? 0) + count);
    }
    return sum;
  };
  const define = (name: string, type: 'counter' | 'gauge' | 'histogram', help: string, read: () => Sample[]) => {
    const metric = {
      name,
      help,
      type,
      aggregator: 'sum' as const,
      get: () => ({ name, help, type, aggregator: 'sum', values: read() }),
      reset: () => {},
    };
    // Values that live elsewhere: the registry only asks for them.
    registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
  };
  const perRole = (pick: (counts: typeof totals.roles extends Map<string, infer C> ? C : never) => number) => () =>
    [...totals.roles].map(([role, counts]) => ({ labels: { role }, value: pick(counts) }));

  define(
    'dta_events_total',
    'counter',
    'Events from outside by what the gate made of them, and events emitted by turns.',
    () => [
      ...(['duplicate', 'rejected'] as const).flatMap((outcome) =>
        [...totals.gate[outcome]].map(([type, value]) => ({ labels: { type, outcome }, value })),
      ),
      ...[...accepted()].map(([type, value]) => ({ labels: { type, outcome: 'accepted' }, value })),
    ],
  );
  define('dta_turns_total', 'counter', 'Turns by result.', () =>
    [...totals.roles].flatMap(([role, counts]) => [
      { labels: { role, result: 'committed' }, value: counts.turns },
      { labels: { role, result: 'conflict' }, value: counts.conflicts },
      { labels: { role, result: 'fenced' }, value: counts.fenced },
    ]),
  );
  define('dta_turn_seconds', 'histogram', 'Time from delivery to commit.', () =>
    [...totals.roles].flatMap(([role, counts]) => histogramSamples('dta_turn_seconds', { role }, counts.durations)),
  );
  define('dta_redis_command_seconds', 'histogram', 'Time of one script call, seen from the thread.', () =>
    histogramSamples('dta_redis_command_seconds', {}, totals.commands),
  );
  define(
    'dta_retries_total',
    'counter',
    'Deliveries put off after an error.',
    perRole((counts) => counts.retries),
  );
  define('dta_dead_letters_total', 'counter', 'Dead letters written.', () =>
    [...totals.deadLetters].map(([group, value]) => ({ labels: { group }, value })),
  );
  define('dta_restarts_total', 'counter', 'Restarts of loops and threads.', () =>
    [...totals.restarts].map(([role, value]) => ({ labels: { role }, value })),
  );
  define('dta_threads', 'gauge', 'Worker threads.', () => {
    const { running, expected } = supervisor.threads;
    return [
      { labels: { state: 'running' }, value: running },
      { labels: { state: 'starting' }, value: expected - running },
    ];
  });
}
