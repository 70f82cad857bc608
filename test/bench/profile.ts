/** Where the CPU goes during a run: V8's profiles of all threads, and Redis's own counts per command and script. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
  startTime: number;
}

export interface ThreadProfile {
  /** Self time by function, ms; GC and idle are functions of V8's making. */
  self: Map<string, number>;
  /** Time with callees of our own functions, ms. */
  inclusive: Map<string, number>;
  /** Self time by package or folder, ms. */
  parts: Map<string, number>;
  totalMs: number;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Clock of V8's profiles, microseconds. */
export const profileClock = (): number => Number(process.hrtime.bigint() / 1000n);

/** Profiles of all threads, cut to the time between `from` and `to` of the profile clock. */
export function readProfiles(directory: string, from: number, to: number): ThreadProfile[] {
  return globSync(join(directory, '*.cpuprofile'))
    .sort()
    .map((file) => summarize(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile, from, to))
    .filter(({ totalMs }) => totalMs > 0);
}

function summarize({ nodes, samples, timeDeltas, startTime }: CpuProfile, from: number, to: number): ThreadProfile {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parentOf = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const nodeMs = new Map<number, number>();
  let at = startTime;
  for (const [i, id] of samples.entries()) {
    const delta = timeDeltas[i] as number;
    at += delta;
    if (at > from && at <= to) nodeMs.set(id, (nodeMs.get(id) ?? 0) + delta / 1000);
  }
  const profile: ThreadProfile = { self: new Map(), inclusive: new Map(), parts: new Map(), totalMs: 0 };
  for (const [id, ms] of nodeMs) {
    const { callFrame } = byId.get(id) as CpuProfile['nodes'][number];
    profile.totalMs += ms;
    add(profile.self, nameOf(callFrame), ms);
    add(profile.parts, partOf(callFrame.url, callFrame.functionName), ms);
    const counted = new Set<string>();
    for (let up: number | undefined = id; up !== undefined; up = parentOf.get(up)) {
      const frame = (byId.get(up) as CpuProfile['nodes'][number]).callFrame;
      const name = nameOf(frame);
      if (counted.has(name) || !isOurs(frame.url)) continue;
      counted.add(name);
      add(profile.inclusive, name, ms);
    }
  }
  return profile;
}

const isOurs = (url: string) => url.startsWith('file:') && !url.includes('/node_modules/');

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)';
  return url ? `${name} ${shorten(url)}:${lineNumber + 1}` : name;
}

