/**
 * Groups of sets that are alike, without comparing each with each.
 *
 * Owns: the choice of leaders, and the index that finds those a set can be similar to. Two sets are similar when they
 * share at least 0.6 of what they hold together (Jaccard). Sets are taken in the order given; each joins the most
 * similar leader before it (of equals the earliest), or becomes a leader. So every member is similar to its leader:
 * chains of ever less similar sets, as single linkage makes them, cannot form.
 */

import { ALONE, LeaderIndex } from './leader-index.ts';

/** Jaccard ≥ 3/5, in whole numbers: 8·overlap ≥ 3·(|a| + |b|). */
export const SIMILARITY = 0.6;
const isSimilar = (overlap: number, sizes: number): boolean => 8 * overlap >= 3 * sizes;

export interface Leaders {
  /** Index of each set's leader, its own if it is one. */
  leaderOf: Int32Array;
  /** False when the work was used up: sets after that are leaders without having been compared. */
  complete: boolean;
  /** Steps of {@link COST}. */
  work: number;
}

/** An entry of the index takes memory, too. */
const COST = { key: 1, entry: 2, candidate: 1, element: 1 } as const;
/** For sets of the size of a title. */
const ENTRIES_PER_LEADER = 8;
/** An element of more sets is indexed together with a second one: alone it would bring up too many leaders. */
const RARE_SETS = 8;

/**
 * Similar sets that differ share at least two elements, and the first two that they share are among the first of both:
 * the first within |set| − ⌈0.6·|set|⌉ + 1, the second one place further. So each set is looked up, and indexed when it
 * leads, by the rare elements of its beginning, and by pairs of the others.
 *
 * @param sets different ones, elements ascending; the rarer the elements at the beginning, the less work
 * @param maxWork see {@link Leaders.work}; the set at which it is exceeded is still placed
 */
export function findLeaders(sets: readonly Uint32Array[], maxWork: number): Leaders {
  const leaderOf = new Int32Array(sets.length);
  const keys = new Keys(sets);
  const index = new LeaderIndex(sets.length * ENTRIES_PER_LEADER);
  /** Last set that has met a leader: each pair of sets is judged once. */
  const met = new Int32Array(sets.length).fill(-1);
  let work = 0;
  for (const [at, set] of sets.entries()) {
    leaderOf[at] = at;
    if (work > maxWork || set.length === 0) continue;
    let best = -1;
    let [bestOverlap, bestSizes] = [0, 1];
    keys.each(set, (first, second, place, before) => {
      const seen = index.visit(first, second, (leader, placeInLeader) => {
        if (met[leader] === at) return;
        met[leader] = at;
        const other = sets[leader] as Uint32Array;
        const sizes = set.length + other.length;
        // These are the first elements they share: with what follows, the most they can share.
        const most = before + Math.min(set.length - place, other.length - placeInLeader);
        if (!isSimilar(most, sizes)) return;
        work += sizes * COST.element;
        const overlap = overlapOf(set, other);
        if (!isSimilar(overlap, sizes)) return;
        // Jaccard grows with overlap / sizes.
        const better = overlap * bestSizes - bestOverlap * sizes;
        if (better > 0 || (better === 0 && leader < best)) {
          best = leader;
          [bestOverlap, bestSizes] = [overlap, sizes];
        }
      });
      work += COST.key + seen * COST.candidate;
    });
    if (best >= 0) leaderOf[at] = best;
    else {
      keys.each(set, (first, second, place) => {
        index.add(first, second, at, place);
        work += COST.entry;
      });
    }
  }
  return { leaderOf, complete: work <= maxWork, work };
}

/** What sets are found by. */
class Keys {
  /** In how many sets each element is. */
  readonly #frequency: Uint32Array;

  constructor(sets: readonly Uint32Array[]) {
    let size = 0;
    for (const set of sets) for (const element of set) size = Math.max(size, element + 1);
    this.#frequency = new Uint32Array(size);
    for (const set of sets) {
      for (const element of set) this.#frequency[element] = (this.#frequency[element] as number) + 1;
    }
  }

  /**
   * Keys of a set, by the place of their first element.
   * @param visit `place` is that of the last element of the key, `before` the number of its elements before that one
   */
  each(set: Uint32Array, visit: (first: number, second: number, place: number, before: 0 | 1) => void): void {
    const firsts = set.length - Math.ceil((3 * set.length) / 5) + 1;
    for (let place = 0; place < firsts; place += 1) {
      const element = set[place] as number;
      if ((this.#frequency[element] as number) <= RARE_SETS) {
        visit(element, ALONE, place, 0);
        continue;
      }
      for (let second = place + 1; second <= firsts && second < set.length; second += 1) {
        visit(element, set[second] as number, second, 1);
      }
    }
  }
}

/** How many elements two ascending sets share. */
export function overlapOf(a: Uint32Array, b: Uint32Array): number {
  let [i, j, overlap] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const difference = (a[i] as number) - (b[j] as number);
    if (difference === 0) overlap += 1;
    if (difference <= 0) i += 1;
    if (difference >= 0) j += 1;
  }
  return overlap;
}
