/**
 * ZIP archives, as far as workbooks need them.
 *
 * Owns: the directory, and inflating under a budget. Sizes in headers are read only to refuse early; what counts are
 * the bytes that come out. Keeps I9 and I11: neither a bomb, nor overlapping entries, nor a damaged directory costs
 * more than the budget.
 */
import { crc32, createInflateRaw } from 'node:zlib';
import type { FileParts } from './file-parts.ts';
import { Refused } from './table.ts';

/** Inflated bytes of the whole archive. */
const MAX_INFLATED_BYTES = 100 * 1024 * 1024;
/** Inflated bytes per byte of the file. */
const MAX_RATIO = 100;
/** A workbook has a few entries per sheet. */
const MAX_ENTRIES = 1_000;
/** No program needs longer ones. */
const MAX_NAME_BYTES = 1_024;
/** Of as many entries, with as much beside their names. */
const MAX_DIRECTORY_BYTES = 4 * 1024 * 1024;
/** Few hand-overs from the inflating thread, yet little memory. */
const CHUNK_BYTES = 256 * 1024;

const DIRECTORY_END = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;

interface Entry {
  name: string;
  encrypted: boolean;
  /** 0 stored, 8 deflated. */
  method: number;
  crc: number;
  compressedBytes: number;
  declaredBytes: number;
  headerAt: number;
}

export interface Archive {
  has(name: string): boolean;
  names(): Iterable<string>;
  /** Content of an entry, nothing if there is none. Throws {@link Refused} at the first damaged byte. */
  read(name: string): AsyncIterable<Uint8Array>;
}

/** @throws {Refused} 413 if the archive inflates to too much, 400 if it is damaged or encrypted. */
export async function openZip(bytes: Uint8Array): Promise<Archive> {
  const view = viewOf(bytes);
  const entries = guarded(() => readDirectory(bytes, view));
  const budgetBytes = Math.min(MAX_INFLATED_BYTES, MAX_RATIO * bytes.length);
  const tooLarge = new Refused(413, `the file inflates to more than ${budgetBytes} bytes`, 'file', 'inflated size');
  let declared = 0;
  for (const entry of entries.values()) declared += entry.declaredBytes;
  if (declared > budgetBytes) throw tooLarge;
  let inflated = 0;
  for (const entry of entries.values()) {
    for await (const chunk of contentOf(bytes, view, entry)) {
      inflated += chunk.length;
      if (inflated > budgetBytes) throw tooLarge;
    }
  }
  return {
    has: (name) => entries.has(name),
    names: () => entries.keys(),
    async *read(name) {
      const entry = entries.get(name);
      if (entry) yield* contentOf(bytes, view, entry);
    },
  };
}

/**
 * Names of an archive's entries, from its directory alone: nothing is inflated.
 * @throws {Refused} if the directory is damaged
 */
export async function listZip({ sizeBytes, read }: FileParts): Promise<ReadonlySet<string>> {
  const tailBytes = Math.min(sizeBytes, MAX_COMMENT_BYTES + DIRECTORY_END_BYTES);
  const tail = viewOf(await read(sizeBytes - tailBytes, tailBytes));
  const { from, count } = guarded(() => readDirectoryEnd(tail));
  if (from > sizeBytes) throw damaged('its ZIP directory points outside the file');
  const directory = await read(from, Math.min(sizeBytes - from, MAX_DIRECTORY_BYTES));
  return new Set(guarded(() => readEntries(directory, viewOf(directory), 0, count)).keys());
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readDirectory(bytes: Uint8Array, view: DataView): Map<string, Entry> {
  const { from, count } = readDirectoryEnd(view);
  return readEntries(bytes, view, from, count);
}

/** Where the directory begins in the file, and how many entries it has. */
function readDirectoryEnd(view: DataView): { from: number; count: number } {
  const end = findDirectoryEnd(view);
  const count = view.getUint16(end + 10, true);
  if (count > MAX_ENTRIES) {
    throw new Refused(400, `the archive has more than ${MAX_ENTRIES} entries`, 'file', 'entry count');
  }
  return { from: view.getUint32(end + 16, true), count };
}

function readEntries(bytes: Uint8Array, view: DataView, from: number, count: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  let at = from;
  for (let i = 0; i < count; i += 1) {
    if (view.getUint32(at, true) !== DIRECTORY_ENTRY) throw damaged('its ZIP directory is broken');
    const nameBytes = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes)).replaceAll('\\', '/');
    if (nameBytes > MAX_NAME_BYTES || isUnsafeName(name)) {
      throw new Refused(
        400,
        'unreadable workbook: an entry of it has a name that no workbook uses',
        'file',
        'entry name',
      );
    }
    entries.set(name, {
      name,
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressedBytes: view.getUint32(at + 20, true),
      declaredBytes: view.getUint32(at + 24, true),
      headerAt: view.getUint32(at + 42, true),
    });
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** Nothing is ever written under these names; an archive that has them was made to do harm. */
function isUnsafeName(name: string): boolean {
  return name === '' || /[\p{Cc}\p{Bidi_Control}]|^\/|^[a-z]:|(^|\/)\.\.(\/|$)/iu.test(name);
}

function findDirectoryEnd(view: DataView): number {
  const last = view.byteLength - DIRECTORY_END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at -= 1) {
    if (view.getUint32(at, true) === DIRECTORY_END && at + view.getUint16(at + 20, true) <= last) return at;
  }
  throw damaged('it has no ZIP directory');
}

async function* contentOf(bytes: Uint8Array, view: DataView, entry: Entry): AsyncGenerator<Uint8Array> {
  if (entry.encrypted)
    throw new Refused(400, 'the workbook is encrypted; save it without a password', 'file', 'encrypted');
  const compressed = guarded(() => compressedOf(bytes, view, entry));
  let crc = 0;
  for await (const chunk of entry.method === 0 ? [compressed] : inflate(compressed)) {
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (crc !== entry.crc) throw damaged(`the checksum of ${entry.name} is wrong`);
}

function compressedOf(
  bytes: Uint8Array,
  view: DataView,
  { name, headerAt, method, compressedBytes }: Entry,
): Uint8Array {
  if (view.getUint32(headerAt, true) !== LOCAL_HEADER) throw damaged(`${name} is not where the ZIP directory says`);
  if (method !== 0 && method !== 8) throw damaged(`the compression of ${name} is unknown`);
  const from = headerAt + 30 + view.getUint16(headerAt + 26, true) + view.getUint16(headerAt + 28, true);
  if (from + compressedBytes > bytes.length) throw damaged(`${name} is cut off`);
  return bytes.subarray(from, from + compressedBytes);
}

async function* inflate(compressed: Uint8Array): AsyncGenerator<Uint8Array> {
  const stream = createInflateRaw({ chunkSize: CHUNK_BYTES });
  stream.end(compressed);
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw damaged((error as Error).message);
  } finally {
    stream.destroy();
  }
}

function damaged(what: string): Refused {
  return new Refused(400, `unreadable workbook: ${what}`);
}

/** Reads fields at offsets that a damaged file has made up; one outside the file is a refusal too. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw damaged('its ZIP directory points outside the file');
    throw error;
  }
}
