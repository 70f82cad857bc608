/**
 * Exact decimals: what `0.1 × 3` is on paper.
 *
 * Owns: the arithmetic of quantities and prices. A double stands for its shortest decimal form, so nothing drifts.
 */

/** `units` × 10^−`scale`. */
export interface Decimal {
  units: bigint;
  scale: number;
}

/** The decimal that a finite double is written as. */
export function decimal(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return atLeastScale({ units: BigInt(whole + fraction), scale: fraction.length - Number(exponent) }, 0);
}

export const times = (a: Decimal, b: Decimal): Decimal => ({ units: a.units * b.units, scale: a.scale + b.scale });

export function plus(a: Decimal, b: Decimal): Decimal {
  const [left, right] = [atLeastScale(a, b.scale), atLeastScale(b, a.scale)];
  return { units: left.units + right.units, scale: left.scale };
}

/** Whether the two differ by less than a hundredth: a stated total is rounded to cents. */
export function equalToCents(a: Decimal, b: Decimal): boolean {
  const { units, scale } = atLeastScale(plus(a, { units: -b.units, scale: b.scale }), 2);
  return (units < 0n ? -units : units) < 10n ** BigInt(scale - 2);
}

/** The nearest double. */
export const toNumber = ({ units, scale }: Decimal): number => Number(`${units}e${-scale}`);

function atLeastScale(value: Decimal, scale: number): Decimal {
  const more = scale - value.scale;
  return more <= 0 ? value : { units: value.units * 10n ** BigInt(more), scale };
}
