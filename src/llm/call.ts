/**
 * What a caller wants of the gateway, and what is kept of what came of it.
 *
 * Owns: shapes only.
 */
import type { Sink } from './attempt.ts';
import type { Answer, ChatRequest, Labels } from './chat.ts';
import type { CallReport } from './report.ts';

export interface Call {
  request: ChatRequest;
  labels: Labels;
  /** Name of the key, `local`, or `internal`: nothing is shared between tenants. */
  tenant: string;
  /** The wire in which the answer is wanted. */
  wire: string;
  /** True: keep and reuse the answer; false: do neither; undefined: if the request is deterministic. */
  cache: boolean | undefined;
  /** The result is recorded under `key`, for requests with the same `fingerprint` (null: any). */
  journal: { key: string; fingerprint: string | null } | null;
  /** Aborted when the caller is gone. */
  signal: AbortSignal;
  /** Where the answer goes while it comes; null: only as a whole. */
  sink: Sink | null;
  /** The answer needs the body in the client's own wire. */
  wantsBody: boolean;
  report: CallReport;
}

export type JournalKey = NonNullable<Call['journal']>;

/** What is kept of a finished call. */
export interface Stored {
  /** Of the answer. */
  id: string;
  fingerprint: string | null;
  answer: Answer;
  /** What its caller has paid for it; 0 if it was shared. */
  costNanoUsd: number;
}
