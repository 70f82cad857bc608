/**
 * `npm run bench:gateway`: what the LLM gateway does per second, adds and costs, beside Portkey in front of the same mock.
 *
 * Owns: the command line and the order of the measurements. Sides take turns within each round, so that whatever else
 * the machine does falls on all of them. Nothing fails because something is slow.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { startUsage } from '../process-usage.ts';
import type { Durability } from '../server.ts';
import { median } from '../statistics.ts';
import { formatTargets } from '../table.ts';
import { Load, measureLoad } from './load.ts';
import { measureMemory } from './memory.ts';
import { type Added, added, type ProbeTimes, probeAnswers, probeStreams } from './probe.ts';
import { profileRun } from './profile-run.ts';
import { type AddedRounds, compareWithTargets, formatResult, type GatewayResult } from './report.ts';
import { installRivals } from './rivals.ts';
import { type Sides, startSides } from './sides.ts';

const USAGE = `npm run bench:gateway -- [options]
  --quick                 everything small, for a first look (a minute)
  --profile               one run of ours at c = 16 under the profilers instead of the measurements
  --only PARTS            of load,probe,stream,memory
  --durability D,…        of everysec,always; default always, as shipped
  --rounds N              default 3
  --no-portkey            without the other gateway
  --out FILE              writes the JSON document there`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    only: { type: 'string', default: 'load,probe,stream,memory' },
    durability: { type: 'string', default: 'always' },
    rounds: { type: 'string' },
    'no-portkey': { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

const DURABILITIES: readonly Durability[] = ['everysec', 'always'];
const PARTS = ['load', 'probe', 'stream', 'memory'] as const;
const CONNECTIONS = [1, 16, 64];
const MEMORY_CONNECTIONS = 16;
const TOKEN_DELAY_MS = 2;

const { quick } = values;
const rounds = Number(values.rounds ?? (quick ? 1 : 3));
const plan = quick
  ? { warmUpSeconds: 1, seconds: 2, probes: 400, streams: 100, pacedStreams: 30, requests: 20_000, every: 5_000 }
  : { warmUpSeconds: 2, seconds: 5, probes: 1500, streams: 300, pacedStreams: 100, requests: 200_000, every: 20_000 };

const startedMs = performance.now();
const say = (what: string) =>
  console.error(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${what}`);

if (values.help) console.log(USAGE);
else await run();

async function run(): Promise<void> {
  const durabilities = chosen('durability', values.durability, DURABILITIES);
  const parts = new Set(chosen('only', values.only, PARTS));
  const rivals = await installRivals();
  if ('problem' in rivals) {
    say(`Portkey and autocannon cannot be installed (${rivals.problem}): only our latency can be measured`);
    parts.delete('load');
    parts.delete('memory');
  }
  const folder = 'folder' in rivals ? rivals.folder : null;
  const load = folder ? await Load.start(folder) : null;
  try {
    if (values.profile) {
      if (!load) throw new Error('the profile takes autocannon');
      for (const durability of durabilities) {
        console.log(await profileRun(load, { durability, seconds: quick ? 4 : 10 }));
      }
      return;
    }
    const results: GatewayResult[] = [];
    for (const durability of durabilities) results.push(await measure(durability, parts, load, folder));
    const targets = results.flatMap(compareWithTargets);
    say('done');
    console.log(
      `${results.map(formatResult).join('\n\n')}\n\n${formatTargets('the mock, the load, Redis and Portkey', targets)}`,
    );
    const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model ?? null, node: process.version };
    if (values.out) await writeFile(values.out, `${JSON.stringify({ machine, quick, results, targets }, null, 2)}\n`);
  } finally {
    await load?.stop();
  }
}

function chosen<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  return text.split(',').map((word) => {
    const found = known.find((each) => each === word.trim());
    if (!found) throw new Error(`--${option} takes ${known.join(', ')}, not ${word}`);
    return found;
  });
}

async function measure(
  durability: Durability,
  parts: ReadonlySet<(typeof PARTS)[number]>,
  load: Load | null,
  folder: string | null,
): Promise<GatewayResult> {
  const portkeyFolder = values['no-portkey'] ? null : folder;
  const result: GatewayResult = {
    durability,
    load: [],
    directMs: [],
    added: [],
    memory: null,
    ledger: { counted: 0, answered: 0 },
    othersCores: 0,
  };
  const others: { coreSeconds: number; seconds: number }[] = [];
  /** Runs `work` on freshly started sides, then takes stock of the ledger and of who else used the machine. */
  const withSides = async (
    options: { tokenDelayMs?: number; portkeyFolder: string | null },
    work: (sides: Sides) => Promise<number>,
  ) => {
    const sides = await startSides({ durability, ...options });
    try {
      const before = await sides.ledgerRequests();
      const pids = [process.pid, sides.mockPid, sides.server.pid, ...sides.all.map(({ pid }) => pid)];
      const usage = startUsage({ bench: [...new Set(load ? [...pids, load.pid] : pids)] });
      result.ledger.answered += await work(sides);
      const { othersCpuSeconds, seconds } = usage();
      others.push({ coreSeconds: othersCpuSeconds, seconds });
      result.ledger.counted += (await sides.ledgerRequests()) - before;
    } finally {
      await sides.stop();
    }
  };

  if (parts.has('load') || parts.has('probe') || parts.has('stream')) {
    say(`${durability}: starting all sides`);
    await withSides({ portkeyFolder }, async (sides) => {
      let answered = 0;
      if (load && parts.has('load')) {
        // The first round would otherwise see code that is not compiled yet.
        for (const side of sides.all) {
          const { answered: first } = await load.put(side, { connections: 16, seconds: 1.5 * plan.warmUpSeconds });
          if (side.name === 'ours') answered += first;
        }
      }
      for (let round = 0; round < rounds; round++) {
        if (load && parts.has('load')) answered += await loadRound(load, sides, round, result);
        if (parts.has('probe')) {
          say(`round ${round + 1} of ${rounds}: ${plan.probes} answers one at a time`);
          const times = await probeAnswers(sides.all, plan.probes);
          result.directMs.push(median(times.direct));
          note(result, times, (side) => side.answers);
          answered += times.ours.length;
        }
        if (parts.has('stream')) answered += await streamRound(sides, round, result, 'at once', plan.streams);
      }
      return answered;
    });
  }
  if (parts.has('stream')) {
    await withSides({ portkeyFolder, tokenDelayMs: TOKEN_DELAY_MS }, async (sides) => {
      let answered = 0;
      for (let round = 0; round < rounds; round++) {
        answered += await streamRound(sides, round, result, 'paced', plan.pacedStreams);
      }
      return answered;
    });
  }
  if (load && parts.has('memory')) {
    const { requests, every } = plan;
    say(`memory over ${requests} requests`);
    await withSides({ portkeyFolder: null }, async (sides) => {
      result.memory = await measureMemory(load, sides, { connections: MEMORY_CONNECTIONS, requests, every });
      return requests - result.memory.failed;
    });
  }
  const sum = (figure: 'coreSeconds' | 'seconds') => others.reduce((total, each) => total + each[figure], 0);
  result.othersCores = sum('coreSeconds') / sum('seconds');
  return result;
}

