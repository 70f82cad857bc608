import { describe, expect, it } from 'vitest';
import type { HumanApprovalSubmitted, PlanItem } from '../../schemas/types.ts';
import { PID, ProjectDriver, types } from '../fixtures/project-driver.ts';
import { dispatchOf, work } from '../fixtures/scripted-workers.ts';

const deploy: PlanItem = { key: 'deploy', title: 'Deploy', agent_target: 'worker', requires_approval: true };

function plan(...items: PlanItem[]): ProjectDriver {
  const project = new ProjectDriver();
  const request_text = 'Bring the new version into production';
  project.send('PROJECT.INITIAL_REQUEST_RECEIVED', { project_id: PID, request_text, items });
  return project;
}

const approvalId = (project: ProjectDriver, n = 0) => project.part(`approval_at:${n}`);
const decide = (project: ProjectDriver, approved: boolean, rest: Partial<HumanApprovalSubmitted> = {}) =>
  project.send('HUMAN.APPROVAL_SUBMITTED', {
    project_id: PID,
    backlog_item_id: project.itemId(0),
    approval_id: approvalId(project),
    approved,
    ...rest,
  });

describe('an approval', () => {
  it('is asked for when its item becomes eligible, and blocks it', () => {
    const project = plan(deploy);
    expect(project.log.at(-1)).toMatchObject({
      event_type: 'HUMAN.APPROVAL_REQUESTED',
      payload: {
        project_id: PID,
        backlog_item_id: project.itemId(0),
        approval_id: approvalId(project),
        reason: 'approval required: Deploy',
        agent: 'worker',
      },
    });
    expect(project.items[0]?.item).toMatchObject({ status: 'BLOCKED', blocked_by: [approvalId(project)] });
    expect(project.value).toBe('AWAITING_INPUT');
    expect(project.header).toMatchObject({ open_approvals: 1, sizes: { approval: 1 } });
    expect(project.part(`approval:${approvalId(project)}`)).toMatchObject({
      status: 'OPEN',
      title: 'Deploy',
      decided_at: null,
    });
  });

  it('is not asked for before the dependencies are done', () => {
    const project = plan(
      { ...deploy, depends_on: ['build'] },
      { key: 'build', title: 'Build', agent_target: 'worker' },
    );
    expect(project.header?.sizes.approval).toBe(0);
    const { emitted } = work(project, 1);
    expect(types(emitted)).toEqual(['WORK.ITEM_REVIEWED', 'HUMAN.APPROVAL_REQUESTED']);
  });

  it('that is given dispatches the item', () => {
    const project = plan(deploy);
    const { emitted } = decide(project, true, { submitted_by: 'ada', notes: 'go' });
    expect(types(emitted)).toEqual(['WORK.ITEM_DISPATCHED']);
    expect(project.value).toBe('IN_PROGRESS');
    expect(project.part(`approval:${approvalId(project)}`)).toMatchObject({
      status: 'APPROVED',
      decided_by: 'ada',
      notes: 'go',
      decided_at: project.header?.updated_at,
    });
    expect(project.header?.open_approvals).toBe(0);
  });

  it('is asked for once, retries included', () => {
    const project = plan(deploy);
    decide(project, true);
    const { emitted } = work(project, 0, { evidence: {} });
    expect(types(emitted)).toEqual(['WORK.ITEM_REVIEWED', 'WORK.ITEM_DISPATCHED']);
    const item = { project_id: PID, backlog_item_id: project.itemId(0) };
    project.send('CLARIFICATION.NEEDED', { ...item, reason: 'which?' }, { cause: dispatchOf(project, 0) });
    const [question_id] = project.blockersOf(0) as [string];
    const answered = project.send('USER.ANSWER_SUBMITTED', { project_id: PID, question_id, answer: 'this' });
    expect(types(answered.emitted)).toEqual([
      'QUESTION.ANSWER_RECORDED',
      'BACKLOG.ITEM_UNBLOCKED',
      'WORK.ITEM_DISPATCHED',
    ]);
  });

  it('that is refused fails the item and what depends on it', () => {
    const project = plan(deploy, { key: 'after', title: 'After', agent_target: 'worker', depends_on: ['deploy'] });
    const { emitted } = decide(project, false, { notes: 'not today' });
    expect(types(emitted)).toEqual([
      'WORK.ITEM_FAILED',
      'WORK.ITEM_FAILED',
      'REPORT.PROJECT_SNAPSHOT_PUBLISHED',
      'PROJECT.FAILED',
    ]);
    expect(project.items[0]?.item).toMatchObject({
      status: 'FAILED',
      blocked_by: [],
      failure: { category: 'TOOL_FAILURE', reason: 'approval_rejected', details: { notes: 'not today' } },
    });
    expect(project.items[1]?.item.failure?.reason).toBe('dependency_failed');
    expect(project.part(`approval:${approvalId(project)}`).status).toBe('REJECTED');
    expect(project.value).toBe('FAILED');
  });

  it('given while a question is open leaves the item blocked by the question', () => {
    const project = plan(deploy);
    const item = { project_id: PID, backlog_item_id: project.itemId(0) };
    project.send('CLARIFICATION.NEEDED', { ...item, reason: 'which?' });
    expect(project.blockersOf(0)).toHaveLength(2);
    expect(types(decide(project, true).emitted)).toEqual([]);
    const [question_id] = project.blockersOf(0) as [string];
    const { emitted } = project.send('USER.ANSWER_SUBMITTED', { project_id: PID, question_id, answer: 'this' });
    expect(types(emitted)).toEqual(['QUESTION.ANSWER_RECORDED', 'BACKLOG.ITEM_UNBLOCKED', 'WORK.ITEM_DISPATCHED']);
  });

  it('that was decided stays as it is', () => {
    const project = plan(deploy);
    decide(project, true);
    const before = project.state;
    expect(decide(project, false)).toMatchObject({ handled: false, refusal: null });
    expect(project.state).toEqual(before);
  });

  it('that nobody knows is refused, as it may be early', () => {
    expect(decide(plan(deploy), true, { approval_id: PID }).refusal).toEqual({
      reason: `unknown approval: ${PID}`,
      retry: true,
    });
  });

  it('about an item that has failed since is kept, and changes nothing else', () => {
    const project = plan(deploy, { key: 'other', title: 'Other', agent_target: 'worker' });
    project.send('WORK.ITEM_FAILED', { project_id: PID, backlog_item_id: project.itemId(0), reason: 'gone' });
    const items = project.items;
    expect(decide(project, true).emitted).toEqual([]);
    expect(project.items).toEqual(items);
    expect(project.part(`approval:${approvalId(project)}`).status).toBe('APPROVED');
  });
});
