/**
 * Files of activities, of whatever format, as tables.
 *
 * Owns: which reader a file is for, and what is refused. Does not own: which row is a header or what a column means
 * (`machines/activities`). Keeps I9 and I11: any bytes give tables or a refusal that names the place, at a bounded price.
 */
import { CFB } from '@e965/xlsx';
import type { ActivityTables, FileKind } from '../../../machines/activities/tables.ts';
import { extensionOf } from '../file-names.ts';
import { partsOf } from '../file-parts.ts';
import { MIME_TYPES, recognize } from '../file-types.ts';
import { Refused } from '../table.ts';
import { isWorkbook } from '../workbook-parts.ts';
import { parseWorkbook, parseXls } from '../xls.ts';
import { type Archive, openZip } from '../zip.ts';
import { chooseDelimiter } from './delimiter.ts';
import { declaredEncoding, kindOfText, type TextKind } from './file-kinds.ts';
import { readHtmlTables } from './html-tables.ts';
import { readJsonTables } from './json-tables.ts';
import { readFlatOds, readOdsTables } from './ods-tables.ts';
import { readSpreadsheetMl } from './spreadsheetml-tables.ts';
import { createTableBuilder, type TableBuilder } from './table-builder.ts';
import { decodeFile, utf8Pieces } from './text-encoding.ts';
import { readTextTable } from './text-tables.ts';
import { readXlsTables } from './xls-tables.ts';
import { readXlsxTables } from './xlsx-tables.ts';

export interface ReadTablesOptions {
  /** Records that a file may have, over all its sheets. Some rows more may be titles, totals or hidden. */
  maxRows: number;
  /** Label of the WHATWG Encoding Standard, for text files; found out if absent. */
  encoding?: string | undefined;
  /** Name of the one sheet to read, in any case; all sheets are read if absent. */
  sheet?: string | undefined;
}

/** As much as a workbook may inflate to. */
const MAX_TEXT_BYTES = 100 * 1024 * 1024;
const ACCEPTED = 'send CSV, TSV or TXT, an XLSX, XLSM, XLS or ODS workbook, HTML tables, or JSON';
const ODS_TYPE = 'application/vnd.oasis.opendocument.spreadsheet';
const XLSB = 'xl/workbook.bin';

const SHEET_EXTENSION_TYPES: Readonly<Record<string, string>> = {
  xlsm: 'application/vnd.ms-excel.sheet.macroEnabled.12',
  xltx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.template',
  xltm: 'application/vnd.ms-excel.template.macroEnabled.12',
};

type Found = Pick<ActivityTables, 'kind' | 'contentType'> & Partial<Pick<ActivityTables, 'encoding' | 'delimiter'>>;

/**
 * All sheets of a file, with every row that is not blank.
 * @throws {Refused} 400 if the content is wrong or too long, 413 if it is too much, 415 if it is nothing to read
 */
export async function readActivityTables(
  bytes: Uint8Array,
  filename: string,
  { maxRows, encoding, sheet }: ReadTablesOptions,
): Promise<ActivityTables> {
  const tables = createTableBuilder(maxRows);
  const extension = extensionOf(filename);
  const found =
    startsWith(bytes, 'PK\x03\x04') || startsWith(bytes, 'PK\x05\x06')
      ? await readArchive(bytes, filename, extension, sheet, tables)
      : startsWith(bytes, '\xd0\xcf\x11\xe0')
        ? await readCompound(bytes, filename, sheet, tables)
        : await readText(bytes, filename, { extension, encoding, sheet }, tables);
  return { encoding: null, delimiter: null, ...found, sheets: tables.sheets, notes: tables.notes };
}

async function readArchive(
  bytes: Uint8Array,
  filename: string,
  extension: string,
  sheet: string | undefined,
  tables: TableBuilder,
): Promise<Found> {
  const archive = await openZip(bytes);
  if (isWorkbook(archive)) {
    await readXlsxTables(archive, sheet, tables);
    return { kind: 'xlsx', contentType: SHEET_EXTENSION_TYPES[extension] ?? MIME_TYPES.xlsx };
  }
  // Inflating it has shown that it is no bomb.
  if (archive.has(XLSB) && !isOtherToParser(archive)) {
    readXlsTables(parseWorkbook(bytes), sheet, tables);
    return { kind: 'xlsx', contentType: 'application/vnd.ms-excel.sheet.binary.macroEnabled.12' };
  }
  if (await isOpenDocumentSheet(archive, extension)) {
    await readOdsTables(archive, sheet, tables);
    return { kind: 'ods', contentType: ODS_TYPE };
  }
  throw await unsupported(bytes, filename);
}

/** Parts by which the parser of XLSB takes a file for a format whose repeated cells it lays out one by one. */
const OTHER_FORMATS = /^(?:meta-inf\/manifest\.xml|objectdata\.xml|index\/document\.iwa|index\.zip)$/i;

function isOtherToParser(archive: Archive): boolean {
  for (const name of archive.names()) if (OTHER_FORMATS.test(name)) return true;
  return false;
}

async function isOpenDocumentSheet(archive: Archive, extension: string): Promise<boolean> {
  if (!archive.has('content.xml')) return false;
  let mimetype = '';
  for await (const chunk of archive.read('mimetype'))
    if (mimetype.length < 200) mimetype += new TextDecoder().decode(chunk);
  return mimetype === '' ? extension === 'ods' || extension === 'ots' : mimetype.includes('opendocument.spreadsheet');
}

