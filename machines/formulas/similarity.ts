/**
 * Groups of sets that are alike, without comparing each with each.
 *
 * Owns: the choice of leaders, and the index that finds those a set can be similar to. Two sets are similar when they
 * share at least 0.6 of what they hold together (Jaccard). Sets are taken in the order given; each joins the most
 * similar leader before it (of equals the earliest), or becomes a leader. So every member is similar to its leader:
 * chains of ever less similar sets, as single linkage makes them, cannot form.
 */

/** Jaccard ≥ 3/5, in whole numbers: 8·overlap ≥ 3·(|a| + |b|). */
export const SIMILARITY = 0.6;
const isSimilar = (overlap: number, sizes: number): boolean => 8 * overlap >= 3 * sizes;

export interface Leaders {
  /** Index of each set's leader, its own if it is one. */
  leaderOf: Int32Array;
  /** False when the work was used up: sets after that are leaders without having been compared. */
  complete: boolean;
  /** Postings looked at and elements compared. */
  work: number;
}

/** Leaders that hold an element, with its place in them. */
interface Posting {
  leaders: number[];
  places: number[];
}

/**
 * @param sets elements ascending, the rarest element is the smallest; then similar sets share one of their first
 *   |set| − ⌈0.6·|set|⌉ + 1 elements, and only those are indexed
 * @param maxWork see {@link Leaders.work}; the set at which it is exceeded is still placed
 */
export function findLeaders(sets: readonly Uint32Array[], maxWork: number): Leaders {
  const leaderOf = new Int32Array(sets.length);
  const index = new Map<number, Posting>();
  /** Last set that has met a leader: each pair is judged once. */
  const met = new Int32Array(sets.length).fill(-1);
  let work = 0;
  for (const [at, set] of sets.entries()) {
    leaderOf[at] = at;
    if (work > maxWork || set.length === 0) continue;
    let best = -1;
    let [bestOverlap, bestSizes] = [0, 1];
    const prefix = prefixLength(set.length);
    for (let place = 0; place < prefix; place += 1) {
      const posting = index.get(set[place] as number);
      if (!posting) continue;
      work += posting.leaders.length;
      for (const [i, leader] of posting.leaders.entries()) {
        if (met[leader] === at) continue;
        met[leader] = at;
        const other = sets[leader] as Uint32Array;
        const sizes = set.length + other.length;
        // The first element they share: it and what follows it is the most they can still share.
        const most = Math.min(set.length - place, other.length - (posting.places[i] as number));
        if (!isSimilar(most, sizes)) continue;
        work += sizes;
        const overlap = overlapOf(set, other);
        if (!isSimilar(overlap, sizes)) continue;
        // Jaccard grows with overlap / sizes.
        const better = overlap * bestSizes - bestOverlap * sizes;
        if (better > 0 || (better === 0 && leader < best)) {
          best = leader;
          [bestOverlap, bestSizes] = [overlap, sizes];
        }
      }
    }
    if (best >= 0) leaderOf[at] = best;
    else addLeader(index, set, at, prefix);
  }
  return { leaderOf, complete: work <= maxWork, work };
}

const prefixLength = (size: number): number => size - Math.ceil((3 * size) / 5) + 1;

function addLeader(index: Map<number, Posting>, set: Uint32Array, at: number, prefix: number): void {
  for (let place = 0; place < prefix; place += 1) {
    const element = set[place] as number;
    const posting = index.get(element);
    if (posting) {
      posting.leaders.push(at);
      posting.places.push(place);
    } else index.set(element, { leaders: [at], places: [place] });
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
