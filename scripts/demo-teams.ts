/**
 * `npm run demo:teams`: three teams of agents at work, in half a minute.
 *
 * Always on a platform of its own, which ends with it: its models are played back from a file, and no server that does
 * real work should get these.
 */
import { fileURLToPath } from 'node:url';
import { Client } from '../src/cli/client.ts';
import { readDeliverables } from '../src/cli/projects.ts';
import { reportText } from '../src/cli/report.ts';
import { followRun, newsOf, runPath, runsPath, type TeamRun } from '../src/cli/team-runs.ts';
import { plain, standardTerminal, table } from '../src/cli/terminal.ts';
import { progressText, watch } from '../src/cli/watch.ts';
import { demoPage } from './demo-page.ts';
import { startOwnPlatform } from './own-platform.ts';

const ANSWERS = 'examples/team-answers.json';
const SCRIPT = fileURLToPath(new URL(`../${ANSWERS}`, import.meta.url));

const terminal = standardTerminal(process);
const { print, style } = terminal;
const { title, heading, quote, next } = demoPage(terminal);

const SUPPORT = {
  request_text:
    'Hello, since yesterday our night export to the SFTP server stops with "host key verification failed". The carrier needs the files on Friday. What can we do? Marta Kowalska',
  context: {
    customer_name: 'Ms Kowalska',
    product: 'Desk 5.2',
    history: [{ date: '2026-03-09', text: 'The export failed, solved with a new host key' }],
    knowledge_base: [{ title: 'Trust a new SFTP host key', url: 'https://kb.example.com/sftp-host-key' }],
  },
};
const ANALYSIS = {
  request_text: `Incident report 2026-118
What happened: on 2026-10-12 card payments failed from 08:52 to 10:26. 3,120 payments were refused, about 41,000 euros in sales were lost.
Cause: the certificate of the connection to NordPay in the data centre Hamburg had expired. The warning was raised 14 days before, sent to certs@ only, a mailbox without an owner. It was renewed at 10:17, up at 10:26.
Open: the certificates of refunds and of payouts expire on 2026-10-30. J. Haddad of the payments team looks after them.`,
};
const PROJECT = {
  name: 'Mail of Ms Lindqvist',
  description:
    'Reply to this email from Ms Lindqvist, Fjord Interiors: "Dear all, could we have twelve chairs instead of ten with order 5530, and could they come on 14 December? Best wishes, Eva Lindqvist"',
};

async function demo(): Promise<void> {
  print('Starting a platform for this demo …');
  const platform = await startOwnPlatform({ LLM_TEST_MODE: 'true', LLM_TEST_SCRIPT: SCRIPT });
  try {
    print(`It serves ${platform.url} and ends with the demo.`);
    print(
      style(
        'yellow',
        `No language model is asked. What the agents say was written beforehand, stands in ${ANSWERS} and is played back
by the test provider; all else is as usual. Tokens are those of these texts, and cost nothing.`,
      ),
    );
    await show(new Client({ url: platform.url, apiKey: null }, terminal.complain));
  } finally {
    await platform.stop();
  }
}

async function show(client: Client): Promise<void> {
  title('1  A support case: three agents, one after the other');
  showSupport(await run(client, 'support_team', SUPPORT));

  title('2  A document to analyze: five agents, each sees what the ones before have found');
  showAnalysis(await run(client, 'analysis_team', ANALYSIS));

  title('3  A project whose text chooses a team');
  quote(`POST /api/projects\n${PROJECT.description}`);
  const { project_id } = await client.post<{ project_id: string }>('/api/projects', PROJECT);
  await watch(client, project_id, terminal);
  print(`\n${reportText(await readDeliverables(client, project_id, { type: 'team_result', most: 1 }), terminal)}`);

  next(NEXT);
}

