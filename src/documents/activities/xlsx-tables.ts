/**
 * XLSX and XLSM: all sheets of a workbook, with typed cells.
 *
 * Owns: which sheets are read, what their cells are, and what becomes of formulas without a stored result. Macros are
 * neither read nor run, and nothing outside the archive is followed.
 */
import type { Cell } from '../../../machines/activities/tables.ts';
import { MAX_SHEET_ELEMENTS } from '../limits.ts';
import { createRowVisibility } from '../row-visibility.ts';
import {
  createSheetReader,
  MAX_FORMULA_CHARS,
  numberOf,
  readSharedStrings,
  type StoredCell,
  sharedIndex,
} from '../sheet.ts';
import { readStyles } from '../styles.ts';
import { Refused } from '../table.ts';
import { readWorkbookParts } from '../workbook-parts.ts';
import { readXml } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { type Formula, parseFormula } from './formula-syntax.ts';
import {
  cellKey,
  computeFormulas,
  type FormulaSheet,
  findFalseZeros,
  MAX_FORMULA_WORK,
  type PendingCell,
  type WorkBudget,
} from './formulas.ts';
import { chooseSheets } from './sheet-choice.ts';
import { putCell, type TableBuilder } from './table-builder.ts';
import {
  booleanCell,
  type CellFormat,
  errorCell,
  formatOf,
  GENERAL_FORMAT,
  isoCell,
  numberCell,
  uncomputedCell,
} from './typed-cells.ts';

interface Workbook {
  formats: readonly CellFormat[];
  strings: ReadonlyMap<number, string>;
  uses1904: boolean;
  formulaWork: WorkBudget;
}

/**
 * @param wanted name of the one sheet to read, in any case
 * @throws {Refused} if there is no such sheet, or the workbook is damaged
 */
export async function readXlsxTables(
  archive: Archive,
  wanted: string | undefined,
  tables: TableBuilder,
): Promise<void> {
  const parts = await readWorkbookParts(archive);
  if (parts.sheets.length === 0) throw new Refused(400, 'the workbook has no sheet');
  const chosen = chooseSheets(parts.sheets, wanted);
  const styles = await readStyles(archive.read(parts.styles));
  const formats = new Map<string | number, CellFormat>();
  const workbook: Workbook = {
    formats: styles.map(({ format }) => {
      const known = formats.get(format) ?? formatOf(format);
      formats.set(format, known);
      return known;
    }),
    strings: await readSharedStrings(archive.read(parts.sharedStrings), () => true, Number.POSITIVE_INFINITY),
    uses1904: parts.uses1904,
    formulaWork: { left: MAX_FORMULA_WORK },
  };
  for (const { name, hidden, target } of chosen) {
    if (!archive.has(target)) throw new Refused(400, `unreadable workbook: it lacks the sheet ${name}`);
    const { add, sheet } = tables.start(name, hidden);
    const formulas = createFormulaCollector(name);
    await readXml(archive.read(target), sheetReader(workbook, add, formulas), MAX_SHEET_ELEMENTS);
    computeSheet(name, { ...formulas, rows: sheet.rows, uses1904: workbook.uses1904 }, formulas.zeros);
  }

  function computeSheet(name: string, sheet: FormulaSheet, zeros: readonly PendingCell[]): void {
    const [first] = sheet.pending;
    const computed = first ? computeFormulas(sheet, workbook.formulaWork) : 0;
    if (first && computed > 0) tables.note(computedNote(name, computed, first));
    if (zeros.length === 0) return;
    const falseZeros = findFalseZeros({ ...sheet, pending: zeros }, workbook.formulaWork);
    if (falseZeros[0]) tables.note(falseZerosNote(name, falseZeros.length, falseZeros[0]));
  }
}

function computedNote(name: string, computed: number, { row }: PendingCell): string {
  const what = computed === 1 ? 'the result of 1 formula' : `the results of ${computed} formulas`;
  return `The file lacks ${what} of sheet ${JSON.stringify(name)} (first in row ${row}); we computed what it says.`;
}

