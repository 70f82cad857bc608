/**
 * Negative durations: corrections of what was booked before.
 *
 * Owns: finding the time that a negative one corrects. The row of a correction stays, with no time; what it takes away
 * is taken from rows with the same text, nearest first.
 */
export interface Settled {
  /** By row; null: the row has none. Never negative. */
  minutes: readonly (number | null)[];
  /** Negative rows that correct nothing. */
  dropped: ReadonlySet<number>;
  /** How many rows are corrections. */
  corrections: number;
}

/** @param keyOf what the rows of one activity have in common */
export function settleCorrections(given: readonly (number | null)[], keyOf: (row: number) => string): Settled {
  if (!given.some((value) => value !== null && value < 0))
    return { minutes: given, dropped: new Set(), corrections: 0 };
  const minutes = given.slice();
  const positive = new Map<string, number[]>();
  for (const [row, value] of given.entries()) {
    if (value === null || value <= 0) continue;
    const key = keyOf(row);
    const rows = positive.get(key);
    if (rows) rows.push(row);
    else positive.set(key, [row]);
  }
  const dropped = new Set<number>();
  const left = new Map<string, number>();
  for (const [key, rows] of positive)
    left.set(
      key,
      rows.reduce((sum, row) => sum + (given[row] as number), 0),
    );
  let corrections = 0;
  for (const [row, value] of given.entries()) {
    if (value === null || value >= 0) continue;
    const key = keyOf(row);
    const available = left.get(key) ?? 0;
    if (available + value < -1e-9) {
      dropped.add(row);
      continue;
    }
    left.set(key, available + value);
    corrections += 1;
    minutes[row] = 0;
    takeFrom(minutes, positive.get(key) as number[], -value);
  }
  return { minutes, dropped, corrections };
}

/** Empties the last rows first; those that are empty leave the list, so that all corrections together are linear. */
function takeFrom(minutes: (number | null)[], rows: number[], amount: number): void {
  let rest = amount;
  while (rest > 1e-9 && rows.length > 0) {
    const row = rows.at(-1) as number;
    const taken = Math.min(rest, minutes[row] as number);
    minutes[row] = (minutes[row] as number) - taken;
    rest -= taken;
    if ((minutes[row] as number) <= 1e-9) rows.pop();
  }
}
