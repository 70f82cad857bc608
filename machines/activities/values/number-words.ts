/**
 * Durations in words alone: `half an hour`, `eine Stunde`, `une demi-heure`.
 *
 * Owns: the few number words that people write in front of a unit. Longer numbers are written in digits.
 */
import type { TimeUnit } from '../tables.ts';
import { unitOfWord } from './units.ts';

const NUMBERS: ReadonlyMap<string, number> = new Map(
  [
    'a an one eine ein einer un une uno una um uma een jedna jeden jedno:1',
    'two zwei deux dos due dois duas twee dwa dwie dva dve:2',
    'three drei trois tres tre três drie trzy tri:3',
    'four vier quatre cuatro quattro quatro cztery ctyri:4',
    'half halbe halber halben demi demie media medio mezza mezzo meia meio halve pol pul:0.5',
    'quarter viertel quart cuarto kwartier:0.25',
    'anderthalb anderthalbe eineinhalb:1.5',
  ].flatMap((line) => {
    const [words = '', value] = line.split(':');
    return words.split(' ').map((word) => [word, Number(value)] as const);
  }),
);
const FILLERS = new Set(['of', 'de', "d'", 'hora']);
const MAX_CHARACTERS = 40;
const MAX_WORDS = 5;

/** Number and unit of a text without digits; null if it is anything else. */
export function wordsDuration(text: string): { value: number; unit: TimeUnit } | null {
  if (text.length > MAX_CHARACTERS || /\d/.test(text)) return null;
  const words = text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ł/g, 'l')
    .split(/[\s-]+|(?<=')/, MAX_WORDS)
    .filter((word) => word !== '');
  const unit = unitOfWord(words.at(-1) ?? '');
  if (unit === null || words.length < 2 || words.length === MAX_WORDS) return null;
  let value = 1;
  let counted = false;
  for (const word of words.slice(0, -1)) {
    const number = NUMBERS.get(word);
    if (number === undefined && !FILLERS.has(word)) return null;
    counted ||= number !== undefined;
    value *= number ?? 1;
  }
  return counted ? { value, unit } : null;
}
