/**
 * `npm run demo`: what the platform does, in a few seconds.
 *
 * Uses the server that answers at DEVTEAM_URL (http://localhost:3000), else a platform of its own that ends with it.
 */
import { openAsBlob } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, type Connection } from '../src/cli/client.ts';
import { projectPath, readDeliverables } from '../src/cli/projects.ts';
import { reportText } from '../src/cli/report.ts';
import { standardTerminal } from '../src/cli/terminal.ts';
import { watch } from '../src/cli/watch.ts';
import { readCliConfig } from '../src/config.ts';
import { demoPage } from './demo-page.ts';
import { startOwnPlatform } from './own-platform.ts';

const FILE = fileURLToPath(new URL('../examples/tasks.csv', import.meta.url));
const DESCRIPTION = 'Find out where the team loses time';
const HOURLY_RATE = 95;
const PROBE_WITHIN_MS = 2_000;

const terminal = standardTerminal(process);
const { print, style } = terminal;
const { title, next } = demoPage(terminal);

async function demo(): Promise<void> {
  const read = readCliConfig();
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const refusal = await whyNot(read.config);
  if (refusal === null) {
    print(`Using the server at ${read.config.url}.`);
    return show(read.config, true);
  }
  print(`${refusal} Starting a platform for this demo …`);
  const platform = await startOwnPlatform();
  try {
    print(`It serves ${platform.url} and ends with the demo.`);
    await show({ url: platform.url, apiKey: null }, false);
  } finally {
    await platform.stop();
  }
}

/** Null if a server answers that lets the demo in. */
async function whyNot({ url, apiKey }: Connection): Promise<string | null> {
  try {
    const response = await fetch(`${url}/api/projects?limit=1`, {
      headers: apiKey === null ? {} : { Authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(PROBE_WITHIN_MS),
    });
    if (response.status === 401) return `The server at ${url} wants an API key (DEVTEAM_API_KEY).`;
    const body = (await response.json()) as { projects?: unknown };
    return Array.isArray(body.projects) ? null : `Something else answers at ${url}.`;
  } catch {
    return `No server answers at ${url}.`;
  }
}

async function show(connection: Connection, stays: boolean): Promise<void> {
  const client = new Client(connection, terminal.complain);
  title('1  A list of activities and an hourly rate');
  print(`POST /api/projects with examples/tasks.csv and hourly_rate ${HOURLY_RATE}\n`);
  const first = await create(client, 'Where does our time go?', HOURLY_RATE);
  await watch(client, first, terminal);
  print(`\n${reportText(await readDeliverables(client, first, { most: 50 }), terminal)}`);

  title('2  The same without a rate: the platform asks');
  print('Only what needs the rate waits. When the rest is done, the demo answers the question.\n');
  const second = await create(client, 'The same, without a rate', null);
  await answerWhenTheRestIsDone(client, second);
  const cost = await readDeliverables(client, second, { type: 'cost_analysis', most: 1 });
  print(`\n${reportText(cost, terminal)}`);

  next(stays ? hereNext(connection.url, first) : NEXT);
}

async function create(client: Client, name: string, hourlyRate: number | null): Promise<string> {
  const form = new FormData();
  form.set('name', name);
  form.set('description', DESCRIPTION);
  if (hourlyRate !== null) form.set('hourly_rate', String(hourlyRate));
  form.set('file', await openAsBlob(FILE), 'tasks.csv');
  const { project_id } = await client.post<{ project_id: string }>('/api/projects', form);
  return project_id;
}

async function answerWhenTheRestIsDone(client: Client, projectId: string): Promise<void> {
  let question: string | null = null;
  let waiting = 0;
  await watch(client, projectId, terminal, async ({ event }) => {
    if (event.event_type === 'QUESTION.CREATED') question = event.payload.question.id;
    if (event.event_type === 'WORK.ITEM_DISPATCHED') waiting++;
    if (event.event_type === 'WORK.ITEM_REVIEWED') waiting--;
    if (question === null || waiting > 0 || event.event_type !== 'WORK.ITEM_REVIEWED') return;
    const { status } = await client.get<{ status: string }>(projectPath(projectId));
    print(style('cyan', `            ${status}: the demo answers ${HOURLY_RATE}, as \`devteam answer\` would`));
    await client.post(`/api/questions/${question}/answer`, { answer: HOURLY_RATE });
    question = null;
  });
}

const NEXT = [
  ['start the platform, in a terminal of its own: http://localhost:3000', 'npm start'],
  ['the first part of this demo', 'npx devteam project create --file examples/tasks.csv --rate 95 --watch'],
  ['all commands', 'npx devteam --help'],
  ['the API behind them; its reference: http://localhost:3000/docs', 'curl http://localhost:3000/api/projects'],
] as const;

const hereNext = (url: string, projectId: string) =>
  [
    ['every event of the first project', `npx devteam project events ${projectId}`],
    ['whether its log, folded again, gives the stored state', `npx devteam replay --verify ${projectId}`],
    ['who did the work', 'npx devteam actors'],
    [`the API behind it; its reference: ${url}/docs`, `curl ${url}${projectPath(projectId)}`],
  ] as const;

await demo();
