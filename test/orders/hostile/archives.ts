// Workbooks and archives that are made to do harm. Small here, whatever they grow to.
import { CFB } from '@e965/xlsx';
import { inlineRow, workbook, workbookEntries, type ZipEntry, zip } from '../../fixtures/workbook.ts';
import type { HostileFile } from './corpus.ts';

const MIB = 1024 * 1024;
const SHEET = 'xl/worksheets/sheet1.xml';
const entries = workbookEntries({ rows: inlineRow(['sku', 'qty']) + inlineRow(['A-1', '5']) });
const plain = () => zip(entries);
const withSheet = (...pieces: (string | Buffer)[]): ZipEntry[] =>
  entries.map((entry) =>
    entry.name === SHEET
      ? {
          name: SHEET,
          content: Buffer.concat(['<worksheet><sheetData>', ...pieces].map((piece) => Buffer.from(piece as string))),
        }
      : entry,
  );
/** Bytes that do not shrink, the same every time: they make room under the limit of 100 to 1. */
export function noise(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  for (let at = 0, state = 0x9e3779b9; at < bytes; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made[at] = state >>> 24;
  }
  return made;
}
const room = (mebibytes: number): ZipEntry => ({ name: 'xl/media/n.bin', content: noise(mebibytes * MIB), method: 0 });
const named = (name: string) => zip([...entries, { name, content: 'root' }]);
const rows = (count: number, row: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i)).join('');
const numbers = (count: number) => rows(count, () => '<row><c><v>1</v></c></row>');

function compound(streams: Readonly<Record<string, Buffer>>): Buffer {
  const file = CFB.utils.cfb_new();
  for (const [name, content] of Object.entries(streams)) CFB.utils.cfb_add(file, name, content);
  return Buffer.from(CFB.write(file, { type: 'buffer' }) as Uint8Array);
}

/** A BIFF8 workbook whose second record says that all others are encrypted. */
const encryptedXls = () =>
  compound({
    '/Workbook': Buffer.from([
      0x09,
      8,
      16,
      0,
      0,
      6,
      5,
      0,
      ...Array(12).fill(0),
      0x2f,
      0,
      54,
      0,
      1,
      0,
      1,
      0,
      1,
      0,
      ...Array(48).fill(7),
    ]),
  });

