/**
 * XLSX: one sheet of a workbook as rows of text.
 *
 * Owns: which sheet is read, and where its strings come from. Does not own: what the cells mean.
 */
import { firstCodePoints } from '../../machines/formulas/code-points.ts';
import { createRowReader, readSharedStrings } from './sheet.ts';
import { readStyles } from './styles.ts';
import { type Findings, Refused, type TableRow } from './table.ts';
import { readWorkbookParts, type SheetEntry, WORKBOOK } from './workbook-parts.ts';
import { readXml } from './xml.ts';
import type { Archive } from './zip.ts';

export interface Sheet {
  name: string;
  rows: TableRow[];
}

/** Rows whose strings turn out to be blank do not count, so more are kept than a sheet may have. */
const KEPT_PER_ROW = 2;

export function isWorkbook(archive: Pick<Archive, 'has'>): boolean {
  return archive.has(WORKBOOK);
}

/** Macros are stored under this name in every macro-enabled workbook, whatever it is called. */
export function hasMacros(archive: Pick<Archive, 'has'>): boolean {
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
  const { sheets, uses1904, styles, sharedStrings } = await readWorkbookParts(archive);
  const { name, target } = chooseSheet(sheets, sheetName);
  if (!archive.has(target)) throw new Refused(400, `unreadable workbook: it lacks the sheet ${name}`);
  const kinds = (await readStyles(archive.read(styles))).map(({ kind }) => kind);
  const cells = createRowReader(kinds, uses1904, maxRows * KEPT_PER_ROW, findings);
  await readXml(archive.read(target), cells.reader);
  const wanted = new Set(cells.rows.flatMap((row) => row.cells.filter((cell) => typeof cell === 'number')));
  const shared = await readSharedStrings(archive.read(sharedStrings), (index) => wanted.has(index), wanted.size);
  const rows = cells.rows.map((row) => ({
    ...row,
    cells: Array.from(row.cells, (cell) => (typeof cell === 'number' ? (shared.get(cell) ?? '') : (cell ?? ''))),
  }));
  return { name, rows };
}

function chooseSheet(sheets: readonly SheetEntry[], wanted: string | undefined): SheetEntry {
  if (wanted === undefined) {
    const first = sheets.find(({ hidden }) => !hidden) ?? sheets[0];
    if (!first) throw new Refused(400, 'the workbook has no sheet');
    return first;
  }
  const named = sheets.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (named) return named;
  const message = `there is no sheet ${JSON.stringify(wanted)}; sheets: ${sheets.map(({ name }) => name).join(', ')}`;
  throw new Refused(400, firstCodePoints(message, 1000), 'sheet');
}
