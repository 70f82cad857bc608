/** Long because each limit and each producer of workbooks is a case of its own, on shared hand-made files. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Piscina } from 'piscina';
import { describe, expect, it } from 'vitest';
import { type Ingested, type IngestOptions, type IngestRefusal, ingestTasks } from '../../src/documents/ingest.ts';
import { builtinKind, formatNumber, kindOfFormat } from '../../src/documents/number-formats.ts';
import { cellsOf } from '../fixtures/activity-tables.ts';
import { inlineRow, workbook, workbookEntries, type ZipEntry, zip } from '../fixtures/workbook.ts';

const ingest = (bytes: Uint8Array, options: Partial<IngestOptions> = {}, filename = 'tasks.xlsx') =>
  ingestTasks(bytes, filename, { maxRows: 5000, today: '2026-12-01', ...options });
const accepted = async (...args: Parameters<typeof ingest>): Promise<Ingested> => {
  const result = await ingest(...args);
  expect(result).toMatchObject({ ok: true });
  return result as Ingested;
};
const refusal = async (...args: Parameters<typeof ingest>) => {
  const result = await ingest(...args);
  return result.ok ? null : { status: result.status, ...result.errors[0] };
};
const MIB = 1024 * 1024;
/** What makes a small file large enough for a ratio of 100. */
const noise = (mebibytes: number): ZipEntry => ({
  name: 'xl/media/noise.bin',
  content: randomBytes(mebibytes * MIB),
  method: 0,
});
const sheet = (...pieces: (string | Uint8Array)[]) => ({
  name: 'xl/worksheets/sheet1.xml',
  content: Buffer.concat(
    ['<worksheet><sheetData>', ...pieces, '</sheetData></worksheet>'].map((piece) => Buffer.from(piece)),
  ),
});
const replaceSheet = (entries: ZipEntry[], replaced: ZipEntry) =>
  entries.map((entry) => (entry.name === replaced.name ? replaced : entry));

describe('a workbook written by', () => {
  // Two sheets, a blank row, a time, a duration of more than a day, dates, formulas with results, rich text.
  const producers = ['exceljs', 'gnumeric', 'openpyxl', 'xlsxwriter'];
  const read = (name: string) => readFileSync(new URL(`../fixtures/workbooks/${name}.xlsx`, import.meta.url));

  const rowsOf = ({ rows }: Ingested) =>
    rows.map(({ text, category, estimated_minutes, estimate_source, source_row }) => [
      ...[text, category, estimated_minutes, estimate_source, source_row],
    ]);
  const activities = [
    ['Ticket triage', 'ops', 90, 'given', 1],
    ["Réunion d'équipe & revue <hebdo>", 'meetings', 45, 'given', 2],
    ['Close the month', 'finance', 1560, 'given', 4],
    ['Export report to PDF', 'reporting', 90, 'given', 5],
    ['Copy data 😀', 'TRUE', 120, 'given', 6],
  ];

  it.each(producers)(
    '%s gives the rows of the sheet that is a list, and says which one it left out',
    async (producer) => {
      const file = await accepted(read(producer));
      expect(rowsOf(file)).toEqual(activities);
      const { sheets, columns } = file.input;
      expect(sheets).toEqual([
        { name: 'Notes', rows: expect.any(Number), read: false, reason: expect.any(String) },
        { name: 'Tâches', rows: 5, read: true },
      ]);
      const { text, category, duration, date } = columns;
      expect([text, category, duration, date].map((column) => column?.header)).toEqual([
        'Task',
        'Category',
        'Time spent',
        'Created',
      ]);
      expect(file.rows[0]?.date).toBe('2026-01-15');
      expect(file.contentType).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
    },
  );

  it.each(producers)('%s gives the same rows if the sheet is named', async (producer) => {
    const file = await accepted(read(producer), { mapping: { sheet: 'TÂCHES' } });
    expect(rowsOf(file)).toEqual(activities);
    expect(file.input.sheets).toEqual([{ name: 'Tâches', rows: 5, read: true }]);
  });

  it.each(producers)('%s lists its sheets when asked for another', async (producer) => {
    expect(await refusal(read(producer), { mapping: { sheet: 'Data' } })).toEqual({
      status: 400,
      path: 'sheet',
      message: 'there is no sheet "Data"; sheets: Notes, Tâches',
    });
  });

  it.each(producers)('%s with any byte changed gives rows or a refusal', async (producer) => {
    const original = read(producer);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1 }),
        async (changes) => {
          const bytes = Uint8Array.from(original);
          for (const [at, value] of changes) bytes[at] = value;
          const result = await ingest(bytes, { mapping: { sheet: 'tâches' } });
          if (!result.ok) expect([400, 413, 415]).toContain(result.status);
        },
      ),
      { numRuns: 250 },
    );
  });

  it.each(producers)('%s and cut off is refused', async (producer) => {
    const original = read(producer);
    for (let length = 4; length < original.length; length += 331) {
      expect(await refusal(original.subarray(0, length))).toMatchObject({ status: 400, path: 'file' });
    }
  });
});

