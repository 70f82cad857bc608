/**
 * One step: state + input → state, emissions, effects, or a refusal. Pure.
 *
 * Owns: what an actor's machine makes of one input. Does not own loading, effects, ids in the log or commits.
 * Keeps I7 (every change of status is a transition of the machine) and I8 (the same step folds a replay).
 */
import type { Again, EffectRequest, Emission, Parts, Refusal } from '../../machines/kit.ts';
import { type Chart, type ChartState, compileChart } from './chart.ts';
import type { ActorDefinition } from './define-actor.ts';

/** An actor whose machine has been read and found fit. */
export interface CompiledActor<Tools = unknown> {
  definition: ActorDefinition<Tools>;
  chart: Chart;
}

export interface StepInput {
  type: string;
}

export interface StepResult {
  state: ChartState;
  emissions: readonly Emission[];
  effects: readonly EffectRequest[];
  refusal: Refusal | null;
  /** The event is to be delivered once more. */
  again: Again | null;
  /** False if the machine has no transition for the input: nothing changed. */
  handled: boolean;
  /** False if the state is what it was: at most an effect is asked for again. */
  changed: boolean;
}

/** Throws `UnsupportedMachine` for a machine that uses what would not survive a restart. */
export function compileActor<Tools>(definition: ActorDefinition<Tools>): CompiledActor<Tools> {
  return { definition, chart: compileChart(definition.machine) };
}

/** The machine's state from what is stored; a new instance starts in the machine's initial state. */
export function openState(actor: CompiledActor, stored: string | null, parts: Parts): ChartState {
  const snapshot = stored === null ? null : (JSON.parse(stored) as { value: string; context: unknown });
  const codec = actor.definition.state;
  const value = snapshot?.value ?? actor.chart.initial().value;
  if (codec) return { value, context: codec.open(snapshot?.context, parts) };
  return { value, context: snapshot ? snapshot.context : actor.chart.initial().context };
}

export interface ClosedState {
  value: string;
  /** JSON context of the snapshot. */
  stored: unknown;
  parts: ReadonlyMap<string, unknown>;
}

export const NO_PARTS: ReadonlyMap<string, unknown> = new Map();

/** What of the machine's state is to be stored. */
export function closeState(actor: CompiledActor, state: ChartState): ClosedState {
  const codec = actor.definition.state;
  if (!codec) return { value: state.value, stored: state.context, parts: NO_PARTS };
  const { stored, parts } = codec.close(state.context);
  return { value: state.value, stored, parts };
}

/** The same as the fields of the instance's hash: names and JSON texts in turn. */
export function fieldsOf({ value, stored, parts }: ClosedState): string[] {
  const fields = ['snapshot', JSON.stringify({ value, context: stored })];
  for (const [name, part] of parts) fields.push(name, JSON.stringify(part));
  return fields;
}

export function step(actor: CompiledActor, state: ChartState, input: StepInput): StepResult {
  const result = actor.chart.transition(state, input);
  const emissions: Emission[] = [];
  const effects: EffectRequest[] = [];
  let refusal: Refusal | null = null;
  let again: Again | null = null;
  for (const action of result.actions) {
    if (action.type === 'emit') emissions.push(...(action.params as readonly Emission[]));
    else if (action.type === 'effect') effects.push(action.params as EffectRequest);
    else if (action.type === 'refuse') refusal ??= action.params as Refusal;
    else if (action.type === 'again') again = action.params as Again;
    else throw new Error(`machine '${actor.definition.machine.id}' asks for the unknown action '${action.type}'`);
  }
  if (refusal) return { state, emissions: [], effects: [], refusal, again: null, handled: true, changed: false };
  return {
    state: { value: result.value, context: result.context },
    emissions: actor.definition.productOrder?.(emissions) ?? emissions,
    effects,
    refusal: null,
    again,
    handled: result.handled,
    changed: result.value !== state.value || result.context !== state.context,
  };
}
