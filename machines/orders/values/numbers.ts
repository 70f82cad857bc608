/**
 * Numbers as five languages write them: `1.234,50`, `1,234.50`, `1 234,50`, `1'234.50`.
 *
 * Owns: which mark begins the decimals. A number whose form settles it is a vote; the votes of a document settle the
 * others; without a majority `1.234` has two readings.
 */

export type DecimalMark = '.' | ',';

/** More digits than a double holds are a code, not an amount. */
const MAX_DIGITS = 15;
const MAX_CHARACTERS = 40;
const GROUPED_ASIDE = /^\d{1,3}(?:['’\s]\d{3})+(?:[.,]\d+)?$/;
const GROUPED = { '.': /^\d{1,3}(?:\.\d{3})+$/, ',': /^\d{1,3}(?:,\d{3})+$/ };

type Form =
  | { kind: 'plain'; readings: readonly string[] }
  /** `mark` must begin the decimals here. */
  | { kind: 'settled'; mark: DecimalMark; readings: readonly string[] }
  /** `mark` groups thousands or begins the decimals. */
  | { kind: 'open'; mark: DecimalMark; asDecimal: string; asThousands: string }
  | { kind: 'none' };

/** What a number can mean: one value, two if its mark is undecided, none if it is no number. */
export function readNumber(raw: string, mark: DecimalMark | null): number[] {
  const form = formOf(raw);
  if (form.kind === 'none') return [];
  if (form.kind !== 'open') return form.readings.map(Number);
  if (mark === null) return [Number(form.asDecimal), Number(form.asThousands)];
  return [Number(mark === form.mark ? form.asDecimal : form.asThousands)];
}

/** The decimal mark that most of the unambiguous numbers use; null for none and for a tie. */
export function decimalMarkOf(numbers: Iterable<string>): DecimalMark | null {
  let balance = 0;
  for (const raw of numbers) {
    const form = formOf(raw);
    if (form.kind === 'settled') balance += form.mark === ',' ? 1 : -1;
  }
  if (balance === 0) return null;
  return balance > 0 ? ',' : '.';
}

function formOf(raw: string): Form {
  if (raw.length > MAX_CHARACTERS || raw.replace(/\D/g, '').length > MAX_DIGITS) return { kind: 'none' };
  const aside = /['’\s]/.test(raw);
  if (aside && !GROUPED_ASIDE.test(raw)) return { kind: 'none' };
  const text = raw.replace(/['’\s]/g, '');
  const marks = text.replace(/\d/g, '');
  if (marks === '') return { kind: 'plain', readings: [text] };
  const last = marks.endsWith('.') ? '.' : ',';
  const other = last === '.' ? ',' : '.';
  // Thousands repeat their mark, decimals do not.
  if (marks.length > 1 && GROUPED[last].test(text)) {
    return { kind: 'settled', mark: other, readings: [text.replaceAll(last, '')] };
  }
  if (marks.indexOf(last) < marks.length - 1) return { kind: 'none' };
  const whole = text.slice(0, text.lastIndexOf(last));
  if (marks.length > 1 && !GROUPED[other].test(whole)) return { kind: 'none' };
  const asDecimal = `${whole.replaceAll(other, '')}.${text.slice(whole.length + 1)}`;
  const open = marks.length === 1 && !aside && GROUPED[last].test(text) && !text.startsWith('0');
  if (!open) return { kind: 'settled', mark: last, readings: [asDecimal] };
  return { kind: 'open', mark: last, asDecimal, asThousands: text.replace(last, '') };
}