function shorten(url: string): string {
  if (!url.startsWith('file:')) return url;
  const path = relative(ROOT, fileURLToPath(url));
  return path.replace(/^.*node_modules\//, '');
}

function partOf(url: string, functionName: string): string {
  if (!url) return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return 'node';
  const path = shorten(url);
  if (url.includes('/node_modules/'))
    return path
      .split('/')
      .slice(0, path.startsWith('@') ? 2 : 1)
      .join('/');
  return path.split('/').slice(0, -1).join('/');
}

function add(map: Map<string, number>, key: string, ms: number): void {
  map.set(key, (map.get(key) ?? 0) + ms);
}

/** Same functions of all threads, added up. */
export function merge(profiles: readonly ThreadProfile[]): ThreadProfile {
  const all: ThreadProfile = { self: new Map(), inclusive: new Map(), parts: new Map(), totalMs: 0 };
  for (const profile of profiles) {
    all.totalMs += profile.totalMs;
    for (const part of ['self', 'inclusive', 'parts'] as const) {
      for (const [key, ms] of profile[part]) add(all[part], key, ms);
    }
  }
  return all;
}

export function formatProfile(title: string, { self, inclusive, parts, totalMs }: ThreadProfile, top = 40): string {
  const idleMs = self.get('(idle)') ?? 0;
  const rows = (map: Map<string, number>, count: number) =>
    [...map]
      .filter(([name]) => name !== '(idle)' && name !== '(root)')
      .sort(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(
        ([name, ms]) => `  ${ms.toFixed(0).padStart(7)} ms ${((100 * ms) / totalMs).toFixed(1).padStart(5)} %  ${name}`,
      );
  return [
    `${title}: ${totalMs.toFixed(0)} ms, idle ${((100 * idleMs) / totalMs).toFixed(1)} %`,
    ' self time by part',
    ...rows(parts, 16),
    ' self time by function',
    ...rows(self, top),
    ' time with callees, our functions',
    ...rows(inclusive, top),
  ].join('\n');
}

/** The slow log takes commands inside of scripts as well; what is faster than this is hardly a script. */
const SCRIPT_MIN_US = 15;

/** Starts counting in Redis from zero; the slow log takes every call of a script. */
export async function startServerProfile(redis: Redis): Promise<void> {
  await redis.config('SET', 'slowlog-log-slower-than', String(SCRIPT_MIN_US));
  await redis.config('SET', 'slowlog-max-len', '200000');
  await redis.slowlog('RESET');
  await redis.config('RESETSTAT');
}

interface ScriptCalls {
  name: string;
  durationsUs: number[];
}

export async function readServerProfile(redis: Redis): Promise<string> {
  await redis.config('SET', 'slowlog-log-slower-than', '-1');
  const stats = await redis.info('commandstats');
  const latency = await redis.info('latencystats');
  const calls = (await redis.slowlog('GET', -1)) as [number, number, number, string[]][];
  await redis.slowlog('RESET');

  const commands = [...stats.matchAll(/^cmdstat_(\S+):calls=(\d+),usec=(\d+),usec_per_call=([\d.]+)/gm)]
    .map(([, name = '', count, us, each]) => ({
      name,
      count: Number(count),
      ms: Number(us) / 1000,
      each: Number(each),
    }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 25)
    .map(({ name, count, ms, each }) => {
      const percentiles = new RegExp(`^latency_percentiles_usec_${name.replaceAll('|', '\\|')}:(.*)$`, 'm').exec(
        latency,
      )?.[1];
      return `  ${name.padEnd(20)} ${String(count).padStart(8)} calls ${ms.toFixed(0).padStart(7)} ms ${each.toFixed(1).padStart(8)} us  ${percentiles?.trim() ?? ''}`;
    });

  const names = scriptNames();
  const scripts = new Map<string, ScriptCalls>();
  for (const [, , us, [command = '', sha = '', keyCount = '', key = '']] of calls) {
    if (!/^evalsha/i.test(command)) continue;
    const script = scripts.get(sha) ?? {
      name: names.get(sha) ?? `${sha} (${keyCount} keys, ${key} …)`,
      durationsUs: [],
    };
    script.durationsUs.push(us);
    scripts.set(sha, script);
  }
  const rows = [...scripts.values()]
    .map(({ name, durationsUs }) => {
      durationsUs.sort((a, b) => a - b);
      const sumMs = durationsUs.reduce((sum, us) => sum + us, 0) / 1000;
      const at = (share: number) =>
        durationsUs[Math.min(durationsUs.length - 1, Math.floor(share * durationsUs.length))];
      const row = `  ${name.padEnd(34)} ${String(durationsUs.length).padStart(7)} calls ${sumMs.toFixed(0).padStart(7)} ms, us p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} max ${at(1)}`;
      return { sumMs, row };
    })
    .sort((a, b) => b.sumMs - a.sumMs);
  return [
    'Redis: time by command (those inside scripts count once more for themselves)',
    ...commands,
    'Redis: time by script',
    ...rows.map(({ row }) => row),
  ].join('\n');
}

/** Name of each script file under the sums that its text may have, with the flags the callers put before it. */
function scriptNames(): Map<string, string> {
  const names = new Map<string, string>();
  for (const file of globSync(join(ROOT, 'src/**/*.lua'))) {
    const text = readFileSync(file, 'utf8');
    for (const head of ['', '#!lua\n', '#!lua flags=no-writes\n', '#!lua flags=allow-oom\n']) {
      names.set(createHash('sha1').update(`${head}${text}`).digest('hex'), `${basename(file)}${head.slice(5, -1)}`);
    }
  }
  return names;
}
