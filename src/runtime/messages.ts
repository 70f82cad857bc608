/** What main thread and worker threads say to each other. Plain data only: it is cloned on the way. */
import type { MessagePort } from 'node:worker_threads';
import type { PlainFault } from '../../machines/kit.ts';
import type { RedisAddress } from '../bus/connection.ts';
import type { KeyNames } from '../bus/keys.ts';
import type { Durations } from './durations.ts';

/** Settings of the runtime, from the configuration. */
export interface RuntimeSettings {
  instanceId: string;
  address: RedisAddress;
  commandTimeoutMs: number;
  keyNames: KeyNames;
  schemaDirectory?: string;
  /** Roles that this process runs. */
  roles: readonly string[];
  threads: number;
  threadMaxHeapMb: number;
  restartLimitPerMinute: number;
  shutdownGraceMs: number;
  blockMs: number;
  readCount: number;
  nodeLeaseMs: number;
  idleReclaimMs: number;
  reclaimCount: number;
  maxAttempts: number;
  retryBaseMs: number;
  retryMaxMs: number;
  rememberSeconds: number;
  maxEventBytes: number;
  deadLettersMax: number;
  effectDeadlineMs: number;
  /** A thread whose event loop stands still for this long is ended: no effect may compute that long. */
  hungAfterMs: number;
  /** Module with `createActors` and `createTools`; what runs is the composition's choice. */
  actorsModule: string;
  /** Handed to that module as it is. */
  actorsSettings: unknown;
  /** Texts that must appear in no log, error or dead letter. */
  secrets: readonly string[];
  logLevel: string;
}

/** The task of one Piscina thread: host all roles until told to drain. */
export interface HostTask {
  settings: RuntimeSettings;
  port: MessagePort;
  /** Consumer name of this thread's incarnation. */
  consumer: string;
  /** From 1. */
  threadNumber: number;
  mark: string;
  suspects: SharedArrayBuffer;
}

export interface ClaimRequest {
  /** Consumer that is gone. */
  from: string;
  /** Deliveries that killed it, by role and entry id: mailboxes number their entries alike. */
  crashed: Readonly<Record<string, PlainFault>>;
  /** Deliveries that may have killed it, named alike. */
  suspected: readonly string[];
  /** Whether those two lists tell what it died of; of a process that is gone nobody knows. */
  explained: boolean;
  /** Idle time from which its deliveries may be taken, ms. */
  idleMs: number;
}

export type ToThread = { type: 'claim'; request: ClaimRequest } | { type: 'drain'; graceMs: number };

/** Counted since the last message. */
export interface RoleCounts {
  turns: number;
  conflicts: number;
  fenced: number;
  retries: number;
  deadLetters: number;
  ignored: number;
  durations: Durations;
  lastError: string | null;
}

export interface GateCounts {
  accepted: Record<string, number>;
  duplicate: Record<string, number>;
  rejected: Record<string, number>;
}

export type FromThread =
  | { type: 'ready' }
  | {
      type: 'counts';
      roles: Record<string, RoleCounts>;
      gate: GateCounts;
      emitted: Record<string, number>;
      commands: Durations;
    }
  | { type: 'timer'; dueMs: number }
  | { type: 'restarted'; role: string; error: PlainFault }
  | { type: 'crashed'; role: string; error: PlainFault }
  | {
      type: 'log';
      level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
      service: string;
      message: string;
      metadata?: Record<string, unknown>;
    };
