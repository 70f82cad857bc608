/**
 * All children at once, a bounded number at a time; then, if there is one, the aggregator, which is the child after the
 * last. One that fails stops nobody.
 */
import { assign, setup } from 'xstate';
import { type PatternEvent, patternActions, range } from './pattern.ts';

/** Children at work at a time. */
const MAX_AT_ONCE = 8;

interface Input {
  /** Of each child in turn. */
  required: readonly boolean[];
  minSuccess: number;
  aggregates: boolean;
}

export interface ParallelContext extends Input {
  /** Children started so far, in order. */
  started: number;
  done: number;
  /** Children that failed. */
  failed: readonly number[];
}

const sizeOf = ({ required }: ParallelContext) => required.length;

export const parallel = setup({
  types: { context: {} as ParallelContext, events: {} as PatternEvent, input: {} as Input },
  actions: {
    ...patternActions,
    count: assign({
      started: ({ context }) => Math.min(context.started + 1, sizeOf(context)),
      done: ({ context, event }) => context.done + (event.type === 'child.done' ? 1 : 0),
      failed: ({ context, event }) =>
        event.type === 'child.failed' ? [...context.failed, event.child] : context.failed,
    }),
  },
  guards: {
    all_ended: ({ context }) => context.done + context.failed.length === sizeOf(context),
    too_few: ({ context }) =>
      context.done + context.failed.length === sizeOf(context) &&
      (context.done < context.minSuccess || context.failed.some((child) => context.required[child])),
    aggregates: ({ context }) => context.aggregates && context.done + context.failed.length === sizeOf(context),
  },
}).createMachine({
  id: 'parallel',
  version: '1',
  context: ({ input }) => ({ ...input, started: Math.min(MAX_AT_ONCE, input.required.length), done: 0, failed: [] }),
  initial: 'running',
  states: {
    running: {
      entry: [{ type: 'start', params: ({ context }) => range(0, context.started) }],
      on: {
        '*': {
          actions: [
            // A place is free: the next one takes it.
            {
              type: 'start',
              params: ({ context }) => range(context.started, Math.min(context.started + 1, sizeOf(context))),
            },
            'count',
          ],
        },
      },
      always: [
        {
          guard: 'too_few',
          target: 'failed',
          actions: [{ type: 'skip', params: ({ context }) => (context.aggregates ? [sizeOf(context)] : []) }],
        },
        { guard: 'aggregates', target: 'aggregating' },
        { guard: 'all_ended', target: 'done' },
      ],
    },
    aggregating: {
      entry: [{ type: 'start', params: ({ context }) => [sizeOf(context)] }],
      on: { 'child.done': { target: 'done' }, 'child.failed': { target: 'failed' } },
    },
    done: { type: 'final' },
    failed: { type: 'final' },
  },
});
