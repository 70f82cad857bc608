import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readMessageDocuments } from '../../src/documents/message.ts';
import { type FileToRead, readFileDocument } from '../../src/documents/read-file.ts';
import { pdf, textAt } from '../fixtures/pdf.ts';
import { attached, multipart, text } from '../orders/hostile/messages.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/workbooks/${name}`, import.meta.url));
const file = (filename: string, bytes: Uint8Array): FileToRead => ({
  ...{ artifact_id: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', parent_id: null, filename, declaredType: null, bytes },
});
const aPdf = pdf({ pages: [{ content: textAt(9, 99, 'Please send 20 boxes of blue pens.') }] });
const csv = Buffer.from('\ufeffsku;qty\n"A;1";"5"\nB;2\n');
const message = multipart([text('hello'), attached('a.csv', 'sku,qty\nA,1\n'), attached('a.pdf', aPdf)]);
const read = async (filename: string, bytes: Uint8Array) =>
  filename.endsWith('.eml')
    ? readMessageDocuments(file(filename, bytes), null, async () => {})
    : [await readFileDocument(file(filename, bytes))];

const files: readonly (readonly [string, Buffer])[] = [
  ['a.xlsx', fixture('openpyxl.xlsx')],
  ['a.xls', fixture('libreoffice.xls')],
  ['a.pdf', aPdf],
  ['a.csv', csv],
  ['a.eml', Buffer.from(message)],
];

describe('a damaged file', () => {
  // The parser of old workbooks prints each record that it does not know; the thread it runs in otherwise is silent.
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
  });

  it.each(files)(
    '%s with bytes changed gives documents, and a reason if it is unreadable (I11)',
    async (filename, original) => {
      const change = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 30 }), async (changes) => {
          const bytes = Uint8Array.from(original);
          for (const [at, value] of changes) bytes[at] = value;
          for (const { status, reason, content } of await read(filename, bytes)) {
            expect(reason !== null).toBe(status === 'unreadable');
            expect(content !== null).toBe(status === 'parsed');
          }
        }),
        { numRuns: 100 },
      );
    },
  );

  it.each(files)('%s cut off anywhere gives documents (I11)', async (filename, original) => {
    for (let length = 0; length < original.length; length += Math.ceil(original.length / 25)) {
      expect(await read(filename, Uint8Array.from(original.subarray(0, length)))).not.toEqual([]);
    }
  });
});
