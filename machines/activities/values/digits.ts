/**
 * Digits and marks of other scripts, brought to the ASCII ones that every reader of this folder works on.
 */

const ASCII = /^[\0-\x7f]*$/;
/** The digit zero of the scripts whose decimal digits are read; nine more follow each. */
const ZEROS = [0x0660, 0x06f0, 0x0966];
const REPLACEMENTS: ReadonlyMap<number, string> = new Map([
  ...ZEROS.flatMap((zero) => Array.from({ length: 10 }, (_, digit) => [zero + digit, String(digit)] as const)),
  // U+FF01 to U+FF5E are the full-width forms of `!` to `~`, in the same order.
  ...Array.from({ length: 0x5e }, (_, i) => [0xff01 + i, String.fromCharCode(0x21 + i)] as const),
  [0x066b, '.'],
  [0x066c, ','],
  [0x060c, ','],
  [0x066a, '%'],
  ...[0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212, 0xfe63].map((dash) => [dash, '-'] as const),
  ...[0x00a0, 0x1680, 0x202f, 0x205f, 0x3000].map((space) => [space, ' '] as const),
  ...Array.from({ length: 11 }, (_, i) => [0x2000 + i, ' '] as const),
  // Marks without width; some programs put them around every time and number of a right-to-left locale.
  ...[0x061c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff].map((mark) => [mark, ''] as const),
  ...Array.from({ length: 5 }, (_, i) => [0x202a + i, ''] as const),
]);

/**
 * `text` trimmed, with full-width, Arabic-Indic, Persian and Devanagari digits and marks as ASCII, every kind of
 * space as a plain one, dashes and minus signs as `-`, and marks without width taken out. All else stays as it is.
 */
export function plainDigits(text: string): string {
  if (ASCII.test(text)) return text.trim();
  let plain = '';
  for (let i = 0; i < text.length; i += 1) plain += REPLACEMENTS.get(text.charCodeAt(i)) ?? text[i];
  return plain.trim();
}
