/**
 * What an order text says, without asking a model: fields with their places, and order lines.
 *
 * Owns: the walk over the text, and what counts when it says a thing twice. Pure, reproducible, linear in the length of
 * the text. Quoted replies are left out, signatures too except for who signs.
 */

import { LINE_FIELDS, type LineFields, MAX_LINES } from '../line-fields.ts';
import { readContacts } from '../texts/contacts.ts';
import { afterBullet, itemAt } from '../texts/items.ts';
import { addressField, incotermAt, type Labeled, labeledAt } from '../texts/labeled.ts';
import { dateByAt, endsSentence } from '../texts/phrases.ts';
import { addressAt, orderFromAt } from '../texts/places.ts';
import { type Page, readPage, type Token, wordAt, words } from '../texts/tokens.ts';
import { confirmLine, confirmTotals, pricedLine, type Totals } from '../values/arithmetic.ts';
import { dateAt } from '../values/dates.ts';
import { assumed, CONFIDENCE, type Field, fieldAt, settle, tidy } from '../values/fields.ts';
import { type Conventions, type Currency, conventionsOf, moneyAt } from '../values/money.ts';

/** One order line; null where the text says nothing, or nothing clear. */
export interface ExtractedLine {
  line_no: number;
  sku: string | null;
  description: string | null;
  qty: number | null;
  uom: string | null;
  unit_price: number | null;
  total_price: number | null;
}

export interface OrderExtraction {
  /** By path: `customer.name`, `delivery.date`, `lines[1].qty`; lines count from 1. */
  fields: Readonly<Record<string, Field>>;
  lines: readonly ExtractedLine[];
  totals: { subtotal: number | null; tax: number | null; total: number | null };
}

/** Currency where the text names none. */
const DEFAULT_CURRENCY = 'EUR';
/** How many tokens a word of ordering speaks for. */
const LEAD_TOKENS = 8;
const LEADS = words(
  [
    'order ordering send need want ship supply buy purchase like require request get deliver quote following please bitte veuillez',
    'commande commander commandons envoyer envoyez expedier livrer livrez voudrais voudrions souhaite souhaitons besoin',
    'bestellen bestelle bestellung senden schicken liefern liefere brauchen brauche benotigen benotige mochten mochte',
    'pedir pedido enviar envie envien enviarnos necesito necesitamos queremos quisiera quisieramos solicitamos comprar',
    'ordinare ordiniamo ordino ordine inviare inviateci spedire vorrei vorremmo bisogno acquistare desidero desideriamo',
  ].join(' '),
);
/** `; and 3` */
const AND_TOKENS = 3;
const AND = words('and et und y e & + , ; plus sowie');

/** Reads an order text of any length and content; never throws. */
export const extractOrder = (text: string): OrderExtraction => conclude(readText(readPage(text)));

/** All that a text says, by path as often as it says it. */
export interface TextReading {
  found: ReadonlyMap<string, readonly Field[]>;
  currencies: readonly Field[];
  lines: readonly LineFields[];
}

/** Reads a text in the order written; numbers and dates by its own conventions, or those of what it is part of. */
export function readText(page: Page, conventions: Conventions = conventionsOf(page)): TextReading {
  const walk: Walk = {
    ...{ page, conventions, found: new Map(), currencies: [], lines: [] },
    ...{ ledUpTo: 0, ordered: false, line: { ...NO_LINE }, before: { ...NO_LINE } },
  };
  for (let at = 0; at < page.body.length; ) at = Math.max(at + 1, step(walk, at));
  readContacts(page, (path, field) => report(walk, path, field));
  return walk;
}

interface Walk extends TextReading {
  page: Page;
  conventions: Conventions;
  found: Map<string, Field[]>;
  currencies: Field[];
  lines: LineFields[];
  /** Index of the token up to which a word of ordering counts. */
  ledUpTo: number;
  /** A word of ordering was somewhere before. */
  ordered: boolean;
  /** The line of text the walk is in, and the one before. */
  line: LineNotes;
  before: LineNotes;
}

interface LineNotes {
  hasItem: boolean;
  announces: boolean;
}

const NO_LINE: LineNotes = { hasItem: false, announces: false };

/** Reads what begins at the token; the index to go on from. */
function step(walk: Walk, at: number): number {
  const { page, conventions } = walk;
  const token = page.body[at] as Token;
  if (token.first) Object.assign(walk, { before: walk.line, line: { ...NO_LINE } });
  if (endsSentence(page, at) && token.word !== ';') walk.ledUpTo = 0;
  noteLead(walk, at);
  const read = readParty(walk, at) ?? readLabel(walk, at) ?? readDelivery(walk, at) ?? readItem(walk, at);
  if (read !== null) return read;
  const money = moneyAt(page, at, conventions);
  if (money?.currency) noteCurrency(walk, money.currency);
  return money?.next ?? at + 1;
}

function noteLead(walk: Walk, at: number): void {
  const { word } = walk.page.body[at] as Token;
  if (LEADS.has(word)) {
    walk.ledUpTo = at + 1 + LEAD_TOKENS;
    walk.ordered = true;
  }
  // `Please send:` and `Please send` announce a list, a sentence that has ended does not.
  walk.line.announces = word === ':' || (walk.ledUpTo > at && !endsSentence(walk.page, at));
}

