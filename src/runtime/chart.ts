/**
 * Runs one transition of a flat XState machine from a table derived once from that machine.
 *
 * Owns: reading the machine's own transition definitions, and refusing, at start-up, what the runtime cannot make
 * durable (delays, invocations, children, nesting). Does not own decisions: guards, assigns and parameters are the
 * machine's. The result is the one of XState's `transition()` (a property test compares them); the table only spares
 * the inert actor system that function builds for every call.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

export interface ChartAction {
  type: string;
  params: unknown;
}

export interface ChartState {
  value: string;
  context: unknown;
}

export interface ChartResult extends ChartState {
  /** Actions the machine asks for, in order; assigns are applied already. */
  actions: ChartAction[];
  /** False if no transition took the event. */
  handled: boolean;
}

export interface Chart {
  initial(): ChartResult;
  transition(state: ChartState, event: { type: string }): ChartResult;
  isFinal(value: string): boolean;
  readonly values: readonly string[];
}

type Scope = { context: unknown; event: { type: string } };
type Guard = (scope: Scope) => boolean;
type Assigns = Record<string, unknown> | ((scope: Scope, params: unknown) => Record<string, unknown>);
type Action = { assign: Assigns; params: unknown } | { assign: null; type: string; params: unknown };

interface Candidate {
  guard: Guard | null;
  target: string | null;
  actions: readonly Action[];
}

interface Node {
  final: boolean;
  /** By event type, in the order in which they are asked; `*`: for types that are not listed. */
  on: ReadonlyMap<string, readonly Candidate[]>;
  always: readonly Candidate[];
}

/** More eventless steps than this for one event is a loop in the machine. */
const MAX_MICROSTEPS = 100;

export class UnsupportedMachine extends Error {
  constructor(machine: string, what: string) {
    super(`machine '${machine}' uses ${what}, which the runtime does not make durable`);
    this.name = 'UnsupportedMachine';
  }
}

/** Parameters may be functions of context and event, as in XState. */
function resolve(params: unknown, scope: Scope): unknown {
  return typeof params === 'function' ? params(scope) : params;
}

// biome-ignore lint/suspicious/noExplicitAny: XState keeps these definitions untyped.
type Definition = any;

