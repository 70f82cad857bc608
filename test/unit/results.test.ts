import { describe, expect, it } from 'vitest';
import type { DeliverablePublished, Envelope, PlanItem, WorkItemCompleted } from '../../schemas/types.ts';
import { PID, ProjectDriver, types } from '../fixtures/project-driver.ts';
import { dispatchOf, produce, work } from '../fixtures/scripted-workers.ts';

const OTHER = '0b9f6e0e-2f0c-4a57-9a0e-2a1c5a1d7c11';
const item = (key: string, depends_on: string[] = [], rest: Partial<PlanItem> = {}): PlanItem => ({
  key,
  title: key,
  agent_target: 'worker',
  depends_on,
  ...rest,
});

function plan(items: PlanItem[], settings = {}): ProjectDriver {
  const project = new ProjectDriver(settings);
  const request_text = 'Do all that is listed here';
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, items });
  return project;
}

const about = (project: ProjectDriver, index: number) => ({ project_id: PID, backlog_item_id: project.itemId(index) });
const complete = (project: ProjectDriver, index: number, evidence: WorkItemCompleted['evidence'], attempt = 1) =>
  project.send('WORK.ITEM_COMPLETED', { ...about(project, index), evidence }, { attempt });
const publish = (project: ProjectDriver, index: number, rest: Partial<DeliverablePublished['deliverable']> = {}) =>
  project.send('DELIVERABLE.PUBLISHED', {
    ...about(project, index),
    deliverable: { type: 'note', content: { n: 1 }, timestamp: '2026-01-01T00:00:00Z', confidence: 0.5, ...rest },
  });
const statuses = (project: ProjectDriver) => project.items.map((part) => part.item.status);
const review = (events: readonly Envelope[]) => (events[0] as Envelope<'WORK.ITEM_REVIEWED'>).payload.review;

describe('a deliverable', () => {
  it('is stored with the time it came, and listed by its item', () => {
    const project = plan([item('a')]);
    const artifact = { artifact_id: OTHER, filename: 'a.csv', mime_type: 'text/csv', size: 1, sha256: 'a'.repeat(64) };
    expect(publish(project, 0, { id: OTHER.toUpperCase(), agent: 'ada', artifact }).emitted).toEqual([]);
    expect(project.part(`deliverable:${OTHER}`)).toEqual({
      id: OTHER,
      type: 'note',
      project_id: PID,
      backlog_item_id: project.itemId(0),
      agent: 'ada',
      confidence: 0.5,
      created_at: project.log.at(-1)?.timestamp,
      late: false,
      artifact,
      content: { n: 1 },
    });
    expect(project.items[0]?.item.deliverable_ids).toEqual([OTHER]);
    expect(project.part('deliverable_at:0')).toBe(OTHER);
  });

  it('without an id has that of its event, without an agent that of its source', () => {
    const project = plan([item('a')]);
    publish(project, 0);
    const id = project.log.at(-1)?.event_id;
    expect(project.part(`deliverable:${id}`)).toMatchObject({ agent: 'frontend_api', artifact: null });
  });

  it('that comes again under the same id is ignored', () => {
    const project = plan([item('a')]);
    publish(project, 0, { id: OTHER });
    const before = project.state;
    expect(publish(project, 0, { id: OTHER, content: { n: 2 } })).toMatchObject({ handled: false, refusal: null });
    expect(project.state).toEqual(before);
  });

  it('of a final item is stored as late and changes nothing else', () => {
    const project = plan([item('a'), item('b')]);
    work(project, 0);
    const { items, counts } = project;
    publish(project, 0, { id: OTHER });
    expect(project.part(`deliverable:${OTHER}`).late).toBe(true);
    expect([project.items, project.counts]).toEqual([items, counts]);
  });
});