describe('a cell', () => {
  const styles =
    '<numFmts><numFmt/><numFmt numFmtId="164" formatCode="[$-409]d&quot;h&quot;/mmm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>' +
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="20"/><xf numFmtId="46"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>';
  const shownCell = async (cell: string) => cellsOf(workbook({ rows: `<row>${cell}</row>`, styles }), 'a.xlsx');

  it.each([
    ['<v>1.50</v>', '', 'number 1.5 = 1.5'],
    ['<v>45000.25</v>', ' s="1"', 'date 2023-03-15T06:00:00 = 1678860000000'],
    ['<v>1.25</v>', ' s="2"', 'elapsed 30:00 = 1800'],
    ['<v>46037</v>', ' s="3"', 'date 2026-01-15 = 1768435200000'],
    ['<v>46037.4375</v>', ' s="4"', 'date 2026-01-15T10:30:00 = 1768473000000'],
    ['<v>46037</v>', ' s="99"', 'number 46037 = 46037'],
    ['<v>not a number</v>', '', 'not a number'],
    ['<f>A&amp;B</f><v>a &lt; b</v>', ' t="str"', 'a < b'],
    ['<is><t>in</t><r><t>line</t></r></is>', ' t="inlineStr"', 'inline'],
    ['<is><t>x</t><rPh><t>phonetic</t></rPh></is>', ' t="inlineStr"', 'x'],
    ['<is><t>a_x000D_\nb_x0041_</t></is>', ' t="inlineStr"', 'a\r\nbA'],
    ['<is><t><![CDATA[<b>&amp;]]></t></is>', ' t="inlineStr"', '<b>&amp;'],
    ['<is><t>&#233;&#xE9;&#x1F600;&quot;&apos;&nbsp;&#9999999;</t></is>', ' t="inlineStr"', 'éé😀"\'&nbsp;\ufffd'],
    ['<is><t>a<!-- > --><?p x?>b</t></is>', ' t="inlineStr"', 'ab'],
  ])('%s%s reads %j', async (content, attributes, expected) => {
    expect(await shownCell(`<c${attributes}>${content}</c>`)).toEqual([[expected]]);
  });

  it('may be a shared string, in runs, with a hint or empty', async () => {
    const strings =
      '<si><t>zero</t></si><si><r><t>o</t></r><r><rPr/><t>ne</t></r></si><si/><si><t>x</t><rPh><t>y</t></rPh></si>';
    const cell = (index: string) => `<row><c t="s"><v>${index}</v></c><c><v>1</v></c></row>`;
    const rows = ['1', '0', '2', '3', '9', 'x'].map(cell).join('');
    const first = async (...args: Parameters<typeof cellsOf>) => (await cellsOf(...args)).map(([text]) => text);
    expect(await first(workbook({ rows, strings }), 'a.xlsx')).toEqual(['one', 'zero', '', 'x', '', '']);
    expect(await first(workbook({ rows: cell('0') }), 'a.xlsx')).toEqual(['']);
  });

  it('with an error, or a formula that cannot be computed, gives an estimate and is said to', async () => {
    const row = (number: number, text: string, cell: string) =>
      `<row r="${number}"><c r="A${number}" t="inlineStr"><is><t>${text}</t></is></c>${cell}</row>`;
    const rows =
      row(2, 'Call', '<c r="B2" t="e"><v>#N/A</v></c>') +
      row(7, 'Mail', '<c r="B7"><f>1+1</f><v></v></c>') +
      row(8, 'Plan', '<c r="B8" t="str"><f>IF(1,"")</f><v></v></c>') +
      row(9, 'Test', '<c r="B9"><f>WEBSERVICE("http://x")</f><v></v></c>') +
      row(10, 'Ship', '<c r="B10"><v>1</v></c>');
    const { warnings, rows: read } = await accepted(workbook({ rows: inlineRow(['Task', 'Hours']) + rows }));
    expect(read.map(({ estimate_source, source_row }) => [estimate_source, source_row])).toEqual([
      ['inferred', 1],
      ['given', 6],
      ['inferred', 7],
      ['inferred', 8],
      ['given', 9],
    ]);
    expect(read[1]?.estimated_minutes).toBe(120);
    expect(warnings).toEqual([
      expect.stringMatching(/^3 of 5 rows do not have a time in the file/),
      'The file lacks the result of 1 formula of sheet "Sheet1" (first in row 7); we computed what it says.',
      expect.stringMatching(/^2 rows, first row 2: "Hours" cannot be read as a duration/),
    ]);
  });

  it('stands where its reference says', async () => {
    const rows =
      '<row r="3"><c r="B3" t="str"><v>Task</v></c><c t="str"><v>Type</v></c></row>' +
      '<row r="9"><c r="C9" t="str"><v>ops</v></c><c r="B9" t="str"><v>a</v></c><c r="ZZ9" t="str"><v>far</v></c></row>' +
      '<row><c r="?" t="str"><v>x</v></c><c t="str"><v>b</v></c></row>';
    const { rows: read, warnings } = await accepted(workbook({ rows }));
    expect(read.map(({ text, category, source_row }) => [text, category, source_row])).toEqual([
      ['a', 'ops', 6],
      ['b', 'uncategorized', 7],
    ]);
    expect(warnings).toContain('Row 9 has more cells than there are headers; what has no header is not read.');
  });

  it('stands in a row whose number only goes up', async () => {
    const numbers = ['5', '-3', '1e400', '2.5', 'x', '5', '20'].map((r) => inlineRow(['a'], ` r="${r}"`)).join('');
    const { rows } = await accepted(workbook({ rows: inlineRow(['Task'], ' r="9"') + numbers }));
    expect(rows.map(({ source_row }) => source_row)).toEqual([1, 2, 3, 4, 5, 6, 11]);
  });

  it('is found under prefixed names and in UTF-16', async () => {
    const prefixed =
      '<x:worksheet><x:sheetData><x:row><x:c t="str"><x:v>Task</x:v></x:c></x:row><x:row ><x:c t=\'str\' ><x:v >a</x:v ></x:c></x:row></x:sheetData></x:worksheet>';
    for (const content of [prefixed, ...[`\ufeff${prefixed}`].map((text) => Buffer.from(text, 'utf16le'))]) {
      const bytes = zip(replaceSheet(workbookEntries({ rows: '' }), { name: 'xl/worksheets/sheet1.xml', content }));
      expect((await accepted(bytes)).rows.map(({ text }) => text)).toEqual(['a']);
    }
    const bigEndian = Buffer.from(`\ufeff${prefixed}`, 'utf16le').swap16();
    const bytes = zip(
      replaceSheet(workbookEntries({ rows: '' }), { name: 'xl/worksheets/sheet1.xml', content: bigEndian }),
    );
    expect((await accepted(bytes)).rows).toHaveLength(1);
  });
});

