/** What processes have used, as the kernel counts it. Linux only: the figures come from /proc. */
import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux fixes at 100 for what it shows in /proc. */
const TICKS_PER_SECOND = 100;

/** User and system time of all threads of the processes since they were started. */
function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold blanks and parentheses; what follows its last parenthesis starts with field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

/** What all processes of the machine have used, whatever took it from them included. */
function machineSeconds(): number {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/).map(Number);
  const parts = [user, nice, system, irq, softirq, steal];
  return parts.reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS_PER_SECOND;
}

/** Resident memory of a process, bytes. */
export const residentBytes = (pid: number): number => statusBytes(pid, 'VmRSS');

/** The most of it that a process has had. */
export const peakResidentBytes = (pid: number): number => statusBytes(pid, 'VmHWM');

function statusBytes(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
}

export interface Usage<Group extends string> {
  seconds: number;
  cpuSeconds: Record<Group, number>;
  /** Of processes that are not in any group: how much the machine was shared. */
  othersCpuSeconds: number;
}

/** Measures groups of processes from now until the returned function is called. */
export function startUsage<Group extends string>(groups: Record<Group, readonly number[]>): () => Usage<Group> {
  const labels = Object.keys(groups) as Group[];
  const read = () => labels.map((label) => cpuSeconds(groups[label]));
  const started = performance.now();
  const before = read();
  const machineBefore = machineSeconds();
  return () => {
    const used = read().map((after, i) => after - (before[i] as number));
    const machine = machineSeconds() - machineBefore;
    return {
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: Object.fromEntries(labels.map((label, i) => [label, used[i]])) as Record<Group, number>,
      othersCpuSeconds: Math.max(0, machine - used.reduce((sum, cpu) => sum + cpu, 0)),
    };
  };
}
