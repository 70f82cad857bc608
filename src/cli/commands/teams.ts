/** `devteam team list`, `run` and `show`: teams of agents and what they work on. */
import { type Command, command, type Values } from '../command.ts';
import { EXIT_FAILURE, UsageError } from '../failures.ts';
import { numberOption, readJson, readText } from '../inputs.ts';
import { statusText } from '../projects.ts';
import {
  endText,
  followRun,
  newsOf,
  runPath,
  runsPath,
  runText,
  type Team,
  type TeamRun,
  teamColumns,
} from '../team-runs.ts';
import { table } from '../terminal.ts';
import { progressText } from '../watch.ts';

const listCommand = command({
  path: 'team list',
  summary: 'List the teams of agents',
  arguments: [],
  options: {},
  notes: ['--json tells more: what each member is for, and which keys of a context it is handed.'],
  examples: ['team list', 'team list --json'],
  async run({ client, terminal, show }) {
    const answer = await client.get<{ teams: Team[] }>('/api/teams');
    show(answer, ({ teams }) => table(teams, teamColumns, terminal));
    return 0;
  },
});

const options = {
  file: { type: 'string', value: 'path', about: 'The request from a file, instead of the text; - is stdin' },
  pattern: { type: 'string', value: 'name', about: 'sequential, parallel, hierarchical or iterative; else its own' },
  teams: { type: 'string', value: 'list', about: 'Teams to hand the work to, as in analysis_team,email_team' },
  context: { type: 'string', value: 'path', about: 'JSON object of what the members may look at besides' },
  'max-iterations': { type: 'string', value: 'number', about: 'Rounds of a loop at most, 1 to 10' },
  'quality-threshold': { type: 'string', value: 'number', about: 'Score that ends a loop, 0 to 1' },
  wait: { type: 'boolean', short: 'w', about: 'Show the steps until the run has ended, then its result' },
} as const;

const runCommand = command({
  path: 'team run',
  summary: 'Let a team work on a request',
  arguments: ['<team>', '[text]'],
  options,
  notes: [
    'With --wait the exit code is 0 only for a completed run, and --json prints the run as it is at the end.',
    '--teams is for the hierarchical pattern.',
  ],
  examples: [
    'team run email_team "Where is order 4711? It should have been here on Monday." --wait',
    'team run writing_team --file draft.txt --pattern iterative --max-iterations 2 --wait',
    'team run support_team "Assess the outage" --pattern hierarchical --teams analysis_team,email_team --wait',
  ],
  async run({ client, terminal, given: [team = '', text], options: given, json, show, note }) {
    const startedMs = performance.now();
    const accepted = await client.post<{ run_id: string }>(runsPath(team), await request(text, given));
    const { run_id: id } = accepted;
    const hint = `devteam team show ${team} ${id}`;
    if (!given.wait) {
      show(accepted, () => `Run ${id} accepted\n${hint}`);
      return 0;
    }
    if (!json) terminal.print(`Run ${id} accepted`);
    let before: TeamRun | null = null;
    for await (const run of followRun(client, runPath(team, id), note)) {
      const news = newsOf(run, before, (performance.now() - startedMs) / 1000);
      if (!json) for (const line of news) terminal.print(progressText(line, terminal));
      before = run;
    }
    const run = before as TeamRun | null;
    if (!run) return EXIT_FAILURE;
    show(run, () => [statusText(run.status, terminal), endText(run, terminal), hint].join('\n'));
    return run.status === 'COMPLETED' ? 0 : EXIT_FAILURE;
  },
});

/** @throws UsageError */
async function request(text: string | undefined, given: Values<typeof options>): Promise<unknown> {
  const { file, pattern, teams } = given;
  if ((text === undefined) === (file === undefined)) throw new UsageError('Give a text, or a --file with it.');
  const max_iterations = numberOption('--max-iterations', given['max-iterations']);
  const quality_threshold = numberOption('--quality-threshold', given['quality-threshold']);
  const fromFile = given.context === undefined ? undefined : await contextOf(given.context);
  const named = teams === undefined ? undefined : { teams: teams.split(',').map((team) => team.trim()) };
  return {
    request_text: file === undefined ? text : await readText(file, '--file'),
    ...(pattern !== undefined && { pattern }),
    ...((fromFile ?? named) && { context: { ...fromFile, ...named } }),
    ...(max_iterations !== undefined && { max_iterations }),
    ...(quality_threshold !== undefined && { quality_threshold }),
  };
}

async function contextOf(file: string): Promise<object> {
  const value = await readJson(file, '--context');
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`--context: ${file} must hold a JSON object.`);
}

const showCommand = command({
  path: 'team show',
  summary: 'Show a run: its steps, what they used, its result',
  arguments: ['<team>', '<run>'],
  options: { memory: { type: 'boolean', about: 'Also what the members share: findings, what was said and decided' } },
  examples: ['team show email_team 5491ea29-7156-40d7-8a1e-3c345ddc8069', 'team show <team> <run> --memory --json'],
  async run({ client, terminal, given: [team = '', id = ''], options: { memory }, show }) {
    const query = memory ? { include: 'shared_context' } : {};
    show(await client.get<TeamRun>(runPath(team, id), query), (run) => runText(run, terminal));
    return 0;
  },
});

export const teamCommands: readonly Command[] = [listCommand, runCommand, showCommand];
