/** The worked examples of the contract, event by event: position, type, item and cause. */
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../schemas/types.ts';
import { PID, ProjectDriver } from '../fixtures/project-driver.ts';
import { brief, dispatchOf, produce } from '../fixtures/scripted-workers.ts';

const rows = [
  { text: 'Ticket triage', estimated_minutes: 30, category: 'ops' },
  { text: 'Ticket triage', estimated_minutes: 45, category: 'ops' },
  { text: 'status meeting', estimated_minutes: 60, category: 'meetings' },
];
const request = { project_id: PID, request_text: 'Find out where the team loses time' };

/** All workers named finish before the project hears of any of them. */
function finish(project: ProjectDriver, ...indexes: number[]): void {
  const events = indexes.flatMap((index) => produce(project, dispatchOf(project, index)));
  for (const event of events) project.apply(event);
}

const three = (item: string, cause: number) =>
  ['WORK.ITEM_STARTED', 'DELIVERABLE.PUBLISHED', 'WORK.ITEM_COMPLETED'].map((type) => `${type} ${item} < ${cause}`);

describe('worked examples', () => {
  it('(a) an analysis with rows and rate runs to its report without a question', () => {
    const project = new ProjectDriver();
    project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { ...request, rows, hourly_rate: 100 });
    expect(project.value).toBe('IN_PROGRESS');
    finish(project, 0, 1, 2);
    finish(project, 3);
    finish(project, 4);
    expect(brief(project, 'TCFSR')).toEqual([
      'PROJECT.INITIAL_REQUEST_RECEIVED < null',
      ...[...'TCFSR'].map((item) => `BACKLOG.ITEM_CREATED ${item} < 1`),
      ...[...'TCF'].map((item) => `WORK.ITEM_DISPATCHED ${item} < 1`),
      ...three('T', 7),
      ...three('C', 8),
      ...three('F', 9),
      'WORK.ITEM_REVIEWED T < 12',
      'WORK.ITEM_REVIEWED C < 15',
      'WORK.ITEM_REVIEWED F < 18',
      'WORK.ITEM_DISPATCHED S < 18',
      ...three('S', 22),
      'WORK.ITEM_REVIEWED S < 25',
      'WORK.ITEM_DISPATCHED R < 25',
      ...three('R', 27),
      'WORK.ITEM_REVIEWED R < 30',
      'REPORT.FINAL_PUBLISHED < 30',
      'PROJECT.COMPLETED < 30',
    ]);
    expect(project.value).toBe('COMPLETED');
    expect(project.header?.plan).toBe('analysis');
  });

  it('(b) without a rate it asks once, runs what does not need it, and goes on with the answer', () => {
    const project = new ProjectDriver();
    project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { ...request, rows });
    expect(project.value).toBe('AWAITING_INPUT');
    expect(project.items.map(({ item }) => item.status)).toEqual([
      'IN_PROGRESS',
      'BLOCKED',
      'IN_PROGRESS',
      'CREATED',
      'CREATED',
    ]);
    finish(project, 0, 2);
    const created = project.log.find(
      (event): event is Envelope<'QUESTION.CREATED'> => event.event_type === 'QUESTION.CREATED',
    );
    const question = created?.payload.question;
    expect(question).toMatchObject({ answer_type: 'NUMBER', blocks: [project.itemId(1), project.itemId(3)] });
    project.send('USER.ANSWER_SUBMITTED', { project_id: PID, question_id: question?.id as string, answer: 100 });
    expect(project.value).toBe('IN_PROGRESS');
    finish(project, 1);
    finish(project, 3);
    finish(project, 4);
    expect(brief(project, 'TCFSR')).toEqual([
      'PROJECT.INITIAL_REQUEST_RECEIVED < null',
      ...[...'TCFSR'].map((item) => `BACKLOG.ITEM_CREATED ${item} < 1`),
      'CLARIFICATION.NEEDED C < 1',
      'QUESTION.CREATED < 1',
      'WORK.ITEM_DISPATCHED T < 1',
      'WORK.ITEM_DISPATCHED F < 1',
      ...three('T', 9),
      ...three('F', 10),
      'WORK.ITEM_REVIEWED T < 13',
      'WORK.ITEM_REVIEWED F < 16',
      'USER.ANSWER_SUBMITTED < null',
      'QUESTION.ANSWER_RECORDED < 19',
      'BACKLOG.ITEM_UNBLOCKED C < 19',
      'WORK.ITEM_DISPATCHED C < 19',
      ...three('C', 22),
      'WORK.ITEM_REVIEWED C < 25',
      'WORK.ITEM_DISPATCHED S < 25',
      ...three('S', 27),
      'WORK.ITEM_REVIEWED S < 30',
      'WORK.ITEM_DISPATCHED R < 30',
      ...three('R', 32),
      'WORK.ITEM_REVIEWED R < 35',
      'REPORT.FINAL_PUBLISHED < 35',
      'PROJECT.COMPLETED < 35',
    ]);
  });

  it('(c) a request that says too little gets the default plan and one question about its scope', () => {
    const project = new ProjectDriver();
    project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text: 'Fix it' });
    expect(project.items.map(({ item }) => item.status)).toEqual(['BLOCKED', 'CREATED', 'CREATED']);
    const [question_id] = project.blockersOf(0) as [string];
    expect(project.part(`question:${question_id}`).blocks).toEqual([0, 1, 2].map((index) => project.itemId(index)));
    const answer = 'Repair the nightly export, done when it runs a week';
    project.send('USER.ANSWER_SUBMITTED', { project_id: PID, question_id, answer });
    for (const index of [0, 1, 2]) finish(project, index);
    expect(brief(project, 'ABP')).toEqual([
      'PROJECT.INITIAL_REQUEST_RECEIVED < null',
      ...[...'ABP'].map((item) => `BACKLOG.ITEM_CREATED ${item} < 1`),
      'CLARIFICATION.NEEDED A < 1',
      'QUESTION.CREATED < 1',
      'USER.ANSWER_SUBMITTED < null',
      'QUESTION.ANSWER_RECORDED < 7',
      'BACKLOG.ITEM_UNBLOCKED A < 7',
      'WORK.ITEM_DISPATCHED A < 7',
      ...three('A', 10),
      'WORK.ITEM_REVIEWED A < 13',
      'WORK.ITEM_DISPATCHED B < 13',
      ...three('B', 15),
      'WORK.ITEM_REVIEWED B < 18',
      'WORK.ITEM_DISPATCHED P < 18',
      ...three('P', 20),
      'WORK.ITEM_REVIEWED P < 23',
      'REPORT.FINAL_PUBLISHED < 23',
      'PROJECT.COMPLETED < 23',
    ]);
    expect(dispatchOf(project, 2).payload.work_context).toMatchObject({
      scope: answer,
      clarifications: [{ question_id, field: 'scope', answer }],
    });
  });

  it('(d) a worker that gives up fails what depends on it, and the project ends FAILED once all is final', () => {
    const project = new ProjectDriver();
    project.send('PROJECT.INITIAL_REQUEST_RECEIVED', {
      ...request,
      items: [
        { key: 'a', title: 'A', agent_target: 'dev_worker' },
        { key: 'b', title: 'B', agent_target: 'test_worker', depends_on: ['a'] },
        { key: 'c', title: 'C', agent_target: 'time_waste_worker', work_context: { rows } },
      ],
    });
    const dispatch = dispatchOf(project, 0);
    const item = { project_id: PID, backlog_item_id: project.itemId(0) };
    project.append('WORK.ITEM_STARTED', item, { cause: dispatch });
    finish(project, 2);
    const failure = { category: 'TOOL_FAILURE' as const, reason: 'provider failed', attempts: 5 };
    project.send('WORK.ITEM_FAILED', { ...item, reason: failure.reason, failure }, { cause: dispatch });
    expect(brief(project, 'ABC')).toEqual([
      'PROJECT.INITIAL_REQUEST_RECEIVED < null',
      ...[...'ABC'].map((name) => `BACKLOG.ITEM_CREATED ${name} < 1`),
      'WORK.ITEM_DISPATCHED A < 1',
      'WORK.ITEM_DISPATCHED C < 1',
      'WORK.ITEM_STARTED A < 5',
      ...three('C', 6),
      'WORK.ITEM_REVIEWED C < 10',
      'WORK.ITEM_FAILED A < 5',
      'WORK.ITEM_FAILED B < 12',
      'REPORT.PROJECT_SNAPSHOT_PUBLISHED < 12',
      'PROJECT.FAILED < 12',
    ]);
    expect(project.items[1]?.item.failure).toEqual({
      category: 'TOOL_FAILURE',
      reason: 'dependency_failed',
      details: { dependency: project.itemId(0) },
    });
    expect(project.header?.failure).toEqual({ reason: '2 of 3 items failed', failed_items: 2 });
  });
});
