import { readFileSync } from 'node:fs';
import { utils, type WorkBook, write } from '@e965/xlsx';
import ExcelJs from 'exceljs';
import { describe, expect, it } from 'vitest';
import { unitOfFormat } from '../../src/documents/activities/format-units.ts';
import { cellsOf, readTables, refusalOf, shown } from '../fixtures/activity-tables.ts';
import { workbook, zip } from '../fixtures/workbook.ts';

/** Styles by index, from 1: one per format code. */
function styles(...codes: string[]): string {
  const formats = codes.map((code, i) => `<numFmt numFmtId="${200 + i}" formatCode="${code}"/>`).join('');
  const cells = codes.map((_, i) => `<xf numFmtId="${200 + i}"/>`).join('');
  return `<numFmts>${formats}</numFmts><cellXfs><xf numFmtId="0"/>${cells}</cellXfs>`;
}

describe('a number in a workbook', () => {
  it.each([
    ['0&quot; min&quot;', '15', 'number 15 = 15 min'],
    ['0.00 &quot;h&quot;', '1.5', 'number 1.5 = 1.5 h'],
    ['0.0\\h', '1.5', 'number 1.5 = 1.5 h'],
    ['#,##0 &quot;Std.&quot;', '1500', 'number 1500 = 1500 h'],
    ['0 &quot;sec&quot;', '90', 'number 90 = 90 s'],
    ['0.00 &quot;€/h&quot;', '80', 'number 80 = 80'],
    ['0.00', '1.5', 'number 1.5 = 1.5'],
    ['h:mm', '0.0625', 'time 1:30 = 90'],
    ['h:mm', '1.6875', 'time 40:30 = 2430'],
    ['h:mm', '46083.375', 'date 2026-03-02T09:00:00 = 1772442000000'],
    ['[h]:mm', '1.6875', 'elapsed 40:30 = 2430'],
    ['[h]:mm', '-0.0625', 'elapsed -1:30 = -90'],
    ['mm:ss', '0.00028935185185185184', 'time 0:00:25 = 0.416667'],
    ['yyyy-mm-dd', '46083', 'date 2026-03-02 = 1772409600000'],
    ['dd.mm.yyyy hh:mm', '46083.4375', 'date 2026-03-02T10:30:00 = 1772447400000'],
    ['dd.mm.yyyy hh:mm', '0.0625', 'time 1:30 = 90'],
  ])('with the format %s and the value %s is %s', async (code, value, cell) => {
    const rows = `<row r="1"><c r="A1" s="1"><v>${value}</v></c></row>`;
    expect(await cellsOf(workbook({ rows, styles: styles(code) }), 'a.xlsx')).toEqual([[cell]]);
  });

  it('counts days from 1904 where the workbook says so', async () => {
    const rows = '<row r="1"><c r="A1" s="1"><v>44621</v></c><c r="B1" s="2"><v>0.0625</v></c></row>';
    const bytes = workbook({ rows, styles: styles('yyyy-mm-dd', 'h:mm'), uses1904: true });
    expect(await cellsOf(bytes, 'a.xlsx')).toEqual([['date 2026-03-02 = 1772409600000', 'time 1:30 = 90']]);
  });

  it.each([
    ['0 "Stunden"', 'h'],
    ['0\\ "uur"', 'h'],
    ['0 "godz."', 'h'],
    ['0"分"', 'min'],
    ['0 "jours"', 'd'],
    ['0 "ms"', 'ms'],
    ['#,##0.00 "wk"', 'w'],
    ['0 "h";-0 "min"', 'h'],
    ['0 "h" 0 "min"', null],
    ['0 "EUR"', null],
    ['[Red]0', null],
    ['"', null],
    ['x'.repeat(300), null],
    [0, null],
  ])('with the format %j has the unit %j', (code, unit) => {
    expect(unitOfFormat(code)).toBe(unit);
  });
});

