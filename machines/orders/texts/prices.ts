/**
 * The price of an order line: `at $10 each`, `, 2,50 € / Stk`, `= 50 EUR`.
 *
 * Owns: which amounts are a unit price, which the total of a line, and prices per 100.
 */

import { decimal, times, toNumber } from '../values/decimals.ts';
import { CONFIDENCE, type Field, fieldAt } from '../values/fields.ts';
import { type Conventions, currencyAt, type Money, moneyAt } from '../values/money.ts';
import { isUnit } from '../values/units.ts';
import { CLOSING } from './article-codes.ts';
import { isLetter, type Page, skip, type Token, wordAt, words } from './tokens.ts';

const AT = words('at @ a zu je price preis prix precio prezzo ep pu');
/** What joins two lines. */
export const AND = words('and et und y e & + plus sowie');
const EACH = words('each ea apiece chacun chacune piece cad cadauno cadauna ciascuno ciascuna stuck');
const PER = words('per pro par por je / l la le das al the a cada c un une una the die p');
const PER_WHAT = words('unidad uno una un unite piece pieza pezzo pz ud stuck stk unit item u each cada');
const EQUALS = words('= total totaling totalling insgesamt zusammen totale');
const BASES = words('10 100 1000');
const SEPARATORS = words(', - – — ( : for pour fur por');
const BEFORE_PRICE = new Set([...SEPARATORS, ...AT, ...EQUALS]);
const JE = words('je');
const COLON = words(': of');

export interface Price {
  /** `total`: by a word, which may speak of the line or of the order. */
  kind: 'unit_price' | 'total_price' | 'total' | 'unknown';
  money: Money;
  next: number;
}

/** `at $10 each`, `, 2,50 € / Stk`, `= 50 EUR`, with what separates it from the description. */
export function priceAt(page: Page, at: number, conventions: Conventions): Price | null {
  const { body } = page;
  const { flow, kind, word } = body[at] as Token;
  if (kind === 'word' && !BEFORE_PRICE.has(word) && !currencyAt(page, at)) return null;
  const separated = skip(body, at, SEPARATORS, flow);
  const introduced = isLetter(page, separated) ? separated : skip(body, skip(body, separated, AT, flow), JE, flow);
  const equal = introduced === separated ? skip(body, separated, EQUALS, flow) : separated;
  const from = Math.max(introduced, skip(body, equal, COLON, flow));
  const money = body[from]?.flow === flow ? moneyAt(page, from, conventions) : null;
  if (!money) return null;
  const each = endOfEach(page, money.next, flow);
  const closed = skip(body, each, CLOSING, flow);
  if (equal > separated) {
    return { kind: wordAt(body, separated) === '=' ? 'total_price' : 'total', money, next: closed };
  }
  if (introduced > separated) {
    const bare = money.currency === null && each === money.next;
    const goesOn = body[money.next]?.flow === flow && body[money.next]?.kind === 'word';
    return bare && goesOn && !AND.has(wordAt(body, money.next)) ? null : { kind: 'unit_price', money, next: closed };
  }
  if (each > money.next && (money.currency !== null || separated > at))
    return { kind: 'unit_price', money, next: closed };
  return money.currency === null ? null : { kind: 'unknown', money, next: closed };
}

/** Index after `each`, `per unit`, `/ Stk`; `at` if it is not there. */
function endOfEach({ body }: Page, at: number, flow: number): number {
  if (body[at]?.flow !== flow) return at;
  let next = skip(body, at, PER, flow);
  next = skip(body, next, words("' ’ /"), flow);
  next = skip(body, next, PER, flow);
  const word = body[next]?.flow === flow ? wordAt(body, next) : '';
  if (next === at) return EACH.has(word) ? at + 1 : at;
  return PER_WHAT.has(word) || isUnit(word) || BASES.has(word) ? next + 1 : at;
}

/** The price as a number; `per 100` is divided exactly. */
export function priceField(page: Page, { money, next }: Price): Field {
  const basis = page.body.slice(money.next, next).find(({ word }) => BASES.has(word));
  const per = { units: 1n, scale: (basis?.word.length ?? 1) - 1 };
  const readings = money.readings.map((value) => toNumber(times(decimal(value), per)));
  return fieldAt(page, page.body, money.number, readings, CONFIDENCE.prose);
}
