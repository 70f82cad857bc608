import { describe, expect, it } from 'vitest';
import { findInText } from '../../machines/orchestration/clarification.ts';
import type { QuestionPart } from '../../machines/orchestration/parts.ts';
import type { ClarificationNeeded, Envelope, PlanItem, ProjectInitialRequestReceived } from '../../schemas/types.ts';
import { PID, ProjectDriver, types } from '../fixtures/project-driver.ts';
import { dispatchOf, work } from '../fixtures/scripted-workers.ts';
import clarification from '../vectors/clarification.json' with { type: 'json' };

const rows = [{ text: 'Ticket triage', estimated_minutes: 30 }];
const text = 'Find out where the team loses time';
const item = (key: string, agent_target = 'worker', rest: Partial<PlanItem> = {}): PlanItem => ({
  key,
  title: key,
  agent_target,
  ...rest,
});

function plan(request: Partial<ProjectInitialRequestReceived>): ProjectDriver {
  const project = new ProjectDriver();
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text: text, ...request });
  return project;
}

const questions = (project: ProjectDriver): QuestionPart[] =>
  Array.from({ length: project.header?.sizes.question ?? 0 }, (_, n) =>
    project.part(`question:${project.part(`question_at:${n}`)}`),
  );
const answer = (project: ProjectDriver, question: QuestionPart | undefined, given: unknown) =>
  project.send('USER.ANSWER_SUBMITTED', { project_id: PID, question_id: question?.id as string, answer: given });
const statuses = (project: ProjectDriver) => project.items.map((part) => part.item.status);

describe('the text of a request', () => {
  it.each(clarification.cases)('"$request_text" raises a question: $expected', ({ request_text, expected }) => {
    expect(findInText(request_text) !== null).toBe(expected);
  });

  it('is measured in code points, trimmed', () => {
    expect(findInText(`  ${'😀'.repeat(11)}  `)?.reason).toBe('request_too_short');
    expect(findInText('😀'.repeat(12))).toBeNull();
  });

  it('that is too short is not asked for its KPIs as well', () => {
    expect(findInText('kpi report')?.reason).toBe('request_too_short');
    expect(findInText('Report all KPIs of the desk')).toMatchObject({ field: 'kpis', reason: 'kpis_unspecified' });
  });
});

describe('what a plan lacks', () => {
  it('is asked for once per finding, about all items that lack it', () => {
    const project = plan({
      request_text: 'Make a KPI board',
      items: [
        item('rates', 'cost_worker', { work_context: { hourly_rate: 5 } }),
        item('all', 'scenario_worker'),
        item('none', 'worker'),
        item('rows', 'time_waste_worker', { work_context: { rows: [] } }),
      ],
    });
    const [first, second, third] = project.items.map((part) => part.item.id);
    expect(
      questions(project).map(({ field, answer_type, blocks, backlog_item_id }) => [
        field,
        answer_type,
        blocks,
        backlog_item_id,
      ]),
    ).toEqual([
      ['kpis', 'TEXT', project.items.map((part) => part.item.id), first],
      ['hourly_rate', 'NUMBER', [second], second],
      ['rows', 'JSON', [first, second, project.itemId(3)], first],
    ]);
    expect(third).toBeDefined();
    const notices = project.log.flatMap((event) =>
      event.event_type === 'CLARIFICATION.NEEDED' ? [event.payload] : [],
    );
    expect(notices).toEqual([
      {
        project_id: PID,
        backlog_item_id: first,
        reason: 'kpis_unspecified',
        missing_fields: [{ field: 'kpis', reason: 'kpis_unspecified' }],
        question_id: questions(project)[0]?.id,
      },
      expect.objectContaining({
        reason: 'missing required inputs',
        missing_fields: [{ field: 'hourly_rate', reason: 'required by scenario_worker' }],
      }),
      expect.objectContaining({ missing_fields: [{ field: 'rows', reason: 'required by cost_worker' }] }),
    ]);
    const [asked] = project.log.flatMap((event) =>
      event.event_type === 'QUESTION.CREATED' ? [event.payload.question] : [],
    );
    expect(asked).toMatchObject({
      status: 'OPEN',
      created_at: project.log[0]?.timestamp,
      correlation_id: project.header?.correlation_id,
    });
    expect(project.header).toMatchObject({ open_questions: 3, sizes: { question: 3 } });
  });

  it('goes into the log in pairs, before the dispatches', () => {
    const project = plan({ items: [item('a', 'cost_worker'), item('b')] });
    expect(types(project.log)).toEqual([
      'PROJECT.INITIAL_REQUEST_RECEIVED',
      'BACKLOG.ITEM_CREATED',
      'BACKLOG.ITEM_CREATED',
      'CLARIFICATION.NEEDED',
      'QUESTION.CREATED',
      'CLARIFICATION.NEEDED',
      'QUESTION.CREATED',
      'WORK.ITEM_DISPATCHED',
    ]);
  });

  it.each([
    ['a rate of 0 of the request', { hourly_rate: 0, rows }],
    ['rows of the item', { items: [item('a', 'friction_worker', { work_context: { rows } })] }],
    ['a text for the teams', { request_text: 'Write an e-mail' }],
  ])('is nothing with %s', (_, request) => {
    expect(questions(plan(request))).toEqual([]);
  });

  it('is asked once as the scope when the text is blank, whatever the workers would ask', () => {
    const project = plan({ request_text: ' ', items: [item('a', 'dev_worker'), item('b', 'support_team')] });
    expect(questions(project).map(({ field }) => field)).toEqual(['scope']);
  });

  it('blocks only items that could start', () => {
    const project = plan({ items: [item('a'), item('b', 'cost_worker', { depends_on: ['a'] })], rows });
    expect(statuses(project)).toEqual(['IN_PROGRESS', 'CREATED']);
    expect(project.value).toBe('IN_PROGRESS');
    work(project, 0);
    expect(statuses(project)).toEqual(['DONE', 'BLOCKED']);
    expect(project.value).toBe('AWAITING_INPUT');
  });
});

