/** `devteam questions`, `answer`, `approvals`, `approve`: what waits for a person. */
import type { Approval, Question } from '../../../schemas/types.ts';
import type { Client } from '../client.ts';
import { type Command, command } from '../command.ts';
import { UsageError } from '../failures.ts';
import { limitOption, readText } from '../inputs.ts';
import { type Column, table, time } from '../terminal.ts';

const filters = {
  project: { type: 'string', value: 'id', about: 'Only of this project' },
  limit: { type: 'string', value: 'number', about: 'At most so many; 50 by default' },
} as const;

const questionsCommand = command({
  path: 'questions',
  summary: 'List the questions that wait for an answer',
  arguments: [],
  options: { ...filters, status: { type: 'string', value: 'status', about: 'OPEN (default), CLOSED or ALL' } },
  examples: ['questions', 'questions --status ALL --project <project>'],
  async run({ client, terminal, options, show }) {
    const query = { project_id: options.project, status: options.status?.toUpperCase() };
    const most = limitOption(options.limit);
    const questions = await client.all<Question>('/api/questions', 'questions', query, most);
    show({ questions }, () => (questions.length === 0 ? 'No questions.' : table(questions, questionColumns, terminal)));
    return 0;
  },
});

const questionColumns: Column<Question>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'PROJECT', of: ({ project_id }) => project_id },
  { title: 'STATUS', of: ({ status }) => status, style: ({ status }) => (status === 'OPEN' ? 'yellow' : null) },
  { title: 'TYPE', of: ({ answer_type }) => answer_type },
  { title: 'BLOCKS', of: ({ blocks }) => blocks?.length ?? 1, right: true },
  { title: 'ANSWER', of: ({ answer, status }) => (status === 'OPEN' ? null : JSON.stringify(answer)) },
  { title: 'QUESTION', of: ({ question_text }) => question_text, flexible: true },
];

const answerCommand = command({
  path: 'answer',
  summary: 'Answer a question',
  arguments: ['<question>', '[answer]'],
  options: { file: { type: 'string', value: 'path', about: 'Read the answer from a file; - is stdin' } },
  notes: ['The answer to a BOOLEAN or JSON question is read as JSON, to any other as text (95 does for a NUMBER).'],
  examples: ['answer 0c9f8a52-6a0e-4b44-9a3e-0d9c4c6c2d11 95', 'answer <question> --file rows.json'],
  async run({ client, given: [id = '', word], options: { file }, show }) {
    if (word !== undefined && file !== undefined)
      throw new UsageError('Give the answer or a --file with it, not both.');
    const text = word ?? (file === undefined ? undefined : (await readText(file, '--file')).trim());
    if (text === undefined) throw new UsageError('Give the answer, or a --file with it.');
    const type = await answerType(client, id);
    const answer = type === 'BOOLEAN' || type === 'JSON' ? parseJson(text, type) : text;
    const path = `/api/questions/${encodeURIComponent(id)}/answer`;
    show(await client.post<{ message: string }>(path, { answer }), ({ message }) => message);
    return 0;
  },
});

/** Undefined if the question is not open: the server then says what is wrong. */
async function answerType(client: Client, id: string): Promise<string | undefined> {
  for await (const question of client.pages<Question>('/api/questions', 'questions')) {
    if (question.id === id.toLowerCase()) return question.answer_type;
  }
  return undefined;
}

function parseJson(text: string, type: 'BOOLEAN' | 'JSON'): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `The question takes ${type === 'JSON' ? 'JSON' : 'true or false'}: ${(error as Error).message}.`,
    );
  }
}

type ShownApproval = Approval & { title: string };

const approvalsCommand = command({
  path: 'approvals',
  summary: 'List the approvals that wait for a decision',
  arguments: [],
  options: {
    ...filters,
    status: { type: 'string', value: 'status', about: 'OPEN (default), APPROVED, REJECTED, CANCELED or ALL' },
  },
  examples: ['approvals', 'approvals --status ALL'],
  async run({ client, terminal, options, show }) {
    const query = { project_id: options.project, status: options.status?.toUpperCase() };
    const most = limitOption(options.limit);
    const approvals = await client.all<ShownApproval>('/api/approvals', 'approvals', query, most);
    show({ approvals }, () => (approvals.length === 0 ? 'No approvals.' : table(approvals, approvalColumns, terminal)));
    return 0;
  },
});

const approvalColumns: Column<ShownApproval>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'PROJECT', of: ({ project_id }) => project_id },
  { title: 'STATUS', of: ({ status }) => status, style: ({ status }) => (status === 'OPEN' ? 'yellow' : null) },
  { title: 'REQUESTED (UTC)', of: ({ requested_at }) => time(requested_at) },
  { title: 'DECIDED BY', of: ({ decided_by }) => decided_by ?? null },
  { title: 'ITEM', of: ({ title }) => title, flexible: true },
];

const approveCommand = command({
  path: 'approve',
  summary: 'Approve an item, or reject it',
  arguments: ['<approval>'],
  options: {
    reject: { type: 'boolean', about: 'Reject it: the item and all that depend on it fail' },
    notes: { type: 'string', value: 'text', about: 'Why' },
  },
  examples: ['approve 3d1f0a52-6a0e-4b44-9a3e-0d9c4c6c2d11', 'approve <approval> --reject --notes "not this week"'],
  async run({ client, given: [id = ''], options: { reject, notes }, show }) {
    const decision = { approved: reject !== true, ...(notes !== undefined && { notes }) };
    const path = `/api/approvals/${encodeURIComponent(id)}`;
    show(await client.post<{ status: string }>(path, decision), ({ status }) => `Approval ${status}`);
    return 0;
  },
});

export const inboxCommands: readonly Command[] = [questionsCommand, answerCommand, approvalsCommand, approveCommand];
