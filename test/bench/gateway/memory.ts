/** What our gateway's process holds while it answers many requests. */
import { residentBytes } from '../process-usage.ts';
import type { Load } from './load.ts';
import type { Sides } from './sides.ts';

export interface MemoryResult {
  connections: number;
  failed: number;
  idleBytes: number;
  samples: { requests: number; residentBytes: number }[];
  /** Of a line through the second half of the samples. */
  bytesPer100kRequests: number;
}

export async function measureMemory(
  load: Load,
  sides: Sides,
  { connections, requests, every }: { connections: number; requests: number; every: number },
): Promise<MemoryResult> {
  const idleBytes = residentBytes(sides.ours.pid);
  const samples: MemoryResult['samples'] = [];
  let failed = 0;
  for (let sent = every; sent <= requests; sent += every) {
    await sides.refill();
    failed += (await load.put(sides.ours, { connections, requests: every })).failed;
    samples.push({ requests: sent, residentBytes: residentBytes(sides.ours.pid) });
  }
  const half = samples.slice(samples.length >> 1);
  return { connections, failed, idleBytes, samples, bytesPer100kRequests: 1e5 * slope(half) };
}

/** Bytes per request, by least squares. */
function slope(samples: MemoryResult['samples']): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(samples.map(({ requests }) => requests));
  const y = mean(samples.map(({ residentBytes }) => residentBytes));
  const covariance = samples.reduce((sum, each) => sum + (each.requests - x) * (each.residentBytes - y), 0);
  return covariance / samples.reduce((sum, each) => sum + (each.requests - x) ** 2, 0);
}
