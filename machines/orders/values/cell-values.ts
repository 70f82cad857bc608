/**
 * What the cells of a column say: counts with their unit, prices with their currency and basis, codes, texts.
 *
 * Owns: how one cell becomes values. A typed cell is exact; a text that is no number gives none.
 */

import type { Found } from '../sources.ts';
import type { Grid, GridCell } from '../tables/grid.ts';
import { fold } from '../texts/tokens.ts';
import { decimal, times, toNumber } from './decimals.ts';
import { CONFIDENCE, tidy, type Value } from './fields.ts';
import { type DecimalMark, readNumber } from './numbers.ts';
import { currencyCode, dollarOf } from './units.ts';

/** A number with what stands around it. */
export interface Amount {
  readings: readonly number[];
  /** The number as it is written; null for a typed cell. */
  written: string | null;
  currency: CurrencyMark | null;
  /** What follows, without a currency: `pcs`, `/ 100`. */
  rest: string;
}

/** A currency as it is written. */
export interface CurrencyMark {
  /** ISO 4217. */
  code: string;
  raw: string;
}

const MAX_CHARACTERS = 80;
const AMOUNT =
  /^(?<sign>[-−(]?) ?(?<before>[^\d\s.,()−-]{0,8}) ?(?<inner>[-−]?) ?(?<number>[.,]?\d[\d.,'’ ]*)(?<after>(?:$|[^\d]).*)$/u;
const CURRENCY_WORD = /^(?:\/ ?)?(?<word>[^\s\d/.,()]{1,8})(?:$|[\s/.,)])/u;
const CURRENCY_MARK = /(?:(?<dollar>\p{L}{1,2})?\$|[€£¥₹₩₺₽₴₪₫฿]|(?<![\p{L}\p{N}])[A-Z]{3}(?![\p{L}\p{N}.]))/gu;
/** A price for so many: `per 100`, `/1000`, `%`. */
const BASIS = /(?:per|pro|par|pour|por|je|cada|ogni|\/) ?(?<count>10{1,3})(?!\d)/;
const PERCENT = /(?<!\d) ?%/;

/** The number of a cell; null if its text is none. */
export function amountIn({ text, typed }: GridCell, mark: DecimalMark | null): Amount | null {
  if (typed?.kind === 'date') return null;
  const said = text.length > MAX_CHARACTERS ? null : readAmount(tidy(text), mark);
  if (!typed) return said;
  const value = Number(typed.decimal);
  if (!Number.isFinite(value)) return null;
  return { readings: [value], written: null, currency: currencyIn(text), rest: said?.rest ?? '' };
}

function readAmount(text: string, mark: DecimalMark | null): Amount | null {
  const parts = AMOUNT.exec(text)?.groups;
  if (!parts) return null;
  const { sign = '', before = '', inner = '', number = '', after = '' } = parts;
  const written = number.trim().replace(/[.,'’]+$/, '');
  const readings = readNumber(written, mark);
  const ahead = before === '' ? null : currencyNamed(before);
  if (readings.length === 0 || (before !== '' && ahead === null)) return null;
  const tail = after.replace(/^[)\s]+/, '');
  const word = CURRENCY_WORD.exec(tail)?.groups?.word ?? '';
  const behind = currencyNamed(word);
  return {
    readings: sign + inner === '' ? readings : readings.map((value) => -value),
    written,
    currency: ahead ?? behind,
    rest: behind === null ? tail : tail.slice(tail.indexOf(word) + word.length).trim(),
  };
}

/** The currency that a symbol, a code in capitals or a name stands for. */
function currencyNamed(raw: string): CurrencyMark | null {
  const dollar = raw.endsWith('$') && raw.length > 1 ? dollarOf(fold(raw.slice(0, -1))) : undefined;
  const code = dollar ?? currencyCode(raw, fold(raw));
  return code === undefined ? null : { code, raw };
}

/** The first currency in the text of a header or a formatted cell. */
export function currencyIn(text: string): CurrencyMark | null {
  for (const [mark] of text.slice(0, MAX_CHARACTERS).matchAll(CURRENCY_MARK)) {
    const currency = currencyNamed(mark);
    if (currency !== null) return currency;
  }
  return null;
}

/** How many a price is for: 1, 10, 100 or 1000. */
export function basisIn(text: string): number {
  return Number(BASIS.exec(fold(text.slice(0, MAX_CHARACTERS)))?.groups?.count ?? 1);
}

/** The same of the header of prices, where also `%` says it. */
export function basisOfHeader(text: string): number {
  return PERCENT.test(text.slice(0, MAX_CHARACTERS)) ? 100 : basisIn(text);
}

/** Exactly divided by a power of ten. */
export function perOne(value: number, basis: number): number {
  return toNumber(times(decimal(value), { units: 1n, scale: String(basis).length - 1 }));
}

/** A value that stands in cells; unclear with several readings. */
export function foundIn(
  grid: Grid,
  cells: readonly GridCell[],
  readings: readonly Value[],
  flags: readonly string[] = [],
): Found {
  const clear = readings.length === 1;
  return {
    value: clear ? (readings[0] as Value) : null,
    readings: clear ? [] : readings,
    raw: cells.map(({ text }) => text).join(' '),
    source: grid.sourceOf(cells),
    method: 'deterministic',
    confidence: clear ? CONFIDENCE.labeled : CONFIDENCE.unclear,
    flags,
  };
}

/** A currency that stands in a cell with other things. */
export const currencyAt = (grid: Grid, cell: GridCell, { code, raw }: CurrencyMark): Found => ({
  ...foundIn(grid, [cell], [code]),
  raw,
});

/** An article code is a text: `00123` stays, of a number that is shown otherwise its digits count. */
export function codeIn({ text, typed }: GridCell): string {
  const shown = tidy(text);
  if (typed?.kind !== 'number') return shown;
  return shown.replace(/^0+(?=\d)/, '') === typed.decimal ? shown : typed.decimal;
}
