import { describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { type Emission, NeedParts, type Parts, vocabulary } from '../../machines/kit.ts';
import { inProductOrder } from '../../schemas/catalog.ts';
import { defineActor, type StateCodec } from '../../src/runtime/define-actor.ts';
import { newId } from '../../src/runtime/ids.ts';
import { type CompiledActor, closeState, compileActor, fieldsOf, openState, step } from '../../src/runtime/step.ts';

interface Context {
  taken: number;
}

const ids = { project_id: newId(), backlog_item_id: newId() };
const dispatched: Emission = {
  type: 'WORK.ITEM_DISPATCHED',
  payload: { ...ids, agent_target: 'worker', work_context: { rows: [] } },
};
const reviewed: Emission = { type: 'WORK.ITEM_REVIEWED', payload: { ...ids, review: { result: 'approved' } } };

const machine = setup({
  types: { context: {} as Context, events: {} as { type: string } },
  actions: { ...vocabulary, take: assign({ taken: ({ context }) => context.taken + 1 }), shout: () => {} },
}).createMachine({
  id: 'steps',
  context: { taken: 0 },
  initial: 'open',
  states: {
    open: {
      on: {
        work: {
          target: 'busy',
          actions: [
            'take',
            { type: 'emit', params: [dispatched] },
            { type: 'emit', params: [reviewed] },
            { type: 'effect', params: { name: 'perform', input: 1 } },
          ],
        },
        refuse: {
          target: 'busy',
          actions: [
            'take',
            { type: 'emit', params: [reviewed] },
            { type: 'refuse', params: { reason: 'not now', retry: true } },
            { type: 'refuse', params: { reason: 'nor ever', retry: false } },
          ],
        },
        shout: { actions: ['shout'] },
      },
    },
    busy: { on: { ask: { actions: [{ type: 'effect', params: { name: 'perform', input: 2 } }] } } },
  },
});

const parts = (stored: Record<string, unknown>): Parts => ({
  get: (name) => {
    if (!(name in stored)) throw new NeedParts([name]);
    return stored[name];
  },
  require: () => {},
  all: () => Object.keys(stored),
});
const NONE = parts({});

function anActor(state?: StateCodec<Context>): CompiledActor {
  const spec = {
    name: 'worker',
    group: 'workers',
    receives: [],
    instanceOf: 'backlog_item_id',
    productOrder: inProductOrder,
  };
  return compileActor(defineActor(machine)({ ...spec, ...(state && { state: state as StateCodec<unknown> }) }));
}

it('a closed state is stored as a snapshot and its parts, each as JSON', () => {
  const parts = new Map<string, unknown>([['a', [1]]]);
  expect(fieldsOf({ value: 'open', stored: { taken: 0 }, parts })).toEqual([
    'snapshot',
    '{"value":"open","context":{"taken":0}}',
    'a',
    '[1]',
  ]);
});

describe('a step', () => {
  const actor = anActor();
  const open = openState(actor, null, NONE);

  it('starts a new instance in the initial state of its machine', () => {
    expect(open).toEqual({ value: 'open', context: { taken: 0 } });
  });

  it('gives the next state, the effects asked for, and the emissions in the order of the actor', () => {
    expect(step(actor, open, { type: 'work' })).toEqual({
      state: { value: 'busy', context: { taken: 1 } },
      emissions: [reviewed, dispatched],
      effects: [{ name: 'perform', input: 1 }],
      refusal: null,
      again: null,
      handled: true,
      changed: true,
    });
  });

  it('that only asks for an effect again changes nothing', () => {
    const busy = { value: 'busy', context: { taken: 1 } };
    const again = { handled: true, changed: false, effects: [{ name: 'perform', input: 2 }] };
    expect(step(actor, busy, { type: 'ask' })).toMatchObject({ state: busy, ...again });
  });

  it('leaves the state it was given alone', () => {
    const given = Object.freeze({ value: 'open', context: Object.freeze({ taken: 4 }) });
    expect(step(actor, given, { type: 'work' }).state.context).toEqual({ taken: 5 });
  });

  it('changes nothing for an event that its machine refuses, and gives the first reason', () => {
    expect(step(actor, open, { type: 'refuse' })).toEqual({
      state: open,
      emissions: [],
      effects: [],
      again: null,
      refusal: { reason: 'not now', retry: true },
      handled: true,
      changed: false,
    });
  });

  it('tells an event that its machine has no transition for', () => {
    expect(step(actor, open, { type: 'unheard' })).toMatchObject({
      state: open,
      handled: false,
      changed: false,
      emissions: [],
    });
  });

  it('fails for an action outside the vocabulary', () => {
    expect(() => step(actor, open, { type: 'shout' })).toThrow("asks for the unknown action 'shout'");
  });

  it('stores its whole context when it has no codec, and gets it back', () => {
    const closed = closeState(actor, { value: 'busy', context: { taken: 2 } });
    expect(closed).toEqual({ value: 'busy', stored: { taken: 2 }, parts: new Map() });
    const stored = JSON.stringify({ value: closed.value, context: closed.stored });
    expect(openState(actor, stored, NONE)).toEqual({ value: 'busy', context: { taken: 2 } });
  });

  it('splits its context into parts as its codec says, and asks for those that are missing', () => {
    const codec: StateCodec<Context> = {
      open: (stored, given) => ({ taken: stored === undefined ? 0 : (given.get('taken') as number) }),
      close: ({ taken }) => ({ stored: { split: true }, parts: new Map([['taken', taken]]) }),
    };
    const split = anActor(codec);
    expect(openState(split, null, NONE)).toEqual({ value: 'open', context: { taken: 0 } });
    const closed = closeState(split, step(split, openState(split, null, NONE), { type: 'work' }).state);
    expect(closed).toEqual({ value: 'busy', stored: { split: true }, parts: new Map([['taken', 1]]) });
    const stored = JSON.stringify({ value: closed.value, context: closed.stored });
    expect(() => openState(split, stored, NONE)).toThrow(NeedParts);
    expect(openState(split, stored, parts({ taken: 1 }))).toEqual({ value: 'busy', context: { taken: 1 } });
  });
});
