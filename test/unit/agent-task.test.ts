import { expect, test } from 'vitest';
import { task } from '../../actors/define-team.ts';
import { agentTaskMachine } from '../../machines/agent-task.ts';
import type { EffectRequest, Emission, PlainFault } from '../../machines/kit.ts';
import type { Envelope } from '../../schemas/types.ts';
import { createValidator } from '../../schemas/validate.ts';
import { compileChart } from '../../src/runtime/chart.ts';
import { TestRun } from '../fixtures/team-driver.ts';

const validator = createValidator();
const chart = compileChart(agentTaskMachine);
const run = TestRun.of(task('write', 'a_agent'));
const payload = run.take('a');
const event = run.envelope('AGENT.TASK_DISPATCHED', payload) as Envelope<'AGENT.TASK_DISPATCHED'>;
const { task: _, attempt: __, context: ___, ...about } = payload;
const fault: PlainFault = { code: 'BUDGET_EXCEEDED', message: 'budget exceeded: month', details: { scope: 'month' } };

type Input =
  | { type: 'AGENT.TASK_DISPATCHED' }
  | { type: 'ask.done'; output: object }
  | { type: 'ask.failed'; fault: PlainFault }
  | { type: 'exhausted'; fault: PlainFault; attempts: number };

function give(...inputs: Input[]) {
  let state: { value: string; context: unknown } = chart.initial();
  let emitted: Emission[] = [];
  let effects: EffectRequest[] = [];
  for (const input of inputs) {
    const result = chart.transition(state, { ...input, event } as never);
    state = result;
    const params = (type: string) =>
      result.actions.filter((action) => action.type === type).map(({ params }) => params);
    emitted = params('emit').flat() as Emission[];
    effects = params('effect') as EffectRequest[];
    for (const { type, payload } of emitted) expect(validator.checkPayload(type, 1, payload)).toBeNull();
  }
  return { value: state.value, emitted, effects };
}

const dispatched = { type: 'AGENT.TASK_DISPATCHED' } as const;
const output = { output: { summary: 's' }, duration_ms: 12 };
const usage = { provider: 'p', model: 'm', input_tokens: 1, output_tokens: 1, total_tokens: 2 };
const answered: Input = { type: 'ask.done', output };

test('asks when it is dispatched, and again when that turn did not end', () => {
  const asked = { value: 'asking', emitted: [], effects: [{ name: 'ask', input: payload }] };
  expect(give(dispatched)).toEqual(asked);
  expect(give(dispatched, dispatched)).toEqual(asked);
});

test('answers with usage, or without when no model was asked', () => {
  const completed = (answer: object) => [{ type: 'AGENT.TASK_COMPLETED', payload: { ...about, ...answer } }];
  expect(give(dispatched, answered)).toEqual({ value: 'answered', emitted: completed(output), effects: [] });
  const used = { ...output, usage };
  expect(give(dispatched, { type: 'ask.done', output: used }).emitted).toEqual(completed(used));
});

test.each<[string, Input, string, object]>([
  ['the call failed for good', { type: 'ask.failed', fault }, fault.message, { details: { scope: 'month' } }],
  ['its project has ended', { type: 'ask.done', output: { withdrawn: true } }, 'project final', {}],
  ['its deliveries are used up', { type: 'exhausted', fault, attempts: 5 }, fault.message, { attempts: 5 }],
])('fails when %s', (_, input, reason, failure) => {
  const { value, emitted } = give(dispatched, input);
  expect([value, emitted.map(({ type }) => type)]).toEqual(['failed', ['AGENT.TASK_FAILED']]);
  expect(emitted[0]?.payload).toMatchObject({
    ...about,
    reason,
    failure: { category: 'TOOL_FAILURE', reason, ...failure },
  });
});

test('fails before it has asked when its thread died each time', () => {
  expect(give({ type: 'exhausted', fault, attempts: 5 }).emitted).toHaveLength(1);
});

test.each<[string, Input]>([
  ['answered', answered],
  ['failed', { type: 'ask.failed', fault }],
])('says nothing more once it is %s (I2)', (value, end) => {
  expect(give(dispatched, end, dispatched)).toEqual({ value, emitted: [], effects: [] });
  expect(give(dispatched, end, { type: 'exhausted', fault, attempts: 5 })).toEqual({ value, emitted: [], effects: [] });
});
