/**
 * Durations as numbers with units: `1h 30m`, `1 Std. 30 Min.`, `1w 2d`, `1½ h`, `45'`, `2 person days`.
 *
 * Owns: the order of numbers, units and words between them. Every part needs a unit but the last one, whose unit can
 * be the next smaller one (`1h30`).
 */

import type { TimeUnit } from '../tables.ts';
import type { Duration } from './duration.ts';
import { FRACTION_GLYPHS } from './fraction-glyphs.ts';
import { type DecimalMark, readNumber } from './numbers.ts';
import { minutesPer, unitOfWord } from './units.ts';

const SPACES = / */y;
const NUMBER = /(?:\d+(?:['’ ]\d{3}(?!\d))*(?:[.,]\d+)*|[.,]\d+)/y;
const FRACTION = / ?(?:([½¼¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])|([1-9])[/⁄]([2-9])(?!\d))/y;
const WORD = /\p{L}+(?:-\p{L}+)?/uy;
/** Minutes and seconds of an angle, which stand for those of an hour. */
const PRIME = /(?:''|[′’']|[″"])/y;
/** What may follow a unit: its dot, the plural that a program was too lazy to decide. */
const AFTER_UNIT = /(?:\((?:s|n|en|e)\))?\.?/y;
const BETWEEN = / *(?:[,;+&] *|(?:and|und|et|y|e|en|i|a|oraz)(?= |\d) *)?/y;
/** `person days`, `man-days`, `working days`, `business days`. */
const OF_WORK = new Set(['person', 'personen', 'man', 'work', 'working', 'business', 'full']);
/** `jours-homme`, `jours ouvrés`, `días hábiles`, `dias úteis`, `giorni lavorativi`. */
const WORK_AFTER =
  / (?:homme|hommes|ouvr[ée]s|ouvrables|h[áa]biles|laborables|[úu]teis|lavorativi|uomo|hombre)(?!\p{L})/uy;

/** Unit of a last number that has none, by the unit before it: `1h30`, `5m30`. */
const NEXT_SMALLER: Partial<Record<TimeUnit, TimeUnit>> = { h: 'min', min: 's' };
const LEFT_OUT = /^\d{1,2}$/;

interface Part {
  value: number;
  unit: TimeUnit;
}

/** Lower-cased, unsigned `text` as a sum of amounts with units; null if anything else stands in it. */
export function unitsDuration(text: string, decimal: DecimalMark | undefined): Duration | null {
  const parts = partsOf(new Scanner(text), decimal);
  if (parts === null || parts.length === 0) return null;
  let minutes = 0;
  let workdays = false;
  for (const { value, unit } of parts) {
    minutes += value * minutesPer(unit);
    workdays ||= unit === 'd' || unit === 'w';
  }
  return { minutes, form: 'units', ...(workdays && { workdays }) };
}

function partsOf(scanner: Scanner, decimal: DecimalMark | undefined): Part[] | null {
  const parts: Part[] = [];
  let apart = false;
  while (!scanner.ended) {
    const alone = scanner.takeFraction();
    const digits = alone === null ? scanner.take(NUMBER) : '';
    const fraction = alone ?? scanner.takeFraction();
    if (digits === '' && fraction === null) return null;
    const number = digits === '' ? 0 : readNumber(digits, decimal);
    if (number === null) return null;
    const before = parts.at(-1)?.unit;
    if (scanner.ended) {
      const unit = before === undefined ? undefined : NEXT_SMALLER[before];
      if (unit === undefined || apart || !LEFT_OUT.test(digits) || number >= 60 || fraction !== null) return null;
      parts.push({ value: number, unit });
      break;
    }
    const unit = scanner.takeUnit(before);
    if (unit === null) return null;
    parts.push({ value: number + (fraction ?? 0), unit });
    const dot = scanner.take(AFTER_UNIT).endsWith('.');
    const between = scanner.take(BETWEEN).trim();
    // `2h+` is a bound, and `2h and` has lost its end.
    if (between !== '' && scanner.ended) return null;
    apart = dot || between !== '';
  }
  return weeksOfJira(parts);
}

/** In `1s 2j 3h` the `s` is a week (semaine, semana, settimana): seconds come last. Null for `1s 4m`. */
function weeksOfJira(parts: Part[]): Part[] | null {
  const [first, second] = parts;
  if (first?.unit !== 's' || second === undefined) return parts;
  return second.unit === 'd' || second.unit === 'h' ? [{ value: first.value, unit: 'w' }, ...parts.slice(1)] : null;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  /** What a sticky pattern matches here, '' for nothing; it is passed over. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }

  takeFraction(): number | null {
    FRACTION.lastIndex = this.#at;
    const [found, sign, above, below] = FRACTION.exec(this.#text) ?? [];
    if (found === undefined) return null;
    this.#at += found.length;
    return sign === undefined ? Number(above) / Number(below) : (FRACTION_GLYPHS[sign] as number);
  }

  takeUnit(before: TimeUnit | undefined): TimeUnit | null {
    this.take(SPACES);
    const prime = this.take(PRIME);
    if (prime !== '') return primeUnit(prime, before);
    const word = this.take(WORD);
    if (word === '') return null;
    let unit = unitOfWord(word);
    if (unit === null) {
      const [first = '', second] = word.split('-');
      if (second !== undefined) unit = OF_WORK.has(first) ? unitOfWord(second) : dayWithSuffix(first, second);
      else if (OF_WORK.has(first)) {
        this.take(SPACES);
        unit = unitOfWord(this.take(WORD));
      }
    }
    if (unit === 'd') this.take(WORK_AFTER);
    return unit;
  }
}

/** `jours-homme`. */
const dayWithSuffix = (first: string, second: string): TimeUnit | null =>
  /^(?:hommes?|hombre|uomo)$/.test(second) ? unitOfWord(first) : null;

/** A lone `27"` is a screen: seconds need minutes before them. */
function primeUnit(prime: string, before: TimeUnit | undefined): TimeUnit | null {
  if (prime.length === 1 && "'’′".includes(prime)) return 'min';
  return before === 'min' ? 's' : null;
}