async function run(client: Client, team: string, request: object & { request_text: string }): Promise<TeamRun> {
  quote(`POST ${runsPath(team)}\n${request.request_text}`);
  const startedMs = performance.now();
  const { run_id } = await client.post<{ run_id: string }>(runsPath(team), request);
  let before: TeamRun | null = null;
  for await (const now of followRun(client, runPath(team, run_id), terminal.complain)) {
    const took = now.steps.filter(({ status }) => status === 'COMPLETED').map(({ duration_ms }) => duration_ms);
    let told = before?.steps.filter(({ status }) => status === 'COMPLETED').length ?? 0;
    for (const line of newsOf(now, before, (performance.now() - startedMs) / 1000)) {
      const text = line.label === 'done' ? `${line.text}, ${took[told++]} ms` : line.text;
      print(progressText({ ...line, text }, terminal));
    }
    before = now;
  }
  const ended = before as TeamRun | null;
  if (ended?.status !== 'COMPLETED') throw new Error(`${team}: ${ended?.error?.reason ?? 'the run cannot be read'}`);
  print('');
  return ended;
}

type Content = Readonly<Record<string, unknown>>;

const artifact = <Shape>({ result }: TeamRun, kind: string): Shape =>
  (result?.artifacts as { kind: string; content: unknown }[] | undefined)?.find((one) => one.kind === kind)
    ?.content as Shape;

function showSupport(ended: TeamRun): void {
  interface Answer {
    full_response: string;
    confidence: number;
    resources: { title: string; url: string }[];
  }
  const { full_response, confidence, resources } = artifact<Answer>(ended, 'support_answer');
  const { summary } = artifact<{ summary: string }>(ended, 'support_metrics');
  heading('Answer', `confidence ${confidence}`);
  quote(full_response);
  heading('Resources', 'an address that is not in the knowledge base is taken out');
  for (const { title: name, url } of resources) print(`  ${plain(name)}: ${plain(url) || '(no address)'}`);
  heading('Measured', 'for those who look after support');
  print(`  ${plain(summary)}`);
  used(ended);
}

function showAnalysis(ended: TeamRun): void {
  interface Report {
    executive_summary: string;
    key_findings: { finding: string; severity: string; evidence: string }[];
    recommendations: { recommendation: string; priority: string; rationale: string }[];
    risk_summary: { overall_risk: string };
  }
  const { executive_summary, key_findings, recommendations, risk_summary } = artifact<Report>(ended, 'report');
  heading('Report', `overall risk ${risk_summary.overall_risk}`);
  quote(executive_summary);
  heading('Findings');
  for (const { finding, severity, evidence } of key_findings) {
    print(`  ${plain(severity).padEnd(10)}${plain(finding)}\n            ${style('dim', plain(evidence))}`);
  }
  heading('Recommendations');
  for (const { recommendation, priority, rationale } of recommendations) {
    print(`  ${plain(priority).padEnd(10)}${plain(recommendation)} ${style('dim', plain(rationale))}`);
  }
  used(ended);
}

/** What the run has used, by agent. */
function used({ result, token_usage }: TeamRun): void {
  const { token_usage: usage } = (result?.details ?? {}) as { token_usage?: { agents: Record<string, Content> } };
  const rows = [...Object.entries(usage?.agents ?? {}), ['all', { ...token_usage }] as const];
  heading('Used');
  const of =
    (name: string) =>
    ([, counts]: (typeof rows)[number]) =>
      String((counts as Content)[name] ?? '');
  const counts = table(
    rows,
    [
      { title: 'AGENT', of: ([agent]) => agent },
      { title: 'CALLS', of: of('requests'), right: true },
      { title: 'TOKENS', of: of('total_tokens'), right: true },
      { title: 'USD', of: of('cost_usd'), right: true },
    ],
    terminal,
  );
  print(counts.replace(/^/gm, '  '));
}

const NEXT = [
  ['start the platform, in a terminal of its own: http://localhost:3000', 'npm start'],
  ['which teams there are', 'npx devteam team list'],
  [
    'let one work; without a provider key its answers are made up from the text',
    'npx devteam team run support_team "I cannot log in" --wait',
  ],
  ['check all teams and patterns with prepared cases', 'npm run eval'],
  ['with real models', 'ANTHROPIC_API_KEY=… npm start'],
  ['read on', 'README.md, ARCHITECTURE.md; the API: http://localhost:3000/docs'],
] as const;

await demo();
