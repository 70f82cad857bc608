import { describe, expect, it } from 'vitest';
import type { Envelope, EventType, Payloads, PlanItem, Report } from '../../schemas/types.ts';
import { PID, ProjectDriver, types } from '../fixtures/project-driver.ts';
import { work } from '../fixtures/scripted-workers.ts';

const rows = [{ text: 'Ticket triage', estimated_minutes: 30 }];
const request_text = 'Find out where the team loses time';
const item = (key: string, depends_on: string[] = [], rest: Partial<PlanItem> = {}): PlanItem => ({
  key,
  title: `Title ${key}`,
  agent_target: 'worker',
  depends_on,
  ...rest,
});

function plan(request: Partial<Payloads['PROJECT.INITIAL_REQUEST_RECEIVED']>): ProjectDriver {
  const project = new ProjectDriver();
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, name: 'Audit', ...request });
  return project;
}

function payloadOf<T extends EventType>(events: readonly Envelope[], type: T): Payloads[T] {
  const found = events.find((event) => event.event_type === type);
  if (!found) throw new Error(`no ${type}`);
  return found.payload as Payloads[T];
}

const stop = (project: ProjectDriver, reason?: string) =>
  project.send('PROJECT.STOP_REQUESTED', { project_id: PID, ...(reason !== undefined && { reason }) });

