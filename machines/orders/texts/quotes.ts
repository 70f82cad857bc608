/**
 * Whether a model's value stands in the text.
 *
 * Owns: finding a quote, white space collapsed, and finding a value in it: text by its characters, numbers and days by
 * what they mean under the text's own conventions. What the text leaves open stays open.
 */
import { dateAt } from '../values/dates.ts';
import type { Value } from '../values/fields.ts';
import { type Conventions, conventionsOf, isAlone, moneyAt } from '../values/money.ts';
import { plainPage, readPage, type Token } from './tokens.ts';

/** Longer is no quote. */
const MAX_QUOTE_CHARACTERS = 10_000;
const COLLAPSIBLE = /\s+/g;

export interface Quotes {
  /** The part of the value that the quote holds; undefined if the quote is not in the text or holds nothing of it. */
  located(quote: string | null, value: unknown): unknown;
  /** Where in the text the quote says the value, in UTF-16 units; null if it does not. */
  placeOf(quote: string, value: Value): Place | null;
}

interface Place {
  start: number;
  end: number;
}

/** What is said in a stretch of text, ready to be compared. */
interface Said {
  text: string;
  numbers: ReadonlySet<number>;
  days: ReadonlySet<string>;
}

interface Quote {
  whole: Said;
  rows: readonly Said[];
}

/** The quotes of a text. */
export function quotesOf(text: string): Quotes {
  const { collapsed, origins } = collapse(text);
  const conventions = conventionsOf(readPage(text));
  const find = (quote: string | null): Place | null => {
    const wanted = (quote ?? '').replace(COLLAPSIBLE, ' ').trim();
    const at = wanted === '' || wanted.length > MAX_QUOTE_CHARACTERS ? -1 : collapsed.indexOf(wanted);
    if (at === -1) return null;
    return { start: origins[at] as number, end: (origins[at + wanted.length - 1] as number) + 1 };
  };
  return {
    located(quote, value) {
      const place = find(quote);
      return place ? located(value, readQuote(text.slice(place.start, place.end), conventions)) : undefined;
    },
    placeOf(quote, value) {
      const place = find(quote);
      const own = place && placeIn(text.slice(place.start, place.end), value, conventions);
      return place && own && { start: place.start + own.start, end: place.start + own.end };
    },
  };
}

/** Where a quote says a value. */
function placeIn(quote: string, value: Value, conventions: Conventions): Place | null {
  const page = plainPage(quote);
  for (const [at, { start }] of page.body.entries()) {
    const number = typeof value === 'number' && isAlone(page.body, at) ? moneyAt(page, at, conventions) : null;
    const day = typeof value === 'string' ? dateAt(page.body, at, conventions.dayFirst) : null;
    const [only, ...others] = (number ?? day)?.readings ?? [];
    if (only !== value || others.length > 0) continue;
    const last = page.body[(number?.number ?? (day as { next: number })).next - 1] as Token;
    return { start, end: last.end };
  }
  return typeof value === 'string' ? placeOfWords(quote, value) : null;
}

function placeOfWords(quote: string, value: string): Place | null {
  const { collapsed, origins } = collapse(quote);
  const [text, wanted] = [comparable(collapsed), comparable(value)];
  const at = mentioned(text, wanted);
  if (at === -1) return null;
  // Where case or accents change lengths, the quote itself is the place.
  if (text.length !== collapsed.length) return { start: 0, end: quote.length };
  return { start: origins[at] as number, end: (origins[at + wanted.length - 1] as number) + 1 };
}

/** The text with white space collapsed, and where each of its characters comes from. */
function collapse(text: string): { collapsed: string; origins: number[] } {
  const origins: number[] = [];
  let collapsed = '';
  let from = 0;
  const copy = (upTo: number): void => {
    for (let at = from; at < upTo; at += 1) origins.push(at);
    collapsed += text.slice(from, upTo);
  };
  for (const { index, 0: space } of text.matchAll(COLLAPSIBLE)) {
    copy(index);
    origins.push(index);
    collapsed += ' ';
    from = index + space.length;
  }
  copy(text.length);
  return { collapsed, origins };
}

/** What a quote says as a whole, and row by row or sentence by sentence. */
function readQuote(quote: string, conventions: Conventions): Quote {
  const { body } = plainPage(quote);
  const starts = body.filter(({ flow }, at) => flow !== body[at - 1]?.flow).map(({ start }) => start);
  const rows = starts.map((start, index) => saidIn(quote.slice(start, starts[index + 1]), conventions));
  return { whole: saidIn(quote, conventions), rows };
}

function saidIn(text: string, conventions: Conventions): Said {
  const page = plainPage(text);
  const numbers = new Set<number>();
  const days = new Set<string>();
  for (const at of page.body.keys()) {
    const readings = isAlone(page.body, at) ? (moneyAt(page, at, conventions)?.readings ?? []) : [];
    if (readings.length === 1) numbers.add(readings[0] as number);
    const date = dateAt(page.body, at, conventions.dayFirst)?.readings ?? [];
    if (date.length === 1) days.add(date[0] as string);
  }
  return { text: comparable(text), numbers, days };
}

/** Elements of a list are kept one by one; those with several values need them in one row or sentence. */
function located(value: unknown, { whole, rows }: Quote): unknown {
  if (!Array.isArray(value)) return holds(whole, value) ? value : undefined;
  const kept = value.filter((element) =>
    typeof element === 'object' ? rows.some((row) => holds(row, element)) : holds(whole, element),
  );
  return kept.length === 0 ? undefined : kept;
}

function holds(said: Said, value: unknown): boolean {
  if (typeof value === 'number') return said.numbers.has(value);
  if (typeof value === 'string') return said.days.has(value) || mentioned(said.text, comparable(value)) !== -1;
  // A yes or no is not written; its quote is what speaks for it. Null says nothing.
  if (typeof value === 'boolean' || value === null) return true;
  return Object.values(value as object).every((member) => holds(said, member));
}

/** Where the words stand in the text, not only inside longer ones; -1 if nowhere. */
function mentioned(text: string, words: string): number {
  if (words === '') return -1;
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + 1)) {
    const inside = CONTINUED.test(text.slice(Math.max(0, at - 1), at + 1));
    if (!inside && !CONTINUED.test(text.slice(at + words.length - 1, at + words.length + 1))) return at;
  }
  return -1;
}

const CONTINUED = /^[\p{L}\p{N}]{2}$/u;

const comparable = (text: string): string => text.replace(COLLAPSIBLE, ' ').trim().normalize('NFC').toLowerCase();