describe('a number format', () => {
  it.each([
    ['General', 'number'],
    ['0.00 "days"', 'number'],
    ['#,##0\\h', 'number'],
    ['[Red]0;[Blue]h', 'number'],
    ['_d0', 'number'],
    ['yyyy-mm-dd', 'date'],
    ['[$-40C]d mmm', 'date'],
    ['mmm', 'date'],
    ['m/d/yy h:mm', 'date'],
    ['h:mm AM/PM', 'time'],
    ['mm:ss.0', 'time'],
    ['[h]:mm', 'elapsed'],
    ['[mm]', 'elapsed'],
    ['[HH]:MM:SS', 'elapsed'],
    ['"unclosed', 'number'],
    ['[unclosed', 'number'],
  ] as const)('%j says %s', (code, kind) => {
    expect(kindOfFormat(code)).toBe(kind);
  });

  it('without a code has the kind of its number', () => {
    const idsOf = (kind: string) => Array.from({ length: 60 }, (_, id) => id).filter((id) => builtinKind(id) === kind);
    expect(idsOf('time')).toEqual([18, 19, 20, 21, 45, 47]);
    expect(idsOf('elapsed')).toEqual([46]);
    expect(idsOf('date').filter((id) => id < 27)).toEqual([14, 15, 16, 17, 22]);
    expect(idsOf('date').filter((id) => id >= 27)).toHaveLength(19);
  });

  it.each([
    [1, 'date', '1900-01-01'],
    [59, 'date', '1900-02-28'],
    [61, 'date', '1900-03-01'],
    [2_958_465, 'date', '9999-12-31'],
    [2_958_466, 'date', '2958466'],
    [-1, 'date', '-1'],
    [0.1, 'time', '144 min'],
    [1 / 3, 'time', '480 min'],
    [-0.5, 'elapsed', '-720 min'],
    [Infinity, 'date', 'Infinity'],
    [1e21, 'number', '1e+21'],
  ] as const)('of %d as %s shows %j', (value, kind, text) => {
    expect(formatNumber(value, kind, false)).toBe(text);
  });
});

