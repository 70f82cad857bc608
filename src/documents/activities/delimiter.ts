/**
 * The delimiter of a text file of activities.
 *
 * Owns: the choice where title lines stand above the header, where texts have commas, and where there is one column.
 * Delimiters under which all rows have as many columns as the first one go before all others; among them the first of
 * `,` `;` tab `|` wins, unless all its commas may as well be text or decimal marks.
 */
import { DELIMITERS, isBlank, sampleRows } from '../csv.ts';

/** Rows that are looked at, and how far down the header may stand. */
const SAMPLE_ROWS = 200;
const MAX_TITLE_ROWS = 20;
/** Share of the rows from the header on that must be as wide as it. */
const LEAST_ALIKE = 0.5;

interface Layout {
  delimiter: string;
  /** Rows above the header. */
  titles: number;
  /** Rows from the header on that are as wide as it, and all from there on. */
  alike: number;
  rows: number;
  width: number;
  /** True if every comma may be one of a sentence or a decimal: a space follows it, or it stands between digits. */
  mayBeText: boolean;
  /** A column below the header has digits in most rows. */
  hasFigures: boolean;
}

/**
 * One of `,` `;` tab `|`; blank if the file has but one column.
 * @param preferred what the name of the file suggests, if anything
 */
export function chooseDelimiter(text: string, preferred: string | null): string {
  const layouts = DELIMITERS.flatMap((delimiter) => layoutOf(text, delimiter) ?? []);
  const plain = layouts.filter(({ titles, alike, rows }) => titles === 0 && alike === rows);
  const candidates = plain.length > 0 ? plain : layouts.filter(isTable);
  const hinted = candidates.find(({ delimiter }) => delimiter === preferred);
  if (hinted) return hinted.delimiter;
  const certain = candidates.filter(({ mayBeText }) => !mayBeText);
  let best: Layout | undefined;
  for (const layout of certain.length > 0 ? certain : candidates) {
    if (!best || scoreOf(layout) > scoreOf(best)) best = layout;
  }
  return best?.delimiter ?? '';
}

/** Rows that fit count, rows that do not count against; a table further up explains more of the file. */
function scoreOf({ alike, rows }: Layout): number {
  return alike - 2 * (rows - alike);
}

/** Below title lines, prose with commas looks like a table of two columns unless there are figures in it. */
function isTable({ titles, width, hasFigures, mayBeText, alike, rows }: Layout): boolean {
  if (alike < rows * LEAST_ALIKE) return false;
  if (titles === 0) return !mayBeText || hasFigures || width > 2;
  return hasFigures || width > 2 || (!mayBeText && alike > 2);
}

/** The header whose width most of the rows below it have; null if no row has two columns. */
function layoutOf(text: string, delimiter: string): Layout | null {
  const rows: { cells: readonly string[]; width: number }[] = [];
  for (const { cells, width, lastFilled } of sampleRows(text, delimiter)) {
    if (lastFilled <= cells.length && isBlank(cells)) continue;
    rows.push({ cells, width });
    if (rows.length === SAMPLE_ROWS) break;
  }
  /** Rows from here on that have this width. */
  const alikeByWidth = new Map<number, number>();
  for (const { width } of rows) alikeByWidth.set(width, (alikeByWidth.get(width) ?? 0) + 1);
  let best: Layout | null = null;
  for (const [titles, { width }] of rows.slice(0, MAX_TITLE_ROWS).entries()) {
    const alike = alikeByWidth.get(width) as number;
    alikeByWidth.set(width, alike - 1);
    if (width === 1) continue;
    const below = rows.slice(titles);
    const layout = { delimiter, titles, alike, rows: below.length, width, ...contentOf(below, width, delimiter) };
    if (!best || scoreOf(layout) > scoreOf(best)) best = layout;
  }
  return best;
}

function contentOf(
  rows: readonly { cells: readonly string[]; width: number }[],
  width: number,
  delimiter: string,
): Pick<Layout, 'mayBeText' | 'hasFigures'> {
  const [header, ...body] = rows;
  const figures = new Array<number>(Math.min(width, 200)).fill(0);
  let isDecimalMark = delimiter === ',' && body.length > 0;
  for (const { cells } of body) {
    for (let column = 0; column < figures.length; column += 1) {
      if (/^\s{0,9}[-+]?\d/.test(cells[column] ?? '')) figures[column] = (figures[column] as number) + 1;
    }
    isDecimalMark &&= cells.every((cell, i) => i === 0 || isAfterComma(cells[i - 1] as string, cell));
  }
  const headerIsProse = header?.cells.slice(1).every((cell) => cell.startsWith(' ') || /^\d/.test(cell)) ?? true;
  return {
    mayBeText: delimiter === ',' && headerIsProse && (isDecimalMark || isProse(body)),
    hasFigures: figures.some((count) => count > body.length / 2),
  };
}

/** Whether a comma between these two may be one of a decimal or of a sentence. */
function isAfterComma(before: string, after: string): boolean {
  return after.startsWith(' ') || (/\d$/.test(before) && /^\d/.test(after));
}

function isProse(rows: readonly { cells: readonly string[] }[]): boolean {
  return rows.every(({ cells }) => cells.every((cell, i) => i === 0 || cell.startsWith(' ')));
}
