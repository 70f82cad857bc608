/**
 * Cells to the right of the last header, which belong to no column.
 *
 * Owns: saying that they are there. A comma in a text that is not in quotes shifts all cells behind it, so that the
 * last ones stand where no header is.
 */
import { type SheetRow, textOf } from '../tables.ts';
import type { FoundTable } from './find-table.ts';

/**
 * @param used columns that are read although they have no header
 * @param isDelimited a text file, in which a text can end too early
 * @returns a sentence for a person, or null
 */
export function surplusCells(
  tables: readonly { table: FoundTable; records: readonly SheetRow[] }[],
  used: ReadonlySet<number>,
  isDelimited: boolean,
): string | null {
  let count = 0;
  let first = 0;
  for (const { table, records } of tables) {
    if (table.header === null) continue;
    const width = table.headers.findLastIndex((header) => header !== '') + 1;
    for (const { cells, number } of records) {
      if (!cells.some((cell, i) => i >= width && !used.has(i) && textOf(cell).trim() !== '')) continue;
      if (count === 0) first = number;
      count += 1;
    }
  }
  if (count === 0) return null;
  const rows = count === 1 ? `Row ${first} has` : `${count} rows, first row ${first}, have`;
  const advice = isDelimited
    ? ' A text with the delimiter in it must be in quotes, else what follows it stands in the wrong columns.'
    : '';
  return `${rows} more cells than there are headers; what has no header is not read.${advice}`;
}