describe('a review', () => {
  it('approves work without alerts, keeps the evidence, and starts what waited for it alone', () => {
    const project = plan([item('a'), item('b', ['a']), item('c', ['a', 'd']), item('d')]);
    const { emitted } = work(project, 0, { type: 'generic_output', content: { note: 'first' } });
    expect(types(emitted)).toEqual(['WORK.ITEM_REVIEWED', 'WORK.ITEM_DISPATCHED']);
    expect(review(emitted)).toEqual({ result: 'approved', reviewer: 'orchestrator' });
    const [done] = project.items;
    expect(done?.item).toMatchObject({ status: 'DONE', evidence: { agent: 'worker', note: 'made' } });
    expect(statuses(project)).toEqual(['DONE', 'IN_PROGRESS', 'CREATED', 'IN_PROGRESS']);
    expect(dispatchOf(project, 1).payload.work_context.upstream).toEqual([
      {
        backlog_item_id: done?.item.id,
        title: 'a',
        agent_target: 'worker',
        deliverable_id: done?.item.deliverable_ids[0],
        type: 'generic_output',
        content: { note: 'first' },
      },
    ]);
  });

  it('hands the deliverables of all dependencies on in plan order', () => {
    const project = plan([item('a'), item('b'), item('c', ['b', 'a'])]);
    for (const index of [1, 0]) work(project, index);
    const upstream = dispatchOf(project, 2).payload.work_context.upstream;
    expect(upstream?.map(({ title }) => title)).toEqual(['a', 'b']);
  });

  it('asks for changes at once, with the notes, until the attempts are used up', () => {
    const project = plan([item('a'), item('b', ['a'])], { maxAttempts: 2 });
    const wrong = { evidence: { deliverable: { claims: [{ text: 'x', sources: [] }] }, facts: tooMuch() } };
    const first = work(project, 0, wrong);
    const notes = 'total_minutes_exceeds_cap:481;unsourced_claim:0';
    expect(types(first.emitted)).toEqual(['WORK.ITEM_REVIEWED', 'WORK.ITEM_DISPATCHED']);
    expect(review(first.emitted)).toEqual({ result: 'needs_changes', notes, reviewer: 'orchestrator' });
    expect(dispatchOf(project, 0).payload.work_context.review_notes).toEqual([notes]);
    expect(project.items[0]?.item).toMatchObject({ status: 'IN_PROGRESS', attempts: 2, evidence: {} });

    const second = work(project, 0, wrong);
    expect(types(second.emitted)).toEqual([
      'WORK.ITEM_REVIEWED',
      'WORK.ITEM_FAILED',
      'WORK.ITEM_FAILED',
      'REPORT.PROJECT_SNAPSHOT_PUBLISHED',
      'PROJECT.FAILED',
    ]);
    expect(review(second.emitted)).toEqual({ result: 'rejected', notes, reviewer: 'orchestrator' });
    const failure = { category: 'REASONING_CONTRADICTION', reason: 'review_rejected', attempts: 2, details: { notes } };
    expect(second.emitted[1]?.payload).toEqual({ ...about(project, 0), reason: 'review_rejected', failure });
    expect(project.items[0]?.item).toMatchObject({ status: 'FAILED', failure });
    expect(project.items[0]?.item.deliverable_ids).toHaveLength(2);
  });

  it('judges an attempt by its own deliverables, and hands only those on', () => {
    const project = plan([item('a'), item('b', ['a'])]);
    work(project, 0, { content: { claims: [{ text: 'x', sources: [] }] } });
    const { emitted } = work(project, 0, { content: { note: 'second' } });
    expect(review(emitted).result).toBe('approved');
    expect(project.items[0]?.item.deliverable_ids).toHaveLength(2);
    expect(dispatchOf(project, 1).payload.work_context.upstream?.map(({ content }) => content)).toEqual([
      { note: 'second' },
    ]);
  });

  it('also judges the earlier deliverable that the evidence names', () => {
    const project = plan([item('a')]);
    publish(project, 0, { id: OTHER, content: { claims: [{ text: 'x', sources: [] }] } });
    complete(project, 0, {});
    const again = complete(project, 0, { deliverable_id: OTHER });
    expect(review(again.emitted).notes).toBe('unsourced_claim:0');
    expect(review(complete(project, 0, { note: 'done' }).emitted).result).toBe('approved');
  });

  it('knows as sources the rows, the deliverables of the item and of its dependencies', () => {
    const rows = [{ text: 'x', estimated_minutes: 1 }];
    const project = plan([item('a'), item('b', ['a'], { work_context: { rows } }), item('c', ['a'])]);
    work(project, 0);
    const upstream = project.part('deliverable_at:0');
    const claiming = (...sources: string[]) => ({ note: 'x', deliverable: { claims: [{ text: 'y', sources }] } });
    expect(review(complete(project, 1, claiming('row:0', 'fact-0', upstream)).emitted).result).toBe('approved');
    expect(review(complete(project, 2, claiming('row:0')).emitted).notes).toBe('unknown_source:row:0');
    publish(project, 2, { id: OTHER });
    expect(review(complete(project, 2, claiming(OTHER)).emitted).result).toBe('approved');
  });

  it('counts the rows of the project where the item has none of its own', () => {
    const project = new ProjectDriver();
    const rows = [{ text: 'x', estimated_minutes: 1 }];
    project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text: 'Look at these rows', rows });
    const evidence = { note: 'x', deliverable: { claims: [{ text: 'y', sources: ['row:0'] }] } };
    expect(review(complete(project, 0, evidence).emitted).result).toBe('approved');
  });

  it('of no evidence is a matter of missing data', () => {
    const project = plan([item('a')], { maxAttempts: 1 });
    const { emitted } = complete(project, 0, {});
    expect(review(emitted)).toMatchObject({ result: 'rejected', notes: 'missing evidence' });
    expect(project.items[0]?.item.failure?.category).toBe('DATA_INSUFFICIENCY');
  });

  it('waits for the deliverable that the evidence names, and goes on without it on the last attempt', () => {
    const project = plan([item('a'), item('b')]);
    const evidence = { deliverable_id: OTHER.toUpperCase() };
    const before = project.state;
    for (const attempt of [1, 4]) {
      expect(complete(project, 0, evidence, attempt).refusal).toEqual({
        reason: `deliverable not arrived: ${OTHER}`,
        retry: true,
      });
    }
    expect(project.state).toEqual(before);
    expect(review(complete(project, 0, evidence, 5).emitted).result).toBe('approved');

    publish(project, 1, { id: OTHER });
    expect(review(complete(project, 1, evidence).emitted).result).toBe('approved');
  });

  it('does not start an item that has failed while it waited', () => {
    const project = plan([item('a'), item('b', ['a']), item('c')]);
    project.send('WORK.ITEM_FAILED', { ...about(project, 1), reason: 'gone' });
    expect(types(work(project, 0).emitted)).toEqual(['WORK.ITEM_REVIEWED']);
    expect(statuses(project)).toEqual(['DONE', 'FAILED', 'IN_PROGRESS']);
  });

  function tooMuch() {
    return [{ id: 'f', field: 'task_minutes', value: 481, provenance: { unit: 'minutes' } }];
  }
});

