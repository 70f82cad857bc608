/** The runtime's interpreter makes of every machine what XState makes of it, or refuses the machine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, and, assign, createMachine, emit, log, raise, sendTo, setup, transition } from 'xstate';
import { backlogItemMachine } from '../../machines/backlog-item.ts';
import { vocabulary } from '../../machines/kit.ts';
import { createProjectMachine } from '../../machines/project.ts';
import { validatorMachine } from '../../machines/validator.ts';
import { workItemMachine } from '../../machines/work-item.ts';
import { type ChartState, compileChart, UnsupportedMachine } from '../../src/runtime/chart.ts';
import { deriveId } from '../../src/runtime/ids.ts';
import { SETTINGS } from '../fixtures/project-driver.ts';
import { anEvent, ROWS } from '../support/events.ts';

type Input = { type: string };

/** Sends the same events to both and compares what each makes of every single one. */
function agree(machine: AnyStateMachine, events: readonly Input[]): void {
  const chart = compileChart(machine);
  let state: ChartState = chart.initial();
  for (const event of events) {
    const before = machine.resolveState({ value: state.value, context: state.context } as never);
    const [after, actions] = transition(machine, before, event as never);
    const result = chart.transition(state, event);
    expect({ value: result.value, context: result.context }).toEqual({ value: after.value, context: after.context });
    expect(result.actions).toEqual(actions.map(({ type, params }) => ({ type, params })));
    expect(result.handled).toBe(machine.getTransitionData(before as never, event).length > 0);
    state = { value: result.value, context: result.context };
  }
}

const STATES = ['a', 'b', 'c', 'd'];
const EVENTS = ['one', 'two', 'three'];

interface Context {
  n: number;
}

const words = setup({
  types: { context: {} as Context, events: {} as { type: string; by?: number } },
  actions: {
    note: (_, _params: unknown) => {},
    count: assign({ n: ({ context }) => context.n + 1 }),
    add: assign(({ context, event }, params: { factor: number }) => ({
      n: context.n + params.factor * (event.by ?? 1),
    })),
  },
  guards: {
    even: ({ context }) => context.n % 2 === 0,
    below: ({ context }, params: { limit: number }) => context.n < params.limit,
  },
});

const action = fc.oneof(
  fc.constant('count' as const),
  fc.nat({ max: 3 }).map((factor) => ({ type: 'add' as const, params: { factor } })),
  fc.nat({ max: 9 }).map((tag) => ({ type: 'note' as const, params: { tag } })),
  fc.constant({
    type: 'note' as const,
    params: ({ context, event }: { context: Context; event: Input }) => [context.n, event.type],
  }),
);
const guard = fc.oneof(
  fc.constant('even' as const),
  fc.nat({ max: 12 }).map((limit) => ({ type: 'below' as const, params: { limit } })),
);
const candidate = (target: fc.Arbitrary<string>) =>
  fc.record(
    { target, guard, actions: fc.array(action, { maxLength: 3 }), reenter: fc.boolean() },
    { requiredKeys: [] },
  );
const transitions = (target: fc.Arbitrary<string>) =>
  fc.dictionary(fc.constantFrom(...EVENTS, '*'), fc.array(candidate(target), { minLength: 1, maxLength: 3 }), {
    maxKeys: 3,
  });
