/**
 * The words every machine is written in.
 *
 * Owns: the shape of what a machine is given (inputs, parts of its state) and of what it may ask for
 * (emissions, effects, refusals). Owns no decision and no I/O.
 */
import type { Envelope, EventType, Payloads } from '../schemas/types.ts';

/**
 * Derives an id: same namespace, kind and ordinal give the same uuid. The namespace is the causing event's id unless
 * another uuid is named.
 */
export type DeriveId = (kind: string, ordinal?: number, namespace?: string) => string;

/** A wire event as a machine receives it. */
export interface WireInput<T extends EventType = EventType> {
  type: T;
  event: Envelope<T>;
  id: DeriveId;
  /** Which delivery of this event it is, from 1; above 1 after an error. */
  attempt: number;
  /** Folded again from the log: whether an effect was asked for is read there, not in today's settings. */
  replayed?: true;
}

/** What an effect gave back; `event` is the wire event whose turn asked for the effect. */
export interface DoneInput<Name extends string, Output> {
  type: `${Name}.done`;
  output: Output;
  event: Envelope;
  id: DeriveId;
}

/** An effect that failed for good, with the fault as plain data. */
export interface FailedInput<Name extends string> {
  type: `${Name}.failed`;
  fault: PlainFault;
  event: Envelope;
  id: DeriveId;
}

/** Deliveries of `event` have failed `attempts` times; given once, together with the dead letter. */
export interface ExhaustedInput {
  type: 'exhausted';
  fault: PlainFault;
  attempts: number;
  event: Envelope;
  id: DeriveId;
}

/** What an effect gives back when the project has ended before it was worth its price: nothing was made, nobody waits. */
export interface Withdrawn {
  withdrawn: true;
}

/** A fault as it crosses threads and reaches machines. */
export interface PlainFault {
  code: string;
  message: string;
  details?: Record<string, unknown>;
}

/**
 * One wire event to be emitted; the runtime builds the envelope. `ordinal`: which of its type the cause has, from 0, for
 * a cause that is taken up again later; absent = the next one of the turn.
 */
export type Emission = { [T in EventType]: { type: T; payload: Payloads[T]; ordinal?: number } }[EventType];

/** A named effect with its input; answered by `<name>.done` or `<name>.failed`. */
export interface EffectRequest {
  name: string;
  input: unknown;
}

/** The event is not acceptable in this state: dead letter with `reason`; `retry`: it may only be early. */
export interface Refusal {
  reason: string;
  retry: boolean;
}

/** When the event of this turn is to come again. */
export interface Again {
  delayMs: number;
}

/** The action vocabulary of every machine; spread it into `setup({ actions })`. */
export const vocabulary = {
  emit: (_: unknown, _params: readonly Emission[]) => {},
  effect: (_: unknown, _params: EffectRequest) => {},
  refuse: (_: unknown, _params: Refusal) => {},
  /** Has the event delivered once more: a durable timer, which no restart loses. */
  again: (_: unknown, _params: Again) => {},
};

/** Named parts of one instance's state, loaded on demand. */
export interface Parts {
  /** The parsed part, `undefined` if it does not exist. Throws {@link NeedParts} if it is not loaded. */
  get(name: string): unknown;
  /** Makes sure many parts are loaded at once. Throws {@link NeedParts} naming all that are not. */
  require(names: readonly string[]): void;
  /** Names of all parts. Throws {@link NeedParts} unless the whole state is loaded. */
  all(): readonly string[];
}

/**
 * Thrown by {@link Parts}: the step must be run again once these parts are loaded. No Error: it is thrown and caught
 * many times a second, and its stack would cost more than the step.
 */
export class NeedParts {
  /** Part names, or `'*'` for the whole state. */
  readonly names: readonly string[] | '*';
  /** The event was half applied already, so that it cannot simply be applied again. */
  readonly midway: boolean;
  constructor(names: readonly string[] | '*', midway = false) {
    this.names = names;
    this.midway = midway;
  }
}
