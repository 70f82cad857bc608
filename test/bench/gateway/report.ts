/** The measurements as tables for people, and beside the targets. */
import type { Durability } from '../server.ts';
import { type Spread, spread } from '../statistics.ts';
import { type TargetResult, table } from '../table.ts';
import type { LoadSample } from './load.ts';
import type { MemoryResult } from './memory.ts';
import type { Added } from './probe.ts';
import type { SideName } from './sides.ts';

export type StreamKind = 'at once' | 'paced';

/** What one side adds, one entry per round. */
export interface AddedRounds {
  side: SideName;
  answers: Added[];
  firstToken: Record<StreamKind, Added[]>;
  stream: Record<StreamKind, Added[]>;
}

export interface GatewayResult {
  durability: Durability;
  /** One list per round. */
  load: LoadSample[][];
  /** Median of the direct way by round. */
  directMs: number[];
  added: AddedRounds[];
  memory: MemoryResult | null;
  /** Counted by our ledger, and answered to the bench. */
  ledger: { counted: number; answered: number };
  /** Cores in use by anything but the bench, from its start to its end. */
  othersCores: number;
}

const SIDES: readonly SideName[] = ['direct', 'ours', 'portkey'];
/** Growth that counts as none. */
const FLAT_BYTES_PER_100K = 10e6;

const mega = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const range = ({ median, min, max }: Spread, digits = 0) =>
  min === max ? median.toFixed(digits) : `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;

function samplesOf({ load }: GatewayResult, side: SideName, connections: number): LoadSample[] {
  return load.flat().filter((sample) => sample.side === side && sample.connections === connections);
}

function connectionsOf({ load }: GatewayResult): number[] {
  return [...new Set(load.flat().map(({ connections }) => connections))];
}

/** Ours by Portkey's, round by round. */
function ratios(result: GatewayResult, connections: number, figure: 'perSecond' | 'cpuUsPerRequest'): number[] {
  const ours = samplesOf(result, 'ours', connections);
  const theirs = samplesOf(result, 'portkey', connections);
  return theirs.map((sample, round) => (ours[round] as LoadSample)[figure] / sample[figure]);
}

export function formatResult(result: GatewayResult): string {
  const { durability, added, memory, ledger, directMs } = result;
  const parts: string[] = [];
  if (result.load.length > 0) {
    const rows = connectionsOf(result).flatMap((connections) =>
      SIDES.map((side) => ({ side, samples: samplesOf(result, side, connections) }))
        .filter(({ samples }) => samples.length > 0)
        .map(({ side, samples }) => {
          const of = (figure: Exclude<keyof LoadSample, 'side' | 'failures'>) =>
            spread(samples.map((sample) => sample[figure]));
          return [
            String(connections),
            side === 'direct' ? 'direct (the mock)' : side,
            range(of('perSecond')),
            `${of('p50Ms').median} / ${of('p99Ms').median}`,
            range(of('cpuUsPerRequest')),
            side === 'ours' ? range(of('redisCpuUsPerRequest')) : '–',
            mega(of('residentBytes').max),
            String(samples.reduce((sum, { failed }) => sum + failed, 0)),
            of('othersCores').median.toFixed(2),
          ];
        }),
    );
    parts.push(
      table(
        `Closed loop, not streamed, ${durability}: median (min–max) of the rounds. CPU µs per request of the side's process and of our Redis; others: cores in use by anything else.`,
        ['c', 'side', 'req/s', 'p50 / p99 ms', 'CPU µs', 'Redis µs', 'RSS', 'failed', 'others'],
        rows,
      ),
    );
    const compared = connectionsOf(result).filter(
      (connections) => samplesOf(result, 'portkey', connections).length > 0,
    );
    if (compared.length > 0) {
      parts.push(
        table(
          `Ours by Portkey's, ${durability}, round by round`,
          ['c', 'req/s', 'CPU per request'],
          compared.map((connections) => [
            String(connections),
            range(spread(ratios(result, connections, 'perSecond')), 2),
            range(spread(ratios(result, connections, 'cpuUsPerRequest')), 2),
          ]),
        ),
      );
    }
  }
  const rows = added.flatMap(({ side, answers, firstToken, stream }) =>
    (
      [
        ['answer', answers],
        ['first token, at once', firstToken['at once']],
        ['first token, paced', firstToken.paced],
        ['stream, at once', stream['at once']],
        ['stream, paced', stream.paced],
      ] as const
    )
      .filter(([, rounds]) => rounds.length > 0)
      .map(([what, rounds]) => [
        what,
        side,
        ...(['p50Ms', 'p90Ms', 'p99Ms'] as const).map((at) => range(spread(rounds.map((round) => round[at])), 2)),
      ]),
  );
  if (rows.length > 0) {
    const direct = directMs.length > 0 ? `; a direct answer takes ${range(spread(directMs), 2)}` : '';
    parts.push(
      table(
        `One at a time, ${durability}: ms above the direct way, percentile by percentile, median (min–max) of the rounds${direct}.`,
        ['what', 'side', 'p50', 'p90', 'p99'],
        rows.toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
      ),
    );
  }
  if (memory) {
    const points = memory.samples.map(
      ({ requests, residentBytes }) => `${requests / 1000}k ${(residentBytes / 1e6).toFixed(0)}`,
    );
    parts.push(
      `Memory of ours, ${durability}, c = ${memory.connections}, MB resident: idle ${(memory.idleBytes / 1e6).toFixed(0)}, after ${points.join(', ')}; ` +
        `second half ${(memory.bytesPer100kRequests / 1e6).toFixed(1)} MB per 100,000 requests, ${memory.failed} failed`,
    );
  }
  parts.push(
    `Ledger: ${ledger.counted} requests counted, ${ledger.answered} answered. Other processes took ${result.othersCores.toFixed(2)} cores on average.`,
  );
  return parts.join('\n\n');
}

