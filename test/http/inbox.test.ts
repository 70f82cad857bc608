import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANALYSIS, create, pages, startPlatform, type TestPlatform, until } from './platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.stop());

const WITHOUT_RATE = { name: 'Ask', description: 'Find out where time goes', rows: ANALYSIS.rows };

async function ask() {
  const id = await create(platform, WITHOUT_RATE);
  await until(platform, id, 'AWAITING_INPUT');
  const { json } = await platform.call('GET', `/api/projects/${id}/questions`);
  expect(json.questions).toHaveLength(1);
  return { id, question: json.questions[0] };
}

const answer = (question: { id: string }, json: unknown, headers = {}) =>
  platform.call('POST', `/api/questions/${question.id}/answer`, { json, headers });

describe('a question', () => {
  test('is listed while it is open, and its answer unblocks what waited for it', async () => {
    const { id, question } = await ask();
    expect(question).toMatchObject({
      project_id: id,
      question_text: 'Which hourly rate should the cost estimate use?',
      answer_type: 'NUMBER',
      field: 'hourly_rate',
      options: null,
      status: 'OPEN',
      answer: null,
      answered_at: null,
    });
    expect(question.blocks).toHaveLength(2);
    const listed = (await platform.call('GET', `/api/questions?project_id=${id.toUpperCase()}`)).json.questions;
    expect(listed).toEqual([question]);
    const everywhere = (await pages(platform, '/api/questions', 'questions', 2)).flat();
    expect(everywhere.map((each) => each.id)).toContain(question.id);
    const { status, json } = await answer(question, { answer: '100' });
    expect([status, json]).toEqual([
      200,
      { question_id: question.id, status: 'CLOSED', message: 'Answer recorded, 1 item unblocked' },
    ]);
    const [closed] = (await platform.call('GET', `/api/projects/${id}/questions?status=CLOSED`)).json.questions;
    expect(closed).toMatchObject({ id: question.id, answer: 100, status: 'CLOSED', answered_at: expect.any(String) });
    expect((await platform.call('GET', `/api/questions?project_id=${id}`)).json.questions).toEqual([]);
    expect((await platform.call('GET', `/api/questions?project_id=${id}&status=ALL`)).json.questions).toHaveLength(1);
    await until(platform, id, 'COMPLETED');
  });

  test('stays open when the answer does not fit, and no event is made of it', async () => {
    const { id, question } = await ask();
    for (const given of ['12 EUR', '1e999', '', null, true, -1, [], {}, '0x10']) {
      const { status, json } = await answer(question, { answer: given });
      expect([given, status, json.error.code]).toEqual([given, 400, 'VALIDATION_ERROR']);
      expect(json.error.details).toMatchObject({
        answer_type: 'NUMBER',
        options: null,
        reason: expect.stringMatching(/^answer does not fit NUMBER: /),
      });
    }
    expect((await answer(question, {})).json.error.details.errors).toEqual([
      { path: '/answer', message: 'is required' },
    ]);
    const { json } = await platform.call('GET', `/api/projects/${id}/events?type=USER.*`);
    expect(json.events).toEqual([]);
    expect((await platform.call('GET', `/api/projects/${id}`)).json.open_questions).toBe(1);
  });

  test('takes one of many answers given at once; the others are told that it is closed', async () => {
    const { id, question } = await ask();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => answer(question, { answer: n })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    for (const { status, json } of answers) {
      if (status === 409) expect(json.error.details).toEqual({ status: 'CLOSED' });
    }
    const accepted = answers.findIndex(({ status }) => status === 200);
    const [closed] = (await platform.call('GET', `/api/projects/${id}/questions?status=CLOSED`)).json.questions;
    expect(closed.answer).toBe(accepted);
    expect((await answer(question, { answer: 1 })).status).toBe(409);
  });

  test('that does not exist is not found', async () => {
    expect((await answer({ id: randomUUID() }, { answer: 1 })).status).toBe(404);
    expect((await platform.call('GET', `/api/questions?project_id=${randomUUID()}`)).json.questions).toEqual([]);
    expect((await platform.call('GET', '/api/questions?project_id=x')).status).toBe(400);
  });

  test('about rows takes rows as a request does', async () => {
    const id = await create(platform, {
      name: 'Rows',
      description: 'What takes our time?',
      items: [{ key: 't', title: 'Time', agent_target: 'time_waste_worker' }],
    });
    await until(platform, id, 'AWAITING_INPUT');
    const [question] = (await platform.call('GET', `/api/projects/${id}/questions`)).json.questions;
    expect(question).toMatchObject({ answer_type: 'JSON', field: 'rows' });
    expect((await answer(question, { answer: [] })).status).toBe(400);
    expect((await answer(question, { answer: [{ text: 'a', estimated_minutes: 'soon' }] })).status).toBe(400);
    expect((await answer(question, { answer: [{ text: 'a', estimated_minutes: '2h' }] })).status).toBe(200);
    await until(platform, id, 'COMPLETED');
  });
});

