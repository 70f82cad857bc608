/** The words of all languages. */
import type { HeaderWords } from './roles.ts';
import { CZECH } from './words-czech.ts';
import { DUTCH } from './words-dutch.ts';
import { ENGLISH } from './words-english.ts';
import { ENGLISH_QUANTITIES } from './words-english-quantities.ts';
import { FRENCH } from './words-french.ts';
import { GERMAN } from './words-german.ts';
import { ITALIAN } from './words-italian.ts';
import { JAPANESE } from './words-japanese.ts';
import { POLISH } from './words-polish.ts';
import { PORTUGUESE } from './words-portuguese.ts';
import { SPANISH } from './words-spanish.ts';

export const HEADER_WORDS: readonly HeaderWords[] = [
  ENGLISH,
  ENGLISH_QUANTITIES,
  GERMAN,
  FRENCH,
  SPANISH,
  ITALIAN,
  PORTUGUESE,
  DUTCH,
  POLISH,
  CZECH,
  JAPANESE,
];
