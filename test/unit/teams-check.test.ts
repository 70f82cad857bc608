import { describe, expect, test } from 'vitest';
import {
  count,
  defineTeam,
  flag,
  grade,
  hierarchical,
  iterative,
  list,
  object,
  oneOf,
  optional,
  parallel,
  required,
  type Step,
  sequential,
  share,
  type TeamDefinition,
  task,
  text,
} from '../../actors/define-team.ts';
import { teams as shipped, TEAM_FILES } from '../../actors/teams/index.ts';
import { checkTeams } from '../../machines/teams/check-teams.ts';
import type { Node, Team } from '../../machines/teams/team.ts';
import { AGENTS, ROLES, TEAM_TARGETS } from '../../schemas/catalog.ts';
import { problemsOfTeams, refuseBadTeams } from '../../src/team-check.ts';
import { agent, teamOf } from '../fixtures/team-driver.ts';

const said = (teams: readonly Team[], roles?: readonly string[]) =>
  checkTeams(teams, roles).map(({ path, message }) => `${path}: ${message}`);
/** Members that read and write what is said: `b: 'a'` = b_agent writes b and reads a. */
const reading = (reads: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(reads).map(([name, keys]) => [
      `${name}_agent`,
      agent({ writes: name, reads: keys.split(' ').filter((key) => key !== '') }),
    ]),
  );
const treeOf = (tree: Step<string>, reads: Record<string, string> = { a: '', b: '', c: '', r: '' }) =>
  said([teamOf(tree, { agents: reading(reads), artifacts: [] })]);
const withNode = (over: object) => said([{ ...teamOf(sequential('a_agent')), run: over as Node }]);

describe('teams that can work', () => {
  test('are those that come with the platform', () => {
    expect(problemsOfTeams(shipped, TEAM_FILES)).toEqual([]);
    expect(TEAM_FILES).toHaveLength(shipped.length);
    expect(() => refuseBadTeams(shipped, TEAM_FILES)).not.toThrow();
  });

  test('nest four deep and read what was written before, by anybody on the way', () => {
    const loop = iterative({ worker: sequential('b_agent', optional('c_agent')), reviewer: 'r_agent' });
    const tree = sequential('a_agent', parallel([loop, 'd_agent'], { aggregator: 'e_agent' }), 'f_agent');
    const reads = { a: '', b: 'a', c: 'a b', d: 'a', e: 'a b c d', f: 'a b c d e', r: 'a b c' };
    expect(treeOf(tree, reads)).toEqual([]);
  });
});

