/**
 * A report as a file in one of its formats.
 *
 * Owns: the formats, their types and the names of files. Writing the largest report takes about ten milliseconds, so it
 * is done where it is asked for.
 */
import { firstCodePoints } from '../../machines/formulas/code-points.ts';
import { reportCsv } from './report-csv.ts';
import { reportHtml } from './report-html.ts';
import type { ReportModel } from './report-model.ts';
import { reportXlsx, XLSX_TYPE } from './report-xlsx.ts';

export const REPORT_FORMATS = ['html', 'csv', 'xlsx'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportFile {
  filename: string;
  contentType: string;
  bytes: Buffer<ArrayBuffer>;
}

const NAME_CODE_POINTS = 60;

const WRITERS: Readonly<Record<ReportFormat, { contentType: string; write(model: ReportModel): string | Buffer }>> = {
  html: { contentType: 'text/html; charset=utf-8', write: reportHtml },
  csv: { contentType: 'text/csv; charset=utf-8; header=present', write: reportCsv },
  xlsx: { contentType: XLSX_TYPE, write: reportXlsx },
};

export function reportFile(model: ReportModel, format: ReportFormat): ReportFile {
  const { contentType, write } = WRITERS[format];
  return { filename: `${nameOf(model.title)}.${format}`, contentType, bytes: Buffer.from(write(model)) };
}

/** Letters, digits and hyphens of the project's name, `report-` before them; at most 60 of them. */
function nameOf(title: string): string {
  const words = title.toWellFormed().match(/[\p{L}\p{N}]+/gu) ?? [];
  return ['report', firstCodePoints(words.join('-'), NAME_CODE_POINTS)].filter((part) => part !== '').join('-');
}
