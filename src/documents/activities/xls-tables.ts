/**
 * XLS and XLSB: all sheets of a workbook in Excel's binary formats, with typed cells.
 *
 * Owns: what of the parsed workbook is a table. Does not own: parsing (`xls.ts`). These formats always store the
 * results of formulas.
 */
import type { WorkBook, WorkSheet } from '@e965/xlsx';
import type { Cell } from '../../../machines/activities/tables.ts';
import { Refused } from '../table.ts';
import { isHidden, type ParsedCell } from '../xls.ts';
import { chooseSheets } from './sheet-choice.ts';
import { putCell, type SheetBuilder, type TableBuilder } from './table-builder.ts';
import { booleanCell, type CellFormat, errorCell, formatOf, numberCell } from './typed-cells.ts';

type Formats = Map<string | number, CellFormat>;

/**
 * @param wanted name of the one sheet to read, in any case
 * @throws {Refused} if there is no such sheet
 */
export function readXlsTables(workbook: WorkBook, wanted: string | undefined, tables: TableBuilder): void {
  const uses1904 = workbook.Workbook?.WBProps?.date1904 === true;
  const formats: Formats = new Map();
  const sheets = workbook.SheetNames.flatMap((name, index) => {
    const sheet = workbook.Sheets[name];
    // A chart may have a sheet of its own, a macro too.
    if (!sheet || (sheet['!type'] !== undefined && sheet['!type'] !== 'sheet')) return [];
    return [{ name, sheet, hidden: (workbook.Workbook?.Sheets?.[index]?.Hidden ?? 0) !== 0 }];
  });
  if (sheets.length === 0) throw new Refused(400, 'the workbook has no sheet');
  for (const { name, sheet, hidden } of chooseSheets(sheets, wanted)) {
    addRows(sheet, tables.start(name, hidden), formats, uses1904);
  }
}

function addRows(sheet: WorkSheet, { add }: SheetBuilder, formats: Formats, uses1904: boolean): void {
  const rows: ((ParsedCell | undefined)[] | undefined)[] = sheet['!data'] ?? [];
  for (const [index, stored] of rows.entries()) {
    if (!stored) continue;
    const cells: Cell[] = [];
    for (const [column, parsed] of stored.entries()) {
      const cell = parsed ? cellOf(parsed, formats, uses1904) : '';
      if (cell !== '') putCell(cells, column + 1, cell, index + 1);
    }
    // The parser's objects are large; each is given up as soon as its cells are read.
    rows[index] = undefined;
    add(index + 1, isHidden(sheet['!rows']?.[index], 'hpx'), cells);
  }
}

function cellOf({ t, v, z = 0 }: ParsedCell, formats: Formats, uses1904: boolean): Cell {
  if (t === 'b') return booleanCell(v === true);
  if (t === 'e') return errorCell();
  if (t !== 'n' || typeof v !== 'number') return typeof v === 'string' ? v : '';
  const format = formats.get(z) ?? formatOf(z);
  formats.set(z, format);
  return numberCell(v, format, uses1904);
}