const on = transitions(fc.constantFrom(...STATES));
/** Counts with every step and ends at a limit, so that no machine goes round for ever. */
const always = fc.record({
  target: fc.constantFrom(...STATES),
  guard: fc.nat({ max: 12 }).map((limit) => ({ type: 'below' as const, params: { limit } })),
  actions: fc.array(action, { maxLength: 2 }).map((actions) => ['count' as const, ...actions]),
});
const state = fc.record(
  {
    on,
    always: fc.array(always, { maxLength: 2 }),
    entry: fc.array(action, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const final = fc
  .record({ on, entry: fc.array(action, { maxLength: 2 }) }, { requiredKeys: [] })
  .map((config) => ({ ...config, type: 'final' as const }));
const machine = fc
  .record({
    states: fc.tuple(...STATES.map(() => fc.oneof({ weight: 5, arbitrary: state }, final))),
    on: transitions(fc.constantFrom(...STATES.map((name) => `.${name}`))),
  })
  .map(
    ({ states, on: everywhere }) =>
      words.createMachine({
        id: 'random',
        context: { n: 0 },
        initial: 'a',
        on: everywhere,
        states: Object.fromEntries(STATES.map((name, index) => [name, states[index] ?? {}])),
      } as never) as unknown as AnyStateMachine,
  );

/** Whether nothing leads from a final state to eventless transitions, which is refused. */
const fits = (random: AnyStateMachine): boolean => {
  try {
    compileChart(random);
    return true;
  } catch {
    return false;
  }
};
const event = fc.record({ type: fc.constantFrom(...EVENTS, 'unknown'), by: fc.nat({ max: 3 }) });

describe('the chart', () => {
  it('runs any flat machine as XState does: values, context, actions with parameters, whether an event was taken', () => {
    fc.assert(
      fc.property(machine.filter(fits), fc.array(event, { maxLength: 12 }), (random, events) => agree(random, events)),
      { numRuns: 1_000 },
    );
  });

  it('runs the machine of a backlog item as XState does', () => {
    const move = fc.constantFrom('ready', 'block', 'dispatch', 'complete', 'fail', 'unknown');
    fc.assert(
      fc.property(fc.array(move), (moves) =>
        agree(
          backlogItemMachine,
          moves.map((type) => ({ type })),
        ),
      ),
    );
  });

  it('runs the machine of the gate as XState does', () => {
    const finding = fc.constantFrom(
      'entry.marked',
      'entry.valid',
      'entry.repeated',
      'entry.invalid',
      'entry.misdirected',
    );
    fc.assert(
      fc.property(fc.array(finding), (found) =>
        agree(
          validatorMachine,
          found.map((type) => ({ type })),
        ),
      ),
    );
  });

  it('runs the machine of the workers as XState does', () => {
    const [project_id, backlog_item_id] = [
      deriveId('00000000-0000-4000-8000-000000000000', 'p'),
      deriveId('00000000-0000-4000-8000-000000000000', 'i'),
    ];
    const dispatches = ['cost_worker', 'worker', 'cost_worker'].map((agent_target, n) =>
      anEvent(
        'WORK.ITEM_DISPATCHED',
        {
          project_id,
          backlog_item_id,
          agent_target,
          work_context: n === 2 ? { rows: [] } : { rows: ROWS, hourly_rate: 1 },
        },
        { event_id: `00000000-0000-4000-8000-00000000000${n}`, timestamp: '2026-01-15T10:30:00.000Z' },
      ),
    );
    const product = { type: 'generic_output', content: { note: 'x' }, confidence: 0.5, evidence: { note: 'x' } };
    const fault = fc.constantFrom(
      { code: 'DATA_INSUFFICIENCY', message: 'rows', details: { fields: ['rows'] } },
      { code: 'REASONING_CONTRADICTION', message: 'no' },
      { code: 'INTERNAL_ERROR', message: 'broken' },
    );
    const input = fc.oneof(
      { weight: 3, arbitrary: fc.constant({ type: 'WORK.ITEM_DISPATCHED', attempt: 1 }) },
      fc.constantFrom<object>(product, { withdrawn: true }).map((output) => ({ type: 'perform.done', output })),
      fault.map((thrown) => ({ type: 'perform.failed', fault: thrown })),
      fault.map((thrown) => ({ type: 'exhausted', fault: thrown, attempts: 5 })),
      fc.constant({ type: 'PROJECT.STOPPED' }),
    );
    const caused = fc.tuple(input, fc.nat({ max: 2 })).map(([told, n]) => {
      const cause = dispatches[n] as (typeof dispatches)[number];
      return { ...told, event: cause, id: (kind: string, ordinal?: number) => deriveId(cause.event_id, kind, ordinal) };
    });
    fc.assert(fc.property(fc.array(caused, { maxLength: 12 }), (inputs) => agree(workItemMachine, inputs)));
  });

  it('knows the states of a machine, the first and the final ones', () => {
    const chart = compileChart(createProjectMachine(SETTINGS));
    expect(chart.initial().value).toBe('CREATED');
    expect(chart.values.filter((value) => chart.isFinal(value))).toEqual(['COMPLETED', 'FAILED', 'STOPPED']);
    expect(() => chart.isFinal('NOWHERE')).toThrow("has no state 'NOWHERE'");
  });

  it('ends a machine that goes round for ever instead of the thread', () => {
    const round = createMachine({
      id: 'round',
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    });
    const chart = compileChart(round);
    expect(() => chart.transition({ value: 'a', context: {} }, { type: 'go' })).toThrow(/does not settle/);
  });

  const known = setup({
    actions: {
      ...vocabulary,
      raised: raise({ type: 'x' }),
      sent: sendTo('other', { type: 'x' }),
      logged: log('x'),
      told: emit({ type: 'x' }),
    },
    guards: { yes: () => true, both: and([() => true, () => true]) },
    delays: { soon: 10 },
  } as never);
  const made = (config: object) => known.createMachine({ id: 'm', ...config } as never) as unknown as AnyStateMachine;
  const flat = (config: object) => made({ initial: 'a', states: { a: config, b: {} } });

  it.each<[string, () => AnyStateMachine, RegExp]>([
    ['a delay', () => flat({ after: { 10: 'b' } }), /a delay in 'a'/],
    ['a named delay', () => flat({ after: { soon: 'b' } }), /a delay in 'a'/],
    ['an invocation', () => flat({ invoke: { src: 'something' } }), /an invocation in 'a'/],
    ['nested states', () => flat({ initial: 'x', states: { x: {} } }), /the compound state 'a'/],
    ['parallel states', () => flat({ type: 'parallel', states: { x: {} } }), /the parallel state 'a'/],
    ['a history state', () => flat({ type: 'history' }), /the history state 'a'/],
    ['a raised event', () => flat({ entry: 'raised' }), /xstate.raise/],
    ['an event to another actor', () => flat({ on: { go: { actions: 'sent' } } }), /xstate.sendTo/],
    ['logging', () => flat({ entry: 'logged' }), /xstate.log/],
    ['exit actions', () => flat({ exit: 'emit' }), /exit actions in 'a'/],
    ['an emitted event of XState', () => flat({ always: { guard: 'yes', actions: 'told' } }), /xstate.emit/],
    ['an inline action', () => flat({ entry: () => {} }), /inline function/],
    ['an unknown action', () => flat({ entry: 'missing' }), /the unknown action 'missing'/],
    ['an unknown guard', () => flat({ on: { go: { guard: 'missing', target: 'b' } } }), /the unknown guard 'missing'/],
    ['a combined guard', () => flat({ on: { go: { guard: 'both', target: 'b' } } }), /a combined guard/],
    ['an event pattern', () => flat({ on: { 'go.*': 'b' } }), /the event pattern 'go.\*'/],
    ['no states', () => made({}), /no states/],
    [
      'eventless transitions on the root',
      () => made({ always: '.b', initial: 'a', states: { a: {}, b: {} } }),
      /eventless/,
    ],
    ['a delay on the root', () => made({ after: { 10: '.b' }, initial: 'a', states: { a: {}, b: {} } }), /on the root/],
    ['an invocation on the root', () => made({ invoke: { src: 'x' }, initial: 'a', states: { a: {} } }), /on the root/],
    ['actions on the root', () => made({ entry: 'emit', initial: 'a', states: { a: {} } }), /actions on the root/],
  ])('refuses a machine with %s', (_, build, what) => {
    expect(() => compileChart(build())).toThrow(UnsupportedMachine);
    expect(() => compileChart(build())).toThrow(what);
  });
});
