/**
 * Rows as a file: JSON lines, compressed.
 *
 * Owns: the form of the file, its bounds, and knowing a file that is not what was written. Does not own where it lies
 * (`project-files.ts`). Both ways work in slices, so that the event loop turns between them.
 */
import { createHash, hash } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import { travelsInline } from '../../machines/orchestration/row-sets.ts';
import type { Row, RowsRef } from '../../schemas/types.ts';
import { Fault } from '../errors.ts';

/** Most bytes of JSON lines. 100,000 rows have 20 MiB; more than this would not fit the heap of a thread once parsed. */
export const MAX_ROWS_BYTES = 256 * 1024 * 1024;
/** Parsed or written at once, in some milliseconds. */
const SLICE_BYTES = 512 * 1024;
/** Rows are repetitive: a higher level takes five times as long and saves a quarter. */
const LEVEL = 1;
const LINE_END = 0x0a;

export interface PackedRows extends Omit<RowsRef, 'artifact_id'> {
  file: Uint8Array;
}

/** Whether rows are so few that they travel in events. Many rows are not measured: they do not, whatever they say. */
export const areInline = (rows: readonly Row[]): boolean =>
  travelsInline(rows.length, 0) && travelsInline(rows.length, Buffer.byteLength(JSON.stringify(rows)));

const inflate = promisify(gunzip);

/** @throws {Fault} PAYLOAD_TOO_LARGE for rows of more than {@link MAX_ROWS_BYTES} */
export async function packRows(rows: Iterable<Row>): Promise<PackedRows> {
  const digest = createHash('sha256');
  const chunks: Buffer[] = [];
  let count = 0;
  let bytes = 0;
  function* slices() {
    let text = '';
    const slice = () => {
      const lines = Buffer.from(text);
      text = '';
      bytes += lines.length;
      if (bytes > MAX_ROWS_BYTES) {
        throw new Fault('PAYLOAD_TOO_LARGE', `the rows have more than ${MAX_ROWS_BYTES} bytes as JSON`);
      }
      digest.update(lines);
      return lines;
    };
    for (const row of rows) {
      text += `${JSON.stringify(row)}\n`;
      count += 1;
      if (text.length >= SLICE_BYTES) yield slice();
    }
    if (text !== '') yield slice();
  }
  const collect = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  await pipeline(Readable.from(slices()), createGzip({ level: LEVEL }), collect);
  return { file: Buffer.concat(chunks), count, bytes, sha256: digest.digest('hex') };
}

/** Most bytes that a file of so many bytes of JSON lines can have; what does not compress grows a little. */
export const maxFileBytes = ({ bytes }: Pick<RowsRef, 'bytes'>): number => Math.ceil(bytes * 1.01) + 1024;

/** The rows of a file; null if it is not the one that the reference names. */
export async function unpackRows(file: Uint8Array, { count, bytes, sha256 }: RowsRef): Promise<Row[] | null> {
  if (bytes > MAX_ROWS_BYTES) return null;
  const lines = await inflate(file, { maxOutputLength: bytes }).catch(() => null);
  if (lines?.length !== bytes || hash('sha256', lines, 'hex') !== sha256.toLowerCase()) return null;
  const rows: Row[] = [];
  for (let from = 0; from < lines.length; ) {
    const at = lines.indexOf(LINE_END, Math.min(from + SLICE_BYTES, lines.length) - 1);
    const to = at < 0 ? lines.length : at;
    // A line break within a text is escaped, so each one that is there ends a row.
    const slice = JSON.parse(`[${lines.toString('utf8', from, to).replaceAll('\n', ',')}]`) as Row[];
    for (const row of slice) rows.push(row);
    from = to + 1;
    await turnOfLoop();
  }
  return rows.length === count ? rows : null;
}
