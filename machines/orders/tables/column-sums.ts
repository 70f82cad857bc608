/**
 * Which columns are quantity, unit price and total, by the arithmetic of their rows.
 *
 * Owns: that quantity × price = total tells columns apart that words do not. Where words name all three and they agree
 * in some row, or no other columns agree in all rows, words stay.
 */

import type { LineField } from '../line-fields.ts';
import { decimal, equalToCents, times } from '../values/decimals.ts';
import type { Content } from './column-content.ts';

const AMOUNTS = ['qty', 'unit_price', 'total_price'] as const;
type AmountField = (typeof AMOUNTS)[number];
type Triple = Record<AmountField, number>;

/** So many columns that nobody has named are tried. */
const MAX_FREE = 6;
/** Of the rows that have all three; one line may be wrong on paper. */
const AGREE = 0.75;
/** One row may agree by chance, as where one is ordered. */
const ROWS = 2;

/** The columns that arithmetic gives to fields that have none, or another one. */
export function settleSums(
  fields: ReadonlyMap<number, LineField>,
  free: readonly number[],
  contents: readonly Content[],
): (readonly [AmountField, number])[] {
  const named: Partial<Triple> = {};
  for (const [index, field] of fields) {
    if (field === 'qty' || field === 'unit_price' || field === 'total_price') named[field] = index;
  }
  const known = Object.keys(named).length;
  const open = free.filter((index) => isAmount(contents[index] as Content)).slice(0, MAX_FREE);
  if (known === 0 || (known < AMOUNTS.length && open.length === 0)) return [];
  if (known === AMOUNTS.length && !isWrong(named as Triple, contents)) return [];
  const columns = [...new Set([...Object.values(named), ...open])];
  const found = triplesOf(named, columns, known === AMOUNTS.length).find((triple) => agrees(triple, contents));
  if (!found) return [];
  return AMOUNTS.flatMap((field) => (found[field] === named[field] ? [] : [[field, found[field]] as const]));
}

const isAmount = ({ numeric, counts, dates }: Content): boolean => numeric > 0 && !counts && dates === 0;

/** All ways to fill what is not named; where all three are, all ways to name them otherwise. */
function triplesOf(named: Partial<Triple>, columns: readonly number[], renamed: boolean): Triple[] {
  const choices = (field: AmountField): readonly number[] => {
    const own = named[field];
    return own === undefined || renamed ? columns : [own];
  };
  return choices('qty').flatMap((qty) =>
    choices('unit_price').flatMap((unit_price) =>
      choices('total_price').flatMap((total_price) => {
        const triple = { qty, unit_price, total_price };
        return new Set(Object.values(triple)).size === AMOUNTS.length ? [triple] : [];
      }),
    ),
  );
}

function tally(
  { qty, unit_price, total_price }: Triple,
  contents: readonly Content[],
): { rows: number; right: number } {
  const numbers = [qty, unit_price, total_price].map((index) => (contents[index] as Content).numbers);
  const [counts, prices, totals] = numbers as [Content['numbers'], Content['numbers'], Content['numbers']];
  let [rows, right] = [0, 0];
  for (const [row, count] of counts.entries()) {
    const [price, total] = [prices[row] ?? null, totals[row] ?? null];
    if (count === null || price === null || total === null || total === 0) continue;
    rows += 1;
    if (equalToCents(times(decimal(count), decimal(price)), decimal(total))) right += 1;
  }
  return { rows, right };
}

/** What is counted has no cents where prices have some. */
function agrees(triple: Triple, contents: readonly Content[]): boolean {
  const { rows, right } = tally(triple, contents);
  const [counted, price] = [contents[triple.qty] as Content, contents[triple.unit_price] as Content];
  return rows >= ROWS && right >= rows * AGREE && counted.priced <= price.priced;
}

const isWrong = (triple: Triple, contents: readonly Content[]): boolean => {
  const { rows, right } = tally(triple, contents);
  return rows >= ROWS && right === 0;
};
