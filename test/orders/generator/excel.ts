/** Writes workbooks with exceljs. */
import ExcelJS from 'exceljs';
import type { Dice } from './dice.ts';
import type { GridCell, Workbook } from './grid.ts';

export async function excelBytes(book: Workbook, dice: Dice): Promise<Uint8Array> {
  const workbook = new ExcelJS.Workbook();
  workbook.created = workbook.modified = new Date('2026-01-02T03:04:05Z');
  const formulas = dice.chance(0.3);
  for (const grid of book.grids) {
    const sheet = workbook.addWorksheet(grid.name, { state: grid.hidden ? 'hidden' : 'visible' });
    for (const cell of grid.cells) {
      const target = sheet.getCell(cell.row + 1, cell.column + 1);
      target.value = cellValue(cell, formulas);
      if (cell.bold) target.font = { bold: true };
      if (cell.typed) target.numFmt = numberFormat(cell);
    }
    for (const { row, from, to } of grid.merges) sheet.mergeCells(row + 1, from + 1, row + 1, to + 1);
    for (const row of grid.hiddenRows) sheet.getRow(row + 1).hidden = true;
    for (const column of grid.hiddenColumns) sheet.getColumn(column + 1).hidden = true;
  }
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}

function cellValue({ shown, typed, bold }: GridCell, formulas: boolean): ExcelJS.CellValue {
  if (!typed)
    return bold || shown.text.length < 40
      ? shown.text
      : { richText: [{ text: shown.text.slice(0, 9) }, { text: shown.text.slice(9) }] };
  if (shown.day !== undefined) return new Date(`${shown.day}T00:00:00Z`);
  const { digits, decimals } = shown.amount as { digits: number; decimals: number };
  const result = digits / 10 ** decimals;
  return formulas && decimals === 2 ? { formula: `ROUND(${result},2)`, result } : result;
}

function numberFormat({ shown }: GridCell): string {
  if (shown.day !== undefined) return /^\d{4}/.test(shown.text) ? 'yyyy-mm-dd' : 'dd.mm.yyyy';
  const decimals = shown.amount?.decimals ?? 0;
  const number = decimals === 0 ? '0' : `#,##0.${'0'.repeat(decimals)}`;
  const symbol = /[€£$]|CHF|EUR|GBP|USD/.exec(shown.text)?.[0];
  if (symbol === undefined) return number;
  const quoted = `"${symbol}"`;
  return shown.text.startsWith(symbol) ? `${quoted}${number}` : `${number} ${quoted}`;
}
