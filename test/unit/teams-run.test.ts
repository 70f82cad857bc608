import { describe, expect, test } from 'vitest';
import { hierarchical, iterative, optional, parallel, sequential, task } from '../../actors/define-team.ts';
import { requestedRun } from '../../machines/teams/acceptance.ts';
import { Change } from '../../machines/teams/change.ts';
import type { Envelope } from '../../schemas/types.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { agent, ITEM, PROJECT, RUN, TestRun, teamOf } from '../fixtures/team-driver.ts';

const KIB = 1024;
const textOf = (bytes: number) => 'x'.repeat(bytes);
const two = sequential(task('parse', 'a_agent'), task('write', 'b_agent'));
const fault = { code: 'THREAD_CRASHED', message: 'out of heap' };
const exhausted = { type: 'exhausted', fault, attempts: 5 } as const;
const ids = { run_id: RUN, team_id: 'email_team', project_id: PROJECT, backlog_item_id: ITEM };

describe('a dispatched item', () => {
  test('runs as the contract tables it', () => {
    const run = new TestRun(teamOf(two, { artifacts: ['b'] })).dispatch({ request_text: 'Answer it.', rows: [] });
    expect(run.types).toEqual(['WORK.ITEM_STARTED', 'AGENT.TASK_DISPATCHED']);
    expect(run.payload('AGENT.TASK_DISPATCHED')).toEqual({
      ...ids,
      task_id: deriveId(RUN, '0', 1),
      agent: 'a_agent',
      task: { name: 'parse', description: 'role: Do it.', payload: { mode: 'work', text: 'Answer it.' } },
      attempt: 1,
      context: {},
    });
    const usage = { provider: 'p', model: 'm', input_tokens: 2, output_tokens: 3, total_tokens: 5, cost_usd: 0.1 };
    run.done('a', { summary: 'parsed' }, { usage });
    expect(run.types).toEqual(['AGENT.RESULT_SHARED', 'AGENT.TASK_DISPATCHED']);
    expect(run.payload('AGENT.RESULT_SHARED')).toEqual({
      project_id: PROJECT,
      run_id: RUN,
      team_id: 'email_team',
      agent_id: 'a_agent',
      result: { task: 'parse', output: { summary: 'parsed' } },
    });
    run.done('b', { summary: 'written' }, { usage: { ...usage, cost_usd: 0.2 } });
    expect(run.types).toEqual([
      'AGENT.RESULT_SHARED',
      'TEAM.SYNTHESIS_COMPLETE',
      'DELIVERABLE.PUBLISHED',
      'WORK.ITEM_COMPLETED',
      'TEAM.RUN_COMPLETED',
    ]);
    const sum = { requests: 1, input_tokens: 2, output_tokens: 3, total_tokens: 5 };
    const result = {
      team_id: 'email_team',
      summary: 'email_team completed 2 of 2 steps: written',
      artifacts: [{ kind: 'b', agent: 'b_agent', content: { summary: 'written' } }],
      details: {
        steps: [
          { task: 'parse', agent: 'a_agent', output: { summary: 'parsed' } },
          { task: 'write', agent: 'b_agent', output: { summary: 'written' } },
        ],
        failed: [],
        pattern: 'sequential',
        token_usage: {
          requests: 2,
          input_tokens: 4,
          output_tokens: 6,
          total_tokens: 10,
          cost_usd: 0.3,
          agents: { a_agent: { ...sum, cost_usd: 0.1 }, b_agent: { ...sum, cost_usd: 0.2 } },
        },
      },
    };
    expect(run.result).toEqual(result);
    const { deliverable } = run.payload('DELIVERABLE.PUBLISHED');
    expect(deliverable).toMatchObject({ type: 'team_result', agent: 'email_team', content: result, confidence: 0.6 });
    expect(run.payload('WORK.ITEM_COMPLETED').evidence).toEqual({
      agent: 'email_team',
      deliverable_id: deliverable.id,
      team_id: 'email_team',
      steps: 2,
    });
    expect(run.payload('TEAM.RUN_COMPLETED')).toEqual({ ...ids, result, completed_at: run.run.completed_at });
    expect(run.state.value).toBe('completed');
  });

  test('takes its scope for its request when it has no other, and a run id in lower case', () => {
    const run = new TestRun(teamOf(two));
    const work_context = { rows: [], request_text: '  ', scope: 'All of it.' };
    const payload = { project_id: PROJECT, backlog_item_id: ITEM, agent_target: 'email_team', work_context };
    run.give(run.envelope('WORK.ITEM_DISPATCHED', payload, RUN.toUpperCase()));
    expect(run.payload('AGENT.TASK_DISPATCHED')).toMatchObject({
      run_id: RUN,
      task: { payload: { text: 'All of it.' } },
    });
  });

  test('asks when it has nothing to do', () => {
    const run = new TestRun(teamOf(two)).dispatch({ request_text: ' ', rows: [{ estimated_minutes: 1 }] });
    expect([run.state.value, run.types]).toEqual(['asked', ['CLARIFICATION.NEEDED']]);
    expect(run.payload('CLARIFICATION.NEEDED')).toMatchObject({
      agent: 'email_team',
      missing_fields: [{ field: 'request_text' }],
    });
  });

  test('fails with its run', () => {
    const failure = { category: 'TOOL_FAILURE', reason: 'budget exceeded', attempts: 1 };
    const run = new TestRun(teamOf(two)).dispatch({ request_text: 'It.' }).failed('a', 'budget exceeded', { failure });
    expect(run.types).toEqual(['TEAM.RUN_FAILED', 'WORK.ITEM_FAILED']);
    expect(run.payload('TEAM.RUN_FAILED')).toMatchObject({ ...ids, reason: 'parse:a_agent: budget exceeded', failure });
    expect(run.payload('WORK.ITEM_FAILED')).toMatchObject({ reason: 'budget exceeded', failure });
  });

  test('fails when its dispatch could never be worked on', () => {
    const run = new TestRun(teamOf(two));
    const work_context = { rows: [], request_text: 'It.' };
    const payload = { project_id: PROJECT, backlog_item_id: ITEM, agent_target: 'email_team', work_context };
    run.give(run.envelope('WORK.ITEM_DISPATCHED', payload, RUN), exhausted);
    expect([run.state.value, run.types]).toEqual(['failed', ['TEAM.RUN_FAILED', 'WORK.ITEM_FAILED']]);
    expect(run.payload('WORK.ITEM_FAILED').failure).toEqual({
      category: 'TOOL_FAILURE',
      reason: 'out of heap',
      attempts: 5,
    });
    expect(run.state.context.requested).toMatchObject({ request_text: 'It.', refused: { reason: 'out of heap' } });
  });
});

