/**
 * The cells of an XLSX sheet and the strings they share.
 *
 * Owns: what the elements of a sheet say, cell by cell. Keeps I9: no more is kept than the rows a sheet may have and
 * the strings in them, however large the file. Formulas are never computed: their stored results are read.
 */
import { exceedsCodePoints } from '../../machines/formulas/code-points.ts';
import { formatNumber, type NumberKind } from './number-formats.ts';
import { type Findings, MAX_CELL_CODE_POINTS, MAX_COLUMNS, placeOf, Refused } from './table.ts';
import { attribute, decodeEntities, readXml, type XmlReader } from './xml.ts';

/** Cells of a row; a number is the index of a shared string. */
export interface RawRow {
  number: number;
  cells: (string | number)[];
  width: number;
}

/**
 * A reader of a sheet's XML, and the rows it collects: those with at least one value, blank strings included.
 * @param kinds kind of number of each cell style
 * @param maxRows throws {@link Refused} at the first row beyond
 */
export function createSheetReader(
  kinds: readonly NumberKind[],
  uses1904: boolean,
  maxRows: number,
  findings: Findings,
): { reader: XmlReader; rows: RawRow[] } {
  const rows: RawRow[] = [];
  let row: RawRow = { number: 0, cells: [], width: 0 };
  let column = 0;
  let cell = { type: '', style: 0, hasFormula: false };
  const content = collectText();

  function closeCell(): void {
    const value = readValue(cell, content.take());
    if (value === '') return;
    row.width = Math.max(row.width, column);
    if (column <= MAX_COLUMNS + 1) row.cells[column - 1] = value;
  }

  function readValue({ type, style, hasFormula }: typeof cell, text: string): string | number {
    if (type === 'e') {
      findings.add('a cell with an error was read as empty', row.number);
      return '';
    }
    if (text === '') {
      const isUnknown = hasFormula && type !== 'str';
      if (isUnknown) findings.add('a formula without a stored result was read as empty', row.number);
      return '';
    }
    if (type === 's') return /^\d+$/.test(text) ? Number(text) : '';
    if (type === 'b') return text === '1' ? 'TRUE' : 'FALSE';
    const value = Number(text);
    const isNumber = (type === 'n' || type === '') && text.trim() !== '' && !Number.isNaN(value);
    return isNumber ? formatNumber(value, kinds[style] ?? 'number', uses1904) : text;
  }

  const reader: XmlReader = {
    open(name, attributes) {
      if (name === 'row') {
        row = { number: rowNumber(attribute(attributes, 'r'), row.number), cells: [], width: 0 };
        column = 0;
      } else if (name === 'c') {
        column = columnOf(attribute(attributes, 'r')) ?? column + 1;
        const type = attribute(attributes, 't') ?? '';
        cell = { type, style: Number(attribute(attributes, 's') ?? 0), hasFormula: false };
      } else if (name === 'f') cell.hasFormula = true;
      else content.open(name);
    },
    close(name) {
      if (name === 'c') closeCell();
      else if (name === 'row') {
        if (row.width > 0) rows.push(row);
        if (rows.length > maxRows) throw new Refused(400, 'the sheet has too many rows', placeOf(row.number, 1));
      } else if (name === 'sheetData') reader.finished = true;
      else content.close(name);
    },
    text: content.text,
  };
  return { reader, rows };
}

/** Strings that cells share, by index, as far as they are wanted. */
export async function readSharedStrings(
  content: AsyncIterable<Uint8Array>,
  wanted: ReadonlySet<string | number>,
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
      if (wanted.has(index)) strings.set(index, text);
      index += 1;
      reader.finished = strings.size === wanted.size;
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
