/**
 * Rounding as the contract states it: by the exact value of the double, ties to even.
 *
 * Owns: `r2`, whole minutes, and keeping sums inside the range of a double, so that every figure is JSON.
 */

/** Hundredths of 1, 3, 5 and 7 eighths: of the two that are equally near, the even one. */
const TIES = ['12', '38', '62', '88'];

/**
 * The two-decimal number nearest to the exact value of `x`; an exact tie goes to the even digit. Never −0; beyond
 * the range of a double the largest finite number, and 0 for NaN.
 *
 * `toFixed` compares exactly and errs only on ties. A double is halfway between hundredths only if it is an odd
 * number of eighths (k/200 has a finite binary fraction only then), so there are four kinds of ties.
 */
export function r2(x: number): number {
  const value = finite(x);
  const size = Math.abs(value);
  const eighths = size * 8;
  if (eighths % 2 === 1) {
    return Number(`${value < 0 ? '-' : ''}${Math.trunc(size)}.${TIES[((eighths % 8) - 1) / 2]}`);
  }
  return Number(value.toFixed(2)) + 0;
}

/** The nearest whole number, a tie to the even one. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `x`, or the nearest number JSON can say: −0 is 0 there. */
export function finite(x: number): number {
  if (Number.isNaN(x)) return 0;
  return Math.min(Math.max(x, -Number.MAX_VALUE), Number.MAX_VALUE) + 0;
}
