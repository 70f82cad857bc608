/**
 * Values behind a label: PO number, delivery, customer, totals, currency.
 *
 * Owns: what each label takes as its value. A label whose value is not there is only a word.
 */
import { dateAt } from '../values/dates.ts';
import { CONFIDENCE, type Field, fieldAt, fieldOf, type Span, tidy } from '../values/fields.ts';
import { type Conventions, type Currency, currencyAt, type Money, moneyAt } from '../values/money.ts';
import type { Label } from './label-concepts.ts';
import { dateNear, isLoose, isNumberWord, type LabelMatch, labelAt } from './phrases.ts';
import { addressAfter, partyIn } from './places.ts';
import { type Page, skip, type Token, wordAt, words } from './tokens.ts';

/** A field that was found, and the index of the token after it. */
export interface Labeled {
  fields: readonly (readonly [path: string, Field])[];
  currency: Currency | null;
  next: number;
}

type Reader = (page: Page, at: number, match: LabelMatch, conventions: Conventions) => Labeled | null;

const INCOTERMS = words('exw fca cpt cip dap dpu ddp fas fob cfr cif');
const PO = /[A-Za-z0-9./_-]{1,41}/y;
const MIN_PO_CHARACTERS = 3;
const MAX_PO_CHARACTERS = 40;
/** What may follow a number behind a bare `order`, so that it is not a quantity. */
const AFTER_PO = words('vom von dated from of du del dal fur for pour per para on am le und and is attached');
const WEEKS = words('kw kalenderwoche week wk cw semaine sem semana settimana');
const WEEK_ENDS = words(', - / ( ;');
const COPULAS = words('is ist est es e');
const BEFORE_AMOUNT = words(
  'of is are comes to amounts amount ht ttc net brut netto brutto incl excl inkl exkl including excluding zzgl vat tax mwst ust tva iva order price the due value was will be : = ( ) . - € $ eur usd gbp chf von de di d in',
);
const AMOUNT_TOKENS = 8;
/** A person is meant. */
const TITLES = words('mr mrs ms miss mme monsieur madame herr frau senor senora sr sra sig sigra signor signora');
/** Digits without decimals beyond this are a register number. */
const MAX_BARE_DIGITS = 7;
const MAX_TEXT_TOKENS = 60;

const READERS: Readonly<Record<Label, Reader | null>> = {
  poNumber: readPoNumber,
  order: readPoNumber,
  deliveryAddress: (page, at, match) => readAddress(page, at, match, 'delivery.address'),
  deliveryDate: readDeliveryDate,
  customerName: readCustomer,
  customerAddress: (page, at, match) => (match.marked ? readAddress(page, at, match, 'customer.address') : null),
  contactName: (page, at, match) => readText(page, at, match, 'contact.name'),
  notes: (page, at, match) => readText(page, at, match, 'notes'),
  currency: readCurrency,
  incoterm: readIncoterm,
  subtotal: readAmount,
  tax: readAmount,
  total: readAmount,
  grandTotal: readAmount,
  shipping: readAmount,
  // Their patterns are looked for everywhere.
  email: null,
  phone: null,
};

/** The value of the label at the token; null if there is no label, or nothing that it could mean. */
export function labeledAt(page: Page, at: number, conventions: Conventions): Labeled | null {
  const token = page.body[at] as Token;
  if (/^po\d/.test(token.word)) return readPoNumber(page, at, { label: 'poNumber', next: at, marked: false });
  const match = labelAt(page, at);
  return match && (READERS[match.label]?.(page, at, match, conventions) ?? null);
}