async function readCompound(
  bytes: Uint8Array,
  filename: string,
  sheet: string | undefined,
  tables: TableBuilder,
): Promise<Found> {
  const recognized = await recognize(partsOf(bytes), filename, null);
  const mayBeWorkbook = recognized.type === 'xls' || recognized.type === 'xlsx' || isWorkbookStream(bytes);
  if (!mayBeWorkbook) throw await unsupported(bytes, filename);
  readXlsTables(parseXls(bytes), sheet, tables);
  return { kind: 'xls', contentType: MIME_TYPES.xls };
}

/** The recognizer looks at the beginning of the directory alone. */
function isWorkbookStream(bytes: Uint8Array): boolean {
  try {
    const file = CFB.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { type: 'buffer' });
    return CFB.find(file, 'Workbook') !== null || CFB.find(file, 'Book') !== null;
  } catch {
    return false;
  }
}

interface TextOptions {
  extension: string;
  encoding: string | undefined;
  sheet: string | undefined;
}

async function readText(
  bytes: Uint8Array,
  filename: string,
  { extension, encoding, sheet }: TextOptions,
  tables: TableBuilder,
): Promise<Found> {
  if (bytes.length > MAX_TEXT_BYTES) {
    throw new Refused(413, `a text file may have ${MAX_TEXT_BYTES} bytes`, 'file', 'size');
  }
  if (startsWith(bytes, '%PDF-')) throw await unsupported(bytes, filename);
  const decoded = decodeFile(bytes, encoding, declaredEncoding(bytes));
  if (isBinary(decoded.text)) throw await unsupported(bytes, filename);
  const kind = kindOfText(decoded.text, extension);
  if (decoded.note !== null) tables.note(decoded.note);
  const found = await readTextKind(kind, decoded.text, { extension, encoding, sheet }, tables);
  if (found === null) throw await unsupported(bytes, filename, TEXT_KIND_NAMES[kind]);
  return { encoding: decoded.encoding, ...found };
}

const SAMPLE_CHARS = 64 * 1024;
/** Share of control characters that no text has. */
const MAX_CONTROL_SHARE = 0.01;

function isBinary(text: string): boolean {
  if (text.includes('\0')) return true;
  const length = Math.min(text.length, SAMPLE_CHARS);
  let controls = 0;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) controls += 1;
  }
  return controls > length * MAX_CONTROL_SHARE;
}

const TEXT_KIND_NAMES: Readonly<Partial<Record<TextKind, string>>> = {
  html: 'HTML without a table of two rows',
  'web archive': 'a web archive (MHTML) or an e-mail; open it and save it as .xlsx',
  xml: 'an XML file that is no workbook',
  rtf: 'a text document (RTF)',
};
/** Text files by their names; a date at the end of a name is no extension. */
const TEXT_EXTENSION = /^(?:csv|tsv|tab|psv|txt|text|asc|dat|prn|\d+)?$/;
/** Names under which programs write text that they want to be opened with a spreadsheet. */
const WORKBOOK_EXTENSION = /^(?:xls|xlsx|xlsm|xlsb|ods)$/;

/** Null if it is nothing to read. */
async function readTextKind(
  kind: TextKind,
  text: string,
  { extension, sheet }: TextOptions,
  tables: TableBuilder,
): Promise<Found | null> {
  const found = (fileKind: FileKind, contentType: string): Found => ({ kind: fileKind, contentType });
  if (kind === 'html') return readHtmlTables(text, sheet, tables) > 0 ? found('html', 'text/html') : null;
  if (kind === 'json') {
    readJsonTables(text, sheet, tables);
    return found('json', 'application/json');
  }
  if (kind === 'spreadsheetml') {
    await readSpreadsheetMl(text, sheet, tables);
    return found('xls', 'application/xml');
  }
  if (kind === 'flat ods') {
    await readFlatOds(utf8Pieces(text), sheet, tables);
    return found('ods', 'application/vnd.oasis.opendocument.spreadsheet-flat-xml');
  }
  const isWorkbookName = WORKBOOK_EXTENSION.test(extension);
  if (kind !== 'text' || !(isWorkbookName || TEXT_EXTENSION.test(extension))) return null;
  if (isWorkbookName && chooseDelimiter(text, null) === '') return null;
  if (sheet !== undefined) throw new Refused(400, 'a CSV file has no sheets', 'sheet');
  return { ...found('csv', 'text/csv'), delimiter: readTextTable(text, extension, tables) };
}

/** @param name what the file is, if that is known already */
async function unsupported(bytes: Uint8Array, filename: string, name?: string): Promise<Refused> {
  const what = name ?? (await nameOf(bytes, filename));
  return new Refused(
    415,
    `the file is ${what}, which is no table we can read; ${ACCEPTED}`,
    'file',
    'unsupported type',
  );
}

async function nameOf(bytes: Uint8Array, filename: string): Promise<string> {
  const recognized = await recognize(partsOf(bytes), filename, null);
  const name = recognized.type === null ? recognized.name : recognized.type.toUpperCase();
  return /^[aeio]/i.test(name) ? `an ${name}` : `a ${name}`;
}

function startsWith(bytes: Uint8Array, latin1: string): boolean {
  return Array.from(latin1).every((char, i) => bytes[i] === char.charCodeAt(0));
}
