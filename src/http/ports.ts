/**
 * What the HTTP surfaces need from the rest of the process. The runtime implements these; nothing here imports it.
 */
import type { AnyStateMachine } from 'xstate';
import type { Envelope } from '../../schemas/types.ts';

/** The state a request creates in the same commit as its event, so that a GET after the 2xx finds it. */
export interface NewInstance {
  role: string;
  instance: string;
  snapshot: { value: string; context: unknown };
  parts: ReadonlyMap<string, unknown>;
}

export interface PublishOptions {
  create?: NewInstance;
  /** Deliver to this role alone instead of all subscribers (a redriven dead letter). */
  onlyTo?: string;
}

/** `logId` of the entry in the log, null for a duplicate. */
export interface Published {
  status: 'accepted' | 'duplicate';
  logId: string | null;
}

/** Appends an event made by an edge: validated, marked, routed and projected in one commit (I1). */
export interface Publisher {
  /** Rejects with a fault that has status 503 when Redis is away or full, and 500 for an event that is not valid. */
  publish(event: Envelope, options?: PublishOptions): Promise<Published>;
  /** True once the orchestrator has handled the event (applied or refused), false after `timeoutMs`. */
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
  /** Event types it may emit. */
  emits: readonly string[];
  /** Threads of this process that run it. */
  threads: number;
}

/** Numbers of one role over all processes; totals since the counters were created. */
export interface RoleNumbers {
  /** Instances per state of the machine. */
  states: Readonly<Record<string, number>>;
  throughputPerMinute: number;
  retries: number;
  deadLetters: number;
  restarts: number;
  crashed: boolean;
  lastError: string | null;
}

/** One difference between the stored state and the replayed one. */
export interface ReplayDifference {
  /** JSON pointer. */
  path: string;
  stored: unknown;
  replayed: unknown;
}

/** `archived`: the log no longer reaches back to the project's start. */
export type ReplayOutcome =
  | { status: 'archived' }
  | {
      status: 'replayed';
      equal: boolean;
      eventsApplied: number;
      storedSha256: string;
      replayedSha256: string;
      differences: readonly ReplayDifference[];
    };

/** The running process, seen from outside. */
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
  numbersOf(role: string): Promise<RoleNumbers>;
  /** Folds the project's log again and compares (I8). */
  replay(projectId: string): Promise<ReplayOutcome>;
  /** Metrics of the runtime in the text format of Prometheus, without those of HTTP. */
  metricsText(): Promise<string>;
}

/** A row as it travels in events. */
export interface IngestedRow {
  text: string;
  estimated_minutes: number;
  category: string;
  estimate_source: 'given' | 'inferred';
  source_row: number;
}

/** Turns an uploaded file into rows, away from the main thread. Rejects with a fault for a file it refuses. */
export type Ingest = (file: {
  filename: string;
  bytes: Uint8Array;
  sheet?: string | undefined;
  maxRows: number;
}) => Promise<{ rows: IngestedRow[]; warnings: string[]; contentType: string }>;
