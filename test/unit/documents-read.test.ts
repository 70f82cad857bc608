// Files of orders as documents, by the reader that the platform uses: in its threads.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReadDocument, Sheet } from '../../machines/orders/document.ts';
import { createDocumentReader } from '../../src/documents/document-reader.ts';
import { inlineRow, workbook } from '../fixtures/workbook.ts';

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

  it('named .txt is lines', async () => {
    expect(await read('a.txt', 'one, two\r\nthree')).toMatchObject({
      status: 'parsed',
      mime_type: 'text/plain',
      content: { kind: 'lines', text: 'one, two\r\nthree' },
    });
  });
});
