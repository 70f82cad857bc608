/** Durations counted in buckets, cheap enough for every turn; threads send the counts, the main thread adds them up. */

/** Upper bounds, ms. A last bucket holds what is longer. */
export const BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 10_000] as const;

export interface Durations {
  /** One count per bound and one for the rest, not cumulative. */
  counts: number[];
  sumMs: number;
}

export const noDurations = (): Durations => ({ counts: new Array<number>(BOUNDS_MS.length + 1).fill(0), sumMs: 0 });

export function addDuration(durations: Durations, ms: number): void {
  let bucket = 0;
  while (bucket < BOUNDS_MS.length && ms > (BOUNDS_MS[bucket] as number)) bucket++;
  durations.counts[bucket] = (durations.counts[bucket] as number) + 1;
  durations.sumMs += ms;
}

export function mergeDurations(into: Durations, from: Durations): void {
  for (let i = 0; i < into.counts.length; i++) into.counts[i] = (into.counts[i] as number) + (from.counts[i] ?? 0);
  into.sumMs += from.sumMs;
}