describe('which sheet', () => {
  const TYPES = 'http://purl.oclc.org/ooxml/officeDocument/relationships';
  const book = (sheets: string, relations: string, parts: Record<string, string> = {}) =>
    zip([
      { name: 'xl/workbook.xml', content: `<workbook><sheets>${sheets}</sheets></workbook>` },
      { name: 'xl/_rels/workbook.xml.rels', content: `<Relationships>${relations}</Relationships>` },
      ...Object.entries(parts).map(([name, content]) => ({ name, content })),
    ]);
  const relation = (id: string, type = 'worksheet') =>
    `<Relationship Id="${id}" Type="${TYPES}/${type}" Target="./sheets/${id}.xml"/>`;
  const part = (task: string) =>
    `<worksheet><sheetData>${inlineRow(['Task'])}${inlineRow([task])}</sheetData></worksheet>`;

  const three =
    '<sheet name="Chart" r:id="a"/><sheet name="Config" state="hidden" r:id="b"/><sheet name="Work" r:id="c"/>';
  const relations = relation('a', 'chartsheet') + relation('b') + relation('c');

  it('is no hidden one unless it is named, and no chart', async () => {
    const bytes = book(three, relations, { 'xl/sheets/b.xml': part('hidden'), 'xl/sheets/c.xml': part('visible') });
    const { rows, input } = await accepted(bytes);
    expect(rows).toMatchObject([{ text: 'visible' }]);
    expect(input.sheets).toEqual([
      { name: 'Config', rows: 1, read: false, reason: 'hidden' },
      { name: 'Work', rows: 1, read: true },
    ]);
    const named = await accepted(bytes, { mapping: { sheet: 'config' } });
    expect(named.rows).toMatchObject([{ text: 'hidden' }]);
    expect(named.input.sheets).toEqual([{ name: 'Config', rows: 1, read: true }]);
  });

  it('are all those with the same header, a sheet per month, and no cover', async () => {
    const cover = `<worksheet><sheetData>${inlineRow(['Timesheet 2026'])}${inlineRow(['Ann Smith'])}</sheetData></worksheet>`;
    const month = (task: string, hours: string) =>
      `<worksheet><sheetData>${inlineRow(['Task', 'Hours'])}${inlineRow([task, hours])}</sheetData></worksheet>`;
    const sheets = ['Cover', 'January', 'February'].map((name, i) => `<sheet name="${name}" r:id="${'abc'[i]}"/>`);
    const bytes = book(sheets.join(''), relation('a') + relation('b') + relation('c'), {
      'xl/sheets/a.xml': cover,
      'xl/sheets/b.xml': month('Call', '1'),
      'xl/sheets/c.xml': month('Mail', '2'),
    });
    const { rows, input, warnings } = await accepted(bytes);
    expect(rows.map(({ text, estimated_minutes }) => [text, estimated_minutes])).toEqual([
      ['Call', 60],
      ['Mail', 120],
    ]);
    expect(input.sheets.map(({ name, read }) => [name, read])).toEqual([
      ['Cover', false],
      ['January', true],
      ['February', true],
    ]);
    expect(warnings).toContain('2 sheets have the same header and are read together.');
  });

  it('has to be named if all are hidden', async () => {
    const bytes = book('<sheet name="A" state="veryHidden" r:id="a"/>', relation('a'), {
      'xl/sheets/a.xml': part('Call'),
    });
    expect(await refusal(bytes)).toMatchObject({ status: 400 });
    expect((await accepted(bytes, { mapping: { sheet: 'A' } })).rows).toMatchObject([{ text: 'Call' }]);
  });

  it.each([
    ['', '', 'the workbook has no sheet'],
    ['<sheet name="A" r:id="a"/>', '', 'the workbook has no sheet'],
    ['<sheet name="A" r:id="a"/>', relation('a'), 'unreadable workbook: it lacks the sheet A'],
    ['<sheet/>', '<Relationship/>', 'the workbook has no sheet'],
  ])('cannot be told from %s%s', async (sheets, relations, message) => {
    expect(await refusal(book(sheets, relations))).toEqual({ status: 400, path: 'file', message });
  });

  it('is unknown without relations', async () => {
    expect(await refusal(zip([{ name: 'xl/workbook.xml', content: '' }]))).toMatchObject({ status: 400 });
  });
});

