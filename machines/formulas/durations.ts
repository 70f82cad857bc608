/**
 * How long: durations as people write them, in whole minutes.
 *
 * Owns: units, decimal marks, and the unit of bare numbers. "No estimate" is null: unknown units, ranges, negative
 * values, and whatever rounds to less than a minute.
 */
import { roundHalfEven } from './round.ts';

const MINUTES_PER: ReadonlyMap<string, number> = new Map([
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((unit) => [unit, 1] as const),
  ...['h', 'hr', 'hrs', 'hour', 'hours'].map((unit) => [unit, 60] as const),
  ...['d', 'day', 'days'].map((unit) => [unit, 480] as const),
]);

// The look-ahead keeps both linear: a digit is looked for once, not at every position.
const NUMBER = /^(?=[.,]*\d)[\d.,]+$/;
const PART = /^(?=[.,]*\d)([\d.,]+)\s*(?:([a-z]+)\.?)?\s*/;

/** Below this, bare numbers of a column without a unit are hours: who counts minutes has some longer activity. */
const HOURS_BELOW = 24;

/** Minutes per bare number of one column: the header's unit, else hours if all of them are < 24, else minutes. */
export function bareUnitMinutes(header: string, cells: Iterable<string>): number {
  const named = headerUnitMinutes(header);
  if (named !== undefined) return named;
  for (const cell of cells) if ((bareNumber(cell.trim()) ?? 0) >= HOURS_BELOW) return 1;
  return 60;
}

/** Minutes of the unit that a header names: `Hours`, `Time (h)`, `estimated_minutes`. */
function headerUnitMinutes(header: string): number | undefined {
  const said = header.toLowerCase().split(/[^a-z0-9]+/);
  return MINUTES_PER.get(said.find((word) => MINUTES_PER.has(word)) ?? '');
}

/**
 * Whole minutes of a cell such as `1.5h`, `1,5 h`, `1h30`, `1d 2h`, `45`; null if it is no duration of ≥ 1 minute.
 * @param bareMinutes what a number without a unit counts, in minutes
 */
export function parseDuration(cell: string, bareMinutes: number): number | null {
  let rest = cell.trim().toLowerCase();
  const bare = bareNumber(rest);
  if (bare !== null) return wholeMinutes(bare * bareMinutes);
  let total = 0;
  let per: number | undefined;
  while (rest !== '') {
    const [part, digits = '', unit] = PART.exec(rest) ?? [];
    const value = decimal(digits);
    // In `1h30` the unit of 30 is left out; nowhere else may a number stand without one.
    per = unit === undefined && per === 60 ? 1 : MINUTES_PER.get(unit ?? '');
    if (part === undefined || per === undefined || value === null) return null;
    total += value * per;
    rest = rest.slice(part.length);
  }
  return wholeMinutes(total);
}

/** Rounded half-even; null below one minute and beyond what a double counts. */
function wholeMinutes(minutes: number): number | null {
  // 12 digits hide what binary fractions add: 8.475 h are 508.5 minutes, not 508.49999999999994.
  const whole = roundHalfEven(Number(minutes.toPrecision(12)));
  return whole >= 1 && Number.isSafeInteger(whole) ? whole : null;
}

function bareNumber(text: string): number | null {
  return NUMBER.test(text) ? decimal(text) : null;
}

const GROUPED = { '.': /^\d{1,3}(?:\.\d{3})+$/, ',': /^\d{1,3}(?:,\d{3})+$/ };

/** Digits with `.` and `,`; null if their order makes no sense. */
function decimal(text: string): number | null {
  const marks = text.replace(/\d/g, '');
  if (marks === '') return Number(text);
  const last = marks.endsWith('.') ? '.' : ',';
  const other = last === '.' ? ',' : '.';
  // Thousands never begin with 0: `1,500` is 1500, `0,500` a half.
  const mayGroup = marks.length > 1 || (last === ',' && !text.startsWith('0'));
  if (mayGroup && GROUPED[last].test(text)) return Number(text.replaceAll(last, ''));
  if (marks.indexOf(last) < marks.length - 1) return null;
  const whole = text.slice(0, text.lastIndexOf(last));
  if (whole.includes(other) && !GROUPED[other].test(whole)) return null;
  return Number(`${whole.replaceAll(other, '')}.${text.slice(whole.length + 1)}`);
}
