/** `devteam project events`. */
import type { BacklogItem, Envelope } from '../../../schemas/types.ts';
import { type Command, command } from '../command.ts';
import { follow, type LoggedEvent } from '../event-feed.ts';
import { UsageError } from '../failures.ts';
import { limitOption } from '../inputs.ts';
import { Progress } from '../progress.ts';
import { projectPath } from '../projects.ts';
import { type Column, plain, table } from '../terminal.ts';

/** Title of an item by its id. */
type Titles = (itemId: string) => string;

export const eventsCommand: Command = command({
  path: 'project events',
  summary: 'Show what happened in a project, event by event',
  arguments: ['<project>'],
  options: {
    type: { type: 'string', value: 'type', about: 'Only these: a type, or a beginning such as WORK.*' },
    limit: { type: 'string', value: 'number', about: 'At most so many; 200 by default' },
    newest: { type: 'boolean', about: 'Newest first' },
    follow: { type: 'boolean', short: 'f', about: 'All events, then new ones until the project is final' },
  },
  notes: ['With --follow, --json prints one document per line.'],
  examples: ["project events <project> --type 'WORK.*'", 'project events <project> --follow --json'],
  async run({ client, terminal, given: [id = ''], options, json, show, note }) {
    const { type, newest, limit } = options;
    if (options.follow) {
      if (newest || limit) throw new UsageError('--follow goes with neither --newest nor --limit.');
      const progress = new Progress();
      for await (const row of follow(client, id, note)) {
        progress.line(row.event);
        if (!matches(row.event.event_type, type)) continue;
        terminal.print(json ? JSON.stringify(row) : eventLine(row, (itemId) => progress.title(itemId)));
      }
      return 0;
    }
    const query = { type, order: newest ? 'desc' : 'asc' };
    const events = await client.all<LoggedEvent>(`${projectPath(id)}/events`, 'events', query, limitOption(limit, 200));
    const items = json ? [] : await client.all<BacklogItem>(`${projectPath(id)}/backlog`, 'items');
    const titles = new Map(items.map((item) => [item.id, item.title]));
    show({ events }, () =>
      events.length === 0
        ? 'No events.'
        : table(
            events,
            columns((item) => titles.get(item) ?? item),
            terminal,
          ),
    );
    return 0;
  },
});

const columns = (titles: Titles): Column<LoggedEvent>[] => [
  { title: 'TIME (UTC)', of: ({ event }) => event.timestamp.slice(11, 23) },
  { title: 'LOG ID', of: ({ log_id }) => log_id },
  { title: 'EVENT', of: ({ event }) => event.event_type },
  { title: 'SOURCE', of: ({ event }) => event.source },
  { title: 'ABOUT', of: ({ event }) => about(event, titles), flexible: true },
];

const TYPE_WIDTH = 33;
const SOURCE_WIDTH = 20;

/** Without knowing the rows to come, so with widths that fit nearly all. */
function eventLine({ log_id, event }: LoggedEvent, titles: Titles): string {
  const type = event.event_type.padEnd(TYPE_WIDTH);
  const source = plain(event.source).padEnd(SOURCE_WIDTH);
  return [event.timestamp.slice(11, 23), log_id, type, source, about(event, titles)].join('  ').trimEnd();
}

function matches(type: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

/** The item of an event, or what its payload says best. */
function about({ event_type, payload }: Envelope, titles: Titles): string {
  if (event_type === 'BACKLOG.ITEM_CREATED') return plain(payload.backlog_item.title);
  if (event_type === 'QUESTION.CREATED') return plain(payload.question.question_text);
  const { backlog_item_id, question_id, reason, agent, agent_id } = payload as {
    [K in 'backlog_item_id' | 'question_id' | 'reason' | 'agent' | 'agent_id']?: string;
  };
  const subject = backlog_item_id ? titles(backlog_item_id) : question_id;
  const member = event_type.startsWith('AGENT.') ? (agent ?? agent_id) : undefined;
  return plain([subject, member, reason].filter(Boolean).join(': '));
}
