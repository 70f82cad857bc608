/**
 * What is asked of the router, and what it asks back.
 *
 * Owns: shapes only.
 */
import type { Settlement } from './accounts/shapes.ts';
import type { Sink } from './attempt.ts';
import type { Answer, ChatRequest, Labels } from './chat.ts';
import type { Fit, Measures } from './fit.ts';
import type { CallReport } from './report.ts';
import type { Resolution } from './resolve.ts';

/** What is written in one script with the settlement of the attempt that answered. */
export type Records = Pick<Settlement, 'journal' | 'cache' | 'flight'>;

export interface Job {
  request: ChatRequest;
  resolution: Resolution;
  measures: Measures;
  labels: Labels;
  report: CallReport;
  /** Aborted when nobody wants the answer any more. */
  signal: AbortSignal;
  sink: Sink | null;
  wantsBody: boolean;
  cacheMiss: boolean;
  /** `performance.now()` at which the request must have ended, whatever has been tried. */
  deadlineMs: number;
  /** What the candidates make of the request, as far as that has been looked at. */
  fits: Fit[];
  /** Looks at an answer before it is settled. */
  conclude(answer: Answer): Conclusion;
}

export interface Conclusion {
  /** As the caller gets it. */
  answer: Answer;
  /** It is what the caller gets, so the request counts as answered. */
  final: boolean;
  records: Records;
}

/** What it takes to see what a candidate makes of a request. */
export type FitJob = Pick<Job, 'request' | 'resolution' | 'measures' | 'labels' | 'fits'>;