/** Resolves with how many requests our gateway has answered. */
async function loadRound(load: Load, sides: Sides, round: number, result: GatewayResult): Promise<number> {
  const samples: GatewayResult['load'][number] = [];
  for (const connections of CONNECTIONS) {
    for (let i = 0; i < sides.all.length; i++) {
      const side = sides.all[(i + round) % sides.all.length] as Sides['all'][number];
      const sample = await measureLoad(load, sides, side, { connections, ...plan });
      say(
        `round ${round + 1} of ${rounds}: ${side.name.padEnd(7)} c = ${connections}: ${sample.perSecond.toFixed(0)} req/s, ${sample.cpuUsPerRequest.toFixed(0)} µs, ${sample.failures || 'none'} failed`,
      );
      samples.push(sample);
    }
  }
  result.load.push(samples);
  return samples.reduce((sum, { side, answered }) => sum + (side === 'ours' ? answered : 0), 0);
}

async function streamRound(
  sides: Sides,
  round: number,
  result: GatewayResult,
  kind: 'at once' | 'paced',
  count: number,
): Promise<number> {
  say(`round ${round + 1} of ${rounds}: ${count} streams one at a time, ${kind}`);
  const { firstTokenMs, streamMs } = await probeStreams(sides.all, count);
  note(result, firstTokenMs, (side) => side.firstToken[kind]);
  note(result, streamMs, (side) => side.stream[kind]);
  return firstTokenMs.ours.length;
}

/** Keeps what each side but the direct way has added in a round. */
function note(result: GatewayResult, times: ProbeTimes, list: (side: AddedRounds) => Added[]): void {
  for (const name of ['ours', 'portkey'] as const) {
    if (times[name].length === 0) continue;
    let side = result.added.find((each) => each.side === name);
    if (!side) {
      const none = () => ({ 'at once': [], paced: [] });
      side = { side: name, answers: [], firstToken: none(), stream: none() };
      result.added.push(side);
    }
    list(side).push(added(times, name));
  }
}
