/**
 * What every spreadsheet is before it means something: numbered rows of text cells.
 *
 * Owns: the limits of a file, how a file that is not acceptable is refused, and what is worth a warning. Keeps I11: a refusal names what and
 * where, and is data by the time it leaves this folder.
 */

export const MAX_COLUMNS = 200;
export const MAX_CELL_CODE_POINTS = 10_000;

/** One row of a sheet. Everything in a cell is text: dates are ISO, times and durations are minutes (`90 min`). */
export interface TableRow {
  /** Place in the file, counted from 1 as a spreadsheet program shows it. */
  number: number;
  /** The first cells, at most one more than a sheet may have. */
  cells: readonly string[];
  /** How many cells the row has in the file. */
  width: number;
}

/** One reason why a file is refused; `path` is `file`, `file:<row>:<column>` (both from 1) or `sheet`. */
export interface FileError {
  path: string;
  message: string;
}

/** 400: the content is wrong; 413: it is too large once inflated; 415: it is no CSV or XLSX file. */
export type RefusalStatus = 400 | 413 | 415;

/** Why a file is refused, in a few words that never change: they are stored and shown. */
export type RefusalReason =
  | 'attachment count'
  | 'cell length'
  | 'column count'
  | 'corrupt'
  | 'element count'
  | 'encrypted'
  | 'entry count'
  | 'entry name'
  | 'inflated size'
  | 'line count'
  | 'nesting depth'
  | 'page count'
  | 'part count'
  | 'row count'
  | 'sheet count'
  | 'size'
  | 'unsupported type';

/** Thrown inside this folder to refuse a file. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: RefusalStatus;
  readonly errors: readonly FileError[];
  readonly reason: RefusalReason;

  constructor(status: RefusalStatus, message: string, path = 'file', reason: RefusalReason = 'corrupt') {
    super(message);
    this.status = status;
    this.errors = [{ path, message }];
    this.reason = reason;
  }
}

export function placeOf(row: number, column: number): string {
  return `file:${row}:${column}`;
}

/** What was not as it should be but did not matter enough to refuse the file: counted, with the first place. */
export class Findings {
  readonly #found = new Map<string, { count: number; first: number }>();

  /** @param what e.g. `surplus cells were dropped` */
  add(what: string, row: number): void {
    const found = this.#found.get(what);
    if (found) found.count += 1;
    else this.#found.set(what, { count: 1, first: row });
  }

  /** One sentence per kind. */
  warnings(): string[] {
    return Array.from(this.#found, ([what, { count, first }]) =>
      count === 1 ? `Row ${first}: ${what}.` : `${count} times, first in row ${first}: ${what}.`,
    );
  }
}