describe('an answer', () => {
  it('is given to every item of the question, and dispatches those that wait for nothing else', () => {
    const project = plan({ rows });
    const { emitted } = answer(project, questions(project)[0], '120');
    expect(types(emitted)).toEqual(['QUESTION.ANSWER_RECORDED', 'BACKLOG.ITEM_UNBLOCKED', 'WORK.ITEM_DISPATCHED']);
    const question = questions(project)[0] as QuestionPart;
    expect(emitted[0]?.payload).toEqual({
      project_id: PID,
      question_id: question.id,
      answer: 120,
      accepted: true,
      recorded_at: question.answered_at,
    });
    expect(emitted[1]?.payload).toMatchObject({ backlog_item_id: project.itemId(1), question_id: question.id });
    expect(question).toMatchObject({ status: 'CLOSED', answer: 120 });
    const clarifications = [{ question_id: question.id, field: 'hourly_rate', answer: 120 }];
    for (const index of [1, 3]) {
      expect(project.items[index]).toMatchObject({
        clarifications,
        item: { work_context: { hourly_rate: 120 }, blocked_by: [] },
      });
    }
    expect(dispatchOf(project, 1).payload.work_context).toMatchObject({ hourly_rate: 120, clarifications });
    expect(project.header).toMatchObject({ open_questions: 0 });
  });

  it('that does not fit is recorded and leaves everything as it is', () => {
    const project = plan({ rows });
    const before = project.state;
    const { emitted } = answer(project, questions(project)[0], 'a lot');
    expect(emitted.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({
        accepted: false,
        answer: 'a lot',
        reason: 'answer does not fit NUMBER: must be a finite number',
      }),
    ]);
    expect(project.state).toEqual(before);
  });

  it('to a closed question is recorded as such', () => {
    const project = plan({ rows });
    answer(project, questions(project)[0], 100);
    const before = project.state;
    const { emitted } = answer(project, questions(project)[0], 200);
    expect(emitted.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ accepted: false, reason: 'question closed' }),
    ]);
    expect(project.state).toEqual(before);
  });

  it('to an unknown question or project is refused, as it may be early', () => {
    const payload = { project_id: PID, question_id: PID, answer: 1 };
    const refusal = { reason: `unknown question: ${PID}`, retry: true };
    expect(plan({ rows }).send('USER.ANSWER_SUBMITTED', payload).refusal).toEqual(refusal);
    expect(new ProjectDriver().send('USER.ANSWER_SUBMITTED', payload).refusal).toEqual(refusal);
  });

  it('unblocks an item only when it was the last question, in any order', () => {
    const project = plan({ items: [item('a', 'cost_worker')] });
    const [rate, rowsAsked] = questions(project);
    expect(types(answer(project, rowsAsked, [{ text: 'Triage', estimated_minutes: 3 }]).emitted)).toEqual([
      'QUESTION.ANSWER_RECORDED',
    ]);
    expect(project.items[0]?.item).toMatchObject({ status: 'BLOCKED', blocked_by: [rate?.id] });
    answer(project, rate, 1);
    expect(statuses(project)).toEqual(['IN_PROGRESS']);
    expect(dispatchOf(project, 0).payload.work_context).toMatchObject({ hourly_rate: 1, rows: [{ text: 'Triage' }] });
  });

  it('is followed by the request for an approval instead, where one is needed', () => {
    const project = plan({ items: [item('a', 'cost_worker', { requires_approval: true })], rows });
    const { emitted } = answer(project, questions(project)[0], 1);
    expect(types(emitted)).toEqual(['QUESTION.ANSWER_RECORDED', 'HUMAN.APPROVAL_REQUESTED']);
    expect(statuses(project)).toEqual(['BLOCKED']);
  });

  it('skips items that have failed since', () => {
    const project = plan({ rows });
    project.send('WORK.ITEM_FAILED', { project_id: PID, backlog_item_id: project.itemId(1), reason: 'given up' });
    expect(project.items[1]?.item).toMatchObject({ status: 'FAILED', blocked_by: [] });
    const before = project.items;
    expect(types(answer(project, questions(project)[0], 1).emitted)).toEqual(['QUESTION.ANSWER_RECORDED']);
    expect(project.items).toEqual(before);
  });

  it('of one requirement becomes the list that the worker expects', () => {
    const project = plan({ items: [item('a')] });
    ask(project, 0, { reason: 'missing requirements input', missing_fields: [{ field: 'requirements', reason: 'x' }] });
    answer(project, questions(project)[0], 'be fast');
    expect(dispatchOf(project, 0).payload.work_context).toMatchObject({
      requirements: ['be fast'],
      clarifications: [{ answer: 'be fast' }],
    });
  });

  it('about a field with a dangerous name is a key like any other', () => {
    const project = plan({ items: [item('a')] });
    ask(project, 0, { reason: 'x', missing_fields: [{ field: '__proto__', reason: 'x' }] });
    answer(project, questions(project)[0], 'mine');
    const { work_context } = dispatchOf(project, 0).payload;
    expect(Object.entries(work_context)).toContainEqual(['__proto__', 'mine']);
    expect(Object.getPrototypeOf(work_context)).toBe(Object.prototype);
  });

  it('about a field that only the orchestrator sets is kept as a clarification', () => {
    const project = plan({ items: [item('a')] });
    ask(project, 0, { reason: 'unsure', missing_fields: [{ field: 'messages', reason: 'x' }] });
    answer(project, questions(project)[0], 'none');
    const { work_context } = dispatchOf(project, 0).payload;
    expect(work_context.messages).toBeUndefined();
    expect(work_context.clarifications).toEqual([expect.objectContaining({ field: 'messages', answer: 'none' })]);
  });
});

