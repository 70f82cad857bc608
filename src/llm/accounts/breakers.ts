/**
 * How candidates fare, read off their breakers.
 *
 * Owns: reading the hashes that `health.lua` writes. Pure: the time is passed in.
 */
import type { BreakerState } from './shapes.ts';

const HALF_MINUTE_MS = 30_000;
const HALF_MINUTES = 10;
/** Classes of latency per doubling: the median is told to within 5 %. */
const CLASSES_PER_DOUBLING = 8;
const NO_LATENCY = -1;

/** Its number in the statistics. */
export function latencyClass(ms: number | null): number {
  return ms === null ? NO_LATENCY : Math.round(Math.log2(Math.max(0, ms) + 1) * CLASSES_PER_DOUBLING);
}

const latencyOf = (latency: number): number => Math.round(2 ** (latency / CLASSES_PER_DOUBLING) - 1);

type Fields = Readonly<Record<string, string>>;

/** @param whole the breaker of the provider as a whole, `own` that of the model; {} = none */
export function breakerState(
  { provider, model }: { provider: string; model: string },
  whole: Fields,
  own: Fields,
  nowMs: number,
): BreakerState {
  const opened = Math.max(number(whole.o), number(own.o));
  const coolingUntilMs = number(own.c);
  return {
    provider,
    model,
    breaker: opened === 0 ? 'closed' : opened > nowMs ? 'open' : 'half_open',
    openUntilMs: opened > nowMs ? opened : null,
    coolingUntilMs: coolingUntilMs > nowMs ? coolingUntilMs : null,
    ...statistics(own, nowMs),
  };
}

function statistics(fields: Fields, nowMs: number): Pick<BreakerState, 'errorRate' | 'p50Ms'> {
  const oldest = Math.floor(nowMs / HALF_MINUTE_MS) - HALF_MINUTES + 1;
  const latencies = new Map<number, number>();
  let calls = 0;
  let errors = 0;
  for (let i = 0; i < HALF_MINUTES; i++) {
    const [at, called, failed, ...classes] = (fields[`s${i}`] ?? '').split(' ');
    if (number(at) < oldest) continue;
    calls += number(called);
    errors += number(failed);
    for (const entry of classes) {
      const [latency, count] = entry.split(':').map(Number) as [number, number];
      latencies.set(latency, (latencies.get(latency) ?? 0) + count);
    }
  }
  return { errorRate: calls === 0 ? null : errors / calls, p50Ms: median(latencies) };
}

function median(latencies: ReadonlyMap<number, number>): number | null {
  let left = [...latencies.values()].reduce((sum, count) => sum + count, 0) / 2;
  for (const [latency, count] of [...latencies].sort(([a], [b]) => a - b)) {
    left -= count;
    if (left <= 0) return latencyOf(latency);
  }
  return null;
}

const number = (text: string | undefined): number => (text ? Number(text) : 0);
