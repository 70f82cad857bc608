/**
 * What stands in a column below its header: counts, prices, codes, names, days.
 *
 * Owns: how cells are counted, and which fields that speaks for or against. Headers name a column, but people name two
 * alike, or one by a word of their own; what stands below cannot be mistaken so easily.
 */

import type { LineField } from '../line-fields.ts';
import { fold } from '../texts/tokens.ts';
import { amountIn } from '../values/cell-values.ts';
import { tidy } from '../values/fields.ts';
import type { DecimalMark } from '../values/numbers.ts';
import { readNumericDate } from '../values/numeric-dates.ts';
import { isUnit } from '../values/units.ts';
import type { GridCell } from './grid.ts';

export interface Content {
  /** The number in each row that was looked at; null where there is none. */
  numbers: readonly (number | null)[];
  /** Shares of the cells that are not empty. */
  numeric: number;
  /** With a currency, or two decimals and more in the number as it is shown. */
  priced: number;
  dates: number;
  /** Known units. */
  units: number;
  /** Digits and letters without blanks between words. */
  codes: number;
  /** Words that are no code and no count. */
  wordy: number;
  /** Words, whatever else. */
  lettered: number;
  /** Of a word by itself or with others; average. */
  characters: number;
  /** Share of the rows that have a cell here. */
  filled: number;
  /** Some are sizes of clothes. */
  sizes: boolean;
  /** 1, 2, 3 or 10, 20, 30. */
  counts: boolean;
}

/** Most columns of a kind have an odd cell. */
const MOST = 0.7;
const SOME = 0.4;
/** Longer names are none of a unit. */
const UNIT_CHARACTERS = 12;
/** Digits alone are a code if they are many. */
const CODE_CHARACTERS = 4;
const CODE = /^(?=.*\d)[\p{L}\p{N}]+(?:[-./_ ][\p{L}\p{N}]+){0,6}$/u;
/** `TS-BLK-M` */
const CAPITALS = /^\p{Lu}{1,10}(?:[-./_]\p{Lu}{1,10}){1,6}$/u;
const CODE_PART = /^(?:\p{L}{1,4}|[\p{L}\p{N}./_-]*\d[\p{L}\p{N}./_-]*)$/u;
const WORD = /\p{L}{2}/u;
/** What may stand behind a count or a price. */
const UNIT = /^(?:(?:\/|per|pro|je|par|por) ?10{0,3}(?!\d))?[/ ]{0,3}[\p{L}\p{M}²³.%]{0,12}$/u;
const DECIMALS = /\d[.,]\d{2,}(?!\d)/;
const STEPS = [1, 5, 10, 100];
const DATE = /^\d{1,4}[-./]\d{1,2}[-./]\d{2,4}$/;

/** A column by its cells, one for each row that was looked at. */
export function contentOf(cells: readonly (GridCell | undefined)[], mark: DecimalMark | null): Content {
  const there = cells.filter((cell) => cell !== undefined);
  const amounts = cells.map((cell) => (cell ? amountIn(cell, mark) : null));
  const texts = there.map(({ text }) => tidy(text));
  const share = (count: number): number => (there.length === 0 ? 0 : count / there.length);
  const numbers = amounts.map((amount) => (amount && UNIT.test(amount.rest) ? (amount.readings[0] as number) : null));
  const counted = numbers.filter((_, at) => cells[at] !== undefined).map((number) => number !== null);
  const codes = there.map((cell, at) => isCodeText(cell, texts[at] as string));
  const sizes = texts.some(isSize);
  return {
    numbers,
    numeric: share(numbers.filter((number) => number !== null).length),
    priced: share(
      there.filter((cell, at) => DECIMALS.test(texts[at] as string) || amountIn(cell, mark)?.currency).length,
    ),
    dates: share(there.filter(({ typed }, at) => typed?.kind === 'date' || isDateText(texts[at] as string)).length),
    units: sizes ? 0 : share(texts.filter((text) => isUnit(fold(text).replace(/\.$/, ''))).length),
    codes: share(codes.filter(Boolean).length),
    wordy: share(texts.filter((text, at) => !codes[at] && !counted[at] && WORD.test(text)).length),
    lettered: share(texts.filter((text) => WORD.test(text)).length),
    characters: share(texts.reduce((sum, text) => sum + text.length, 0)),
    filled: there.length / cells.length,
    sizes,
    counts: isRun(numbers),
  };
}

/** Of clothes: beside `S` and `XL`, `M` is no metre and `L` no litre. */
const isSize = (text: string): boolean => /^(?:s|\d?x{1,3}[sl])$/i.test(text);

const isDateText = (text: string): boolean => DATE.test(text) && readNumericDate(text, null).length > 0;

function isCodeText({ typed }: GridCell, text: string): boolean {
  if (typed?.kind === 'date' || text.length > 40) return false;
  return CAPITALS.test(text) || (CODE.test(text) && text.split(' ').every((part) => CODE_PART.test(part)));
}

/** Rows that are counted: from 1 or from the step on, without a gap. Of a single one it may be so. */
function isRun(numbers: readonly (number | null)[]): boolean {
  const [first, second] = numbers;
  if (first == null) return false;
  if (numbers.length === 1) return first === 1 || first === 10;
  if (second == null) return false;
  const step = second - first;
  if (!STEPS.includes(step) || (first !== step && first !== 1 && numbers.length === 2)) return false;
  return numbers.every((number, at) => number === null || number === first + at * step);
}

/** Whether what stands in a column plainly is something else. Nothing is known of an empty one. */
export function contradicts(field: LineField, content: Content): boolean {
  const { numeric, dates, units, codes, wordy, characters } = content;
  if (content.filled === 0) return false;
  if (dates >= MOST) return true;
  switch (field) {
    case 'qty':
    case 'unit_price':
    case 'total_price':
      return numeric < SOME;
    case 'uom':
      return (numeric >= MOST && units < SOME) || characters > UNIT_CHARACTERS || content.sizes;
    case 'description':
      return content.lettered < SOME || (numeric >= MOST && wordy < SOME);
    case 'sku':
      return codes < SOME && wordy >= MOST && characters > 2 * UNIT_CHARACTERS;
  }
}

/** A price looks like a total: those are told by arithmetic (`column-sums.ts`). */
export type KnownByLooks = Exclude<LineField, 'unit_price' | 'total_price'>;

/** Whether what stands in a column is plainly what the field holds, whatever its header says. */
export function speaksFor(field: KnownByLooks, content: Content): boolean {
  const { numeric, priced, dates, units, codes, wordy, characters, filled } = content;
  if (filled < MOST || dates >= SOME) return false;
  switch (field) {
    case 'qty':
      return numeric >= MOST && priced < SOME && !content.counts;
    case 'description':
      return wordy >= MOST && units < SOME && characters > UNIT_CHARACTERS / 2;
    case 'sku':
      return (
        codes >= MOST &&
        units < SOME &&
        priced < SOME &&
        !content.counts &&
        (numeric < SOME || characters >= CODE_CHARACTERS)
      );
    case 'uom':
      return units >= MOST;
  }
}
