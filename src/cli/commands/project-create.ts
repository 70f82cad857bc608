/** `devteam project create`. */
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { ActivityInput, Row } from '../../../schemas/types.ts';
import { type Command, command, type Values } from '../command.ts';
import { follow } from '../event-feed.ts';
import { EXIT_FAILURE, UsageError } from '../failures.ts';
import { inputText } from '../input-text.ts';
import { numberOption, readJson } from '../inputs.ts';
import { mappingOption } from '../mapping-option.ts';
import { type Project, projectPath, statusText } from '../projects.ts';
import { amount, type Column, plain, plural, type Terminal, table } from '../terminal.ts';
import { watch } from '../watch.ts';

const options = {
  name: { type: 'string', value: 'text', about: 'Its name; else that of the file, or the start of the description' },
  file: { type: 'string', value: 'path', about: 'Activities to analyze: CSV, Excel, ODS, HTML table or JSON' },
  sheet: { type: 'string', value: 'name', about: 'Sheet of a workbook; else all with the same header' },
  map: {
    type: 'string',
    value: 'list',
    about: 'How to read the file, as in text=Summary,duration="Time Spent",unit=s',
  },
  'dry-run': { type: 'boolean', about: 'Only show what is read, asked and planned' },
  rate: { type: 'string', value: 'number', about: 'Hourly rate for the cost estimate' },
  items: { type: 'string', value: 'path', about: 'A plan of your own: JSON array of items' },
  'requires-approval': { type: 'boolean', about: 'Every item waits for `devteam approve`' },
  watch: { type: 'boolean', short: 'w', about: 'Show what happens until the project is final' },
} as const;

interface Created {
  project_id: string;
  rows: number;
  warnings: string[];
  input: ActivityInput | null;
}

interface Tried {
  input: ActivityInput | null;
  row_count: number;
  rows: Row[];
  questions: { question_text: string; options?: string[] }[];
  plan: { kind: string | null; items: { title: string; agent_target: string; status: string }[] };
}

const DEFAULT_DESCRIPTION = 'Find out where the time goes';
const NAME_MAX = 60;

export const createCommand: Command = command({
  path: 'project create',
  summary: 'Start a project',
  arguments: ['[description]'],
  options,
  notes: [
    'Without a file or items, the description decides about the plan. With --watch the exit code is 0 only for a',
    'completed project, and --json prints one document per line: the answer, every event, the project at the end.',
    'Keys of --map: text, category, duration (several are added up), unit, start, end, date, person, project, rate,',
    'header_row, sheet, encoding, decimal.',
  ],
  examples: [
    'project create --file examples/tasks.csv --rate 95 --watch',
    'project create --file export.csv --dry-run',
    'project create --file jira.csv --map text=Summary,duration="Time Spent",unit=s',
    'project create "Collect what the new intranet must do"',
  ],
  async run({ client, terminal, given: [description], options, json, show, note }) {
    const body = await request(description, options);
    if (options['dry-run']) {
      if (options.watch) throw new UsageError('--watch goes with a project, --dry-run makes none.');
      show(await client.post<Tried>('/api/projects?dry_run=true', body), (tried) => triedText(tried, terminal));
      return 0;
    }
    const created = await client.post<Created>('/api/projects', body);
    const { project_id: id, rows, input } = created;
    const accepted = [
      ...(input ? [inputText(input, terminal)] : []),
      `Project ${id} accepted${rows > 0 ? ` with ${plural(rows, 'row')}` : ''}`,
    ];
    if (!options.watch) {
      show(created, () => [...accepted, `devteam project status ${id}`].join('\n'));
      return 0;
    }
    terminal.print(json ? JSON.stringify(created) : accepted.join('\n'));
    if (!json) await watch(client, id, terminal);
    else for await (const row of follow(client, id, note)) terminal.print(JSON.stringify(row));
    const project = await client.get<Project>(projectPath(id));
    if (json) terminal.print(JSON.stringify(project));
    else terminal.print(`${statusText(project.status, terminal)}\ndevteam project report ${id}`);
    return project.status === 'COMPLETED' ? 0 : EXIT_FAILURE;
  },
});

const rowColumns: Column<Row>[] = [
  { title: 'ROW', of: ({ source_row }) => String(source_row ?? '-'), right: true },
  { title: 'TEXT', of: ({ text }) => text ?? '', flexible: true },
  { title: 'CATEGORY', of: ({ category }) => category ?? '' },
  { title: 'MINUTES', of: ({ estimated_minutes }) => amount(estimated_minutes, 0), right: true },
  { title: '', of: ({ estimate_source }) => (estimate_source === 'inferred' ? 'estimated' : '') },
];

function triedText({ input, rows, row_count, questions, plan }: Tried, terminal: Terminal): string {
  return [
    ...(input ? [inputText(input, terminal), ''] : []),
    ...(rows.length > 0 ? [table(rows, rowColumns, terminal)] : []),
    ...(row_count > rows.length ? [`… and ${plural(row_count - rows.length, 'row')} more`] : []),
    '',
    ...plan.items.map(({ title, agent_target }) => `would do   ${plain(title)} · ${plain(agent_target)}`),
    ...questions.map(({ question_text, options: choices }) => {
      const list = choices ? ` (${choices.map((choice) => plain(choice)).join(' | ')})` : '';
      return `would ask  ${plain(question_text)}${list}`;
    }),
    'Nothing was started.',
  ].join('\n');
}

/** A form with the file, or JSON. @throws UsageError */
async function request(text: string | undefined, given: Values<typeof options>): Promise<unknown> {
  const { file, items, sheet, rate } = given;
  const mapping = mappingOption(given.map);
  const source = file ?? items;
  if (text === undefined && source === undefined) throw new UsageError('Give a description, a --file or --items.');
  const fields = {
    name: given.name ?? (text === undefined ? basename(source ?? '') : [...text].slice(0, NAME_MAX).join('')),
    description: text ?? DEFAULT_DESCRIPTION,
    ...(rate !== undefined && { hourly_rate: numberOption('--rate', rate) }),
    ...(items !== undefined && { items: await readJson(items, '--items') }),
    ...(given['requires-approval'] && { requires_approval: true }),
    ...(sheet !== undefined && { sheet }),
    ...(mapping !== undefined && { mapping }),
  };
  if (file === undefined) return fields;
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  form.set('file', await openFile(file), basename(file));
  return form;
}

async function openFile(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file);
  } catch (error) {
    throw new UsageError(`--file: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