export const ARCHIVES: readonly HostileFile[] = [
  {
    name: 'a bomb that inflates to 300 MB and says so',
    filename: 'order.xlsx',
    bytes: () => zip([...entries, { name: 'xl/a.xml', content: Buffer.alloc(300 * MIB) }]),
    expected: { status: 'unreadable', reason: 'inflated size' },
  },
  {
    name: 'a bomb whose header says 10 bytes',
    filename: 'order.xlsx',
    bytes: () => zip([...entries, { name: 'xl/a.xml', content: Buffer.alloc(150 * MIB), declaredBytes: 10 }]),
    expected: { status: 'unreadable', reason: 'inflated size' },
  },
  {
    name: 'entries that are the same bytes over and over',
    filename: 'order.xlsx',
    bytes: () => overlapping(400),
    expected: { status: 'unreadable', reason: 'inflated size' },
  },
  {
    name: 'an archive in an archive',
    filename: 'order.xlsx',
    bytes: () => zip([{ name: 'order.xlsx', content: plain() }]),
    expected: { status: 'unreadable', reason: 'unsupported type' },
  },
  {
    name: '1,001 entries',
    filename: 'order.xlsx',
    bytes: () => zip([...entries, ...Array.from({ length: 1001 }, (_, i) => ({ name: `xl/${i}`, content: '' }))]),
    expected: { status: 'unreadable', reason: 'entry count' },
  },
  ...[
    ['leads out of the archive', '../../etc/passwd'],
    ['leads out of the archive on Windows', 'xl\\..\\..\\evil.dll'],
    ['is absolute', '/etc/passwd'],
    ['has a drive', 'C:/evil.exe'],
    ['has a NUL', 'xl/a\0.xml'],
    ['is very long', `xl/${'a'.repeat(60_000)}`],
    ['reads backwards', 'xl/\u202efdp.exe'],
  ].map(
    ([what, name]): HostileFile => ({
      name: `an entry whose name ${what}`,
      filename: 'order.xlsx',
      bytes: () => named(name as string),
      expected: { status: 'unreadable', reason: 'entry name' },
    }),
  ),
  {
    name: 'an encrypted entry',
    filename: 'order.xlsx',
    bytes: () => zip(entries.map((entry) => ({ ...entry, encrypted: true }))),
    expected: { status: 'unreadable', reason: 'encrypted' },
  },
  {
    name: 'an encrypted workbook',
    filename: 'order.xlsx',
    bytes: () => compound({ '/EncryptionInfo': noise(500), '/EncryptedPackage': noise(9000) }),
    expected: { status: 'unreadable', reason: 'encrypted' },
  },
  {
    name: 'an encrypted workbook of the old format',
    filename: 'order.xls',
    bytes: encryptedXls,
    expected: { status: 'unreadable', reason: 'encrypted' },
  },
  {
    name: 'half a workbook',
    filename: 'order.xlsx',
    bytes: () => plain().subarray(0, 300),
    expected: { status: 'unreadable', reason: 'corrupt' },
  },
  {
    name: 'noise that calls itself a workbook',
    filename: 'order.xlsx',
    bytes: () => noise(20_000),
    expected: { status: 'unreadable', reason: 'corrupt' },
  },
  {
    name: 'noise in a workbook of the old format',
    filename: 'order.xls',
    bytes: () => compound({ '/Workbook': noise(50_000) }),
    expected: { status: 'unreadable', reason: 'corrupt' },
  },
  {
    name: 'noise under the head of a compound file',
    filename: 'order.xls',
    bytes: () => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), noise(50_000)]),
    expected: { status: 'unreadable', reason: 'corrupt' },
  },
  {
    name: 'a workbook with macros',
    filename: 'order.xlsx',
    bytes: () => zip([...entries, { name: 'xl/vbaProject.bin', content: 'x' }]),
    expected: { status: 'unreadable', reason: 'unsupported type' },
  },
  {
    name: 'entities that expand a billion times',
    filename: 'order.xlsx',
    bytes: () => {
      const layers = rows(9, (i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`);
      const declared = `<!DOCTYPE x [<!ENTITY l0 "lol">${layers}<!ENTITY f SYSTEM "file:///etc/passwd">]>`;
      const content = `${declared}<worksheet><sheetData><row><c t="str"><v>&l9;&f;</v></c></row></sheetData></worksheet>`;
      return zip(entries.map((entry) => (entry.name === SHEET ? { name: SHEET, content } : entry)));
    },
    expected: { status: 'parsed', reason: null, texts: ['&l9;&f;'] },
  },
  {
    name: 'formulas that would run something',
    filename: 'order.xlsx',
    bytes: () =>
      workbook({
        rows: '<row><c t="str"><f>cmd|" /C calc"!A0</f><v>=cmd|calc</v></c><c><f>WEBSERVICE("http://x.example")</f></c><c><f>1+1</f><v>2</v></c></row>',
      }),
    expected: { status: 'parsed', reason: null, texts: ['=cmd|calc', '2'] },
  },
  {
    name: 'a cell in the last column of all',
    filename: 'order.xlsx',
    bytes: () => workbook({ rows: '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' }),
    expected: { status: 'unreadable', reason: 'column count' },
  },
  {
    name: 'a cell of a million characters',
    filename: 'order.xlsx',
    bytes: () => zip([...withSheet('<row><c t="str"><v>', Buffer.alloc(MIB / 2, 'A'), '</v></c></row>'), room(1)]),
    expected: { status: 'unreadable', reason: 'cell length' },
  },
  {
    name: '200,001 rows',
    filename: 'order.xlsx',
    bytes: () => zip([...withSheet(numbers(200_001)), room(1)]),
    expected: { status: 'unreadable', reason: 'row count' },
  },
  {
    name: '51 sheets',
    filename: 'order.xlsx',
    bytes: () => manySheets(51),
    expected: { status: 'unreadable', reason: 'sheet count' },
  },
  {
    name: 'a flood of elements',
    filename: 'order.xlsx',
    bytes: () => zip([...withSheet(Buffer.alloc(60 * MIB, '<c/>')), room(1)]),
    expected: { status: 'unreadable', reason: 'element count' },
  },
  {
    name: 'a picture that is an archive too',
    filename: 'order.xlsx',
    bytes: () =>
      Buffer.concat([
        Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;', 'latin1'),
        plain(),
      ]),
    expected: { status: 'unreadable', reason: 'unsupported type' },
  },
];

/** Entries that share one compressed content: a small file that inflates to 400 times as much. */
function overlapping(copies: number): Buffer {
  const content = Buffer.concat([noise(4096), Buffer.alloc(4 * MIB)]);
  const bytes = zip([...entries, { name: 'xl/b', content }, room(1)]);
  const at = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
  const end = bytes.length - 22;
  const start = bytes.indexOf('xl/b', at) - 46;
  const entry = bytes.subarray(start, start + 50);
  const more = Array.from({ length: copies }, (_, i) => {
    const copy = Buffer.from(entry);
    copy.write(String.fromCharCode(0x21 + (i % 90), 0x21 + Math.floor(i / 90)), 48, 'latin1');
    return copy;
  });
  const tail = Buffer.from(bytes.subarray(end));
  const count = tail.readUInt16LE(10) + copies;
  tail.writeUInt16LE(count, 8);
  tail.writeUInt16LE(count, 10);
  return Buffer.concat([bytes.subarray(0, end), ...more, tail]);
}

function manySheets(count: number): Buffer {
  const list = rows(count, (i) => `<sheet name="S${i}" r:id="rId1"/>`);
  return zip(
    entries.map((entry) =>
      entry.name === 'xl/workbook.xml' ? { ...entry, content: `<workbook><sheets>${list}</sheets></workbook>` } : entry,
    ),
  );
}
