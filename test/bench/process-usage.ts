/** What processes have used, as the kernel counts it. Linux only: the figures come from /proc. */
import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux fixes at 100 for what it shows in /proc. */
const TICKS_PER_SECOND = 100;

/** User and system time of all threads of the processes since they were started. */
export function cpuSeconds(...pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold blanks and parentheses; what follows its last parenthesis starts with field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory now and at its highest, bytes. */
export function residentBytes(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const line = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { now: line('VmRSS'), peak: line('VmHWM') };
}

/** CPU time by the clock over which it was used. */
export interface Usage {
  seconds: number;
  /** By the label of each group of processes. */
  cpuSeconds: Record<string, number>;
}

/** Measures from now until the returned function is called. */
export function startUsage(groups: Readonly<Record<string, readonly number[]>>): () => Usage {
  const started = performance.now();
  const read = () => Object.entries(groups).map(([label, pids]) => [label, cpuSeconds(...pids)] as const);
  const before = Object.fromEntries(read());
  return () => ({
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: Object.fromEntries(read().map(([label, after]) => [label, after - (before[label] ?? 0)])),
  });
}
