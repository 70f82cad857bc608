/**
 * Whole minutes of rows whose sum is the sum of the file.
 *
 * Owns: rounding each row, and giving back what rounding takes away: a thousand rows of 18 minutes and 25 seconds are
 * seven hours short if each of them is rounded by itself. As few rows as possible are rounded the other way, those
 * nearest to half a minute first.
 */
import { wholeMinutes } from './values/durations.ts';

/** @param exact minutes ≥ 0, not rounded; null where there are none */
export function roundTogether(exact: readonly (number | null)[]): (number | null)[] {
  const rounded = exact.map((minutes) => (minutes === null ? null : wholeMinutes(minutes)));
  let exactSum = 0;
  let roundedSum = 0;
  for (const [i, minutes] of exact.entries()) {
    exactSum += minutes ?? 0;
    roundedSum += rounded[i] ?? 0;
  }
  const missing = wholeMinutes(exactSum) - roundedSum;
  if (missing === 0 || !Number.isSafeInteger(missing)) return rounded;
  const step = Math.sign(missing);
  const lostBy = (i: number): number => ((exact[i] ?? 0) - (rounded[i] ?? 0)) * step;
  const candidates = [...exact.keys()].filter((i) => exact[i] !== null && lostBy(i) > 1e-9);
  candidates.sort((a, b) => lostBy(b) - lostBy(a) || a - b);
  for (const i of candidates.slice(0, Math.abs(missing))) rounded[i] = (rounded[i] as number) + step;
  return rounded;
}