/** A PO number that begins with its label, or stands behind it. */
function readPoNumber(page: Page, at: number, match: LabelMatch): Labeled | null {
  const { body } = page;
  const own = match.label === 'poNumber' && /^po/.test(wordAt(body, at)) ? poNumberAt(page, at) : null;
  // `PO is 4711`
  const from = match.label === 'poNumber' && COPULAS.has(wordAt(body, match.next)) ? match.next + 1 : match.next;
  const code = own ?? poNumberAt(page, from);
  if (!code || body[code.next - 1]?.flow !== body[at]?.flow) return null;
  if (match.label === 'order' && !isNumberWord(body[match.next - 1] as Token)) {
    const after = body[code.next];
    if (after?.line === body[at]?.line && after?.kind === 'word' && !AFTER_PO.has(after.word)) return null;
    if (after?.line === body[at]?.line && /^[x×*€$£%]$/.test(wordAt(body, code.next))) return null;
  }
  const { start } = body[own ? at : from] as Token;
  return only('po_number', fieldOf(page, start, start + code.raw.length, [code.raw], CONFIDENCE.labeled), code.next);
}

function poNumberAt({ text, body }: Page, at: number): { raw: string; next: number } | null {
  const token = body[at];
  if (!token || token.kind === 'date') return null;
  PO.lastIndex = token.start;
  const raw = PO.exec(text)?.[0].replace(/[./_-]+$/, '') ?? '';
  if (raw.length < MIN_PO_CHARACTERS || raw.length > MAX_PO_CHARACTERS || !/\d/.test(raw)) return null;
  let next = at + 1;
  while (body[next] && (body[next] as Token).start < token.start + raw.length) next += 1;
  return { raw, next };
}

function readAddress(page: Page, at: number, match: LabelMatch, path: string): Labeled | null {
  // A week is no place.
  if (afterWeek(page, match.next) > match.next) return null;
  const token = page.body[at] as Token;
  const block = match.marked || token.first;
  const span = addressAfter(page, match.next, (page.body[match.next - 1] as Token).line, block);
  return span && only(path, addressField(page, span, block ? CONFIDENCE.labeled : CONFIDENCE.prose), span.next);
}

/** The lines of an address as one line. */
export function addressField(page: Page, span: Span, confidence: number): Field {
  const field = fieldAt(page, page.body, span, [''], confidence);
  const lines = (field.raw as string).split(/[\r\n]+/).map((line) => tidy(line).replace(/,$/, ''));
  return { ...field, value: lines.join(', ') };
}

function readDeliveryDate(page: Page, at: number, match: LabelMatch, { dayFirst }: Conventions): Labeled | null {
  const from = afterWeek(page, match.next);
  const date = dateNear(page, from, dayFirst);
  if (date) {
    const labeled = match.marked || (page.body[at] as Token).first;
    const confidence = labeled ? CONFIDENCE.labeled : CONFIDENCE.prose;
    const span = { from: date.from, next: date.next };
    return only('delivery.date', fieldAt(page, page.body, span, date.readings, confidence), date.next);
  }
  const address = match.marked ? readAddress(page, at, match, 'delivery.address') : null;
  return address && /\d/.test(String(address.fields[0]?.[1].value)) ? address : null;
}

/** `KW 23, 05.06.2026`: the day is behind the week. */
function afterWeek({ body }: Page, at: number): number {
  if (!WEEKS.has(wordAt(body, at)) || body[at + 1]?.kind !== 'number') return at;
  return skip(body, at + 2, WEEK_ENDS, body[at]?.flow);
}

/** A name; behind `customer no.` stands a number, behind `buyer` also a person. */
function readCustomer(page: Page, at: number, match: LabelMatch): Labeled | null {
  const span = page.body.slice(at, match.next).some(isNumberWord) ? null : restOfLine(page, at, match);
  if (!span || !page.body.slice(span.from, span.next).some(({ kind }) => kind === 'word')) return null;
  // A name is no day, and no town with its postcode.
  if (dateAt(page.body, span.from, null) || /^\d{4,}$/.test(wordAt(page.body, span.from))) return null;
  if (TITLES.has(wordAt(page.body, span.from))) return only('contact.name', textField(page, span), span.next);
  const { name, address, next } = partyIn(page, span, false);
  if (name.from === name.next) return null;
  const field = textField(page, name);
  const fields: [string, Field][] = [['customer.name', field]];
  if (address) fields.push(['customer.address', addressField(page, address, CONFIDENCE.labeled)]);
  return { fields, currency: null, next };
}