describe('a project whose items are all done', () => {
  it('publishes its report as a deliverable and completes', () => {
    const project = plan({ rows });
    const [question_id] = project.blockersOf(1) as [string];
    project.send('USER.ANSWER_SUBMITTED', { project_id: PID, question_id, answer: 100 });
    const figures = { total_hours: 0.5, breakdown: [] };
    const input = { rows: { read: 1 } };
    work(project, 0, { type: 'time_waste_analysis', content: figures });
    work(project, 1, { type: 'cost_analysis', content: { monthly_cost: 50, note: 'per month', input } });
    for (const index of [2, 3]) work(project, index);
    const { emitted } = work(project, 4);
    const completed = payloadOf(emitted, 'PROJECT.COMPLETED');
    const published = payloadOf(emitted, 'REPORT.FINAL_PUBLISHED');
    const ids = project.items.flatMap((part) => part.item.deliverable_ids);
    const counts = { total: 5, created: 0, ready: 0, blocked: 0, in_progress: 0, done: 5, failed: 0 };
    expect(completed).toEqual({
      project_id: PID,
      completed_at: project.header?.updated_at,
      counts,
      deliverable_ids: ids,
      report_deliverable_id: published.deliverable_id,
    });
    expect(published.report).toEqual({
      project_id: PID,
      name: 'Audit',
      status: 'COMPLETED',
      generated_at: project.header?.updated_at,
      counts,
      items: project.items.map(({ item: { id, title, agent_target, deliverable_ids } }) => ({
        id,
        title,
        agent_target,
        status: 'DONE',
        deliverable_ids,
      })),
      deliverables: project.items.map(({ item: { id, deliverable_ids } }, index) => ({
        id: deliverable_ids[0],
        type: ['time_waste_analysis', 'cost_analysis'][index] ?? 'generic_output',
        backlog_item_id: id,
        confidence: 0.7,
      })),
      figures: { time_waste_analysis: { total_hours: 0.5 }, cost_analysis: { monthly_cost: 50 } },
      questions: [{ id: question_id, question_text: 'Which hourly rate should the cost estimate use?', answer: 100 }],
      summary:
        '5 items done; missing: Recurring work: “Find recurring work” delivered nothing; What could be saved: “Project savings” delivered nothing.',
      missing: [
        'Recurring work: “Find recurring work” delivered nothing.',
        'What could be saved: “Project savings” delivered nothing.',
      ],
      findings: [
        {
          sentence: '1 row was read; all durations are in the input.',
          figures: { rows_read: 1, rows_given: 1, rows_inferred: 0, rows_ignored: 0, warnings: 0 },
          source: 'input',
        },
        {
          sentence: 'The activities add up to 0.5 hours.',
          figures: { total_hours: 0.5, first_date: null, last_date: null, hours_per_month: null },
          source: 'time_waste_analysis.total_hours',
        },
        {
          sentence: 'In money, the time costs 50 for the file as a whole.',
          figures: { hourly_rate: null, monthly_cost: 50, cost_per_month: null },
          source: 'cost_analysis.monthly_cost',
        },
      ],
      input: { rows: { read: 1 } },
    });
    expect(project.header).toMatchObject({ report_deliverable_id: published.deliverable_id, failure: null });
    expect(project.part(`deliverable:${published.deliverable_id}`)).toEqual({
      id: published.deliverable_id,
      type: 'final_report',
      project_id: PID,
      backlog_item_id: null,
      agent: 'orchestrator',
      confidence: 0.7,
      created_at: project.header?.updated_at,
      late: false,
      artifact: null,
      content: published.report,
    });
  });

  it('is sure of itself if it delivered nothing that it could be unsure of', () => {
    const project = plan({ items: [item('a')] });
    const evidence = { note: 'nothing to show' };
    project.send('WORK.ITEM_COMPLETED', { project_id: PID, backlog_item_id: project.itemId(0), evidence });
    expect(project.value).toBe('COMPLETED');
    expect(project.part(`deliverable:${project.header?.report_deliverable_id}`).confidence).toBe(1);
  });

  it('names at most 5,000 deliverables', () => {
    const project = plan({ items: [item('a')] });
    const about = { project_id: PID, backlog_item_id: project.itemId(0) };
    const deliverable = { type: 'note', content: {}, timestamp: '2026-01-01T00:00:00Z', confidence: 1 };
    const part = project.part(`item:${project.itemId(0)}`);
    const ids = Array.from({ length: 5_001 }, (_, n) => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`);
    project.parts.set(
      `item:${part.item.id}`,
      JSON.stringify({ ...part, turned_down: 5_001, item: { ...part.item, deliverable_ids: ids } }),
    );
    for (const id of ids) project.parts.set(`deliverable:${id}`, JSON.stringify({ ...deliverable, id, ...about }));
    const { emitted } = project.send('WORK.ITEM_COMPLETED', { ...about, evidence: { note: 'all of it' } });
    const { deliverable_ids } = payloadOf(emitted, 'PROJECT.COMPLETED');
    expect(deliverable_ids).toEqual(ids.slice(0, 5_000));
    expect(payloadOf(emitted, 'REPORT.FINAL_PUBLISHED').report.items[0]?.deliverable_ids).toHaveLength(5_000);
  });
});

describe('an analysis whose figures are there', () => {
  const analysed = (): ProjectDriver => {
    const project = plan({ rows, hourly_rate: 100 });
    const types = ['time_waste_analysis', 'cost_analysis', 'friction_analysis', 'with_agent_scenario'];
    for (const [index, type] of types.entries())
      work(project, index, { type, content: type === 'cost_analysis' ? { monthly_cost: 50 } : {} });
    return project;
  };

  it('completes without the words of a model, and says so', () => {
    const project = analysed();
    const failure = { project_id: PID, backlog_item_id: project.itemId(4), reason: 'the thread ended' };
    const { emitted } = project.send('WORK.ITEM_FAILED', failure);
    expect([project.value, project.header?.failure]).toEqual(['COMPLETED', null]);
    const counts = { total: 5, created: 0, ready: 0, blocked: 0, in_progress: 0, done: 4, failed: 1 };
    expect(payloadOf(emitted, 'PROJECT.COMPLETED')).toMatchObject({ counts });
    const { report, deliverable_id } = payloadOf(emitted, 'REPORT.FINAL_PUBLISHED');
    expect(report).toMatchObject({
      status: 'COMPLETED',
      counts,
      figures: { cost_analysis: { monthly_cost: 50 } },
      missing: ['“Report findings” failed (the thread ended).'],
      summary:
        '4 of 5 items done; the findings of a language model are missing: “Report findings” failed (the thread ended).',
    });
    expect(report.items[4]).toMatchObject({ status: 'FAILED', reason: 'the thread ended' });
    expect(project.part(`deliverable:${deliverable_id}`).content).toEqual(report);
  });

  it('completes with what a deliverable says it lacks', () => {
    const project = analysed();
    const missing = ["the language model's analysis: BUDGET_EXCEEDED: budget exceeded: day", 7];
    const { emitted } = work(project, 4, { type: 'requirements_analysis', content: { missing } });
    const { report } = payloadOf(emitted, 'REPORT.FINAL_PUBLISHED');
    expect(report.missing).toEqual(missing.slice(0, 1));
    expect(report.summary).toBe(`5 items done; missing: ${missing[0]}.`);
  });

  it('has a report of bounded size, whatever a deliverable says', () => {
    const project = analysed();
    const missing = Array(5_000).fill('x'.repeat(5_000));
    const { emitted } = work(project, 4, { type: 'requirements_analysis', content: { missing } });
    const { report } = payloadOf(emitted, 'REPORT.FINAL_PUBLISHED');
    expect([report.missing?.length, report.missing?.[0]?.length, report.summary.length]).toEqual([20, 1_000, 20_000]);
  });

  it('is failed by any other item', () => {
    const project = plan({ rows, hourly_rate: 100 });
    for (const index of [0, 1, 2]) work(project, index);
    const { emitted } = project.send('WORK.ITEM_FAILED', {
      project_id: PID,
      backlog_item_id: project.itemId(3),
      reason: 'broken',
    });
    expect(project.value).toBe('FAILED');
    expect(payloadOf(emitted, 'PROJECT.FAILED').reason).toBe('2 of 5 items failed');
  });

  it('is no plan of its own whose last item failed', () => {
    const project = plan({ items: [item('a'), item('b', ['a'])], rows });
    work(project, 0);
    project.send('WORK.ITEM_FAILED', { project_id: PID, backlog_item_id: project.itemId(1), reason: 'broken' });
    expect(project.value).toBe('FAILED');
  });
});

describe('a project with failed items', () => {
  it('goes on until all are final, then reports and fails', () => {
    const project = plan({ items: [item('a'), item('b', ['a']), item('c')] });
    project.send('WORK.ITEM_FAILED', { project_id: PID, backlog_item_id: project.itemId(0), reason: 'broken' });
    expect(project.value).toBe('IN_PROGRESS');
    const { emitted } = work(project, 2, { type: 'cost_analysis', content: { monthly_cost: 1 } });
    expect(types(emitted)).toEqual(['WORK.ITEM_REVIEWED', 'REPORT.PROJECT_SNAPSHOT_PUBLISHED', 'PROJECT.FAILED']);
    expect(payloadOf(emitted, 'PROJECT.FAILED')).toEqual({
      project_id: PID,
      reason: '2 of 3 items failed',
      failed_items: [
        { backlog_item_id: project.itemId(0), title: 'Title a', reason: 'broken' },
        { backlog_item_id: project.itemId(1), title: 'Title b', reason: 'dependency_failed' },
      ],
      counts: { total: 3, created: 0, ready: 0, blocked: 0, in_progress: 0, done: 1, failed: 2 },
      failed_at: project.header?.updated_at,
    });
    const { snapshot } = payloadOf(emitted, 'REPORT.PROJECT_SNAPSHOT_PUBLISHED');
    expect(snapshot).toMatchObject({
      status: 'FAILED',
      items: [{ status: 'FAILED', reason: 'broken' }, { reason: 'dependency_failed' }, { status: 'DONE' }],
      figures: { cost_analysis: { monthly_cost: 1 } },
      missing: ['“Title a” failed (broken).', '“Title b” failed (dependency_failed).'],
      summary: '2 of 3 items failed, 1 done.',
    } satisfies { [K in keyof Report]?: unknown });
    expect(project.header?.failure).toEqual({ reason: '2 of 3 items failed', failed_items: 2 });
  });

  it('closes what is still open', () => {
    const project = plan({ items: [item('a', [], { agent_target: 'cost_worker' })], rows });
    project.send('WORK.ITEM_FAILED', { project_id: PID, backlog_item_id: project.itemId(0), reason: 'broken' });
    expect(project.value).toBe('FAILED');
    expect(project.part(`question:${project.part('question_at:0')}`)).toMatchObject({
      status: 'CLOSED',
      answer: null,
      answered_at: null,
    });
    expect(project.header?.open_questions).toBe(0);
  });
});

describe('a stop', () => {
  it('fails what is not final, closes what is open, and ends the project', () => {
    const project = plan({
      items: [item('a'), item('b', ['a']), item('c', [], { requires_approval: true }), item('d')],
    });
    work(project, 3);
    const { emitted } = stop(project, 'no budget');
    expect(types(emitted)).toEqual([
      ...Array(3).fill('WORK.ITEM_FAILED'),
      'REPORT.PROJECT_SNAPSHOT_PUBLISHED',
      'PROJECT.STOPPED',
    ]);
    const stopped_at = project.header?.updated_at;
    expect(payloadOf(emitted, 'PROJECT.STOPPED')).toEqual({
      project_id: PID,
      stopped_items: 3,
      stopped_at,
      reason: 'no budget',
    });
    const failure = { category: 'TOOL_FAILURE', reason: 'stopped' };
    expect(project.items.map((part) => part.item.failure)).toEqual([failure, failure, failure, null]);
    expect(payloadOf(emitted, 'REPORT.PROJECT_SNAPSHOT_PUBLISHED').snapshot).toMatchObject({
      status: 'STOPPED',
      summary: 'Stopped with 1 of 4 items done.',
    });
    expect(project.part(`approval:${project.part('approval_at:0')}`).status).toBe('CANCELED');
    expect([project.value, project.header?.failure]).toEqual(['STOPPED', null]);
  });

  it('before planning ends the project without items', () => {
    const project = new ProjectDriver();
    const request = project.append('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text });
    project.accept(request as Envelope<'PROJECT.INITIAL_REQUEST_RECEIVED'>);
    const { emitted } = stop(project);
    expect(types(emitted)).toEqual(['REPORT.PROJECT_SNAPSHOT_PUBLISHED', 'PROJECT.STOPPED']);
    expect(payloadOf(emitted, 'PROJECT.STOPPED').stopped_items).toBe(0);
    expect(project.apply(request).handled).toBe(false);
  });

  it.each(['COMPLETED', 'FAILED', 'STOPPED'])('of a project that is %s changes nothing', (ended) => {
    const project = plan({ items: [item('a')] });
    if (ended === 'COMPLETED') work(project, 0);
    else if (ended === 'STOPPED') stop(project);
    else project.send('WORK.ITEM_FAILED', { project_id: PID, backlog_item_id: project.itemId(0), reason: 'x' });
    expect(project.value).toBe(ended);
    const before = project.state;
    expect(stop(project)).toMatchObject({ handled: false, refusal: null, emitted: [] });
    expect(project.state).toEqual(before);
  });
});
