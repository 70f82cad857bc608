/** A leader delegates (child 0), the sub-teams run (child 1), the leader brings their results together (child 2). */
import { setup } from 'xstate';
import { type PatternEvent, patternActions } from './pattern.ts';

const start = (child: number) => ({ type: 'start' as const, params: [child] });
const skip = (...children: number[]) => ({ type: 'skip' as const, params: children });

export const hierarchical = setup({
  types: { events: {} as PatternEvent, input: {} as object },
  actions: patternActions,
}).createMachine({
  id: 'hierarchical',
  version: '1',
  context: {},
  initial: 'delegating',
  states: {
    delegating: {
      entry: [start(0)],
      on: { 'child.done': { target: 'running' }, 'child.failed': { target: 'failed', actions: [skip(1, 2)] } },
    },
    running: {
      entry: [start(1)],
      on: { 'child.done': { target: 'synthesizing' }, 'child.failed': { target: 'failed', actions: [skip(2)] } },
    },
    synthesizing: {
      entry: [start(2)],
      on: { 'child.done': { target: 'done' }, 'child.failed': { target: 'failed' } },
    },
    done: { type: 'final' },
    failed: { type: 'final' },
  },
});
