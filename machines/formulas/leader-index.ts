/**
 * An index from elements, and pairs of elements, to the sets that have them.
 *
 * Owns: a hash table in typed arrays. A million entries take 20 MB here, and ten times that as a map of lists.
 */

/** Stands for the second element of a key of one element. */
export const ALONE = -1;
const NONE = -1;
const LEAST_BUCKETS = 1_024;
const MOST_BUCKETS = 1 << 21;

export class LeaderIndex {
  /** Newest entry of each bucket. */
  readonly #buckets: Int32Array;
  readonly #mask: number;
  #first = new Int32Array(1_024);
  #second = new Int32Array(1_024);
  #leader = new Int32Array(1_024);
  #place = new Int32Array(1_024);
  /** The entry before it in the same bucket. */
  #older = new Int32Array(1_024);
  #size = 0;

  /** @param expected entries; more are taken, with longer chains */
  constructor(expected: number) {
    let buckets = LEAST_BUCKETS;
    while (buckets < expected && buckets < MOST_BUCKETS) buckets *= 2;
    this.#buckets = new Int32Array(buckets).fill(NONE);
    this.#mask = buckets - 1;
  }

  add(first: number, second: number, leader: number, place: number): void {
    if (this.#size === this.#first.length) this.#grow();
    const at = this.#size;
    const bucket = this.#bucketOf(first, second);
    this.#first[at] = first;
    this.#second[at] = second;
    this.#leader[at] = leader;
    this.#place[at] = place;
    this.#older[at] = this.#buckets[bucket] as number;
    this.#buckets[bucket] = at;
    this.#size += 1;
  }

  /** Calls `visit` for every entry of the key, the newest first. @returns entries looked at, others of the bucket included */
  visit(first: number, second: number, visit: (leader: number, place: number) => void): number {
    let seen = 0;
    let at = this.#buckets[this.#bucketOf(first, second)] as number;
    while (at !== NONE) {
      seen += 1;
      if (this.#first[at] === first && this.#second[at] === second) {
        visit(this.#leader[at] as number, this.#place[at] as number);
      }
      at = this.#older[at] as number;
    }
    return seen;
  }

  #bucketOf(first: number, second: number): number {
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second + 1, 0x85ebca6b);
    hash ^= hash >>> 15;
    return Math.imul(hash, 0x2c1b3c6d) & this.#mask;
  }

  #grow(): void {
    const grown = (list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(list.length * 2);
      larger.set(list);
      return larger;
    };
    this.#first = grown(this.#first);
    this.#second = grown(this.#second);
    this.#leader = grown(this.#leader);
    this.#place = grown(this.#place);
    this.#older = grown(this.#older);
  }
}