class Compiler {
  readonly #machine: AnyStateMachine;
  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
  }

  refuse(what: string): never {
    throw new UnsupportedMachine(this.#machine.id, what);
  }

  action(definition: Definition): Action {
    const named = typeof definition === 'string' ? { type: definition } : definition;
    const implementation = typeof named === 'function' ? named : this.#machine.implementations.actions[named.type];
    if (!implementation) this.refuse(`the unknown action '${named.type}'`);
    const kind: string | undefined = (implementation as Definition).type;
    if (kind === 'xstate.assign') return { assign: (implementation as Definition).assignment, params: named.params };
    if (kind !== undefined || typeof named === 'function') this.refuse(`the action ${kind ?? 'as an inline function'}`);
    return { assign: null, type: named.type, params: named.params };
  }

  guard(definition: Definition): Guard | null {
    if (definition === undefined) return null;
    const named = typeof definition === 'string' ? { type: definition } : definition;
    const implementation = typeof named === 'function' ? named : this.#machine.implementations.guards[named.type];
    if (typeof implementation !== 'function') this.refuse(`the unknown guard '${named.type}'`);
    if ('check' in implementation) this.refuse('a combined guard');
    return (scope) => (implementation as Definition)(scope, resolve(named.params, scope));
  }

  candidate(definition: Definition): Candidate {
    const targets: AnyStateNode[] | undefined = definition.target;
    if (targets && targets.length !== 1) this.refuse('a transition with several targets');
    const target = targets?.[0];
    if (target && target.parent !== this.#machine.root) this.refuse('nested states');
    const source: AnyStateNode = definition.source;
    // A transition from a state to itself neither leaves nor enters it, unless it says so.
    const moves = target && (target !== source || definition.reenter);
    return {
      guard: this.guard(definition.guard),
      target: target && moves ? target.key : null,
      actions: definition.actions.map((action: Definition) => this.action(action)),
    };
  }

  transitions(definitions: ReadonlyMap<string, Definition>): Map<string, Candidate[]> {
    const candidates = new Map<string, Candidate[]>();
    for (const [type, listed] of definitions) {
      if (type.endsWith('*') && type !== '*') this.refuse(`the event pattern '${type}'`);
      candidates.set(
        type,
        listed.map((definition: Definition) => this.candidate(definition)),
      );
    }
    return candidates;
  }

  node(state: AnyStateNode): Node {
    if (state.type !== 'atomic' && state.type !== 'final') this.refuse(`the ${state.type} state '${state.key}'`);
    if (state.invoke.length > 0) this.refuse(`an invocation in '${state.key}'`);
    if (state.after.length > 0) this.refuse(`a delay in '${state.key}'`);
    // XState also runs them when a machine ends, and again when an ended one moves on.
    if (state.exit.length > 0) this.refuse(`exit actions in '${state.key}'`);
    // What the state itself says of any event goes before what the root says of this one.
    const sources = [state, this.#machine.root].map(({ transitions }) => this.transitions(transitions));
    const types = new Set(sources.flatMap((source) => [...source.keys()]));
    const on = new Map(
      [...types].map((type) => [
        type,
        sources.flatMap((source) => [...(source.get(type) ?? []), ...(type === '*' ? [] : (source.get('*') ?? []))]),
      ]),
    );
    return {
      final: state.type === 'final',
      on,
      always: (state.always ?? []).map((definition: Definition) => this.candidate(definition)),
    };
  }
}

export function compileChart(machine: AnyStateMachine): Chart {
  const compiler = new Compiler(machine);
  const nodes = new Map<string, Node>();
  const entry = new Map<string, readonly Action[]>();
  for (const [value, state] of Object.entries(machine.root.states)) {
    nodes.set(value, compiler.node(state));
    entry.set(
      value,
      state.entry.map((action: Definition) => compiler.action(action)),
    );
  }
  if (nodes.size === 0) compiler.refuse('no states');
  for (const [value, { final, on }] of nodes) {
    // XState takes a machine that has ended for ended, wherever it moves on to.
    const settles = ({ target }: Candidate) => target !== null && (nodes.get(target) as Node).always.length > 0;
    if (final && [...on.values()].flat().some(settles)) {
      compiler.refuse(`a way from the final state '${value}' to eventless transitions`);
    }
  }
  const { root } = machine;
  if (root.entry.length > 0 || root.exit.length > 0) compiler.refuse('actions on the root');
  if (root.always) compiler.refuse('eventless transitions on the root');
  if (root.invoke.length > 0 || root.after.length > 0) compiler.refuse('an invocation or a delay on the root');
  const first = machine.root.initial.target[0]?.key as string;

  const node = (value: string): Node => {
    const found = nodes.get(value);
    if (!found) throw new Error(`machine '${machine.id}' has no state '${value}'`);
    return found;
  };

  function run(actions: readonly Action[], context: unknown, event: { type: string }, out: ChartAction[]): unknown {
    let current = context;
    for (const action of actions) {
      const scope: Scope = { context: current, event };
      const params = resolve(action.params, scope);
      if (action.assign === null) {
        out.push({ type: action.type, params });
        continue;
      }
      const { assign } = action;
      if (typeof assign === 'function') {
        current = Object.assign({}, current, assign(scope, params));
        continue;
      }
      const patch: Record<string, unknown> = {};
      for (const [key, value] of Object.entries(assign))
        patch[key] = typeof value === 'function' ? value(scope, params) : value;
      current = Object.assign({}, current, patch);
    }
    return current;
  }

  function take(
    candidates: readonly Candidate[],
    state: ChartState,
    event: { type: string },
    out: ChartAction[],
  ): ChartState | null {
    for (const candidate of candidates) {
      if (candidate.guard && !candidate.guard({ context: state.context, event })) continue;
      if (candidate.target === null) {
        return { value: state.value, context: run(candidate.actions, state.context, event, out) };
      }
      let context = run(candidate.actions, state.context, event, out);
      context = run(entry.get(candidate.target) ?? [], context, event, out);
      return { value: candidate.target, context };
    }
    return null;
  }

  function settle(state: ChartState, event: { type: string }, actions: ChartAction[]): ChartResult {
    let current = state;
    for (let steps = 0; ; steps++) {
      if (steps > MAX_MICROSTEPS) throw new Error(`machine '${machine.id}' does not settle in '${current.value}'`);
      const next = take(node(current.value).always, current, event, actions);
      if (!next) return { ...current, actions, handled: true };
      current = next;
    }
  }

  return {
    values: [...nodes.keys()],
    isFinal: (value) => node(value).final,
    initial() {
      const event = { type: 'xstate.init' };
      const actions: ChartAction[] = [];
      const factory = machine.config.context as unknown;
      const context = typeof factory === 'function' ? factory({ input: undefined }) : (factory ?? {});
      return settle({ value: first, context: run(entry.get(first) ?? [], context, event, actions) }, event, actions);
    },
    transition(state, event) {
      const { on } = node(state.value);
      const actions: ChartAction[] = [];
      const next = take(on.get(event.type) ?? on.get('*') ?? [], state, event, actions);
      return next ? settle(next, event, actions) : { ...state, actions: [], handled: false };
    },
  };
}