/** Some programs store a 0 for whatever they do not compute. It is what the file says, so it stays, and is said. */
function falseZerosNote(name: string, count: number, { row }: PendingCell): string {
  const what = count === 1 ? '1 formula' : `${count} formulas`;
  return `Sheet ${JSON.stringify(name)} stores 0 as the result of ${what} that give something else (first in row ${row}); the program that wrote the file may not compute. Open it in a spreadsheet program and save it again.`;
}

interface FormulaCollector {
  pending: PendingCell[];
  /** The first cells that store a 0 as the result of a formula. */
  zeros: PendingCell[];
  subtotals: Set<number>;
  /** @returns whether the cell's result is not stored */
  take(cell: StoredCell, row: number, format: CellFormat): boolean;
}

/** Where a formula that cells share stands, and what it is. */
interface SharedFormula {
  row: number;
  column: number;
  formula: Formula | null;
}

/** Further formulas of a sheet are not computed: each takes memory. */
const MAX_PENDING = 200_000;
const MAX_ZEROS = 1_000;
/** A row further down is none of a real sheet; keys of cells would no longer tell it from others. */
const LAST_ROW = 1_048_576;

function createFormulaCollector(sheetName: string): FormulaCollector {
  const pending: PendingCell[] = [];
  const zeros: PendingCell[] = [];
  const subtotals = new Set<number>();
  const shared = new Map<string, SharedFormula>();

  function parse(text: string): Formula | null {
    return text.length > MAX_FORMULA_CHARS ? null : parseFormula(text, sheetName);
  }

  return {
    pending,
    zeros,
    subtotals,
    take({ column, type, text, formula }, row, format) {
      if (formula === null) return false;
      if (/^\s{0,9}(?:_xlfn\.)?(?:SUBTOTAL|AGGREGATE)\(/i.test(formula.text)) subtotals.add(cellKey(row, column));
      const lacksResult = text === '' && type !== 'str' && type !== 's' && type !== 'inlineStr';
      const isMaster = formula.shared !== undefined && formula.text !== '';
      const isZero = text === '0' && zeros.length < MAX_ZEROS;
      if (!lacksResult && !isMaster && !isZero) return false;
      const own: SharedFormula = { row, column, formula: null };
      if (formula.text !== '' && !formula.isArray && pending.length < MAX_PENDING) own.formula = parse(formula.text);
      if (isMaster) shared.set(formula.shared as string, own);
      if (!(lacksResult || isZero) || pending.length === MAX_PENDING || row > LAST_ROW) return lacksResult;
      const origin = formula.text === '' ? (shared.get(formula.shared ?? '') ?? own) : own;
      const offset = { rows: row - origin.row, columns: column - origin.column };
      (lacksResult ? pending : zeros).push({ row, column, formula: origin.formula, offset, format });
      return lacksResult;
    },
  };
}

function sheetReader(
  workbook: Workbook,
  add: (number: number, hidden: boolean, cells: Cell[]) => void,
  formulas: FormulaCollector,
) {
  const visibility = createRowVisibility();
  let hidden = false;
  let cells: Cell[] = [];
  return createSheetReader({
    row(_, attributes) {
      hidden = visibility.isHidden(attributes);
      cells = [];
    },
    cell(stored, row) {
      const format = workbook.formats[stored.style] ?? GENERAL_FORMAT;
      const cell = formulas.take(stored, row, format) ? uncomputedCell() : cellOf(stored, format, workbook);
      if (cell !== '') putCell(cells, stored.column, cell, row);
    },
    endRow(number) {
      add(number, hidden, cells);
    },
    element: visibility.note,
  });
}

function cellOf({ type, text }: StoredCell, format: CellFormat, { strings, uses1904 }: Workbook): Cell {
  if (type === 'e') return errorCell();
  if (text === '') return '';
  if (type === 's') return strings.get(sharedIndex(text) ?? -1) ?? '';
  if (type === 'b') return booleanCell(text === '1' || text === 'true');
  if (type === 'd') return isoCell(text);
  const number = numberOf(type, text);
  return number === null ? text : numberCell(number, format, uses1904);
}
