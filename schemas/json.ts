/**
 * JSON text to value, total: hostile text gives a problem in words, in linear time, and never a throw.
 *
 * Owns: the limits that the parser does not know (nesting, finite numbers). Keeps I11.
 */

/** Deepest nesting of lists and objects in anything that comes from outside. */
export const MAX_NESTING = 32;

const PROBLEM_MAX_CHARACTERS = 200;
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
  } catch (error) {
    return { ok: false, problem: (error as SyntaxError).message.slice(0, PROBLEM_MAX_CHARACTERS) };
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

/** Recursion is bounded: only called for values whose text passed {@link nestsDeeperThan}. */
function allFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  for (const key in value) if (!allFinite((value as Record<string, unknown>)[key])) return false;
  return true;
}
