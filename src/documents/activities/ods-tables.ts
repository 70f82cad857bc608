/**
 * ODS: all sheets of an OpenDocument spreadsheet, with typed cells.
 *
 * Owns: where cells stand, and which rows nobody sees. The parser that reads XLS knows this format too, but lays out
 * every cell that a file says is repeated, which makes gigabytes of a few bytes; here blank repetitions cost nothing
 * and others are counted.
 */
import type { Cell } from '../../../machines/activities/tables.ts';
import { MAX_SHEET_ELEMENTS } from '../limits.ts';
import { MAX_CELL_CODE_POINTS, Refused } from '../table.ts';
import { attribute, decodeEntities, readXml, type XmlReader } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { odsCell } from './ods-cells.ts';
import { createOdsStyles, type OdsStyles } from './ods-styles.ts';
import { chooseSheets } from './sheet-choice.ts';
import { putCell, type SheetBuilder, type TableBuilder } from './table-builder.ts';

const MAX_CELL_CHARS = 2 * MAX_CELL_CODE_POINTS + 2;
/** Ranges of columns with a cell style of their own; more are not looked at. */
const MAX_COLUMN_RANGES = 2_000;
const MAX_REPEATED = 1_048_576;

/**
 * @param wanted name of the one sheet to read, in any case
 * @throws {Refused} if there is no such sheet, or the file is damaged or encrypted
 */
export async function readOdsTables(archive: Archive, wanted: string | undefined, tables: TableBuilder): Promise<void> {
  await refuseEncrypted(archive);
  const styles = createOdsStyles();
  await readXml(archive.read('styles.xml'), styles);
  await readFlatOds(archive.read('content.xml'), wanted, tables, styles);
}

/** {@link readOdsTables} for a file that is all in one XML document (FODS), or for the part with the sheets. */
export async function readFlatOds(
  content: AsyncIterable<Uint8Array>,
  wanted: string | undefined,
  tables: TableBuilder,
  styles: OdsStyles = createOdsStyles(),
): Promise<void> {
  const names: { name: string }[] = [];
  await readXml(content, contentReader(styles, wanted, names, tables), MAX_SHEET_ELEMENTS);
  if (names.length === 0) throw new Refused(400, 'the workbook has no sheet');
  chooseSheets(names, wanted);
}

async function refuseEncrypted(archive: Archive): Promise<void> {
  let isEncrypted = false;
  await readXml(archive.read('META-INF/manifest.xml'), {
    open(name) {
      isEncrypted ||= name === 'encryption-data';
    },
    close() {},
    text() {},
  });
  if (isEncrypted) {
    throw new Refused(400, 'the workbook is encrypted; save it without a password', 'file', 'encrypted');
  }
}

function contentReader(
  styles: OdsStyles,
  wanted: string | undefined,
  names: { name: string }[],
  tables: TableBuilder,
): XmlReader {
  let table: TableReader | null = null;
  return {
    open(name, attributes) {
      styles.open(name, attributes);
      if (name === 'table' && table === null) {
        const sheetName = attribute(attributes, 'name') ?? '';
        if (names.length < MAX_COLUMN_RANGES) names.push({ name: sheetName });
        const isWanted = wanted === undefined || sheetName.trim().toLowerCase() === wanted.trim().toLowerCase();
        const hidden = styles.hidesSheet(attribute(attributes, 'style-name'));
        table = createTableReader(styles, isWanted ? tables.start(sheetName, hidden) : null);
      } else table?.open(name, attributes);
    },
    close(name) {
      styles.close(name);
      if (name === 'table') table = null;
      else table?.close(name);
    },
    text(text, encoded) {
      styles.text(text, encoded);
      table?.text(text, encoded);
    },
  };
}

interface TableReader {
  open(name: string, attributes: string): void;
  close(name: string): void;
  text(text: string, encoded: boolean): void;
}

/** @param sheet null if it is not wanted */
function createTableReader(styles: OdsStyles, sheet: SheetBuilder | null): TableReader {
  const columnStyles: { to: number; style: string | undefined }[] = [];
  let row = { number: 1, repeated: 0, hidden: false, style: undefined as string | undefined };
  let cells: Cell[] = [];
  let column = 1;
  /** Attributes of the cell that is open. */
  let cell: string | null = null;
  let text = '';
  let paragraphs = 0;
  let inParagraph = false;
  /** Annotations that are open: what is in them is not of the cell. */
  let aside = 0;

  function openRow(attributes: string): void {
    const visibility = attribute(attributes, 'visibility');
    row = {
      number: row.number + row.repeated,
      repeated: repeatedOf(attributes, 'number-rows-repeated'),
      hidden: visibility === 'collapse' || visibility === 'filter',
      style: attribute(attributes, 'default-cell-style-name'),
    };
    cells = [];
    column = 1;
  }

  function closeRow(): void {
    if (cells.length === 0 || !sheet) return;
    for (let i = 0; i < row.repeated; i += 1) sheet.add(row.number + i, row.hidden, i === 0 ? cells : [...cells]);
  }

  function closeCell(attributes: string): void {
    const repeated = repeatedOf(attributes, 'number-columns-repeated');
    const style = attribute(attributes, 'style-name') ?? row.style ?? styleOfColumn(column);
    const value = odsCell(attributes, style, text, styles);
    if (value !== '') for (let i = 0; i < repeated; i += 1) putCell(cells, column + i, value, row.number);
    column += repeated;
  }

  /** The ranges are in order, so a wide sheet of many cells costs little. */
  function styleOfColumn(wanted: number): string | undefined {
    let [low, high] = [0, columnStyles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((columnStyles[middle]?.to ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return columnStyles[low]?.style;
  }

  function append(addition: string): void {
    if (text.length < MAX_CELL_CHARS) text += addition;
  }

  return {
    open(name, attributes) {
      if (name === 'table-column' && columnStyles.length < MAX_COLUMN_RANGES) {
        const to = (columnStyles.at(-1)?.to ?? 0) + repeatedOf(attributes, 'number-columns-repeated');
        columnStyles.push({ to, style: attribute(attributes, 'default-cell-style-name') });
      } else if (name === 'table-row') openRow(attributes);
      else if (name === 'table-cell') {
        cell = attributes;
        text = '';
        paragraphs = 0;
        aside = 0;
      } else if (name === 'covered-table-cell') column += repeatedOf(attributes, 'number-columns-repeated');
      else if (cell === null) return;
      else if (name === 'annotation') aside += 1;
      else if (aside > 0) return;
      else if (name === 'p') {
        if (paragraphs > 0) append('\n');
        paragraphs += 1;
        inParagraph = true;
      } else if (name === 's') append(' '.repeat(Math.min(Number(attribute(attributes, 'c') ?? 1) || 1, 100)));
      else if (name === 'tab') append('\t');
      else if (name === 'line-break') append('\n');
    },
    close(name) {
      if (name === 'table-cell' && cell !== null) {
        closeCell(cell);
        cell = null;
      } else if (name === 'table-row') closeRow();
      else if (name === 'annotation') aside = Math.max(0, aside - 1);
      else if (name === 'p' && aside === 0) inParagraph = false;
    },
    text(source, encoded) {
      if (cell === null || !inParagraph || aside > 0) return;
      append(encoded ? decodeEntities(source) : source);
    },
  };
}

function repeatedOf(attributes: string, name: string): number {
  const repeated = Number(attribute(attributes, name) ?? 1);
  return Number.isInteger(repeated) && repeated > 0 ? Math.min(repeated, MAX_REPEATED) : 1;
}
