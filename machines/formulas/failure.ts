/**
 * What kind of failure it is, and so what is done about it.
 *
 * Owns: the failure taxonomy. `DATA_INSUFFICIENCY`: a worker asks. `REASONING_CONTRADICTION`: it fails at once.
 * `TOOL_FAILURE`, everything else: it is tried again.
 */
import type { Failure, FailureCategory } from '../../schemas/types.ts';
import { firstCodePoints } from './code-points.ts';

/** Enough for any message worth reading; a provider's error may carry a whole page. */
const REASON_CODE_POINTS = 1000;

/** An error or a fault as plain data. */
export interface Failed {
  message: string;
  code?: unknown;
  details?: unknown;
}

/** The category of an error, by its code: classes do not survive crossing threads. */
export function failureCategory(error: unknown): FailureCategory {
  const code = (error as Partial<Failed> | null | undefined)?.code;
  return code === 'DATA_INSUFFICIENCY' || code === 'REASONING_CONTRADICTION' ? code : 'TOOL_FAILURE';
}

/** `failure` of `WORK.ITEM_FAILED`: message and category; neither stack nor cause. */
export function failureOf(error: Failed, attempts?: number): Failure {
  const category = failureCategory(error);
  const failure: Failure = { category, reason: firstCodePoints(error.message, REASON_CODE_POINTS) || category };
  if (isRecord(error.details)) failure.details = error.details;
  if (attempts !== undefined) failure.attempts = attempts;
  return failure;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
