/** What a project makes of the report on its file: in dispatches, in questions, and when the file is read again. */
import { describe, expect, it } from 'vitest';
import { ESTIMATE_THEM } from '../../machines/orchestration/clarification.ts';
import { readBackReading } from '../../machines/orchestration/rereading.ts';
import type { ActivityInput, Envelope, PlanItem } from '../../schemas/types.ts';
import { PAYLOADS } from '../fixtures/events.ts';
import { PID, ProjectDriver, types } from '../fixtures/project-driver.ts';
import { dispatchOf, work } from '../fixtures/scripted-workers.ts';

const request = PAYLOADS['PROJECT.INITIAL_REQUEST_RECEIVED'];
const reading = PAYLOADS['QUESTION.ANSWER_RECORDED'].reading as { rows_ref: object; input: ActivityInput };
const input: ActivityInput = { ...(request.input as ActivityInput), question: null };
const rows = [{ text: 'Ticket triage', estimated_minutes: 30 }];
const file_info = request.file_info as NonNullable<typeof request.file_info>;

function plan(given: Partial<typeof request> = {}): ProjectDriver {
  const project = new ProjectDriver();
  const request_text = 'Find out where the team loses time';
  const hourly_rate = 100;
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', {
    project_id: PID,
    request_text,
    rows,
    hourly_rate,
    input,
    ...given,
  });
  return project;
}
const contextOf = (project: ProjectDriver, index: number) => dispatchOf(project, index).payload.work_context;
const questionOf = (project: ProjectDriver) => project.part(`question:${project.part('question_at:0')}`);
const answer = (project: ProjectDriver, value: unknown, options = {}) =>
  project.send(
    'USER.ANSWER_SUBMITTED',
    { project_id: PID, question_id: questionOf(project).id, answer: value },
    options,
  );

describe('the report on a file', () => {
  const summary = {
    file: 'tasks.xlsx',
    rows: { read: 3, given: 2, inferred: 1, ignored: 1 },
    minutes: { given: 90, inferred: 30 },
    unit: { unit: 'h', by: 'header', assumed: false },
    warnings: 1,
  };

  it('is kept whole, and travels with dispatches in short', () => {
    const project = plan();
    expect(project.part('input')).toEqual(input);
    for (const index of [0, 1, 2]) expect(contextOf(project, index).input).toEqual(summary);
  });

  it('is not loaded for a dispatch, however long it is (I10)', () => {
    const warnings = Array.from({ length: 50 }, () => 'w'.repeat(500));
    const project = plan({ input: { ...input, warnings } });
    const { loaded } = work(project, 0);
    expect([...loaded]).not.toContain('input');
    expect(JSON.stringify(project.header).length).toBeLessThan(2_000);
  });

  it('says nothing of rows that an item brings', () => {
    const item = (key: string, rest: Partial<PlanItem> = {}): PlanItem => ({
      ...{ key, title: key, agent_target: 'worker', depends_on: [] },
      ...rest,
    });
    const project = plan({ items: [item('own', { work_context: { rows } }), item('shared')] });
    expect(contextOf(project, 0).input).toBeUndefined();
    expect(contextOf(project, 1).input).toEqual(summary);
  });
});