function readParty(walk: Walk, at: number): number | null {
  const party = orderFromAt(walk.page, at);
  if (!party) return null;
  const { name, address, next } = party;
  const field = fieldAt(walk.page, walk.page.body, name, [''], CONFIDENCE.prose);
  report(walk, 'customer.name', { ...field, value: tidy(String(field.raw)) });
  if (address) report(walk, 'customer.address', addressField(walk.page, address, CONFIDENCE.prose));
  walk.ledUpTo = next + 1 + LEAD_TOKENS;
  return next;
}

function readLabel(walk: Walk, at: number): number | null {
  return take(walk, labeledAt(walk.page, at, walk.conventions));
}

function take(walk: Walk, labeled: Labeled | null): number | null {
  if (!labeled) return null;
  for (const [path, field] of labeled.fields) report(walk, path, field);
  if (labeled.currency) noteCurrency(walk, labeled.currency);
  walk.ledUpTo = 0;
  return labeled.next;
}

function readDelivery(walk: Walk, at: number): number | null {
  const { page, conventions } = walk;
  const date = dateByAt(page, at, conventions.dayFirst);
  if (date) {
    const span = { from: date.from, next: date.next };
    report(walk, 'delivery.date', fieldAt(page, page.body, span, date.readings, CONFIDENCE.prose));
    return date.next;
  }
  const address = walk.ordered ? addressAt(page, at) : null;
  if (!address) return take(walk, incotermAt(page, at, CONFIDENCE.prose));
  report(walk, 'delivery.address', addressField(page, address, CONFIDENCE.prose));
  return address.next;
}

function readItem(walk: Walk, at: number): number | null {
  const { page, conventions, before } = walk;
  const token = page.body[at] as Token;
  if (walk.lines.length === MAX_LINES || dateAt(page.body, at, null)) return null;
  const from = token.first ? afterBullet(page, at) : at;
  const listed = token.first && (before.hasItem || before.announces || (from > at && walk.ordered));
  const item = itemAt(page, from, { ordered: at < walk.ledUpTo, listed }, conventions);
  if (!item) return null;
  walk.lines.push(confirmLine(item.line));
  walk.line.hasItem = true;
  for (const currency of item.currencies) noteCurrency(walk, currency);
  // `… and 3 boxes of pencils` goes on with the order.
  const goesOn = AND.has(wordAt(page.body, item.next)) || AND.has(wordAt(page.body, item.next - 1));
  walk.ledUpTo = goesOn ? item.next + AND_TOKENS : 0;
  return item.next;
}

function report(walk: Walk, path: string, field: Field): void {
  const fields = walk.found.get(path);
  if (fields) fields.push(field);
  else walk.found.set(path, [field]);
}

function noteCurrency({ page, currencies }: Walk, currency: Currency): void {
  currencies.push(fieldAt(page, page.body, currency, [currency.code], CONFIDENCE.prose));
}

/** What is read of an order besides its lines, totals and currency. */
export const PATHS = [
  ...['po_number', 'customer.name', 'customer.vat', 'customer.address', 'customer.email'],
  ...['delivery.address', 'delivery.date', 'delivery.incoterm', 'contact.name', 'contact.phone', 'notes'],
] as const;

function conclude({ found, currencies, lines: read }: TextReading): OrderExtraction {
  const fields: Record<string, Field> = {};
  const put = (path: string, field: Field | undefined): void => {
    if (field) fields[path] = field;
  };
  for (const path of PATHS) put(path, settle(found.get(path) ?? []));
  put('currency', settle([...(found.get('currency') ?? []), ...currencies]) ?? assumed(DEFAULT_CURRENCY));
  const { lines, totals } = confirmTotals(read, settledTotals(found));
  for (const [name, field] of Object.entries(totals)) put(`totals.${name}`, field);
  for (const [index, line] of lines.entries()) {
    for (const name of LINE_FIELDS) put(`lines[${index + 1}].${name}`, line[name]);
  }
  const amount = (path: string): number | null => (fields[path]?.value ?? null) as number | null;
  return {
    fields,
    lines: lines.map(extractedLine),
    totals: { subtotal: amount('totals.subtotal'), tax: amount('totals.tax'), total: amount('totals.total') },
  };
}

/** A grand total is the total; what else is called one comes before it. */
function settledTotals(found: ReadonlyMap<string, readonly Field[]>): Totals<Field> {
  const subtotal = settle(found.get('totals.subtotal') ?? []);
  const tax = settle(found.get('totals.tax') ?? []);
  const total = settle(found.get('totals.grand') ?? found.get('totals.total') ?? []);
  return { ...(subtotal && { subtotal }), ...(tax && { tax }), ...(total && { total }) };
}

function extractedLine(line: LineFields, index: number): ExtractedLine {
  const text = (field: Field | undefined): string | null => (field?.value ?? null) as string | null;
  return {
    ...{ line_no: index + 1, sku: text(line.sku), description: text(line.description) },
    ...{ uom: text(line.uom), ...pricedLine(line) },
  };
}
