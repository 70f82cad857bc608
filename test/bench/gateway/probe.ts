/** One request at a time to each side in turn, over connections that stay open: what a side adds to the direct way. */
import { Client } from 'undici';
import { percentile } from '../statistics.ts';
import { chatBody, PATH, type Side, type SideName } from './sides.ts';

export type Series = 'answerMs' | 'firstTokenMs' | 'streamMs';
export type ProbeTimes = Record<SideName, number[]>;

/** Of one round: what a side's percentile is above the one of the direct way. */
export interface Added {
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
}

const WARM_UP = 50;
export const STREAM_CHUNKS = 20;

export async function probeAnswers(sides: readonly Side[], count: number): Promise<ProbeTimes> {
  const body = chatBody({ max_tokens: 64 });
  return (await probe(sides, count, (client, side) => askOnce(client, side, body), ['answerMs'])).answerMs;
}

export async function probeStreams(
  sides: readonly Side[],
  count: number,
): Promise<Record<'firstTokenMs' | 'streamMs', ProbeTimes>> {
  const body = chatBody({ max_tokens: STREAM_CHUNKS, stream: true });
  return await probe(sides, count, (client, side) => streamOnce(client, side, body), ['firstTokenMs', 'streamMs']);
}

export function added(times: ProbeTimes, side: SideName): Added {
  const at = (share: number) => percentile(times[side], share) - percentile(times.direct, share);
  return { p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99) };
}

async function probe<S extends Series>(
  sides: readonly Side[],
  count: number,
  ask: (client: Client, side: Side) => Promise<Record<S, number>>,
  series: readonly S[],
): Promise<Record<S, ProbeTimes>> {
  const clients = sides.map((side) => ({ side, client: new Client(side.origin) }));
  const none = (): ProbeTimes => ({ direct: [], ours: [], portkey: [] });
  const times = Object.fromEntries(series.map((name) => [name, none()])) as Record<S, ProbeTimes>;
  const warmUp = Math.min(WARM_UP, count);
  try {
    for (let turn = -warmUp; turn < count; turn++) {
      for (let i = 0; i < clients.length; i++) {
        // Each side follows each other one as often.
        const { side, client } = clients[(i + turn + warmUp) % clients.length] as (typeof clients)[number];
        const measured = await ask(client, side);
        if (turn < 0) continue;
        for (const name of series) times[name][side.name].push(measured[name]);
      }
    }
  } finally {
    await Promise.all(clients.map(({ client }) => client.destroy()));
  }
  return times;
}

async function askOnce(client: Client, side: Side, body: string): Promise<Record<'answerMs', number>> {
  const started = performance.now();
  const answer = await client.request({ method: 'POST', path: PATH, headers: side.headers, body });
  const text = await answer.body.text();
  const answerMs = performance.now() - started;
  if (answer.statusCode !== 200) throw new Error(`${side.name}: ${answer.statusCode} ${text.slice(0, 300)}`);
  return { answerMs };
}

async function streamOnce(
  client: Client,
  side: Side,
  body: string,
): Promise<Record<'firstTokenMs' | 'streamMs', number>> {
  const started = performance.now();
  const answer = await client.request({ method: 'POST', path: PATH, headers: side.headers, body });
  let text = '';
  let firstTokenMs = 0;
  for await (const piece of answer.body) {
    text += piece;
    if (firstTokenMs === 0 && CONTENT.test(text)) firstTokenMs = performance.now() - started;
  }
  const streamMs = performance.now() - started;
  const chunks = text.split(CONTENT).length - 1;
  if (answer.statusCode !== 200 || chunks !== STREAM_CHUNKS || !text.includes('[DONE]')) {
    throw new Error(`${side.name}: ${answer.statusCode}, ${chunks} chunks: ${text.slice(0, 300)}`);
  }
  return { firstTokenMs, streamMs };
}

/** The first event names the role, with empty content. */
const CONTENT = /"content":\s*"(?=[^"])/;
