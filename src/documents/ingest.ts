/**
 * A file of activities, CSV or XLSX, as rows to analyze.
 *
 * Owns: what kind of file it is, its header, and what each row says. Does not own: the decisions about columns,
 * durations and categories (`machines/formulas`). Keeps I11: any bytes give rows or a refusal that names the place, at
 * a bounded price.
 */
import { categoryOf } from '../../machines/formulas/categories.ts';
import { exceedsCodePoints, firstCodePoints } from '../../machines/formulas/code-points.ts';
import { type Field, matchColumns } from '../../machines/formulas/columns.ts';
import { bareUnitMinutes, parseDuration } from '../../machines/formulas/durations.ts';
import { estimateByWords } from '../../machines/formulas/estimates.ts';
import { clean } from '../../machines/formulas/rows.ts';
import { decodeText, detectDelimiter, isBlank, parseCsv } from './csv.ts';
import {
  type FileError,
  Findings,
  MAX_CELL_CODE_POINTS,
  MAX_COLUMNS,
  placeOf,
  type RefusalStatus,
  Refused,
  type TableRow,
} from './table.ts';
import { hasMacros, isWorkbook, readSheet } from './xlsx.ts';
import { openZip } from './zip.ts';

export interface IngestOptions {
  /** Data rows a file may have. */
  maxRows: number;
  /** Sheet of a workbook, in any case; the first one if absent. */
  sheet?: string | undefined;
}

export interface IngestedRow {
  text: string;
  category: string;
  /** Whole minutes ≥ 1. */
  estimated_minutes: number;
  estimate_source: 'given' | 'inferred';
  /** 1 = the row after the header. */
  source_row: number;
}

export interface Ingested {
  ok: true;
  rows: IngestedRow[];
  warnings: string[];
  /** Header of the column of each field. */
  columns: Record<Field, string | null>;
  /** Name of the sheet, null for CSV. */
  sheet: string | null;
  contentType: string;
}

export interface IngestRefusal {
  ok: false;
  status: RefusalStatus;
  errors: FileError[];
}

/** Plain data both ways, for a worker thread. */
export interface IngestJob extends IngestOptions {
  bytes: Uint8Array;
  filename: string;
}

/** {@link ingestTasks} with one argument, as a thread pool calls it. */
export function ingestTask({ bytes, filename, ...options }: IngestJob): Promise<Ingested | IngestRefusal> {
  return ingestTasks(bytes, filename, options);
}

/** Rows of a file, or why it is refused. Rejects only if this code is wrong. */
export async function ingestTasks(
  bytes: Uint8Array,
  filename: string,
  { maxRows, sheet }: IngestOptions,
): Promise<Ingested | IngestRefusal> {
  const findings = new Findings();
  try {
    const table = await readTable(bytes, filename, sheet, maxRows, findings);
    const { header, records } = readRecords(table.rows, maxRows, findings);
    const { rows, columns } = readActivities(header, records, findings);
    return {
      ok: true,
      rows,
      warnings: findings.warnings(),
      columns,
      sheet: table.sheet,
      contentType: table.contentType,
    };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, status: error.status, errors: [...error.errors] };
    throw error;
  }
}

interface Table {
  rows: Iterable<TableRow>;
  sheet: string | null;
  contentType: string;
}

const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const CSV_EXTENSIONS = new Set(['csv', 'tsv', 'txt', '']);
/** Workbooks whose content looks like XLSX but may hold programs or templates. */
const REFUSED_EXTENSIONS = new Set(['xlsm', 'xltm', 'xlam', 'xltx']);
/** As much as a workbook may inflate to. */
const MAX_TEXT_BYTES = 100 * 1024 * 1024;
const EXPECTED = 'send a CSV (.csv, .tsv, .txt) or Excel workbook (.xlsx)';

async function readTable(
  bytes: Uint8Array,
  filename: string,
  sheet: string | undefined,
  maxRows: number,
  findings: Findings,
): Promise<Table> {
  const extension = /\.([^./\\]*)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
  if (startsWith(bytes, 'PK\x03\x04') || startsWith(bytes, 'PK\x05\x06')) {
    const archive = await openZip(bytes);
    if (!isWorkbook(archive)) throw new Refused(415, `this archive is no Excel workbook; ${EXPECTED}`);
    if (REFUSED_EXTENSIONS.has(extension) || hasMacros(archive)) {
      throw new Refused(415, 'workbooks with macros and templates are not accepted; save it as .xlsx');
    }
    const { name, rows } = await readSheet(archive, sheet, maxRows + 1, findings);
    return { rows, sheet: name, contentType: XLSX_TYPE };
  }
  if (startsWith(bytes, '\xd0\xcf\x11\xe0')) {
    throw new Refused(415, 'this is an old .xls or password-protected workbook; save it as .xlsx without a password');
  }
  if (bytes.length > MAX_TEXT_BYTES) throw new Refused(413, `a text file may have ${MAX_TEXT_BYTES} bytes`);
  const text = decodeText(bytes);
  if (text.includes('\0') || text.startsWith('%PDF-') || !CSV_EXTENSIONS.has(extension)) {
    throw new Refused(415, `this file is neither CSV nor XLSX; ${EXPECTED}`);
  }
  if (sheet !== undefined) throw new Refused(400, 'a CSV file has no sheets', 'sheet');
  return { rows: parseCsv(text, detectDelimiter(text)), sheet: null, contentType: 'text/csv' };
}

