/**
 * What a number in a cell stands for: a spreadsheet stores dates and times as numbers, and only the format tells.
 *
 * Owns: reading format codes, and dates and times as text.
 */

/** `elapsed`: hours beyond a day are counted, as in `[h]:mm`. */
export type NumberKind = 'number' | 'date' | 'time' | 'elapsed';

const TIME_IDS = new Set([18, 19, 20, 21, 45, 47]);
const ELAPSED_ID = 46;

/** Kind of the formats that have a number and no code. */
export function builtinKind(id: number): NumberKind {
  if (TIME_IDS.has(id)) return 'time';
  if (id === ELAPSED_ID) return 'elapsed';
  const isDate = (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
  return isDate ? 'date' : 'number';
}

/** Kind of a format code such as `yyyy-mm-dd`, `[h]:mm` or `0.00 "days"`. */
export function kindOfFormat(code: string): NumberKind {
  // Literals, padding, colors and conditions say nothing; further sections are for negative numbers and text.
  const bare = code
    .toLowerCase()
    .replace(/"[^"]*"?|\\.?|[_*].?/g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]?/g, '')
    .split(';', 1)[0] as string;
  if (/\[[hms]/.test(bare)) return 'elapsed';
  if (/general/.test(bare)) return 'number';
  if (/[dy]/.test(bare)) return 'date';
  if (/[hs]/.test(bare)) return 'time';
  return /m/.test(bare) ? 'date' : 'number';
}

const MS_PER_DAY = 86_400_000;
/** Day 0 of the two date systems; in the first one day 60 is a February 29 that never was. */
const EPOCH_1900_MS = Date.UTC(1899, 11, 30);
const EPOCH_1904_MS = Date.UTC(1904, 0, 1);
/** Later dates are not dates for a spreadsheet either (9999-12-31). */
const MAX_SERIAL = 2_958_466;

/** The wall clock of a day number, read as UTC, in milliseconds since 1970; null if no spreadsheet shows it as a date. */
export function dateMs(days: number, uses1904: boolean): number | null {
  if (!(days >= 0 && days < MAX_SERIAL)) return null;
  const counted = uses1904 || days >= 60 ? days : days + 1;
  return (uses1904 ? EPOCH_1904_MS : EPOCH_1900_MS) + Math.round(counted * MS_PER_DAY);
}

/** The day number that {@link dateMs} makes these milliseconds of. */
export function dayOfMs(ms: number, uses1904: boolean): number {
  const days = (ms - (uses1904 ? EPOCH_1904_MS : EPOCH_1900_MS)) / MS_PER_DAY;
  return uses1904 || days >= 61 ? days : days - 1;
}

/** A number as text: `12.5`, `2026-01-15`, `2026-01-15T10:30:00`, `90 min`. */
export function formatNumber(value: number, kind: NumberKind, uses1904: boolean): string {
  if (kind === 'number' || !Number.isFinite(value)) return String(value);
  // A time of day that carries a date shows only the time.
  if (kind === 'time') return minutesText(value >= 1 ? value % 1 : value);
  if (kind === 'elapsed') return minutesText(value);
  const ms = dateMs(value, uses1904);
  if (ms === null) return String(value);
  const iso = new Date(ms).toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19);
}

/** Minutes of a fraction of a day, without what binary fractions add. */
function minutesText(days: number): string {
  return `${Number((days * 1440).toFixed(6))} min`;
}
