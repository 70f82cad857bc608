/**
 * `npm run bench`: what the platform does per second and what that costs, beside BullMQ on the same Redis.
 *
 * Owns: the command line and the order of the measurements. Nothing fails because something is slow.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type IdleResult, measureIdle } from './idle.ts';
import { measureItems } from './items.ts';
import { profileRun } from './profile-run.ts';
import { compareWithTargets, formatTables, type Measurements } from './report.ts';
import type { Durability } from './server.ts';
import { formatTargets } from './table.ts';
import { measureTeams } from './teams.ts';
import { measureThroughput, type ThroughputResult } from './throughput.ts';

const USAGE = `npm run bench -- [options]
  --quick                 everything small, for a first look (half a minute)
  --profile               one run under the profilers instead of the measurements
  --items N               profile projects of N items each instead of analysis projects
  --posted                profile projects that come through POST /api/projects
  --only PARTS            of throughput,items,idle,teams
  --threads N,…           default 1,2
  --durability D,…        of everysec,always; default both
  --projects N            per run, default 3000
  --rounds N              default 3
  --out FILE              writes the JSON document there as well`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    only: { type: 'string', default: 'throughput,items,idle,teams' },
    threads: { type: 'string' },
    durability: { type: 'string' },
    projects: { type: 'string' },
    items: { type: 'string' },
    posted: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    out: { type: 'string' },
  },
});

const DURABILITIES: readonly Durability[] = ['everysec', 'always'];
const list = (text: string) => text.split(',').map((word) => word.trim());
const { quick } = values;
const threads = list(values.threads ?? '1,2').map(Number);
const durabilities = values.durability
  ? DURABILITIES.filter((durability) => list(values.durability ?? '').includes(durability))
  : quick
    ? DURABILITIES.slice(0, 1)
    : DURABILITIES;
const projects = Number(values.projects ?? (quick ? 500 : 3000));
const rounds = Number(values.rounds ?? (quick ? 2 : 3));

if (values.help) console.log(USAGE);
else if (values.profile) {
  for (const durability of values.durability ? durabilities : (['everysec'] as const)) {
    for (const count of values.threads ? threads : [1]) {
      const itemsPerProject = values.items === undefined ? {} : { itemsPerProject: Number(values.items) };
      const projects = Number(values.projects ?? Math.ceil(1500 / (itemsPerProject.itemsPerProject ?? 1)));
      console.log(
        await profileRun({ projects, ...itemsPerProject, posted: values.posted, threads: count, durability }),
      );
    }
  }
} else await measure();

async function measure(): Promise<void> {
  const parts = list(values.only);
  const throughput: ThroughputResult[] = [];
  const idle: IdleResult[] = [];
  const measured: Measurements = { throughput, items: null, idle, teams: null };
  const started = performance.now();
  const say = (what: string) =>
    console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${what}`);
  if (parts.includes('idle')) {
    for (const count of threads) {
      say(`idle, THREADS=${count}`);
      idle.push(await measureIdle({ threads: count, seconds: quick ? 5 : 20 }));
    }
  }
  if (parts.includes('throughput')) {
    for (const durability of durabilities) {
      for (const count of threads) {
        say(`full load, THREADS=${count}, ${durability}`);
        const oneByOne = quick ? 50 : 300;
        throughput.push(await measureThroughput({ durability, threads: count, projects, rounds, oneByOne }));
      }
    }
  }
  if (parts.includes('items')) {
    say('items');
    measured.items = await measureItems({
      durability: durabilities[0] ?? 'everysec',
      threads: 1,
      sizes: quick ? [10, 100, 1000] : [10, 100, 1000, 5000],
      items: quick ? 1000 : 5000,
      rounds,
    });
  }
  if (parts.includes('teams')) {
    say('teams');
    measured.teams = await measureTeams({ threads: threads[0] ?? 1, callMs: 300, runs: quick ? 5 : 20 });
  }
  say('done');
  const targets = compareWithTargets(measured);
  const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model ?? null, node: process.version };
  const document = JSON.stringify({ machine, quick, ...measured, targets }, null, 2);
  console.log(`${formatTables(measured)}\n\n${formatTargets('Redis and the producer', targets)}\n\n${document}`);
  if (values.out) await writeFile(values.out, `${document}\n`);
}
