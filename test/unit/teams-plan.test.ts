import { describe, expect, test } from 'vitest';
import { hierarchical, iterative, optional, parallel, sequential, task } from '../../actors/define-team.ts';
import { teams as shipped } from '../../actors/teams/index.ts';
import { handOut, materialOf } from '../../machines/teams/handing-out.ts';
import { patternOfNode } from '../../machines/teams/patterns/patterns.ts';
import { childOf, comparePaths, tasksBelow, upwards } from '../../machines/teams/places.ts';
import { planRun, type RunPlan, type RunRequest } from '../../machines/teams/run-plan.ts';
import { patternOf, type Team, tasksOf } from '../../machines/teams/team.ts';
import { agent, TestRun, teamOf } from '../fixtures/team-driver.ts';

const [analysis, admin, email] = [...shipped] as Team[] as [Team, Team, Team];
const planned = (team: Team, request: RunRequest = {}, teams = shipped) => planRun(team, request, teams) as RunPlan;
const named = (team: Team, request: RunRequest) =>
  tasksBelow(planned(team, request).run, '').map(({ node: { task, agent, mode } }) => `${mode} ${task}:${agent}`);

describe('the plan of a run', () => {
  test('is the tree of the team when nothing else is asked for', () => {
    expect(planned(email)).toEqual({ pattern: 'sequential', run: email.run });
    expect(planned(email, { pattern: 'sequential' }).run).toEqual(email.run);
  });

  test('is side by side: all but the last at once, the last brings them together', () => {
    const { run } = planned(analysis, { pattern: 'parallel' });
    expect(run).toMatchObject({ kind: 'parallel', minSuccess: 1, aggregator: { task: 'report', mode: 'aggregate' } });
    expect(run).toMatchObject({ children: [{ required: false }, {}, {}, { task: 'remediate' }] });
  });

  test('is a loop where the team says so, with those before and after it once', () => {
    expect(named(email, { pattern: 'iterative' })).toEqual([
      'work parse:parser_agent',
      'work write:writer_agent',
      'review review:parser_agent',
    ]);
    const writing = shipped[3] as Team;
    expect(named(writing, { pattern: 'iterative' })).toEqual([
      'work outline:editor_agent',
      'review review:style_keeper_agent',
      'work polish:style_keeper_agent',
    ]);
    expect(planned(email, { pattern: 'iterative', max_iterations: 5, quality_threshold: 0.5 }).run).toMatchObject({
      children: [{}, { maxIterations: 5, qualityThreshold: 0.5 }],
    });
  });

  test('is led by the last member', () => {
    const { pattern, run } = planned(email, {
      pattern: 'hierarchical',
      context: { teams: ['admin_team', 'analysis_team'] },
    });
    expect([pattern, run.kind]).toEqual(['hierarchical', 'delegation']);
    expect(tasksOf(run).map(({ task }) => task)).toEqual([
      'delegate',
      'classify',
      'execute',
      'pattern',
      'extract',
      'classify',
      'remediate',
      'report',
      'synthesize',
    ]);
  });

  test('has a task of their own for those that by themselves only review or lead', () => {
    const loop = teamOf(iterative({ worker: 'a_agent', reviewer: 'r_agent' }));
    expect(named(loop, { pattern: 'sequential' })).toEqual(['work a:a_agent', 'work r:r_agent']);
    const led = teamOf(hierarchical({ leader: 'l_agent', teams: ['admin_team'] }));
    expect(named(led, { pattern: 'sequential' })).toEqual(['work l:l_agent']);
    expect(new TestRun(led, [led, admin]).request({ pattern: 'parallel' }).done('l').state.value).toBe('completed');
  });

  test('of a team of one runs in every pattern', () => {
    const one = teamOf(sequential('a_agent'));
    const run = new TestRun(one).request({ pattern: 'parallel' }).done('a');
    expect([run.state.value, run.steps]).toEqual(['completed', ['a COMPLETED']]);
    const failed = new TestRun(one).request({ pattern: 'parallel' }).failed('a');
    expect(failed.payload('TEAM.RUN_FAILED').reason).toBe('a:a_agent: a broke');
  });

  const deep = teamOf(sequential(hierarchical({ leader: 'a_agent', teams: ['email_team'] })), { id: 'support_team' });
  const within = teamOf(
    parallel([iterative({ worker: hierarchical({ leader: 'a_agent', teams: ['x_team'] }), reviewer: 'r_agent' })]),
  );
  test.each<[string, Team, RunRequest, string, string]>([
    ['no names', email, {}, '/context/teams', 'context.teams missing'],
    ['no list', email, { context: { teams: 'admin_team' } }, '/context/teams', 'must be a list of 1 to 8 teams'],
    ['none', email, { context: { teams: [] } }, '/context/teams', 'must be a list of 1 to 8 teams'],
    ['nine', email, { context: { teams: [...'123456789'] } }, '/context/teams', 'must be a list of 1 to 8 teams'],
    ['no strings', email, { context: { teams: [{ toString: 1 }] } }, '/context/teams', 'must hold names only'],
    ['one twice', email, { context: { teams: ['a', 'a'] } }, '/context/teams', 'names a team twice'],
    ['itself', email, { context: { teams: ['email_team'] } }, '/context/teams', 'must not contain email_team itself'],
    ['a stranger', email, { context: { teams: ['admin_team', 'x'] } }, '/context/teams/1', 'unknown team: x'],
    ['one that delegates', email, { context: { teams: ['support_team'] } }, '/context/teams/0', 'delegates itself'],
    ['a value too large', email, { context: { 'a~/b': 'x'.repeat(262_144) } }, '/context/a~0~1b', 'is over 256 KiB'],
    ['a stranger, declared', within, { pattern: 'parallel' }, '/context/teams/0', 'unknown team: x_team'],
  ])('refuses %s', (_, team, request, path, message) => {
    const problem = planRun(team, { pattern: 'hierarchical', ...request }, [...shipped.slice(0, 4), deep]);
    expect(problem).toEqual({ path, message: expect.stringContaining(message) });
  });

  test('refuses a loop to a team that names no worker for one', () => {
    const message = 'email_team names no worker and reviewer, so it cannot iterate';
    const two = sequential('a_agent', 'b_agent');
    expect(planRun(teamOf(two), { pattern: 'iterative' }, [])).toEqual({ path: '/pattern', message });
    const stranger = { ...teamOf(two), iterate: { worker: 'c_agent', reviewer: 'a_agent' } };
    expect(planRun(stranger, { pattern: 'iterative' }, [])).toEqual({ path: '/pattern', message });
  });

  test('knows the pattern of each tree', () => {
    const loop = iterative({ worker: 'a_agent', reviewer: 'r_agent' });
    const trees = [loop, parallel(['a_agent']), sequential(loop), task('a', 'a_agent')];
    expect(trees.map((tree) => patternOf(teamOf(tree)))).toEqual(['iterative', 'parallel', 'sequential', 'sequential']);
  });
});

