import { describe, expect, test } from 'vitest';
import { hierarchical, iterative, optional, parallel, required, sequential, task } from '../../actors/define-team.ts';
import { patternActions } from '../../machines/teams/patterns/pattern.ts';
import { TestRun, teamOf } from '../fixtures/team-driver.ts';

const big = (bytes: number) => 'x'.repeat(bytes);

test('a pattern does nothing by itself', () => {
  expect([patternActions.start({}, [1]), patternActions.skip({}, [1])]).toEqual([undefined, undefined]);
});

describe('sequential', () => {
  test('starts each child in the step that stores the result before it, which it sees', () => {
    const run = new TestRun(
      teamOf(sequential('a_agent', 'b_agent', task('third', 'c_agent')), {
        agents: Object.fromEntries(
          ['a', 'b', 'c'].map((name) => [
            `${name}_agent`,
            { ...memberWriting(name), reads: ['a', 'b'].filter((key) => key < name) },
          ]),
        ),
      }),
    ).request();
    expect(run.started).toEqual(['a']);
    run.done('a', { summary: 'first' });
    expect(run.types).toEqual(['AGENT.RESULT_SHARED', 'AGENT.TASK_DISPATCHED']);
    expect(run.payload('AGENT.TASK_DISPATCHED').context).toEqual({ a: { summary: 'first' } });
    run.done('b', { summary: 'second' });
    expect(run.payload('AGENT.TASK_DISPATCHED').context).toEqual({ a: { summary: 'first' }, b: { summary: 'second' } });
    expect(run.payload('AGENT.TASK_DISPATCHED').task.name).toBe('third');
    run.done('c');
    expect([run.state.value, run.steps]).toEqual(['completed', ['a COMPLETED', 'b COMPLETED', 'third COMPLETED']]);
    expect(run.types).toEqual(['AGENT.RESULT_SHARED', 'TEAM.SYNTHESIS_COMPLETE', 'TEAM.RUN_COMPLETED']);
  });

  test('fails with the first required child, skips the rest and says who and why', () => {
    const failure = { category: 'DATA_INSUFFICIENCY', reason: 'no rows' };
    const run = TestRun.of(sequential('a_agent', 'b_agent', 'c_agent'))
      .done('a')
      .failed('b', 'no rows', { failure });
    expect([run.state.value, run.steps]).toEqual(['failed', ['a COMPLETED', 'b FAILED', 'c SKIPPED']]);
    expect(run.types).toEqual(['TEAM.RUN_FAILED']);
    expect(run.payload('TEAM.RUN_FAILED')).toMatchObject({ reason: 'b:b_agent: no rows', failure });
    expect(run.memory.decisions).toContainEqual({ skipped: 'c', reason: 'an earlier task failed' });
    expect(run.memory.state).toMatchObject({ status: 'FAILED', step: 'b' });
  });

  test('goes on after an optional child has failed, also after the last', () => {
    const run = TestRun.of(sequential(optional('a_agent'), 'b_agent', optional('c_agent')));
    run.failed('a').done('b').failed('c', 'c broke');
    expect(run.state.value).toBe('completed');
    expect(run.result.details).toMatchObject({
      steps: [{ task: 'b', agent: 'b_agent', output: { summary: 'b done' } }],
      failed: [
        { task: 'a', agent: 'a_agent', reason: 'a broke' },
        { task: 'c', agent: 'c_agent', reason: 'c broke' },
      ],
    });
    expect(run.result.summary).toBe('email_team completed 1 of 3 steps: b done');
  });

  test('is what a single agent is', () => {
    const run = new TestRun({ ...teamOf(sequential('a_agent')), run: sequential('a_agent').node }).request();
    expect(run.done('a').result.details).toMatchObject({ pattern: 'sequential', failed: [] });
    const alone = TestRun.of(task('only', 'a_agent')).done('a');
    expect([alone.state.value, alone.steps]).toEqual(['completed', ['only COMPLETED']]);
    const broken = TestRun.of(task('only', 'a_agent')).failed('a');
    expect(broken.payload('TEAM.RUN_FAILED').reason).toBe('only:a_agent: a broke');
  });
});

