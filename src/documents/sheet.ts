/**
 * The cells of an XLSX sheet and the strings they share.
 *
 * Owns: what the elements of a sheet say, cell by cell. Keeps I9: no more is kept than the rows a sheet may have and
 * the strings in them, however large the file. Formulas are never computed: their stored results are read.
 */
import { exceedsCodePoints } from '../../machines/formulas/code-points.ts';
import { MAX_CELL_CODE_POINTS } from './table.ts';
import { attribute, decodeEntities, readXml, type XmlReader } from './xml.ts';

/** A cell as it is stored. */
export interface StoredCell {
  /** From 1. */
  column: number;
  /** Of the format: blank or `n` number, `s` index of a shared string, `str`, `inlineStr`, `b`, `d`, `e` error. */
  type: string;
  /** Index of its style. */
  style: number;
  formula: StoredFormula | null;
  /** Its value or the stored result of its formula, as it is written. */
  text: string;
}

export interface StoredFormula {
  /** Without `=`; blank where another cell has the text. */
  text: string;
  /** Number of a formula that several cells share, undefined if it is of this cell alone. */
  shared: string | undefined;
  /** True for one that gives more than one value. */
  isArray: boolean;
}

/** Told of what a sheet holds, in order; rows count from 1 and only go up. */
export interface SheetSink {
  row(number: number, attributes: string): void;
  cell(cell: StoredCell, row: number): void;
  endRow(number: number): void;
  /** Called for all other elements. */
  element?(name: string, attributes: string): void;
}

/** @param untilEnd goes on after the cells: what else there is, is reported too */
export function createSheetReader(sink: SheetSink, untilEnd = false): XmlReader {
  let row = 0;
  let cell: StoredCell = { column: 0, type: '', style: 0, formula: null, text: '' };
  let formula: StoredFormula | null = null;
  const content = collectText();
  const reader: XmlReader = {
    open(name, attributes) {
      if (name === 'row') {
        row = rowNumber(attribute(attributes, 'r'), row);
        cell = { ...cell, column: 0 };
        sink.row(row, attributes);
      } else if (name === 'c') {
        const column = columnOf(attribute(attributes, 'r')) ?? cell.column + 1;
        const type = attribute(attributes, 't') ?? '';
        cell = { column, type, style: Number(attribute(attributes, 's') ?? 0), formula: null, text: '' };
      } else if (name === 'f') {
        const kind = attribute(attributes, 't');
        formula = { text: '', shared: attribute(attributes, 'si'), isArray: kind === 'array' || kind === 'dataTable' };
        cell.formula = formula;
      } else {
        content.open(name);
        sink.element?.(name, attributes);
      }
    },
    close(name) {
      if (name === 'c') {
        cell.text = content.take();
        sink.cell(cell, row);
      } else if (name === 'f') formula = null;
      else if (name === 'row') sink.endRow(row);
      else if (name === 'sheetData') reader.finished = !untilEnd;
      else content.close(name);
    },
    text(text, encoded) {
      if (formula === null) content.text(text, encoded);
      else if (formula.text.length <= MAX_FORMULA_CHARS) formula.text += encoded ? decodeEntities(text) : text;
    },
  };
  return reader;
}

/** No spreadsheet keeps longer ones; what is longer stays longer, so that nobody takes its beginning for it. */
export const MAX_FORMULA_CHARS = 8_192;

/** What a cell stores if that is a number, else null. */
export function numberOf(type: string, text: string): number | null {
  const value = Number(text);
  const isNumber = (type === 'n' || type === '') && text.trim() !== '' && !Number.isNaN(value);
  return isNumber ? value : null;
}

/** The index of a shared string. */
export function sharedIndex(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}

/**
 * Strings that cells share, by index.
 * @param isWanted whether the string of an index is to be kept
 * @param count how many are wanted: what follows them is not read
 */
export async function readSharedStrings(
  content: AsyncIterable<Uint8Array>,
  isWanted: (index: number) => boolean,
  count: number,
): Promise<Map<number, string>> {
  const strings = new Map<number, string>();
  let index = 0;
  const collected = collectText();
  const reader: XmlReader = {
    open: collected.open,
    close(name) {
      if (name !== 'si') {
        collected.close(name);
        return;
      }
      const text = collected.take();
      if (isWanted(index)) strings.set(index, text);
      index += 1;
      reader.finished = strings.size === count;
    },
    text: collected.text,
  };
  await readXml(content, reader);
  return strings;
}

/**
 * Text of the `t` and `v` elements of one cell or string, rich text runs joined, without phonetic hints. A text that is
 * too long is not collected to its end: it is refused later, where its place is known, and only if anyone reads it.
 */
function collectText() {
  let collected = '';
  let inText = false;
  let inPhonetic = false;
  return {
    open(name: string): void {
      if (name === 'rPh') inPhonetic = true;
      inText = !inPhonetic && (name === 't' || name === 'v');
    },
    close(name: string): void {
      if (name === 'rPh') inPhonetic = false;
      inText = false;
    },
    text(text: string, encoded: boolean): void {
      if (!inText || exceedsCodePoints(collected, MAX_CELL_CODE_POINTS)) return;
      collected += encoded ? decodeEntities(text) : text;
    },
    take(): string {
      const text = collected;
      collected = '';
      // Control characters and line ends are written so: `_x000D_`.
      return text.replace(/_x([0-9a-f]{4})_/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    },
  };
}

/** Rows are numbered upwards, whatever the file says. */
function rowNumber(given: string | undefined, previous: number): number {
  const number = Number(given);
  return Number.isSafeInteger(number) && number > previous ? number : previous + 1;
}

/** Number of the column of a reference such as `AB7`, undefined if it is none. */
function columnOf(reference: string | undefined): number | undefined {
  let column = 0;
  for (const char of reference ?? '') {
    if (char < 'A' || char > 'Z') break;
    column = column * 26 + char.charCodeAt(0) - 64;
  }
  return column || undefined;
}
