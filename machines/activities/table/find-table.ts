/**
 * Where the table begins: its header, and the lines that stand above it.
 *
 * Owns: choosing the header among the first rows, or that there is none. Does not own which rows below are records.
 */

import { kindOf } from '../columns/profile.ts';
import { matchHeader } from '../headers/match-header.ts';
import { type ActivitySheet, type SheetRow, textOf } from '../tables.ts';
import { unitOfWord } from '../values/units.ts';
import { areDays } from './day-columns.ts';

export interface FoundTable {
  sheet: ActivitySheet;
  /** Null: the file has no header. */
  header: SheetRow | null;
  /** One per column of the widest row; '' where there is none. */
  headers: readonly string[];
  /** Rows above the header. */
  above: readonly SheetRow[];
  /** Rows below the header, or all. */
  below: readonly SheetRow[];
}

/** Rows that may be the header. */
const HEADER_WITHIN = 20;
/** Rows below a candidate that say how wide the table is. */
const LOOK_BELOW = 20;
/** What a header counts by how well it is known; index = strength. */
const WEIGHT = [0, 0.3, 0.55, 0.8, 1] as const;
/** What a second column of the same role counts, since lists of weekdays or labels repeat. */
const REPEATED = 0.2;
/** The weight of a single letter: `h` is a header, and `N` or `A` more often a value. */
const LETTER_WEIGHT = 0.3;
/** What three words or more count of that, unless they are a known phrase or have a unit in brackets. */
const PROSE_WORDS = 3;
const PROSE_SHARE = 0.5;
const DAY_WEIGHT = 0.3;
const ENOUGH = 0.8;
const WIDTH_SHARE = 0.5;

/** @param headerRow number of the row that the caller says is the header; 0 = there is none; absent = to be found */
export function findTable(sheet: ActivitySheet, headerRow?: number): FoundTable {
  const { rows } = sheet;
  const at = headerRow === undefined ? headerIndex(rows) : rows.findIndex(({ number }) => number === headerRow);
  const header = at < 0 ? null : (rows[at] as SheetRow);
  const below = rows.slice(at + 1);
  const width = Math.max(header?.cells.length ?? 0, widestOf(below));
  const headers = Array.from({ length: width }, (_, i) => textOf(header?.cells[i]).trim());
  return { sheet, header, headers, above: at < 0 ? [] : rows.slice(0, at), below };
}

/** How well the first rows say what the columns are; to choose among sheets. */
export function headerScore({ header, below }: FoundTable): number {
  return header === null ? 0 : scoreOf(header, below.slice(0, LOOK_BELOW));
}

const BARE_NUMBER = /^\d{1,2}$/;

/** Index of the header row, -1 if there is none. */
function headerIndex(rows: readonly SheetRow[]): number {
  let best = -1;
  let bestScore = 0;
  for (let at = 0; at < Math.min(rows.length, HEADER_WITHIN); at += 1) {
    // Below a row of known words, numbers that count up are figures and no days of a month.
    const score = scoreOf(rows[at] as SheetRow, rows.slice(at + 1, at + 1 + LOOK_BELOW), bestScore >= ENOUGH);
    if (score > bestScore + 1e-9) {
      best = at;
      bestScore = score;
    }
  }
  if (bestScore >= ENOUGH) return best;
  return unknownHeader(rows);
}

function scoreOf(row: SheetRow, below: readonly SheetRow[], numbersAreFigures = false): number {
  const roles = new Map<string, number>();
  let score = 0;
  // Each once: `x` is a day in Spanish, and a mark in many columns of one row.
  const days = new Set<string>();
  let dayNames = 0;
  let filled = 0;
  const texts = row.cells.map((cell) => textOf(cell).trim());
  const dayHeaders = areDays(texts);
  for (const [i, cell] of row.cells.entries()) {
    const text = texts[i] as string;
    if (text === '') continue;
    filled += 1;
    const isDay = dayHeaders[i] === true && !(numbersAreFigures && BARE_NUMBER.test(text));
    const [match] = isDay || isValue(kindOf(cell, text)) ? [] : matchHeader(text);
    if (match) {
      const weight = weightOf(text, match.strength);
      const before = roles.get(match.role);
      if (before === undefined) roles.set(match.role, weight);
      else {
        roles.set(match.role, Math.max(before, weight));
        score += REPEATED * weight;
      }
    } else if (isDay) {
      days.add(text);
      if (text.length > 1) dayNames += 1;
    } else if (isValue(kindOf(cell, text))) score -= 1;
  }
  for (const weight of roles.values()) score += weight;
  if (days.size >= 3) score += DAY_WEIGHT * Math.min(days.size, 7);
  // A record may name a day; the letter of one is a header as well.
  else score -= dayNames;
  if (filled < WIDTH_SHARE * typicalWidth(below)) score -= 1;
  return score;
}

/** The texts of records have words of headers in them, too: `Write the minutes`. */
function weightOf(text: string, strength: 1 | 2 | 3 | 4): number {
  if (text.length === 1 && text < '\x7f') return LETTER_WEIGHT;
  const isProse = strength < WEIGHT.length - 1 && text.split(' ').length >= PROSE_WORDS && !/[()[\]]/.test(text);
  return isProse ? PROSE_SHARE * WEIGHT[strength] : WEIGHT[strength];
}

const isValue = (kind: ReturnType<typeof kindOf>): boolean =>
  kind === 'number' || kind === 'clock' || kind === 'duration' || kind === 'date' || kind === 'email' || kind === 'url';

/** Filled cells of the middle row by width. */
function typicalWidth(rows: readonly SheetRow[]): number {
  const widths = rows.map(filledIn).sort((a, b) => a - b);
  return widths[widths.length >> 1] ?? 0;
}

export function filledIn({ cells }: SheetRow): number {
  let filled = 0;
  for (const cell of cells) if (cell !== '' && textOf(cell).trim() !== '') filled += 1;
  return filled;
}

/**
 * The first row as a header whose words nobody knows: it has words alone, and a column below it has values alone.
 * @returns 0, or -1
 */
function unknownHeader(rows: readonly SheetRow[]): number {
  const [first, ...rest] = rows.slice(0, 1 + LOOK_BELOW);
  if (!first || rest.length === 0) return -1;
  const texts = first.cells.map((cell) => textOf(cell).trim());
  const named = texts.filter((text) => text !== '');
  if (named.length < 2 || named.length < WIDTH_SHARE * typicalWidth(rest)) return -1;
  if (new Set(named).size < named.length) return -1;
  if (first.cells.some((cell, i) => texts[i] !== '' && isValue(kindOf(cell, texts[i] as string)))) return -1;
  const holdsValues = texts.some((text, i) => {
    if (text === '') return false;
    const cells = rest.map(({ cells }) => cells[i] ?? '').filter((cell) => textOf(cell).trim() !== '');
    return cells.length > 0 && cells.every((cell) => isValue(kindOf(cell, textOf(cell).trim())));
  });
  return holdsValues ? 0 : -1;
}

function widestOf(rows: readonly SheetRow[]): number {
  let widest = 0;
  for (const { cells } of rows) if (cells.length > widest) widest = cells.length;
  return widest;
}

/** Whether a row names the unit of each column and nothing else, as a second line of a header does. */
export function isUnitRow(row: SheetRow): boolean {
  const texts = row.cells.map((cell) => textOf(cell).trim()).filter((text) => text !== '');
  return texts.length > 0 && texts.every((text) => unitOfWord(text.replace(/^[[(]|[\])]$/g, '')) !== null);
}