describe('a file whose time is unclear', () => {
  const unclear = (given = {}) =>
    plan({ file_info, input: { ...input, question: { about: 'time column', options: ['Effort', 'Val'] } }, ...given });

  it('is asked about, and cost and savings alone wait for the answer', () => {
    const project = unclear();
    expect(questionOf(project)).toMatchObject({
      answer_type: 'CHOICE',
      options: ['Effort', 'Val', ESTIMATE_THEM],
      question_text: expect.stringMatching(/^Which column holds the time\? 1 of 3 rows of "tasks.xlsx"/),
    });
    const waiting = project.items.filter(({ item }) => item.blocked_by.includes(questionOf(project).id));
    expect(waiting.map(({ item }) => item.agent_target).sort()).toEqual(['cost_worker', 'scenario_worker']);
    expect(project.items.filter(({ item }) => item.status === 'IN_PROGRESS')).toHaveLength(2);
  });

  it('goes on with estimates if that is the answer', () => {
    const project = unclear();
    const { effects, emitted } = answer(project, ESTIMATE_THEM);
    expect(effects).toEqual([]);
    expect(types(emitted)).toContain('BACKLOG.ITEM_UNBLOCKED');
    expect(project.items.map(({ item }) => item.status)).not.toContain('BLOCKED');
  });

  it('is read again with the column of the answer, and analyses that had begun are repeated', () => {
    const project = unclear();
    const event = project.append('USER.ANSWER_SUBMITTED', {
      project_id: PID,
      question_id: questionOf(project).id,
      answer: 'Val',
    });
    const { effects, emitted } = project.apply(event);
    expect(emitted).toEqual([]);
    expect(effects).toEqual([
      {
        name: 'reread',
        input: {
          project_id: PID,
          artifact_id: file_info.artifact_id,
          filename: file_info.filename,
          mapping: { ...input.mapping, duration: 'Val' },
          hasRate: true,
          today: event.timestamp.slice(0, 10),
        },
      },
    ]);
    const before = project.items.length;
    const done = project.answered(event, 'reread', { output: { ...reading, hourly_rate: 7 } });
    expect(done.emitted[0]).toMatchObject({
      event_type: 'QUESTION.ANSWER_RECORDED',
      payload: { accepted: true, answer: 'Val', reading: { rows_ref: reading.rows_ref } },
    });
    expect(project.header).toMatchObject({ rows_ref: reading.rows_ref, hourly_rate: 100, open_questions: 0 });
    expect(project.part('input')).toEqual(reading.input);
    const repeated = project.items.slice(before).map(({ item }) => item.title);
    expect(repeated).toEqual(['Measure time spent again', 'Find recurring work again']);
    expect(contextOf(project, before)).toMatchObject({ rows: [], rows_ref: reading.rows_ref });
    expect(readBackReading(done.emitted)).toMatchObject({ rows_ref: reading.rows_ref });
  });

  it('stays asked about when it cannot be read so', () => {
    for (const outcome of [
      { output: { refused: 'there is no column "Val"' } },
      { fault: { code: 'TIMEOUT', message: 'too slow' } },
    ]) {
      const project = unclear();
      const event = project.append('USER.ANSWER_SUBMITTED', {
        project_id: PID,
        question_id: questionOf(project).id,
        answer: 'Val',
      });
      project.apply(event);
      const { emitted } = project.answered(event, 'reread', outcome);
      expect(types(emitted)).toEqual(['QUESTION.ANSWER_RECORDED']);
      const [recorded] = emitted as Envelope<'QUESTION.ANSWER_RECORDED'>[];
      expect(recorded?.payload).toMatchObject({ accepted: false, reason: expect.stringMatching(/no column|TIMEOUT/) });
      expect(readBackReading(emitted)).toEqual({ refused: recorded?.payload.reason });
      expect(questionOf(project).status).toBe('OPEN');
    }
    expect(readBackReading([])).toBeUndefined();
  });

  it('is not read again for an answer that is no column', () => {
    const project = unclear();
    const { effects, emitted } = answer(project, 'Colour');
    expect(effects).toEqual([]);
    expect(emitted[0]).toMatchObject({ payload: { accepted: false } });
  });
});

describe('a file that may be no list of activities', () => {
  const doubtful = () => plan({ input: { ...input, question: { about: 'activities' } } });

  it('starts nothing and asks for nothing else until somebody says what it is', () => {
    const project = plan({ input: { ...input, question: { about: 'activities' } } });
    expect(questionOf(project)).toMatchObject({ answer_type: 'BOOLEAN', field: 'activities' });
    expect(project.header?.open_questions).toBe(1);
    expect(project.items.map(({ item }) => item.status)).not.toContain('IN_PROGRESS');
  });

  it('is analyzed if it is one', () => {
    const project = doubtful();
    answer(project, true);
    expect(project.items.map(({ item }) => item.status)).toContain('IN_PROGRESS');
  });

  it('ends the project if it is none, at no cost', () => {
    const project = doubtful();
    const { emitted } = answer(project, false);
    expect(project.value).toBe('FAILED');
    expect(types(emitted)).not.toContain('WORK.ITEM_DISPATCHED');
    expect(project.items[0]?.item.failure).toMatchObject({ reason: 'the file is no list of activities' });
  });
});
