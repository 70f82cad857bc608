/**
 * A report as CSV in long form: `section,name,measure,value,unit`, one value a line.
 *
 * Owns: the bytes. UTF-8 with a byte order mark, RFC 4180, CRLF, numbers as plain decimals. No text can become a formula
 * where the file is opened: an apostrophe goes before it.
 */
import type { ReportModel } from './report-model.ts';
import { type CellValue, isNumeric, type ReportColumn, type ReportTable, unitOf } from './report-table.ts';

const HEADER = 'section,name,measure,value,unit';
const BYTE_ORDER_MARK = '\ufeff';
/** What begins a formula, also in full width. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const NEEDS_QUOTES = /[",\r\n]/;

export function reportCsv(model: ReportModel): string {
  const { project, quality, warnings, missing, findings, figures, tables, estimateNote } = model;
  const lines = [
    line('Report', 'project', 'name', project.name, ''),
    line('Report', 'project', 'id', project.id, ''),
    line('Report', 'project', 'status', project.status, ''),
    line('Report', 'project', 'preliminary', String(model.preliminary), ''),
    line('Report', 'project', 'updated_at', project.updated_at, ''),
    ...(quality === null ? [] : [line('Quality', 'input', 'sentence', quality, '')]),
    ...(estimateNote === null ? [] : [line('Quality', 'estimates', 'sentence', estimateNote, '')]),
    ...warnings.map((warning, at) => line('Quality', `warning ${at + 1}`, 'sentence', warning, '')),
    ...missing.map((sentence, at) => line('Quality', `missing ${at + 1}`, 'sentence', sentence, '')),
    ...findings.map(({ sentence }, at) => line('Findings', `finding ${at + 1}`, 'sentence', sentence, '')),
    ...figures.flatMap(({ label, value, kind, basis }) => [
      line('Summary', label, 'value', value, unitOf({ title: label, kind })),
      line('Summary', label, 'basis', basis, ''),
    ]),
    ...tables.flatMap(tableLines),
  ];
  return `${BYTE_ORDER_MARK}${[HEADER, ...lines, ''].join('\r\n')}`;
}

/** The first column names a row, each other one is a measure of it. */
function tableLines({ sheet, columns, rows }: ReportTable): string[] {
  const measures = columns.slice(1);
  return rows.flatMap(([name = '', ...values]) =>
    measures.flatMap((column, at) => measureLine(sheet, name, column, values[at] ?? null)),
  );
}

function measureLine(sheet: string, name: CellValue, column: ReportColumn, value: CellValue): string[] {
  if (value === null) return [];
  const number = isNumeric(column) && typeof value === 'number';
  return [line(sheet, String(name ?? ''), column.title, number ? value : String(value), unitOf(column))];
}

const line = (section: string, name: string, measure: string, value: string | number, unit: string): string =>
  [text(section), text(name), text(measure), typeof value === 'number' ? decimal(value) : text(value), text(unit)].join(
    ',',
  );

/** Without an exponent, which some programs do not read. */
const decimal = (value: number): string => (Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(2));

function text(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