describe('a failure', () => {
  it('takes everything that depends on the item with it, once each, in plan order', () => {
    const project = plan([item('e', ['c', 'd']), item('c', ['a']), item('d', ['a', 'c']), item('a'), item('ok')]);
    const failure = { category: 'REASONING_CONTRADICTION' as const, reason: 'no', details: { x: 1 } };
    const { emitted } = project.send('WORK.ITEM_FAILED', { ...about(project, 3), reason: 'no', failure });
    expect(types(emitted)).toEqual(Array(3).fill('WORK.ITEM_FAILED'));
    expect(emitted.map((event) => (event as Envelope<'WORK.ITEM_FAILED'>).payload.backlog_item_id)).toEqual(
      [0, 1, 2].map((index) => project.itemId(index)),
    );
    const follows = {
      category: 'REASONING_CONTRADICTION',
      reason: 'dependency_failed',
      details: { dependency: project.itemId(3) },
    };
    for (const index of [0, 1, 2])
      expect(project.items[index]?.item).toMatchObject({ status: 'FAILED', failure: follows });
    expect(project.items[3]?.item.failure).toEqual(failure);
    expect([statuses(project)[4], project.value]).toEqual(['IN_PROGRESS', 'IN_PROGRESS']);
  });

  it('without a category is one of a tool', () => {
    const project = plan([item('a'), item('b')]);
    project.send('WORK.ITEM_FAILED', { ...about(project, 0), reason: 'unknown agent_target: x' });
    expect(project.items[0]?.item.failure).toEqual({ category: 'TOOL_FAILURE', reason: 'unknown agent_target: x' });
  });

  it('of the blocked item ends the wait for people', () => {
    const project = plan([item('a', [], { requires_approval: true }), item('b')]);
    expect(project.value).toBe('AWAITING_INPUT');
    project.send('WORK.ITEM_FAILED', { ...about(project, 0), reason: 'gone' });
    expect(project.value).toBe('IN_PROGRESS');
  });

  it('of the last open item ends the project from AWAITING_INPUT, too, and cancels what is open', () => {
    const project = plan([item('a', [], { requires_approval: true })]);
    project.send('WORK.ITEM_FAILED', { ...about(project, 0), reason: 'gone' });
    expect(project.value).toBe('FAILED');
    expect(project.part(`approval:${project.part('approval_at:0')}`)).toMatchObject({
      status: 'CANCELED',
      decided_by: null,
    });
    expect(project.header?.open_approvals).toBe(0);
  });
});

