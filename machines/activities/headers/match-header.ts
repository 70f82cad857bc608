/**
 * What a header names: its roles, best first.
 *
 * Owns: finding phrases in headers, and which of several phrases counts. The longest phrase covers those inside it
 * (`start time` is no time), and a header that names an id, a moment or a price is nothing else (`Task ID` is no task,
 * `Cost per hour` no duration). Work per header is bounded by its length: a word leads straight to the phrases that begin
 * with it.
 */

import { foldHeader, isJapanese } from './fold.ts';
import { comparable, type Phrase, phrasesFrom } from './phrases.ts';
import { ROLES, type Role } from './roles.ts';
import { isCurrency, isTimeUnit, isTrailing } from './trailing-words.ts';

export interface RoleMatch {
  role: Role;
  /** 4 the whole header is the phrase, 3 its last words are, 2 its first words are, 1 it contains it as whole words. */
  strength: 1 | 2 | 3 | 4;
  /** The phrase as it was folded, words separated by spaces. */
  phrase: string;
}

interface Occurrence extends Phrase {
  start: number;
  /** Behind the last word. */
  end: number;
  /** True if it is the whole header, whatever its strength. */
  covers: boolean;
  strength: RoleMatch['strength'];
}

const WHOLE = 4;
const LAST_WORDS = 3;
const FIRST_WORDS = 2;
const CONTAINED = 1;

/** A header with one of these names no duration and no text: it says which, when or how much of something. */
const DECISIVE: ReadonlySet<Role | 'nothing'> = new Set([
  'id',
  'url',
  'count',
  'ratio',
  'rate',
  'money',
  'currency',
  'created',
  'due',
  'date',
  'start_date',
  'start_time',
  'start',
  'end_date',
  'end_time',
  'end',
  'timestamp',
  'break',
  'overtime',
  'points',
  'email',
  'weekday',
]);
const DURATIONS: ReadonlySet<Role | 'nothing'> = new Set([
  'actual',
  'duration',
  'estimate',
  'remaining',
  'cumulative',
  'hours_part',
  'minutes_part',
]);
/** Roles that a unit of time in brackets turns into a duration: `Amount (h)`. */
const MEASURED: ReadonlySet<Role | 'nothing'> = new Set(['count', 'money', 'billable', 'unit', 'ratio']);
/** Roles that are written with a unit or a currency behind them. */
const PRICED: ReadonlySet<Role | 'nothing'> = new Set(['rate', 'money', 'break', 'overtime']);
const SUM_SIGN = 'σ';
/** Programs write fields of one's own making as `Custom field (Epic Link)`. */
const CUSTOM_FIELD = new Set([
  'custom field',
  'benutzerdefinierte feld',
  'benutzerdefinierte felder',
  'benutzerdefiniertes feld',
  'champ personnalise',
  'campo personalizado',
  'campo personalizzato',
  'aangepast veld',
  'pole niestandardowe',
  'vlastni pole',
  'カスタムフィールド',
]);
const ROLE_ORDER = new Map<Role, number>(ROLES.map((role, index) => [role, index]));

/** The roles that a header names, best first: by strength, then by words in the phrase, then in the order of `ROLES`. */
export function matchHeader(header: string): RoleMatch[] {
  const { words, bracketed } = foldHeader(header);
  const inner = bracketed.flat();
  if (words.length === 0 || (inner.length > 0 && CUSTOM_FIELD.has(words.join(' ')))) return matchWords(inner) ?? [];
  const outer = matchWords(words);
  if (outer === null) return [];
  const measured = outer.every(({ role }) => MEASURED.has(role) || DURATIONS.has(role));
  if (bracketed.some(isTimeUnit)) {
    // `Billable (hours)` is a duration although `Billable` is none; `Pause (min)` stays a break.
    return measured && !outer.some(({ role }) => DURATIONS.has(role))
      ? besideBrackets('duration', inner, outer)
      : outer;
  }
  // `Tracked (USD)` stands beside `Tracked (h)`.
  if (bracketed.some(isCurrency)) {
    return measured && !outer.some(({ role }) => role === 'money') ? besideBrackets('money', inner, []) : outer;
  }
  return outer.length > 0 ? outer : weakened(matchWords(inner) ?? []);
}