describe('parallel', () => {
  test('runs eight at a time, the rest in order as places free up', () => {
    const names = [...'abcdefghij'];
    const run = TestRun.of(parallel(names.map((name) => `${name}_agent`)));
    expect(run.started).toEqual([...'abcdefgh']);
    expect(run.failed('d').started).toEqual(['i']);
    expect(run.done('a').started).toEqual(['j']);
    expect(run.done('b').started).toEqual([]);
    for (const name of [...'cefghij']) run.done(name);
    expect(run.state.value).toBe('completed');
  });

  test('shows every child the same snapshot and applies writes in the order of the plan', () => {
    const same = () => ({ ...memberWriting('draft'), reads: ['draft'] });
    const make = () =>
      new TestRun(
        teamOf(parallel(['a_agent', 'b_agent'], { aggregator: 'c_agent' }), {
          agents: { a_agent: same(), b_agent: same(), c_agent: { ...memberWriting('all'), reads: ['draft'] } },
          artifacts: ['draft', 'all'],
        }),
      ).request({ context: { draft: 'given' } });
    const forth = make();
    expect(forth.tasks(forth.emitted).map(({ context }) => context)).toEqual([{ draft: 'given' }, { draft: 'given' }]);
    forth.done('a').done('b');
    const back = make().done('b').done('a');
    for (const run of [forth, back]) {
      expect(run.memory.context).toEqual({ draft: { summary: 'b done' } });
      expect(run.payload('AGENT.TASK_DISPATCHED')).toMatchObject({
        agent: 'c_agent',
        context: { draft: { summary: 'b done' } },
        task: { payload: { mode: 'aggregate', results: { a: { summary: 'a done' }, b: { summary: 'b done' } } } },
      });
      run.done('c');
    }
    expect(forth.result).toEqual(back.result);
    expect(forth.result.artifacts).toEqual([
      { kind: 'draft', agent: 'b_agent', content: { summary: 'b done' } },
      { kind: 'all', agent: 'c_agent', content: { summary: 'c done' } },
    ]);
  });

  test.each([
    ['one fails', ['a'], 'completed'],
    ['all but one fail', ['a', 'b'], 'completed'],
    ['all fail', ['a', 'b', 'c'], 'failed'],
  ])('needs one success by default: %s', (_, broken, value) => {
    const run = TestRun.of(parallel(['a_agent', 'b_agent', 'c_agent']));
    for (const name of ['c', 'b', 'a']) broken.includes(name) ? run.failed(name) : run.done(name);
    expect(run.state.value).toBe(value);
    if (value === 'failed') expect(run.payload('TEAM.RUN_FAILED').reason).toBe('a:a_agent: a broke');
    else expect(run.result.details.failed).toHaveLength(broken.length);
  });

  test('stops nobody when one fails, and fails with too few, skipping the aggregator', () => {
    const tree = parallel(['a_agent', 'b_agent'], { aggregator: 'c_agent', minSuccess: 2 });
    const run = TestRun.of(tree).failed('b');
    expect([run.state.value, run.emitted]).toEqual(['running', []]);
    run.done('a');
    expect([run.state.value, run.steps]).toEqual(['failed', ['a COMPLETED', 'b FAILED', 'c SKIPPED']]);
    expect(run.payload('TEAM.RUN_FAILED').reason).toBe('b:b_agent: b broke');
  });

  test('fails with a required child, whoever else has failed before', () => {
    const run = TestRun.of(parallel(['a_agent', required('b_agent'), 'c_agent']));
    run.failed('c').failed('b').failed('a');
    expect(run.payload('TEAM.RUN_FAILED').reason).toBe('b:b_agent: b broke');
  });

  test('fails with its aggregator', () => {
    const tree = parallel(['a_agent', 'b_agent'], { aggregator: 'c_agent' });
    const run = TestRun.of(tree).failed('a').done('b').failed('c');
    expect([run.state.value, run.payload('TEAM.RUN_FAILED').reason]).toEqual(['failed', 'c:c_agent: c broke']);
  });

  test('puts a failure down to the same step whatever the order, also deep in a branch', () => {
    // The step that fails in the second branch has the number that the aggregator has among the branches.
    const tree = parallel(
      [sequential('a_agent'), sequential('b_agent', 'c_agent', 'd_agent')].map((step) => required(step)),
      { aggregator: 'e_agent' },
    );
    const forth = TestRun.of(tree).failed('a').done('b').done('c').failed('d');
    const back = TestRun.of(tree).done('b').done('c').failed('d').failed('a');
    for (const run of [forth, back]) expect(run.payload('TEAM.RUN_FAILED').reason).toBe('a:a_agent: a broke');
  });

  test('drops what a branch wrote that failed, and tells its results apart from others of their name', () => {
    const tree = parallel([sequential('a_agent', 'b_agent'), task('same', 'c_agent'), task('same', 'd_agent')], {
      aggregator: 'e_agent',
    });
    const run = TestRun.of(tree).done('a').failed('b').done('d').done('c');
    expect(run.payload('AGENT.TASK_DISPATCHED').task.payload.results).toEqual({
      same: { summary: 'c done' },
      'same 2': { summary: 'd done' },
    });
    run.done('e');
    expect(Object.keys(run.memory.context)).toEqual(['c', 'd', 'e']);
    expect(run.result.artifacts.map(({ kind }) => kind)).toEqual(['c', 'd', 'e']);
  });

  test('keeps nothing open of a part that failed and may', () => {
    const tree = sequential(optional(parallel(['a_agent', 'b_agent'], { minSuccess: 2 })), 'c_agent');
    const run = TestRun.of(tree).done('a').failed('b');
    expect(run.run.scopes).toEqual({});
    expect(run.done('c').result.artifacts.map(({ kind }) => kind)).toEqual(['c']);
  });
});

