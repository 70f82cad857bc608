// Files of orders as documents, by the reader that the platform uses: in its threads.
import { readFileSync } from 'node:fs';
import { utils, type WorkBook, write } from '@e965/xlsx';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReadDocument, Sheet } from '../../machines/orders/document.ts';
import { decimalOf } from '../../src/documents/cell-values.ts';
import { detectFormDelimiter } from '../../src/documents/delimiters.ts';
import { createDocumentReader } from '../../src/documents/document-reader.ts';
import { inlineRow, workbook, workbookEntries, zip } from '../fixtures/workbook.ts';

const reader = createDocumentReader();
afterAll(() => reader.close());

const artifact_id = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
async function read(filename: string, content: Uint8Array | string, declaredType: string | null = null) {
  const bytes = new Uint8Array(Buffer.from(content as string));
  const [document] = await reader.read({ artifact_id, filename, declaredType, source: { bytes } });
  return document as ReadDocument;
}
async function sheets(filename: string, content: Uint8Array | string): Promise<readonly Sheet[]> {
  const { content: read_, reason } = await read(filename, content);
  expect(reason).toBeNull();
  return read_?.kind === 'sheets' ? read_.sheets : [];
}
const texts = ([sheet]: readonly Sheet[]) => sheet?.rows.map((row) => row.map(({ ref, text }) => `${ref} ${text}`));

describe('a workbook', () => {
  it.each(['exceljs', 'gnumeric', 'openpyxl', 'xlsxwriter'])('written by %s gives all its sheets', async (name) => {
    const [notes, tasks] = await sheets(
      'a.xlsx',
      readFileSync(new URL(`../fixtures/workbooks/${name}.xlsx`, import.meta.url)),
    );
    expect([notes?.name, tasks?.name, notes?.hidden]).toEqual(['Notes', 'Tâches', false]);
    expect(tasks?.rows.at(0)?.map(({ text }) => text)).toEqual(['Task', 'Category', 'Time spent', 'Created']);
    expect(tasks?.rows.at(1)?.at(2)).toMatchObject({ ref: 'C2', typed: { kind: 'number', decimal: '1.5' } });
    expect(tasks?.rows.at(1)?.at(3)).toMatchObject({ ref: 'D2', typed: { kind: 'date', day: '2026-01-15' } });
  });

  it('keeps what its cells are beside what they show', async () => {
    const styles =
      '<numFmts><numFmt numFmtId="164" formatCode="#,##0.00 &quot;€&quot;"/><numFmt numFmtId="165" formatCode="00000"/></numFmts>' +
      '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="14"/><xf numFmtId="9"/></cellXfs>';
    const cell = (style: number, value: string) => `<c s="${style}"><v>${value}</v></c>`;
    const rows = `<row>${cell(0, '1.1000000000000001')}${cell(1, '1234.5')}${cell(2, '123')}${cell(3, '46037')}${cell(4, '0.19')}${cell(0, '1E-7')}</row>`;
    const [sheet] = await sheets('a.xlsx', workbook({ rows, styles }));
    expect(sheet?.rows[0]?.map(({ text, typed }) => [text, typed && Object.values(typed)[1]])).toEqual([
      ['1.1', '1.1'],
      ['1,234.50 €', '1234.5'],
      ['00123', '123'],
      ['2026-01-15', '2026-01-15'],
      ['19%', '0.19'],
      ['0.0000001', '0.0000001'],
    ]);
  });

  it('hides rows, columns and sheets, and what its style or a merged cell hides', async () => {
    const styles =
      '<fonts><font><sz val="11"/></font><font><color rgb="FFFFFFFF"/></font><font><sz val="0.5"/></font><font><color theme="0"/></font></fonts>' +
      '<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF203864"/></patternFill></fill></fills>' +
      '<numFmts><numFmt numFmtId="164" formatCode=";;;"/></numFmts>' +
      '<cellXfs><xf fontId="0"/><xf fontId="1"/><xf fontId="1" fillId="1"/><xf fontId="2"/><xf fontId="3"/><xf numFmtId="164"/></cellXfs>';
    const cell = (ref: string, style = 0) => `<c r="${ref}" s="${style}" t="str"><v>${ref}</v></c>`;
    const row = (cells: string, attributes = '') => `<row ${attributes}>${cells}</row>`;
    const rows = [
      row(cell('A1') + cell('B1') + cell('C1')),
      row(cell('A2'), 'hidden="1"'),
      row(cell('A3'), 'ht="0"'),
      row(
        [1, 2, 3, 4, 5]
          .map((style) => cell(`${'ABCDE'[style - 1]}4`, style))
          .join('')
          .replace('"B4"', '"F4"'),
      ),
      row(cell('A5') + cell('C5')),
      row(cell('A6')),
    ].join('');
    const bytes = workbook({ rows, styles });
    const before = '<cols><col min="2" max="2" hidden="1"/></cols>';
    const after = '<mergeCells><mergeCell ref="A5:D6"/></mergeCells>';
    const entries = workbookEntries({ rows, styles }).map((entry) =>
      entry.name.endsWith('sheet1.xml')
        ? { ...entry, content: `<worksheet>${before}<sheetData>${rows}</sheetData>${after}</worksheet>` }
        : entry,
    );
    const hidden = (await sheets('a.xlsx', zip(entries)))
      .flatMap((sheet) => sheet.rows.flat())
      .filter((is) => is.hidden);
    expect(hidden.map(({ ref }) => ref)).toEqual(['B1', 'A2', 'A3', 'A4', 'C4', 'D4', 'E4', 'C5', 'A6']);
    expect(
      (await sheets('a.xlsx', bytes)).flatMap((sheet) => sheet.rows.flat()).find(({ ref }) => ref === 'F4')?.hidden,
    ).toBe(false);
  });

  it('of the old format gives the same', async () => {
    const sheet = utils.aoa_to_sheet([
      ['sku', 'qty', 'price', 'day'],
      ['00123', 1200, 1.1, 46037],
      [true, 'merged', 'away', null],
    ]);
    Object.assign(sheet.C2, { z: '#,##0.00 "€"' });
    Object.assign(sheet.D2, { z: 'yyyy-mm-dd' });
    sheet['!merges'] = [{ s: { r: 2, c: 1 }, e: { r: 2, c: 2 } }];
    const book = {
      SheetNames: ['Order', 'Notes'],
      Sheets: { Order: sheet, Notes: utils.aoa_to_sheet([['x']]) },
      Workbook: { Sheets: [{ Hidden: 0 }, { Hidden: 1 }] },
    } as WorkBook;
    const bytes: Buffer = write(book, { type: 'buffer', bookType: 'biff8' });
    const [order, notes] = await sheets('a.xls', bytes);
    expect(
      order?.rows.flat().map(({ ref, text, typed, hidden }) => [ref, text, typed && Object.values(typed)[1], hidden]),
    ).toEqual([
      ['A1', 'sku', undefined, false],
      ['B1', 'qty', undefined, false],
      ['C1', 'price', undefined, false],
      ['D1', 'day', undefined, false],
      ['A2', '00123', undefined, false],
      ['B2', '1200', '1200', false],
      ['C2', '1.10 €', '1.1', false],
      ['D2', '2026-01-15', '2026-01-15', false],
      ['A3', 'TRUE', undefined, false],
      ['B3', 'merged', undefined, false],
      ['C3', 'away', undefined, true],
    ]);
    expect([notes?.name, notes?.hidden, notes?.rows[0]?.[0]?.hidden]).toEqual(['Notes', true, true]);
  });

  it('saved by another program in the old format gives its hidden rows and columns too', async () => {
    const bytes = readFileSync(new URL('../fixtures/workbooks/libreoffice.xls', import.meta.url));
    const [order, secret] = await sheets('order.xls', bytes);
    expect(
      order?.rows.map((row) => row.map(({ ref, text, hidden }) => (hidden ? `(${ref} ${text})` : `${ref} ${text}`))),
    ).toEqual([
      ['A1 SKU', '(B1 Qty)', 'C1 Prix'],
      ['(A2 A-1)', '(B2 3)', '(C2 1.10 €)'],
      ['A3 00123', '(B3 40000)', 'C3 3/4/2026'],
    ]);
    expect([secret?.name, secret?.hidden]).toEqual(['Secret', true]);
  });

  it('is a mismatch under another name', async () => {
    const bytes = workbook({ rows: inlineRow(['a']) });
    expect(await read('a.csv', bytes)).toMatchObject({ status: 'parsed', mismatch: 'an XLSX workbook named .csv' });
  });
});

