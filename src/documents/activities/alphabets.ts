/**
 * How likely the letters beyond ASCII of a text are in a real language.
 *
 * Owns: alphabets, and where signs stand in real texts. Probabilities are natural logarithms. Pure.
 */

/** Letters beyond ASCII of languages, the most frequent first. Cyrillic and Greek letters stand for all of theirs. */
const LETTERS = {
  bg: 'аоеитнрсвлпкдмзяъугбчйжхщцшюьф',
  cs: 'íáéýěčřšžůúóňťď',
  da: 'øåæéö',
  de: 'üäößé',
  el: 'αοιετσνηυρπκμλςόίάγέήδώωχθύφβξζψϊϋ',
  es: 'óíáéñúü',
  et: 'äõüöšž',
  fi: 'äöåéšž',
  fr: 'éèàêçôâîûùïëœü',
  hr: 'šžčćđ',
  hu: 'áéöóőüíúű',
  is: 'áíðéóþöúýæ',
  it: 'àèùòìéóî',
  lt: 'ėšųžįąčūę',
  lv: 'āīēšļūžņģčķ',
  nl: 'éëïèüöá',
  pl: 'łążęóśćńź',
  pt: 'ãçáéíóõêúâàôü',
  ro: 'ăîţşâșțé',
  ru: 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё',
  sk: 'áíéýčžšľúťôóňďäĺŕ',
  sl: 'čšž',
  sr: 'аиоенсртјкувмдплзгбчшцњјљћхђжџф',
  sv: 'äåöéü',
  tr: 'ıüşçöğâî',
  uk: 'оаинітервсклдпумзяьбгчйїхєжцюшщґф',
} as const;

export type Language = keyof typeof LETTERS;

/** No letter of the language; and what no text has, as signs in the middle of words. */
const FOREIGN = -7;
const FAULT = -11;
const SIGN = -4;

/** Logarithms of probabilities by letter; the second letter is about two thirds as frequent as the first, and so on. */
const LIKELIHOODS = new Map(
  Object.entries(LETTERS).map(([language, letters]): [string, ReadonlyMap<string, number>] => {
    const all = Array.from(letters);
    const total = all.reduce((sum, _, i) => sum + 1 / (i + 2), 0);
    return [language, new Map(all.map((letter, i) => [letter, Math.log(1 / (i + 2) / total)]))];
  }),
);

const LETTER = /\p{L}/u;
const UPPER = /\p{Lu}/u;
const LOWER = /\p{Ll}/u;
/** What may stand before, after or between words. */
const PUNCTUATION = new Set('–—‘’‚“”„«»‹›…•·§©®™€£¥°º¿¡\u00a0\u202f×½¼²³');
const OPENING = new Set('–—‘“„«‹•·§©€£¥¿¡\u00a0\u202f×');

/** Logarithm of how likely the characters beyond ASCII are, in the one of these languages that fits them best. */
export function likelihoodOf(text: string, languages: readonly Language[]): number {
  const counts = new Map<string, number>();
  let signs = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) < 0x80) continue;
    const char = text[at] as string;
    const before = text[at - 1] ?? ' ';
    const after = text[at + 1] ?? ' ';
    if (!LETTER.test(char) || char === 'º' || char === 'ª') signs += signLikelihood(char, before, after);
    else if (isMisplaced(char, before, after)) signs += FAULT;
    else {
      const letter = char.toLowerCase();
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  let best = Number.NEGATIVE_INFINITY;
  for (const language of languages) {
    const known = LIKELIHOODS.get(language);
    let sum = 0;
    for (const [letter, count] of counts) sum += count * (known?.get(letter) ?? FOREIGN);
    best = Math.max(best, sum);
  }
  return best + signs;
}

/** A capital inside a word, or two scripts in one. */
function isMisplaced(char: string, before: string, after: string): boolean {
  if (UPPER.test(char) && LOWER.test(before)) return true;
  const isLatin = char < '\u0250';
  return [before, after].some((other) => LETTER.test(other) && other < '\u0250' !== isLatin);
}

function signLikelihood(char: string, before: string, after: string): number {
  const betweenLetters = LETTER.test(before) && LETTER.test(after);
  if (!PUNCTUATION.has(char)) return FAULT;
  if (betweenLetters) return char === '’' || char === '·' || char === '–' || char === '\u00a0' ? SIGN : FAULT;
  return LETTER.test(after) && !OPENING.has(char) ? FAULT : SIGN;
}
