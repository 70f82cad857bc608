// Workbooks that are made to do harm. Small here, whatever they grow to.
import { CFB, utils, write } from '@e965/xlsx';
import { inlineRow, workbook, workbookEntries, type ZipEntry, zip } from '../../fixtures/workbook.ts';
import { noise } from '../../orders/hostile/archives.ts';
import { type HostileFile, lines } from './hostile-file.ts';

const MIB = 1024 * 1024;
const HEAD = inlineRow(['Task', 'Hours']);
const file =
  (filename: string) =>
  (name: string, bytes: () => Buffer, expected: HostileFile['expected'] = 'any'): HostileFile => ({
    ...{ name, filename, bytes, expected },
  });
const xlsx = file('a.xlsx');
const ods = file('a.ods');
const xls = file('a.xls');
const times = (count: number, piece: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => piece(i)).join('');
/** Bytes that do not shrink make room under the limit of 100 to 1. */
const room = (mebibytes: number): ZipEntry => ({ name: 'xl/media/n.bin', content: noise(mebibytes * MIB), method: 0 });
const roomy = (parts: Parameters<typeof workbook>[0], mebibytes = 1) =>
  workbook({ ...parts, extra: [room(mebibytes)] });
const formulas = (count: number, formula: (row: number) => string) =>
  HEAD +
  times(count, (i) => `<row><c t="inlineStr"><is><t>Task ${i}</t></is></c><c><f>${formula(i + 2)}</f></c></row>`);

const openDocument = (rows: string, extra: readonly ZipEntry[] = []) =>
  zip([
    { name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet', method: 0 },
    {
      name: 'content.xml',
      content: `<office:spreadsheet><table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>Task</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Hours</text:p></table:table-cell></table:table-row>${rows}</table:table></office:spreadsheet>`,
    },
    ...extra,
  ]);
const odsRow = (repeatedRows: number, repeatedCells: number, text: string) =>
  `<table:table-row table:number-rows-repeated="${repeatedRows}"><table:table-cell office:value-type="string" table:number-columns-repeated="${repeatedCells}"><text:p>${text}</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="1"/></table:table-row>`;

/** A number in the record format of XLSB: seven bits a byte. */
function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value & 127) | 128, value >> 7]);
}
const record = (type: number, content: Buffer = Buffer.alloc(0)) =>
  Buffer.concat([varint(type), varint(content.length), content]);