describe('an approval', () => {
  const item = { key: 'd', title: 'Deploy', agent_target: 'time_waste_worker', requires_approval: true };
  const plan = { name: 'Deploy', description: 'Deploy what we have', rows: ANALYSIS.rows, items: [item] };

  async function request() {
    const id = await create(platform, plan);
    await until(platform, id, 'AWAITING_INPUT');
    const { json } = await platform.call('GET', `/api/approvals?project_id=${id}`);
    expect(json.approvals).toHaveLength(1);
    return { id, approval: json.approvals[0] };
  }
  const decide = (approval: { id: string }, json: unknown) =>
    platform.call('POST', `/api/approvals/${approval.id}`, { json });

  test('given lets the item run; it says who decided', async () => {
    const { id, approval } = await request();
    expect(approval).toMatchObject({ title: 'Deploy', reason: 'approval required: Deploy', status: 'OPEN' });
    const { status, json } = await decide(approval, { approved: true, notes: 'Go' });
    expect([status, json]).toEqual([
      200,
      { approval_id: approval.id, status: 'APPROVED', backlog_item_id: approval.backlog_item_id },
    ]);
    await until(platform, id, 'COMPLETED');
    const [decided] = (await platform.call('GET', `/api/approvals?project_id=${id}&status=APPROVED`)).json.approvals;
    expect(decided).toMatchObject({ notes: 'Go', decided_by: 'local', decided_at: expect.any(String) });
    const again = await decide(approval, { approved: false });
    expect([again.status, again.json.error.details]).toEqual([409, { status: 'APPROVED' }]);
  });

  test('refused fails the item', async () => {
    const { id, approval } = await request();
    expect((await decide(approval, { approved: false })).json.status).toBe('REJECTED');
    const project = await until(platform, id, 'FAILED');
    expect(project.failure).toMatchObject({ failed_items: 1 });
    const rejected = (await pages(platform, '/api/approvals?status=REJECTED', 'approvals', 1)).flat();
    expect(rejected.map((each) => each.id)).toContain(approval.id);
  });

  test('is decided once by many who decide at once', async () => {
    const { id, approval } = await request();
    const decisions = await Promise.all(
      Array.from({ length: 10 }, (_, n) => decide(approval, { approved: n % 2 === 0 })),
    );
    expect(decisions.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    const won = decisions.find(({ status }) => status === 200)?.json.status;
    const [decided] = (await platform.call('GET', `/api/approvals?project_id=${id}&status=ALL`)).json.approvals;
    expect(decided.status).toBe(won);
  });

  test('that does not exist is not found, and a decision without a verdict is not valid', async () => {
    expect((await decide({ id: randomUUID() }, { approved: true })).status).toBe(404);
    const { approval } = await request();
    for (const json of [{}, { approved: 'yes' }, { approved: true, by: 'me' }]) {
      expect((await decide(approval, json)).status).toBe(400);
    }
  });
});
