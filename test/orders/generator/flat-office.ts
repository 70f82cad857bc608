/**
 * Writes workbooks as flat OpenDocument XML, which LibreOffice turns into its own XLSX, XLS and PDF.
 *
 * Owns: the XML. Does not own: starting LibreOffice (`programs.ts`).
 */
import { toPlain } from './amounts.ts';
import type { Grid, GridCell, Workbook } from './grid.ts';

/** Widths of columns to choose from. */
const WIDTHS_CM = [2, 3, 4.5, 6.5, 9];

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:automatic-styles>
<style:style style:name="hid" style:family="table"><style:table-properties table:display="false"/></style:style>
<style:style style:name="bold" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="shown" style:family="table" style:master-page-name="Default"/>
${WIDTHS_CM.map((cm) => `<style:style style:name="w${cm}" style:family="table-column"><style:table-column-properties style:column-width="${cm}cm"/></style:style>`).join('\n')}
<style:page-layout style:name="fit"><style:page-layout-properties style:scale-to-X="1" style:scale-to-Y="0" fo:page-width="21cm" fo:page-height="29.7cm"/></style:page-layout>
<number:number-style style:name="n2"><number:number number:decimal-places="2" number:min-decimal-places="2" number:min-integer-digits="1" number:grouping="true"/></number:number-style>
<number:date-style style:name="d1"><number:year number:style="long"/><number:text>-</number:text><number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>
<style:style style:name="money" style:family="table-cell" style:data-style-name="n2"/>
<style:style style:name="day" style:family="table-cell" style:data-style-name="d1"/>
</office:automatic-styles><office:master-styles><style:master-page style:name="Default" style:page-layout-name="fit"><style:header style:display="false"/><style:footer style:display="false"/></style:master-page></office:master-styles><office:body><office:spreadsheet>`;

/** @param typed numbers and days as such; without it everything is text, as a PDF should show it */
export function flatOffice({ grids }: Workbook, typed = true): string {
  // LibreOffice shows the first sheet, even a hidden one.
  const inOrder = grids.toSorted((a, b) => Number(a.hidden) - Number(b.hidden));
  return `${HEAD}${inOrder.map((grid) => tableXml(grid, typed)).join('')}</office:spreadsheet></office:body></office:document>`;
}

function tableXml(grid: Grid, typed: boolean): string {
  const rows = Math.max(0, ...grid.cells.map(({ row }) => row)) + 1;
  const columns = Math.max(0, ...grid.cells.map(({ column }) => column)) + 1;
  const columnXml = Array.from({ length: columns }, (_, i) => {
    const isAlone = ({ row }: GridCell) => !grid.cells.some((other) => other.row === row && other.column > i);
    const longest = Math.max(
      0,
      ...grid.cells.filter((cell) => cell.column === i && !isAlone(cell)).map(({ shown }) => shown.text.length),
    );
    const width = WIDTHS_CM.find((cm) => cm * 5 >= longest) ?? 9;
    const hidden = grid.hiddenColumns.has(i) ? ' table:visibility="collapse"' : '';
    return `<table:table-column table:style-name="w${width}"${hidden}/>`;
  });
  const rowXml = Array.from({ length: rows }, (_, row) => {
    const cells = Array.from({ length: columns }, (_, column) => {
      const cell = grid.cells.find((one) => one.row === row && one.column === column);
      const merge = grid.merges.find((one) => one.row === row && one.from === column);
      return cell === undefined ? '<table:table-cell/>' : cellXml(cell, typed, merge && merge.to - merge.from + 1);
    });
    return `<table:table-row${grid.hiddenRows.has(row) ? ' table:visibility="collapse"' : ''}>${cells.join('')}</table:table-row>`;
  });
  return `<table:table table:name="${escapeXml(grid.name)}" table:style-name="${grid.hidden ? 'hid' : 'shown'}">${columnXml.join('')}${rowXml.join('')}</table:table>`;
}

function cellXml(cell: GridCell, typed: boolean, span: number | undefined): string {
  const { shown, bold } = cell;
  const spanned = span === undefined ? '' : ` table:number-columns-spanned="${span}"`;
  const text = shown.text
    .split('\n')
    .map((line) => `<text:p>${escapeXml(line)}</text:p>`)
    .join('');
  const content = (attributes: string) => `<table:table-cell${attributes}${spanned}>${text}</table:table-cell>`;
  if (typed && cell.typed && shown.amount !== undefined) {
    const style = shown.amount.decimals === 2 ? ' table:style-name="money"' : '';
    return content(`${style} office:value-type="float" office:value="${toPlain(shown.amount)}"`);
  }
  if (typed && cell.typed && shown.day !== undefined) {
    return content(` table:style-name="day" office:value-type="date" office:date-value="${shown.day}"`);
  }
  return content(`${bold ? ' table:style-name="bold"' : ''} office:value-type="string"`);
}

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