describe('a result that comes out of turn', () => {
  it.each([
    ['CREATED', 1, 'READY, BLOCKED, FAILED'],
    ['BLOCKED', 2, 'READY, FAILED'],
  ])('completing an item in status %s is a dead letter', (status, index, allowed) => {
    const project = plan([item('a'), item('b', ['a']), item('c', [], { requires_approval: true })]);
    const before = project.state;
    const id = project.itemId(index);
    expect(complete(project, index, { note: 'x' }).refusal).toEqual({
      reason: `illegal transition: item ${id} ${status} -> DONE (allowed: ${allowed})`,
      retry: false,
    });
    expect(project.state).toEqual(before);
  });

  it.each(['DONE', 'FAILED'])('for an item that is %s changes nothing', (status) => {
    const project = plan([item('a'), item('b')]);
    if (status === 'DONE') work(project, 0);
    else project.send('WORK.ITEM_FAILED', { ...about(project, 0), reason: 'x' });
    const before = project.state;
    expect(complete(project, 0, { deliverable_id: OTHER })).toMatchObject({ handled: false, refusal: null });
    expect(project.send('WORK.ITEM_FAILED', { ...about(project, 0), reason: 'y' })).toMatchObject({ handled: false });
    expect(project.state).toEqual(before);
  });

  it.each([
    ['an unknown item', () => plan([item('a')])],
    ['an unknown project', () => new ProjectDriver()],
  ])('for %s is ignored', (_, make) => {
    const project = make();
    const before = project.state;
    const unknown = { project_id: PID, backlog_item_id: OTHER };
    const deliverable = { type: 'note', content: {}, timestamp: '2026-01-01T00:00:00Z', confidence: 1 };
    const outcomes = [
      project.send('WORK.ITEM_COMPLETED', { ...unknown, evidence: { note: 'x' } }),
      project.send('WORK.ITEM_FAILED', { ...unknown, reason: 'x' }),
      project.send('CLARIFICATION.NEEDED', { ...unknown, reason: 'x' }),
      project.send('DELIVERABLE.PUBLISHED', { ...unknown, deliverable }),
    ];
    for (const outcome of outcomes) expect(outcome).toMatchObject({ handled: false, refusal: null, emitted: [] });
    expect(project.state).toEqual(before);
  });

  it('of a project that has ended is stored if it is a deliverable, else ignored', () => {
    const project = plan([item('a')]);
    const [published, completed] = produce(project, dispatchOf(project, 0)) as [Envelope, Envelope];
    project.send('PROJECT.STOP_REQUESTED', { project_id: PID });
    expect(project.apply(published)).toMatchObject({ handled: true, emitted: [] });
    const { value, items } = project;
    expect(project.apply(completed)).toMatchObject({ handled: false, refusal: null });
    expect([value, items[0]?.item.status, items[0]?.item.deliverable_ids]).toEqual(['STOPPED', 'FAILED', []]);
    expect(project.part(`deliverable:${project.part('deliverable_at:0')}`).late).toBe(true);
  });
});
