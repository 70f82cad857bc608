/**
 * What an order line in prose calls what is ordered.
 *
 * Owns: how far a description reaches, and the article code beside it.
 */

import type { LineFields } from '../line-fields.ts';
import { CONFIDENCE, type Field, fieldAt, type Span, tidy } from '../values/fields.ts';
import { type Conventions, isAlone } from '../values/money.ts';
import { bracketedCode, isCode, labeledCode, trailingCode } from './article-codes.ts';
import { dateByAt, dateNear, endsSentence, labelAt } from './phrases.ts';
import { addressAt } from './places.ts';
import { AND, priceAt } from './prices.ts';
import { isLetter, type Page, type Token, wordAt, words } from './tokens.ts';

/** Longer is no description. */
export const MAX_DESCRIPTION_TOKENS = 40;
export const TIMES = words('x × *');
const POLITE = words(
  'please asap thanks thank you urgently bitte danke svp merci gracias grazie favore favor por per s il vous plait',
);

export interface Name {
  line: LineFields;
  next: number;
}

/** Description and article code from the token up to what cannot belong to them. */
export function nameAt(page: Page, from: number, listed: boolean, conventions: Conventions): Name | null {
  const { body } = page;
  const { flow } = body[from] as Token;
  let next = from;
  while (body[next]?.flow === flow && !ends(page, next, listed, conventions)) {
    next += 1;
    if (next - from > MAX_DESCRIPTION_TOKENS) return null;
  }
  const labeled = labeledCode(page, next) ?? bracketedCode(page, next) ?? trailingCode(page, next);
  const last = lastOfName(body, from, next);
  if (last < from) return null;
  const span = { from, next: last + 1 };
  const raw = page.text.slice((body[from] as Token).start, (body[last] as Token).end);
  const after = labeled?.next ?? next;
  if (labeled) return { line: { description: described(page, span), sku: labeled.sku }, next: after };
  if (isCode(raw)) return { line: { sku: fieldAt(page, body, span, [raw], CONFIDENCE.prose) }, next: after };
  return /\p{L}/u.test(raw) ? { line: { description: described(page, span) }, next: after } : null;
}

export const described = (page: Page, span: Span): Field => {
  const { start } = page.body[span.from] as Token;
  const raw = page.text.slice(start, (page.body[span.next - 1] as Token).end);
  return fieldAt(page, page.body, span, [tidy(raw)], CONFIDENCE.prose);
};

/** Last token that says what is ordered: no closing marks, no `please`. */
function lastOfName(tokens: readonly Token[], from: number, next: number): number {
  let last = next - 1;
  for (let token = tokens[last]; last >= from && token; token = tokens[last]) {
    if (!POLITE.has(token.word) && (token.kind !== 'mark' || /^[)\]%°"”²³]$/.test(token.word))) break;
    last -= 1;
  }
  // A closing quote without its opening one, which was skipped; by itself it says inches.
  const opened = /^["“«„]$/.test(wordAt(tokens, from - 1));
  return opened && last > from && /^["”»“]$/.test(wordAt(tokens, last)) ? last - 1 : last;
}

function ends(page: Page, at: number, listed: boolean, conventions: Conventions): boolean {
  const { body, stops } = page;
  const [token, after] = [body[at] as Token, body[at + 1]];
  if (endsSentence(page, at) || trailingCode(page, at) !== null) return true;
  if (token.word === ',' && (!listed || after?.flow !== token.flow || isCounted(body, at + 1))) return true;
  const known = stops.get(at) ?? speaksOfElse(page, at, conventions);
  stops.set(at, known);
  return known;
}

/** `5 x`: another line begins. */
const isCounted = (tokens: readonly Token[], at: number): boolean =>
  isAlone(tokens, at) && TIMES.has(wordAt(tokens, at + 1)) && tokens[at + 1]?.flow === tokens[at]?.flow;

/** Whether a price, an article code, a date, an address, another line or a label begins here. */
function speaksOfElse(page: Page, at: number, conventions: Conventions): boolean {
  const { body } = page;
  const [token, after] = [body[at] as Token, body[at + 1]];
  if (AND.has(token.word) && !isLetter(page, at) && isAlone(body, at + 1) && after?.flow === token.flow) return true;
  if (priceAt(page, at, conventions) || labeledCode(page, at) || bracketedCode(page, at)) return true;
  if (dateByAt(page, at, conventions.dayFirst) || addressAt(page, at)) return true;
  const label = labelAt(page, at);
  if (label?.label === 'deliveryDate') return dateNear(page, label.next, conventions.dayFirst) !== null;
  return label !== null && (label.marked || label.label === 'deliveryAddress');
}
