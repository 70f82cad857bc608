/**
 * What a file of activities is before anybody has decided what its columns mean.
 *
 * Owns: the shape that every format (text, workbook, HTML, JSON) is brought into. Does not own reading bytes
 * (`src/documents`) nor deciding what is a header, a record or a duration (the rest of this folder).
 */

export type FileKind = 'csv' | 'xlsx' | 'xls' | 'ods' | 'html' | 'json';

/** Units of time that a number format or a header can name. */
export type TimeUnit = 'ms' | 's' | 'min' | 'h' | 'd' | 'w';

/**
 * A cell of which more is known than its text.
 *
 * | `kind` | `value` |
 * |---|---|
 * | `number` | the number as stored; `unit` when the number format writes one, as in `0" min"` |
 * | `time` | minutes, of a cell that is shown as a time of day (`h:mm`); may exceed 1,440, what is stored counts |
 * | `elapsed` | minutes, of a cell that is shown as hours beyond a day (`[h]:mm`) |
 * | `date` | milliseconds since 1970 of the wall clock, read as UTC; `text` is ISO, `2026-01-15` or `2026-01-15T10:30:00` |
 * | `boolean` | 1 or 0 |
 * | `text` | NaN; the text was longer than a cell may be and is cut |
 * | `uncomputed` | NaN; a formula that has no stored result and is too complex to compute; `text` is empty |
 * | `error` | NaN; a spreadsheet error such as `#REF!`; `text` is empty |
 */
export interface TypedCell {
  kind: 'number' | 'time' | 'elapsed' | 'date' | 'boolean' | 'text' | 'uncomputed' | 'error';
  text: string;
  value: number;
  unit?: TimeUnit;
}

/** Plain text is what it is; '' is an empty cell. */
export type Cell = string | TypedCell;

export interface SheetRow {
  /** Row of the spreadsheet, line of the text file, or number of the JSON element; from 1. */
  number: number;
  /** Filtered out or hidden by whoever made the file. */
  hidden: boolean;
  /** From the first column on; trailing empty cells may be absent. */
  cells: readonly Cell[];
}

export interface ActivitySheet {
  /** Null for files that have no sheets. */
  name: string | null;
  hidden: boolean;
  /** In the order of the file, blank rows left out. For JSON the first one holds the keys. */
  rows: readonly SheetRow[];
}

/** Something a person should know of the file as such, as a whole sentence. */
export interface TableNote {
  sentence: string;
}

export interface ActivityTables {
  kind: FileKind;
  contentType: string;
  /** Name of the encoding as the WHATWG Encoding Standard labels it; null for workbooks. */
  encoding: string | null;
  /** Null where there is none. */
  delimiter: string | null;
  sheets: readonly ActivitySheet[];
  notes: readonly TableNote[];
}

export const textOf = (cell: Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''));