function readText(page: Page, at: number, match: LabelMatch, path: string): Labeled | null {
  const span = restOfLine(page, at, match);
  return span && only(path, textField(page, span), span.next);
}

function textField(page: Page, span: Span): Field {
  const field = fieldAt(page, page.body, span, [''], CONFIDENCE.labeled);
  return { ...field, value: tidy(field.raw as string) };
}

/** What follows a colon, up to the end of the line, a bracket, or the next label with a colon. */
function restOfLine(page: Page, at: number, match: LabelMatch): Span | null {
  const { body } = page;
  const { line } = body[at] as Token;
  let next = match.next;
  while (body[next]?.line === line && next - match.next < MAX_TEXT_TOKENS) {
    const fresh = next > match.next && /^[,;|.]$/.test((body[next - 1] as Token).word);
    if (/^[<;|]$/.test((body[next] as Token).word) || (fresh && labelAt(page, next)?.marked)) break;
    next += 1;
  }
  while (next > match.next && isLoose(body, next - 1)) next -= 1;
  return match.marked && next > match.next ? { from: match.next, next } : null;
}

function readCurrency(page: Page, _at: number, match: LabelMatch): Labeled | null {
  const currency = currencyAt(page, match.next);
  if (!currency) return null;
  const span = { from: match.next, next: currency.next };
  return only('currency', fieldAt(page, page.body, span, [currency.code], CONFIDENCE.labeled), currency.next);
}

function readIncoterm(page: Page, _at: number, match: LabelMatch): Labeled | null {
  return incotermAt(page, match.next, CONFIDENCE.labeled);
}

/** A delivery term in capitals. */
export function incotermAt(page: Page, at: number, confidence: number): Labeled | null {
  const token = page.body[at];
  if (!token || !INCOTERMS.has(token.word)) return null;
  const raw = page.text.slice(token.start, token.end);
  if (raw !== raw.toUpperCase() || /^[:.]$/.test(wordAt(page.body, at + 1))) return null;
  return only('delivery.incoterm', fieldAt(page, page.body, { from: at, next: at + 1 }, [raw], confidence), at + 1);
}

const AMOUNT_PATHS: Partial<Record<Label, string>> = {
  subtotal: 'totals.subtotal',
  tax: 'totals.tax',
  total: 'totals.total',
  grandTotal: 'totals.grand',
};

function readAmount(page: Page, at: number, match: LabelMatch, conventions: Conventions): Labeled | null {
  const { body } = page;
  const token = body[at] as Token;
  for (let from = match.next; from < match.next + AMOUNT_TOKENS; from += 1) {
    if (body[from]?.line !== token.line) return null;
    const money = moneyAt(page, from, conventions);
    if (money && body[money.next]?.word === '%') from = money.next;
    else if (money) return isAmount(page, money, match.marked || token.first) ? amount(page, match.label, money) : null;
    else if (!BEFORE_AMOUNT.has(wordAt(body, from))) return null;
  }
  return null;
}

function isAmount({ body }: Page, money: Money, labeled: boolean): boolean {
  if (money.currency !== null) return true;
  const last = body[money.number.next - 1] as Token;
  const goesOn = body[money.next]?.line === last.line && body[money.next]?.kind === 'word';
  return labeled && !goesOn && !(money.number.next === money.number.from + 1 && isRegisterNumber(last.word));
}

const isRegisterNumber = (raw: string): boolean => raw.length > MAX_BARE_DIGITS && /^\d+$/.test(raw);

function amount(page: Page, label: Label, money: Money): Labeled {
  const path = AMOUNT_PATHS[label];
  const field = fieldAt(page, page.body, money.number, money.readings, CONFIDENCE.labeled);
  return { fields: path === undefined ? [] : [[path, field]], currency: money.currency, next: money.next };
}

const only = (path: string, field: Field, next: number): Labeled => ({ fields: [[path, field]], currency: null, next });