describe('a run by itself', () => {
  test('has no item, whatever the request names', () => {
    const run = TestRun.of(two, { project_id: PROJECT, backlog_item_id: ITEM }).done('a').done('b');
    expect(run.all.filter(({ type }) => type.startsWith('WORK.') || type.startsWith('DELIVERABLE'))).toEqual([]);
    const given = new TestRun(teamOf(two));
    const request = { ...ids, request_text: 'It.' } as const;
    given.give(given.envelope('TEAM.RUN_REQUESTED', { ...request, team_id: 'email_team' }), exhausted);
    expect([given.state.value, given.types]).toEqual(['failed', ['TEAM.RUN_FAILED']]);
  });

  test('is refused when it is no run', () => {
    const run = TestRun.of(two, { pattern: 'hierarchical', context: { x: 1 } });
    expect([run.state.value, run.types]).toEqual(['failed', ['TEAM.RUN_FAILED']]);
    expect(run.payload('TEAM.RUN_FAILED').reason).toBe('invalid run: context.teams missing');
    expect(run.state.context).toMatchObject({
      requested: { pattern: 'hierarchical', refused: { reason: 'invalid run: context.teams missing' } },
      run: null,
    });
  });

  test('is stored at first as what was asked for', () => {
    const run = new TestRun(teamOf(two));
    const request = { ...ids, run_id: RUN.toUpperCase(), team_id: 'email_team', request_text: 'It.' } as const;
    const event = run.envelope('TEAM.RUN_REQUESTED', request) as Envelope<'TEAM.RUN_REQUESTED'>;
    const { value, context } = requestedRun(event, 'sequential');
    expect([value, context.run]).toEqual(['pending', null]);
    expect(context.requested).toEqual({ ids, pattern: 'sequential', request_text: 'It.', created_at: event.timestamp });
  });

  test('keeps names of sub-teams out of its context', () => {
    const other = teamOf(sequential('c_agent'), { id: 'admin_team', agents: { c_agent: agent({ writes: 'c' }) } });
    const team = teamOf(two, { agents: { a_agent: agent(), b_agent: agent({ writes: 'b' }) } });
    const context = { teams: ['admin_team'], tone: 'calm' };
    const run = new TestRun(team, [team, other]).request({ pattern: 'hierarchical', context });
    expect(run.memory.context).toEqual({ tone: 'calm' });
    run.done('b', {}).done('c').done('b', { summary: 'led' });
    expect(run.result.details.pattern).toBe('hierarchical');
    expect(new TestRun(team, [team, other]).request({ context }).memory.context).toEqual(context);
  });
});

