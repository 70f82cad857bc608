/**
 * Between which bounds the savings may lie.
 *
 * Owns: the low and the high estimate beside the contract's figure, and the assumption that each rests on, in words.
 * Nothing here calls repetition waste without saying that this is assumed.
 */
import { finite, r2 } from './round.ts';
import { type AnyRow, fingerprint, minutes, textOf } from './rows.ts';

/** As in the contract's figure. */
const CAP_PERCENT = 60;
const SHORT_MINUTES = 30;
/** Part of the short repeats that the low estimate takes for avoidable. */
const LOW_PART = 0.5;

export interface RangeEstimate {
  avoidable_percent: number;
  recovered_hours: number;
  recovered_monthly_cost: number;
  assumption: string;
}

export interface SavingsRange {
  low: RangeEstimate;
  /** The figures of the deliverable itself. */
  base: RangeEstimate;
  high: RangeEstimate;
  assumption_note: string;
}

export interface RangeInput {
  rows: readonly AnyRow[];
  base: Omit<RangeEstimate, 'assumption'>;
  /** Of all rows, as the deliverable states them. */
  totalHours: number;
  totalCost: number;
  /** Percent of the time in activities that recur in the same or similar words, and whether all were compared. */
  similar: { share_percent: number; complete: boolean };
}

export function rangeOf({ rows, base, totalHours, totalCost, similar }: RangeInput): SavingsRange {
  const basePercent = base.avoidable_percent;
  const low = Math.min(basePercent, r2(shortRepeatShare(rows) * LOW_PART));
  const high = Math.max(basePercent, Math.min(CAP_PERCENT, similar.share_percent));
  const at = (percent: number, assumption: string): RangeEstimate => ({
    avoidable_percent: percent,
    // Where bounds meet, so do their amounts, to the cent.
    ...(percent === basePercent
      ? { recovered_hours: base.recovered_hours, recovered_monthly_cost: base.recovered_monthly_cost }
      : {
          recovered_hours: r2((totalHours * percent) / 100),
          recovered_monthly_cost: r2((totalCost * percent) / 100),
        }),
    assumption,
  });
  return {
    low: at(
      low,
      `Half of the time in entries of at most ${SHORT_MINUTES} minutes that recur word for word can be saved; ` +
        'everything else takes as long as before.',
    ),
    base: at(
      basePercent,
      `Time is saved in the share of rows that recur word for word, increased by a quarter, at most ${CAP_PERCENT} %.`,
    ),
    high: at(
      high,
      high === basePercent
        ? `As the base: it ${basePercent >= CAP_PERCENT ? `reaches the limit of ${CAP_PERCENT} %` : 'exceeds the time of what recurs in similar words'}.`
        : `All the time in activities that recur in the same or similar words can be saved, at most ${CAP_PERCENT} %` +
            `${similar.complete ? '' : '; not all texts could be compared'}.`,
    ),
    assumption_note:
      'That recurring work can be saved is an assumption, not a measurement: work may recur because it is needed. ' +
      'Neither the cost of automation nor its upkeep is deducted.',
  };
}

/** Percent of all minutes in rows of at most 30 minutes whose text recurs. */
function shortRepeatShare(rows: readonly AnyRow[]): number {
  const counts = new Map<string, number>();
  const prints = rows.map((row) => fingerprint(textOf(row)));
  for (const print of prints) counts.set(print, (counts.get(print) ?? 0) + 1);
  let [all, short] = [0, 0];
  for (const [at, row] of rows.entries()) {
    const spent = minutes(row);
    all = finite(all + spent);
    const print = prints[at] as string;
    if (print !== '' && spent <= SHORT_MINUTES && (counts.get(print) as number) > 1) short = finite(short + spent);
  }
  return all === 0 ? 0 : (short / all) * 100;
}