describe('iterative', () => {
  const loop = (worker: Parameters<typeof iterative>[0]['worker'] = 'a_agent', over: object = {}) =>
    iterative({ worker, reviewer: 'r_agent', ...over });

  test('accepts at the first review that reaches the threshold', () => {
    const run = TestRun.of(loop()).done('a');
    expect(run.payload('AGENT.TASK_DISPATCHED')).toMatchObject({
      agent: 'r_agent',
      attempt: 1,
      task: { name: 'review', payload: { mode: 'review', work: { summary: 'a done' } } },
    });
    run.review(0.8);
    expect(run.state.value).toBe('completed');
    expect(run.result.details).toMatchObject({ pattern: 'iterative', accepted: true, iterations: 1 });
    expect(run.memory.decisions).toContainEqual({ accepted: true, score: 0.8, iteration: 1 });
  });

  test('tells the worker what the review says, in an event and in its task', () => {
    const issues = [{ severity: 'high', description: 'Too long.', suggestion: 'Cut it.' }];
    const run = TestRun.of(loop()).done('a', { summary: 'one' });
    const [first] = run.run.steps;
    run.review(0.4, 'not yet', issues);
    expect(run.types).toEqual(['AGENT.RESULT_SHARED', 'AGENT.COLLABORATION_REQUEST', 'AGENT.TASK_DISPATCHED']);
    expect(run.payload('AGENT.COLLABORATION_REQUEST')).toMatchObject({
      requester: 'r_agent',
      target: 'a_agent',
      message: { content: 'not yet' },
    });
    const again = run.payload('AGENT.TASK_DISPATCHED');
    expect(again).toMatchObject({
      agent: 'a_agent',
      attempt: 2,
      task: { payload: { feedback: { previous_output: { summary: 'one' }, issues, summary: 'not yet' } } },
    });
    expect(again.task_id).not.toBe(first?.task_id);
    run.done('a', { summary: 'two' });
    expect(run.payload('AGENT.TASK_DISPATCHED').task.payload).toMatchObject({ work: { summary: 'two' } });
    expect(run.payload('AGENT.TASK_DISPATCHED').task.payload).not.toHaveProperty('feedback');
    run.review(0.9);
    expect(run.result.details).toMatchObject({ accepted: true, iterations: 2 });
    expect(run.memory.context).toEqual({ a: { summary: 'two' } });
    expect(Object.keys(run.memory.results)).toEqual([
      'a:a_agent#1',
      'review:r_agent#1',
      'a:a_agent#2',
      'review:r_agent#2',
    ]);
  });

  test.each([
    [[0.7, 0.5, 0.6], 1],
    [[0.5, 0.7, 0.7], 3],
    [[0.5, 0.7, 0.6], 2],
    [[0, 0, 0], 3],
  ])('takes the best of %j at the limit, the later of equals: round %i', (scores, winner) => {
    const run = TestRun.of(loop());
    for (const [index, score] of scores.entries()) run.done('a', { summary: `round ${index + 1}` }).review(score);
    expect(run.state.value).toBe('completed');
    expect(run.result.details).toMatchObject({ accepted: false, iterations: 3 });
    expect(run.memory.context.a).toEqual({ summary: `round ${winner}` });
    expect(run.result.artifacts).toEqual([{ kind: 'a', agent: 'a_agent', content: { summary: `round ${winner}` } }]);
  });

  test('takes rounds and threshold from the request', () => {
    const run = TestRun.of(loop(), { max_iterations: 2, quality_threshold: 0.95 });
    run.done('a').review(0.9).done('a').review(0.94);
    expect(run.result.details).toMatchObject({ accepted: false, iterations: 2 });
  });

  test.each<[string, (run: TestRun) => TestRun, string, string[]]>([
    ['its worker', (run) => run.failed('a'), 'a:a_agent: a broke', ['a FAILED', 'review SKIPPED']],
    ['its reviewer', (run) => run.done('a').failed('r'), 'review:r_agent: r broke', ['a COMPLETED', 'review FAILED']],
    [
      'its worker in a later round',
      (run) => run.done('a').review(0).failed('a'),
      'a:a_agent: a broke',
      ['a COMPLETED', 'review COMPLETED', 'a FAILED', 'review SKIPPED'],
    ],
  ])('fails with %s', (_, play, reason, steps) => {
    const run = play(TestRun.of(loop()));
    expect([run.payload('TEAM.RUN_FAILED').reason, run.steps]).toEqual([reason, steps]);
  });

  test('works with a pattern as its worker: the reviewer sees its writes, each of its tasks the feedback', () => {
    const run = TestRun.of(loop(sequential('a_agent', 'b_agent')))
      .done('a')
      .done('b');
    expect(run.payload('AGENT.TASK_DISPATCHED').task.payload.work).toEqual({
      a: { summary: 'a done' },
      b: { summary: 'b done' },
    });
    run.review(0.1);
    const previous_output = { a: { summary: 'a done' }, b: { summary: 'b done' } };
    expect(run.payload('AGENT.TASK_DISPATCHED').task.payload.feedback).toMatchObject({ previous_output });
    run.done('a', { summary: 'new' });
    expect(run.payload('AGENT.TASK_DISPATCHED').task.payload.feedback).toMatchObject({ previous_output });
    run.done('b').review(1);
    expect(run.memory.context).toEqual({ a: { summary: 'new' }, b: { summary: 'b done' } });
  });

  test('keeps loops within loops apart', () => {
    const inner = iterative({ worker: 'a_agent', reviewer: 's_agent', maxIterations: 2 });
    const run = TestRun.of(loop(inner, { maxIterations: 2 }));
    const judge = (score: number) => run.done('s', { score, issues: [], summary: `inner ${score}` });
    run.done('a', { summary: '1.1' });
    judge(0.2);
    run.done('a', { summary: '1.2' });
    judge(0.1).review(0.3, 'outer says no');
    const feedback = run.payload('AGENT.TASK_DISPATCHED').task.payload.feedback;
    expect(feedback).toMatchObject({ previous_output: { a: { summary: '1.1' } }, summary: 'outer says no' });
    run.done('a', { summary: '2.1' });
    judge(1).review(0.2);
    expect(run.memory.context).toEqual({ a: { summary: '1.1' } });
    expect(run.result.details).toMatchObject({ accepted: false, iterations: 2 });
    expect(new Set(run.run.steps.map(({ task_id }) => task_id)).size).toBe(run.run.steps.length);
  });

  test('gives an aggregator the round that counts, and no reviews', () => {
    const run = TestRun.of(parallel([loop('a_agent', { maxIterations: 2 }), 'b_agent'], { aggregator: 'c_agent' }));
    run.done('b').done('a', { summary: 'better' }).review(0.5).done('a', { summary: 'worse' }).review(0.4);
    expect(run.payload('AGENT.TASK_DISPATCHED').task.payload.results).toEqual({
      a: { summary: 'better' },
      b: { summary: 'b done' },
    });
    run.done('c');
    expect(run.result.details).toMatchObject({ accepted: false, iterations: 2 });
  });

  test('says of several loops how the last in the plan has ended, whatever the order', () => {
    const loops = parallel([
      iterative({ worker: 'a_agent', reviewer: 'r_agent', maxIterations: 1 }),
      iterative({ worker: 'b_agent', reviewer: 's_agent', maxIterations: 1 }),
    ]);
    const first = (run: TestRun) => run.done('a').done('r', { score: 1, issues: [], summary: '' });
    const second = (run: TestRun) => run.done('b').done('s', { score: 0, issues: [], summary: '' });
    for (const run of [second(first(TestRun.of(loops))), first(second(TestRun.of(loops)))]) {
      expect(run.result.details.accepted).toBe(false);
    }
  });
});

