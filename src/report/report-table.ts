/**
 * A table of a report, before it is known whether it becomes HTML, CSV or a sheet.
 *
 * Owns: the shape. Cells are plain values; how they are written follows from the kind of their column.
 */

/** `hours`, `minutes`, `money` and `percent` have two decimals; `count` none; `date` is `YYYY-MM-DD`. */
export type ColumnKind = 'text' | 'date' | 'count' | 'minutes' | 'hours' | 'money' | 'percent' | 'number';

export interface ReportColumn {
  title: string;
  kind: ColumnKind;
  /** Characters in a sheet. */
  width?: number;
  /** Left out where a person reads the table: another column says the same. */
  detail?: boolean;
}

export type CellValue = string | number | null;

export interface ReportTable {
  /** Name of the sheet, and of the section in CSV. */
  sheet: string;
  /** Heading of the section. */
  title: string;
  /** What the table shows, for those who cannot see it as a whole. */
  caption: string;
  columns: readonly ReportColumn[];
  rows: readonly (readonly CellValue[])[];
  /** Sentences below the table: what is left out, why it is empty, what it rests on. */
  notes: readonly string[];
}

export const isNumeric = ({ kind }: ReportColumn): boolean => kind !== 'text' && kind !== 'date';

/** Unit of a column in CSV; empty for texts. */
export const unitOf = ({ kind }: ReportColumn): string =>
  ({ text: '', date: 'date', count: 'count', minutes: 'min', hours: 'h', money: 'money', percent: '%', number: '' })[
    kind
  ];
