/**
 * Numbers as tables write them, and which mark begins the decimals of a column.
 *
 * Owns: grouping, signs, exponents, and the doubt about `1.500`. Does not own what a number counts (`units.ts`).
 */

import { plainDigits } from './digits.ts';
import { FRACTION_GLYPHS } from './fraction-glyphs.ts';

export type DecimalMark = '.' | ',';

export interface Notation {
  /** The best reading, even when it is doubtful. */
  decimal: DecimalMark;
  /** True when a cell such as `1.500` could be 1500 or 1.5 and nothing in the column settles which. */
  doubtful: boolean;
}

/** Longer runs of digits are codes; a double holds 17 digits at most. */
const MAX_CHARACTERS = 40;
/** A cell that is longer than this is prose and says nothing about the notation of numbers. */
const MAX_CELL_CHARACTERS = 100;

const DIGITS = /^\d+$/;
const EXPONENT = /^(\d{1,20})(?:[.,](\d{1,20}))?e([+-]\d{1,3})$/i;
const GROUPED_ASIDE = /^\d{1,3}(?:['’ ]\d{3})+(?:[.,]\d*)?$/;
const GROUPED = { '.': /^\d{1,3}(?:\.\d{3})+$/, ',': /^\d{1,3}(?:,\d{3})+$/ };
const NUMBERS_IN_CELL = /(?<![\d.,])\d+(?:['’ ]\d{3}(?!\d))*(?:[.,]\d+)*/g;

type Form =
  /** Only digits. */
  | { kind: 'plain'; value: number }
  /** `mark` can only begin the decimals; null: it says nothing about decimals. */
  | { kind: 'settled'; decimal: DecimalMark | null; value: number }
  /** `mark` groups thousands or begins the decimals. */
  | { kind: 'open'; mark: DecimalMark; asDecimal: number; asThousands: number };

/**
 * The number that `text` writes, null if it writes none or more than one. Signs may lead, trail (`1,50-`) or be
 * parentheses; thousands may be grouped by `'`, `’`, a space, a dot or a comma. Percentages are no numbers.
 * @param decimal of the column, as `notationOf` finds it; without it a single `,` before exactly three digits groups
 * thousands (`1,500` is 1500, `0,500` a half) and every other single mark begins the decimals
 */
export function readNumber(text: string, decimal: DecimalMark = '.'): number | null {
  const signed = splitSign(plainDigits(text));
  if (signed === null) return null;
  const form = formOf(signed.body);
  if (form === null) return readExponent(signed) ?? readFraction(signed);
  const value = form.kind === 'open' ? (form.mark === decimal ? form.asDecimal : form.asThousands) : form.value;
  return signed.negative ? 0 - value : value;
}

/**
 * The notation of a column by its own cells; words and units around the numbers are passed over. A mark that can only
 * begin decimals settles it, and so do thousands grouped by another mark. When nothing does, `.` begins the decimals.
 */
export function notationOf(cells: Iterable<string>): Notation {
  const votes = { '.': 0, ',': 0 };
  const open = { '.': 0, ',': 0 };
  let openEndingIn0 = false;
  let groupsAside = false;
  let wholeNumbers = false;
  for (const cell of cells) {
    if (cell.length > MAX_CELL_CHARACTERS || cell.includes(':')) continue;
    for (const [digits] of plainDigits(cell).matchAll(NUMBERS_IN_CELL)) {
      const form = formOf(digits);
      if (form?.kind === 'settled' && form.decimal !== null) votes[form.decimal] += 1;
      else if (form?.kind === 'settled') groupsAside = true;
      else if (form?.kind === 'open') {
        open[form.mark] += 1;
        openEndingIn0 ||= digits.endsWith('0');
      } else if (form?.kind === 'plain') wholeNumbers ||= digits.length < 4;
    }
  }
  const anyOpen = open['.'] + open[','] > 0;
  if (votes['.'] + votes[','] > 0) {
    return { decimal: votes[','] > votes['.'] ? ',' : '.', doubtful: anyOpen && votes['.'] > 0 && votes[','] > 0 };
  }
  // `1.500` beside `2,250`: nothing a single notation could write.
  if (open['.'] > 0 && open[','] > 0) return { decimal: '.', doubtful: true };
  // Thousands are grouped by an apostrophe or a space here, so a dot or a comma is left for the decimals.
  if (groupsAside) return { decimal: open[','] > 0 ? ',' : '.', doubtful: false };
  // Three decimals in every cell would make the 30 beside `1.500` a `30.000`; as many as needed, `1.500` a `1.5`.
  if (open['.'] > 0 && wholeNumbers && openEndingIn0) return { decimal: ',', doubtful: true };
  return { decimal: '.', doubtful: anyOpen };
}

interface Signed {
  negative: boolean;
  body: string;
}

/** Null when there is more than one sign. */
function splitSign(text: string): Signed | null {
  if (text.length > MAX_CHARACTERS) return null;
  if (text.startsWith('(')) return text.endsWith(')') ? unsigned(text.slice(1, -1), true) : null;
  if (text.startsWith('-')) return unsigned(text.slice(1), true);
  if (text.startsWith('+')) return unsigned(text.slice(1), false);
  if (text.endsWith('-')) return unsigned(text.slice(0, -1), true);
  return { negative: false, body: text };
}

function unsigned(text: string, negative: boolean): Signed | null {
  const body = text.trim();
  return /^[\d.,]/.test(body) ? { negative, body } : null;
}

/** `5.4E+06`, as spreadsheets save large and small numbers; a sign must stand, `12E3` is a code. */
function readExponent({ negative, body }: Signed): number | null {
  const [, whole, fraction = '', exponent] = EXPONENT.exec(body) ?? [];
  if (whole === undefined) return null;
  const value = Number(`${whole}.${fraction}e${exponent}`);
  if (!Number.isFinite(value)) return null;
  return negative ? 0 - value : value;
}

/** `½`, `1½`. */
function readFraction({ negative, body }: Signed): number | null {
  const [, whole = '', glyph = ''] = /^(\d{0,9}) ?(\D)$/.exec(body) ?? [];
  const part = FRACTION_GLYPHS[glyph];
  if (part === undefined) return null;
  const value = Number(whole) + part;
  return negative ? 0 - value : value;
}

function formOf(raw: string): Form | null {
  if (DIGITS.test(raw)) return { kind: 'plain', value: Number(raw) };
  const aside = /['’ ]/.test(raw);
  if (aside && !GROUPED_ASIDE.test(raw)) return null;
  const text = aside ? raw.replace(/['’ ]/g, '') : raw;
  const marks = text.replace(/\d/g, '');
  if (/[^.,]/.test(marks) || marks.length === text.length) return null;
  if (marks === '') return { kind: 'settled', decimal: null, value: Number(text) };
  const last = marks.endsWith('.') ? '.' : ',';
  const other = last === '.' ? ',' : '.';
  // Thousands repeat their mark, decimals do not.
  if (marks.length > 1 && GROUPED[last].test(text)) {
    return { kind: 'settled', decimal: other, value: Number(text.replaceAll(last, '')) };
  }
  if (marks.indexOf(last) < marks.length - 1) return null;
  const whole = text.slice(0, text.lastIndexOf(last));
  if (marks.length > 1 && !GROUPED[other].test(whole)) return null;
  const asDecimal = Number(`${whole.replaceAll(other, '')}.${text.slice(whole.length + 1)}`);
  // Thousands never begin with 0: `0,500` is a half.
  const open = marks.length === 1 && !aside && GROUPED[last].test(text) && !text.startsWith('0');
  if (!open) return { kind: 'settled', decimal: last, value: asDecimal };
  return { kind: 'open', mark: last, asDecimal, asThousands: Number(text.replace(last, '')) };
}
