/**
 * Who writes: e-mail address, phone number, VAT number, name.
 *
 * Owns: their patterns. They are looked for in the signature as well; every repetition is bounded.
 */
import { isEmail } from '../../../schemas/formats.ts';
import { CONFIDENCE, type Field, fieldOf, tidy } from '../values/fields.ts';
import { readNumericDate } from '../values/numeric-dates.ts';
import { isBlank, type TextLine } from './parts.ts';
import type { Page } from './tokens.ts';

export type ContactPath = 'customer.email' | 'customer.vat' | 'contact.name' | 'contact.phone';
export type Report = (path: ContactPath, field: Field) => void;

const EMAIL = /[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g;
const EMAIL_LABEL = /(?:mail|courriel|correo|electr[oó]nico)\s{0,3}[:=]\s{0,3}<?$/i;
const PHONE = /(?:\+|\(\+?|\b)\d(?:[ ()./\u00a0-]{0,3}\d){6,14}(?![.,-]?\d)/g;
const PHONE_LABEL =
  /(?:^|[\s,;|(])(?:t|m|tel|phone|telephone|t[ée]l(?:[ée]phone)?|telefono?|tel[ée]fono|mob(?:ile)?|handy|m[oó]vil|cell(?:ulare)?|portable|fon)(?: (?:no|number|nr))?\.?\s{0,3}[:.]?\s{0,3}$/i;
/** Numbers of something else in a signature. */
const NO_PHONE_LABEL =
  /(?:iban|bic|vat|tva|ust|uid|iva|nif|cif|siret|siren|rcs|hrb|fax|kto|account|po|no|id|order)[^a-z]{0,6}$/i;
const VAT_LABEL =
  /(?<![\p{L}])(?:vat|tva|ust|umsatzsteuer|uid|mwst|btw|nif|cif|n\.i\.f|c\.i\.f|p\.? ?iva|p\. ?i|partita i\.?v\.?a|iva|i\.v\.a|tax id|tax number)(?![\p{L}])/giu;
const VAT_NUMBER = /(?<![\p{L}\p{N}])[A-Z0-9](?:[ .-]?[A-Z0-9]){6,14}(?![\p{L}\p{N}])/gu;
/** How far behind its label a VAT number may be, in characters. */
const VAT_REACH = 48;
const LABEL_REACH = 24;
/** What the countries put behind their two letters. */
const VAT_FORMS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    ...{ AT: /^U\d{8}$/, BE: /^[01]\d{9}$/, BG: /^\d{9,10}$/, CH: /^E\d{9}$/, CY: /^\d{8}[A-Z]$/, CZ: /^\d{8,10}$/ },
    ...{ DE: /^\d{9}$/, DK: /^\d{8}$/, EE: /^\d{9}$/, EL: /^\d{9}$/, ES: /^[A-Z\d]\d{7}[A-Z\d]$/, FI: /^\d{8}$/ },
    ...{ FR: /^[A-Z\d]{2}\d{9}$/, GB: /^(?:\d{9}|\d{12})$/, HR: /^\d{11}$/, HU: /^\d{8}$/, IT: /^\d{11}$/ },
    ...{ IE: /^\d[A-Z\d]\d{5}[A-Z]{1,2}$/, LT: /^(?:\d{9}|\d{12})$/, LU: /^\d{8}$/, LV: /^\d{11}$/, MT: /^\d{8}$/ },
    ...{ NL: /^\d{9}B\d{2}$/, NO: /^\d{9}$/, PL: /^\d{10}$/, PT: /^\d{9}$/, RO: /^\d{2,10}$/, SE: /^\d{12}$/ },
    ...{ SI: /^\d{8}$/, SK: /^\d{10}$/, XI: /^\d{9}$/ },
  }),
);
/** Within one country its letters are often left out. */
const NATIONAL = /^(?:\d{11}|[A-Z]\d{8}|\d{8}[A-Z]|[A-Z]\d{7}[A-Z])$/;
const MAX_NAME_CHARACTERS = 80;
const NAME = /^\p{Lu}[\p{L}\p{M}'’.-]*(?: [\p{L}\p{M}'’.-]+){0,4}$/u;

/** Reports what the lines say about the writer. */
export function readContacts(page: Page, report: Report): void {
  const said = page.lines.filter((line) => line.part !== 'quoted');
  for (const line of said) {
    readEmails(page, line, report);
    readPhones(page, line, report);
    readVatNumbers(page, line, report);
  }
  // A signature begins with its mark or a greeting; the name comes next.
  const [, second] = said.filter((line) => line.part === 'signature' && !isBlank(page.text, line));
  if (second) readName(page, second, report);
}

function readEmails(page: Page, line: TextLine, report: Report): void {
  const text = page.text.slice(line.start, line.end);
  for (const { 0: raw, index } of text.matchAll(EMAIL)) {
    if (!isEmail(raw)) continue;
    const labeled = EMAIL_LABEL.test(text.slice(Math.max(0, index - LABEL_REACH), index));
    const start = line.start + index;
    const confidence = labeled ? CONFIDENCE.labeled : CONFIDENCE.prose;
    report('customer.email', fieldOf(page, start, start + raw.length, [raw], confidence));
  }
}

function readPhones(page: Page, line: TextLine, report: Report): void {
  const text = page.text.slice(line.start, line.end);
  for (const { 0: raw, index } of text.matchAll(PHONE)) {
    const before = text.slice(Math.max(0, index - LABEL_REACH), index);
    if (readNumericDate(raw, null).length > 0) continue;
    const labeled = PHONE_LABEL.test(before);
    if (!labeled && (line.part !== 'signature' || NO_PHONE_LABEL.test(before))) continue;
    const start = line.start + index;
    const confidence = labeled ? CONFIDENCE.labeled : CONFIDENCE.prose;
    report('contact.phone', fieldOf(page, start, start + raw.length, [tidy(raw)], confidence));
  }
}

function readVatNumbers(page: Page, line: TextLine, report: Report): void {
  const text = page.text.slice(line.start, line.end);
  for (const { 0: label, index } of text.matchAll(VAT_LABEL)) {
    const from = index + label.length;
    const reach = text.slice(from, from + VAT_REACH);
    for (const { 0: raw, index: at } of reach.matchAll(VAT_NUMBER)) {
      const found = vatNumberIn(raw);
      if (!found) continue;
      const start = line.start + from + at + found.at;
      report('customer.vat', fieldOf(page, start, start + found.raw.length, [found.value], CONFIDENCE.labeled));
      break;
    }
  }
}

/** The longest run of the blank-separated parts that is a VAT number: words in capitals may stand around it. */
function vatNumberIn(raw: string): { at: number; raw: string; value: string } | null {
  const parts = raw.split(' ');
  for (let count = parts.length; count > 0; count -= 1) {
    for (let first = 0; first + count <= parts.length; first += 1) {
      const run = parts.slice(first, first + count).join(' ');
      const value = run.replace(/[ .-]/g, '');
      const known = VAT_FORMS.get(value.slice(0, 2))?.test(value.slice(2)) || NATIONAL.test(value);
      if (known) return { at: parts.slice(0, first).join(' ').length + Math.min(first, 1), raw: run, value };
    }
  }
  return null;
}

function readName(page: Page, line: TextLine, report: Report): void {
  const text = page.text.slice(line.start, line.end);
  const name = text.trim().replace(/,$/, '');
  if (name.length > MAX_NAME_CHARACTERS || !NAME.test(name)) return;
  const start = line.start + text.indexOf(name);
  report('contact.name', fieldOf(page, start, start + name.length, [tidy(name)], CONFIDENCE.prose));
}
