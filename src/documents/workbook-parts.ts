/**
 * XLSX: which parts of the archive a workbook is made of.
 *
 * Owns: the list of sheets and what the workbook refers to. Does not own: what is in a sheet (`sheet.ts`) or a style
 * (`styles.ts`). Whatever lies outside the archive is not followed.
 */
import { attribute, readXml } from './xml.ts';
import type { Archive } from './zip.ts';

export const WORKBOOK = 'xl/workbook.xml';

export interface SheetEntry {
  name: string;
  /** Name of the archive entry with its cells. */
  target: string;
  hidden: boolean;
}

export interface WorkbookParts {
  /** Those that have cells: a chart may have a sheet of its own. */
  sheets: SheetEntry[];
  uses1904: boolean;
  /** Names of archive entries; blank if there is none. */
  styles: string;
  sharedStrings: string;
}

export function isWorkbook(archive: Pick<Archive, 'has'>): boolean {
  return archive.has(WORKBOOK);
}

/** Macros are stored under this name in every macro-enabled workbook, whatever it is called. */
export function hasMacros(archive: Pick<Archive, 'has'>): boolean {
  return archive.has('xl/vbaProject.bin');
}

export async function readWorkbookParts(archive: Archive): Promise<WorkbookParts> {
  const { sheets, uses1904 } = await readWorkbook(archive);
  const relations = await readRelations(archive);
  const related = (kind: string): string => {
    for (const { type, target } of relations.values()) if (type.endsWith(`/${kind}`)) return target;
    return '';
  };
  const withCells = sheets.flatMap(({ name, hidden, relationId }): SheetEntry[] => {
    const relation = relations.get(relationId);
    return relation?.type.endsWith('/worksheet') ? [{ name, hidden, target: relation.target }] : [];
  });
  return { sheets: withCells, uses1904, styles: related('styles'), sharedStrings: related('sharedStrings') };
}

interface ListedSheet {
  name: string;
  relationId: string;
  hidden: boolean;
}

async function readWorkbook(archive: Archive): Promise<{ sheets: ListedSheet[]; uses1904: boolean }> {
  const sheets: ListedSheet[] = [];
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

/** A boolean attribute. */
export function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}
