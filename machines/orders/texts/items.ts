/**
 * Order lines in prose: `20 boxes of blue pens at $3 each`, `W-100 x 5`.
 *
 * Owns: where a line may begin, what is its quantity, unit, description and price, and where it ends. A number counts as
 * a quantity only where something says so: a unit, a multiplication sign, a word of ordering, a list.
 */

import type { LineFields } from '../line-fields.ts';
import { CONFIDENCE, fieldAt, fieldOf } from '../values/fields.ts';
import { type Conventions, type Currency, currencyAt, isAlone } from '../values/money.ts';
import { readNumber } from '../values/numbers.ts';
import { canonicalUnit, isCounter, isUnit } from '../values/units.ts';
import { codeAt, HYPHENS, isCode, isPlainCode, leadingCode, spacedCodeAt } from './article-codes.ts';
import { described, MAX_DESCRIPTION_TOKENS, type Name, nameAt, TIMES } from './item-names.ts';
import { namesStreet } from './places.ts';
import { type Price, priceAt, priceField } from './prices.ts';
import { isCapital, type Page, skip, type Token, wordAt, words } from './tokens.ts';

/** What the text before says about a number here. */
export interface Lead {
  /** A word of ordering is near, or a line was just before. */
  ordered: boolean;
  /** The line of text is one of a list. */
  listed: boolean;
}

export interface Item {
  line: LineFields;
  /** Of its prices. */
  currencies: readonly Currency[];
  next: number;
}

const OF = words('of de di von du des del della dello d da');
/** Between these a word that is no known unit is one all the same: `5 copies of the manual`. */
const OF_ANY = words('of von');
/** What is counted in these is no goods. */
const NOT_GOODS = words(
  '% percent h am pm working business werktag werktage werktagen arbeitstage arbeitstagen day days hour hours minute minutes week weeks month months year years people st nd rd th jour jours heure heures semaine semaines mois ans an annees tag tage tagen stunde stunden uhr woche wochen monat monate monaten jahr jahre jahren dia dias hora horas semana semanas mes meses ano anos giorno giorni ora ore settimana settimane mese mesi anno anni',
);

/** The order line that begins at the token. */
export function itemAt(page: Page, at: number, lead: Lead, conventions: Conventions): Item | null {
  // A code of digits at the beginning of a line is no quantity where one follows: `6961: 100 pcs`.
  const begins = page.body[at]?.first === true;
  return (
    (begins ? quantityLast(page, at, { ...lead, listed: false }, conventions) : null) ??
    quantityFirst(page, at, lead, conventions) ??
    quantityLast(page, at, lead, conventions) ??
    quantityBehindName(page, at, lead, conventions)
  );
}

/** Index after the mark or the number of a list: `- `, `2) `. */
export function afterBullet({ body }: Page, at: number): number {
  const [token, after, item] = [body[at], body[at + 1], body[at + 2]];
  if (!token || after?.line !== token.line || !after) return at;
  if (/^[-*•–·+]$/.test(token.word) && after.spaced) return at + 1;
  const numbered = /^\d{1,3}$/.test(token.word) && /^[.)]$/.test(after.word) && !after.spaced;
  return numbered && item?.line === token.line && item.spaced ? at + 2 : at;
}

