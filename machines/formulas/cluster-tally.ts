/**
 * The figures of groups of rows, added up row by row.
 *
 * Owns: minutes with mean and spread, cost, people, dates and samples of a group. Does not own which rows are a group.
 */
import { firstCodePoints } from './code-points.ts';
import type { Charging } from './rates.ts';
import { finite } from './round.ts';
import { dayOf, isInferred, personOf } from './row-details.ts';
import { type AnyRow, clean, minutes, textOf } from './rows.ts';

const SAMPLES = 3;
const SAMPLE_CODE_POINTS = 120;

/** What a group of rows adds up to. */
export interface Tally {
  rows: number;
  minutes: number;
  inferred: number;
  cost: number;
  min: number;
  max: number;
  /** Sum of the squares of the differences from the mean, kept by Welford’s recurrence. */
  squares: number;
  mean: number;
  persons: Set<string>;
  first: number;
  last: number;
  wordings: number;
  samples: string[];
}

export const newTally = (): Tally => ({
  rows: 0,
  minutes: 0,
  inferred: 0,
  cost: 0,
  min: Infinity,
  max: 0,
  squares: 0,
  mean: 0,
  persons: new Set(),
  first: Infinity,
  last: -1,
  wordings: 0,
  samples: [],
});

/** Adds every row to its tally; minutes of all rows, and whether any names a person. */
export function measure(
  rows: readonly AnyRow[],
  tallyOf: (index: number) => Tally | null,
  charging: Charging | null,
): { minutes: number; hasPersons: boolean } {
  let total = 0;
  let hasPersons = false;
  for (const [at, row] of rows.entries()) {
    const spent = minutes(row);
    total = finite(total + spent);
    const tally = tallyOf(at);
    const person = personOf(row);
    hasPersons ||= person !== '';
    if (!tally) continue;
    tally.rows += 1;
    tally.minutes = finite(tally.minutes + spent);
    if (isInferred(row)) tally.inferred = finite(tally.inferred + spent);
    if (charging) tally.cost = finite(tally.cost + charging.costOf(row));
    tally.min = Math.min(tally.min, spent);
    tally.max = Math.max(tally.max, spent);
    const difference = spent - tally.mean;
    tally.mean += difference / tally.rows;
    tally.squares = finite(tally.squares + difference * (spent - tally.mean));
    if (person !== '') tally.persons.add(person);
    const day = dayOf(row);
    if (day !== null) [tally.first, tally.last] = [Math.min(tally.first, day), Math.max(tally.last, day)];
    if (tally.samples.length < SAMPLES) {
      const sample = firstCodePoints(clean(textOf(row)), SAMPLE_CODE_POINTS);
      if (!tally.samples.includes(sample)) tally.samples.push(sample);
    }
  }
  return { minutes: total, hasPersons };
}