describe('a cell in a workbook', () => {
  it('is what its type says', async () => {
    const rows = `<row r="1"><c t="s"><v>0</v></c><c t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c><c t="d"><v>2026-03-02T09:30:00</v></c><c t="str"><f>X</f><v>1:30</v></c><c t="s"><v>9</v></c><c><v>12</v></c></row>`;
    const bytes = workbook({ rows, strings: '<si><r><t>sha</t></r><r><t>red</t></r><rPh><t>x</t></rPh></si>' });
    expect(await cellsOf(bytes, 'a.xlsx')).toEqual([
      [
        'shared',
        'inline',
        'boolean TRUE = 1',
        'error ',
        'date 2026-03-02T09:30:00 = 1772443800000',
        '1:30',
        '',
        'number 12 = 12',
      ],
    ]);
  });

  it('with an ISO date that is none is text', async () => {
    const rows = '<row r="1"><c t="d"><v>2026-02-30</v></c><c t="d"><v>09:30:00</v></c></row>';
    expect(await cellsOf(workbook({ rows }), 'a.xlsx')).toEqual([['2026-02-30', 'time 9:30 = 570']]);
  });

  it('is cut at 10,000 characters', async () => {
    const rows = `<row r="1"><c t="inlineStr"><is><t>${'a'.repeat(12_000)}</t></is></c></row>`;
    expect(await cellsOf(workbook({ rows }), 'a.xlsx')).toEqual([[`text ${'a'.repeat(10_000)}`]]);
  });

  it('stands in its column, up to the 2,000th', async () => {
    const row = (reference: string) => workbook({ rows: `<row r="7"><c r="${reference}7"><v>1</v></c></row>` });
    expect((await cellsOf(row('C'), 'a.xlsx'))[0]).toEqual(['', '', 'number 1 = 1']);
    expect(await refusalOf(row('BXX'), 'a.xlsx')).toBeNull();
    expect(await refusalOf(row('BXY'), 'a.xlsx')).toMatchObject({ status: 400, path: 'file:7:2001' });
  });
});

describe('rows and sheets that nobody sees', () => {
  it('are marked, whatever hides the row', async () => {
    const row = (number: number, attributes: string) =>
      `<row r="${number}" ${attributes}><c r="A${number}"><v>${number}</v></c></row>`;
    const rows = [row(1, ''), row(2, 'hidden="1"'), row(3, 'ht="0" customHeight="1"'), row(5, 'hidden="0"')].join('');
    const { sheets } = await readTables(workbook({ rows }), 'a.xlsx');
    expect(sheets[0]?.rows.map(({ number, hidden }) => [number, hidden])).toEqual([
      [1, false],
      [2, true],
      [3, true],
      [5, false],
    ]);
  });

  it('come out of what exceljs writes', async () => {
    const book = new ExcelJs.Workbook();
    const march = book.addWorksheet('March');
    march.addRows([
      ['Task', 'Hours'],
      ['Triage', 1.5],
      ['Old', 99],
    ]);
    march.getRow(3).hidden = true;
    march.mergeCells('A5:B5');
    march.getCell('A5').value = 'Notes';
    book.addWorksheet('April', { state: 'veryHidden' }).addRows([['Task'], ['Mail']]);
    const { kind, sheets } = await readTables(new Uint8Array(await book.xlsx.writeBuffer()), 'a.xlsx');
    expect(kind).toBe('xlsx');
    expect(sheets.map(({ name, hidden, rows }) => [name, hidden, rows.map((row) => [row.number, row.hidden])])).toEqual(
      [
        [
          'March',
          false,
          [
            [1, false],
            [2, false],
            [3, true],
            [5, false],
          ],
        ],
        [
          'April',
          true,
          [
            [1, false],
            [2, false],
          ],
        ],
      ],
    );
    expect(sheets[0]?.rows[3]?.cells[0]).toBe('Notes');
  });
});

function book(): WorkBook {
  const made = utils.book_new();
  const sheet = utils.aoa_to_sheet([
    ['Task', 'Duration', 'Worked', 'Minutes', 'Done', 'Day'],
    ['Triage', 1.5 / 24, 40.5 / 24, 15, true, 46083],
    ['Old', 0, 0, 1, false, 46084],
  ]);
  for (const [ref, z] of [
    ['B2', 'h:mm'],
    ['C2', '[h]:mm'],
    ['D2', '0" min"'],
    ['F2', 'd/m/yyyy'],
    ['F3', 'd/m/yyyy'],
  ] as const) {
    sheet[ref].z = z;
  }
  sheet['!rows'] = [{}, {}, { hidden: true }];
  utils.book_append_sheet(made, sheet, 'March');
  utils.book_append_sheet(made, utils.aoa_to_sheet([['Task'], ['Mail']]), 'April');
  made.Workbook = { Sheets: [{ Hidden: 0 }, { Hidden: 1 }] };
  return made;
}

const written = (bookType: 'biff8' | 'xlsb' | 'ods' | 'fods' | 'xlml' | 'xlsm'): Uint8Array =>
  new Uint8Array(write(book(), { type: 'buffer', bookType, compression: true }));

