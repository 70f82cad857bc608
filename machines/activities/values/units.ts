/**
 * Units of time in ten languages: what a word of a cell and what a header says.
 *
 * Owns: the words, and where in a header they count. Does not own which column holds durations.
 */
import type { TimeUnit } from '../tables.ts';
import { plainDigits } from './digits.ts';

/** A day is 8 hours of work and a week 5 such days, as trackers of work count them. */
const MINUTES: Readonly<Record<TimeUnit, number>> = { ms: 1 / 60_000, s: 1 / 60, min: 1, h: 60, d: 480, w: 2400 };

export const minutesPer = (unit: TimeUnit): number => MINUTES[unit];

/** Words that mean the unit wherever they stand: plurals, and whole words that mean nothing else. */
const WORDS: Readonly<Record<TimeUnit, string>> = {
  ms: 'ms msec msecs millis millisecond milliseconds millisekunde millisekunden milliseconde millisecondes milliseconden milisegundo milisegundos millisecondo millisecondi milisekunda milisekundy ミリ秒 毫秒',
  s: 'secs seconds sekunde sekunden seconde secondes seconden segundo segundos secondo secondi sekunda sekundy sekund 秒 秒間',
  min: 'mins minute minutes minuten minuto minutos minuti minuut minuta minuty minut 分 分間 分钟 分鐘',
  h: 'hrs hour hours std stunde stunden heures horas ore uren godziny godzin hodiny hodin hh mh manhours personhours 時間 時間数 小时 小時 人時',
  d: 'days tage tagen jours dias giorni dagen dni dny dnu gg pd mandays persondays manntage osobodni 日間 人日 天',
  w: 'weeks wks wochen semaines semanas settimane weken tygodnie tygodni tydny tydnu 週間',
};

/** Words that mean the unit after a number or in brackets, and may mean something else in the words of a header. */
const WORDS_AFTER_NUMBERS: Readonly<Record<TimeUnit, string>> = {
  ms: '',
  s: 's sec second sek seg sekundach',
  min: 'm min mn',
  h: 'h hr hs heure hora ora uur u godz godzina hod hodina',
  d: 'd j day tag jour dia giorno dag dzien den pt mt jh md 日',
  w: 'w week wk woche semaine semana settimana week tydzien tyden 週',
};

const toMap = (words: Readonly<Record<TimeUnit, string>>): ReadonlyMap<string, TimeUnit> =>
  new Map(
    (Object.entries(words) as [TimeUnit, string][]).flatMap(([unit, list]) =>
      list
        .split(' ')
        .filter(Boolean)
        .map((word) => [word, unit] as const),
    ),
  );

const ANYWHERE = toMap(WORDS);
const AFTER_NUMBERS = toMap(WORDS_AFTER_NUMBERS);
/** Longer words are no units, and folding them costs. */
const MAX_WORD = 30;
const GERMAN_COMPOUND = /[a-z](stunden|minuten|sekunden|tage)$/;
/** A header may end in them even if they are short: `Time h`, `duration_s`. */
const AT_THE_END = new Set('s sec sek seg m min mn h hr hs u d j w wk pt mt jh md godz hod'.split(' '));
/** They stand alone as a whole header and mean nothing but the unit. */
const ALONE = new Set('h hr hs min mn sec sek seg godz hod'.split(' '));
/** After these a unit belongs to a rate: `Cost per hour`, `EUR/h`. */
const PER = new Set(['per', 'pro', 'par', 'por', 'je', 'za', '/']);

const fold = (text: string): string => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');

/** The unit a word means after a number, in any case and with or without dots (`Std.`); null if it is no unit. */
export function unitOfWord(word: string): TimeUnit | null {
  if (word.length > MAX_WORD) return null;
  const folded = fold(word).replaceAll('.', '');
  const compound = GERMAN_COMPOUND.exec(folded)?.[1];
  return ANYWHERE.get(folded) ?? AFTER_NUMBERS.get(folded) ?? ANYWHERE.get(compound ?? '') ?? null;
}

const MAX_HEADER = 200;
const BRACKETS = /[([{【〔「]([^()[\]{}【】〔〕「」]*)[)\]}】〕」]/g;
const HEADER_WORDS = /\p{L}+|\d+|\//gu;
const CAMEL_CASE = /(\p{Ll}|\d)(\p{Lu})/gu;
const CLOCK = /(?<!\p{L})(?:(h{1,3}):(m{1,2}):(s{1,2})|(h{1,3}):(m{1,2})|(m{1,3}):(s{1,2}))(?!\p{L})/iu;

/**
 * The unit a header gives to bare numbers: `Duration (seconds)`, `duration_ms`, `Stunden`, `DurationInMinutes`. What
 * stands in brackets wins. Null when it names none or describes a clock (`hh:mm`).
 */
export function unitOfHeader(header: string): TimeUnit | null {
  if (header.length > MAX_HEADER || clockOfHeader(header) !== null) return null;
  const plain = plainDigits(header);
  for (const [, inside = ''] of plain.matchAll(BRACKETS)) {
    const unit = firstUnit(wordsOf(inside), unitOfWord);
    if (unit !== null) return unit;
  }
  const words = wordsOf(plain.replace(BRACKETS, ' '));
  const unit = firstUnit(
    words,
    (word) => ANYWHERE.get(word) ?? ANYWHERE.get(GERMAN_COMPOUND.exec(word)?.[1] ?? '') ?? null,
  );
  if (unit !== null) return unit;
  const last = words.at(-1) ?? '';
  const counts = words.length > 1 ? AT_THE_END.has(last) && !isRate(words, words.length - 1) : ALONE.has(last);
  return counts ? unitOfWord(last) : null;
}

/** The clock a header describes: `Duration (HH:mm)`, `mm:ss`; null if it describes none. */
export function clockOfHeader(header: string): 'h:m' | 'm:s' | 'h:m:s' | null {
  if (header.length > MAX_HEADER) return null;
  const [found, , , seconds, hours] = CLOCK.exec(plainDigits(header)) ?? [];
  if (found === undefined) return null;
  if (seconds !== undefined) return 'h:m:s';
  return hours === undefined ? 'm:s' : 'h:m';
}

const wordsOf = (text: string): string[] => fold(text.replace(CAMEL_CASE, '$1 $2')).match(HEADER_WORDS) ?? [];

function firstUnit(words: readonly string[], unitOf: (word: string) => TimeUnit | null): TimeUnit | null {
  for (const [at, word] of words.entries()) {
    const unit = isRate(words, at) ? null : unitOf(word);
    if (unit !== null) return unit;
  }
  return null;
}

/** A number before the unit makes it an amount: `Start (24h)`, `Days (8 hours)`. */
const isRate = (words: readonly string[], at: number): boolean =>
  PER.has(words[at - 1] ?? '') || /^\d/.test(words[at - 1] ?? '');
