/** `devteam project create`. */
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { type Command, command, type Values } from '../command.ts';
import { follow } from '../event-feed.ts';
import { EXIT_FAILURE, UsageError } from '../failures.ts';
import { numberOption, readJson } from '../inputs.ts';
import { type Project, projectPath, statusText } from '../projects.ts';
import { plain, plural } from '../terminal.ts';
import { watch } from '../watch.ts';

const options = {
  name: { type: 'string', value: 'text', about: 'Its name; else that of the file, or the start of the description' },
  file: { type: 'string', value: 'path', about: 'Activities to analyze: CSV or XLSX' },
  sheet: { type: 'string', value: 'name', about: 'Sheet of the XLSX file; else the first' },
  rate: { type: 'string', value: 'number', about: 'Hourly rate for the cost estimate' },
  items: { type: 'string', value: 'path', about: 'A plan of your own: JSON array of items' },
  'requires-approval': { type: 'boolean', about: 'Every item waits for `devteam approve`' },
  watch: { type: 'boolean', short: 'w', about: 'Show what happens until the project is final' },
} as const;

interface Created {
  project_id: string;
  rows: number;
  warnings: string[];
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
  ],
  examples: [
    'project create --file examples/tasks.csv --rate 95 --watch',
    'project create "Collect what the new intranet must do"',
  ],
  async run({ client, terminal, given: [description], options, json, show, note }) {
    const created = await client.post<Created>('/api/projects', await request(description, options));
    const { project_id: id, rows, warnings } = created;
    const accepted = [
      `Project ${id} accepted${rows > 0 ? ` with ${plural(rows, 'row')}` : ''}`,
      ...warnings.map((warning) => `${terminal.style('yellow', 'warning')}  ${plain(warning)}`),
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

/** A form with the file, or JSON. @throws UsageError */
async function request(text: string | undefined, given: Values<typeof options>): Promise<unknown> {
  const { file, items, sheet, rate } = given;
  const source = file ?? items;
  if (text === undefined && source === undefined) throw new UsageError('Give a description, a --file or --items.');
  const fields = {
    name: given.name ?? (text === undefined ? basename(source ?? '') : [...text].slice(0, NAME_MAX).join('')),
    description: text ?? DEFAULT_DESCRIPTION,
    ...(rate !== undefined && { hourly_rate: numberOption('--rate', rate) }),
    ...(items !== undefined && { items: await readJson(items, '--items') }),
    ...(given['requires-approval'] && { requires_approval: true }),
    ...(sheet !== undefined && { sheet }),
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
