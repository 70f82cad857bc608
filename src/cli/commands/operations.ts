/** `devteam replay` and `devteam actors`: whether the platform is right, and how it does. */
import { Fault } from '../../errors.ts';
import type { Client } from '../client.ts';
import { type Command, command } from '../command.ts';
import { EXIT_FAILURE, UsageError } from '../failures.ts';
import { projectPath } from '../projects.ts';
import { amount, type Column, cut, plain, plural, type Terminal, table } from '../terminal.ts';

interface Comparison {
  project_id: string;
  equal: boolean;
  events_applied: number;
  differences: { path: string; stored: unknown; replayed: unknown }[];
}

interface Verified {
  equal: number;
  different: Comparison[];
  /** Projects that the log no longer holds from the beginning. */
  archived: string[];
  /** Projects whose replay failed. */
  failed: { project_id: string; message: string }[];
  events_applied: number;
}

const replayCommand = command({
  path: 'replay',
  summary: 'Fold the log of projects again and compare with their stored state',
  arguments: ['[project]'],
  options: {
    verify: { type: 'boolean', about: 'Compare; must be given' },
    all: { type: 'boolean', about: 'Every project; so it is also without a project' },
  },
  notes: [
    'Exit code 1 if a state differs or a replay fails. A project whose beginning is archived is counted, not compared.',
  ],
  examples: ['replay --verify', 'replay --verify 5491ea29-7156-40d7-8a1e-3c345ddc8069'],
  async run({ client, terminal, given: [id], options, show }) {
    if (!options.verify) throw new UsageError('Say what to do with the replay: --verify.');
    if (id !== undefined && options.all) throw new UsageError('Give a project or --all, not both.');
    const verified: Verified = { equal: 0, different: [], archived: [], failed: [], events_applied: 0 };
    if (id !== undefined) count(verified, await compare(client, id));
    else {
      for await (const project of client.pages<{ id: string }>('/api/projects', 'projects')) {
        await verifyOne(client, project.id, verified);
      }
    }
    show(verified, () => verifiedText(verified, terminal));
    return verified.different.length + verified.failed.length > 0 ? EXIT_FAILURE : 0;
  },
});

function count(verified: Verified, compared: Comparison): void {
  verified.events_applied += compared.events_applied;
  if (compared.equal) verified.equal++;
  else verified.different.push(compared);
}

/** A project at work may move between the reads that are compared, but hardly so every time. */
const COMPARISONS_MAX = 3;

async function compare(client: Client, id: string): Promise<Comparison> {
  for (let comparison = 1; ; comparison++) {
    const compared = await client.get<Comparison>(`${projectPath(id)}/replay`);
    if (compared.equal || comparison === COMPARISONS_MAX) return compared;
  }
}

/** One project of many: that it cannot be compared does not keep the others from being. */
async function verifyOne(client: Client, id: string, verified: Verified): Promise<void> {
  try {
    count(verified, await compare(client, id));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'CONFLICT') verified.archived.push(id);
    else if (error.code === 'INTERNAL_ERROR') verified.failed.push({ project_id: id, message: error.message });
    else throw error;
  }
}

const VALUE_WIDTH = 60;

function verifiedText({ equal, different, archived, failed, events_applied }: Verified, terminal: Terminal): string {
  const short = (value: unknown) => cut(plain(JSON.stringify(value)), VALUE_WIDTH);
  const lines = different.flatMap(({ project_id, differences }) => [
    terminal.style('red', `Project ${project_id} differs`),
    ...differences.map(
      ({ path, stored, replayed }) => `  ${plain(path)}: stored ${short(stored)}, replayed ${short(replayed)}`,
    ),
  ]);
  for (const { project_id, message } of failed) {
    lines.push(terminal.style('red', `Project ${project_id} cannot be replayed: ${plain(message)}`));
  }
  const counted = [`${plural(equal, 'project')} equal`, `${different.length} different`];
  if (archived.length > 0) counted.push(`${archived.length} archived`);
  if (failed.length > 0) counted.push(`${failed.length} failed`);
  return [...lines, `${counted.join(', ')}; ${plural(events_applied, 'event')} folded`].join('\n');
}

interface Actor {
  role: string;
  machine: string;
  threads: number;
  states: Record<string, number>;
  mailbox_depth: number;
  pending: number;
  lag_ms: number;
  throughput_per_minute: number;
  retries: number;
  dead_letters: number;
  restarts: number;
  crashed: boolean;
  last_error: string | null;
}

const actorsCommand = command({
  path: 'actors',
  summary: 'Show every role: its mailbox, instances and counters',
  arguments: [],
  options: {},
  notes: ['THREADS are those of the process that answers; all other numbers are of all processes.'],
  examples: ['actors'],
  async run({ client, terminal, show }) {
    show(await client.get<{ actors: Actor[] }>('/api/actors'), ({ actors }) => {
      const troubles = actors.flatMap(({ role, crashed, last_error }) => [
        ...(crashed ? [terminal.style('red', `${role} crashed too often and no longer runs in this process`)] : []),
        ...(last_error ? [`${role}, last error: ${plain(last_error)}`] : []),
      ]);
      return [table(actors, actorColumns, terminal), ...troubles].join('\n');
    });
    return 0;
  },
});

const numeric = (title: string, of: (actor: Actor) => number, unit = ''): Column<Actor> => ({
  title,
  of: (actor) => amount(of(actor), 0) + unit,
  right: true,
});

const actorColumns: Column<Actor>[] = [
  { title: 'ROLE', of: ({ role }) => role, style: ({ crashed }) => (crashed ? 'red' : null) },
  { title: 'MACHINE', of: ({ machine }) => machine },
  numeric('THREADS', ({ threads }) => threads),
  numeric('MAILBOX', ({ mailbox_depth }) => mailbox_depth),
  numeric('PENDING', ({ pending }) => pending),
  numeric('LAG', ({ lag_ms }) => lag_ms, ' ms'),
  numeric('TURNS/MIN', ({ throughput_per_minute }) => throughput_per_minute),
  numeric('RETRIES', ({ retries }) => retries),
  numeric('DEAD', ({ dead_letters }) => dead_letters),
  numeric('RESTARTS', ({ restarts }) => restarts),
  { title: 'INSTANCES', of: ({ states }) => instances(states), flexible: true },
];

function instances(states: Record<string, number>): string | null {
  const present = Object.entries(states).filter(([, number]) => number > 0);
  return present.map(([state, number]) => `${amount(number, 0)} ${state}`).join(', ') || null;
}

export const operationsCommands: readonly Command[] = [replayCommand, actorsCommand];
