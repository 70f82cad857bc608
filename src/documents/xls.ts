/**
 * XLS: all cells of all sheets of a workbook in Excel's binary format, of the years before 2007.
 *
 * Owns: what of the parsed workbook is a document. Formulas are never computed, macros never read. The parser knows
 * many other formats, so it is given nothing but a compound file with a workbook in it.
 */
import { CFB, read, type WorkBook, type WorkSheet } from '@e965/xlsx';
import type { Cell, Sheet } from '../../machines/orders/document.ts';
import { numericCell } from './cell-values.ts';
import { createSheetCollector, type SheetCells } from './cells.ts';
import { builtinKind, kindOfFormat } from './number-formats.ts';
import { Refused } from './table.ts';

/** @throws {Refused} if it is damaged, encrypted or has more of something than a document may have */
export function readXls(bytes: Uint8Array): readonly Sheet[] {
  const workbook = parseXls(bytes);
  const uses1904 = workbook.Workbook?.WBProps?.date1904 === true;
  const { sheets, start } = createSheetCollector();
  for (const [index, name] of workbook.SheetNames.entries()) {
    const sheet = workbook.Sheets[name];
    // A chart may have a sheet of its own, a macro too.
    if (!sheet || (sheet['!type'] !== undefined && sheet['!type'] !== 'sheet')) continue;
    const cells = start(name, (workbook.Workbook?.Sheets?.[index]?.Hidden ?? 0) !== 0);
    addCells(sheet, cells, uses1904);
  }
  if (sheets.length === 0) throw new Refused(400, 'the workbook has no sheet');
  return sheets;
}

/**
 * A workbook as the parser gives it.
 * @throws {Refused} if it is none, is damaged or encrypted
 */
export function parseXls(bytes: Uint8Array): WorkBook {
  return guarded(() => {
    if (!hasCompoundHeader(bytes)) throw new Refused(400, 'unreadable workbook: its beginning is damaged');
    const file = CFB.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { type: 'buffer' });
    if (CFB.find(file, 'EncryptedPackage')) throw encrypted();
    if (!CFB.find(file, 'Workbook') && !CFB.find(file, 'Book')) {
      throw new Refused(415, 'the file is no workbook', 'file', 'unsupported type');
    }
    return parseWorkbook(bytes);
  });
}

/**
 * The parser on bytes of which the caller knows what they are: it takes anything for something.
 * @throws {Refused} if they are damaged or encrypted
 */
export function parseWorkbook(bytes: Uint8Array): WorkBook {
  return guarded(() =>
    read(bytes, {
      ...{ type: 'array', dense: true, cellFormula: false, cellHTML: false, cellText: false, cellNF: true },
      ...{ cellStyles: true, cellDates: false, bookVBA: false, WTF: false },
    }),
  );
}

/** What the parser does not find at the beginning of a compound file, it takes for another format. */
function hasCompoundHeader(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && bytes[28] === 0xfe && bytes[29] === 0xff;
}

function guarded(parse: () => WorkBook): WorkBook {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Refused) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (/password|encrypt/i.test(message)) throw encrypted();
    throw new Refused(400, `unreadable workbook: ${message}`);
  }
}

function encrypted(): Refused {
  return new Refused(400, 'the workbook is encrypted; save it without a password', 'file', 'encrypted');
}

/** As the parser gives it. */
export interface ParsedCell {
  t: string;
  v?: unknown;
  w?: string;
  /** Code of the number format. */
  z?: string | number;
}

function addCells(sheet: WorkSheet, cells: SheetCells, uses1904: boolean): void {
  const rows: readonly ((ParsedCell | undefined)[] | undefined)[] = sheet['!data'] ?? [];
  const hiddenRow = (row: number): boolean => isHidden(sheet['!rows']?.[row], 'hpx');
  const hiddenColumns = new Set<number>();
  for (const [column, settings] of (sheet['!cols'] ?? []).entries()) {
    if (isHidden(settings, 'wpx')) hiddenColumns.add(column);
  }
  for (const [row, stored] of rows.entries()) {
    if (!stored) continue;
    const hidden = hiddenRow(row);
    for (const [column, cell] of stored.entries()) {
      const value = cell && cellValue(cell, uses1904);
      if (value) cells.add(row, column, value, hidden || hiddenColumns.has(column));
    }
  }
  for (const { s, e } of sheet['!merges'] ?? []) {
    cells.merge({ top: s.r, left: s.c, bottom: e.r, right: e.c });
  }
}

export function isHidden(settings: { hidden?: boolean } | undefined, size: 'hpx' | 'wpx'): boolean {
  return settings !== undefined && (settings.hidden === true || (settings as Record<string, unknown>)[size] === 0);
}

function cellValue({ t, v, w, z }: ParsedCell, uses1904: boolean): Pick<Cell, 'text' | 'typed'> | null {
  if (t === 'b') return { text: v === true ? 'TRUE' : 'FALSE' };
  if (t === 'e') return { text: w ?? '#N/A' };
  if (t === 's') return typeof v === 'string' ? { text: v } : null;
  if (t !== 'n' || typeof v !== 'number') return null;
  const format = z === undefined || z === 'General' ? 0 : z;

  return numericCell(
    v,
    { kind: typeof format === 'number' ? builtinKind(format) : kindOfFormat(format), format },
    uses1904,
  );
}