function quantityFirst(page: Page, at: number, lead: Lead, conventions: Conventions): Item | null {
  const tokens = page.body;
  const qty = tokens[at] as Token;
  if (!isAlone(tokens, at) || (!qty.first && currencyAt(page, at - 1))) return null;
  const readings = readNumber(qty.word, conventions.decimalMark);
  if (
    readings.length === 0 ||
    /^0\d/.test(qty.word) ||
    currencyAt(page, at + 1) ||
    NOT_GOODS.has(wordAt(tokens, at + 1))
  )
    return null;
  const unit = unitAt(page, at + 1);
  const named = skip(tokens, unit?.next ?? at + 1, OF, qty.flow);
  const multiplied = unit === null || unit.counter ? skip(tokens, named, TIMES, qty.flow) : named;
  const from = skip(tokens, multiplied, SKIPPED_BEFORE_NAME, qty.flow);
  const said = multiplied > named || (unit !== null && (named > unit.next || lead.listed || qty.first));
  if (!said && !lead.ordered && !lead.listed) return null;
  const code = tokens[from]?.kind === 'number' ? codeAt(page, from) : null;
  const leading = leadingCode(page, from);
  // `2 x 4` is a size.
  if (multiplied > named && tokens[from]?.kind === 'number' && !(code && isCode(code.raw)) && !leading) return null;
  if (tokens[from]?.flow !== qty.flow) return null;
  // A line that begins with `20 x` is one of a list.
  const listed = lead.listed || (qty.first && multiplied > named);
  const behind = leading && nameAt(page, leading.next, listed, conventions);
  const name = behind ?? nameAt(page, from, listed, conventions);
  if (!name || (!said && isAddress(tokens, at, name.next))) return null;
  const line: LineFields = {
    ...(behind && { sku: leading.sku }),
    ...name.line,
    qty: fieldAt(page, tokens, { from: at, next: at + 1 }, readings, CONFIDENCE.prose),
  };
  if (unit && !unit.counter) {
    const span = { from: at + 1, next: unit.next };
    line.uom = fieldAt(page, tokens, span, [unit.name], CONFIDENCE.prose);
  }
  return priced(page, name.next, line, { ...lead, listed }, conventions);
}

/** `12 Main Street`, `75002 Paris`: numbers that count nothing. */
const isAddress = (tokens: readonly Token[], from: number, next: number): boolean =>
  /^\d{5,}$/.test(wordAt(tokens, from)) || namesStreet(tokens, { from, next });

const SKIPPED_BEFORE_NAME = words('\' ’ the your la le les el los il i gli " “ « „');

/** `<sku> x <qty>`, in a list also `<description> x <qty>`. */
function quantityLast(page: Page, at: number, lead: Lead, conventions: Conventions): Item | null {
  const tokens = page.body;
  const first = tokens[at] as Token;
  const code = (first.first ? spacedCodeAt(page, at) : null) ?? codeAt(page, at);
  if (!first.spaced && tokens[at - 1]?.kind !== 'mark') return null;
  const times =
    code && (isCode(code.raw) || (first.first && (isPlainCode(code.raw) || / /.test(code.raw))))
      ? code.next
      : lead.listed
        ? timesAfter(page, at)
        : 0;
  const [sign, qty] = [tokens[times], tokens[times + 1]];
  // `W-100: 5 pcs` begins a line.
  const marks = first.first && code ? TIMES_OR_COLON : TIMES;
  if (times <= at || !marks.has(sign?.word ?? '') || sign?.line !== first.line || qty?.line !== first.line) return null;
  const readings = isAlone(tokens, times + 1) ? readNumber(qty.word, conventions.decimalMark) : [];
  if (readings.length === 0) return null;
  const line: LineFields = {
    ...(code && times === code.next
      ? { sku: fieldOf(page, first.start, code.end, [code.raw], CONFIDENCE.prose) }
      : { description: described(page, { from: at, next: times }) }),
    qty: fieldAt(page, tokens, { from: times + 1, next: times + 2 }, readings, CONFIDENCE.prose),
  };
  const unit = unitAt(page, times + 2);
  if (unit && !unit.counter) {
    line.uom = fieldAt(page, tokens, { from: times + 2, next: unit.next }, [unit.name], CONFIDENCE.prose);
  }
  const next = unit?.next ?? times + 2;
  const behind = line.sku ? nameSetApart(page, next, first, conventions) : null;
  return priced(page, behind?.next ?? next, { ...line, ...behind?.line }, lead, conventions);
}

