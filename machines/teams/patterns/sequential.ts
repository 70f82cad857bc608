/** One child after the other. A required one that fails ends it, the rest is skipped. */
import { assign, setup } from 'xstate';
import { type PatternEvent, patternActions, range } from './pattern.ts';

interface Input {
  /** Of each child in turn. */
  required: readonly boolean[];
}

interface Context extends Input {
  at: number;
}

export const sequential = setup({
  types: { context: {} as Context, events: {} as PatternEvent, input: {} as Input },
  actions: { ...patternActions, next: assign({ at: ({ context }) => context.at + 1 }) },
  guards: {
    last: ({ context }) => context.at === context.required.length - 1,
    required: ({ context }) => context.required[context.at] === true,
  },
}).createMachine({
  id: 'sequential',
  version: '1',
  context: ({ input }) => ({ ...input, at: 0 }),
  initial: 'step',
  states: {
    step: {
      entry: [{ type: 'start', params: ({ context }) => [context.at] }],
      on: {
        'child.done': [
          { guard: 'last', target: 'done' },
          { target: 'step', reenter: true, actions: ['next'] },
        ],
        'child.failed': [
          {
            guard: 'required',
            target: 'failed',
            actions: [{ type: 'skip', params: ({ context }) => range(context.at + 1, context.required.length) }],
          },
          { guard: 'last', target: 'done' },
          { target: 'step', reenter: true, actions: ['next'] },
        ],
      },
    },
    done: { type: 'final' },
    failed: { type: 'final' },
  },
});
