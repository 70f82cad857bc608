/**
 * The phrases of all languages, found by their first word.
 *
 * Owns: the form in which headers and phrases are compared. It is the same for both, so that whatever is dropped or split
 * is dropped or split on either side.
 */

import { foldWords, isJapanese } from './fold.ts';
import { HEADER_WORDS } from './header-words.ts';
import type { Role } from './roles.ts';

export interface Phrase {
  words: readonly string[];
  role: Role | 'nothing';
  /** Counts only if it is the whole header. */
  whole: boolean;
  /** One strength weaker than it would be. */
  weak: boolean;
}

/** Dropped between other words: `date de la tâche` is `date tâche`. */
const STOP_WORDS = new Set(
  [
    'a of the for in de du des d la le les l en del della dell dello delle di il lo los las el da do dos das',
    'der die das den fur van het w v ve za',
  ].flatMap((list) => list.split(' ')),
);
/** Shorter phrases are too likely to be other words when their spaces are left out. */
const MIN_FUSED_LETTERS = 6;
/** Last parts of German and Dutch compounds, where the first part only says of what. */
const COMPOUND_HEADS =
  'stunden zeit dauer aufwand nummer nr datum name bezeichnung beschreibung kommentar kosten betrag uren tijd omschrijving naam'.split(
    ' ',
  );
const MIN_COMPOUND_LETTERS = 3;
/** What is one word to whoever reads it. */
const SAME_WORDS: Readonly<Record<string, string>> = {
  hr: 'hour',
  hrs: 'hour',
  min: 'minute',
  mins: 'minute',
  sec: 'second',
  secs: 'second',
  std: 'stunden',
  stdn: 'stunden',
};

const byFirstWord = new Map<string, Phrase[]>();
const knownWords = new Set<string>();
for (const words of HEADER_WORDS) {
  for (const [role, lists] of Object.entries(words)) {
    for (const text of lists.flatMap((list) => list.split(', '))) addPhrase(text, role as Role | 'nothing');
  }
}
for (const phrases of byFirstWord.values()) phrases.sort((a, b) => b.words.length - a.words.length);

function addPhrase(text: string, role: Role | 'nothing'): void {
  const words = withoutStopWords(inParts(foldWords(text)));
  const phrase = { words, role, whole: text.startsWith('='), weak: /^=?~/.test(text) };
  add(phrase);
  const fused = words.join('');
  const japanese = words.some(isJapanese);
  // `time spent` is also written `timespent`.
  if (words.length > 1 && !japanese && fused.length >= MIN_FUSED_LETTERS) add({ ...phrase, words: [fused] });
}

function add(phrase: Phrase): void {
  const first = phrase.words[0] as string;
  for (const word of phrase.words) knownWords.add(word);
  byFirstWord.set(first, [...(byFirstWord.get(first) ?? []), phrase]);
}

/** Phrases that begin with the word, longest first. */
export const phrasesFrom = (word: string): readonly Phrase[] => byFirstWord.get(word) ?? [];

/** The words of a header in the form in which phrases are: Japanese by characters, compounds by their parts. */
export const comparable = (words: readonly string[]): string[] =>
  withoutStopWords(inParts(words).flatMap((word) => compoundParts(word)));

function inParts(words: readonly string[]): string[] {
  return words.flatMap((word) => (isJapanese(word) ? [...word] : [SAME_WORDS[word] ?? word]));
}

function compoundParts(word: string): string[] {
  if (knownWords.has(word)) return [word];
  const head = COMPOUND_HEADS.find((end) => word.length >= end.length + MIN_COMPOUND_LETTERS && word.endsWith(end));
  return head ? [word.slice(0, -head.length), head] : [word];
}

function withoutStopWords(words: readonly string[]): string[] {
  return words.filter((word, index) => index === 0 || index === words.length - 1 || !STOP_WORDS.has(word));
}
