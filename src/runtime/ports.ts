/**
 * What a turn is handed, and what it is measured by.
 *
 * Owns: the interfaces between turns and the thread that runs them. A turn has no I/O but through these.
 */
import type { PlainFault } from '../../machines/kit.ts';
import type { Envelope, EventType } from '../../schemas/types.ts';
import type { TurnCommit, TurnReply } from '../bus/commit.ts';
import type { Keys } from '../bus/keys.ts';
import type { Durations } from './durations.ts';
import type { Attempts, Product } from './products.ts';
import type { Activity } from './suspects.ts';

/** One mailbox entry: events for one instance, in order. */
export interface Delivery {
  entryId: string;
  events: readonly Envelope[];
  logIds: readonly string[];
  /** Earlier attempts at the first event. */
  attempts: Attempts;
  /** A fault that happened where no code of ours could catch it (the thread died). */
  crashed?: PlainFault;
}

/** What is stored of an instance, as a turn needs it. */
export interface LoadedInstance {
  readonly nonce: string;
  readonly snapshot: string | null;
  get(name: string): unknown;
  require(names: readonly string[]): void;
  all(): readonly string[];
  merge(other: LoadedInstance): void;
  written(nonce: string, fields: readonly string[]): void;
}

export interface TurnSettings {
  maxAttempts: number;
  retryBaseMs: number;
  retryMaxMs: number;
  effectDeadlineMs: number;
}

/** Everything a turn needs from outside. */
export interface TurnPorts<Tools> {
  load(key: string, names: readonly string[]): Promise<LoadedInstance>;
  absent(): LoadedInstance;
  /** A commit found the instance changed since it was loaded. */
  conflicted(key: string): void;
  commit(turn: TurnCommit): Promise<TurnReply>;
  /** Null if the payload is what its schema says, else what is wrong. */
  invalid(type: EventType, payload: unknown): string | null;
  redact(text: string): string;
  /** Marks the code of an effect as running, so that a crash can be told from its neighbours. */
  enter(entryId: string, activity: Activity): number;
  mark(slot: number, activity: Activity): void;
  leave(slot: number): void;
  /** Resolves when no other suspect of this thread is at work, with what ends this one's turn. */
  alone(): Promise<() => void>;
  /** A timer was stored; whoever fires timers may want to know. */
  timerSet(dueMs: number): void;
  /** These were appended to the log. */
  emitted(products: readonly Product[]): void;
  tools: Tools;
  keys: Keys;
  settings: TurnSettings;
  stats: TurnStats;
}

/** Counted by the turn, read by metrics. */
export interface TurnStats {
  turns: number;
  conflicts: number;
  fenced: number;
  retries: number;
  deadLetters: number;
  ignored: number;
  lastError: string | null;
  durations: Durations;
}