describe('places', () => {
  test('stand in the order of the plan', () => {
    expect(['1', '0.10', '0', '0.2', '0.2.1'].sort(comparePaths)).toEqual(['0', '0.2', '0.2.1', '0.10', '1']);
    expect(upwards('0.2')).toEqual(['0.2', '0', '']);
  });

  test('that do not exist are bugs', () => {
    expect(() => childOf(email.run, 2)).toThrow('a sequential node has no child 2');
    expect(() => childOf(tasksOf(email.run)[0] as never, 0)).toThrow('a task node has no child 0');
    expect(() => patternOfNode(tasksOf(email.run)[0] as never)).toThrow('a task node is no pattern');
  });
});

describe('what an agent is handed', () => {
  const member = (over: object = {}) => {
    const { a_agent } = teamOf(task('t', 'a_agent'), { agents: { a_agent: agent({ cap: 20, ...over }) } }).members;
    return a_agent as NonNullable<typeof a_agent>;
  };
  const node = tasksOf(task('t', 'a_agent').node)[0] as ReturnType<typeof tasksOf>[number];
  const nothing = { node, request: 'The request.', view: {}, input: {}, feedback: null, besides: {}, material: [] };

  test('is the request, cut and said to be, and the keys that it reads', () => {
    const request = 'A first sentence. And a second.';
    const handed = handOut({
      ...nothing,
      member: member({ reads: ['a', 'none'] }),
      request,
      view: { a: 1, b: 2 },
    });
    expect(handed).toEqual({
      task: {
        name: 't',
        description: 'role: Do it.',
        payload: { mode: 'work', text: 'A first sentence.', text_truncated: { from: 31, to: 17 } },
      },
      context: { a: 1 },
      decisions: [{ agent: 'a_agent', truncated_from: 31, truncated_to: 17 }],
    });
  });

  test('is a text of the context where there is one, for its own work', () => {
    const textFrom = member({ textFrom: 'draft.body' });
    const text = (view: object, mode = node.mode) =>
      handOut({ ...nothing, node: { ...node, mode }, member: textFrom, view: { ...view } }).task.payload.text;
    expect(text({ draft: { body: 'Draft.' } })).toBe('Draft.');
    expect(text({ draft: { body: 'Draft.' } }, 'review')).toBe('The request.');
    expect([text({}), text({ draft: { body: '' } }), text({ draft: { body: 1 } })]).toEqual(
      Array(3).fill('The request.'),
    );
  });

  test('is what it wants of what the run was given, texts cut, not what others have written', () => {
    const last = [{ key: 'last', last: 2 }, { key: 'odd', last: 2 }, 'all'];
    const extras = ['short', 'long', ...last, { key: 'tone', default: 'calm' }, 'none', 'written'];
    const input = { short: 'yes', long: 'A first sentence. And more.', last: [1, 2, 3], odd: 7, all: [1, 2, 3] };
    const occasion = { ...nothing, member: member({ extras }), input, view: { ...input, written: 'by another' } };
    const { task: handed, decisions } = handOut(occasion);
    expect(handed.payload).toMatchObject({
      short: 'yes',
      long: 'A first sentence.',
      last: [2, 3],
      odd: 7,
      all: [1, 2, 3],
    });
    expect(Object.keys(handed.payload)).toEqual(['mode', 'text', 'short', 'long', 'last', 'odd', 'all', 'tone']);
    expect(decisions).toEqual([{ agent: 'a_agent', input: 'long', truncated_from: 27, truncated_to: 17 }]);
    const review = handOut({ ...occasion, node: { ...node, mode: 'review' } });
    expect(review.task.payload).toEqual({ mode: 'review', text: 'The request.' });
  });

  test("is an item's material, cut at an element, for everybody", () => {
    const upstream = Array.from({ length: 300 }, () => ({ title: 'x'.repeat(1000) })) as never;
    const notes = 'n'.repeat(300 * 1024);
    const { input, keys, decisions } = materialOf({ rows: [], request_text: 'x', upstream, notes, kpis: 'speed' });
    expect(keys).toEqual(['upstream', 'kpis']);
    expect(Object.keys(input)).toEqual(['upstream', 'kpis']);
    expect((input.upstream as unknown[]).length).toBe(64);
    expect(decisions).toEqual([
      { input: 'notes', truncated_from: notes.length + 2, truncated_to: 0 },
      { input: 'upstream', truncated_from: 300, truncated_to: 64 },
    ]);
    const review = handOut({
      ...nothing,
      node: { ...node, mode: 'review' },
      member: member(),
      input: { kpis: 'speed' },
      material: ['kpis'],
    });
    expect(review.task.payload.kpis).toBe('speed');
    const rows = [{ estimated_minutes: 1 }];
    expect(materialOf({ rows }).input).toEqual({ rows });
  });
});

test('optional children keep that they are in a plan', () => {
  expect(planned(teamOf(sequential(optional('a_agent'), 'b_agent'))).run).toMatchObject({
    children: [{ required: false }, { required: true }],
  });
});
