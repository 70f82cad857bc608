/**
 * What is in a column, whatever its header says.
 *
 * Owns: the kinds of content and their shares, on a bounded sample of the records. Does not own what follows from it.
 */
import { foldWords } from '../headers/fold.ts';
import { monthOf } from '../headers/months.ts';
import { weekdayOf } from '../headers/weekdays.ts';
import { type Cell, textOf } from '../tables.ts';
import { readMoment } from '../values/dates.ts';
import { plainDigits } from '../values/digits.ts';
import { readDuration } from '../values/durations.ts';
import { readNumber } from '../values/numbers.ts';

export type ContentKind =
  | 'number'
  /** `1:30`, `01:30:00`: a time of day or a duration. */
  | 'clock'
  /** A duration with its unit: `90 min`, `PT1H`, a cell formatted as `[h]:mm`. */
  | 'duration'
  | 'date'
  | 'email'
  | 'url'
  /** One word with digits, such as `OPS-12` or `#7`. */
  | 'code'
  | 'flag'
  /** Two or three words that look like the name of a person. */
  | 'person'
  | 'text';

export interface ColumnProfile {
  /** Records in which the column is not empty. */
  filled: number;
  /** Records that were looked at and are not empty. */
  sampled: number;
  /** Different contents among them. */
  distinct: number;
  /** Share of the sampled, 0–1. */
  share: Readonly<Record<ContentKind, number>>;
  /** Mean number of words; a text without spaces in a script that writes none counts one per two characters. */
  meanWords: number;
  /** Share of the sampled cells that are a time of day with AM or PM. */
  timeOfDay: number;
  /** Share of the sampled cells that are nothing but zeros. */
  zeros: number;
  /** Share of the sampled cells that are numbers with a fraction. */
  fractions: number;
  /** Share of the sampled cells that are the name of a weekday or a month. */
  calendarNames: number;
}

const SAMPLE_RECORDS = 2_000;
const LONG_CHARS = 120;
/** Most characters of a duration without digits, such as `half an hour` or `½ h`. */
const WORDED_CHARS = 40;

/** The records that profiles are made of: all, or evenly spaced ones. */
export function sampleOf<T>(records: readonly T[]): readonly T[] {
  if (records.length <= SAMPLE_RECORDS) return records;
  const step = records.length / SAMPLE_RECORDS;
  return Array.from({ length: SAMPLE_RECORDS }, (_, n) => records[Math.floor(n * step)] as T);
}

/** @param filled over all records; the rest comes from `cells`, those of the sample */
export function profileOf(cells: readonly (Cell | undefined)[], filled: number): ColumnProfile {
  const counts = emptyCounts();
  const seen = new Set<string>();
  let sampled = 0;
  let words = 0;
  let timeOfDay = 0;
  let zeros = 0;
  let fractions = 0;
  let calendarNames = 0;
  const isName = calendarNameReader();
  for (const cell of cells) {
    const text = textOf(cell).trim();
    if (text === '' || PLACEHOLDER.test(text)) continue;
    sampled += 1;
    seen.add(text);
    words += countWords(text);
    const kind = kindOf(cell as Cell, text);
    counts[kind] += 1;
    if (kind === 'clock' && isTimeOfDay(text)) timeOfDay += 1;
    if ((kind === 'text' || kind === 'person') && isName(text)) calendarNames += 1;
    if (/^[0:.,\s]+$/.test(text)) zeros += 1;
    else if (kind === 'number' && /\d[.,]\d/.test(text)) fractions += 1;
  }
  const share = { ...counts };
  for (const kind of Object.keys(share) as ContentKind[]) share[kind] = sampled === 0 ? 0 : counts[kind] / sampled;
  return {
    filled,
    sampled,
    distinct: seen.size,
    share,
    meanWords: sampled === 0 ? 0 : words / sampled,
    timeOfDay: sampled === 0 ? 0 : timeOfDay / sampled,
    zeros: sampled === 0 ? 0 : zeros / sampled,
    fractions: sampled === 0 ? 0 : fractions / sampled,
    calendarNames: sampled === 0 ? 0 : calendarNames / sampled,
  };
}

const CALENDAR_NAME_CHARS = 24;

/** Whether a text is the name of a weekday or a month, each text looked up once. */
function calendarNameReader(): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    if (text.length > CALENDAR_NAME_CHARS) return false;
    let is = known.get(text);
    if (is === undefined) {
      is = weekdayOf(text) !== null || foldWords(text).every((word) => monthOf(word) !== null);
      known.set(text, is);
    }
    return is;
  };
}

/** What programs and people write for nothing. */
export const PLACEHOLDER = /^(?:[-–—.]{1,3}|n\/?a|none|null|nan|undefined)$/i;

const emptyCounts = (): Record<ContentKind, number> => ({
  number: 0,
  clock: 0,
  duration: 0,
  date: 0,
  email: 0,
  url: 0,
  code: 0,
  flag: 0,
  person: 0,
  text: 0,
});

/** Flags as programs export them. */
const FLAGS = new Set(
  'yes no true false y n ja nein oui non si sì sí no sim nao não tak nie ano ne はい いいえ x ✓ billable non-billable'.split(
    ' ',
  ),
);

/** @param text of the cell, trimmed and not empty */
export function kindOf(cell: Cell, text: string): ContentKind {
  if (typeof cell === 'object') {
    if (cell.kind === 'number') return cell.unit === undefined ? 'number' : 'duration';
    if (cell.kind === 'time') return 'clock';
    if (cell.kind === 'elapsed') return 'duration';
    if (cell.kind === 'date') return 'date';
    if (cell.kind === 'boolean') return 'flag';
  }
  if (text.length > LONG_CHARS) return 'text';
  if (/^https?:\/\//i.test(text)) return 'url';
  if (isEmail(text)) return 'email';
  // A percentage says how far or how busy, which is neither a text nor an amount of time.
  if (FLAGS.has(text.toLowerCase()) || /^[\d.,]{1,9} ?%$/.test(text)) return 'flag';
  const plain = plainDigits(text);
  if (/\d/.test(plain)) {
    if (/^-?\d{1,6}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:\s?[AP]\.?M\.?)?$/i.test(plain)) return 'clock';
    if (readNumber(plain) !== null) return 'number';
    // ServiceNow counts durations from the epoch on.
    if (plain.startsWith('1970-01-0')) return 'duration';
    const moment = readMoment(plain);
    if (moment !== null) return moment.day === null ? 'clock' : 'date';
    if (readDuration(plain, {}) !== null) return 'duration';
    if (!/\s/.test(plain)) return 'code';
  } else if (text.length <= WORDED_CHARS && readDuration(text, {}) !== null) return 'duration';
  return isPersonName(text) ? 'person' : 'text';
}

function isEmail(text: string): boolean {
  const at = text.indexOf('@');
  return at > 0 && at === text.lastIndexOf('@') && text.indexOf('.', at) > at + 1 && !/\s/.test(text);
}

function isPersonName(text: string): boolean {
  const parts = text.split(/,? /, 5);
  return parts.length >= 2 && parts.length <= 4 && parts.every((part) => /^\p{Lu}[\p{L}.'’-]*$/u.test(part));
}

const isTimeOfDay = (text: string): boolean => /[AP]\.?M\.?$/i.test(text);

/** Scripts without spaces: Han, kana. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const WORDS_COUNTED = 50;

function countWords(text: string): number {
  const words = text.split(/\s+/, WORDS_COUNTED).length;
  return words === 1 && UNSPACED.test(text) ? Math.max(1, Math.min(WORDS_COUNTED, Math.floor(text.length / 2))) : words;
}
