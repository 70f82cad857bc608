/**
 * Writes a ZIP archive in memory, as workbooks need one.
 *
 * Owns: the bytes. The same files give the same bytes: every entry has the earliest time the format knows.
 */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFile {
  /** ASCII. */
  name: string;
  text: string;
}

const VERSION = 20;
const DEFLATED = 8;
/** 1980-01-01 in the format's own count. */
const EARLIEST_DATE = 0x21;

/** At most 65,535 files and 4 GiB, far beyond a report. */
export function writeZip(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of files) {
    const bytes = Buffer.from(text);
    const packed = deflateRawSync(bytes);
    const named = Buffer.from(name, 'ascii');
    const fields = commonFields(bytes, packed, named);
    const local = Buffer.concat([signature(0x04034b50), fields, named, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([signature(0x02014b50), version(), fields, place, named]));
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, listed, signature(0x06054b50), end]);
}

/** What a local header and the directory say alike: version, flags, method, time, checksum, sizes, lengths of names. */
function commonFields(bytes: Buffer, packed: Buffer, name: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(DEFLATED, 4);
  fields.writeUInt16LE(EARLIEST_DATE, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function version(): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(VERSION);
  return bytes;
}