describe('teams are refused', () => {
  test('for names that others have, in a list of all that is wrong', () => {
    const one = teamOf(sequential('a_agent'), { agents: reading({ a: '' }), artifacts: [] });
    const problems = checkTeams([one, one, { ...one, id: 'Wrong' }], ['worker', 'x_team']);
    expect(problems).toEqual([
      { team: 'email_team', index: 1, path: '/id', message: 'email_team is taken by email_team' },
      {
        team: 'email_team',
        index: 1,
        path: '/agents/a_agent',
        message: 'a_agent is taken by email_team',
      },
      { team: 'Wrong', index: 2, path: '/id', message: 'Wrong does not match ^[a-z][a-z0-9_]*_team$' },
      { team: 'Wrong', index: 2, path: '/agents/a_agent', message: 'a_agent is taken by email_team' },
    ]);
    expect(said([{ ...one, id: 'x_team' }], ['x_team'])).toEqual(['/id: x_team is taken by another actor']);
    const long = `${'x'.repeat(200)}_team`;
    expect(said([{ ...one, id: long }])).toEqual(['/id: is over 200 characters']);
  });

  test('for agents that are none, are missing, or cannot be handed anything', () => {
    const members = (members: Team['members']) => said([{ ...teamOf(sequential('a_agent')), artifacts: [], members }]);
    expect(members({})).toEqual([
      '/agents: a team has one agent at least',
      '/run/children/0: a_agent is not declared in agents',
    ]);
    const { a_agent: a } = teamOf(sequential('a_agent')).members as Record<'a_agent', Team['members'][string]>;
    expect(members({ a_agent: a, Bee: a })).toEqual(['/agents/Bee: Bee does not match ^[a-z][a-z0-9_]*_agent$']);
    expect(members({ a_agent: { ...a, cap: 0 } })).toEqual([
      '/agents/a_agent/cap: must be a whole number from 1, is 0',
    ]);
    expect(members({ a_agent: { ...a, cap: 1.5 } })).toHaveLength(1);
    expect(members({ a_agent: { ...a, writes: {} } })).toEqual(['/agents/a_agent/writes: must name a key']);
    const extras = [{ key: 'tone' }, { key: 'text' }];
    expect(members({ a_agent: { ...a, extras } })).toEqual(["/agents/a_agent/extras/1: text is the run's own"]);
  });

  test('for loops and artifacts that nothing stands behind', () => {
    const team = teamOf(sequential('a_agent'));
    const iterate = { worker: 'b_agent', reviewer: 'x_agent' };
    expect(said([{ ...team, iterate, artifacts: ['a', 'x'] }])).toEqual([
      '/iterate/reviewer: x_agent is not declared in agents',
      '/iterate/worker: b_agent has no task in run',
      '/artifacts/1: nobody writes x',
    ]);
  });

  test('for keys that are read before anyone has written them', () => {
    const early = (path: string, who = 'b') => [`/run/${path}: ${who}_agent reads a before anyone has written it`];
    const reads = { a: '', b: 'a', r: '' };
    expect(treeOf(sequential('b_agent', 'a_agent'), reads)).toEqual(early('children/0'));
    expect(treeOf(parallel(['a_agent', 'b_agent']), reads)).toEqual(early('children/1'));
    expect(treeOf(parallel(['a_agent'], { aggregator: 'b_agent' }), reads)).toEqual([]);
    expect(treeOf(iterative({ worker: 'b_agent', reviewer: 'a_agent' }), reads)).toEqual(early('worker'));
    const shy = { a: '', b: '', r: 'a' };
    expect(treeOf(iterative({ worker: 'b_agent', reviewer: 'r_agent' }), shy)).toEqual(early('reviewer', 'r'));
    const agents = { a_agent: agent({ writes: 'a' }), b_agent: agent({ writes: 'b', textFrom: 'a.text' }) };
    expect(said([teamOf(sequential('b_agent', 'a_agent'), { agents, artifacts: [] })])).toEqual(early('children/0'));
    expect(said([teamOf(sequential('a_agent', 'b_agent'), { agents, artifacts: [] })])).toEqual([]);
  });

  test('for two writers of one key within one parallel', () => {
    const clash = ['/run/children/1: writes a, as child 0 of the same parallel does'];
    expect(treeOf(parallel(['a_agent', sequential('b_agent', 'a_agent')]))).toEqual(clash);
    expect(treeOf(sequential('a_agent', 'a_agent'))).toEqual([]);
  });

  test('for numbers out of range, empty patterns and too deep a nest', () => {
    expect(treeOf(parallel(['a_agent'], { minSuccess: 2 }))).toEqual([
      '/run/minSuccess: must be a whole number from 0 to 1, is 2',
    ]);
    expect(treeOf(parallel(['a_agent', 'b_agent'], { minSuccess: 0.5 }))).toHaveLength(1);
    const loop = (over: object) => treeOf(iterative({ worker: 'a_agent', reviewer: 'r_agent', ...over }));
    expect(loop({ maxIterations: 11 })).toEqual(['/run/maxIterations: must be a whole number from 1 to 10, is 11']);
    expect([loop({ maxIterations: 0 }).length, loop({ maxIterations: 1.5 }).length]).toEqual([1, 1]);
    expect(loop({ qualityThreshold: 1.1 })).toEqual(['/run/qualityThreshold: must be a number from 0 to 1, is 1.1']);
    expect(loop({ qualityThreshold: Number.NaN })).toHaveLength(1);
    expect(treeOf(sequential())).toEqual(['/run: sequential has no children']);
    expect(treeOf(parallel([], { minSuccess: 0 }))).toEqual(['/run: parallel has no children']);
    const nest = (depth: number): Step<string> => (depth === 0 ? task('a', 'a_agent') : sequential(nest(depth - 1)));
    expect(treeOf(nest(4))).toEqual([]);
    expect(treeOf(nest(5))).toEqual([`/run${'/children/0'.repeat(4)}: patterns nest 4 deep at most`]);
    expect(withNode({ kind: 'delegation' })[0]).toBe('/run: delegation is no pattern that a team may declare');
  });

  test('for sub-teams that are unknown, repeated, too many, lead themselves or lead back', () => {
    const lead = (id: string, ...named: string[]) =>
      teamOf(sequential(parallel([iterative({ worker: leader(named), reviewer: 'r_agent' })])), {
        id,
        agents: { ...reading({ r: 'teams' }), [`${id}_agent`]: agent({ reads: ['teams'] }) },
        artifacts: [],
      });
    const leader = (named: string[]) => hierarchical({ leader: 'email_team_agent', teams: named });
    const about = (...teams: TeamDefinition[]) =>
      checkTeams(teams)
        .filter(({ team, path }) => team === 'email_team' && path.includes('/teams'))
        .map(({ path, message }) => `${path.replace(/.*teams/, '')} ${message}`);
    const plain = teamOf(sequential('a_agent'), { id: 'plain_team', agents: reading({ a: '' }), artifacts: [] });
    expect(about(lead('email_team', 'plain_team'), plain)).toEqual([]);
    expect(about(lead('email_team', 'x_team', 'plain_team', 'plain_team'), plain)).toEqual([
      '/0 unknown team: x_team',
      '/2 plain_team is named twice',
    ]);
    expect(about(lead('email_team', 'email_team'))).toEqual(['/0 hierarchical cycle: email_team → email_team']);
    expect(
      about(lead('email_team', 'b_team'), lead('b_team', 'c_team'), lead('c_team', 'plain_team', 'email_team')),
    ).toEqual(['/0 hierarchical cycle: email_team → b_team → c_team → email_team']);
    expect(about(lead('email_team', 'b_team'), lead('b_team', 'c_team'), lead('c_team', 'b_team'))).toEqual([
      '/0 b_team delegates itself, so it cannot be a sub-team',
    ]);
    expect(about(lead('email_team'))).toEqual([' must name 1 to 8 teams, names 0']);
    expect(treeOf(hierarchical({ leader: 'x_agent', teams: ['email_team'] }))).toContain(
      '/run/leader: x_agent is not declared in agents',
    );
  });

  test('for the shape of an answer that is no schema, with file and place', () => {
    const bad = (output: object) => {
      const team = teamOf(sequential('a_agent'), { id: 'review_team', agents: reading({ a: '' }), artifacts: [] });
      const { a_agent: a } = team.members as Record<'a_agent', Team['members'][string]>;
      return { ...team, members: { a_agent: { ...a, output: output as typeof a.output } } };
    };
    expect(problemsOfTeams([bad({ type: 'objekt' })], ['review-team.ts'])).toEqual([
      expect.stringMatching(/^actors\/teams\/review-team\.ts \/agents\/a_agent\/output: invalid output schema: /),
    ]);
    expect(problemsOfTeams([bad({ type: 'object', propertys: {} })], [])[0]).toContain('actors/teams/(review_team) ');
    expect(() => refuseBadTeams([bad({ enum: [] }), bad({})], ['a.ts', 'b.ts'])).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONFIGURATION',
        message: expect.stringContaining('\nactors/teams/b.ts /id'),
      }),
    );
  });

  test('for the name of a role that is there without teams', () => {
    const free = ROLES.filter((role) => ![...TEAM_TARGETS, ...AGENTS].some((name) => name === role));
    expect(free).toContain('orchestrator');
    expect(said([{ ...teamOf(sequential('a_agent')), id: 'orchestrator' }], free)).toContain(
      '/id: orchestrator is taken by another actor',
    );
  });
});

