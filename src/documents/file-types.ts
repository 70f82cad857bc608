/**
 * What kind of file it is: by its content, then by its name.
 *
 * Owns: the kinds that an order may come in, and what a file calls itself. It looks at the beginning of a file and at
 * its directory if it has one; whether the rest can be read shows later.
 */
import { fileTypeFromBuffer } from 'file-type';
import { decodeText } from './csv.ts';
import { detectFormDelimiter } from './delimiters.ts';
import { extensionOf } from './file-names.ts';
import { type FileParts, withFile } from './file-parts.ts';
import { Refused } from './table.ts';
import { hasMacros, isWorkbook } from './workbook-parts.ts';
import { listZip } from './zip.ts';

export type DocumentType = 'xlsx' | 'xls' | 'csv' | 'tsv' | 'txt' | 'pdf' | 'eml';

export const MIME_TYPES: Readonly<Record<DocumentType, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xls: 'application/vnd.ms-excel',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  pdf: 'application/pdf',
  eml: 'message/rfc822',
};

export type RecognizedFile =
  | { type: DocumentType; mismatch: string | null }
  /** None that an order may come in; `name` is what it is, such as `PNG image` or `.docx file`. */
  | { type: null; name: string };

const HEAD_BYTES = 64 * 1024;
const EXTENSIONS = new Set<string>(Object.keys(MIME_TYPES));

/** {@link recognize} for a file on disk, of which no more is read than its head and its directory. */
export function recognizeFile(path: string, filename: string, declaredType: string | null): Promise<RecognizedFile> {
  return withFile(path, (file) => recognize(file, filename, declaredType));
}

/**
 * What an order may come in, or the name of what it is instead.
 * @param declaredType what the sender says it is; ignored where it says nothing, as `application/octet-stream`
 */
export async function recognize(
  file: FileParts,
  filename: string,
  declaredType: string | null,
): Promise<RecognizedFile> {
  const head = await file.read(0, Math.min(file.sizeBytes, HEAD_BYTES));
  const extension = extensionOf(filename);
  const found = await byContent(file, head, extension, declaredType);
  if (found.type === null) return found;
  return { type: found.type, mismatch: mismatchOf(found.type, extension, declaredType) };
}

type Found = { type: DocumentType } | { type: null; name: string };

async function byContent(
  file: FileParts,
  head: Uint8Array,
  extension: string,
  declaredType: string | null,
): Promise<Found> {
  if (startsWith(head, 'PK\x03\x04') || startsWith(head, 'PK\x05\x06')) return ofZip(file, head, extension);
  if (startsWith(head, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return ofCompound(file, head, extension);
  if (startsWith(head, '%PDF-')) return { type: 'pdf' };
  const detected = await fileTypeFromBuffer(head).catch(() => undefined);
  if (detected && detected.mime !== 'application/xml') return { type: null, name: nameOf(detected.mime, detected.ext) };
  if (isText(head)) return ofText(head, extension, declaredType);
  // Nothing is known of it but what it calls itself; reading it will show.
  if (extension === 'xlsx' || extension === 'xls' || extension === 'pdf') return { type: extension };
  return { type: null, name: extension === '' ? 'binary file' : `.${extension} file` };
}

/** Workbooks that may hold programs, or are templates or in another format. */
const OTHER_WORKBOOKS = new Set(['xlsm', 'xlsb', 'xltm', 'xlam', 'xltx', 'ods']);

async function ofZip(file: FileParts, head: Uint8Array, extension: string): Promise<Found> {
  if (OTHER_WORKBOOKS.has(extension)) return { type: null, name: `.${extension} file` };
  try {
    const names = await listZip(file);
    if (hasMacros(names)) return { type: null, name: 'workbook with macros' };
    if (isWorkbook(names)) return { type: 'xlsx' };
  } catch (error) {
    // Damaged, or more than a workbook may have: the reader says so, if it claims to be one.
    if (!(error instanceof Refused)) throw error;
    if (extension === 'xlsx') return { type: 'xlsx' };
  }
  const detected = await fileTypeFromBuffer(head).catch(() => undefined);
  const ext = detected?.ext ?? 'zip';
  return { type: null, name: ext === 'zip' ? 'ZIP archive' : `.${ext} file` };
}

/** Streams in the directory of a compound file, and what has them. */
const COMPOUND_FILES = [
  ['Workbook', 'xls'],
  ['Book', 'xls'],
  ['WordDocument', '.doc file'],
  ['PowerPoint Document', '.ppt file'],
  ['__properties_version1.0', '.msg file'],
] as const;

/** An encrypted workbook of any age is a compound file too: it counts as what it calls itself. */
async function ofCompound(file: FileParts, head: Uint8Array, extension: string): Promise<Found> {
  const names = await compoundNames(file, head);
  if (names.has('EncryptedPackage')) {
    const isWorkbookName = extension === 'xlsx' || extension === 'xls';
    return isWorkbookName ? { type: extension } : { type: null, name: 'encrypted file' };
  }
  for (const [stream, name] of COMPOUND_FILES) {
    if (names.has(stream)) return name === 'xls' ? { type: 'xls' } : { type: null, name };
  }
  return extension === 'xls' ? { type: 'xls' } : { type: null, name: 'compound file' };
}

const DIRECTORY_BYTES = 4096;
const ENTRY_BYTES = 128;
const MAX_NAME_BYTES = 64;

/** Names in the beginning of the directory, where programs put what the file is about. */
async function compoundNames(file: FileParts, head: Uint8Array): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  if (head.length < 512) return names;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const sectorBytes = view.getUint16(30, true) === 12 ? 4096 : 512;
  const from = (view.getUint32(48, true) + 1) * sectorBytes;
  if (from >= file.sizeBytes) return names;
  const directory = await file.read(from, DIRECTORY_BYTES);
  for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
    const nameBytes = Math.min(((directory[at + 64] ?? 0) | ((directory[at + 65] ?? 0) << 8)) - 2, MAX_NAME_BYTES);
    if (nameBytes > 0) names.add(new TextDecoder('utf-16le').decode(directory.subarray(at, at + nameBytes)));
  }
  return names;
}

