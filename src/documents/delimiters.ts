/**
 * The delimiter of a CSV file that is a form: a letter head first, then the table.
 *
 * Owns: finding the table's delimiter where the first row is not its header. Does not own: files that begin with their
 * header (`detectDelimiter` in `csv.ts`).
 */
import { DELIMITERS, detectDelimiter, isBlank, sampleRows } from './csv.ts';

/** Rows that are looked at. */
const SAMPLE_ROWS = 200;
/** What a table counts whose first row is no header: there are numbers in it. */
const HEADLESS = 0.1;

/** The delimiter that fits the beginning of a text best; a comma when there is but one column. */
export function detectFormDelimiter(text: string): string {
  const usual = detectDelimiter(text);
  const tables = DELIMITERS.map((delimiter) => tableOf(text, delimiter));
  if (tables.find(({ delimiter }) => delimiter === usual)?.beginsFile) return usual;
  let best = { delimiter: usual, score: 0 };
  for (const table of tables) if (table.score > best.score) best = table;
  return best.delimiter;
}

interface Table {
  delimiter: string;
  /** The first row that is not blank, and most others, have as many columns. */
  beginsFile: boolean;
  /** More for more rows, and for more columns. */
  score: number;
}

function tableOf(text: string, delimiter: string): Table {
  const rowsByWidth = new Map<number, { count: number; first: readonly string[] }>();
  let firstWidth = 0;
  let seen = 0;
  for (const { cells, width } of sampleRows(text, delimiter)) {
    if (isBlank(cells)) continue;
    if (seen === 0) firstWidth = width;
    const alike = rowsByWidth.get(width);
    if (alike) alike.count += 1;
    else rowsByWidth.set(width, { count: 1, first: cells });
    seen += 1;
    if (seen === SAMPLE_ROWS) break;
  }
  let best = { width: 1, score: 0, count: 0 };
  for (const [width, { count, first }] of rowsByWidth) {
    const score = count * (width - 1) * (first.some(isNumeric) ? HEADLESS : 1);
    if (score > best.score) best = { width, score, count };
  }
  return { delimiter, beginsFile: firstWidth === best.width && best.count > seen / 2, score: best.score };
}

function isNumeric(cell: string): boolean {
  return /^\s*[-+]?[\d.,' ]*\d\s*$/.test(cell);
}