export function compareWithTargets(result: GatewayResult): TargetResult[] {
  const targets: TargetResult[] = [];
  const judge = (figure: string, target: string, measured: string, reached: boolean) =>
    targets.push({ figure: `${figure}, ${result.durability}`, target, measured, reached });
  const most = (figure: string, value: Spread, limit: number, digits: number, unit: string) =>
    judge(figure, `≤ ${limit} ${unit}`, `${range(value, digits)} ${unit}`, value.median <= limit);

  const ours = samplesOf(result, 'ours', 16);
  if (ours.length > 0) {
    const perSecond = spread(ours.map((sample) => sample.perSecond));
    const ratio = ratios(result, 16, 'perSecond');
    if (ratio.length > 0) {
      const { median } = spread(ratio);
      judge("req/s by Portkey's, c = 16", '≥ 3', range(spread(ratio), 2), median >= 3);
    }
    judge('req/s, c = 16', '≥ 5000', range(perSecond), perSecond.median >= 5000);
    most('CPU per request, c = 16', spread(ours.map((sample) => sample.cpuUsPerRequest)), 200, 0, 'µs');
    const failed = result.load.flat().reduce((sum, { side, failed }) => sum + (side === 'ours' ? failed : 0), 0);
    judge('failed requests under load', '0', String(failed), failed === 0);
  }
  const rounds = result.added.find(({ side }) => side === 'ours');
  const p50 = (values: readonly Added[]) => spread(values.map(({ p50Ms }) => p50Ms));
  if (rounds && rounds.answers.length > 0) most('added p50, one at a time', p50(rounds.answers), 0.4, 2, 'ms');
  for (const kind of ['at once', 'paced'] as const) {
    const values = rounds?.firstToken[kind] ?? [];
    if (values.length > 0) most(`added time to first token, ${kind}, p50`, p50(values), 1, 2, 'ms');
  }
  const { memory } = result;
  if (memory) {
    const above = Math.max(...memory.samples.map(({ residentBytes }) => residentBytes)) - memory.idleBytes;
    judge('resident memory above idle', '≤ 150 MB', mega(above), above <= 150e6);
    const growth = memory.bytesPer100kRequests;
    const shown = `${(growth / 1e6).toFixed(1)} MB`;
    judge('growth per 100,000 requests, second half', '≤ 10 MB', shown, growth <= FLAT_BYTES_PER_100K);
    judge('failed requests, memory', '0', String(memory.failed), memory.failed === 0);
  }
  const { counted, answered } = result.ledger;
  judge('requests in the ledger by answered ones', '≥ 1', (counted / answered).toFixed(4), counted >= answered);
  return targets;
}