describe('an answer that nobody waits for changes nothing', () => {
  const tasks = (run: TestRun) => ({ first: run.take('a'), second: run.take('b') });
  const both = () => TestRun.of(parallel(['a_agent', 'b_agent', 'c_agent']));

  test.each<[string, (run: TestRun) => Envelope]>([
    ['of an unknown task', (run) => run.answerOf({ ...tasks(run).first, task_id: ITEM }, {})],
    ['of another agent', (run) => run.answerOf({ ...tasks(run).first, agent: 'b_agent' }, {})],
    ['of nobody', (run) => run.failureOf({ ...tasks(run).first, agent: 'x_agent' }, 'no')],
    [
      'given before',
      (run) => {
        const { first } = tasks(run);
        run.give(run.answerOf(first, { summary: 'first' }));
        return run.answerOf(first, { summary: 'second' });
      },
    ],
    [
      'after a failure',
      (run) => {
        const { first } = tasks(run);
        run.give(run.failureOf(first, 'no'));
        return run.answerOf(first, {});
      },
    ],
  ])('%s', (_, make) => {
    const run = both();
    const event = make(run);
    const before = JSON.stringify(run.state);
    expect([run.give(event), run.emitted, JSON.stringify(run.state)]).toEqual([false, [], before]);
    // Nor does giving up on it.
    expect([run.give(event, exhausted), run.emitted, JSON.stringify(run.state)]).toEqual([false, [], before]);
  });

  test('to a run that has ended, or that nobody has asked for', () => {
    const run = TestRun.of(two);
    const first = run.take('a');
    run.give(run.failureOf(first, 'no'));
    expect(run.give(run.answerOf(first, {}))).toBe(false);
    const none = new TestRun(teamOf(two));
    expect([none.give(none.answerOf(first, {})), none.give(none.answerOf(first, {}), exhausted)]).toEqual([
      false,
      false,
    ]);
    const again = TestRun.of(two);
    const request = { ...ids, team_id: 'email_team', request_text: 'x' } as const;
    expect(again.give(again.envelope('TEAM.RUN_REQUESTED', request), exhausted)).toBe(false);
    expect(run.give(run.envelope('TEAM.RUN_REQUESTED', { ...ids, team_id: 'email_team', request_text: 'x' }))).toBe(
      false,
    );
  });

  test('but a task id in upper case is the same', () => {
    const run = TestRun.of(two);
    const first = run.take('a');
    expect(run.give(run.answerOf({ ...first, task_id: first.task_id.toUpperCase() }, {}))).toBe(true);
  });
});

test('a run that loses an answer to a fault is over', () => {
  const run = TestRun.of(sequential(parallel(['a_agent', 'b_agent']), 'c_agent')).done('b');
  run.give(run.answerOf(run.take('a'), {}), exhausted);
  expect([run.state.value, run.steps]).toEqual(['failed', ['a FAILED', 'b COMPLETED', 'c SKIPPED']]);
  expect(run.payload('TEAM.RUN_FAILED')).toMatchObject({ reason: 'out of heap', failure: { attempts: 5 } });
});

test('a run may be told nothing of how long an answer took', () => {
  const run = TestRun.of(two).done('a', {}, { duration_ms: undefined });
  expect(run.run.steps[0]).toMatchObject({ status: 'COMPLETED', duration_ms: null, usage: null });
});

