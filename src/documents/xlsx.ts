/**
 * XLSX: one sheet of a workbook as rows of text.
 *
 * Owns: which parts of the archive are read: its list of sheets, its styles, one sheet (`sheet.ts`). Does not own: what
 * the cells mean.
 */
import { firstCodePoints } from '../../machines/formulas/code-points.ts';
import { builtinKind, kindOfFormat, type NumberKind } from './number-formats.ts';
import { createSheetReader, readSharedStrings } from './sheet.ts';
import { type Findings, Refused, type TableRow } from './table.ts';
import { attribute, readXml } from './xml.ts';
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
  const { target } = relations.get(relationId) as Relation;
  if (!archive.has(target)) throw new Refused(400, `unreadable workbook: it lacks the sheet ${name}`);
  const related = (kind: string): string => {
    for (const relation of relations.values()) if (relation.type.endsWith(`/${kind}`)) return relation.target;
    return '';
  };
  const kinds = await readStyles(archive.read(related('styles')));
  const cells = createSheetReader(kinds, uses1904, maxRows * KEPT_PER_ROW, findings);
  await readXml(archive.read(target), cells.reader);
  const wanted = new Set(cells.rows.flatMap((row) => row.cells.filter((cell) => typeof cell === 'number')));
  const shared = await readSharedStrings(archive.read(related('sharedStrings')), wanted);
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
  const message = `there is no sheet ${JSON.stringify(wanted)}; sheets: ${sheets.map(({ name }) => name).join(', ')}`;
  throw new Refused(400, firstCodePoints(message, 1000), 'sheet');
}

async function readWorkbook(archive: Archive): Promise<{ sheets: SheetEntry[]; uses1904: boolean }> {
  const sheets: SheetEntry[] = [];
  let uses1904 = false;
  await readXml(archive.read(WORKBOOK), {
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
  await readXml(archive.read('xl/_rels/workbook.xml.rels'), {
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

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}