/** What brackets at the end say counts more than what is before them. */
const besideBrackets = (role: Role, words: readonly string[], before: readonly RoleMatch[]): RoleMatch[] => [
  { role, strength: LAST_WORDS, phrase: words.join(' ') },
  ...before.map((match) => ({ ...match, strength: Math.min(match.strength, FIRST_WORDS) as RoleMatch['strength'] })),
];

/** What is in brackets beside words that say nothing, as `Zusatz (Kommentar)`, is the weakest there is. */
const weakened = (matches: readonly RoleMatch[]): RoleMatch[] =>
  matches.map((match) => ({ ...match, strength: CONTAINED }));

/** Null if the words are known to be no role. */
function matchWords(words: readonly string[]): RoleMatch[] | null {
  const summed = words.length > 1 && words.includes(SUM_SIGN);
  const said = comparable(summed ? words.filter((word) => word !== SUM_SIGN) : words);
  const counted = decided([...occurrencesIn(said), ...occurrencesBesideUnit(said)])?.sort(
    (a, b) => b.strength - a.strength || b.words.length - a.words.length || orderOf(a) - orderOf(b),
  );
  if (!counted) return null;
  const best = new Map<Role, RoleMatch>();
  for (const { role, strength, words: phrase } of counted) {
    const meant = summed && DURATIONS.has(role) ? 'cumulative' : (role as Role);
    if (!best.has(meant)) best.set(meant, { role: meant, strength, phrase: phraseOf(phrase) });
  }
  return [...best.values()];
}
const orderOf = ({ role }: Occurrence): number => ROLE_ORDER.get(role as Role) as number;

/** `Duration ms` is a duration as `Duration` is, unless it is a phrase of its own as `Total hours` is. */
function occurrencesBesideUnit(words: readonly string[]): Occurrence[] {
  let length = words.length;
  while (length > 1 && isTrailing(words[length - 1] as string)) length -= 1;
  if (length === words.length || occurrencesIn(words).some(({ start, end }) => start === 0 && end === words.length)) {
    return [];
  }
  return occurrencesIn(words.slice(0, length)).filter(({ role }) => DURATIONS.has(role) || PRICED.has(role));
}

/** Every occurrence that is not inside a longer one. */
function occurrencesIn(words: readonly string[]): Occurrence[] {
  const found: Occurrence[] = [];
  for (let start = 0; start < words.length; start += 1) {
    for (const phrase of phrasesFrom(words[start] as string)) {
      const end = start + phrase.words.length;
      if (end > words.length || !phrase.words.every((word, index) => words[start + index] === word)) continue;
      const strength = strengthOf(start, end, words.length);
      const covers = strength === WHOLE;
      if (phrase.whole && !covers) continue;
      found.push({ ...phrase, start, end, covers, strength: phrase.weak ? weaker(strength) : strength });
    }
  }
  return found.filter(isCoveredByNone());
}

const strengthOf = (start: number, end: number, length: number): RoleMatch['strength'] => {
  if (end === length) return start === 0 ? WHOLE : LAST_WORDS;
  return start === 0 ? FIRST_WORDS : CONTAINED;
};
const weaker = (strength: RoleMatch['strength']): RoleMatch['strength'] =>
  Math.max(CONTAINED, strength - 1) as RoleMatch['strength'];

/** Occurrences come by start and, for one start, longest first: one is covered if an earlier one reaches as far. */
function isCoveredByNone(): (occurrence: Occurrence) => boolean {
  let reach = 0;
  let from = -1;
  return ({ start, end }) => {
    if (end > reach) {
      reach = end;
      from = start;
      return true;
    }
    return start === from && end === reach;
  };
}

/** Without what cannot be meant beside a decisive role; null if the best that is said is no role. */
function decided(occurrences: readonly Occurrence[]): Occurrence[] | null {
  const strongest = Math.max(...occurrences.map(({ strength }) => strength));
  if (occurrences.some(({ role, strength }) => role === 'nothing' && strength === strongest)) return null;
  const meant = occurrences.filter(({ role }) => role !== 'nothing');
  if (!meant.some(({ role }) => DECISIVE.has(role))) return meant;
  // What is the whole header is as good as the decisive role: `Time` is a duration or a time of day.
  return meant.filter(({ role, covers }) => DECISIVE.has(role) || covers);
}

const phraseOf = (words: readonly string[]): string => (words.every(isJapanese) ? words.join('') : words.join(' '));
