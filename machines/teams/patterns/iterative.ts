/**
 * Work and review until the review is content or the rounds are used up; then the best round counts.
 *
 * Round i, from 1, is children 2(i − 1) (work) and 2(i − 1) + 1 (review).
 */
import { assign, setup } from 'xstate';
import { type PatternEvent, patternActions } from './pattern.ts';

interface Input {
  maxIterations: number;
  /** Score from which the work is accepted, 0–1. */
  qualityThreshold: number;
}

export interface IterativeContext extends Input {
  /** From 1. */
  iteration: number;
  /** The round that counts so far; the later of equals. */
  best: { iteration: number; score: number } | null;
  accepted: boolean;
}

export const workChild = (iteration: number): number => 2 * (iteration - 1);
export const reviewChild = (iteration: number): number => 2 * (iteration - 1) + 1;
export const iterationOf = (child: number): number => Math.floor(child / 2) + 1;

/** Only a review that is done is judged. */
const scoreOf = (event: PatternEvent): number => (event as Extract<PatternEvent, { type: 'child.done' }>).score;

export const iterative = setup({
  types: { context: {} as IterativeContext, events: {} as PatternEvent, input: {} as Input },
  actions: {
    ...patternActions,
    judge: assign({
      best: ({ context, event }) => {
        const score = scoreOf(event);
        return context.best && context.best.score > score ? context.best : { iteration: context.iteration, score };
      },
      accepted: ({ context, event }) => scoreOf(event) >= context.qualityThreshold,
    }),
    next: assign({ iteration: ({ context }) => context.iteration + 1 }),
  },
  guards: {
    good_enough: ({ context, event }) => scoreOf(event) >= context.qualityThreshold,
    rounds_left: ({ context }) => context.iteration < context.maxIterations,
  },
}).createMachine({
  id: 'iterative',
  version: '1',
  context: ({ input }) => ({ ...input, iteration: 1, best: null, accepted: false }),
  initial: 'working',
  states: {
    working: {
      entry: [{ type: 'start', params: ({ context }) => [workChild(context.iteration)] }],
      on: {
        'child.done': { target: 'reviewing' },
        'child.failed': {
          target: 'failed',
          actions: [{ type: 'skip', params: ({ context }) => [reviewChild(context.iteration)] }],
        },
      },
    },
    reviewing: {
      entry: [{ type: 'start', params: ({ context }) => [reviewChild(context.iteration)] }],
      on: {
        'child.done': [
          { guard: 'good_enough', target: 'done', actions: ['judge'] },
          { guard: 'rounds_left', target: 'working', actions: ['judge', 'next'] },
          { target: 'done', actions: ['judge'] },
        ],
        'child.failed': { target: 'failed' },
      },
    },
    done: { type: 'final' },
    failed: { type: 'final' },
  },
});
