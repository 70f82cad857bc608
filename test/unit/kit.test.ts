import { expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import { vocabulary } from '../../machines/kit.ts';

it('asks for nothing by itself: a machine run by XState alone emits, performs and refuses nothing', () => {
  const machine = setup({ actions: vocabulary }).createMachine({
    on: {
      GO: {
        actions: [
          { type: 'emit', params: [] },
          { type: 'effect', params: { name: 'perform', input: null } },
          { type: 'refuse', params: { reason: 'no', retry: false } },
          { type: 'again', params: { delayMs: 1 } },
        ],
      },
    },
  });
  const actor = createActor(machine).start();
  const before = actor.getSnapshot();
  actor.send({ type: 'GO' });
  expect(actor.getSnapshot().value).toEqual(before.value);
  expect(actor.getSnapshot().context).toEqual(before.context);
});
