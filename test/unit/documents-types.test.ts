import { utils, write } from '@e965/xlsx';
import { describe, expect, it } from 'vitest';
import { partsOf } from '../../src/documents/file-parts.ts';
import { recognize } from '../../src/documents/file-types.ts';
import { pdf, textAt } from '../fixtures/pdf.ts';
import { inlineRow, workbook, workbookEntries, zip } from '../fixtures/workbook.ts';

const known = (content: Uint8Array | string, filename: string, declaredType: string | null = null) =>
  recognize(partsOf(new Uint8Array(Buffer.from(content as string))), filename, declaredType);
const xlsx = workbook({ rows: inlineRow(['a', 'b']) });
const aPdf = pdf({ pages: [{ content: textAt(9, 9, 'x') }] });
const sheet = utils.aoa_to_sheet([['sku', 'qty']]);
const xls = write({ SheetNames: ['a'], Sheets: { a: sheet } }, { type: 'buffer', bookType: 'biff8' }) as Buffer;
const message = 'From: a@b.example\r\nMessage-ID: <1@b.example>\r\nSubject: x\r\n\r\nhello';
const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de', 'hex');

describe('the type of a file', () => {
  it.each([
    ['xlsx', xlsx, 'a.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['xlsx', xlsx, 'a', null],
    ['xls', xls, 'a.xls', 'application/vnd.ms-excel'],
    ['pdf', aPdf, 'a.PDF', 'application/pdf'],
    ['csv', 'a,b\n1,2', 'a.csv', 'application/vnd.ms-excel'],
    ['tsv', 'a\tb', 'a.tsv', 'text/tab-separated-values'],
    ['txt', 'a, b and c', 'a.txt', 'text/plain; charset=utf-8'],
    ['txt', 'From: me\nSubject: an order\n\nfive chairs', 'a.txt', null],
    ['txt', 'hello', '', null],
    ['csv', 'a;b\n1;2', '', null],
    ['csv', 'a', '', 'text/csv'],
    ['eml', message, 'a.eml', 'message/rfc822'],
    ['eml', `From x Mon Jan 1\n${message}`, '', null],
    ['eml', 'Subject: x\n\nhello', 'a.eml', null],
    ['csv', '\ufeffa,b', 'a.csv', 'application/octet-stream'],
    ['xlsx', 'PK\x03\x04 cut off', 'a.xlsx', null],
  ] as const)('%s is told by content, then name', async (type, content, filename, declared) => {
    expect(await known(content, filename, declared)).toEqual({ type, mismatch: null });
  });

  it.each([
    [xlsx, 'a.pdf', null, 'an XLSX workbook named .pdf'],
    [xlsx, 'a.xls', null, 'an XLSX workbook named .xls'],
    [aPdf, 'order.xlsx', null, 'a PDF named .xlsx'],
    [aPdf, 'order.pdf', 'image/png', 'a PDF sent as image/png'],
    ['a;b\n1;2', 'a.xls', null, 'a CSV file named .xls'],
    ['hello', 'a.pdf', null, 'a text file named .pdf'],
    [message, 'a.txt', null, 'an e-mail named .txt'],
  ])('that disagrees with its name is said: %#', async (content, filename, declared, mismatch) => {
    expect(await known(content, filename, declared)).toMatchObject({ mismatch });
  });

  it.each([
    [png, 'a.png', 'PNG image'],
    [png, 'order.xlsx', 'PNG image'],
    [xlsx, 'a.xlsm', '.xlsm file'],
    [xlsx, 'a.xlsb', '.xlsb file'],
    [
      zip([...workbookEntries({ rows: '' }), { name: 'xl/vbaProject.bin', content: '' }]),
      'a.xlsx',
      'workbook with macros',
    ],
    [zip([{ name: 'a.txt', content: 'x' }]), 'a.zip', 'ZIP archive'],
    [zip([{ name: 'word/document.xml', content: 'x' }]), 'a.xlsx', 'ZIP archive'],
    ['PK\x03\x04 cut off', 'a.zip', 'ZIP archive'],
    ['{\\rtf1 hello}', 'a.rtf', '.rtf file'],
    ['<!DOCTYPE html><p>x', 'a.html', 'HTML file'],
    ['<?xml version="1.0"?><a/>', 'a.xml', 'XML file'],
    ['{"a":1}', 'a.json', '.json file'],
    ['\0\x01\x02', 'a.bin', '.bin file'],
    ['\0\x01\x02', '', 'binary file'],
  ])('that is none of ours is named: %#', async (content, filename, name) => {
    expect(await known(content, filename)).toEqual({ type: null, name });
  });

  it('is told from the head and the directory of a large file', async () => {
    const bytes = new Uint8Array(
      workbook({ rows: '', extra: [{ name: 'x', content: Buffer.alloc(3e6, 1), method: 0 }] }),
    );
    let readBytes = 0;
    const file = {
      sizeBytes: bytes.length,
      read: async (from: number, length: number) => {
        const part = bytes.subarray(from, from + length);
        readBytes += part.length;
        return part;
      },
    };
    expect(await recognize(file, 'a.xlsx', null)).toMatchObject({ type: 'xlsx' });
    expect(readBytes).toBeLessThan(300_000);
  });
});
