/** `devteam dlq …`: dead letters. */
import type { Client } from '../client.ts';
import { type Command, command } from '../command.ts';
import { EXIT_FAILURE, UsageError } from '../failures.ts';
import { limitOption, readJson } from '../inputs.ts';
import { type Column, facts, plain, plural, type Terminal, table, time } from '../terminal.ts';

interface Entry {
  id: string;
  timestamp: string;
  event_type: string | null;
  reason: string;
  consumer_group: string;
  attempts: number;
  redriven_at: string | null;
}

interface Letter {
  id: string;
  redriven_at: string | null;
  redrive: { event_id: string; by: string } | null;
  document: Record<string, unknown>;
}

interface Bulk {
  matched: number;
  redriven: number;
  skipped: number;
  results: { dlq_id: string; event_id: string | null; status: string }[];
}

const filters = {
  type: { type: 'string', value: 'type', about: 'Only of this event type' },
  group: { type: 'string', value: 'group', about: 'Only of this consumer group' },
  reason: { type: 'string', value: 'text', about: 'Only with this in the reason' },
  since: { type: 'string', value: 'time', about: 'Only from this time on, as in 2026-01-15T10:30:00Z' },
  until: { type: 'string', value: 'time', about: 'Only until this time' },
} as const;

const filterOf = ({ type, group, reason, since, until }: { [K in keyof typeof filters]?: string }) => ({
  event_type: type,
  consumer_group: group,
  reason,
  since,
  until,
});

const letterPath = (id: string) => `/api/dlq/${encodeURIComponent(id)}`;

const listCommand = command({
  path: 'dlq list',
  summary: 'List dead letters, newest first',
  arguments: [],
  options: {
    ...filters,
    waiting: { type: 'boolean', about: 'Only those that were not redriven' },
    limit: { type: 'string', value: 'number', about: 'At most so many; 50 by default' },
  },
  examples: ['dlq list', 'dlq list --group dev_workers --waiting'],
  async run({ client, terminal, options, show }) {
    const query = { ...filterOf(options), redriven: options.waiting ? false : undefined };
    const entries = await client.all<Entry>('/api/dlq', 'entries', query, limitOption(options.limit));
    show({ entries }, () => (entries.length === 0 ? 'No dead letters.' : table(entries, entryColumns, terminal)));
    return 0;
  },
});

const entryColumns: Column<Entry>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'TIME (UTC)', of: ({ timestamp }) => time(timestamp) },
  { title: 'EVENT', of: ({ event_type }) => event_type },
  { title: 'GROUP', of: ({ consumer_group }) => consumer_group },
  { title: 'TRIES', of: ({ attempts }) => attempts, right: true },
  { title: 'REDRIVEN (UTC)', of: ({ redriven_at }) => redriven_at && time(redriven_at) },
  { title: 'REASON', of: ({ reason }) => reason, flexible: true, style: () => 'red' },
];

const showCommand = command({
  path: 'dlq show',
  summary: 'Show one dead letter with its event',
  arguments: ['<dead-letter>'],
  options: {},
  examples: ['dlq show 1768473000000-0'],
  async run({ client, terminal, given: [id = ''], show }) {
    show(await client.get<Letter>(letterPath(id)), (letter) => letterText(letter, terminal));
    return 0;
  },
});

function letterText({ id, redrive, redriven_at, document }: Letter, terminal: Terminal): string {
  const { original_event, original_fields, ...about } = document;
  const known = Object.entries(about).filter(([, value]) => value !== null);
  const rows = [['id', id] as const, ...known.map(([name, value]) => [name, plain(String(value))] as const)];
  if (redrive) rows.push(['redriven', `${time(redriven_at)} UTC by ${plain(redrive.by)} as event ${redrive.event_id}`]);
  const title = original_event ? 'Event' : 'Fields; no event can be read from them';
  const original = JSON.stringify(original_event ?? original_fields, null, 2);
  return [facts(rows, terminal), '', terminal.style('bold', title), original].join('\n');
}

const redriveCommand = command({
  path: 'dlq redrive',
  summary: 'Send dead letters again: one, those of a filter, or all',
  arguments: ['[dead-letter]'],
  options: {
    ...filters,
    all: { type: 'boolean', about: 'Every dead letter' },
    event: { type: 'string', value: 'path', about: 'Send this event instead of the original one: JSON file' },
    limit: { type: 'string', value: 'number', about: 'At most so many, oldest first; 100 by default, 1000 at most' },
    'dry-run': { type: 'boolean', about: 'Only say what would be sent' },
  },
  notes: ['A dead letter is sent once. Exit code 1 if one of many cannot be sent since its event is not valid.'],
  examples: ['dlq redrive 1768473000000-0', 'dlq redrive --group dev_workers --dry-run', 'dlq redrive --all'],
  async run({ client, terminal, given: [id], options, show }) {
    const filter = Object.fromEntries(Object.entries(filterOf(options)).filter(([, value]) => value !== undefined));
    const many = Object.keys(filter).length > 0 || options.all === true;
    if ((id !== undefined) === many) throw new UsageError('Give one dead letter, or a filter, or --all.');
    if (id !== undefined) {
      if (options['dry-run'] || options.limit) throw new UsageError('--dry-run and --limit go with a filter or --all.');
      show(await redriveOne(client, id, options.event), ({ status, event_id }) => {
        return `${status === 'published' ? 'Sent' : 'Was sent before'} as event ${event_id}`;
      });
      return 0;
    }
    if (options.event) throw new UsageError('--event goes with one dead letter.');
    const done = await client.post<Bulk>('/api/dlq/redrive', {
      filter,
      ...(options.all && { all: true }),
      ...(options['dry-run'] && { dry_run: true }),
      limit: limitOption(options.limit, 100),
    });
    show(done, () => bulkText(done, terminal));
    return done.results.some(({ status }) => status === 'invalid') ? EXIT_FAILURE : 0;
  },
});

async function redriveOne(client: Client, id: string, file: string | undefined) {
  const body = file === undefined ? undefined : { event: await readJson(file, '--event') };
  return client.post<{ status: string; event_id: string }>(`${letterPath(id)}/redrive`, body);
}

function bulkText({ matched, redriven, skipped, results }: Bulk, terminal: Terminal): string {
  const summary = `${plural(matched, 'dead letter')} matched, ${redriven} sent, ${skipped} skipped`;
  return results.length === 0 ? summary : `${table(results, resultColumns, terminal)}\n${summary}`;
}

const resultColumns: Column<Bulk['results'][number]>[] = [
  { title: 'ID', of: ({ dlq_id }) => dlq_id },
  { title: 'EVENT ID', of: ({ event_id }) => event_id },
  { title: 'RESULT', of: ({ status }) => status, style: ({ status }) => (status === 'invalid' ? 'red' : null) },
];

export const deadLetterCommands: readonly Command[] = [listCommand, showCommand, redriveCommand];
