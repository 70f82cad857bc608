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
  const { units, scale } = distance(a, b);
  return units < 10n ** BigInt(scale - 2);
}

/** Whether a stated amount is more than some cents off what it should be, rounded to cents. */
export function differsBy(stated: Decimal, computed: Decimal, cents: number): boolean {
  const { units, scale } = distance(stated, toCents(computed));
  return units > BigInt(cents) * 10n ** BigInt(scale - 2);
}

function distance(a: Decimal, b: Decimal): Decimal {
  const { units, scale } = atLeastScale(plus(a, { units: -b.units, scale: b.scale }), 2);
  return { units: units < 0n ? -units : units, scale };
}

/** Half away from zero. */
function toCents({ units, scale }: Decimal): Decimal {
  if (scale <= 2) return { units, scale };
  const unit = 10n ** BigInt(scale - 2);
  return { units: (units + (units < 0n ? -unit : unit) / 2n) / unit, scale: 2 };
}

/** Digits with `.` before the decimals, without an exponent. */
export function plainDecimal(value: number): string {
  const { units, scale } = decimal(value);
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-scale)}`;
}

/** The nearest double. */
export const toNumber = ({ units, scale }: Decimal): number => Number(`${units}e${-scale}`);

function atLeastScale(value: Decimal, scale: number): Decimal {
  const more = scale - value.scale;
  return more <= 0 ? value : { units: value.units * 10n ** BigInt(more), scale };
}
