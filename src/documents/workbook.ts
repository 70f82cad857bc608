/**
 * XLSX: all cells of all sheets of an order's workbook.
 *
 * Owns: what is hidden, and where each cell stands. Formulas are never computed and nothing outside the archive is
 * followed: a cell shows its stored value.
 */
import type { Cell, Sheet } from '../../machines/orders/document.ts';
import { GENERAL, numericCell } from './cell-values.ts';
import { type CellRange, createSheetCollector, type SheetCells } from './cells.ts';
import { MAX_SHEET_ELEMENTS, MAX_SHEETS } from './limits.ts';
import { createRowVisibility } from './row-visibility.ts';
import { createSheetReader, numberOf, readSharedStrings, type StoredCell, sharedIndex } from './sheet.ts';
import { type CellStyle, readStyles } from './styles.ts';
import { Refused } from './table.ts';
import { isTrue, readWorkbookParts } from './workbook-parts.ts';
import { attribute, readXml, type XmlReader } from './xml.ts';
import type { Archive } from './zip.ts';

interface Workbook {
  styles: readonly CellStyle[];
  strings: ReadonlyMap<number, string>;
  uses1904: boolean;
}

/** @throws {Refused} if it is damaged or has more of something than a document may have */
export async function readWorkbook(archive: Archive): Promise<readonly Sheet[]> {
  const parts = await readWorkbookParts(archive);
  if (parts.sheets.length === 0) throw new Refused(400, 'the workbook has no sheet');
  if (parts.sheets.length > MAX_SHEETS)
    throw new Refused(400, 'the workbook has too many sheets', 'file', 'sheet count');
  const workbook: Workbook = {
    styles: await readStyles(archive.read(parts.styles)),
    strings: await readSharedStrings(archive.read(parts.sharedStrings), () => true, Number.POSITIVE_INFINITY),
    uses1904: parts.uses1904,
  };
  const { sheets, start } = createSheetCollector();
  for (const { name, hidden, target } of parts.sheets) {
    if (!archive.has(target)) throw new Refused(400, `unreadable workbook: it lacks the sheet ${name}`);
    await readXml(archive.read(target), sheetReader(workbook, start(name, hidden)), MAX_SHEET_ELEMENTS);
  }
  return sheets;
}

/** Columns from 1. */
interface HiddenColumns {
  from: number;
  to: number;
}

/** More merged ranges or ranges of hidden columns than this are not looked at. */
const MAX_RANGES = 10_000;

function sheetReader(workbook: Workbook, cells: SheetCells): XmlReader {
  const hiddenColumns: HiddenColumns[] = [];
  const visibility = createRowVisibility();
  let rowIsHidden = false;
  let merged = 0;
  const isHiddenColumn = (column: number): boolean =>
    hiddenColumns.some(({ from, to }) => column >= from && column <= to);
  return createSheetReader(
    {
      row(_, attributes) {
        rowIsHidden = visibility.isHidden(attributes);
      },
      cell(stored, row) {
        const style = workbook.styles[stored.style];
        const hidden = rowIsHidden || style?.invisible === true || isHiddenColumn(stored.column);
        const value = cellValue(stored, style, workbook);
        if (value) cells.add(row - 1, stored.column - 1, value, hidden);
      },
      endRow() {},
      element(name, attributes) {
        visibility.note(name, attributes);
        if (name === 'col' && hiddenColumns.length < MAX_RANGES) noteColumns(hiddenColumns, attributes);
        else if (name === 'mergeCell' && merged < MAX_RANGES) {
          merged += 1;
          const range = rangeOf(attribute(attributes, 'ref') ?? '');
          if (range) cells.merge(range);
        }
      },
    },
    true,
  );
}

function noteColumns(hiddenColumns: HiddenColumns[], attributes: string): void {
  const isHidden = isTrue(attribute(attributes, 'hidden')) || Number(attribute(attributes, 'width') ?? 1) === 0;
  if (!isHidden) return;
  hiddenColumns.push({ from: Number(attribute(attributes, 'min')), to: Number(attribute(attributes, 'max')) });
}

/** Null if there is nothing to see: a formula that was never computed, a string that is not there. */
function cellValue(
  { type, text }: StoredCell,
  style: CellStyle | undefined,
  { strings, uses1904 }: Workbook,
): Pick<Cell, 'text' | 'typed'> | null {
  if (text === '') return null;
  if (type === 's') {
    const shared = strings.get(sharedIndex(text) ?? -1);
    return shared === undefined ? null : { text: shared };
  }
  if (type === 'b') return { text: text === '1' ? 'TRUE' : 'FALSE' };
  if (type === 'd') return { text, ...isoDay(text) };
  const number = numberOf(type, text);
  return number === null ? { text } : numericCell(number, style ?? GENERAL, uses1904);
}

function isoDay(text: string): Pick<Cell, 'typed'> {
  const day = /^(\d{4}-\d\d-\d\d)(?:T|$)/.exec(text)?.[1];
  return day === undefined ? {} : { typed: { kind: 'date', day } };
}

/** Of a reference such as `B2:C9`. */
function rangeOf(reference: string): CellRange | null {
  const found = /^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$/.exec(reference);
  if (!found) return null;
  const [, left = '', top, right = '', bottom] = found;
  return { top: Number(top) - 1, left: columnIndex(left), bottom: Number(bottom) - 1, right: columnIndex(right) };
}

function columnIndex(name: string): number {
  return Array.from(name).reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
