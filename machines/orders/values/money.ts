/**
 * Amounts next to a currency, and numbers whose thousands are set apart by spaces.
 *
 * Owns: what of several tokens is one amount, and the conventions of a document that its numbers and dates settle.
 */

import type { Page, Token } from '../texts/tokens.ts';
import type { Span } from './fields.ts';
import { type DecimalMark, decimalMarkOf, readNumber } from './numbers.ts';
import { dayFirstOf } from './numeric-dates.ts';
import { currencyCode, dollarOf } from './units.ts';

/** What one document settles for all its numbers and dates. */
export interface Conventions {
  decimalMark: DecimalMark | null;
  dayFirst: boolean | null;
}

/** An ISO 4217 code and where it stands. */
export interface Currency extends Span {
  code: string;
}

export interface Money {
  readings: readonly number[];
  currency: Currency | null;
  /** Tokens of the number alone. */
  number: Span;
  /** Index of the token after number and currency. */
  next: number;
}

/** The conventions by what the writer says now, signature included. */
export function conventionsOf({ body, signature }: Page): Conventions {
  const all = [...body, ...signature];
  return {
    decimalMark: decimalMarkOf(all.filter((_, at) => isAlone(all, at)).map(({ word }) => word)),
    dayFirst: dayFirstOf(all.filter(({ kind }) => kind === 'date').map(({ word }) => word)),
  };
}

/** Whether the token is a number that is no part of a code such as `A-1.5` or `2/3`. */
export function isAlone(tokens: readonly Token[], at: number): boolean {
  const [before, token, after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (token?.kind !== 'number') return false;
  const ends = !after || after.spaced || after.line !== token.line || !/^[-/#_]$/.test(after.word);
  return ends && (token.spaced || !before || (before.kind === 'mark' && !/^[-/#_.°]$/.test(before.word)));
}

/** A number with or without a currency before or behind it. */
export function moneyAt(page: Page, at: number, { decimalMark }: Conventions): Money | null {
  const tokens = page.body;
  const before = currencyAt(page, at);
  const from = before?.next ?? at;
  const first = tokens[from];
  if (first?.kind !== 'number' || first.flow !== tokens[at]?.flow) return null;
  const next = endOfNumber(page, from);
  const raw = page.text.slice(first.start, (tokens[next - 1] as Token).end);
  const readings = readNumber(raw.replaceAll(' ', '\u00a0'), decimalMark);
  if (readings.length === 0) return null;
  const after = before ?? (tokens[next]?.line === first.line ? currencyAt(page, next) : null);
  return {
    readings,
    currency: after,
    number: { from, next },
    next: before ? next : (after?.next ?? next),
  };
}

/** A currency that begins at the token. */
export function currencyAt({ text, body }: Page, at: number): Currency | null {
  const [token, after] = [body[at], body[at + 1]];
  if (!token) return null;
  const dollar = after?.word === '$' && !after.spaced ? dollarOf(token.word) : undefined;
  if (dollar !== undefined) return { code: dollar, from: at, next: at + 2 };
  const code = currencyCode(text.slice(token.start, token.end), token.word);
  return code === undefined ? null : { code, from: at, next: at + 1 };
}

/** Takes in `234,50` after `1 `. */
function endOfNumber({ body }: Page, from: number): number {
  let next = from + 1;
  while (isGroup(body[next - 1] as Token, body[next])) next += 1;
  return next;
}

function isGroup(before: Token, token: Token | undefined): boolean {
  const adjoins = token?.line === before.line && token.start === before.end + 1;
  return adjoins && /^\d{1,3}$/.test(before.word) && /^\d{3}(?:[.,]\d{1,3})?$/.test(token.word);
}
