/**
 * Who orders, and where the goods go.
 *
 * Owns: how far a name and an address reach: to the end of the sentence, the next label or date, or over the lines of a
 * block.
 */
import type { Span } from '../values/fields.ts';
import { isBlank } from './parts.ts';
import { dateByAt, endsSentence, isLoose, labelAt } from './phrases.ts';
import { isCapital, type Page, type Token, wordAt, words } from './tokens.ts';

/** Longer is no name or address. */
const MAX_TOKENS = 30;
const MAX_BLOCK_LINES = 6;
const MAX_BLOCK_WORDS = 8;
const LEGAL_FORMS = words(
  'inc ltd llc llp plc co corp gmbh ag kg ohg se sa sas sarl srl spa s.p.a s.r.l s.a sl slu bv nv oy ab',
);
const STREETS = words(
  'street st road rd avenue ave lane ln drive dr boulevard blvd way court square place plaza terrace rue impasse chemin allee quai av bd calle c avenida avda paseo plaza carretera via viale corso piazza largo vicolo str platz weg allee strasse',
);
const STREET_ENDINGS = /(?:str|strasse|weg|platz|allee|gasse|ring|damm|ufer)$/;
const TO = words('to at au aux an nach a alla al en in');
const ARTICLES = words("the our my la le l ' ’ die der den unser unsere nuestra nuestro nostra nostro notre");
/** What begins a line below an address that is none. */
const NO_ADDRESS = words(': cif nif vat tva ust iva siret tel fax phone mobile email mail please bitte merci thanks');
const FOR = words('for pour fur uber para por per');
const AFTER_NAME = words('dated on via through regarding re vom datiert du con with');
const ORDER_FROM: readonly { phrase: string; needsTail: boolean }[] = [
  ...['order from', 'order placed by', 'ordered by', 'order for customer'].map((phrase) => ({
    phrase,
    needsTail: false,
  })),
  ...['commande de', 'bestellung von', 'auftrag von', 'pedido de', 'ordine da', 'ordine di', 'ordine dalla'].map(
    (phrase) => ({ phrase, needsTail: true }),
  ),
];

export interface Party {
  name: Span;
  address: Span | null;
  next: number;
}

/** `order from <name>[, <address>], for …` */
export function orderFromAt(page: Page, at: number): Party | null {
  const { body, text } = page;
  const phrase = `${body[at]?.word} ${body[at + 1]?.word}`;
  const match = ORDER_FROM.find(
    (known) => known.phrase === phrase || known.phrase === `${phrase} ${body[at + 2]?.word}`,
  );
  if (!match) return null;
  const from = at + match.phrase.split(' ').length;
  const first = body[from];
  if (first?.kind !== 'word' || first.flow !== body[at]?.flow || !isCapital(text, first)) return null;
  const end = endOfParty(page, from);
  const tail = FOR.has(wordAt(body, end)) && body[end]?.flow === first.flow;
  return match.needsTail && !tail ? null : partyIn(page, { from, next: end }, tail);
}

const LEGAL_FORM =
  /(?<![\p{L}])(?:inc|ltd|limited|llc|llp|plc|corp|gmbh|ag|kg|ohg|e\.? ?k|s\.? ?a\.? ?s|s\.? ?a\.? ?r\.? ?l|s\.? ?a|eurl|s\.? ?p\.? ?a|s\.? ?r\.? ?l|s\.? ?n\.? ?c|s\.? ?l\.? ?u?|s\. ?coop|b\.? ?v|n\.? ?v)(?![\p{L}])/iu;
const MAX_NAME_CHARACTERS = 200;

/** Whether a text is the name of a company. */
export const hasLegalForm = (text: string): boolean => LEGAL_FORM.test(text.slice(0, MAX_NAME_CHARACTERS));

/** Name and address in a span: the first part up to a comma is the name, a legal form belongs to it. */
export function partyIn({ body }: Page, { from, next }: Span, certain: boolean): Party {
  const isComma = (at: number): boolean => body[at]?.word === ',' && at < next;
  let comma = from;
  while (comma < next && (!isComma(comma) || LEGAL_FORMS.has(wordAt(body, comma + 1)))) comma += 1;
  const name = trimmed(body, { from, next: comma });
  const address = trimmed(body, { from: comma + 1, next });
  const inPlace = address.from < address.next && (certain || isNumbered(body, address));
  return { name, address: inPlace ? address : null, next };
}

function endOfParty(page: Page, from: number): number {
  const { body } = page;
  const { flow } = body[from] as Token;
  for (let at = from + 1; at < from + MAX_TOKENS; at += 1) {
    const [before, token, after] = [body[at - 1], body[at], body[at + 1]];
    if (token?.flow !== flow || token.word === ':' || token.word === '(' || endsSentence(page, at)) return at;
    if (AFTER_NAME.has(token.word) && before?.word !== ',') return at;
    if (FOR.has(token.word) && (before?.word === ',' || after?.kind === 'number')) return at;
  }
  return from + MAX_TOKENS;
}

