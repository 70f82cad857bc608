/**
 * The hourly rate of each record, where the file has one.
 *
 * Owns: that rates count only in one currency.
 */
import type { Column } from './columns/column.ts';
import { roleOf } from './columns/column.ts';
import { type SheetRow, textOf } from './tables.ts';
import { plainDigits } from './values/digits.ts';
import { notationOf, readNumber } from './values/numbers.ts';

export interface Rates {
  column: Column;
  /** Null where the row has none. */
  read(row: SheetRow): number | null;
}

/** The rates, or why they cannot be used; null: the file has none. */
export function findRates(
  columns: readonly Column[],
  records: readonly SheetRow[],
  mapped: Column | undefined,
): { rates: Rates } | { refused: string } | null {
  const column = mapped ?? columns.find((each) => roleOf(each) === 'rate' && each.profile.filled > 0);
  if (!column) return null;
  const cells = records.map(({ cells }) => textOf(cells[column.index]).trim());
  const { decimal, doubtful } = notationOf(cells.map(amountIn));
  const read = ({ cells }: SheetRow): number | null => {
    const cell = cells[column.index];
    if (typeof cell === 'object' && cell.kind === 'number') return isRate(cell.value) ? cell.value : null;
    const amount = readNumber(amountIn(textOf(cell)), doubtful ? undefined : decimal);
    return amount !== null && isRate(amount) ? amount : null;
  };
  const readable = records.filter((row) => read(row) !== null).length;
  if (readable === 0) return null;
  const currencies = currenciesOf(columns, records, column, cells);
  if (currencies.size > 1) {
    const list = [...currencies].slice(0, 5).join(', ');
    return { refused: `The rates in "${column.name}" are in several currencies (${list}); none of them is used.` };
  }
  return { rates: { column, read } };
}

const MONEY_SIGNS = /[€$£¥]|\b[A-Z]{3}\b|zł|Kč|Fr\.|kr/g;

/** What it costs would be beyond numbers that keep their cents. */
const MAX_RATE = 1e9;
const isRate = (amount: number): boolean => amount >= 0 && amount <= MAX_RATE;

/** A longer cell holds no rate; the expression below goes over its spaces again and again. */
const MAX_AMOUNT_CHARS = 60;

/** A cell without currency and what the rate is for. */
const amountIn = (text: string): string =>
  text.length > MAX_AMOUNT_CHARS ? '' : plainDigits(text.replace(MONEY_SIGNS, '').replace(/\s*\/\s*\p{L}+\.?$/u, ''));

function currenciesOf(
  columns: readonly Column[],
  records: readonly SheetRow[],
  rate: Column,
  cells: readonly string[],
): Set<string> {
  const found = new Set<string>();
  for (const cell of cells) for (const [sign] of cell.matchAll(MONEY_SIGNS)) found.add(sign);
  const named = columns.find((column) => roleOf(column) === 'currency' && column.profile.filled > 0);
  if (named) {
    for (const { cells: row } of records) {
      const currency = textOf(row[named.index]).trim();
      if (currency !== '' && textOf(row[rate.index]).trim() !== '') found.add(currency.toUpperCase());
    }
  }
  return found;
}
