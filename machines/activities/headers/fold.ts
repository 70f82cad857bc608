/**
 * The words of a header, so that `TimeSpent`, `time_spent`, `TIME-SPENT` and `Time spent` are the same two words.
 *
 * Owns: case, accents, compound spellings, brackets. Does not own what the words mean. Work is linear in the header, of
 * which no more than `MAX_HEADER_CODE_POINTS` are read.
 */

export const MAX_HEADER_CODE_POINTS = 200;

export interface FoldedHeader {
  /** Lower case, without accents and plural s; Japanese is kept whole; `σ`, `%`, `#` and signs of currencies are words. */
  words: string[];
  /** Words of each pair of brackets, inner brackets included. */
  bracketed: string[][];
}

const COMBINING_MARKS = /[\u0300-\u036f]/g;
/** What has no decomposition, but is written without the letter where keyboards lack it. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ł: 'l',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};
const WITHOUT_DECOMPOSITION = /[łßæœøđðþı]/g;
const OPENING = '([{';
const CLOSING = ')]}';
/** Signs that say something by themselves. `∑` is the sign for sums, `Σ` the letter that is used in its place. */
const SIGN_WORDS: Readonly<Record<string, string>> = {
  Σ: 'σ',
  '∑': 'σ',
  '%': '%',
  '#': '#',
  '€': '€',
  $: '$',
  '£': '£',
  '¥': '¥',
};
/** Words that mean something else without their s: French `heures` are hours and `heure` a time of day,
 * English `tags` are labels and German `tag` is a day. */
const KEPT_WITH_S = new Set(['heures', 'horas', 'temps', 'dias', 'jours', 'mars', 'tags', 'days']);
const MIN_PLURAL_LETTERS = 4;

type CharacterClass = 'upper' | 'lower' | 'digit' | 'japanese' | 'none';

/** The words of a header. */
export function foldHeader(header: string): FoldedHeader {
  const folded: FoldedHeader = { words: [], bracketed: [] };
  const characters = plainCharacters(header);
  let depth = 0;
  let words = folded.words;
  let word = '';
  let before: CharacterClass = 'none';
  const finish = () => {
    if (word) words.push(singular(plain(word)));
    word = '';
    before = 'none';
  };
  for (const [index, character] of characters.entries()) {
    const sign = SIGN_WORDS[character];
    const now = sign ? 'none' : classOf(character);
    if (now === 'none') {
      finish();
      if (sign) words.push(sign);
      if (OPENING.includes(character) && depth++ === 0) {
        words = [];
        folded.bracketed.push(words);
      }
      if (CLOSING.includes(character) && depth > 0 && --depth === 0) words = folded.words;
      continue;
    }
    if (startsWord(before, now, characters[index + 1])) finish();
    word += character;
    before = now;
  }
  finish();
  folded.bracketed = folded.bracketed.filter((inner) => inner.length > 0);
  return folded;
}

/** The words of a text in one list, what is in brackets at the end. */
export function foldWords(text: string): string[] {
  const { words, bracketed } = foldHeader(text);
  return [...words, ...bracketed.flat()];
}

/** True for kana and ideographs, which no spaces separate into words. */
export const isJapanese = (text: string): boolean => /^[\u3005\u3040-\u30ff\u3400-\u9fff]/.test(text);

function plainCharacters(header: string): string[] {
  // A code point has one or two UTF-16 units, so the first cut never loses one that counts. Decomposition may lengthen
  // the text (one ligature stands for four words), hence the second cut.
  const start = [...header.slice(0, 2 * MAX_HEADER_CODE_POINTS)].slice(0, MAX_HEADER_CODE_POINTS).join('');
  const composed = start.normalize('NFKD').replace(COMBINING_MARKS, '').normalize('NFC');
  return [...composed].slice(0, MAX_HEADER_CODE_POINTS);
}

function classOf(character: string): CharacterClass {
  if (isJapanese(character)) return 'japanese';
  if (/\p{N}/u.test(character)) return 'digit';
  if (!/\p{L}/u.test(character)) return 'none';
  return character === character.toLowerCase() ? 'lower' : 'upper';
}

/** `timeSpent` has a border before S, `SLATime` before T, `worklog時間` before 時. Digits go with what they follow. */
function startsWord(before: CharacterClass, now: CharacterClass, next: string | undefined): boolean {
  if (before === 'none') return false;
  if (before === 'japanese' || now === 'japanese') return before !== now && before !== 'digit' && now !== 'digit';
  if (now !== 'upper') return false;
  if (before === 'lower') return true;
  return before === 'upper' && next !== undefined && classOf(next) === 'lower';
}

/** After words are told apart by their capitals, because one letter becomes two. */
const plain = (word: string): string =>
  word.toLowerCase().replace(WITHOUT_DECOMPOSITION, (letter) => PLAIN_LETTERS[letter] as string);

function singular(word: string): string {
  if (word.length < MIN_PLURAL_LETTERS || !word.endsWith('s') || word.endsWith('ss')) return word;
  return KEPT_WITH_S.has(word) ? word : word.slice(0, -1);
}
