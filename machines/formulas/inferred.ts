/**
 * How much of the time is estimated instead of recorded, and how far that lowers confidence.
 *
 * Owns: the note `inferred` of the analytic deliverables, and the cap on their confidence.
 */
import { plainNumber } from './numbers.ts';
import { finite, r2 } from './round.ts';
import { isInferred } from './row-details.ts';
import { type AnyRow, minutes } from './rows.ts';

export interface InferredShare {
  rows: number;
  minutes: number;
  /** Percent of all minutes. */
  share_percent: number;
  label: string;
}

/** null when no row is estimated. */
export function inferredShare(rows: readonly AnyRow[]): InferredShare | null {
  let total = 0;
  let estimated = 0;
  let count = 0;
  for (const row of rows) {
    const spent = minutes(row);
    total = finite(total + spent);
    if (!isInferred(row)) continue;
    count += 1;
    estimated = finite(estimated + spent);
  }
  if (count === 0) return null;
  const share = shareOf(estimated, total, count, rows.length);
  const share_percent = r2(share * 100);
  return {
    rows: count,
    minutes: r2(estimated),
    share_percent,
    label:
      share === 1
        ? 'All minutes are estimated from the words of the texts; no amount here is a measurement.'
        : `${plainNumber(share_percent)} % of the minutes are estimated from the words of the texts; amounts rest on them in part.`,
  };
}

/** Without minutes there is still something to be unsure of: then rows count. */
const shareOf = (part: number, whole: number, rows: number, allRows: number): number =>
  whole > 0 ? part / whole : rows / allRows;

/** Loss of confidence when all minutes are estimated: 0.3 is left. */
const MOST_LOST_PERCENT = 70;

/** `confidence`, or less: at most 1 when nothing is estimated, 0.3 when everything is, in between by share. */
export function cappedConfidence(confidence: number, inferred: InferredShare | null): number {
  if (inferred === null) return confidence;
  return Math.min(confidence, r2(1 - (MOST_LOST_PERCENT * inferred.share_percent) / 10_000));
}