/** An address behind a preposition: `to 12 Rue X, Paris`. */
export function addressAt(page: Page, at: number): Span | null {
  const { body } = page;
  const token = body[at];
  if (!token?.spaced || !TO.has(token.word)) return null;
  let from = at + 1;
  for (let skipped = 0; skipped < 2 && ARTICLES.has(wordAt(body, from)); skipped += 1) from += 1;
  if (body[from]?.flow !== token.flow) return null;
  // `to buy 2 tables` is no place.
  const first = body[from] as Token;
  if (first.kind === 'word' && !isCapital(page.text, first) && !isStreet(first)) return null;
  const span = addressFrom(page, from);
  return isNumbered(body, span) && namesStreet(body, span) ? span : null;
}

/** What an address label at the end of `at` announces: the rest of the line, and the lines of a block below it. */
export function addressAfter(page: Page, at: number, labelLine: number, block: boolean): Span | null {
  const { body } = page;
  const beside = body[at]?.line === labelLine;
  const span = beside ? addressFrom(page, at) : { from: at, next: at };
  // The full stop of `S.p.A.` at the end of its line ends no address.
  const next = wordAt(body, span.next) === '.' && body[span.next + 1]?.line !== labelLine ? span.next + 1 : span.next;
  const full = next > at && body[next]?.line === labelLine;
  if (!block || full) return isPlace(page, span) ? span : null;
  const below = { from: at, next: endOfBlock(page, next, labelLine) };
  return isPlace(page, trimmed(body, below)) ? trimmed(body, below) : null;
}

/** To the end of the line, the sentence, or before what speaks of something else. */
function addressFrom(page: Page, from: number): Span {
  const { body } = page;
  const { flow } = body[from] as Token;
  let next = from;
  while (body[next]?.flow === flow && next - from < MAX_TOKENS) {
    const label = next > from ? labelAt(page, next) : null;
    if ((endsSentence(page, next) && !isInitial(body, next)) || label?.marked || dateByAt(page, next, null)) break;
    if (next > from && FOR.has(wordAt(body, next)) && body[next + 1]?.kind === 'number') break;
    next += 1;
  }
  return trimmed(body, { from, next });
}

/** `J.` of a name. */
const isInitial = (tokens: readonly Token[], at: number): boolean =>
  tokens[at]?.word === '.' && tokens[at + 1]?.flow === tokens[at]?.flow && tokens[at - 1]?.word.length === 1;

/** Index after the lines below a label that look like parts of an address, up to a blank line. */
function endOfBlock(page: Page, from: number, labelLine: number): number {
  const { body, lines, text } = page;
  let next = from;
  for (let line = labelLine + 1; line <= labelLine + MAX_BLOCK_LINES; line += 1) {
    const own = lines[line];
    if (!own || isBlank(text, own) || body[next]?.line !== line) break;
    let end = next;
    while (body[end]?.line === line && end - next <= MAX_TOKENS) end += 1;
    if (!isBlockLine(page, { from: next, next: end })) break;
    next = end;
  }
  return next;
}

function isBlockLine(page: Page, { from, next }: Span): boolean {
  const { body, text } = page;
  const tokens = body.slice(from, next);
  const named = tokens.filter(({ kind }) => kind === 'word');
  const label = labelAt(page, from);
  if (named.length === 0 || named.length > MAX_BLOCK_WORDS) return false;
  if (label?.marked || label?.label === 'deliveryDate' || tokens.slice(0, 3).some(({ word }) => NO_ADDRESS.has(word))) {
    return false;
  }
  if (/^[-*•x×?!:;]$/.test((tokens[0] as Token).word) || /^[?!:;]$/.test((tokens.at(-1) as Token).word)) return false;
  if (tokens.some(({ word }) => /^[x×@$€£=]$/.test(word))) return false;
  return named.some((token) => isCapital(text, token)) && (isNumbered(body, { from, next }) || isTitled(text, named));
}

/** Mostly capitals, as names of companies and places are, and sentences are not. */
function isTitled(text: string, named: readonly Token[]): boolean {
  const long = named.filter((token) => isCapital(text, token) || token.word.length > 3);
  return long.filter((token) => isCapital(text, token)).length * 3 >= long.length * 2;
}

/** An address names something: `to us` is none. */
function isPlace({ body, text }: Page, span: Span): boolean {
  return body.slice(span.from, span.next).some((token) => isCapital(text, token) || isStreet(token));
}

const isNumbered = (tokens: readonly Token[], { from, next }: Span): boolean =>
  tokens.slice(from, next).some(({ word }) => /^\d/.test(word));

export const namesStreet = (tokens: readonly Token[], { from, next }: Span): boolean =>
  tokens.slice(from, next).some(isStreet);

const isStreet = ({ word }: Token): boolean => STREETS.has(word) || STREET_ENDINGS.test(word);

/** Without marks at its ends. */
function trimmed(tokens: readonly Token[], { from, next }: Span): Span {
  let [first, last] = [from, next];
  while (first < last && isLoose(tokens, first)) first += 1;
  while (first < last && isLoose(tokens, last - 1)) last -= 1;
  return { from: first, next: last };
}