describe('an archive is refused', () => {
  const entries = workbookEntries({ rows: inlineRow(['Task']) + inlineRow(['a']) });

  it('when it is no workbook, and not for its name or for macros', async () => {
    expect(await refusal(zip([{ name: 'a.txt', content: 'x' }]))).toMatchObject({ status: 415 });
    expect(await refusal(zip([]))).toMatchObject({ status: 415 });
    const withMacros = zip([...entries, { name: 'xl/vbaProject.bin', content: 'x' }]);
    for (const [bytes, name] of [
      [withMacros, 'tasks.XLSM'],
      [withMacros, 'tasks.xlsx'],
      [zip(entries), 'tasks.csv'],
      [zip(entries), 'tasks.xltx'],
    ] as const) {
      expect((await accepted(bytes, {}, name)).rows).toHaveLength(1);
    }
  });

  it('when it claims or gives more than 100 bytes per byte', async () => {
    const path = 'file';
    const blank = sheet(' '.repeat(MIB));
    expect(await refusal(zip(replaceSheet(entries, blank)))).toMatchObject({ status: 413, path });
    const lying = { ...blank, declaredBytes: 1 };
    expect(await refusal(zip(replaceSheet(entries, lying)))).toMatchObject({ status: 413, path });
    const modest = { ...entries[2], declaredBytes: 0xffffffff } as ZipEntry;
    expect(await refusal(zip(replaceSheet(entries, modest)))).toMatchObject({ status: 413, path });
  });

  it('when it gives more than 100 MiB, whatever it claims and wherever they are', async () => {
    const large = { name: 'docProps/app.xml', content: Buffer.alloc(101 * MIB, 'A'), declaredBytes: 10 };
    const message = 'the file inflates to more than 104857600 bytes';
    expect(await refusal(zip([...entries, large, noise(2)]))).toEqual({ status: 413, path: 'file', message });
  });

  it('when its sheet is a flood of elements', async () => {
    const flood = sheet(Buffer.alloc(31 * MIB, '<c>'));
    expect(await refusal(zip([...replaceSheet(entries, flood), noise(1)]))).toMatchObject({
      status: 413,
      message: expect.stringContaining('elements'),
    });
  });

  it.each([
    ['a text', Buffer.alloc(2 * MIB, 'A')],
    ['a comment', Buffer.concat([Buffer.from('<!--'), Buffer.alloc(2 * MIB, '<')])],
    ['a tag', Buffer.concat([Buffer.from('<c r="'), Buffer.alloc(2 * MIB, '>')])],
  ])('when %s of its sheet never ends', async (_, piece) => {
    expect(await refusal(zip([...replaceSheet(entries, sheet(piece)), noise(1)]))).toEqual({
      status: 400,
      path: 'file',
      message: 'unreadable workbook: a part of its XML is too long',
    });
  });

  it.each<[string, Partial<ZipEntry>, RegExp]>([
    ['is encrypted', { encrypted: true }, /encrypted/],
    ['has a wrong checksum', { crc: 1 }, /checksum of xl\/worksheets\/sheet1.xml/],
    ['is compressed in an unknown way', { method: 99 }, /compression/],
  ])('when an entry %s', async (_, change, message) => {
    const changed = { ...(entries[2] as ZipEntry), ...change };
    expect(await refusal(zip(replaceSheet(entries, changed)))).toEqual({
      status: 400,
      path: 'file',
      message: expect.stringMatching(message),
    });
  });

  it('when its directory does not fit its content', async () => {
    const whole = zip(entries);
    const changed = (change: (bytes: Buffer, directoryAt: number) => void) => {
      const bytes = Buffer.from(whole);
      change(bytes, bytes.indexOf('PK\x01\x02'));
      return refusal(bytes);
    };
    expect(await changed((b) => b.fill(0, b.length - 22))).toMatchObject({ message: /no ZIP directory/ });
    expect(await changed((b, at) => b.fill(0, at, at + 4))).toMatchObject({ message: /directory is broken/ });
    expect(await changed((b, at) => b.writeUInt32LE(0xfffffff0, at + 42))).toMatchObject({
      message: /outside the file/,
    });
    expect(await changed((b, at) => b.writeUInt32LE(1, at + 42))).toMatchObject({ message: /not where/ });
    expect(await changed((b, at) => b.writeUInt32LE(0xffffff, at + 20))).toMatchObject({ message: /cut off/ });
    expect(await changed((b, at) => b.writeUInt32LE(5, at + 20))).toMatchObject({ message: /unexpected end of file/ });
    expect(await changed((b) => b.writeUInt32LE(0xfffffff0, b.length - 6))).toMatchObject({ message: /outside/ });
    expect(await refusal(zip(Array.from({ length: 1001 }, (_, i) => ({ name: `${i}`, content: '' }))))).toMatchObject({
      message: /more than 1000 entries/,
    });
  });
});

