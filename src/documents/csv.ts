/**
 * CSV: bytes to text to rows.
 *
 * Owns: encoding, delimiter, quotes and line ends. Does not own: what the cells mean.
 */
import { MAX_CELL_CODE_POINTS, MAX_COLUMNS, placeOf, Refused, type TableRow } from './table.ts';

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

/** Rows of the beginning of a text, under a delimiter that may be the wrong one: a quote may stay open. */
export function sampleRows(text: string, delimiter: string): Iterable<TableRow> {
  const start = text.search(/[^\r\n]|$/);
  return parseRows(text.slice(start, start + SAMPLE_CHARS), delimiter, true);
}

export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

/** @throws {Refused} at a quoted cell that is never closed. */
export function parseCsv(text: string, delimiter: string): Iterable<TableRow> {
  return parseRows(text, delimiter, false);
}

/** A cell whose source is longer is too long whatever is in it, so no more of it is looked at. */
const MAX_CELL_CHARS = 2 * MAX_CELL_CODE_POINTS + 2;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * RFC 4180, and what spreadsheet programs write beyond it: any line end, text after a closing quote. An empty line is
 * counted but not reported.
 * @param sampling a quote that is never closed ends with the text, as it does under a wrong delimiter
 */
function* parseRows(text: string, delimiter: string, sampling: boolean): Generator<TableRow> {
  const delimiterCode = delimiter.charCodeAt(0);
  const endOfCell = (from: number): number => {
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === delimiterCode || code === LINE_FEED || code === CARRIAGE_RETURN) return at;
    }
    return text.length;
  };
  let at = 0;
  const skipLineEnd = (): void => {
    at += text.charCodeAt(at) === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED ? 2 : 1;
  };
  for (let number = 1; at < text.length; number += 1) {
    const first = text.charCodeAt(at);
    if (first === LINE_FEED || first === CARRIAGE_RETURN) {
      skipLineEnd();
      continue;
    }
    const cells: string[] = [];
    let width = 0;
    for (;;) {
      width += 1;
      let value = '';
      if (text.charCodeAt(at) === QUOTE) {
        const closing = closingQuote(text, at + 1);
        if (closing < 0 && !sampling) throw new Refused(400, 'the quoted cell is not closed', placeOf(number, width));
        const end = closing < 0 ? text.length : closing;
        value = text.slice(at + 1, Math.min(end, at + MAX_CELL_CHARS)).replaceAll('""', '"');
        at = end + 1;
      }
      const end = endOfCell(at);
      if (cells.length <= MAX_COLUMNS) cells.push(value + text.slice(at, end));
      at = end;
      if (text.charCodeAt(end) !== delimiterCode) break;
      at += 1;
    }
    skipLineEnd();
    yield { number, cells, width };
  }
}

/** Index of the quote that closes a cell, -1 if none does; `""` is a quote inside. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) !== QUOTE) return at;
  }
  return -1;
}