/** `Widget, ref. W-100: 5 pcs` is a line by itself. */
function quantityBehindName(page: Page, at: number, lead: Lead, conventions: Conventions): Item | null {
  const tokens = page.body;
  const first = tokens[at] as Token;
  const name = first.first && first.kind === 'word' ? nameAt(page, at, true, conventions) : null;
  const count = (name?.next ?? at) + 1;
  if (!name?.line.sku || wordAt(tokens, name.next) !== ':' || tokens[count]?.line !== first.line) return null;
  const readings = isAlone(tokens, count) ? readNumber(wordAt(tokens, count), conventions.decimalMark) : [];
  if (readings.length === 0) return null;
  const qty = fieldAt(page, tokens, { from: count, next: count + 1 }, readings, CONFIDENCE.prose);
  const unit = unitAt(page, count + 1);
  const line: LineFields = { ...name.line, qty };
  if (unit && !unit.counter)
    line.uom = fieldAt(page, tokens, { from: count + 1, next: unit.next }, [unit.name], CONFIDENCE.prose);
  return priced(page, unit?.next ?? count + 1, line, lead, conventions);
}

const TIMES_OR_COLON = new Set([...TIMES, ':']);

/** What follows on the same line behind a hyphen, or in brackets. */
function nameSetApart(page: Page, at: number, { line }: Token, conventions: Conventions): Name | null {
  const { body } = page;
  const mark = wordAt(body, at);
  if (body[at + 1]?.line !== line || !(HYPHENS.has(mark) || mark === '(')) return null;
  if (mark !== '(') return nameAt(page, at + 1, true, conventions);
  let next = at + 1;
  while (body[next]?.line === line && wordAt(body, next) !== ')' && next - at < MAX_DESCRIPTION_TOKENS) next += 1;
  if (wordAt(body, next) !== ')' || next === at + 1) return null;
  return { line: { description: described(page, { from: at + 1, next }) }, next: next + 1 };
}

/** Index of the multiplication sign before the last number of the line; 0 if there is none. */
function timesAfter({ body }: Page, at: number): number {
  const { line } = body[at] as Token;
  for (let next = at + 1; next < at + MAX_DESCRIPTION_TOKENS && body[next]?.line === line; next += 1) {
    if (TIMES.has(wordAt(body, next)) && body[next + 1]?.kind === 'number' && body[next]?.spaced) return next;
  }
  return 0;
}

interface UnitMatch {
  name: string;
  counter: boolean;
  next: number;
}

function unitAt({ text, body }: Page, at: number): UnitMatch | null {
  const [number, token, after] = [body[at - 1], body[at], body[at + 1]];
  if (token?.kind !== 'word' || token.flow !== number?.flow || TIMES.has(token.word)) return null;
  const dotted = after?.word === '.' && !after.spaced && body[at + 2]?.flow === token.flow;
  const known = isUnit(token.word);
  if (!known && !(OF_ANY.has(after?.word ?? '') && !isCapital(text, token))) return null;
  const raw = text.slice(token.start, token.end);
  return { name: canonicalUnit(raw), counter: isCounter(token.word), next: known && dotted ? at + 2 : at + 1 };
}

/** Adds the prices that follow; arithmetic is not checked here. */
function priced(page: Page, at: number, line: LineFields, { listed }: Lead, conventions: Conventions): Item {
  const currencies: Currency[] = [];
  const { body } = page;
  const { flow } = body[at - 1] as Token;
  let next = at;
  for (let price = priceIn(page, next, flow, conventions); price; price = priceIn(page, next, flow, conventions)) {
    // In running text a total is the order's.
    if (price.kind === 'total' && !listed) break;
    if (price.money.currency) currencies.push(price.money.currency);
    const name = price.kind === 'total' ? 'total_price' : price.kind;
    if (name !== 'unknown' && !line[name]) line[name] = priceField(page, price);
    next = price.next;
  }
  return { line, currencies, next };
}

function priceIn(page: Page, at: number, flow: number, conventions: Conventions): Price | null {
  return page.body[at]?.flow === flow ? priceAt(page, at, conventions) : null;
}