describe('the words of a team file', () => {
  test('make closed shapes in which every field is required', () => {
    expect(object({ a: text, b: list(flag), c: oneOf('x', 'y'), d: count, e: share, f: grade })).toEqual({
      type: 'object',
      additionalProperties: false,
      required: ['a', 'b', 'c', 'd', 'e', 'f'],
      properties: {
        a: { type: 'string' },
        b: { type: 'array', items: { type: 'boolean' } },
        c: { type: 'string', enum: ['x', 'y'] },
        d: { type: 'integer', minimum: 0 },
        e: { type: 'number', minimum: 0, maximum: 1 },
        f: { type: 'integer', minimum: 1, maximum: 10 },
      },
    });
  });

  test('require members, except in parallel unless said', () => {
    const inner = sequential('a_agent');
    expect(
      parallel(['a_agent', required('b_agent'), optional(required(inner)), required(inner), inner]).node,
    ).toMatchObject({
      children: [{ required: false }, { required: true }, { required: false }, { required: true }, { required: false }],
      minSuccess: 1,
      aggregator: null,
    });
    expect(sequential('a_agent', optional(inner)).node).toMatchObject({
      children: [{ task: 'a', required: true }, { required: false }],
    });
  });

  test('declare the team of the example', () => {
    const review = defineTeam({
      id: 'review_team',
      purpose: 'Draft a release note and criticize it until it is good.',
      keywords: ['release note'],
      agents: {
        drafter_agent: {
          role: 'draft',
          capabilities: ['summaries'],
          taskType: 'text_generation',
          writes: 'draft',
          purpose: 'Write a release note from the request.',
          output: { title: text, body: text },
        },
        critic_agent: {
          role: 'critic',
          capabilities: ['review'],
          taskType: 'text_analysis',
          reads: ['draft'],
          extras: ['tone', { key: 'history', last: 5 }],
          writes: { critique: '', worst: 'issues.0' },
          cap: 100,
          textFrom: 'draft.body',
          purpose: 'Find what a user would misunderstand.',
          output: { issues: list(text) },
        },
      },
      run: iterative({ worker: 'drafter_agent', reviewer: 'critic_agent', maxIterations: 3, qualityThreshold: 0.8 }),
      artifacts: ['draft'],
    });
    expect(problemsOfTeams([review], ['review-team.ts'])).toEqual([]);
    expect(review.iterate).toEqual({ worker: 'drafter_agent', reviewer: 'critic_agent' });
    expect(review.members).toMatchObject({
      drafter_agent: { cap: 8_000, writes: { draft: '' }, reads: [], extras: [] },
      critic_agent: { cap: 100, textFrom: 'draft.body', extras: [{ key: 'tone' }, { key: 'history', last: 5 }] },
    });
    const { iterate: _, ...rest } = review;
    const composite = iterative({ worker: sequential('drafter_agent'), reviewer: 'critic_agent' });
    expect(defineTeam({ ...rest, run: composite }).iterate).toBeNull();
    expect(defineTeam({ ...rest, run: sequential('drafter_agent') }).iterate).toBeNull();
  });

  test('do not compile with an agent that is not declared', () => {
    const agents = { a_agent: agent(), b_agent: agent() } as const;
    const rest = { id: 'x_team', purpose: '', agents, artifacts: [] };
    expect([
      // @ts-expect-error misspelt
      defineTeam({ ...rest, run: sequential('a_agent', 'b_agnet') }),
      // @ts-expect-error misspelt, within another pattern
      defineTeam({ ...rest, run: sequential('a_agent', parallel(['b_agnet'])) }),
      // @ts-expect-error misspelt
      defineTeam({ ...rest, run: sequential('a_agent', optional('b_agnet')) }),
      // @ts-expect-error misspelt
      defineTeam({ ...rest, run: iterative({ worker: 'a_agent', reviewer: 'b_agnet' }) }),
      // @ts-expect-error misspelt
      defineTeam({ ...rest, run: parallel(['a_agent'], { aggregator: 'b_agnet' }) }),
      // @ts-expect-error misspelt
      defineTeam({ ...rest, run: hierarchical({ leader: 'b_agnet', teams: [] }) }),
      // @ts-expect-error misspelt
      defineTeam({ ...rest, run: task('t', 'b_agnet') }),
      // @ts-expect-error misspelt
      defineTeam({ ...rest, run: sequential('a_agent'), iterate: { worker: 'a_agent', reviewer: 'b_agnet' } }),
      defineTeam({ ...rest, run: sequential('a_agent', required('b_agent')) }),
    ]).toHaveLength(9);
  });
});
