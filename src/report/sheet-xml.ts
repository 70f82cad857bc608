/**
 * One sheet of a workbook as XML, and the styles that all sheets share.
 *
 * Owns: cells, number formats, the frozen header, widths. Dates are written as texts `YYYY-MM-DD`, which sort rightly
 * and read the same in every locale.
 */
import { type CellValue, type ColumnKind, isNumeric, type ReportColumn, type ReportTable } from './report-table.ts';

export const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
export const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
/** Most characters that a cell may hold. */
const CELL_CHARACTERS = 32_767;
const DEFAULT_WIDTH = 14;

/** Indexes into `cellXfs` below. */
const STYLE = { plain: 0, header: 1, decimal: 2, count: 3, wrapped: 4, note: 5, percent: 6 } as const;

const NUMBER_STYLE: Readonly<Record<ColumnKind, number>> = {
  text: STYLE.wrapped,
  date: STYLE.plain,
  count: STYLE.count,
  minutes: STYLE.decimal,
  hours: STYLE.decimal,
  money: STYLE.decimal,
  percent: STYLE.percent,
  number: STYLE.decimal,
};

const font = (inner: string): string => `<font>${inner}<sz val="11"/><name val="Calibri"/><family val="2"/></font>`;

export const STYLES_XML =
  `${DECLARATION}<styleSheet xmlns="${MAIN}">` +
  '<numFmts count="1"><numFmt numFmtId="164" formatCode="0.00&quot; %&quot;"/></numFmts>' +
  `<fonts count="3">${font('')}${font('<b/>')}<font><i/><sz val="10"/><color rgb="FF555555"/><name val="Calibri"/><family val="2"/></font></fonts>` +
  '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>' +
  '<fill><patternFill patternType="solid"><fgColor rgb="FFE6EEF5"/><bgColor indexed="64"/></patternFill></fill></fills>' +
  '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>' +
  '<border><left/><right/><top/><bottom style="thin"><color rgb="FF7A8B99"/></bottom><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  '<cellXfs count="7">' +
  '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
  '<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf>' +
  '<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>' +
  '<xf numFmtId="3" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>' +
  '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>' +
  '<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1"><alignment vertical="top"/></xf>' +
  '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>' +
  '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';

/** Header, rows, and the notes below them after an empty row. */
export function sheetXml({ columns, rows, notes }: ReportTable): string {
  const last = `${columnName(columns.length - 1)}${rows.length + 1}`;
  const lines = [
    rowXml(
      1,
      columns.map(({ title }, at) => textCell(at, 1, title, STYLE.header)),
    ),
    ...rows.map((cells, at) =>
      rowXml(
        at + 2,
        cells.map((value, column) => cellXml(column, at + 2, value, columns[column])),
      ),
    ),
    ...notes.map((note, at) => {
      const row = rows.length + 3 + at;
      return rowXml(row, [textCell(0, row, note, STYLE.note)]);
    }),
  ];
  return (
    `${DECLARATION}<worksheet xmlns="${MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>` +
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
    '<selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>' +
    `<cols>${columns.map(({ width = DEFAULT_WIDTH }, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`).join('')}</cols>` +
    `<sheetData>${lines.join('')}</sheetData>` +
    `${rows.length > 0 ? `<autoFilter ref="A1:${last}"/>` : ''}` +
    '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>' +
    '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/></worksheet>'
  );
}

const rowXml = (number: number, cells: readonly string[]): string => `<row r="${number}">${cells.join('')}</row>`;

function cellXml(column: number, row: number, value: CellValue, definition: ReportColumn | undefined): string {
  if (value === null || definition === undefined) return '';
  if (typeof value === 'number' && isNumeric(definition)) {
    return `<c r="${columnName(column)}${row}" s="${NUMBER_STYLE[definition.kind]}"><v>${value}</v></c>`;
  }
  return textCell(column, row, String(value), isNumeric(definition) ? STYLE.wrapped : NUMBER_STYLE[definition.kind]);
}

/** An inline string: no program takes it for a formula. */
const textCell = (column: number, row: number, text: string, style: number): string =>
  `<c r="${columnName(column)}${row}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xmlText(text.slice(0, CELL_CHARACTERS))}</t></is></c>`;

/** A to Z are enough for the tables of a report. */
const columnName = (at: number): string => String.fromCharCode('A'.charCodeAt(0) + at);

/** Characters that XML 1.0 cannot hold at all. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

export const xmlText = (text: string): string =>
  text
    .toWellFormed()
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
