/**
 * How long: durations as people and tools write them, in minutes.
 *
 * Owns: which form a cell has (bare number, clock, units, ISO 8601), signs, and words such as `about`. Ranges, bounds
 * (`< 1h`), times of day and whatever has an unknown word are no durations: null.
 */
import { roundHalfEven } from '../../formulas/round.ts';
import type { TimeUnit } from '../tables.ts';
import { clockMinutes } from './clocks.ts';
import { plainDigits } from './digits.ts';
import type { Duration } from './duration.ts';
import { isoDuration } from './iso-durations.ts';
import { wordsDuration } from './number-words.ts';
import { type DecimalMark, readNumber } from './numbers.ts';
import { unitsDuration } from './unit-durations.ts';
import { minutesPer } from './units.ts';

export interface DurationOptions {
  /** What a number without a unit counts; absent: such a number is no duration. `day fraction`: 1 is 24 hours. */
  bareUnit?: TimeUnit | 'day fraction';
  /** Decimal mark of the column. */
  decimal?: DecimalMark;
  /** What two parts such as `18:25` are when no unit follows; `h:m` by default. */
  clock?: 'h:m' | 'm:s';
}

const MINUTES_PER_DAY_FRACTION = 1440;
/** Significant digits that hide what binary fractions add: 8.475 h are 508.5 minutes, not 508.49999999999994. */
const SIGNIFICANT_DIGITS = 12;

const ABOUT =
  /^(?:[~≈約]|\+\/-|±|(?:about|approx(?:imately)?|around|roughly|circa|ca|c|env(?:iron)?|etwa|ungefahr|rund|aprox(?:imadamente)?|cerca (?:de|di)|ongeveer|ok|okolo|asi|priblizne)(?![\p{L}\d])\.?)\s*/u;
const ABOUT_AFTER = /\s*(?:\?|\(\?\)|(?<![\p{L}])(?:approx|ca|circa|env)\.?|くらい|ぐらい|程度)$/u;

/**
 * Reads one cell: `1.5h`, `1,5 Std.`, `1h30`, `1:30`, `18:25 min`, `PT1H30M`, `1 day and 2 hours`, `~2h`, `-0:30`.
 * Null for everything that is no single duration. Works in one pass whatever the text.
 */
export function readDuration(text: string, options: DurationOptions): Duration | null {
  const plain = plainDigits(text).toLowerCase();
  const { body: said, approximate } = withoutAbout(plain);
  const { body, negative } = withoutSign(said);
  const read = body.includes(':') ? readClock(body, negative, options) : readForm(body, options);
  if (read === null || !(Math.abs(read.minutes) <= Number.MAX_SAFE_INTEGER)) return null;
  const minutes = (negative && read.form !== 'clock' ? -read.minutes : read.minutes) + 0;
  return { ...read, minutes, ...(approximate && { approximate }) };
}

/**
 * Minutes rounded to whole ones, ties to even, after 12 significant digits; 0 and negative ones stay (never −0). NaN
 * for what is no finite number or beyond what a double counts one by one.
 */
export function wholeMinutes(minutes: number): number {
  const whole = roundHalfEven(Number(minutes.toPrecision(SIGNIFICANT_DIGITS))) + 0;
  return Number.isSafeInteger(whole) ? whole : Number.NaN;
}

function readClock(body: string, negative: boolean, { clock }: DurationOptions): Duration | null {
  const minutes = clockMinutes(body, clock ?? 'h:m', negative);
  return minutes === null ? null : { minutes, form: 'clock' };
}

function readForm(body: string, { bareUnit, decimal }: DurationOptions): Duration | null {
  if (body.startsWith('p')) return isoDuration(body);
  const bare = readNumber(body, decimal);
  if (bare === null) return unitsDuration(body, decimal) ?? inWords(body);
  if (bareUnit === undefined) return null;
  if (bareUnit === 'day fraction') return { minutes: bare * MINUTES_PER_DAY_FRACTION, form: 'bare' };
  const workdays = bareUnit === 'd' || bareUnit === 'w';
  return { minutes: bare * minutesPer(bareUnit), form: 'bare', ...(workdays && { workdays }) };
}

function inWords(body: string): Duration | null {
  const read = wordsDuration(body);
  if (read === null) return null;
  const workdays = read.unit === 'd' || read.unit === 'w';
  return { minutes: read.value * minutesPer(read.unit), form: 'units', ...(workdays && { workdays }) };
}

function withoutAbout(text: string): { body: string; approximate: boolean } {
  const folded = text.replace('ä', 'a').replace('ř', 'r').replace('ż', 'z').replace('ł', 'l');
  const before = ABOUT.exec(folded)?.[0].length ?? 0;
  // The pattern looks back from the end only, so only the end is handed to it.
  const tail = text.slice(-12);
  const after = ABOUT_AFTER.exec(tail)?.[0].length ?? 0;
  const body = text.slice(before, text.length - after).trim();
  return { body, approximate: before + after > 0 };
}

function withoutSign(text: string): { body: string; negative: boolean } {
  if (text.startsWith('-')) return { body: text.slice(1).trimStart(), negative: true };
  if (text.startsWith('+')) return { body: text.slice(1).trimStart(), negative: false };
  if (text.startsWith('(') && text.endsWith(')')) return { body: text.slice(1, -1).trim(), negative: true };
  // As SAP writes it; `2 h -` is something else.
  if (/\d-$/.test(text.slice(-2))) return { body: text.slice(0, -1), negative: true };
  return { body: text, negative: false };
}
