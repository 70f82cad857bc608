/** Files of activities from upload to figures: what is tried, mapped, asked and read again. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

const UNCLEAR = 'Task,Hours,Val\nInvoice check,long,1.5\nServer patch,short,2\nCall the supplier,long,0.5\n';
const CLEAR = 'Task,Hours\nInvoice check,1.5\nServer patch,2\nTotal,3.5\n';
const ANALYTIC = ['time_waste_analysis', 'cost_analysis', 'friction_analysis', 'with_agent_scenario'];
const CUSTOMERS = 'Customer,City,E-mail\nAcme,Rome,a@acme.example\nBeta,Oslo,b@beta.example\n';

function send(content: string, fields: Record<string, string> = {}, query = '') {
  const form = new FormData();
  form.set('name', 'Upload');
  form.set('description', 'Find out where time goes');
  form.set('hourly_rate', '100');
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([content]), 'tasks.csv');
  return platform.call('POST', `/api/projects${query}`, { body: form });
}

async function start(content: string, fields: Record<string, string> = {}): Promise<string> {
  const answer = await send(content, fields);
  expect(answer.status, answer.text).toBe(201);
  return answer.json.project_id;
}

async function questionOf(id: string) {
  let questions: { id: string }[] = [];
  await eventually(`project ${id} asks`, async () => {
    questions = (await platform.call('GET', `/api/projects/${id}/questions`)).json.questions;
    return questions.length > 0;
  });
  return questions[0] as { id: string };
}
const reply = (question: { id: string }, answer: unknown) =>
  platform.call('POST', `/api/questions/${question.id}/answer`, { json: { answer } });

async function contentOf(id: string, type: string) {
  const { json } = await platform.call('GET', `/api/projects/${id}/deliverables?type=${type}`);
  const newest = json.deliverables[0];
  return (await platform.call('GET', `/api/projects/${id}/deliverables/${newest.id}`)).json.content;
}

describe('a dry run', () => {
  test('shows what is read, asked and planned, and makes no project', async () => {
    const count = async () => (await platform.call('GET', '/api/projects')).json.projects.length;
    const before = await count();
    const { status, json } = await send(UNCLEAR, {}, '?dry_run=true');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      dry_run: true,
      row_count: 3,
      rows: [{ text: 'Invoice check', estimate_source: 'inferred' }, {}, {}],
      questions: [{ answer_type: 'CHOICE', options: ['Val', 'estimate them'] }],
      plan: { kind: 'analysis', items: expect.any(Array) },
      input: { file: 'tasks.csv', rows: { read: 3, given: 0, inferred: 3 } },
    });
    expect(json.warnings).toEqual(json.input.warnings);
    expect(await count()).toBe(before);
  });

  test('shows no more than 20 rows', async () => {
    const many = `Task,Hours\n${Array.from({ length: 50 }, (_, i) => `Activity ${i},1\n`).join('')}`;
    const { json } = await send(many, {}, '?dry_run=true');
    expect([json.row_count, json.rows.length, json.questions]).toEqual([50, 20, []]);
  });

  test('refuses what a project would be refused for', async () => {
    expect((await send('foo,bar\n1,2\n', {}, '?dry_run=true')).status).toBe(400);
  });
});

describe('a mapping', () => {
  test('decides how the file is read, and is kept with the project', async () => {
    const mapping = { text: 'task', duration: 'val', unit: 'min' };
    const id = await start(UNCLEAR, { mapping: JSON.stringify(mapping) });
    const { input } = await until(platform, id, 'COMPLETED');
    expect(input).toMatchObject({
      mapping,
      columns: { text: { header: 'Task', chosen_by: 'mapping' }, duration: { header: 'Val', chosen_by: 'mapping' } },
      unit: { unit: 'min', by: 'mapping', assumed: false },
      question: null,
    });
  });

  test('with a name that is not there is refused with the headers', async () => {
    const { status, json } = await send(CLEAR, { mapping: '{"duration":"Spent"}' });
    expect([status, json.error.details.errors]).toEqual([
      400,
      [{ path: '/mapping/duration', message: 'there is no column "Spent"; columns: "Task", "Hours"' }],
    ]);
  });

  test.each(['{', '{"colour":"red"}', '{"unit":"months"}', '[]', '{"header_row":-1}'])(
    '%s is refused',
    async (mapping) => {
      expect((await send(CLEAR, { mapping })).status).toBe(400);
    },
  );

  test('without a file is refused', async () => {
    const json = { name: 'x', description: 'Find out where time goes', mapping: { text: 'Task' } };
    expect((await platform.call('POST', '/api/projects', { json })).status).toBe(400);
  });
});

describe('the report on the input', () => {
  test('stands in the analyses and the final report of its project', async () => {
    const id = await start(CLEAR);
    const project = await until(platform, id, 'COMPLETED');
    expect(project.input.rows).toEqual({
      read: 2,
      given: 2,
      inferred: 0,
      ignored: { total: { count: 1, first_row: 4 } },
    });
    const summary = {
      file: 'tasks.csv',
      rows: { read: 2, given: 2, inferred: 0, ignored: 1 },
      minutes: { given: 210, inferred: 0 },
      unit: { unit: 'h', by: 'header', assumed: false },
      warnings: project.input.warnings.length,
    };
    for (const type of ANALYTIC) expect((await contentOf(id, type)).input, type).toEqual(summary);
    expect((await contentOf(id, 'final_report')).input).toEqual(summary);
  });
});

describe('a question about the file', () => {
  test('answered with a column has the file read again', async () => {
    const id = await start(UNCLEAR);
    const question = await questionOf(id);
    expect(question).toMatchObject({ answer_type: 'CHOICE', options: ['Val', 'estimate them'] });
    expect((await reply(question, 'Val')).status).toBeLessThan(300);
    const project = await until(platform, id, 'COMPLETED');
    expect(project.input).toMatchObject({
      columns: { duration: { header: 'Val', chosen_by: 'mapping' } },
      rows: { given: 3, inferred: 0 },
      minutes: { given: 240, inferred: 0 },
      question: null,
    });
    expect(await contentOf(id, 'cost_analysis')).toMatchObject({ total_hours: 4, monthly_cost: 400 });
  });

  test('answered with "estimate them" goes on with what is estimated', async () => {
    const id = await start(UNCLEAR);
    expect((await reply(await questionOf(id), 'estimate them')).status).toBeLessThan(300);
    const project = await until(platform, id, 'COMPLETED');
    expect(project.input.rows).toMatchObject({ given: 0, inferred: 3 });
    const { deliverables } = await contentOf(id, 'final_report');
    for (const { type, confidence } of deliverables)
      if (ANALYTIC.includes(type)) expect(confidence, type).toBeLessThanOrEqual(0.3);
  });

  test('that is no list of activities ends the project without a figure if the answer is false', async () => {
    const id = await start(CUSTOMERS);
    const question = await questionOf(id);
    expect(question).toMatchObject({
      answer_type: 'BOOLEAN',
      question_text: expect.stringMatching(/list of activities/),
    });
    expect((await reply(question, false)).status).toBeLessThan(300);
    await until(platform, id, 'FAILED');
    const { json } = await platform.call('GET', `/api/projects/${id}/deliverables?type=cost_analysis`);
    expect(json.deliverables).toEqual([]);
  });
});

test('a file is kept only while somebody may have to read it again', async () => {
  const stored = async (id: string) =>
    (await readdir(join(platform.config.storage.dir, 'projects', id)).catch(() => [])).length;
  const asked = await start(UNCLEAR);
  const clear = await start(CLEAR);
  expect([await stored(asked), await stored(clear)]).toEqual([1, 0]);
});
