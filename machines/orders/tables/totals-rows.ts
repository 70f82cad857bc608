/**
 * The rows below the lines of a table: subtotal, tax, total, shipping.
 *
 * Owns: what makes a row one of totals, and which of its numbers is the amount.
 */

import type { Found } from '../sources.ts';
import type { Label } from '../texts/label-concepts.ts';
import { labelAt } from '../texts/phrases.ts';
import { type Page, plainPage, type Token, wordAt, words } from '../texts/tokens.ts';
import { amountIn, type CurrencyMark, currencyAt, foundIn } from '../values/cell-values.ts';
import { type Money, moneyAt } from '../values/money.ts';
import type { DecimalMark } from '../values/numbers.ts';
import type { Grid, GridCell, GridRow } from './grid.ts';

export type TotalKind = 'subtotal' | 'tax' | 'total' | 'grand' | 'shipping';

/** A totals row; without an amount it only ends the table. */
export interface TotalsRow {
  kind: TotalKind;
  amount: Found | null;
  currency: Found | null;
}

const KINDS: Partial<Record<Label, TotalKind>> = {
  subtotal: 'subtotal',
  tax: 'tax',
  total: 'total',
  grandTotal: 'grand',
  shipping: 'shipping',
};
const MAX_LABEL_CHARACTERS = 48;
/** Behind the name of a total: a count, an amount. */
const MAX_AMOUNTS = 2;
/** Words before the name of a total. */
const MAX_AHEAD = 2;
/** What may follow the name of a total. */
const QUALIFIERS = words(
  'ht ttc net brut netto brutto incl excl inkl exkl inc including excluding zzgl vat tax taxes mwst ust tva iva amount order due eur usd gbp chf € $ £ of the rate a at au % ( ) [ ] : . , = - / and & costs cost kosten ivato iva inclusa lordo neto netto general generale generale goods gross final due invoice payable commande pedido ordine bestellung documento imponibile merce ware waren mercancia marchandises',
);

/** The totals that a row states; `code` is the cell that would be its article code. */
export function totalsIn(
  grid: Grid,
  { cells }: GridRow,
  code: GridCell | undefined,
  mark: DecimalMark | null,
): TotalsRow | null {
  const named = (code ? [code] : cells).find((cell) => readLabel(cell, mark) !== null);
  const label = named && readLabel(named, mark);
  if (!named || !label) return null;
  const index = cells.indexOf(named);
  const behind = cells.slice(index + 1);
  // `Screws · VAT 20 % · 5 · 2.00 · 10.00`: a tax of its own column.
  if (!code && index > 0 && behind.length > MAX_AMOUNTS) return null;
  const sums = behind.flatMap((cell) => {
    const amount = amountIn(cell, mark);
    return amount && !amount.rest.startsWith('%') ? [{ cell, ...amount }] : [];
  });
  const sum = sums.at(-1) ?? (label.readings.length > 0 ? { cell: named, ...label } : null);
  return {
    kind: label.kind,
    amount: sum && foundIn(grid, [sum.cell], sum.readings),
    currency: sum?.currency ? currencyAt(grid, sum.cell, sum.currency) : null,
  };
}

interface NamedTotal {
  kind: TotalKind;
  /** The amount in the same cell; empty if there is none. */
  readings: readonly number[];
  currency: CurrencyMark | null;
}

function readLabel({ text, typed }: GridCell, mark: DecimalMark | null): NamedTotal | null {
  if (typed || text.length > MAX_LABEL_CHARACTERS) return null;
  const page = plainPage(text);
  // `Gross total`, `Warenwert netto`: the name of a total may come behind what it is of.
  for (let at = 0; at < page.body.length && at <= MAX_AHEAD; at += 1) {
    const match = labelAt(page, at);
    const kind = match && KINDS[match.label];
    if (kind) return amountBehind(page, match.next, kind, mark);
    const rate = at === 0 ? endOfRate(page) : at;
    if (rate > at) {
      at = rate - 1;
      continue;
    }
    if (page.body[at]?.kind !== 'word' || !QUALIFIERS.has(wordAt(page.body, at))) return null;
  }
  return null;
}

/** Index behind a rate that comes first: `8,1 % MwSt.`; 0 if none does. */
function endOfRate(page: Page): number {
  const rate = moneyAt(page, 0, { decimalMark: null, dayFirst: null });
  return rate && wordAt(page.body, rate.next) === '%' ? rate.next + 1 : 0;
}

/** The label with the amount behind it; null if it goes on with other words: `Total station`. */
function amountBehind(page: Page, from: number, kind: TotalKind, decimalMark: DecimalMark | null): NamedTotal | null {
  const conventions = { decimalMark, dayFirst: null };
  let named: NamedTotal = { kind, readings: [], currency: null };
  for (let at = from; at < page.body.length; ) {
    const money = moneyAt(page, at, conventions);
    const percent = money && page.body[money.next]?.word === '%';
    if (money && !percent) named = { kind, readings: money.readings, currency: markOf(page, money) };
    else if (!money && !QUALIFIERS.has(wordAt(page.body, at))) return null;
    at = money?.next ?? at + 1;
  }
  return named;
}

function markOf({ text, body }: Page, { currency }: Money): CurrencyMark | null {
  if (!currency) return null;
  const [first, last] = [body[currency.from] as Token, body[currency.next - 1] as Token];
  return { code: currency.code, raw: text.slice(first.start, last.end) };
}
