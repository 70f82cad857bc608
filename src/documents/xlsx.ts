/**
 * XLSX: one sheet of a workbook as rows of text.
 *
 * Owns: which parts of the archive are read and what their elements say. Formulas are never computed: their cached
 * values are read. Does not own: what the cells mean.
 */
import { exceedsCodePoints } from '../../machines/formulas/code-points.ts';
import { builtinKind, formatNumber, kindOfFormat, type NumberKind } from './number-formats.ts';
import { type Findings, MAX_CELL_CODE_POINTS, MAX_COLUMNS, placeOf, Refused, type TableRow } from './table.ts';
import { attribute, decodeEntities, readXml, type XmlReader } from './xml.ts';
import type { Archive } from './zip.ts';

export interface Sheet {
  name: string;
  rows: TableRow[];
}

const WORKBOOK = 'xl/workbook.xml';
/** Rows whose strings turn out to be blank do not count, so more are kept than a sheet may have. */
const KEPT_PER_ROW = 2;
/** As many as Excel has. */
const MAX_STYLES = 65_536;

export function isWorkbook(archive: Archive): boolean {
  return archive.has(WORKBOOK);
}

/** Macros are stored under this name in every macro-enabled workbook, whatever it is called. */
export function hasMacros(archive: Archive): boolean {
  return archive.has('xl/vbaProject.bin');
}

/**
 * @param sheetName of the sheet to read, in any case; the first visible one if absent
 * @param maxRows rows that the sheet may have, the header included
 * @throws {Refused} if there is no such sheet, if it has more rows, or if the workbook is damaged
 */
export async function readSheet(
  archive: Archive,
  sheetName: string | undefined,
  maxRows: number,
  findings: Findings,
): Promise<Sheet> {
  const { sheets, uses1904 } = await readWorkbook(archive);
  const relations = await readRelations(archive);
  // A chart may have a sheet of its own, without cells.
  const withCells = sheets.filter(({ relationId }) => relations.get(relationId)?.type.endsWith('/worksheet'));
  const { name, relationId } = chooseSheet(withCells, sheetName);
  const content = archive.read((relations.get(relationId) as Relation).target);
  if (content === null) throw new Refused(400, `unreadable workbook: it lacks the sheet ${name}`);
  const [styles, strings] = ['/styles', '/sharedStrings'].map((suffix) => {
    for (const { type, target } of relations.values()) if (type.endsWith(suffix)) return archive.read(target);
    return null;
  });
  const kinds = styles ? await readStyles(styles) : [];
  const cells = createSheetReader(kinds, uses1904, maxRows * KEPT_PER_ROW, findings);
  await readXml(content, cells.reader);
  const wanted = new Set(cells.rows.flatMap((row) => row.cells.filter((cell) => typeof cell === 'number')));
  const shared = strings ? await readSharedStrings(strings, wanted) : new Map<number, string>();
  const rows = cells.rows.map((row) => ({
    ...row,
    cells: Array.from(row.cells, (cell) => (typeof cell === 'number' ? (shared.get(cell) ?? '') : (cell ?? ''))),
  }));
  return { name, rows };
}

interface SheetEntry {
  name: string;
  relationId: string;
  hidden: boolean;
}

function chooseSheet(sheets: readonly SheetEntry[], wanted: string | undefined): SheetEntry {
  if (wanted === undefined) {
    const first = sheets.find(({ hidden }) => !hidden) ?? sheets[0];
    if (!first) throw new Refused(400, 'the workbook has no sheet');
    return first;
  }
  const named = sheets.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (named) return named;
  const names = sheets.slice(0, 20).map(({ name }) => name);
  throw new Refused(400, `there is no sheet ${JSON.stringify(wanted)}; sheets: ${names.join(', ')}`, 'sheet');
}

async function readWorkbook(archive: Archive): Promise<{ sheets: SheetEntry[]; uses1904: boolean }> {
  const sheets: SheetEntry[] = [];
  let uses1904 = false;
  await readXml(archive.read(WORKBOOK) ?? nothing(), {
    open(name, attributes) {
      if (name === 'workbookPr') uses1904 = isTrue(attribute(attributes, 'date1904'));
      if (name !== 'sheet') return;
      const state = attribute(attributes, 'state') ?? 'visible';
      sheets.push({
        name: attribute(attributes, 'name') ?? '',
        relationId: attribute(attributes, 'id') ?? '',
        hidden: state !== 'visible',
      });
    },
    close() {},
    text() {},
  });
  return { sheets, uses1904 };
}

interface Relation {
  type: string;
  /** Name of an archive entry. */
  target: string;
}

/** What the workbook refers to, by relation id. */
async function readRelations(archive: Archive): Promise<Map<string, Relation>> {
  const relations = new Map<string, Relation>();
  await readXml(archive.read('xl/_rels/workbook.xml.rels') ?? nothing(), {
    open(name, attributes) {
      if (name !== 'Relationship') return;
      const target = attribute(attributes, 'Target') ?? '';
      relations.set(attribute(attributes, 'Id') ?? '', {
        type: attribute(attributes, 'Type') ?? '',
        target: target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`,
      });
    },
    close() {},
    text() {},
  });
  return relations;
}

/** Kind of number of each cell style, by its index. */
async function readStyles(content: AsyncIterable<Uint8Array>): Promise<NumberKind[]> {
  const formats = new Map<number, NumberKind>();
  const kinds: NumberKind[] = [];
  let inCells = false;
  await readXml(content, {
    open(name, attributes) {
      if (name === 'cellXfs') inCells = true;
      else if (name === 'numFmt' && formats.size < MAX_STYLES) {
        formats.set(Number(attribute(attributes, 'numFmtId')), kindOfFormat(attribute(attributes, 'formatCode') ?? ''));
      } else if (name === 'xf' && inCells && kinds.length < MAX_STYLES) {
        const id = Number(attribute(attributes, 'numFmtId'));
        kinds.push(formats.get(id) ?? builtinKind(id));
      }
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
    text() {},
  });
  return kinds;
}

/** Cells of a row; a number is the index of a shared string. */
interface RawRow {
  number: number;
  cells: (string | number)[];
  width: number;
}

function createSheetReader(kinds: readonly NumberKind[], uses1904: boolean, maxRows: number, findings: Findings) {
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
        row = { number: Number(attribute(attributes, 'r')) || row.number + 1, cells: [], width: 0 };
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

/** Strings that cells share, as far as they are wanted. */
async function readSharedStrings(
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

/** Number of the column of a reference such as `AB7`, undefined if it is none. */
function columnOf(reference: string | undefined): number | undefined {
  let column = 0;
  for (const char of reference ?? '') {
    if (char < 'A' || char > 'Z') break;
    column = column * 26 + char.charCodeAt(0) - 64;
  }
  return column || undefined;
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
