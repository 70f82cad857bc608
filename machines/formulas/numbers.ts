/**
 * Numbers and names as they stand in sentences.
 *
 * Owns: grouping, plurals and quoting. Does not depend on the locale data of the machine, so that a sentence computed
 * twice is the same.
 */
import { firstCodePoints } from './code-points.ts';
import { clean } from './rows.ts';

/** Beyond this a double no longer tells hundredths apart, and a row of digits no longer helps a reader. */
const LARGEST_WRITTEN_OUT = 1e13;
const NAME_CODE_POINTS = 80;

/** `1,234.5`: at most two decimals, none that are zero. */
export function plainNumber(value: number): string {
  if (Math.abs(value) >= LARGEST_WRITTEN_OUT) return value.toPrecision(6);
  const [whole = '', fraction = ''] = Math.abs(value).toFixed(2).split('.');
  const decimals = fraction.replace(/0{1,2}$/, '');
  const digits = `${grouped(whole)}${decimals && `.${decimals}`}`;
  return value < 0 && digits !== '0' ? `-${digits}` : digits;
}

function grouped(digits: string): string {
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(0, end - 3), end));
  return groups.join(',');
}

/** `1 row`, `1,234 rows`. */
export const counted = (count: number, noun: string): string =>
  `${plainNumber(count)} ${noun}${count === 1 ? '' : 's'}`;

/** A name from a file, in quotation marks, on one line, at most 80 code points. */
export function quoted(name: string): string {
  const text = clean(name.replace(/[\p{Cc}\p{Cf}]/gu, ' '));
  const cut = firstCodePoints(text, NAME_CODE_POINTS);
  return `“${cut}${cut.length < text.length ? '…' : ''}”`;
}
