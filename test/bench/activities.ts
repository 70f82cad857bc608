/**
 * `npm run bench:activities`: a large file of activities, from upload to report.
 *
 * Owns: the file, and what is told of its way: when each result was there, the largest event, the most memory. Nothing
 * fails because something is slow.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Envelope } from '../../schemas/types.ts';
import { Platform } from './platform.ts';
import { peakResidentBytes } from './process-usage.ts';
import { type BenchServer, startServer } from './server.ts';

const USAGE = `npm run bench:activities -- [options]
  --rows N,…        default 500,5000,50000
  --threads N       default 1
  --same PERCENT    rows whose text occurs more than once, default 60
  --categories N    default 40
  --profile FOLDER  writes CPU profiles there`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    rows: { type: 'string', default: '500,5000,50000' },
    threads: { type: 'string', default: '1' },
    same: { type: 'string', default: '60' },
    categories: { type: 'string', default: '40' },
    profile: { type: 'string' },
  },
});

const GIVE_UP_MS = 120_000;
const POLL_MS = 20;
const WORDS = ['invoice', 'review', 'customer', 'export', 'meeting', 'report', 'ticket', 'deploy', 'budget', 'audit'];

/** Half of the texts that recur are those of a few routines, the others occur two or three times. */
function csvOf(rows: number, samePercent: number, categories: number): string {
  const lines = ['Task,Category,Time spent (min)'];
  for (let i = 0; i < rows; i++) {
    const routine = i % 100 < samePercent / 2;
    const again = i % 100 < samePercent;
    const number = routine ? i % 97 : again ? Math.floor((i * 7919) % (rows / 4)) : rows + i;
    const words = [0, 1, 2, 3].map((place) => WORDS[(number * (place + 3) + place) % WORDS.length]);
    lines.push(`"${words.join(' ')} no ${number}, weekly",area ${number % categories},${5 + (i % 90)}`);
  }
  return lines.join('\n');
}

interface Told {
  project_id: string;
  status: string;
}

async function upload(url: string, csv: string): Promise<string> {
  const form = new FormData();
  form.set('name', 'Activities');
  form.set('description', 'Find out where the team loses time');
  form.set('hourly_rate', '95');
  form.set('file', new Blob([csv]), 'activities.csv');
  const response = await fetch(`${url}/api/projects`, { method: 'POST', body: form });
  if (response.status !== 201) throw new Error(`the upload is refused: ${await response.text()}`);
  return ((await response.json()) as Told).project_id;
}

async function ended(url: string, projectId: string): Promise<string> {
  for (const startedMs = performance.now(); performance.now() - startedMs < GIVE_UP_MS; await delay(POLL_MS)) {
    const response = await fetch(`${url}/api/projects/${projectId}`);
    const { status } = (await response.json()) as Told;
    if (status !== 'CREATED' && status !== 'IN_PROGRESS') return status;
  }
  throw new Error(`project ${projectId} does not end`);
}

interface Logged {
  event: Envelope;
  bytes: number;
}

async function eventsOf({ redis }: BenchServer, { keys }: Platform, projectId: string): Promise<Logged[]> {
  const entries = await redis.xrange(keys.log, '-', '+');
  return entries
    .map(([, fields]) => fields[fields.indexOf('event') + 1] as string)
    .filter((text) => text.includes(projectId))
    .map((text) => ({ event: JSON.parse(text) as Envelope, bytes: Buffer.byteLength(text) }));
}

const stageOf = ({ event_type, source }: Envelope): string | null =>
  event_type === 'DELIVERABLE.PUBLISHED' ? source : event_type === 'PROJECT.COMPLETED' ? 'completed' : null;

const inKib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;

async function measure(server: BenchServer, platform: Platform, rows: number): Promise<void> {
  const csv = csvOf(rows, Number(values.same), Number(values.categories));
  const startedMs = Date.now();
  const projectId = await upload(platform.url, csv);
  const acceptedMs = Date.now();
  const status = await ended(platform.url, projectId);
  const seconds = (Date.now() - startedMs) / 1000;
  const logged = await eventsOf(server, platform, projectId);
  const largest = logged.reduce((most, each) => (each.bytes > most.bytes ? each : most));
  const stages = logged.flatMap(({ event }) => {
    const stage = stageOf(event);
    return stage === null ? [] : [`${stage} ${Date.parse(event.timestamp) - startedMs}`];
  });
  console.log(
    `${rows} rows (${inKib(csv.length)}): ${status} after ${seconds.toFixed(2)} s; ` +
      `largest event ${inKib(largest.bytes)} (${largest.event.event_type}); peak ${inKib(peakResidentBytes(platform.pid))}`,
  );
  console.log(`  ms since the upload began: accepted ${acceptedMs - startedMs}, ${stages.join(', ')}`);
}

async function main(): Promise<void> {
  const server = await startServer('always');
  try {
    const platform = await Platform.start(server, {
      threads: Number(values.threads),
      ...(values.profile !== undefined && { profileDirectory: values.profile }),
      env: { LLM_TEST_MODE: 'true', HTTP_MAX_UPLOAD_BYTES: '104857600' },
    });
    try {
      for (const rows of values.rows.split(',')) await measure(server, platform, Number(rows));
    } finally {
      await platform.stop();
    }
  } finally {
    await server.stop();
  }
}

if (values.help) console.log(USAGE);
else await main();
