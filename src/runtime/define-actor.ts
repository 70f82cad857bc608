/**
 * What an actor is: a role, its machine, and the effects that act for it.
 *
 * Owns: the declaration and its checks at start-up. Does not own: running it (`step.ts`, `turn.ts`, `loop.ts`).
 * Keeps I7: what a machine may use is limited to what the runtime makes durable.
 */
import type { AnyStateMachine } from 'xstate';
import type { DeriveId, Emission, Parts } from '../../machines/kit.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';

/** What an effect is handed besides its input. Everything with I/O comes in here. */
export interface EffectContext<Tools> {
  /** Idempotency key: stable over redeliveries of the same event. */
  key: string;
  /** The wire event whose turn asked for the effect. */
  event: Envelope;
  /** Aborts at the effect's deadline or when the thread drains. */
  signal: AbortSignal;
  tools: Tools;
}

export type Effect<Tools> = (input: never, context: EffectContext<Tools>) => unknown;

/** One change of a read model, made in the same commit as the state. Scores in ms since the epoch. */
export type Projection =
  | { op: 'set'; key: string; value: string }
  /** Of a document that was `set`, if it is there. */
  | { op: 'expire'; key: string; afterMs: number }
  | { op: 'sadd' | 'srem'; key: string; member: string }
  | { op: 'zadd'; key: string; score: number; member: string }
  | { op: 'zrem'; key: string; member: string }
  | { op: 'hset'; key: string; field: string; value: string };

/** How an instance's context maps to stored parts. Absent: the context is plain JSON inside `snapshot`. */
export interface StateCodec<Context> {
  /** `stored` = the JSON context of `snapshot`, undefined for a new instance. */
  open(stored: unknown, parts: Parts): Context;
  /** The JSON context for `snapshot`, and the parts that changed since `open`. */
  close(context: Context): { stored: unknown; parts: ReadonlyMap<string, unknown> };
}

/** One side of a transition, for projections: the machine's state value and stored context; null = new. */
export interface StoredSnapshot {
  value: string;
  context: unknown;
}

/** How a replay, which performs nothing, learns what an effect had come to. */
export interface ReadBack {
  /** Type of the events that tell: products of the event that asked for the effect. */
  from: EventType;
  /**
   * @param id of the event that asked
   * @returns undefined: the products do not say, so there has been no answer
   */
  outcome(products: readonly Envelope[], id: DeriveId): unknown;
}

export interface ActorSpec<Tools> {
  /** Role, also the `source` of what it emits. */
  name: string;
  /** Consumer group. */
  group: string;
  receives: readonly EventType[];
  /** Payload field that names the instance. */
  instanceOf: string;
  effects?: Record<string, Effect<Tools>>;
  /** Order in which the products of one step are appended; absent = as the machine emits them. */
  productOrder?: (products: readonly Emission[]) => readonly Emission[];
  /**
   * Types of events that may ask for an effect, of those the actor receives; absent = all. The others share turns, and
   * do not wait until an effect that an earlier event of the instance has asked for is over.
   */
  asks?: readonly EventType[];
  /** Effect → how a replay finds what it had come to; for a replayable actor that has effects. */
  readBack?: Readonly<Record<string, ReadBack>>;
  state?: StateCodec<unknown>;
  /** Parts worth loading with the first read, as known from the event; others are loaded on demand. */
  prefetch?: (event: Envelope) => readonly string[];
  /** Read-model changes of one turn. Keys are relative to the key prefix. */
  project?: (
    instance: string,
    before: StoredSnapshot | null,
    after: StoredSnapshot,
    parts: ReadonlyMap<string, unknown>,
  ) => readonly Projection[];
  /** Nearly every event starts a new instance: the first try takes it for absent and lets the commit object. */
  startsFresh?: boolean;
  /** Keeps the list of events applied to the instance, so that it can be replayed. */
  replayable?: boolean;
  /** How long an instance is kept after its last change, ms; absent = for ever. */
  retainMs?: number;
}

/** A role ready to run. */
export interface ActorDefinition<Tools = unknown> extends ActorSpec<Tools> {
  machine: AnyStateMachine;
}

/** Curried so that the machine's types are fixed before the handlers are checked against them. */
export function defineActor<M extends AnyStateMachine>(machine: M) {
  return <Tools>(spec: ActorSpec<Tools>): ActorDefinition<Tools> => ({ ...spec, machine });
}