describe('a sheet is refused', () => {
  const rows = (count: number, cell: string) => `<row><c t="s"><v>${cell}</v></c></row>`.repeat(count);

  it('at the first row above the limit', async () => {
    const sheetRows = inlineRow(['Task']) + ['a', 'b', 'c'].map((task) => inlineRow([task])).join('');
    expect(await refusal(workbook({ rows: sheetRows }), { maxRows: 2 })).toEqual({
      status: 400,
      path: 'file:4:1',
      message: 'the file has more than 2 rows',
    });
  });

  it('long before a million rows are read', async () => {
    const strings = '<si><t>a</t></si>';
    const bytes = workbook({ rows: inlineRow(['Task']) + rows(400_000, '0'), strings, extra: [noise(1)] });
    // Up to 1,000 rows more, and a tenth, could be titles, totals or hidden.
    expect(await refusal(bytes, { maxRows: 100 })).toMatchObject({ status: 400, path: 'file:1111:1' });
  });

  it('but not for rows that turn out to be blank', async () => {
    const strings = '<si><t>a</t></si><si><t> </t></si>';
    const bytes = workbook({ rows: inlineRow(['Task']) + rows(3, '0') + rows(3, '1') + '<row/>'.repeat(99), strings });
    expect((await accepted(bytes, { maxRows: 3 })).rows).toHaveLength(3);
  });

  it('at its 2,001st column', async () => {
    const header = Array.from({ length: 2001 }, (_, i) => `Field ${i}`);
    expect(await refusal(workbook({ rows: inlineRow(header) + inlineRow(['a']) }))).toEqual({
      status: 400,
      path: 'file:1:2001',
      message: 'the file has more than 2000 columns',
    });
  });

  it('not at a cell of more than 10,000 characters, inline or shared: it is cut, with a warning', async () => {
    const long = randomBytes(5001).toString('hex');
    const cut = async (bytes: Uint8Array) => {
      const { rows: read, warnings } = await accepted(bytes);
      return [
        read.map(({ text }) => text),
        warnings.some((warning) => warning.startsWith('The text of row 2 is longer')),
      ];
    };
    expect(await cut(workbook({ rows: inlineRow(['Task']) + inlineRow([long]) }))).toEqual([
      [long.slice(0, 10_000)],
      true,
    ]);
    const strings = `<si><t>${long}</t></si><si><t>${long.slice(2)}</t></si>`;
    const shared = (index: string) => workbook({ rows: inlineRow(['Task']) + rows(1, index), strings });
    expect(await cut(shared('0'))).toEqual([[long.slice(0, 10_000)], true]);
    expect(await cut(shared('1'))).toEqual([[long.slice(2)], false]);
  });

  it('without header or data rows', async () => {
    const message = 'empty sheet or missing header';
    for (const content of ['', '<row/>', inlineRow(['Task']), inlineRow([' ', ''])]) {
      expect(await refusal(workbook({ rows: content }))).toEqual({ status: 400, path: 'file', message });
    }
  });
});

