// Whatever tree of patterns is declared, and in whatever order its tasks end, a run ends, and ends the same.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iterative, optional, parallel, required, type Step, sequential, task } from '../../actors/define-team.ts';
import type { AgentTaskDispatched, Envelope } from '../../schemas/types.ts';
import { TestRun, teamOf } from '../fixtures/team-driver.ts';

type Tree =
  | { kind: 'task'; agent: string; optional: boolean }
  | { kind: 'sequential'; children: Tree[]; optional: boolean }
  | { kind: 'parallel'; children: Tree[]; aggregator: string | null; minSuccess: number; optional: boolean }
  | { kind: 'iterative'; worker: Tree; maxIterations: number; optional: boolean };

const agents = fc.constantFrom(...'abcdefghijkl').map((name) => `${name}_agent`);
const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => {
  const children = fc.array(tie('tree'), { minLength: 1, maxLength: 3 });
  return {
    tree: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.record({ kind: fc.constant('task' as const), agent: agents, optional: fc.boolean() }),
      fc.record({ kind: fc.constant('sequential' as const), children, optional: fc.boolean() }),
      fc.record({
        kind: fc.constant('parallel' as const),
        children,
        aggregator: fc.option(agents),
        minSuccess: fc.constantFrom(0, 1),
        optional: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('iterative' as const),
        worker: tie('tree'),
        maxIterations: fc.integer({ min: 1, max: 2 }),
        optional: fc.boolean(),
      }),
    ),
  };
}).tree;

function declared(tree: Tree): Step<string> {
  const made = bare(tree);
  return tree.optional ? optional(made) : required(made);
}

function bare(tree: Tree): Step<string> {
  switch (tree.kind) {
    case 'task':
      return task(tree.agent.slice(0, 1), tree.agent);
    case 'sequential':
      return sequential(...tree.children.map(declared));
    case 'parallel': {
      const { children, aggregator, minSuccess } = tree;
      return parallel(children.map(declared), { minSuccess, ...(aggregator !== null && { aggregator }) });
    }
    case 'iterative':
      return iterative({ worker: declared(tree.worker), reviewer: 'r_agent', maxIterations: tree.maxIterations });
  }
}

/** What an agent makes of a task depends on the task alone, so that runs in different orders can be compared. */
function fateOf({ task_id, agent, task }: AgentTaskDispatched, failRate: number) {
  const chance = Number.parseInt(task_id.slice(0, 4), 16) / 0xffff;
  const share = Number.parseInt(task_id.slice(4, 8), 16) / 0xffff;
  if (chance < failRate) return { fails: true as const };
  const output =
    agent === 'r_agent'
      ? { score: share, issues: [], summary: `scored ${share}` }
      : { summary: `${task.name} ${share}` };
  return { fails: false as const, output };
}

/** Plays a run to its end; `picks` say which of the open tasks is the next to end. */
function play(run: TestRun, picks: readonly number[], failRate: number): Envelope[] {
  const events: Envelope[] = [];
  for (let turn = 0; run.open.length > 0; turn += 1) {
    const [next] = run.open.splice((picks[turn % picks.length] as number) % run.open.length, 1);
    const asked = next as AgentTaskDispatched;
    const fate = fateOf(asked, failRate);
    const usage = { provider: 'p', model: 'm', input_tokens: 7, output_tokens: 3, total_tokens: 10, cost_usd: 0.0013 };
    const event = fate.fails ? run.failureOf(asked, 'it broke') : run.answerOf(asked, fate.output, { usage });
    events.push(event);
    const before = statuses(run);
    run.give(event);
    for (const [path, status] of statuses(run)) expect(LEGAL).toContain(`${before.get(path) ?? 'PENDING'} ${status}`);
  }
  return events;
}

const statuses = (run: TestRun) => new Map(run.run.steps.map(({ path, status }) => [path, status]));
const LEGAL = [
  'PENDING PENDING',
  'PENDING RUNNING',
  'PENDING SKIPPED',
  'RUNNING RUNNING',
  'RUNNING COMPLETED',
  'RUNNING FAILED',
  'COMPLETED COMPLETED',
  'FAILED FAILED',
  'SKIPPED SKIPPED',
];

const orders = fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 40 });
const failRates = fc.constantFrom(0, 0.2, 0.5, 1);

describe('any tree of patterns', () => {
  test('ends, in the same result or failure for any order of arrival (I7)', () => {
    fc.assert(
      fc.property(trees, orders, orders, failRates, (tree, some, others, failRate) => {
        const [one, other] = [TestRun.of(declared(tree)), TestRun.of(declared(tree))];
        play(one, some, failRate);
        play(other, others, failRate);
        expect(['completed', 'failed']).toContain(one.state.value);
        expect(other.state.value).toBe(one.state.value);
        expect(other.run.result).toEqual(one.run.result);
        expect(other.run.error).toEqual(one.run.error);
        expect(other.memory.context).toEqual(one.memory.context);
        expect(statuses(other)).toEqual(statuses(one));
        expect(one.run.scopes).toEqual({});
        for (const status of statuses(one).values()) expect(['COMPLETED', 'FAILED', 'SKIPPED']).toContain(status);
      }),
      { numRuns: 40 },
    );
  });

  test('comes to the same state when the same events are applied again (I8), and is asked for each task once', () => {
    fc.assert(
      fc.property(trees, orders, failRates, (tree, order, failRate) => {
        const run = TestRun.of(declared(tree));
        const events = play(run, order, failRate);
        const again = TestRun.of(declared(tree));
        for (const event of events) again.give(event);
        expect(again.state).toEqual(run.state);
        expect(again.all).toEqual(run.all);
        const asked = run.tasks(run.all).map(({ task_id }) => task_id);
        expect(new Set(asked).size).toBe(asked.length);
        // And no event changes anything when it comes once more.
        for (const event of events) expect(run.give(event)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test('takes any JSON for an answer without throwing', () => {
    const keys = fc.constantFrom('score', 'issues', 'summary', 'assignments', '__proto__', 'toString', 'x');
    const values = fc.jsonValue({ maxDepth: 5 });
    const answers = fc.array(fc.dictionary(keys, values), { minLength: 1, maxLength: 5 });
    const teamIds = fc.constantFrom('admin_team', 'email_team', 'x', null, {});
    const assignments = fc.array(fc.oneof(values, fc.record({ team_id: teamIds, objective: values })), {
      maxLength: 4,
    });
    const sub = teamOf(sequential('a_agent'), { id: 'admin_team' });
    fc.assert(
      fc.property(trees, answers, assignments, (tree, outputs, given) => {
        const direct = TestRun.of(declared(tree));
        const led = new TestRun(teamOf(declared(tree)), [teamOf(declared(tree)), sub]);
        led.request({ pattern: 'hierarchical', context: { teams: ['admin_team'] } });
        for (const run of [direct, led]) {
          for (let turn = 0; run.open.length > 0; turn += 1) {
            const asked = run.open.shift() as AgentTaskDispatched;
            const output = asked.task.name === 'delegate' ? { assignments: given } : outputs[turn % outputs.length];
            run.give(run.answerOf(asked, JSON.parse(JSON.stringify(output))));
          }
          expect(['completed', 'failed']).toContain(run.state.value);
        }
      }),
      { numRuns: 40 },
    );
  });
});
