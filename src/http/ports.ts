/**
 * What the HTTP surfaces need from the rest of the process. The runtime implements these; nothing here imports it.
 */
import type { AnyStateMachine } from 'xstate';
import type { Envelope } from '../../schemas/types.ts';
import type { ReplayOutcome } from '../runtime/replay.ts';

/** `logId` of the entry in the log, null for a duplicate. */
export interface Published {
  status: 'accepted' | 'duplicate';
  logId: string | null;
}

/** Appends an event made by an edge: marked, routed and projected in one commit (I1); a request creates its project. */
export interface Publisher {
  /**
   * `event` is valid. Rejects when Redis is away or full. The same event again is a duplicate, whatever became of the
   * first call. `onlyTo`: deliver to this role alone instead of all subscribers (a redriven dead letter).
   */
  publish(event: Envelope, options?: { onlyTo?: string }): Promise<Published>;
  /** True once the roles that hear the event have handled it (applied or refused), false after `timeoutMs`. */
  waitApplied(event: Envelope, timeoutMs: number): Promise<boolean>;
}

/** A role as far as it can be described without running it. */
export interface RoleDescription {
  role: string;
  group: string;
  machine: AnyStateMachine;
  /** Names of its effects. */
  effects: readonly string[];
  receives: readonly string[];
  /** Threads of this process that run it. */
  threads: number;
}

/** The running process, seen from outside. Numbers that all processes share are read from Redis instead. */
export interface RuntimeView {
  /** Package version. */
  version: string;
  uptimeSeconds(): number;
  /** True from SIGTERM on: no new work is taken. */
  draining(): boolean;
  threads(): { running: number; expected: number };
  /** Roles that passed their restart limit. */
  crashedRoles(): readonly string[];
  llm(): { status: 'ok' | 'degraded'; testMode: boolean };
  roles(): readonly RoleDescription[];
  /** Folds the project's log again and compares (I8). */
  replay(projectId: string): Promise<ReplayOutcome>;
}
