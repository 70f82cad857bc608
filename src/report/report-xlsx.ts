/**
 * A report as a workbook: a sheet for the summary, one for the findings, one per table.
 *
 * Owns: which sheets there are. Texts are written as texts and never as formulas, whatever they begin with. Does not
 * own the parts of the file (`sheet-xml.ts`).
 */
import type { ReportModel } from './report-model.ts';
import { type CellValue, type ReportTable, unitOf } from './report-table.ts';
import { DECLARATION, MAIN, STYLES_XML, sheetXml, xmlText } from './sheet-xml.ts';
import { writeZip } from './zip-writer.ts';

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

export const XLSX_TYPE = `${SHEET_TYPE}.sheet`;

/** In the order of the sheets. */
const ORDER = [
  'Summary',
  'Findings',
  'Categories',
  'Activities',
  'People',
  'Projects',
  'Trend',
  'Recurring',
  'Similar',
];

export function reportXlsx(model: ReportModel): Buffer {
  const tables = [summary(model), findings(model), ...model.tables];
  const place = ({ sheet }: ReportTable): number => (ORDER.includes(sheet) ? ORDER.indexOf(sheet) : ORDER.length);
  const sorted = tables.toSorted((a, b) => place(a) - place(b));
  return writeZip([
    { name: '[Content_Types].xml', text: contentTypes(sorted.length) },
    { name: '_rels/.rels', text: relations([['rId1', `${OFFICE}/officeDocument`, 'xl/workbook.xml']]) },
    { name: 'xl/workbook.xml', text: workbook(sorted) },
    { name: 'xl/_rels/workbook.xml.rels', text: workbookRelations(sorted.length) },
    { name: 'xl/styles.xml', text: STYLES_XML },
    ...sorted.map((table, at) => ({ name: `xl/worksheets/sheet${at + 1}.xml`, text: sheetXml(table) })),
  ]);
}

function summary(model: ReportModel): ReportTable {
  const { project, preliminary, quality, estimateNote, missing, warnings, figures } = model;
  const fact = (name: string, value: CellValue, unit = '', basis = ''): CellValue[] => [name, value, unit, basis];
  return {
    sheet: 'Summary',
    title: 'Summary',
    caption: 'What the project is, how good its input is, and its figures',
    columns: [
      { title: 'What', kind: 'text', width: 32 },
      { title: 'Value', kind: 'number', width: 60 },
      { title: 'Unit', kind: 'text', width: 10 },
      { title: 'Basis', kind: 'text', width: 60 },
    ],
    rows: [
      fact('Project', project.name),
      fact('Status', preliminary ? `${project.status} (preliminary)` : project.status),
      fact('As of', project.updated_at, 'UTC'),
      ...(quality === null ? [] : [fact('Quality of the input', quality)]),
      ...(estimateNote === null ? [] : [fact('Estimates', estimateNote)]),
      ...missing.map((sentence) => fact('Missing', sentence)),
      ...warnings.map((sentence) => fact('Warning', sentence)),
      ...figures.map(({ label, value, kind, basis }) => fact(label, value, unitOf({ title: label, kind }), basis)),
    ],
    notes: [],
  };
}

const findings = ({ findings: list, quality }: ReportModel): ReportTable => ({
  sheet: 'Findings',
  title: 'Findings',
  caption: 'Sentences computed from the figures, with their sources',
  columns: [
    { title: 'Finding', kind: 'text', width: 110 },
    { title: 'Source', kind: 'text', width: 36 },
  ],
  rows: [...(quality === null ? [] : [[quality, 'input']]), ...list.map(({ sentence, source }) => [sentence, source])],
  notes: [],
});

function contentTypes(sheets: number): string {
  const numbers = Array.from({ length: sheets }, (_, at) => at + 1);
  return (
    `${DECLARATION}<Types xmlns="${PACKAGE}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    `<Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPE}.sheet.main+xml"/>` +
    `<Override PartName="/xl/styles.xml" ContentType="${SHEET_TYPE}.styles+xml"/>` +
    numbers
      .map((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${SHEET_TYPE}.worksheet+xml"/>`)
      .join('') +
    '</Types>'
  );
}

type Relation = readonly [id: string, type: string, target: string];

const relations = (list: readonly Relation[]): string =>
  `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${list
    .map(([id, type, target]) => `<Relationship Id="${id}" Type="${type}" Target="${target}"/>`)
    .join('')}</Relationships>`;

const workbookRelations = (sheets: number): string =>
  relations([
    ...Array.from(
      { length: sheets },
      (_, at): Relation => [`rId${at + 1}`, `${OFFICE}/worksheet`, `worksheets/sheet${at + 1}.xml`],
    ),
    [`rId${sheets + 1}`, `${OFFICE}/styles`, 'styles.xml'],
  ]);

const workbook = (tables: readonly ReportTable[]): string =>
  `${DECLARATION}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${tables
    .map(({ sheet }, at) => `<sheet name="${xmlText(sheet)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`)
    .join('')}</sheets></workbook>`;