describe('the bounds of the memory', () => {
  test('fail the task whose output is larger than a key may be, and keep what it has cost', () => {
    const usage = { provider: 'p', model: 'm', input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    const run = TestRun.of(two).done('a', { summary: textOf(256 * KIB) }, { usage });
    expect(run.payload('TEAM.RUN_FAILED').reason).toBe('parse:a_agent: output too large');
    expect(run.run.steps[0]).toMatchObject({ output: null, duration_ms: 5, usage });
    expect(run.memory).toMatchObject({ context: {}, results: {}, token_usage: { requests: 1 } });
    const exactly = 256 * KIB - JSON.stringify({ summary: '' }).length;
    expect(TestRun.of(two).done('a', { summary: textOf(exactly) }).state.value).toBe('running');
    expect(TestRun.of(two).done('a', { summary: textOf(exactly + 1) }).state.value).toBe('failed');
  });

  test('count an output that nests too deep for the events that carry it as too large', () => {
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`);
    expect(TestRun.of(two).done('a', nested(16)).state.value).toBe('running');
    expect(TestRun.of(two).done('a', nested(17)).payload('TEAM.RUN_FAILED').reason).toContain('output too large');
  });

  test('let an optional task fail alone', () => {
    const run = TestRun.of(sequential(optional('a_agent'), 'b_agent'))
      .done('a', { big: textOf(300 * KIB) })
      .done('b');
    expect(run.result.details.failed).toEqual([{ task: 'a', agent: 'a_agent', reason: 'output too large' }]);
  });

  test('fail the run that would remember more than 1 MiB, and keep no more', () => {
    const run = TestRun.of(parallel(['a_agent', 'b_agent', 'c_agent', 'd_agent']));
    const output = { summary: textOf(200 * KIB) };
    run.done('a', output).done('b', output);
    expect([run.state.value, run.open.length]).toEqual(['running', 2]);
    run.done('c', output);
    expect([run.state.value, run.types]).toEqual(['failed', ['TEAM.RUN_FAILED']]);
    expect(run.payload('TEAM.RUN_FAILED').reason).toBe('shared memory full');
    expect(run.steps).toEqual(['a COMPLETED', 'b COMPLETED', 'c FAILED', 'd FAILED']);
    expect(JSON.stringify([run.memory, run.run.scopes]).length).toBeLessThan(1024 * KIB);
  });

  test('refuse a run whose context fills it', () => {
    const context = Object.fromEntries([...'abcde'].map((key) => [key, textOf(250 * KIB)]));
    expect(TestRun.of(two, { context }).payload('TEAM.RUN_FAILED').reason).toBe('shared memory full');
    const reason = 'invalid run: context.a/b is over 256 KiB';
    expect(TestRun.of(two, { context: { 'a/b': textOf(256 * KIB) } }).payload('TEAM.RUN_FAILED').reason).toBe(reason);
  });

  test('hold for what sub-teams bring, which may be more than one key', () => {
    const keys = ['a', 'b', 'c'];
    const sub = teamOf(sequential(...keys.map((key) => `${key}_agent`)), { id: 'admin_team', artifacts: keys });
    const lead = teamOf(hierarchical({ leader: 'l_agent', teams: ['admin_team'] }));
    const run = new TestRun(lead, [lead, sub]).request().done('l', {});
    const output = { summary: textOf(120 * KIB) };
    run.done('a', output).done('b', output).done('c', output);
    expect(run.started).toEqual(['l']);
    run.done('l', { summary: 'led' });
    expect(run.state.value).toBe('completed');
  });
});

test('names of artifacts that the run was given are no work of the team', () => {
  const run = TestRun.of(sequential(optional('a_agent')), { context: { a: 'given' } }).failed('a');
  expect([run.memory.context, run.result.artifacts]).toEqual([{ a: 'given' }, []]);
});

test('an answer without what an agent writes leaves its keys as they were', () => {
  const agents = { a_agent: agent({ writes: { level: 'priority.level', all: '' } }) };
  const run = new TestRun(teamOf(task('a', 'a_agent'), { agents, artifacts: ['level', 'all'] })).request({
    context: { level: 'given' },
  });
  run.done('a', { priority: null });
  expect(run.memory.context).toEqual({ level: 'given', all: { priority: null } });
  expect(run.memory.findings[0]?.finding).toEqual({ task: 'a', headline: '', keys: ['all'] });
});

test('a review that says more than a message may is told in short', () => {
  const run = TestRun.of(iterative({ worker: 'a_agent', reviewer: 'r_agent' }))
    .done('a')
    .review(0, textOf(30_000));
  expect(run.payload('AGENT.COLLABORATION_REQUEST').message.content).toHaveLength(20_000);
});

test('an agent that no team has is a bug', () => {
  const run = TestRun.of(two);
  const cause = { event: run.envelope('AGENT.TASK_FAILED', {} as never), id: () => RUN };
  expect(() => new Change(run.run, cause, {}).member('x_agent')).toThrow('no team has the agent x_agent');
});
