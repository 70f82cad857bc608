/**
 * Text files of activities: CSV and its relatives.
 *
 * Owns: the `sep=` line, cells that spreadsheets write as formulas, and what is said about odd quotes. Does not own:
 * encodings, delimiters and quotes.
 */
import { parseCsv } from '../csv.ts';
import { chooseDelimiter } from './delimiter.ts';
import { MAX_ACTIVITY_COLUMNS, putCell, type TableBuilder } from './table-builder.ts';

/** A first line by which a file names its delimiter to Excel. */
const SEPARATOR_LINE = /^"?sep=(.)"?[ \t;,|]{0,20}(?:\r\n|\r|\n|$)/i;

/**
 * Adds the one sheet of a text file. Row numbers count records, a quoted cell of several lines as one, as spreadsheets
 * show them; a `sep=` line is row 1.
 * @param extension of the file's name
 * @returns the delimiter, null if the file has one column
 */
export function readTextTable(text: string, extension: string, tables: TableBuilder): string | null {
  const stated = SEPARATOR_LINE.exec(text);
  const index = stated?.[0].length ?? 0;
  const preferred = extension === 'tsv' || extension === 'tab' ? '\t' : null;
  const delimiter = stated?.[1] ?? chooseDelimiter(text, preferred);
  const odd = { count: 0, first: '' };
  const rows = parseCsv(text, delimiter, {
    maxColumns: MAX_ACTIVITY_COLUMNS,
    from: { index, row: stated ? 2 : 1 },
    oddQuote(row, column) {
      if (odd.count === 0) odd.first = `row ${row}, column ${column}`;
      odd.count += 1;
    },
  });
  const { add } = tables.start(null, false);
  for (const { number, cells, lastFilled } of rows) {
    if (lastFilled === 0 || isRule(cells)) continue;
    for (let column = 0; column < cells.length; column += 1) {
      const cell = cells[column] as string;
      if (cell.startsWith('="')) cells[column] = textOfFormula(cell);
    }
    // The cells beyond the last column that is kept are gone: this one stands for them.
    if (lastFilled > MAX_ACTIVITY_COLUMNS) putCell(cells, lastFilled, '', number);
    add(number, false, cells);
  }
  if (odd.count > 0) tables.note(oddQuotesNote(odd.count, odd.first));
  return delimiter === '' ? null : delimiter;
}

/** A line drawn between rows, as SAP prints lists and people write tables. */
function isRule(cells: readonly string[]): boolean {
  let hasRule = false;
  for (const cell of cells) {
    if (cell === '') continue;
    if (!/^\s{0,9}[-=+_:]{3,}\s{0,9}$/.test(cell)) return false;
    hasRule = true;
  }
  return hasRule;
}

/** `="0012"` is how a text is kept from being read as a number. */
function textOfFormula(cell: string): string {
  return cell.length > 2 && cell.endsWith('"') ? cell.slice(2, -1).replaceAll('""', '"') : cell;
}

function oddQuotesNote(count: number, first: string): string {
  const what = count === 1 ? '1 cell has a quotation mark' : `${count} cells have quotation marks`;
  return `${what} that is not closed or not doubled (first: ${first}); it was read as a part of the text.`;
}
