/**
 * What a text says once numbers, dates, ids, months and names are masked: a small set of words.
 *
 * Owns: masking and cutting into words. What is masked takes no part in comparing two texts; what is left is compared
 * as a set. Work is linear in the part of the text that is looked at.
 */
import { firstCodePoints } from './code-points.ts';
import { CALENDAR_WORDS, fold, isAscii, STARTS_UNSPACED, UNSPACED_RUN } from './masks.ts';

/** What an activity is stands at the beginning of its text. */
const LOOKED_AT_CODE_POINTS = 240;
const MAX_TOKENS = 40;

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** As issue trackers number things: `ABC-123`. */
const ISSUE_KEY = /(?<![\p{L}\p{N}])[A-Z][A-Z0-9_]{1,9}-\d{1,12}(?![\p{L}\p{N}])/gu;
const ASCII_RUN = /[a-z0-9]+/g;
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
const HAS_NUMBER = /\p{N}/u;
const PIECES = /\p{N}+|[^\p{N}]+/gu;
const HEXADECIMAL = /^[0-9a-f]{6,}$/;
/** Letters and digits in turns are a code, as `x7k9q2`. */
const CODE_PIECES = 5;
/** Letters at a number are its unit or its prefix: `2h`, `q3`, `kw12`, `3rd`. */
const UNIT_LETTERS = 2;
/** Likewise characters that count days, hours and pieces. */
const COUNTERS = /^[年月日時分秒週号回件人个個天点點]/u;
const LONGEST_NAME_CHARACTERS = 6;

/** Distinct words in the order of the text, 40 at most. @param names folded, as of `namesOf` */
export function tokensOf(text: string, names: ReadonlySet<string>): string[] {
  const words = new Set<string>();
  const masked = new Set<string>();
  const addWord = (word: string): void => {
    (CALENDAR_WORDS.has(word) || names.has(word) ? masked : words).add(word);
  };
  const folded = fold(withoutIds(firstCodePoints(text, LOOKED_AT_CODE_POINTS)));
  // Most texts are ASCII, and need no look at scripts.
  const ascii = isAscii(folded);
  for (const run of folded.match(ascii ? ASCII_RUN : RUN) ?? []) {
    for (const piece of HAS_NUMBER.test(run) ? lettersOf(run) : [run]) {
      if (ascii) addWord(piece);
      else {
        for (const part of piece.match(UNSPACED_RUN) ?? []) {
          if (STARTS_UNSPACED.test(part)) addPairs(part, names, words);
          else addWord(part);
        }
      }
    }
    if (words.size >= MAX_TOKENS) break;
  }
  // A text of nothing but names and months is still about something: “Support” may be a person's name and a task.
  const left = words.size > 0 ? words : masked;
  return left.size > MAX_TOKENS ? [...left].slice(0, MAX_TOKENS) : [...left];
}

/** Ids that these expressions know have a hyphen. */
const withoutIds = (text: string): string =>
  text.includes('-') ? text.replace(UUID, ' ').replace(ISSUE_KEY, ' ') : text;

/** The words in a run that has digits; none if it is a number or a code. */
function lettersOf(run: string): string[] {
  const pieces = run.match(PIECES) ?? [];
  if (HEXADECIMAL.test(run) || pieces.length >= CODE_PIECES) return [];
  return pieces.flatMap((piece, at) => {
    if (HAS_NUMBER.test(piece)) return [];
    if (STARTS_UNSPACED.test(piece))
      return at > 0 ? [piece.replace(COUNTERS, '')].filter((left) => left !== '') : [piece];
    return piece.length <= UNIT_LETTERS ? [] : [piece];
  });
}

/** Pairs of neighboring characters; a name inside ends one run of pairs and begins another. */
function addPairs(run: string, names: ReadonlySet<string>, words: Set<string>): void {
  const characters = [...run];
  let from = 0;
  for (let at = 0; at <= characters.length; ) {
    const length = at === characters.length ? 0 : nameLengthAt(characters, at, names);
    if (at < characters.length && length === 0) {
      at += 1;
      continue;
    }
    if (at - from === 1) words.add(characters[from] as string);
    for (let i = from; i + 1 < at; i += 1) words.add(`${characters[i]}${characters[i + 1]}`);
    at += Math.max(1, length);
    from = at;
  }
}

function nameLengthAt(characters: readonly string[], at: number, names: ReadonlySet<string>): number {
  if (names.size === 0) return 0;
  for (let length = LONGEST_NAME_CHARACTERS; length > 1; length -= 1) {
    if (names.has(characters.slice(at, at + length).join(''))) return Math.min(length, characters.length - at);
  }
  return 0;
}
