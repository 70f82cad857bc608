/**
 * A state machine as data: what people and the dashboard see of it. Pure.
 *
 * Owns: reading states, transitions and guards off the definition, so that the picture cannot differ from what runs.
 */
import type { RoleDescription } from './ports.ts';

interface DescribedTransition {
  /** Absent: the state stays. */
  target?: string;
  guard?: string;
}

interface DescribedState {
  type?: 'final';
  on?: Record<string, DescribedTransition[]>;
  always?: DescribedTransition[];
}

export interface MachineDescription {
  name: string;
  version: number;
  roles: string[];
  initial: string;
  states: Record<string, DescribedState>;
  effects: string[];
  /** What effects are answered by. */
  outcomes: string[];
  emits: string[];
}

/** As far as this file looks into a state node of a flat machine. */
interface StateNode {
  key: string;
  type: string;
  transitions: ReadonlyMap<string, readonly Transition[]>;
  always?: readonly Transition[] | undefined;
}
interface Transition {
  target?: readonly { key: string }[] | undefined;
  guard?: unknown;
}

/** @param sharing the roles that run one machine, at least one */
export function describeMachine(sharing: readonly RoleDescription[]): MachineDescription {
  const [{ machine }] = sharing as [RoleDescription];
  const effects = [...new Set(sharing.flatMap((role) => role.effects))].sort();
  const meta = machine.config.meta as { emits?: readonly string[] } | undefined;
  const states = Object.values(machine.states) as unknown as StateNode[];
  return {
    name: machine.id,
    version: Number(machine.version ?? 1),
    roles: sharing.map(({ role }) => role),
    initial: machine.root.initial.target[0]?.key ?? '',
    states: Object.fromEntries(states.map((state) => [state.key, describeState(state)])),
    effects,
    outcomes: effects.flatMap((effect) => [`${effect}.done`, `${effect}.failed`]),
    emits: [...(meta?.emits ?? [])],
  };
}

function describeState({ type, transitions, always }: StateNode): DescribedState {
  const on = [...transitions].filter(([event]) => event !== '');
  return {
    ...(type === 'final' && { type: 'final' as const }),
    ...(on.length > 0 && {
      on: Object.fromEntries(on.map(([event, candidates]) => [event, candidates.map(describeTransition)])),
    }),
    ...(always && always.length > 0 && { always: always.map(describeTransition) }),
  };
}

function describeTransition({ target, guard }: Transition): DescribedTransition {
  const [to] = target ?? [];
  return { ...(to && { target: to.key }), ...(guard !== undefined && { guard: guardName(guard) }) };
}

/** A guard by its name; combined guards by theirs. */
function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && guard !== null && 'type' in guard) return String(guard.type);
  if (typeof guard === 'function' && 'guards' in guard && Array.isArray(guard.guards)) {
    const name = guard.name || 'all';
    return `${name}(${guard.guards.map(guardName).join(', ')})`;
  }
  return (typeof guard === 'function' && guard.name) || 'inline';
}
