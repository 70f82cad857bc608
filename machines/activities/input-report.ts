/**
 * What a reading says about itself: what was read in which column, what was left out, what was assumed.
 *
 * Owns: the shape that is kept with the project and shown by API, command line and reports. Every key is public.
 */

import type { ActivityMapping } from './mapping.ts';

/** What a column can be used for. */
export type ColumnUse =
  | 'text'
  | 'category'
  | 'duration'
  | 'start'
  | 'end'
  | 'date'
  | 'person'
  | 'project'
  | 'case'
  | 'rate';

export interface ColumnReport {
  /** Several headers, where several columns are added up, are joined with ` + `. */
  header: string;
  chosen_by: 'mapping' | 'header' | 'content';
  /** Percent of the records in which the column is not empty, two decimals. */
  fill_percent: number;
}

export interface UnitReport {
  /** The unit of bare numbers. `day fraction`: a number of 1 is a day of 24 hours, as spreadsheets store times. `mixed`: hours below 24, else minutes. `h.mm`: 8.30 is 8 hours and 30 minutes. */
  unit: 'ms' | 's' | 'min' | 'h' | 'd' | 'w' | 'day fraction' | 'mixed' | 'h.mm';
  by: 'mapping' | 'header' | 'cells' | 'unit column' | 'twin column' | 'format' | 'magnitude';
  /** True when nothing in the file says so. */
  assumed: boolean;
}

/** Reason why a row is no record. */
export type IgnoredReason = 'blank' | 'total' | 'subtotal' | 'repeated header' | 'hidden' | 'note' | 'negative';

export interface CheckReport {
  check:
    | 'over 24 h in one row'
    | 'median suggests seconds'
    | 'median suggests milliseconds'
    | 'median over 8 h'
    | 'total does not add up'
    | 'twin columns differ'
    | 'duplicate rows'
    | 'date out of range'
    | 'negative duration'
    | 'unreadable duration';
  count: number;
  /** Row in the file, from 1; null when it is about the file as a whole. */
  first_row: number | null;
  /** How far off: stated total / sum of the rows, minutes of the largest row, …; null where there is none. */
  factor: number | null;
}

export interface InputReport {
  file: string | null;
  sheets: { name: string | null; rows: number; read: boolean; reason?: string }[];
  /** What the caller had decided; null if nothing. */
  mapping: ActivityMapping | null;
  encoding: string | null;
  delimiter: string | null;
  /** Row of the file, from 1; null: the file has no header. */
  header_row: number | null;
  columns: Partial<Record<ColumnUse, ColumnReport>>;
  /** Null when no bare number had to be read. */
  unit: UnitReport | null;
  rows: {
    read: number;
    /** Rows whose duration is in the file. */
    given: number;
    /** Rows whose duration is estimated. */
    inferred: number;
    ignored: Partial<Record<IgnoredReason, { count: number; first_row: number }>>;
  };
  minutes: { given: number; inferred: number };
  checks: CheckReport[];
  /** At most 50 sentences. */
  warnings: string[];
  /** What a person has to say before there are figures. */
  question: ReadingQuestion | null;
}

export type ReadingQuestion =
  /** Most of the time would be estimated, and these columns could hold it. */
  | { about: 'time column'; options: string[] }
  /** Nothing says that this is a list of activities. */
  | { about: 'activities' };

/** What the analytic deliverables repeat of it as `content.input`. */
export interface InputSummary {
  file: string | null;
  rows: { read: number; given: number; inferred: number; ignored: number };
  minutes: { given: number; inferred: number };
  unit: UnitReport | null;
  /** Number of warnings; the sentences stand in the project's `input`. */
  warnings: number;
}

export function summaryOf({ file, rows, minutes, unit, warnings }: InputReport): InputSummary {
  const ignored = Object.values(rows.ignored).reduce((sum, { count }) => sum + count, 0);
  return { file, rows: { ...rows, ignored }, minutes, unit, warnings: warnings.length };
}
