/**
 * A file of an order, of any kind but a message, as a document.
 *
 * Owns: which reader a file goes to, and what becomes of a file that cannot be read. Messages are taken apart elsewhere
 * (`message.ts`). Keeps I11: any bytes give a document; what is wrong with them is its reason.
 */
import { createHash } from 'node:crypto';
import type { Content, ReadDocument } from '../../machines/orders/document.ts';
import { partsOf } from './file-parts.ts';
import { type DocumentType, MIME_TYPES, recognize } from './file-types.ts';
import { readPdf } from './pdf.ts';
import { Refused } from './table.ts';
import { readCsvSheet, readLines } from './text.ts';
import { readWorkbook } from './workbook.ts';
import { readXls } from './xls.ts';
import { openZip } from './zip.ts';

/** A file in memory, and what is known of it beforehand. */
export interface FileToRead {
  artifact_id: string;
  parent_id: string | null;
  filename: string;
  declaredType: string | null;
  bytes: Uint8Array;
}

/** Everything about a file but what became of it. */
export function identityOf(
  { artifact_id, parent_id, filename, declaredType, bytes }: FileToRead,
  type: DocumentType | null,
): Omit<ReadDocument, 'status' | 'reason' | 'mismatch' | 'content'> {
  return {
    ...{ artifact_id, parent_id, filename, size: bytes.length },
    mime_type: type ? MIME_TYPES[type] : (declaredType ?? 'application/octet-stream'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** A file that is no message. Never rejects for what is in it. */
export async function readFileDocument(file: FileToRead): Promise<ReadDocument> {
  let type: DocumentType | null = null;
  let mismatch: string | null = null;
  try {
    const recognized = await recognize(partsOf(file.bytes), file.filename, file.declaredType);
    if (recognized.type === null) return unreadable(identityOf(file, null), 'unsupported type');
    ({ type, mismatch } = recognized);
    const content = await readContent(type, file.bytes);
    const status = content ? 'parsed' : 'needs_ocr';
    return { ...identityOf(file, type), status, reason: null, mismatch, content };
  } catch (error) {
    return unreadable(identityOf(file, type), reasonOf(error), mismatch);
  }
}

export function unreadable(
  identity: Omit<ReadDocument, 'status' | 'reason' | 'mismatch' | 'content'>,
  reason: string,
  mismatch: string | null = null,
): ReadDocument {
  return { ...identity, status: 'unreadable', reason, mismatch, content: null };
}

/** A reader that fails in another way than by refusing has met bytes that it was not made for. */
export function reasonOf(error: unknown): string {
  return error instanceof Refused ? error.reason : 'corrupt';
}

/** Null if there is no text to be read. */
async function readContent(type: DocumentType, bytes: Uint8Array): Promise<Content | null> {
  switch (type) {
    case 'xlsx':
      return { kind: 'sheets', sheets: await readXlsx(bytes) };
    case 'xls':
      return { kind: 'sheets', sheets: readXls(bytes) };
    case 'csv':
    case 'tsv':
      return { kind: 'sheets', sheets: readCsvSheet(bytes, 'Sheet1') };
    case 'pdf': {
      const { pages, needsOcr } = await readPdf(bytes);
      return needsOcr ? null : { kind: 'pages', pages };
    }
    case 'txt':
    case 'eml':
      return readLines(bytes);
  }
}

const COMPOUND = [0xd0, 0xcf, 0x11, 0xe0];

async function readXlsx(bytes: Uint8Array): ReturnType<typeof readWorkbook> {
  if (COMPOUND.every((byte, at) => bytes[at] === byte)) {
    throw new Refused(400, 'the workbook is encrypted; save it without a password', 'file', 'encrypted');
  }
  return readWorkbook(await openZip(bytes));
}
