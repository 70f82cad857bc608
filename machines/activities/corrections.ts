/**
 * Negative durations: corrections of what was booked before.
 *
 * Owns: finding the time that a negative one corrects. The row of a correction stays, with no time; what it takes away
 * is taken from rows with the same text and person, and the same project where both have one: from the row before it,
 * then further up, then below. Work is linear in the rows.
 */
export interface Settled {
  /** By row; null: the row has none. Never negative. */
  minutes: readonly (number | null)[];
  /** Negative rows that correct nothing. */
  dropped: ReadonlySet<number>;
  /** How many rows are corrections. */
  corrections: number;
}

/** What a correction and the rows that it corrects have in common; '' where a row has none. */
export interface CorrectionKey {
  text: string;
  person: string;
  project: string;
}

/** Rows with positive time that share a key. */
interface Pool {
  /** In the order of the file. */
  rows: number[];
  /** How many of `rows` stand above the row that is looked at. */
  seen: number;
  /** Those above that may have time left, the nearest last. */
  above: number[];
  /** Index in `rows` of the first one below that may have time left. */
  below: number;
  /** Minutes left in all of them. */
  left: number;
}

const EPSILON_MINUTES = 1e-9;
const ANY = '\u0002';

/** @param keyOf asked only where there are negative durations */
export function settleCorrections(given: readonly (number | null)[], keyOf: (row: number) => CorrectionKey): Settled {
  if (!given.some((value) => value !== null && value < 0))
    return { minutes: given, dropped: new Set(), corrections: 0 };
  const minutes = given.slice();
  const pools = new Map<string, Pool>();
  for (const [row, value] of given.entries()) {
    if (value === null || value <= 0) continue;
    for (const key of poolKeys(keyOf(row))) {
      const pool = pools.get(key) ?? { rows: [], seen: 0, above: [], below: 0, left: 0 };
      pools.set(key, pool);
      pool.rows.push(row);
      pool.left += value;
    }
  }
  const take = (row: number, amount: number): void => {
    minutes[row] = (minutes[row] as number) - amount;
    for (const key of poolKeys(keyOf(row))) (pools.get(key) as Pool).left -= amount;
  };
  const dropped = new Set<number>();
  let corrections = 0;
  for (const [row, value] of given.entries()) {
    if (value === null || value >= 0) continue;
    const usable = wantedKeys(keyOf(row)).flatMap((key) => pools.get(key) ?? []);
    if (usable.reduce((sum, { left }) => sum + left, 0) + value < -EPSILON_MINUTES) {
      dropped.add(row);
      continue;
    }
    corrections += 1;
    minutes[row] = 0;
    let rest = -value;
    for (const side of [takeAbove, takeBelow]) {
      for (const pool of usable) rest = side(pool, row, rest, minutes, take);
    }
  }
  return { minutes, dropped, corrections };
}

const poolKey = (text: string, person: string, project: string): string => [text, person, project].join('\u0001');

/** The pools of a row: a correction may say neither person nor project. */
const poolKeys = ({ text, person, project }: CorrectionKey): string[] => [
  poolKey(text, person, project),
  poolKey(text, person, ANY),
  poolKey(text, ANY, project),
  poolKey(text, ANY, ANY),
];

/** The pools that a correction takes from, in this order; no row is in two of them. */
function wantedKeys({ text, person, project }: CorrectionKey): string[] {
  const who = person === '' ? ANY : person;
  return project === '' ? [poolKey(text, who, ANY)] : [poolKey(text, who, project), poolKey(text, who, '')];
}

type Side = (
  pool: Pool,
  row: number,
  amount: number,
  minutes: readonly (number | null)[],
  take: (row: number, amount: number) => void,
) => number;

/** Takes from the rows above, nearest first, and gives what is left to take; rows that are empty leave the pool. */
const takeAbove: Side = (pool, row, amount, minutes, take) => {
  for (; pool.seen < pool.rows.length && (pool.rows[pool.seen] as number) < row; pool.seen += 1) {
    pool.above.push(pool.rows[pool.seen] as number);
  }
  let rest = amount;
  while (rest > EPSILON_MINUTES && pool.above.length > 0) {
    const from = pool.above.at(-1) as number;
    const taken = Math.min(rest, minutes[from] as number);
    take(from, taken);
    rest -= taken;
    if ((minutes[from] as number) <= EPSILON_MINUTES) pool.above.pop();
  }
  return rest;
};

/** Takes from the rows below, nearest first, likewise. */
const takeBelow: Side = (pool, _row, amount, minutes, take) => {
  let rest = amount;
  pool.below = Math.max(pool.below, pool.seen);
  while (rest > EPSILON_MINUTES && pool.below < pool.rows.length) {
    const from = pool.rows[pool.below] as number;
    const taken = Math.min(rest, minutes[from] as number);
    take(from, taken);
    rest -= taken;
    if ((minutes[from] as number) <= EPSILON_MINUTES) pool.below += 1;
  }
  return rest;
};
