/**
 * Days of the week in headers, as week grids have them: a column per day.
 *
 * Owns: the names and abbreviations of ten languages. Some mean different days in different languages (`So` is a Sunday
 * in German and a Saturday in Czech), so that a row of headers is read as one language: `weekdaysIn`.
 */

import { foldWords, MAX_HEADER_CODE_POINTS } from './fold.ts';
import { monthOf } from './months.ts';
import { isTimeUnit } from './trailing-words.ts';

/** From Monday to Sunday; in the order of precedence for a header by itself. */
const WEEKDAYS: readonly (readonly string[])[] = [
  // English
  [
    'monday mon',
    'tuesday tue tues',
    'wednesday wed',
    'thursday thu thur thurs',
    'friday fri',
    'saturday sat',
    'sunday sun',
  ],
  // German
  ['montag mo', 'dienstag di', 'mittwoch mi', 'donnerstag do', 'freitag fr', 'samstag sonnabend sa', 'sonntag so'],
  // French
  [
    'lundi lun lu',
    'mardi mar ma',
    'mercredi mer me',
    'jeudi jeu je',
    'vendredi ven ve',
    'samedi sam sa',
    'dimanche dim di',
  ],
  // Spanish
  [
    'lunes lun lu',
    'martes mar ma',
    'miércoles mié mie mi x',
    'jueves jue ju',
    'viernes vie vi',
    'sábado sáb sab sá',
    'domingo dom do',
  ],
  // Italian
  [
    'lunedì lun lu',
    'martedì mar ma',
    'mercoledì mer me',
    'giovedì gio gi',
    'venerdì ven ve',
    'sabato sab sa',
    'domenica dom do',
  ],
  // Portuguese; `segunda-feira` is two words
  ['segunda seg', 'terça ter', 'quarta qua', 'quinta qui', 'sexta sex', 'sábado sáb', 'domingo dom'],
  // Dutch
  [
    'maandag maa ma',
    'dinsdag din di',
    'woensdag woe wo',
    'donderdag don do',
    'vrijdag vrij vri vr',
    'zaterdag zat za',
    'zondag zon zo',
  ],
  // Polish
  [
    'poniedziałek pon pn',
    'wtorek wto wt',
    'środa śro śr',
    'czwartek czw cz',
    'piątek pią pt',
    'sobota sob so sb',
    'niedziela niedz nie nd ndz',
  ],
  // Czech
  [
    'pondělí pon po',
    'úterý úte út',
    'středa stř st',
    'čtvrtek čtv čt',
    'pátek pát pá',
    'sobota sob so',
    'neděle ned ne',
  ],
  // Japanese
  [
    '月曜日 月曜 月',
    '火曜日 火曜 火',
    '水曜日 水曜 水',
    '木曜日 木曜 木',
    '金曜日 金曜 金',
    '土曜日 土曜 土',
    '日曜日 日曜 日',
  ],
];
/** Word → day, 1 Monday to 7 Sunday, by language. */
const DAYS_BY_LANGUAGE: readonly ReadonlyMap<string, number>[] = WEEKDAYS.map(
  (days) =>
    new Map(
      days.flatMap((names, index) => names.split(' ').map((name) => [foldWords(name).join(''), index + 1] as const)),
    ),
);
/** What Portuguese adds to the names. */
const FEIRA = 'feira';
const MIN_WEEKDAYS = 2;

/** 1 Monday to 7 Sunday; null if the header is more than a day of the week with, perhaps, its date and a unit of time. */
export function weekdayOf(header: string): number | null {
  const word = dayWord(header);
  if (word === null) return null;
  for (const days of DAYS_BY_LANGUAGE) {
    const day = days.get(word);
    if (day !== undefined) return day;
  }
  return null;
}

/**
 * The days of the week that headers name, all in the language in which most of them do; null for the others. Fewer than
 * two different days are none.
 */
export function weekdaysIn(headers: readonly string[]): (number | null)[] {
  const words = headers.map(dayWord);
  let best: (number | null)[] = headers.map(() => null);
  let most = MIN_WEEKDAYS - 1;
  for (const days of DAYS_BY_LANGUAGE) {
    const named = words.map((word) => (word === null ? null : (days.get(word) ?? null)));
    const different = new Set(named.filter((day) => day !== null)).size;
    if (different > most) {
      most = different;
      best = named;
    }
  }
  return best;
}

/** The word of a header that is left without dates and units. */
function dayWord(header: string): string | null {
  const words = foldWords(header);
  const left = words.filter(
    (word) => !isNumber(word) && word !== FEIRA && (words.length === 1 || (monthOf(word) === null && !isUnit(word))),
  );
  // In `Mar 03.03.` (Tuesday) and `Mar 3 mars` the month's name is the day's.
  const [word = words.find((each) => !isNumber(each))] = left;
  return left.length > 1 || word === undefined ? null : word;
}

const isNumber = (word: string): boolean => /^\d{1,4}(?:st|nd|rd|th|e|er)?$/.test(word);
/** Units that are no day: `Mo (h)`, but `日` alone is Sunday. */
const isUnit = (word: string): boolean => word !== '日' && isTimeUnit([word]);

const DATE_FORMS: readonly RegExp[] = [
  // 2026-03-02, 2026/03/02, 2026.03.02., 2026-03-02T00:00:00
  /^\d{4}([-/.])\d{1,2}\1\d{1,2}\.?(?:[T ]00:00(?::00(?:\.0{1,6})?)?Z?)?$/,
  // 02.03.2026, 2.3.26, 02.03., 02-03-2026, 3/2/26, 3/2, 02-03, 02.03
  /^\d{1,2}\. ?\d{1,2}\.(?: ?\d{2}(?:\d{2})?)?$/,
  /^\d{1,2}([-/])\d{1,2}\1\d{2}(?:\d{2})?$/,
  /^\d{1,2}\/\d{1,2}$/,
  /^\d{2}[-.]\d{2}$/,
];
/** `20260302` and `2026年3月2日`. */
const DATE_WITHOUT_MARKS = /^20\d{2}[01]\d[0-3]\d$/;
const JAPANESE_DATE = /^(?:\d{4}年)?\d{1,2}月\d{1,2}日$/;
const MAX_DAY = 31;

/** True for headers of a week or month grid: a date of any form, a day of the week, a day of the month from 1 to 31. */
export function isDayColumn(header: string): boolean {
  if (header.length > MAX_HEADER_CODE_POINTS) return false;
  const text = header.normalize('NFKC').trim();
  if (DATE_WITHOUT_MARKS.test(text) || JAPANESE_DATE.test(text)) return true;
  const words = foldWords(text);
  const numbers = words.filter(isNumber).map((word) => Number.parseInt(word, 10));
  if (DATE_FORMS.some((form) => form.test(text))) return numbers.some(isDayOfMonth);
  if (/^\d{1,2}\.?$/.test(text)) return isDayOfMonth(Number.parseInt(text, 10));
  if (weekdayOf(header) !== null) return true;
  // `2 Mar`, `March 2, 2026`, `2. März 2026`
  const named = words.filter((word) => !isNumber(word) && word !== 'de');
  return named.length === 1 && monthOf(named[0] as string) !== null && numbers.some(isDayOfMonth);
}

const isDayOfMonth = (number: number): boolean => number >= 1 && number <= MAX_DAY;
