/**
 * What the four patterns have in common: what they are told, what they ask for, how they are advanced.
 *
 * Owns: the vocabulary between a pattern and whoever runs its children, and one step of a stored pattern. A pattern
 * knows its children by number only; what a child is, and what becomes of its result, is not its business.
 */
import { type AnyStateMachine, initialTransition, transition } from 'xstate';

export type PatternEvent =
  | { type: 'child.done'; child: number /** Of a review, 0–1; else 0. */; score: number }
  | { type: 'child.failed'; child: number };

/** The action vocabulary of every pattern; spread it into `setup({ actions })`. */
export const patternActions = {
  /** Starts children, in this order. */
  start: (_: unknown, _params: readonly number[]) => {},
  /** Children that will not run. */
  skip: (_: unknown, _params: readonly number[]) => {},
};

/** A pattern as it is stored between events. */
export interface PatternState {
  value: string;
  context: unknown;
}

export interface Advance {
  state: PatternState;
  start: readonly number[];
  skip: readonly number[];
  /** Set once the pattern has ended. */
  ended: 'done' | 'failed' | null;
}

/** The pattern's first step. */
export const begin = (machine: AnyStateMachine, input: unknown): Advance => read(initialTransition(machine, input));

/** What the pattern makes of the end of a child. */
export function advance(machine: AnyStateMachine, { value, context }: PatternState, event: PatternEvent): Advance {
  return read(transition(machine, machine.resolveState({ value, context: context as object }), event));
}

type Step = readonly [
  snapshot: { value: unknown; context: unknown },
  actions: readonly { type: string; params?: unknown }[],
];

function read([{ value, context }, actions]: Step): Advance {
  const named = (type: string) =>
    actions.flatMap((action) => (action.type === type ? (action.params as number[]) : []));
  return {
    state: { value: value as string, context },
    start: named('start'),
    skip: named('skip'),
    ended: value === 'done' || value === 'failed' ? value : null,
  };
}

/** Numbers from `from` up to and without `to`. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