function ofText(head: Uint8Array, extension: string, declaredType: string | null): Found {
  const text = decodeText(head);
  const claimsMessage = extension === 'eml' || declaredType === MIME_TYPES.eml;
  if (isMessage(text, claimsMessage)) return { type: 'eml' };
  if (extension === 'csv' || extension === 'tsv' || extension === 'txt') return { type: extension };
  if (/^\s*<(?:!doctype|html|\?xml|table|svg|script)\b/i.test(text)) {
    return { type: null, name: /^\s*<\?xml/i.test(text) ? 'XML file' : 'HTML file' };
  }
  const isNamedOtherwise = extension !== '' && !EXTENSIONS.has(extension);
  if (isNamedOtherwise) return { type: null, name: `.${extension} file` };
  const declared = (['csv', 'tsv', 'txt'] as const).find((type) => MIME_TYPES[type] === declaredType);
  return { type: declared ?? (looksLikeTable(text) ? 'csv' : 'txt') };
}

/** Whether the first line has columns, by the delimiter that fits the beginning of the text best. */
function looksLikeTable(text: string): boolean {
  const delimiter = detectFormDelimiter(text);
  return /[^\r\n]+/.exec(text)?.[0]?.includes(delimiter) === true && /[^\r\n]+[\r\n]+[^\r\n]+/.test(text);
}

const HEADER = /^([!-9;-~]{1,76}):[ \t]?\S?/;
const SENDERS = new Set(['from', 'sender', 'return-path']);
/** Headers that programs write; a person who pastes a message leaves them out. */
const TECHNICAL = new Set(['mime-version', 'message-id', 'received', 'content-type', 'delivered-to', 'dkim-signature']);

function isMessage(text: string, claimed: boolean): boolean {
  const names = new Set<string>();
  for (const line of text.split(/\r\n|\n|\r/, 200)) {
    if (line === '') break;
    if (/^[ \t]|^From /.test(line)) continue;
    const name = HEADER.exec(line)?.[1]?.toLowerCase();
    if (name === undefined) break;
    names.add(name);
  }
  const hasSender = [...names].some((name) => SENDERS.has(name));
  return claimed ? names.size > 0 : hasSender && [...names].some((name) => TECHNICAL.has(name));
}

function isText(head: Uint8Array): boolean {
  // A character may be cut off at the end of the head; Windows-1252 has one for any byte.
  return head.length === 0 || !decodeText(head).includes('\0');
}

function startsWith(bytes: Uint8Array, latin1: string): boolean {
  return Array.from(latin1).every((char, i) => bytes[i] === char.charCodeAt(0));
}

function nameOf(mime: string, ext: string): string {
  const [family = ''] = mime.split('/', 1);
  const noun = ['image', 'audio', 'video'].includes(family) ? family : 'file';
  return noun === 'file' ? `.${ext} file` : `${ext.toUpperCase()} ${noun}`;
}

const NAMES: Readonly<Record<DocumentType, string>> = {
  ...{ xlsx: 'an XLSX workbook', xls: 'an XLS workbook', csv: 'a CSV file', tsv: 'a TSV file' },
  ...{ txt: 'a text file', pdf: 'a PDF', eml: 'an e-mail' },
};
/** What programs call files of these types without meaning another one. */
const ALSO_DECLARED: Readonly<Record<DocumentType, readonly string[]>> = {
  xlsx: ['application/vnd.ms-excel', 'application/zip', 'application/x-zip-compressed'],
  xls: ['application/msexcel', 'application/x-msexcel', 'application/excel', 'application/x-excel'],
  csv: ['application/vnd.ms-excel', 'application/csv', 'text/x-csv', 'text/plain', 'text/comma-separated-values'],
  tsv: ['application/vnd.ms-excel', 'text/plain', 'text/csv'],
  txt: ['application/text', 'text/csv'],
  pdf: ['application/x-pdf'],
  eml: ['text/plain', 'application/eml'],
};
const SAYS_NOTHING = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'application/x-download']);

function mismatchOf(type: DocumentType, extension: string, declaredType: string | null): string | null {
  if (extension !== '' && extension !== type) return `${NAMES[type]} named .${extension}`;
  const declared = (declaredType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const fits = declared === MIME_TYPES[type] || ALSO_DECLARED[type].includes(declared);
  return fits || SAYS_NOTHING.has(declared) ? null : `${NAMES[type]} sent as ${declared.slice(0, 100)}`;
}