describe('headers and cells of a workbook', () => {
  it('cannot pollute prototypes', async () => {
    const rows =
      inlineRow(['__proto__', 'Task', 'constructor', 'Type']) + inlineRow(['polluted', 'a', 'x', '__proto__']);
    expect((await accepted(workbook({ rows }))).rows).toMatchObject([{ text: 'a', category: '__proto__' }]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('a document type', () => {
  it.each([
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    '<!ENTITY a SYSTEM "file:///etc/passwd">',
    `<!DOCTYPE x [<!ENTITY b "]>"><!-- ]> " --><!ENTITY a ']>'>]>`,
  ])('such as %s is skipped: its entities stay as they are written', async (declaration) => {
    const entries = workbookEntries({ rows: '' });
    const replaced = sheet(declaration, inlineRow(['Task']), '<row><c t="str"><v>&b;</v></c></row>');
    const { rows } = await accepted(zip(replaceSheet(entries, replaced)));
    expect(rows.map(({ text }) => text)).toEqual(['&b;']);
  });

  it('that never ends is refused', async () => {
    const entries = workbookEntries({ rows: '' });
    const replaced = sheet('<!DOCTYPE x [', Buffer.alloc(2 * MIB, '<!--'));
    expect(await refusal(zip([...replaceSheet(entries, replaced), noise(1)]))).toMatchObject({
      status: 400,
      message: 'unreadable workbook: a part of its XML is too long',
    });
  });
});

describe('any XML', () => {
  it('gives rows or a refusal', async () => {
    const token = fc.constantFrom(
      ...[
        '<row>',
        '</row>',
        '<c t="s">',
        '<c t="str">',
        '<c r="A1"',
        '</c>',
        '<v>',
        '</v>',
        '<is><t>',
        '</t></is>',
        '/>',
      ],
      ...[
        '1',
        'Task',
        '&amp;',
        '&',
        '<',
        '>',
        '"',
        "'",
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<?',
        '?>',
        '<!',
        '<f>',
        ':',
        '=',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 40 }), async (tokens) => {
        const result = await ingest(
          workbook({ rows: inlineRow(['Task']) + tokens.join(''), strings: tokens.join('') }),
        );
        if (!result.ok) expect(result.status).toBe(400);
      }),
      { numRuns: 500 },
    );
  });
});

describe('in a worker thread', () => {
  it('a file gives the same rows and refusals', async () => {
    const pool = new Piscina({
      filename: new URL('../../src/documents/ingest.ts', import.meta.url).href,
      name: 'ingestTask',
      maxThreads: 1,
    });
    try {
      for (const rows of [inlineRow(['Task']) + inlineRow(['a']), '']) {
        const bytes = new Uint8Array(workbook({ rows }));
        const result: Ingested | IngestRefusal = await pool.run({ bytes, filename: 'tasks.xlsx', maxRows: 5 });
        expect(result).toEqual(await ingest(bytes));
      }
    } finally {
      await pool.destroy();
    }
  });
});
