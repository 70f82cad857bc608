/**
 * CSV: bytes to text to rows.
 *
 * Owns: encoding, delimiter and line ends. Does not own: where a quoted cell ends (`quotes.ts`), what the cells mean.
 */
import { endOfQuoted } from './quotes.ts';
import { MAX_CELL_CODE_POINTS, MAX_COLUMNS } from './table.ts';

/** Text of a file by its byte order mark, else as UTF-8 if it is that, else as Windows-1252. Without the mark. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (first === 0xef && second === 0xbb && third === 0xbf) return new TextDecoder().decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** In the order of preference. */
export const DELIMITERS = [',', ';', '\t', '|'];
const SAMPLE_ROWS = 20;
const SAMPLE_CHARS = 1 << 20;

/**
 * The delimiter that gives the header at least two columns and the same number of columns to most of the first 20
 * rows; the first of `,` `;` tab `|` among equals, and a comma when there is but one column.
 */
export function detectDelimiter(text: string): string {
  let best = { delimiter: ',', alike: 0 };
  for (const delimiter of DELIMITERS) {
    const alike = alikeRows(text, delimiter);
    if (alike > best.alike) best = { delimiter, alike };
  }
  return best.delimiter;
}

/** How many of the first rows have the most common number of columns; 0 if the header has only one. */
function alikeRows(text: string, delimiter: string): number {
  const rowsByWidth = new Map<number, number>();
  let seen = 0;
  for (const { cells, width } of sampleRows(text, delimiter)) {
    if (isBlank(cells)) continue;
    if (seen === 0 && width === 1) return 0;
    rowsByWidth.set(width, (rowsByWidth.get(width) ?? 0) + 1);
    seen += 1;
    if (seen === SAMPLE_ROWS) break;
  }
  return Math.max(0, ...rowsByWidth.values());
}

/** Rows of the beginning of a text, under a delimiter that may be the wrong one. */
export function sampleRows(text: string, delimiter: string): Iterable<CsvRow> {
  const start = text.search(/[^\r\n]|$/);
  return parseCsv(text.slice(start, start + SAMPLE_CHARS), delimiter);
}

export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

/** A cell whose source is longer is too long whatever is in it, so no more of it is looked at. */
const MAX_CELL_CHARS = 2 * MAX_CELL_CODE_POINTS + 2;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface CsvRow {
  /** Place in the file, counted from 1 as a spreadsheet program shows it. */
  number: number;
  /** The first cells, at most one more than a row may have. Made for this row alone. */
  cells: string[];
  /** How many cells the row has in the file. */
  width: number;
  /** Column of the last cell that is not empty, from 1; 0 if all are. */
  lastFilled: number;
}

export interface CsvOptions {
  /** One cell more than this is kept of a row. */
  maxColumns?: number;
  /** Index of the first character, and the number of its row. */
  from?: { index: number; row: number };
  /** Told of each cell whose quotes are not as RFC 4180 has them, and whether its quote is never closed. */
  oddQuote?(row: number, column: number, isOpen: boolean): void;
}

/**
 * RFC 4180, and what spreadsheet programs write beyond it: any line end, text after a closing quote, a quote that is
 * never closed. An empty line is counted but not reported.
 * @param delimiter blank: each line is one cell
 */
export function* parseCsv(text: string, delimiter: string, options: CsvOptions = {}): Generator<CsvRow> {
  const { maxColumns = MAX_COLUMNS, from = { index: 0, row: 1 }, oddQuote } = options;
  const delimiterCode = delimiter === '' ? -1 : delimiter.charCodeAt(0);
  const endOfCell = (start: number): number => {
    for (let index = start; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code === delimiterCode || code === LINE_FEED || code === CARRIAGE_RETURN) return index;
    }
    return text.length;
  };
  let at = from.index;
  const skipLineEnd = (): void => {
    at += text.charCodeAt(at) === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED ? 2 : 1;
  };
  for (let number = from.row; at < text.length; number += 1) {
    const first = text.charCodeAt(at);
    if (first === LINE_FEED || first === CARRIAGE_RETURN) {
      skipLineEnd();
      continue;
    }
    const cells: string[] = [];
    let width = 0;
    let lastFilled = 0;
    for (;;) {
      width += 1;
      let value = '';
      if (text.charCodeAt(at) === QUOTE) {
        const { closing, isOdd } = endOfQuoted(text, at, delimiterCode);
        if (isOdd) oddQuote?.(number, width, closing < 0);
        if (closing >= 0) {
          value = text.slice(at + 1, Math.min(closing, at + MAX_CELL_CHARS)).replaceAll('""', '"');
          at = closing + 1;
        }
      }
      const end = endOfCell(at);
      if (end > at || value !== '') lastFilled = width;
      if (cells.length <= maxColumns) cells.push(value + text.slice(at, end));
      at = end;
      if (text.charCodeAt(end) !== delimiterCode) break;
      at += 1;
    }
    skipLineEnd();
    yield { number, cells, width, lastFilled };
  }
}
