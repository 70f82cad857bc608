/**
 * Which sheets of a workbook are read.
 *
 * Owns: that all sheets with the header of the best one are read together, and why the others are left out.
 */
import type { InputReport } from '../input-report.ts';
import type { ActivitySheet } from '../tables.ts';
import { type FoundTable, findTable, headerScore } from './find-table.ts';

export interface ChosenSheets {
  /** All have the same header; the first decides about columns. */
  tables: readonly FoundTable[];
  sheets: InputReport['sheets'];
}

/** How many columns of two headers must have the same names. */
const ALIKE_SHARE = 0.8;
/** Beyond this many rows a sheet counts no more for being long. */
const ROWS_COUNTED = 10_000;

/** @param only the caller has named the sheet: it is read also if it is hidden */
export function chooseSheets(
  sheets: readonly ActivitySheet[],
  headerRow: number | undefined,
  only: boolean,
): ChosenSheets {
  const found = sheets.map((sheet) => findTable(sheet, headerRow));
  const usable = found.filter(({ sheet, below }) => (only || !sheet.hidden) && below.length > 0);
  const [first] = usable.toSorted((a, b) => worth(b) - worth(a));
  const tables = first ? usable.filter((table) => table === first || haveSameHeader(table, first)) : [];
  return {
    tables,
    sheets: found.map((table) => {
      const { sheet, below } = table;
      if (tables.includes(table)) return { name: sheet.name, rows: below.length, read: true };
      return { name: sheet.name, rows: below.length, read: false, reason: reasonOf(table, only) };
    }),
  };
}

function worth(table: FoundTable): number {
  return headerScore(table) * Math.log2(2 + Math.min(ROWS_COUNTED, table.below.length));
}

function reasonOf({ sheet, below, header }: FoundTable, only: boolean): string {
  if (sheet.hidden && !only) return 'hidden';
  if (below.length === 0) return 'no rows below a header';
  return header === null ? 'no header of a list' : 'another header than the sheet that is read';
}

function haveSameHeader(table: FoundTable, other: FoundTable): boolean {
  if (table.header === null || other.header === null) return false;
  const [names, others] = [namesOf(table), namesOf(other)];
  // Columns are found by their place, so the names must stand at the same places.
  const alike = names.filter((name, i) => name !== '' && name === others[i]).length;
  const named = Math.max(names.filter(Boolean).length, others.filter(Boolean).length);
  return named > 0 && alike >= ALIKE_SHARE * named;
}

const namesOf = ({ headers }: FoundTable): string[] => headers.map((header) => header.toLowerCase());