const MARCH_2 = [
  'Triage',
  'time 1:30 = 90',
  'elapsed 40:30 = 2430',
  'number 15 = 15 min',
  'boolean TRUE = 1',
  'date 2026-03-02 = 1772409600000',
];

describe('another workbook format', () => {
  it.each([
    ['biff8', 'a.xls', 'xls'],
    ['xlsb', 'a.xlsb', 'xlsx'],
    ['xlsm', 'a.xlsm', 'xlsx'],
    ['xlml', 'a.xls', 'xls'],
  ] as const)('(%s) gives the same cells', async (type, name, kind) => {
    const tables = await readTables(written(type), name);
    expect(tables.kind).toBe(kind);
    expect(tables.sheets.map((sheet) => sheet.name)).toEqual(['March', 'April']);
    expect(tables.sheets[0]?.rows[1]?.cells.map(shown)).toEqual(MARCH_2);
    expect(tables.sheets[0]?.rows.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it.each([
    ['xlsb', 'a.xlsb'],
    ['xlsm', 'a.xlsm'],
  ] as const)('(%s) marks what is hidden', async (type, name) => {
    const { sheets } = await readTables(written(type), name);
    expect(sheets.map(({ hidden }) => hidden)).toEqual([false, true]);
    expect(sheets[0]?.rows.map(({ hidden }) => hidden)).toEqual([false, false, true]);
  });

  it('narrows to one sheet, in any case', async () => {
    for (const [type, name] of [
      ['biff8', 'a.xls'],
      ['ods', 'a.ods'],
      ['xlsm', 'a.xlsm'],
      ['xlml', 'a.xls'],
    ] as const) {
      const { sheets } = await readTables(written(type), name, { sheet: 'aPRIL' });
      expect(sheets.map(({ name }) => name)).toEqual(['April']);
      expect(await refusalOf(written(type), name, { sheet: 'May' })).toEqual({
        ...{ status: 400, path: 'sheet', message: 'there is no sheet "May"; sheets: March, April' },
      });
    }
  });

  it('may be named as another one', async () => {
    expect(await readTables(written('xlsm'), 'a.xls')).toMatchObject({ kind: 'xlsx' });
    expect(await readTables(written('ods'), 'a.xlsx')).toMatchObject({ kind: 'ods' });
  });

  it('may hold macros, which are neither read nor run', async () => {
    const extra = [{ name: 'xl/vbaProject.bin', content: 'Sub Auto_Open()' }];
    const bytes = workbook({ rows: '<row><c><v>1</v></c></row>', extra });
    expect(await readTables(bytes, 'a.xlsm')).toMatchObject({
      ...{
        kind: 'xlsx',
        contentType: 'application/vnd.ms-excel.sheet.macroEnabled.12',
        encoding: null,
        delimiter: null,
      },
    });
  });
});

const ODS_NAMES = ['office', 'table', 'text', 'style', 'number', 'calcext']
  .map((name) => `xmlns:${name}="urn:${name}"`)
  .join(' ');

function ods(table: string, automaticStyles = ''): Buffer {
  const content = `<?xml version="1.0"?><office:document-content ${ODS_NAMES}><office:automatic-styles>${automaticStyles}</office:automatic-styles><office:body><office:spreadsheet>${table}</office:spreadsheet></office:body></office:document-content>`;
  return zip([
    { name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet', method: 0 },
    { name: 'content.xml', content },
  ]);
}

describe('an OpenDocument spreadsheet', () => {
  const sheet = (rows: string) => `<table:table table:name="S">${rows}</table:table>`;

  it('has durations, dates, numbers with units, texts of several lines', async () => {
    const styled = `<number:time-style style:name="N1" number:truncate-on-overflow="false"/><number:number-style style:name="N2"><number:number/><number:text> Std.</number:text></number:number-style><style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/><style:style style:name="ce2" style:family="table-cell" style:data-style-name="N2"/>`;
    const cells = [
      '<table:table-cell office:value-type="time" office:time-value="PT01H30M00S"><text:p>01:30</text:p></table:table-cell>',
      '<table:table-cell table:style-name="ce1" office:value-type="time" office:time-value="PT40H30M00.0S"><text:p>40:30</text:p></table:table-cell>',
      '<table:table-cell office:value-type="float" office:value="1.5"><text:p>1,50 Std.</text:p></table:table-cell>',
      '<table:table-cell office:value-type="date" office:date-value="2026-03-02T09:30:00"/>',
      '<table:table-cell office:value-type="string"><office:annotation><text:p>secret</text:p></office:annotation><text:p>a<text:s text:c="2"/><text:span>b</text:span></text:p><text:p>&amp;</text:p></table:table-cell>',
      '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>',
      '<table:table-cell table:formula="of:=[.A1]"/>',
      '<table:covered-table-cell/><table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell>',
    ];
    const columns =
      '<table:table-column table:number-columns-repeated="2"/><table:table-column table:default-cell-style-name="ce2"/>';
    const bytes = ods(sheet(`${columns}<table:table-row>${cells.join('')}</table:table-row>`), styled);
    expect(await cellsOf(bytes, 'a.ods')).toEqual([
      [
        ...['time 1:30 = 90', 'elapsed 40:30 = 2430', 'number 1.5 = 1.5 h', 'date 2026-03-02T09:30:00 = 1772443800000'],
        ...['a  b\n&', 'error ', 'uncomputed ', '', 'boolean TRUE = 1'],
      ],
    ]);
  });

  it('has repeated rows and cells, and rows and sheets that are hidden', async () => {
    const text =
      '<table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell>';
    const hidden =
      '<style:style style:name="ta1" style:family="table"><style:table-properties table:display="false"/></style:style>';
    const rows = `<table:table-row table:number-rows-repeated="2">${text}</table:table-row><table:table-row table:number-rows-repeated="5"><table:table-cell table:number-columns-repeated="16384"/></table:table-row><table:table-row table:visibility="filter"><table:table-cell/>${text}</table:table-row>`;
    const bytes = ods(`<table:table table:name="S" table:style-name="ta1">${rows}</table:table>`, hidden);
    const { sheets } = await readTables(bytes, 'a.ods');
    expect(sheets).toEqual([
      {
        ...{ name: 'S', hidden: true },
        rows: [
          { number: 1, hidden: false, cells: ['x', 'x'] },
          { number: 2, hidden: false, cells: ['x', 'x'] },
          { number: 8, hidden: true, cells: ['', 'x', 'x'] },
        ],
      },
    ]);
  });

  it('written by another program is read, zipped or flat', async () => {
    for (const type of ['ods', 'fods'] as const) {
      const { kind, sheets } = await readTables(written(type), `a.${type}`);
      expect(kind).toBe('ods');
      expect(sheets[0]?.rows[1]?.cells.slice(0, 2).map(shown)).toEqual(['Triage', 'time 1:30 = 90']);
      expect(sheets.map(({ name }) => name)).toEqual(['March', 'April']);
    }
  });

  it('that is encrypted, a text document or damaged is refused', async () => {
    const encrypted = zip([
      { name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet' },
      { name: 'content.xml', content: 'garbled' },
      {
        name: 'META-INF/manifest.xml',
        content: '<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>',
      },
    ]);
    expect(await refusalOf(encrypted, 'a.ods')).toMatchObject({
      status: 400,
      message: expect.stringContaining('encrypted'),
    });
    const text = zip([
      { name: 'mimetype', content: 'application/vnd.oasis.opendocument.text' },
      { name: 'content.xml', content: '<a/>' },
    ]);
    expect(await refusalOf(text, 'a.ods')).toMatchObject({ status: 415 });
    const junk = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(60)]);
    expect(await refusalOf(junk, 'a.ods')).toMatchObject({
      status: 400,
      message: expect.stringContaining('ZIP directory'),
    });
  });
});

describe('a compound file', () => {
  it('of LibreOffice gives its cells and what is hidden', async () => {
    const file = readFileSync(new URL('../fixtures/workbooks/libreoffice.xls', import.meta.url));
    const { kind, sheets } = await readTables(file, 'order.xls');
    expect(kind).toBe('xls');
    expect(sheets.map(({ name, hidden }) => [name, hidden])).toEqual([
      ['Commande', false],
      ['Secret', true],
    ]);
    expect(sheets[0]?.rows.map(({ number, hidden, cells }) => [number, hidden, ...cells.map(shown)])).toEqual([
      [1, false, 'SKU', 'Qty', 'Prix'],
      [2, true, 'A-1', 'number 3 = 3', 'number 1.1 = 1.1'],
      [3, false, '00123', 'number 40000 = 40000', 'date 2026-03-04 = 1772582400000'],
    ]);
  });

  it('of nothing but its first bytes is refused', async () => {
    const junk = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
    expect(await refusalOf(junk, 'old.xls')).toMatchObject({
      status: 400,
      message: expect.stringContaining('damaged'),
    });
    expect(await refusalOf(junk, 'old.doc')).toMatchObject({ status: 415 });
  });
});
