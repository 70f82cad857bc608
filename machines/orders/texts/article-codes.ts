/**
 * Codes of articles: `W-100`, `(SKU: HM-10)`, `00123`.
 *
 * Owns: what tells a code from a word and from a count.
 */
import { CONFIDENCE, type Field, fieldOf } from '../values/fields.ts';
import { type Page, skip, type Token, wordAt, words } from './tokens.ts';

const MAX_CODE_CHARACTERS = 40;
const SKU_LABELS = words('sku ref art artikel article item code part rif cod codice codigo');
/** Say so only behind a comma or a bracket. */
const NUMBER_LABELS = words('no nr n');
/** What may close a code or a price in brackets. */
export const CLOSING = words(')');
const OPENING = words(', ( [');
export const HYPHENS = words('- – —');
const CODE_WORDS = words('. - : # ° no nr n number');
/** `art.-nr.:` */
const MAX_LABEL_TOKENS = 6;
const CODE = new RegExp(`[\\p{L}\\p{N}]+(?:[./_-][\\p{L}\\p{N}]+){0,${MAX_CODE_CHARACTERS}}`, 'uy');

/** `(SKU: W-100)`, `ref. W-100` behind a description. */
export function labeledCode(page: Page, at: number): { sku: Field; next: number } | null {
  const { body } = page;
  const label = skip(body, at, OPENING, body[at]?.flow);
  const word = wordAt(body, label);
  const after = body[label + 1];
  const numbered = label > at && NUMBER_LABELS.has(word) && (after?.spaced || /^[.:°]$/.test(after?.word ?? ''));
  const named = SKU_LABELS.has(word) || numbered;
  if (!named || body[label]?.flow !== body[at]?.flow) return null;
  let from = label + 1;
  while (from < label + MAX_LABEL_TOKENS && skip(body, from, CODE_WORDS, body[at]?.flow) > from) from += 1;
  const code = spacedCodeAt(page, from) ?? codeAt(page, from);
  if (!code || !/\d/.test(code.raw) || body[from]?.line !== body[label]?.line) return null;
  const sku = fieldOf(page, (body[from] as Token).start, code.end, [code.raw], CONFIDENCE.labeled);
  return { sku, next: skip(body, code.next, CLOSING, body[at]?.flow) };
}

export interface Code {
  raw: string;
  /** Offset in the text. */
  end: number;
  next: number;
}

/** The letters, digits and hyphens that hang together from the token on. */
export function codeAt({ text, body }: Page, at: number): Code | null {
  const token = body[at];
  if (!token) return null;
  CODE.lastIndex = token.start;
  const raw = CODE.exec(text)?.[0] ?? '';
  if (raw === '' || raw.length > MAX_CODE_CHARACTERS) return null;
  const end = token.start + raw.length;
  let next = at + 1;
  while (body[next] && (body[next] as Token).start < end) next += 1;
  return { raw, end, next };
}

/** An article code: letters and digits together, or digits that are no count. */
export const isCode = (raw: string): boolean =>
  raw.length >= 3 && !/\s/.test(raw) && (/^0\d{2,}$|^\d{6,}$/.test(raw) || (/\d/.test(raw) && /\p{Lu}/u.test(raw)));

/** Letters and digits with a blank between them, `AF 8593`, or three groups of digits and more, `76 225 31`. */
const SPACED_CODE = /(?:\p{Lu}{1,4} \d{3,8}|\d{2,3}(?: \d{2,3}){2,4})(?![\p{L}\p{N}.,/_-])/uy;
/** Three digits each are thousands. */
const THOUSANDS = /^\d{1,3}(?: \d{3})+$/;

/** A code that is written in groups; it is told from a name and a number by its form alone. */
export function spacedCodeAt({ text, body }: Page, at: number): Code | null {
  const token = body[at];
  if (!token) return null;
  SPACED_CODE.lastIndex = token.start;
  const raw = SPACED_CODE.exec(text)?.[0] ?? '';
  if (raw === '' || THOUSANDS.test(raw)) return null;
  const end = token.start + raw.length;
  let next = at + 1;
  while (body[next] && (body[next] as Token).start < end) next += 1;
  return { raw, end, next };
}

/** `- W-100` at the end of a line, or before what is set apart again. */
export function trailingCode(page: Page, at: number): { sku: Field; next: number } | null {
  const { body } = page;
  const [hyphen, token] = [body[at], body[at + 1]];
  if (!hyphen?.spaced || !HYPHENS.has(hyphen.word) || !token?.spaced || token.line !== hyphen.line) return null;
  const code = spacedCodeAt(page, at + 1) ?? codeAt(page, at + 1);
  const after = code && body[code.next];
  if (!code || !/\d/.test(code.raw) || /^\d{1,2}$/.test(code.raw)) return null;
  const ends = !after || after.line !== token.line || /^[-–—,;@(]$/.test(after.word);
  return ends ? { sku: codeField(page, at + 1, code), next: code.next } : null;
}

/** A code at the beginning of what is ordered, set off by its form: `W-100 Widget`, not `A4 paper`. */
export function leadingCode(page: Page, at: number): { sku: Field; next: number } | null {
  const spaced = spacedCodeAt(page, at);
  if (spaced && page.body[spaced.next]?.flow === page.body[at]?.flow && page.body[spaced.next]?.kind === 'word')
    return { sku: codeField(page, at, spaced), next: spaced.next };
  const code = codeAt(page, at);
  const after = code && page.body[code.next];
  if (!code || !after || after.kind !== 'word' || after.flow !== page.body[at]?.flow || !after.spaced) return null;
  return isPlainCode(code.raw) ? { sku: codeField(page, at, code), next: code.next } : null;
}

/** `(W-100)` behind a description. */
export function bracketedCode(page: Page, at: number): { sku: Field; next: number } | null {
  const { body } = page;
  const code = wordAt(body, at) === '(' ? codeAt(page, at + 1) : null;
  const closed = code && wordAt(body, code.next) === ')' && body[code.next]?.flow === body[at]?.flow;
  return closed && isPlainCode(code.raw) ? { sku: codeField(page, at + 1, code), next: code.next + 1 } : null;
}

const codeField = (page: Page, at: number, { raw, end }: Code): Field =>
  fieldOf(page, (page.body[at] as Token).start, end, [raw], CONFIDENCE.prose);

/** Digits with hyphens, dots or enough of them, without lower case: no size, count or name. */
export const isPlainCode = (raw: string): boolean =>
  /^\p{Ll}{1,6}_\d{2,}$/u.test(raw) ||
  (raw.length >= 3 && /\d/.test(raw) && !/\p{Ll}/u.test(raw) && (/[-._/]/.test(raw) || /^0\d{2,}$|\d{4,}/.test(raw)));
