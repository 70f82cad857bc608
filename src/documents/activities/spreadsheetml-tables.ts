/**
 * SpreadsheetML of 2003: all sheets of a workbook that is one XML document, mostly named `.xls`.
 *
 * Owns: where cells stand, and what their types and formats say.
 */
import type { Cell } from '../../../machines/activities/tables.ts';
import { MAX_SHEET_ELEMENTS } from '../limits.ts';
import { MAX_CELL_CODE_POINTS, Refused } from '../table.ts';
import { attribute, decodeEntities, readXml } from '../xml.ts';
import { chooseSheets } from './sheet-choice.ts';
import { putCell, type SheetBuilder, type TableBuilder } from './table-builder.ts';
import { utf8Pieces } from './text-encoding.ts';
import {
  booleanCell,
  type CellFormat,
  errorCell,
  formatOf,
  GENERAL_FORMAT,
  isoCell,
  minutesCell,
  numberCell,
  uncomputedCell,
} from './typed-cells.ts';

/** Formats that have a name instead of a code. */
const NAMED_FORMATS: Readonly<Record<string, string>> = {
  'Short Time': 'h:mm',
  'Medium Time': 'h:mm AM/PM',
  'Long Time': 'h:mm:ss',
};
const MAX_STYLES = 65_536;
const MAX_CELL_CHARS = 2 * MAX_CELL_CODE_POINTS + 2;
/** What a time without a date counts from. */
const TIME_EPOCH_MS = Date.UTC(1899, 11, 31);
const FIRST_DATE_MS = Date.UTC(1905, 0, 1);
const MS_PER_MINUTE = 60_000;

/**
 * @param wanted name of the one sheet to read, in any case
 * @throws {Refused} if there is no such sheet
 */
export async function readSpreadsheetMl(xml: string, wanted: string | undefined, tables: TableBuilder): Promise<void> {
  const names: { name: string }[] = [];
  const formats = new Map<string, CellFormat>();
  let sheet: SheetBuilder | null = null;
  let style = '';
  let row = { number: 0, next: 1, hidden: false };
  let cells: Cell[] = [];
  let cell = { column: 0, next: 1, format: GENERAL_FORMAT, hasFormula: false };
  /** Type of the value that is open. */
  let type: string | null = null;
  let text = '';
  let inComment = false;

  function closeValue(): void {
    if (type === null) return;
    const value = typedValue(type, text, cell.format);
    if (value !== '' && sheet) putCell(cells, cell.column, value, row.number);
    type = null;
  }

  await readXml(
    utf8Pieces(xml),
    {
      open(name, attributes) {
        if (name === 'Style') style = attribute(attributes, 'ID') ?? '';
        else if (name === 'NumberFormat' && formats.size < MAX_STYLES) {
          const code = attribute(attributes, 'Format') ?? 'General';
          formats.set(style, formatOf(NAMED_FORMATS[code] ?? code));
        } else if (name === 'Worksheet') {
          const sheetName = attribute(attributes, 'Name') ?? '';
          names.push({ name: sheetName });
          const isWanted = wanted === undefined || sheetName.toLowerCase() === wanted.trim().toLowerCase();
          sheet = isWanted ? tables.start(sheetName, false) : null;
          row = { number: 0, next: 1, hidden: false };
        } else if (name === 'Row') {
          const number = indexOf(attributes, row.next);
          const hidden = attribute(attributes, 'Hidden') === '1' || attribute(attributes, 'Height') === '0';
          row = { number, next: number + spanOf(attributes, 'Span') + 1, hidden };
          cells = [];
          cell.next = 1;
        } else if (name === 'Cell') {
          const column = indexOf(attributes, cell.next);
          const format = formats.get(attribute(attributes, 'StyleID') ?? '') ?? GENERAL_FORMAT;
          const hasFormula = attribute(attributes, 'Formula') !== undefined;
          cell = { column, next: column + spanOf(attributes, 'MergeAcross') + 1, format, hasFormula };
        } else if (name === 'Comment') inComment = true;
        else if (name === 'Data' && !inComment) {
          type = attribute(attributes, 'Type') ?? 'String';
          text = '';
        }
      },
      close(name) {
        if (name === 'Comment') inComment = false;
        else if (name === 'Data') {
          cell.hasFormula = false;
          closeValue();
        } else if (name === 'Cell') {
          if (cell.hasFormula && sheet) putCell(cells, cell.column, uncomputedCell(), row.number);
          cell.hasFormula = false;
        } else if (name === 'Row') sheet?.add(row.number, row.hidden, cells);
      },
      text(source, encoded) {
        if (type !== null && text.length < MAX_CELL_CHARS) text += encoded ? decodeEntities(source) : source;
        else if (sheet && /^\s*Sheet(?:Very)?Hidden\s*$/.test(source.slice(0, 50))) sheet.sheet.hidden = true;
      },
    },
    MAX_SHEET_ELEMENTS,
  );
  if (names.length === 0) throw new Refused(400, 'the workbook has no sheet');
  chooseSheets(names, wanted);
}

function typedValue(type: string, text: string, format: CellFormat): Cell {
  if (type === 'Error') return errorCell();
  if (type === 'Boolean') return booleanCell(text.trim() === '1');
  if (type === 'Number') {
    const value = Number(text);
    return text.trim() === '' || !Number.isFinite(value) ? text : numberCell(value, format, false);
  }
  if (type !== 'DateTime') return text;
  const date = isoCell(text.trim());
  if (typeof date === 'string' || date.kind !== 'date' || date.value >= FIRST_DATE_MS) return date;
  return minutesCell(format.kind === 'elapsed' ? 'elapsed' : 'time', (date.value - TIME_EPOCH_MS) / MS_PER_MINUTE);
}

/** Rows and cells only go on; a number that does not is left unread. */
function indexOf(attributes: string, next: number): number {
  const stated = Number(attribute(attributes, 'Index') ?? next);
  return Number.isSafeInteger(stated) && stated > next ? Math.min(stated, 1_048_576 + next) : next;
}

function spanOf(attributes: string, name: string): number {
  const span = Number(attribute(attributes, name) ?? 0);
  return Number.isInteger(span) && span > 0 ? Math.min(span, 1_048_576) : 0;
}