function startsWith(bytes: Uint8Array, latin1: string): boolean {
  return Array.from(latin1).every((char, i) => bytes[i] === char.charCodeAt(0));
}

interface Header {
  names: string[];
  /** Row number in the file. */
  row: number;
}

/** Header and data rows: no blank rows, every row as wide as the header. */
function readRecords(
  rows: Iterable<TableRow>,
  maxRows: number,
  findings: Findings,
): { header: Header; records: { number: number; cells: string[] }[] } {
  let header: Header | undefined;
  const records: { number: number; cells: string[] }[] = [];
  for (const { number, cells, width } of rows) {
    if (isBlank(cells)) continue;
    checkCells(number, cells);
    if (!header) {
      if (width > MAX_COLUMNS) {
        const place = placeOf(number, MAX_COLUMNS + 1);
        throw new Refused(400, `the sheet has more than ${MAX_COLUMNS} columns`, place);
      }
      header = { names: nameColumns(cells), row: number };
      continue;
    }
    if (records.length === maxRows) {
      throw new Refused(400, `the sheet has more than ${maxRows} rows`, placeOf(number, 1));
    }
    const columns = header.names.length;
    if (width > columns && (!isBlank(cells.slice(columns)) || width > cells.length)) {
      findings.add('cells beyond the last column of the header were dropped', number);
    }
    records.push({ number, cells: header.names.map((_, i) => cells[i] ?? '') });
  }
  if (!header || records.length === 0) throw new Refused(400, 'empty sheet or missing header');
  return { header, records };
}

function checkCells(row: number, cells: readonly string[]): void {
  const column = cells.findIndex((cell) => exceedsCodePoints(cell, MAX_CELL_CODE_POINTS)) + 1;
  if (column === 0) return;
  throw new Refused(400, `the cell has more than ${MAX_CELL_CODE_POINTS} characters`, placeOf(row, column));
}

/** Names of the columns: `column_<n>` where the header is blank, `<name> (2)` where it is repeated. */
function nameColumns(cells: readonly string[]): string[] {
  const taken = new Set<string>();
  return cells.map((cell, i) => {
    const wanted = clean(cell) || `column_${i + 1}`;
    let name = wanted;
    for (let n = 2; taken.has(name); n += 1) name = `${wanted} (${n})`;
    taken.add(name);
    return name;
  });
}

const CATEGORY_CODE_POINTS = 200;

function readActivities(
  { names, row: headerRow }: Header,
  records: readonly { number: number; cells: string[] }[],
  findings: Findings,
): Pick<Ingested, 'rows' | 'columns'> {
  const found = matchColumns(names);
  if (found.text === null) {
    const message = `no column holds the text of a task; columns: ${names.map((name) => JSON.stringify(name)).join(', ')}`;
    throw new Refused(400, firstCodePoints(message, 1000), placeOf(headerRow, 1));
  }
  const cellOf = (field: Field, cells: readonly string[]): string => cells[found[field] ?? -1] ?? '';
  const nameOf = (field: Field): string | null => names[found[field] ?? -1] ?? null;
  const durations = records.map(({ cells }) => cellOf('duration', cells));
  const bareMinutes = bareUnitMinutes(nameOf('duration') ?? '', durations);
  const rows = records.map(({ number, cells }, i): IngestedRow => {
    const text = clean(cellOf('text', cells));
    const category = categoryOf(cellOf('category', cells), text);
    if (exceedsCodePoints(category, CATEGORY_CODE_POINTS)) {
      findings.add(`a category of more than ${CATEGORY_CODE_POINTS} characters was cut`, number);
    }
    const duration = clean(durations[i] as string);
    const given = parseDuration(duration, bareMinutes);
    if (given === null && duration !== '') {
      findings.add('a duration that could not be read was replaced by an estimate', number);
    }
    return {
      text,
      category: firstCodePoints(category, CATEGORY_CODE_POINTS),
      estimated_minutes: given ?? estimateByWords(text),
      estimate_source: given === null ? 'inferred' : 'given',
      source_row: number - headerRow,
    };
  });
  const columns = { text: nameOf('text'), category: nameOf('category'), duration: nameOf('duration') };
  return { rows, columns };
}
