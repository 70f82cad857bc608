/**
 * Order text as tokens.
 *
 * Owns: what is a word, a number, a date and a mark, and which lines are one flow because a mail program has wrapped
 * them. Each token is made once and looked at a bounded number of times, so hostile text costs linear time.
 */
import { readNumericDate } from '../values/numeric-dates.ts';
import { linesOf, type Part, type TextLine } from './parts.ts';

export interface Token {
  kind: 'word' | 'number' | 'date' | 'mark';
  /** Words in lower case and without accents; numbers, dates and marks as they are. */
  word: string;
  /** Offsets in the text, UTF-16 units. */
  start: number;
  end: number;
  /** White space or the beginning of the line is before it. */
  spaced: boolean;
  /** Index of its line. */
  line: number;
  /** Lines that a wrap has torn apart share a flow; a sentence never goes beyond it. */
  flow: number;
  /** First token of its line. */
  first: boolean;
}

/** A text, its lines, and the tokens of what its writer says now. */
export interface Page {
  text: string;
  lines: readonly TextLine[];
  body: readonly Token[];
  signature: readonly Token[];
  /** Remembers by index whether something begins at a token that ends a description, so that it is asked once. */
  stops: Map<number, boolean>;
}

const DATE = /\d{4}([-./])\d{1,2}\1\d{1,2}(?![\d/-]|\.\d)|\d{1,2}([-./])\d{1,2}\2(?:\d{4}|\d{2})(?![\d/-]|\.\d)/y;
const NUMBER = /\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,'’]\d+)*/y;
const WORD = /(?:EUR|USD|GBP|CHF)(?=\d)|\p{L}[\p{L}\p{M}\p{N}_]*/uy;
const SPACE = /[^\S\r\n]+/y;
/** A line that may have been wrapped by a mail program. */
const WRAP_CHARACTERS = 60;
/** Words that no sentence ends with, and those that none begins with in lower case. */
const OPEN_ENDS = words(
  'of de di von du des del della x × at @ a zu and et und y e for pour fur para per by bis to the',
);
const OPEN_STARTS = words('of de di von at @ zu and et und by before bis pour entro to for each per');

/** Reads a text; `choose` may give its lines other parts. */
export function readPage(text: string, choose = (lines: TextLine[]): TextLine[] => lines): Page {
  const lines = choose(linesOf(text));
  const tokens: Record<Part, Token[]> = { body: [], quoted: [], signature: [] };
  let flow = 0;
  for (const [index, line] of lines.entries()) {
    if (line.part === 'quoted') continue;
    const own = tokensOf(text, line, index);
    const before = tokens[line.part].at(-1);
    if (!continues(text, before, own[0], lines)) flow += 1;
    for (const token of own) tokens[line.part].push({ ...token, flow });
  }
  return { text, lines, body: tokens.body, signature: tokens.signature, stops: new Map() };
}

/** All of a text, what is quoted and the signature too. */
export const plainPage = (text: string): Page =>
  readPage(text, (lines) => lines.map((line) => ({ ...line, part: 'body' })));

/** A set of space-separated words. */
export function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** The word of a token; empty beyond the ends. */
export const wordAt = (tokens: readonly Token[], at: number): string => tokens[at]?.word ?? '';

/** Whether a word begins with a capital letter. */
export const isCapital = (text: string, { start }: Token): boolean => /^\p{Lu}$/u.test(text.charAt(start));

/** A capital letter by itself names a thing: `Widget A at $10`. */
export function isLetter({ text, body }: Page, at: number): boolean {
  const token = body[at];
  return token?.word.length === 1 && isCapital(text, token);
}

/** Index after one token of the set in the same flow. */
export function skip(tokens: readonly Token[], at: number, set: ReadonlySet<string>, flow: number | undefined): number {
  return tokens[at]?.flow === flow && set.has(wordAt(tokens, at)) ? at + 1 : at;
}

/** Lower case, without accents and compatibility forms. */
export function fold(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: asks whether the text is ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss');
}

function tokensOf(text: string, { start, end }: TextLine, line: number): Token[] {
  const tokens: Token[] = [];
  let spaced = true;
  for (let at = start; at < end; ) {
    const space = matchAt(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      spaced = true;
      continue;
    }
    const attached = spaced ? undefined : tokens.at(-1);
    const { kind, raw } = tokenAt(text, at, attached);
    const word = kind === 'word' ? fold(raw) : raw;
    tokens.push({ kind, word, start: at, end: at + raw.length, spaced, line, flow: 0, first: tokens.length === 0 });
    at += raw.length;
    spaced = false;
  }
  return tokens;
}

function tokenAt(text: string, at: number, attached: Token | undefined): { kind: Token['kind']; raw: string } {
  // What hangs on a word or a hyphen is part of a code: `A-12-34-2026`.
  const date = attached && attached.word !== '(' && attached.word !== ':' ? undefined : matchAt(DATE, text, at);
  if (date !== undefined && readNumericDate(date, null).length > 0) return { kind: 'date', raw: date };
  const number = matchAt(NUMBER, text, at);
  if (number !== undefined) return { kind: 'number', raw: number };
  const word = matchAt(WORD, text, at);
  if (word !== undefined) return { kind: 'word', raw: word };
  return { kind: 'mark', raw: String.fromCodePoint(text.codePointAt(at) as number) };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Whether a line that begins with `next` goes on with the sentence that `last` is in. */
function continues(
  text: string,
  last: Token | undefined,
  next: Token | undefined,
  lines: readonly TextLine[],
): boolean {
  if (!last || !next || next.line !== last.line + 1) return false;
  if (next.kind === 'number' || isCapital(text, next)) return false;
  if (OPEN_ENDS.has(last.word) && !isCapital(text, last)) return true;
  const { start, end } = lines[last.line] as TextLine;
  const wrapped = end - start >= WRAP_CHARACTERS && next.kind === 'word' && !/^[.:;!?]$/.test(last.word);
  return wrapped || OPEN_STARTS.has(next.word);
}