/** An XLSB workbook of the same row over and over, with other parts as wanted. */
function binaryWorkbook(rows: number, columns: number, extra: readonly ZipEntry[] = []): Buffer {
  const small = write(
    {
      SheetNames: ['S'],
      Sheets: {
        S: utils.aoa_to_sheet([
          ['Task', 'Hours'],
          ['A', 1],
        ]),
      },
    },
    { bookType: 'xlsb', type: 'buffer' },
  ) as Buffer;
  const parts = CFB.read(small, { type: 'buffer' });
  const cells = Array.from({ length: columns }, (_, column) => {
    const cell = Buffer.alloc(12);
    cell.writeUInt32LE(column, 0);
    cell.writeUInt32LE((7 << 2) | 2, 8);
    return record(2, cell);
  });
  const row = (index: number) => {
    const header = Buffer.alloc(25);
    header.writeUInt32LE(index, 0);
    return Buffer.concat([record(0, header), ...cells]);
  };
  const sheet = Buffer.concat([
    record(129),
    record(145),
    ...Array.from({ length: rows }, (_, i) => row(i)),
    record(146),
    record(130),
  ]);
  const entries = parts.FullPaths.flatMap((path: string, i: number): ZipEntry[] => {
    const name = path.replace(/^Root Entry\//, '');
    if (name === '' || name.endsWith('/') || name.includes('\u0001')) return [];
    return [
      { name, content: name.endsWith('sheet1.bin') ? sheet : Buffer.from(parts.FileIndex[i]?.content as Uint8Array) },
    ];
  });
  return zip([...entries, ...extra]);
}

/** A BIFF8 workbook whose first sheet holds the same rows of small numbers over and over. */
function oldWorkbook(rows: number, columns: number): Buffer {
  const small = write(
    {
      SheetNames: ['S'],
      Sheets: {
        S: utils.aoa_to_sheet([
          ['Task', 'Hours'],
          ['A', 1],
        ]),
      },
    },
    { bookType: 'biff8', type: 'buffer' },
  ) as Buffer;
  const stream = Buffer.from(CFB.find(CFB.read(small, { type: 'buffer' }), 'Workbook')?.content as Uint8Array);
  // The last record is the end of the sheet.
  const body = stream.subarray(0, stream.length - 4);
  const made = Array.from({ length: rows }, (_, i) => {
    const multiple = Buffer.alloc(4 + 6 + columns * 6);
    multiple.writeUInt16LE(0xbd, 0);
    multiple.writeUInt16LE(6 + columns * 6, 2);
    multiple.writeUInt16LE(i + 2, 4);
    for (let column = 0; column < columns; column += 1) multiple.writeUInt32LE((7 << 2) | 2, 10 + column * 6);
    multiple.writeUInt16LE(columns - 1, multiple.length - 2);
    return multiple;
  });
  const file = CFB.utils.cfb_new();
  CFB.utils.cfb_add(file, '/Workbook', Buffer.concat([body, ...made, stream.subarray(stream.length - 4)]));
  return Buffer.from(CFB.write(file, { type: 'buffer' }) as Uint8Array);
}

const LONG = 'long text of a task '.repeat(499);

export const WORKBOOKS: readonly HostileFile[] = [
  xlsx(
    'a bomb',
    () => zip([...workbookEntries({ rows: HEAD }), { name: 'xl/a.xml', content: Buffer.alloc(300 * MIB) }]),
    { status: 413, message: /inflates to more/ },
  ),
  xlsx(
    'a bomb that says it is small',
    () =>
      zip([
        ...workbookEntries({ rows: HEAD }),
        { name: 'xl/a.xml', content: Buffer.alloc(150 * MIB), declaredBytes: 10 },
      ]),
    { status: 413, message: /inflates to more/ },
  ),
  xlsx(
    'a part of a negative size',
    () => zip([...workbookEntries({ rows: HEAD }), { name: 'xl/a.xml', content: 'a', declaredBytes: 0xffffffff }]),
    { status: 413, message: /inflates to more/ },
  ),
  xlsx('entities that expand a billion times', () => {
    const layers = times(9, (i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`);
    return workbook({
      rows: `${HEAD}${inlineRow(['&l9;', '1'])}`,
      extra: [
        { name: 'xl/styles.xml', content: `<!DOCTYPE x [<!ENTITY l0 "lol">${layers}]><styleSheet>&l9;</styleSheet>` },
      ],
    });
  }),
  xlsx('a flood of cells', () => roomy({ rows: `<row>${'<c/>'.repeat(12_000_000)}</row>` }), {
    status: 413,
    message: /elements/,
  }),
  xlsx('a flood of filled cells', () =>
    roomy({ rows: HEAD + `<row>${'<c><v>1</v></c>'.repeat(20)}</row>`.repeat(300_000) }),
  ),
  xlsx('a flood of shared strings', () => roomy({ rows: HEAD, strings: '<si><t>a</t></si>'.repeat(5_500_000) }, 2)),
  xlsx('a million different shared strings', () =>
    roomy({ rows: HEAD, strings: times(1_600_000, (i) => `<si><t>text number ${i}</t></si>`) }, 1),
  ),
  xlsx('a long shared string in 100,000 rows', () =>
    roomy({
      rows: `${HEAD}${'<row><c t="s"><v>0</v></c><c><v>1</v></c></row>'.repeat(100_000)}`,
      strings: `<si><t>${LONG}</t></si>`,
    }),
  ),
  xlsx('a long shared string in 2,000,000 cells', () =>
    roomy({
      rows: `${HEAD}${`<row>${'<c t="s"><v>0</v></c>'.repeat(40)}</row>`.repeat(50_000)}`,
      strings: `<si><t>${LONG}</t></si>`,
    }),
  ),
  xlsx('a flood of styles', () =>
    roomy({ rows: HEAD, styles: `<cellXfs>${'<xf numFmtId="14"/>'.repeat(2_500_000)}</cellXfs>` }),
  ),
  xlsx('a flood of formats', () =>
    roomy({
      rows: HEAD,
      styles: `<numFmts>${times(900_000, (i) => `<numFmt numFmtId="${i + 200}" formatCode="0&quot; min&quot;"/>`)}</numFmts><cellXfs/>`,
    }),
  ),
  xlsx('65,536 formats that are all different', () =>
    roomy({
      rows: HEAD,
      styles: `<numFmts>${times(65_536, (i) => `<numFmt numFmtId="${i + 200}" formatCode="${'[h]:mm;'.repeat(150)}${i}"/>`)}</numFmts><cellXfs>${times(65_536, (i) => `<xf numFmtId="${i + 200}"/>`)}</cellXfs>`,
    }),
  ),
  xlsx('a flood of merged ranges', () =>
    roomy({
      rows: `${HEAD}</sheetData><mergeCells>${'<mergeCell ref="A1:XFD1048576"/>'.repeat(2_000_000)}</mergeCells><sheetData>`,
    }),
  ),
  xlsx('formulas in a cycle', () =>
    workbook({ rows: formulas(2_000, (row) => (row < 2_001 ? `B${row + 1}+1` : 'B2')) }),
  ),
  xlsx('a chain of 100,000 formulas', () =>
    roomy({ rows: formulas(100_000, (row) => (row < 100_001 ? `B${row + 1}+1` : '1')) }),
  ),
  xlsx('sums over the whole sheet', () => roomy({ rows: formulas(5_000, () => 'SUM(A1:XFD1048576)') })),
  xlsx('sums over all sums below', () => roomy({ rows: formulas(6_000, (row) => `SUM(B${row + 1}:B7000)`) })),
  xlsx('a formula of many ranges', () =>
    roomy({
      rows: `${HEAD}${'<row><c><v>1</v></c><c><v>1</v></c></row>'.repeat(20_000)}<row><c><f>SUM(${Array(500).fill('A1:B20001').join(',')})</f></c></row>`,
    }),
  ),
  xlsx('texts that double', () =>
    workbook({ rows: formulas(200, (row) => (row < 201 ? `B${row + 1}&amp;B${row + 1}` : 'REPT("x",9)&amp;"xx"')) }),
  ),
  xlsx('formulas of brackets and signs', () =>
    roomy({ rows: formulas(3_000, () => `${'('.repeat(2_000)}1${'-'.repeat(2_000)}1`) }),
  ),
  xlsx('a sheet of one cell at the end of all cells', () =>
    workbook({ rows: `${HEAD}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>` }),
  ),
  xlsx('1,000 sheets', () => {
    const list = times(1_000, (i) => `<sheet name="S${i}" r:id="rId1"/>`);
    const rows = HEAD + `<row><c t="inlineStr"><is><t>A</t></is></c><c><v>1</v></c></row>`.repeat(1_000);
    return zip([
      ...workbookEntries({ rows }).map((entry) =>
        entry.name === 'xl/workbook.xml'
          ? { ...entry, content: `<workbook><sheets>${list}</sheets></workbook>` }
          : entry,
      ),
      room(1),
    ]);
  }),
  xlsx('text of ten million characters', () =>
    roomy({
      rows: `${HEAD}<row><c t="inlineStr"><is><t>${'x'.repeat(900_000)}</t>${`<t>${'y'.repeat(900_000)}</t>`.repeat(10)}</is></c><c><v>1</v></c></row>`,
    }),
  ),
  ods('a row repeated a million times in 16,384 columns', () => openDocument(odsRow(1_048_576, 16_384, 'x')), {
    status: 400,
    path: 'file:2:2001',
    message: /2000 columns/,
  }),
  ods('a row of 2,000 cells repeated a million times', () => openDocument(odsRow(1_048_576, 1_999, 'x')), {
    status: 413,
    message: /cells/,
  }),
  ods('a long text repeated 100,000 times', () => openDocument(odsRow(100_000, 1, LONG))),
  ods('a long text repeated 5,000,000 times', () => openDocument(odsRow(100_000, 49, LONG))),
  ods('a flood of column styles', () =>
    openDocument(`${'<table:table-column/>'.repeat(3_000_000)}${odsRow(2, 1, 'x')}`, [room(1)]),
  ),
  ods('a cell of nested annotations', () =>
    openDocument(`<table:table-row><table:table-cell>${'<office:annotation>'.repeat(500_000)}`, [room(1)]),
  ),
  xls('100,000 rows of 20 numbers in a binary workbook', () => binaryWorkbook(100_000, 20)),
  xls('a flood of numbers in a binary workbook', () => binaryWorkbook(3_000, 2_000, [room(1)])),
  xls('a binary workbook that is an OpenDocument too', () =>
    binaryWorkbook(1, 1, [
      { name: 'META-INF/manifest.xml', content: '<manifest/>' },
      {
        name: 'content.xml',
        content: `<office:document-content><office:body><office:spreadsheet><table:table table:name="S">${odsRow(1_048_576, 200, 'x')}</table:table></office:spreadsheet></office:body></office:document-content>`,
      },
      { name: 'styles.xml', content: '<styles/>' },
    ]),
  ),
  xls('1,600,000 numbers in an old workbook', () => oldWorkbook(6_400, 250)),
  xls('65,000 rows of 20 numbers in an old workbook', () => oldWorkbook(65_000, 20)),
  xls('an old workbook of noise', () => {
    const made = CFB.utils.cfb_new();
    CFB.utils.cfb_add(made, '/Workbook', noise(5 * MIB));
    return Buffer.from(CFB.write(made, { type: 'buffer' }) as Uint8Array);
  }),
  xls('XML of 2003 with an index beyond all columns', () =>
    Buffer.from(
      `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table><Row ss:Index="999999999"><Cell ss:Index="999999999"><Data ss:Type="Number">1</Data></Cell></Row></Table></Worksheet></Workbook>`,
    ),
  ),
  xls('XML of 2003 with 10 MB of cells', () =>
    lines(
      90_000,
      () => '<Row><Cell><Data ss:Type="String">A</Data></Cell><Cell><Data ss:Type="Number">1</Data></Cell></Row>',
      '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>',
    ),
  ),
];
