/**
 * Chance that can be repeated: the same seed and labels throw the same dice on every machine.
 *
 * Owns: where the generator's randomness comes from. Nothing in the generator draws from anything else.
 */
export interface Dice {
  /** From `min` to `max`, both possible. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
  /** `count` different members in random order; all of them if there are fewer. */
  sample<T>(list: readonly T[], count: number): T[];
  digits(length: number): string;
  /** Dice of their own: what is drawn from them changes nothing here. */
  fork(label: string): Dice;
}

export function diceOf(seed: number, ...labels: readonly string[]): Dice {
  let state = hash(`${seed}/${labels.join('/')}`);
  const next = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  const shuffle = <T>(list: readonly T[]): T[] => {
    const left = [...list];
    for (let i = left.length - 1; i > 0; i--) {
      const j = int(0, i);
      [left[i], left[j]] = [left[j] as T, left[i] as T];
    }
    return left;
  };
  return {
    int,
    shuffle,
    chance: (probability) => next() < probability,
    pick: (list) => {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[int(0, list.length - 1)] as (typeof list)[number];
    },
    sample: (list, count) => shuffle(list).slice(0, count),
    digits: (length) => Array.from({ length }, () => int(0, 9)).join(''),
    fork: (label) => diceOf(seed, ...labels, label),
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) as number), 0x01000193);
  return value | 0;
}
