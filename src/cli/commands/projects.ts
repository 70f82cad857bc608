/** `devteam project list`, `status` and `stop`. */
import type { Approval, BacklogItem, Question } from '../../../schemas/types.ts';
import { type Command, command } from '../command.ts';
import { limitOption } from '../inputs.ts';
import { type Project, type ProjectSummary, projectPath, statusStyle, statusText } from '../projects.ts';
import { type Column, facts, plain, plural, type Terminal, table, time } from '../terminal.ts';
import { projectReportCommand } from './project-report.ts';

const listCommand = command({
  path: 'project list',
  summary: 'List projects, newest first',
  arguments: [],
  options: {
    status: { type: 'string', value: 'list', about: 'Only these, as in IN_PROGRESS,AWAITING_INPUT' },
    search: { type: 'string', value: 'text', about: 'Part of the name or description, any case' },
    limit: { type: 'string', value: 'number', about: 'At most so many; 50 by default' },
  },
  examples: ['project list', 'project list --status AWAITING_INPUT'],
  async run({ client, terminal, options, show }) {
    const query = { status: options.status?.toUpperCase(), q: options.search };
    const most = limitOption(options.limit);
    const projects = await client.all<ProjectSummary>('/api/projects', 'projects', query, most);
    show({ projects }, () => (projects.length === 0 ? 'No projects.' : table(projects, projectColumns, terminal)));
    return 0;
  },
});

const projectColumns: Column<ProjectSummary>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'STATUS', of: ({ status }) => status, style: ({ status }) => statusStyle(status) },
  { title: 'DONE', of: ({ completion_percentage }) => `${completion_percentage} %`, right: true },
  { title: 'CREATED (UTC)', of: ({ created_at }) => time(created_at) },
  { title: 'NAME', of: ({ name }) => name, flexible: true },
];

interface Shown {
  project: Project;
  items: BacklogItem[];
  questions: Question[];
  approvals: Approval[];
}

const statusCommand = command({
  path: 'project status',
  summary: 'Show a project: its items and what it waits for',
  arguments: ['<project>'],
  options: { limit: { type: 'string', value: 'number', about: 'At most so many items; 50 by default' } },
  examples: ['project status 5491ea29-7156-40d7-8a1e-3c345ddc8069'],
  async run({ client, terminal, given: [id = ''], options, show }) {
    const most = limitOption(options.limit);
    const shown: Shown = {
      project: await client.get(projectPath(id)),
      items: await client.all(`${projectPath(id)}/backlog`, 'items', {}, most),
      questions: await client.all(`${projectPath(id)}/questions`, 'questions'),
      approvals: await client.all('/api/approvals', 'approvals', { project_id: id }),
    };
    show(shown, () => shownText(shown, terminal));
    return 0;
  },
});

const itemColumns: Column<BacklogItem>[] = [
  { title: 'ITEM', of: ({ title }) => title, flexible: true },
  { title: 'STATUS', of: ({ status }) => status, style: ({ status }) => statusStyle(status) },
  { title: 'WORKER', of: ({ agent_target }) => agent_target },
  { title: 'TRIES', of: ({ attempts }) => attempts, right: true },
  { title: 'DELIVERABLES', of: ({ deliverable_ids }) => deliverable_ids.length, right: true },
];

function shownText({ project, items, questions, approvals }: Shown, terminal: Terminal): string {
  const { id, name, status, plan, counts, failure, completion_percentage, created_at, updated_at } = project;
  const byStatus = Object.entries(counts).filter(([key, count]) => key !== 'total' && count > 0);
  const rows: [string, string][] = [
    ['project', id],
    ['plan', plan === null ? 'none yet' : `${plan}, ${plural(counts.total, 'item')}`],
    ['done', [`${completion_percentage} %`, ...byStatus.map(([key, n]) => `${n} ${key.replace('_', ' ')}`)].join(', ')],
    ['created', `${time(created_at)} UTC`],
    ['changed', `${time(updated_at)} UTC`],
  ];
  if (failure) rows.push(['failure', plain(failure.reason)]);
  const lines = [`${terminal.style('bold', plain(name))}  ${statusText(status, terminal)}`, facts(rows, terminal)];
  if (items.length > 0) lines.push('', table(items, itemColumns, terminal));
  for (const { title, failure } of items) if (failure) lines.push(`${plain(title)}: ${plain(failure.reason)}`);
  if (items.length < counts.total) lines.push(`… and ${plural(counts.total - items.length, 'more item')}: --limit`);
  for (const { id, question_text, answer_type, options } of questions) {
    const choices = options ? options.map((option) => JSON.stringify(plain(option))).join(' | ') : answer_type;
    lines.push('', `${terminal.style('yellow', 'Question')}  ${plain(question_text)} (${choices})`);
    lines.push(`devteam answer ${id} <answer>`);
  }
  for (const { id, reason } of approvals) {
    lines.push('', `${terminal.style('yellow', 'Approval')}  ${plain(reason)}`, `devteam approve ${id}`);
  }
  return lines.join('\n');
}

const stopCommand = command({
  path: 'project stop',
  summary: 'Stop a project; running work is not interrupted',
  arguments: ['<project>'],
  options: { reason: { type: 'string', value: 'text', about: 'Why, for the log' } },
  examples: ['project stop 5491ea29-7156-40d7-8a1e-3c345ddc8069 --reason "wrong file"'],
  async run({ client, given: [id = ''], options: { reason }, show }) {
    const body = reason === undefined ? undefined : { reason };
    show(await client.post<{ message: string }>(`${projectPath(id)}/stop`, body), ({ message }) => message);
    return 0;
  },
});

export const projectCommands: readonly Command[] = [listCommand, statusCommand, projectReportCommand, stopCommand];
