/**
 * Text files of an order: CSV as one sheet, anything else as lines.
 *
 * Owns: how much of a text there may be. Does not own: encodings, delimiters and quotes (`csv.ts`).
 */
import type { Content, Sheet } from '../../machines/orders/document.ts';
import { createSheetCollector } from './cells.ts';
import { decodeText, parseCsv } from './csv.ts';
import { detectFormDelimiter } from './delimiters.ts';
import { MAX_TEXT_LINES } from './limits.ts';
import { MAX_COLUMNS, placeOf, Refused } from './table.ts';

/**
 * @param name of the sheet
 * @throws {Refused} if it is no text, or has more of something than a document may have
 */
export function readCsvSheet(bytes: Uint8Array, name: string): readonly Sheet[] {
  const text = textOf(bytes);
  const { sheets, start } = createSheetCollector();
  const sheet = start(name, false);
  // An order that may have lost what follows a quote is not read as if it had not.
  const oddQuote = (row: number, column: number, isOpen: boolean): void => {
    if (isOpen) throw new Refused(400, 'the quoted cell is not closed', placeOf(row, column));
  };
  for (const { number, cells, width } of parseCsv(text, detectFormDelimiter(text), { oddQuote })) {
    if (width > MAX_COLUMNS) {
      throw new Refused(400, `the file has more than ${MAX_COLUMNS} columns`, placeOf(number, width), 'column count');
    }
    for (const [column, cell] of cells.entries()) sheet.add(number - 1, column, { text: cell }, false);
  }
  return sheets;
}

type TextContent = Extract<Content, { kind: 'lines' }>;

/** @throws {Refused} if it is no text or has more lines than a text may have */
export function readLines(bytes: Uint8Array): TextContent {
  return linesContent(textOf(bytes));
}

/** @throws {Refused} beyond the number of lines */
export function linesContent(text: string): TextContent {
  let lines = 0;
  for (const _ of text.matchAll(/\r\n|\n|\r/g)) {
    lines += 1;
    if (lines > MAX_TEXT_LINES) throw new Refused(400, `more than ${MAX_TEXT_LINES} lines`, 'file', 'line count');
  }
  return { kind: 'lines', text };
}

function textOf(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  if (text.includes('\0')) throw new Refused(415, 'the file is no text', 'file', 'unsupported type');
  return text;
}
