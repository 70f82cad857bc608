/**
 * JSON text to value, total: hostile text gives a problem in words, in linear time, and never a throw.
 *
 * Owns: the limits that the parser does not know (nesting, finite numbers), and saying where a text stops being JSON
 * without quoting it, as the parser would: texts are others' secrets. Keeps I11.
 */

/** Deepest nesting of lists and objects in anything that comes from outside. */
export const MAX_NESTING = 32;

/** Only a text that spells a number this large can hold one; the values of others are not walked. */
const MAYBE_INFINITE = /\de\+?\d{2}|\d{300}/i;

export type Parsed = { ok: true; value: unknown } | { ok: false; problem: string };

/** Parses JSON text that nests no deeper than {@link MAX_NESTING} and holds finite numbers only. */
export function parseJson(text: string): Parsed {
  // Before parsing: a megabyte of brackets takes the parser a hundred times longer than this scan.
  if (nestsDeeperThan(text, MAX_NESTING)) return { ok: false, problem: `nested deeper than ${MAX_NESTING} levels` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const at = jsonPrefix(text);
    return { ok: false, problem: `unexpected ${at < text.length ? 'character' : 'end'} at position ${at}` };
  }
  if (MAYBE_INFINITE.test(text) && !allFinite(value)) return { ok: false, problem: 'number out of range' };
  return { ok: true, value };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Whether lists and objects in JSON text nest deeper than `levels`. Text that is no JSON gives some answer. */
export function nestsDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > levels) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return false;
}

const BLANKS = /[ \t\n\r]*/y;
const WHOLE = /0|[1-9]\d*/y;
const DIGITS = /\d+/y;
const EXPONENT = /[eE][+-]?/y;
const HEX = /[0-9a-fA-F]/y;
const ESCAPED = /["\\/bfnrt]/y;
const WORDS = ['true', 'false', 'null'];
const LAST_CONTROL = 0x1f;

/**
 * How many characters of a text that is no JSON some JSON text could begin with: the position of the first that is
 * wrong, or the text's length if it ends too early. Its nesting must be within {@link MAX_NESTING}.
 */
function jsonPrefix(text: string): number {
  let at = 0;
  // Each of these moves behind what it expects, or to the first wrong character, and gives whether there was none.
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found !== null;
  };
  const word = (expected: string): boolean => {
    for (const character of expected) {
      if (text[at] !== character) return false;
      at++;
    }
    return true;
  };
  const string = (): boolean => {
    if (!word('"')) return false;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return word('"');
      if (code <= LAST_CONTROL) return false;
      if (code === BACKSLASH) {
        at++;
        if (text[at] === 'u') {
          at++;
          if (!(skip(HEX) && skip(HEX) && skip(HEX) && skip(HEX))) return false;
        } else if (!skip(ESCAPED)) return false;
        at--;
      }
    }
    return false;
  };
  const number = (): boolean => {
    if (text[at] === '-') at++;
    if (!skip(WHOLE)) return false;
    if (text[at] === '.') {
      at++;
      if (!skip(DIGITS)) return false;
    }
    return !skip(EXPONENT) || skip(DIGITS);
  };
  const members = (close: string, member: () => boolean): boolean => {
    at++;
    skip(BLANKS);
    if (text[at] === close) return word(close);
    for (;;) {
      if (!member()) return false;
      skip(BLANKS);
      if (text[at] === close) return word(close);
      if (!word(',')) return false;
      skip(BLANKS);
    }
  };
  const value = (): boolean => {
    skip(BLANKS);
    const first = text[at];
    if (first === '{') return members('}', () => string() && skip(BLANKS) && word(':') && value());
    if (first === '[') return members(']', value);
    if (first === '"') return string();
    const expected = WORDS.find((one) => one[0] === first);
    return expected ? word(expected) : number();
  };
  if (value()) skip(BLANKS);
  return at;
}

/** Recursion is bounded: only called for values whose text passed {@link nestsDeeperThan}. */
function allFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  for (const key in value) if (!allFinite((value as Record<string, unknown>)[key])) return false;
  return true;
}

/** A key as it stands in a JSON pointer. */
export const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