describe('hierarchical', () => {
  const others = [
    teamOf(sequential('a_agent', 'b_agent'), {
      id: 'writing_team',
      agents: { a_agent: memberWriting('a'), b_agent: { ...memberWriting('b'), reads: ['a', 'secret'] } },
      artifacts: ['b', 'none'],
    }),
    teamOf(iterative({ worker: 'c_agent', reviewer: 'r_agent', maxIterations: 2 }), {
      id: 'admin_team',
      agents: { c_agent: memberWriting('c'), r_agent: memberWriting('r') },
      artifacts: ['c'],
    }),
  ];
  const leading = teamOf(hierarchical({ leader: 'l_agent', teams: ['writing_team', 'admin_team'] }), {
    agents: { l_agent: memberWriting('l') },
    artifacts: [],
  });
  const led = () => new TestRun(leading, [leading, ...others]).request({ context: { secret: 'given' } });
  const assignments = (...given: unknown[]) => ({ assignments: given });

  test('asks the leader, then all teams at once, each for its objective or the whole request', () => {
    const run = led();
    expect(run.payload('AGENT.TASK_DISPATCHED').task).toMatchObject({
      name: 'delegate',
      payload: { mode: 'delegate', text: 'The request.', teams: [{ team_id: 'writing_team', purpose: 'Test.' }, {}] },
    });
    run.done('l', assignments({ team_id: 'admin_team', objective: ' File it. ' }));
    expect(run.types).toEqual([
      'AGENT.RESULT_SHARED',
      'AGENT.COLLABORATION_REQUEST',
      'AGENT.TASK_DISPATCHED',
      'AGENT.TASK_DISPATCHED',
    ]);
    expect(run.payload('AGENT.COLLABORATION_REQUEST')).toMatchObject({
      requester: 'l_agent',
      target: 'admin_team',
      message: { content: 'File it.' },
    });
    expect(run.tasks(run.emitted).map(({ agent, task }) => [agent, task.payload.text])).toEqual([
      ['a_agent', 'The request.'],
      ['c_agent', 'File it.'],
    ]);
  });

  test('gives each team a scope of its own and its results to the leader', () => {
    const run = led().done('l', assignments());
    run.done('a', { summary: 'a says' });
    expect(run.payload('AGENT.TASK_DISPATCHED').context).toEqual({ a: { summary: 'a says' }, secret: 'given' });
    run.done('c', { summary: 'good' }).review(0.5).done('c', { summary: 'bad' }).review(0.1);
    expect(run.memory.context).toEqual({ secret: 'given' });
    run.done('b', { summary: 'b says' });
    const teams = {
      writing_team: { summary: 'b says', b: { summary: 'b says' } },
      admin_team: { summary: 'good', c: { summary: 'good' } },
    };
    expect(run.memory.context).toEqual({ secret: 'given', teams });
    expect(run.run.teamResults).toEqual({});
    expect(run.payload('AGENT.TASK_DISPATCHED').task).toMatchObject({
      name: 'synthesize',
      payload: { mode: 'synthesize', teams },
    });
    run.done('l', { summary: 'All done.', highlights: [] });
    expect(run.state.value).toBe('completed');
    expect(run.result.summary).toBe('email_team completed 8 of 8 steps: All done.');
    expect(run.result.details).not.toHaveProperty('accepted');
    expect(Object.keys(run.memory.results)).toContain('writing_team/a:a_agent');
    expect(Object.keys(run.memory.results)).toContain('admin_team/c:c_agent#2');
  });

  test('goes on without a team that failed', () => {
    const run = led().done('l', assignments()).failed('a').done('c').review(1);
    expect(run.memory.context.teams).toEqual({ admin_team: { summary: 'c done', c: { summary: 'c done' } } });
    run.done('l', { summary: 'Half done.', highlights: [] });
    expect(run.result.details).toMatchObject({
      failed: [{ task: 'a', agent: 'a_agent', reason: 'a broke' }],
      pattern: 'hierarchical',
    });
  });

  test('has nothing of a team whose tasks all failed and might', () => {
    const shy = teamOf(sequential(optional('a_agent')), { id: 'writing_team', artifacts: ['a'] });
    const lead = teamOf(hierarchical({ leader: 'l_agent', teams: ['writing_team'] }));
    const run = new TestRun(lead, [lead, shy]).request().done('l', assignments()).failed('a');
    expect(run.memory.context.teams).toEqual({ writing_team: { summary: '' } });
  });

  test.each<[string, (run: TestRun) => TestRun, string]>([
    ['its leader cannot delegate', (run) => run.failed('l'), 'delegate:l_agent: l broke'],
    ['all teams fail', (run) => run.done('l', {}).failed('c').failed('a'), 'a:a_agent: a broke'],
    [
      'its leader cannot conclude',
      (run) => run.done('l', {}).failed('a').done('c').review(1).failed('l'),
      'synthesize:l_agent: l broke',
    ],
  ])('fails when %s', (_, play, reason) => {
    const run = play(led());
    expect([run.state.value, run.payload('TEAM.RUN_FAILED').reason]).toEqual(['failed', reason]);
    expect(run.steps.some((step) => step.endsWith('PENDING') || step.endsWith('RUNNING'))).toBe(false);
  });

  test('understands no more of an assignment than is there', () => {
    const run = led().done('l', {
      assignments: [
        null,
        1,
        'x',
        [],
        { team_id: 'writing_team', objective: { toString: 1 } },
        { team_id: 'writing_team', objective: '  ' },
        { team_id: 'writing_team' },
        { team_id: 'email_team', objective: 'loop' },
        { team_id: 'admin_team', objective: 'One.' },
        { team_id: 'admin_team', objective: big(30_000) },
      ],
    });
    expect(run.types.filter((type) => type === 'AGENT.COLLABORATION_REQUEST')).toHaveLength(2);
    expect(run.tasks(run.emitted)[0]?.task.payload.text).toBe('The request.');
  });

  test('stands within other patterns', () => {
    const within = teamOf(
      parallel([hierarchical({ leader: 'l_agent', teams: ['admin_team'] }), 'd_agent'], { aggregator: 'e_agent' }),
    );
    const run = new TestRun(within, [within, ...others]).request();
    run.done('l', assignments()).done('c').review(1).done('l', { summary: 'led', highlights: [] }).done('d');
    expect(run.payload('AGENT.TASK_DISPATCHED').task.payload.results).toEqual({
      synthesize: { summary: 'led', highlights: [] },
      d: { summary: 'd done' },
    });
    run.done('e');
    expect(run.memory.context).toMatchObject({ teams: { admin_team: { c: { summary: 'c done' } } } });
    expect(run.result.artifacts.map(({ kind }) => kind)).toEqual(['d', 'e']);
  });
});

test('nests four deep: a loop around a sequence, in parallel, in a sequence', () => {
  const loop = iterative({ worker: sequential('a_agent', 'b_agent'), reviewer: 'r_agent', maxIterations: 2 });
  const run = TestRun.of(sequential(parallel([loop, optional('c_agent')], { aggregator: 'd_agent' }), 'e_agent'));
  run.done('a').failed('c').done('b').review(0.2).done('a').done('b').review(0.9).done('d').done('e');
  expect(run.state.value).toBe('completed');
  expect(run.result.details).toMatchObject({ accepted: true, iterations: 2 });
  expect(run.result.summary).toBe('email_team completed 8 of 9 steps: e done');
});

function memberWriting(key: string) {
  return {
    role: key,
    purpose: `Write ${key}.`,
    capabilities: [],
    taskType: 'reasoning',
    writes: key,
    output: { summary: { type: 'string' } },
  };
}
