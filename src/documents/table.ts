/**
 * What the readers of files share.
 *
 * Owns: limits, and how a file that is not acceptable is refused. Keeps I11: a refusal names what
 * and where, and is data by the time it leaves this folder.
 */

export const MAX_COLUMNS = 200;
export const MAX_CELL_CODE_POINTS = 10_000;

/** One reason why a file is refused; `path` is `file`, `file:<row>:<column>` (both from 1) or `sheet`. */
export interface FileError {
  path: string;
  message: string;
}

/** 400: the content is wrong; 413: it is too large once inflated; 415: it is of a kind that is not read. */
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