describe('a text', () => {
  it('named .csv is one sheet, by the delimiter that fits', async () => {
    expect(texts(await sheets('a.csv', '\ufeffRéf;Qté\nA;"1;5"\n\n;3\n'))).toEqual([
      ['A1 Réf', 'B1 Qté'],
      ['A2 A', 'B2 1;5'],
      ['B4 3'],
    ]);
  });

  it.each([
    [
      ';',
      'ACME Ltd, Reading\n\nPO;123\n\nItem;Text;Qty;Price\nA;Hose, 12 mm;5;1,25\nB;Bolt, M8;2;0,50\nC;Nut, M8;4;1,00\n',
    ],
    [';', 'Réf;Désignation;Qté;PU\nA;Vis, longue;1,5;2,5\nB;Vis, courte;2,5;3,5\n'],
    [',', 'ACME; Ltd\nOrder\n\nItem,Text,Qty\nA,"Hose; grey",5\nB,Bolt,2\n'],
    ['\t', 'Order\n\nItem\tQty\nA, B\t5\nC, D\t2\nE, F\t2\n'],
    ['|', 'Order\nItem|Qty\nA|5\n'],
    [',', 'a,b;c\n1,2;3\n'],
    [',', 'hello\nyou\n'],
  ])('is split at %j, also below a letter head', (delimiter, content) => {
    expect(detectFormDelimiter(content)).toBe(delimiter);
  });

  it('named .txt is lines', async () => {
    expect(await read('a.txt', 'one, two\r\nthree')).toMatchObject({
      status: 'parsed',
      mime_type: 'text/plain',
      content: { kind: 'lines', text: 'one, two\r\nthree' },
    });
  });
});

describe('a decimal', () => {
  it.each([
    [1.1, '1.1'],
    [0.1 + 0.2, '0.3'],
    [-12.5, '-12.5'],
    [0, '0'],
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [123456789012345680, '123456789012346000'],
    [2 / 3, '0.666666666666667'],
    [-1.5e-10, '-0.00000000015'],
  ])('of %d is %s', (value, expected) => {
    expect(decimalOf(value)).toBe(expected);
  });

  it('is what a double was written as, up to 15 digits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999_999, max: 999_999_999 }),
        fc.integer({ min: 0, max: 6 }),
        (units, scale) => {
          const value = units / 10 ** scale;
          expect(Number(decimalOf(value))).toBe(value);
          expect(decimalOf(value)).toMatch(/^-?\d+(?:\.\d*[1-9])?$/);
        },
      ),
    );
  });
});
