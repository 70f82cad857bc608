/**
 * What quantity × price says about values that were read.
 *
 * Owns: confirming values by a stated total, and choosing between two readings of a number where only one fits it.
 */

import type { LineFields } from '../line-fields.ts';
import { type Decimal, decimal, equalToCents, plus, times, toNumber } from './decimals.ts';
import { CONFIDENCE, type Reading } from './fields.ts';

export interface Totals<F> {
  subtotal?: F;
  tax?: F;
  total?: F;
}

/** Quantity and prices of one line, as far as they are known. */
export interface PricedLine {
  qty: number | null;
  unit_price: number | null;
  total_price: number | null;
}

/** Σ quantity × unit price, exactly; a line without a unit price counts with its total. Null unless all are priced. */
export function sumOfLines(lines: readonly PricedLine[]): number | null {
  let sum: Decimal = { units: 0n, scale: 0 };
  for (const { qty, unit_price, total_price } of lines) {
    const amount = qty !== null && unit_price !== null ? times(decimal(qty), decimal(unit_price)) : stated(total_price);
    if (amount === null) return null;
    sum = plus(sum, amount);
  }
  return lines.length === 0 ? null : toNumber(sum);
}

const stated = (total: number | null): Decimal | null => (total === null ? null : decimal(total));

/** Whether quantity × price is the total, to cents. */
export const agrees = (qty: number, price: number, total: number): boolean =>
  equalToCents(times(decimal(qty), decimal(price)), decimal(total));

/** The line with quantity and prices confirmed if exactly one way of reading them agrees with its total. */
export function confirmLine<F extends Reading>(
  line: LineFields<F>,
  total: F | undefined = line.total_price,
): LineFields<F> {
  const { qty, unit_price } = line;
  if (!qty || !unit_price || !total) return line;
  const agreeing = numbersOf(qty).flatMap((count) =>
    numbersOf(unit_price).flatMap((price) =>
      numbersOf(total)
        .filter((sum) => agrees(count, price, sum))
        .map((sum) => [count, price, sum] as const),
    ),
  );
  const [only, ...others] = agreeing;
  if (!only || others.length > 0) return line;
  return {
    ...line,
    qty: confirmed(qty, only[0]),
    unit_price: confirmed(unit_price, only[1]),
    ...(line.total_price && { total_price: confirmed(line.total_price, only[2]) }),
  };
}

/** Lines and totals, confirmed if the lines add up to a stated total or, with the tax, to it. */
export function confirmTotals<F extends Reading>(
  lines: readonly LineFields<F>[],
  totals: Totals<F>,
): { lines: LineFields<F>[]; totals: Totals<F> } {
  const [first] = lines;
  const single =
    first && lines.length === 1 ? [confirmLine(first, first.total_price ?? totals.subtotal ?? totals.total)] : null;
  const read = single ?? [...lines];
  const sum = sumOfLines(read.map(pricedLine));
  const tax = numberIn(totals.tax);
  const gross = sum !== null && tax !== null ? toNumber(plus(decimal(sum), decimal(tax))) : null;
  const subtotal = isAmount(totals.subtotal, sum);
  const total = isAmount(totals.total, sum) ?? isAmount(totals.total, gross);
  if (!subtotal && !total) return { lines: read, totals };
  return {
    lines: read.map(({ qty, unit_price, ...rest }) => ({
      ...rest,
      ...(qty && { qty: confirmed(qty, qty.value as number) }),
      ...(unit_price && { unit_price: confirmed(unit_price, unit_price.value as number) }),
    })),
    totals: { ...totals, ...(subtotal && { subtotal }), ...(total && { total }) },
  };
}

/** The numbers of a line, null where it has none or none that is clear. */
export const pricedLine = ({ qty, unit_price, total_price }: LineFields<Reading>): PricedLine => ({
  qty: numberIn(qty),
  unit_price: numberIn(unit_price),
  total_price: numberIn(total_price),
});

function isAmount<F extends Reading>(field: F | undefined, amount: number | null): F | undefined {
  if (!field || amount === null) return undefined;
  const fits = numbersOf(field).find((value) => equalToCents(decimal(value), decimal(amount)));
  return fits === undefined ? undefined : confirmed(field, fits);
}

const numberIn = (field: Reading | undefined): number | null => (field?.value ?? null) as number | null;

const numbersOf = ({ value, readings }: Reading): readonly number[] =>
  (value === null ? readings : [value]) as readonly number[];

const confirmed = <F extends Reading>(field: F, value: number): F => ({
  ...field,
  value,
  confidence: CONFIDENCE.confirmed,
  readings: [],
});