function ask(project: ProjectDriver, index: number, need: Partial<ClarificationNeeded>) {
  const item = { project_id: PID, backlog_item_id: project.itemId(index), reason: '' };
  return project.send('CLARIFICATION.NEEDED', { ...item, ...need }, { cause: dispatchOf(project, index) });
}

describe('a worker that asks', () => {
  it('blocks its item with one question per missing field', () => {
    const project = plan({ items: [item('a')] });
    const missing_fields = ['rows', 'hourly_rate', 'period', 'colour'].map((field) => ({ field, reason: 'needed' }));
    const { emitted } = ask(project, 0, { reason: 'missing required inputs', missing_fields });
    expect(types(emitted)).toEqual(Array(4).fill('QUESTION.CREATED'));
    expect(
      questions(project).map(({ field, answer_type, question_text, blocks }) => [
        field,
        answer_type,
        question_text,
        blocks,
      ]),
    ).toEqual([
      ['rows', 'JSON', 'missing required inputs: please provide rows.', [project.itemId(0)]],
      ['hourly_rate', 'NUMBER', 'missing required inputs: please provide hourly_rate.', [project.itemId(0)]],
      ['period', 'JSON', 'missing required inputs: please provide period.', [project.itemId(0)]],
      ['colour', 'TEXT', 'missing required inputs: please provide colour.', [project.itemId(0)]],
    ]);
    expect(project.items[0]?.item).toMatchObject({
      status: 'BLOCKED',
      attempts: 1,
      blocked_by: questions(project).map(({ id }) => id),
    });
    expect(project.value).toBe('AWAITING_INPUT');
  });

  it('starts anew, attempts counted from 0, once it is answered', () => {
    const project = plan({ items: [item('a')] });
    ask(project, 0, { reason: 'which?' });
    answer(project, questions(project)[0], 'the second');
    expect(project.items[0]?.item).toMatchObject({ status: 'IN_PROGRESS', attempts: 1 });
  });

  it.each<[string, Partial<ClarificationNeeded>, Partial<QuestionPart>]>([
    [
      'without a field',
      { reason: 'Unclear' },
      { field: null, question_text: 'Unclear: please provide more information.', answer_type: 'TEXT' },
    ],
    ['without a reason', { reason: ' ', missing_fields: [] }, { question_text: 'please provide more information.' }],
    [
      'in its own words',
      { question_text: 'Go?', answer_type: 'BOOLEAN' },
      { question_text: 'Go?', answer_type: 'BOOLEAN', options: null },
    ],
    ['with options', { options: ['a', 'b'] }, { answer_type: 'CHOICE', options: ['a', 'b'] }],
    ['for a choice without options', { answer_type: 'CHOICE' }, { answer_type: 'TEXT', options: null }],
    ['for a text, with options', { answer_type: 'TEXT', options: ['a', 'b'] }, { answer_type: 'TEXT', options: null }],
    [
      'for a field with a name that is too long for one',
      { reason: 'x', missing_fields: [{ field: 'f'.repeat(20_000), reason: 'y' }] },
      { field: null, question_text: `x: please provide ${'f'.repeat(20_000 - 'x: please provide …'.length)}…` },
    ],
  ])('%s gets a question that can be answered', (_, need, expected) => {
    const project = plan({ items: [item('a')] });
    const { emitted } = ask(project, 0, need);
    expect(questions(project)).toEqual([expect.objectContaining(expected)]);
    const shown = (emitted[0] as Envelope<'QUESTION.CREATED'>).payload.question;
    expect('options' in shown).toBe(expected.options !== undefined && expected.options !== null);
  });

  it('about an item that waits for others adds a question and leaves it CREATED', () => {
    const project = plan({ items: [item('a'), item('b', 'worker', { depends_on: ['a'] })] });
    project.send('CLARIFICATION.NEEDED', { project_id: PID, backlog_item_id: project.itemId(1), reason: 'soon' });
    expect(project.items[1]?.item).toMatchObject({ status: 'CREATED', blocked_by: [questions(project)[0]?.id] });
    expect(project.value).toBe('IN_PROGRESS');
    answer(project, questions(project)[0], 'now');
    expect(project.items[1]?.item).toMatchObject({ status: 'CREATED', blocked_by: [], work_context: {} });
  });

  it.each([
    [
      'with a question id, the notice of its own',
      (project: ProjectDriver) => ({ backlog_item_id: project.itemId(0), question_id: PID }),
    ],
    ['about an unknown item', () => ({ backlog_item_id: PID })],
    ['about an item that is final', (project: ProjectDriver) => ({ backlog_item_id: project.itemId(1) })],
  ])('%s is ignored', (_, about) => {
    const project = plan({ items: [item('a'), item('b')] });
    work(project, 1);
    const before = project.state;
    const outcome = project.send('CLARIFICATION.NEEDED', { project_id: PID, reason: 'x', ...about(project) });
    expect(outcome).toMatchObject({ handled: false, refusal: null, emitted: [] });
    expect(project.state).toEqual(before);
  });
});
