/** Long because each limit and each producer of workbooks is a case of its own, on shared hand-made files. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Piscina } from 'piscina';
import { describe, expect, it } from 'vitest';
import { type Ingested, type IngestOptions, type IngestRefusal, ingestTasks } from '../../src/documents/ingest.ts';
import { builtinKind, formatNumber, kindOfFormat } from '../../src/documents/number-formats.ts';
import { inlineRow, workbook, workbookEntries, type ZipEntry, zip } from '../fixtures/workbook.ts';

const ingest = (bytes: Uint8Array, options: Partial<IngestOptions> = {}, filename = 'tasks.xlsx') =>
  ingestTasks(bytes, filename, { maxRows: 5000, ...options });
const accepted = async (...args: Parameters<typeof ingest>): Promise<Ingested> => {
  const result = await ingest(...args);
  expect(result).toMatchObject({ ok: true });
  return result as Ingested;
};
const refusal = async (...args: Parameters<typeof ingest>) => {
  const result = await ingest(...args);
  return result.ok ? null : { status: result.status, ...result.errors[0] };
};
/** Text of the tasks of a sheet whose only column is `Task`. */
const tasks = async (rows: string, parts: Partial<Parameters<typeof workbook>[0]> = {}) =>
  (await accepted(workbook({ ...parts, rows: inlineRow(['Task']) + rows }))).rows.map(({ text }) => text);
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

  it.each(producers)('%s gives the rows of the named sheet', async (producer) => {
    const { rows, sheet: name, columns, contentType } = await accepted(read(producer), { sheet: 'TÂCHES' });
    expect(rows).toEqual(
      (
        [
          ['Ticket triage', 'ops', 90, 1],
          ["Réunion d'équipe & revue <hebdo>", 'meetings', 45, 2],
          ['Close the month', 'finance', 1560, 4],
          ['Export report to PDF', 'reporting', 90, 5],
          ['Copy data 😀', 'TRUE', 120, 6],
        ] as const
      ).map(([text, category, estimated_minutes, source_row]) => ({
        ...{ text, category, estimated_minutes, estimate_source: 'given', source_row },
      })),
    );
    expect({ name, columns }).toEqual({
      name: 'Tâches',
      columns: { text: 'Task', category: 'Category', duration: 'Time spent' },
    });
    expect(contentType).toBe('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet');
  });

  it.each(producers)('%s is read at its first sheet otherwise', async (producer) => {
    expect(await refusal(read(producer))).toMatchObject({ message: 'empty sheet or missing header' });
  });

  it.each(producers)('%s lists its sheets when asked for another', async (producer) => {
    expect(await refusal(read(producer), { sheet: 'Data' })).toEqual({
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
          const result = await ingest(bytes, { sheet: 'tâches' });
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

  it.each([
    ['<v>1.50</v>', '', '1.5'],
    ['<v>0.0625</v>', ' s="1"', '90 min'],
    ['<v>45000.25</v>', ' s="1"', '360 min'],
    ['<v>1.25</v>', ' s="2"', '1800 min'],
    ['<v>46037</v>', ' s="3"', '2026-01-15'],
    ['<v>46037.4375</v>', ' s="4"', '2026-01-15T10:30:00'],
    ['<v>46037</v>', ' s="99"', '46037'],
    ['<v>not a number</v>', '', 'not a number'],
    ['<v>1</v>', ' t="b"', 'TRUE'],
    ['<v>0</v>', ' t="b"', 'FALSE'],
    ['<v>2026-01-15</v>', ' t="d"', '2026-01-15'],
    ['<f>1+1</f><v>2</v>', '', '2'],
    ['<f>A&amp;B</f><v>a &lt; b</v>', ' t="str"', 'a < b'],
    ['<is><t>in</t><r><t>line</t></r></is>', ' t="inlineStr"', 'inline'],
    ['<is><t>x</t><rPh><t>phonetic</t></rPh></is>', ' t="inlineStr"', 'x'],
    ['<is><t>a_x000D_\nb_x0041_</t></is>', ' t="inlineStr"', 'a bA'],
    ['<is><t><![CDATA[<b>&amp;]]></t></is>', ' t="inlineStr"', '<b>&amp;'],
    ['<is><t>&#233;&#xE9;&#x1F600;&quot;&apos;&nbsp;&#9999999;</t></is>', ' t="inlineStr"', 'éé😀"\'&nbsp;\ufffd'],
    ['<is><t>a<!-- > --><?p x?>b</t></is>', ' t="inlineStr"', 'ab'],
  ])('%s%s reads %j', async (content, attributes, expected) => {
    expect(await tasks(`<row><c${attributes}>${content}</c></row>`, { styles })).toEqual([expected]);
  });

  it('holds a date of the other date system', async () => {
    expect(await tasks('<row><c s="3"><v>44575</v></c></row>', { styles, uses1904: true })).toEqual(['2026-01-15']);
  });

  it('may be a shared string, in runs, with a hint or empty', async () => {
    const strings =
      '<si><t>zero</t></si><si><r><t>o</t></r><r><rPr/><t>ne</t></r></si><si/><si><t>x</t><rPh><t>y</t></rPh></si>';
    const cell = (index: string) => `<row><c t="s"><v>${index}</v></c><c><v>1</v></c></row>`;
    const rows = ['1', '0', '2', '3', '9', 'x'].map(cell).join('');
    expect(await tasks(rows, { strings })).toEqual(['one', 'zero', '', 'x', '', '']);
    expect(await tasks(cell('0'))).toEqual(['']);
  });

  it('with an error, or a formula that was never computed, is empty and said to be', async () => {
    const rows =
      '<row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c><c r="B2" t="e"><v>#N/A</v></c></row>' +
      '<row r="7"><c r="A7" t="inlineStr"><is><t>b</t></is></c><c r="B7"><f>1+1</f><v></v></c></row>' +
      '<row r="8"><c r="A8" t="inlineStr"><is><t>c</t></is></c><c r="B8" t="str"><f>IF(1,"")</f><v></v></c></row>';
    const { warnings, rows: read } = await accepted(workbook({ rows: inlineRow(['Task', 'Hours']) + rows }));
    expect(read.map(({ estimate_source, source_row }) => [estimate_source, source_row])).toEqual([
      ['inferred', 1],
      ['inferred', 6],
      ['inferred', 7],
    ]);
    expect(warnings).toEqual([
      'Row 2: a cell with an error was read as empty.',
      'Row 7: a formula without a stored result was read as empty.',
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
    expect(warnings).toEqual(['Row 9: cells beyond the last column of the header were dropped.']);
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

  it('is the first visible one that has cells', async () => {
    const sheets =
      '<sheet name="Chart" r:id="a"/><sheet name="Config" state="hidden" r:id="b"/><sheet name="Work" r:id="c"/>';
    const relations = relation('a', 'chartsheet') + relation('b') + relation('c');
    const parts = { 'xl/sheets/b.xml': part('hidden'), 'xl/sheets/c.xml': part('visible') };
    expect((await accepted(book(sheets, relations, parts))).rows).toMatchObject([{ text: 'visible' }]);
    expect((await accepted(book(sheets, relations, parts), { sheet: 'config' })).sheet).toBe('Config');
  });

  it('is the first if all are hidden', async () => {
    const sheets = '<sheet name="A" state="veryHidden" r:id="a"/>';
    expect((await accepted(book(sheets, relation('a'), { 'xl/sheets/a.xml': part('x') }))).sheet).toBe('A');
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

  it('when it is no workbook, has macros or is a template', async () => {
    expect(await refusal(zip([{ name: 'a.txt', content: 'x' }]))).toMatchObject({ status: 415 });
    expect(await refusal(zip([]))).toMatchObject({ status: 415 });
    expect(await refusal(zip(entries), {}, 'tasks.XLSM')).toMatchObject({ status: 415 });
    expect(await refusal(zip([...entries, { name: 'xl/vbaProject.bin', content: 'x' }]))).toMatchObject({
      status: 415,
    });
    expect((await accepted(zip(entries), {}, 'tasks.csv')).rows).toHaveLength(1);
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
    const flood = sheet(Buffer.alloc(25 * MIB, '<c/>'));
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
      message: 'the sheet has more than 2 rows',
    });
  });

  it('long before a million rows are read', async () => {
    const bytes = workbook({ rows: inlineRow(['Task']) + rows(400_000, '0'), extra: [noise(1)] });
    expect(await refusal(bytes, { maxRows: 100 })).toMatchObject({ status: 400, path: 'file:203:1' });
  });

  it('but not for rows that turn out to be blank', async () => {
    const strings = '<si><t>a</t></si><si><t> </t></si>';
    const bytes = workbook({ rows: inlineRow(['Task']) + rows(3, '0') + rows(3, '1') + '<row/>'.repeat(99), strings });
    expect((await accepted(bytes, { maxRows: 3 })).rows).toHaveLength(3);
  });

  it('at the 201st column of its header', async () => {
    const header = Array.from({ length: 201 }, () => 'Task');
    expect(await refusal(workbook({ rows: inlineRow(header) + inlineRow(['a']) }))).toMatchObject({
      status: 400,
      path: 'file:1:201',
    });
  });

  it('at a cell of more than 10,000 characters, inline or shared', async () => {
    const limit = { status: 400, path: 'file:2:1', message: 'the cell has more than 10000 characters' };
    const long = randomBytes(5001).toString('hex');
    expect(await refusal(workbook({ rows: inlineRow(['Task']) + inlineRow([long]) }))).toEqual(limit);
    const strings = `<si><t>${long}</t></si><si><t>${long.slice(2)}</t></si>`;
    expect(await refusal(workbook({ rows: inlineRow(['Task']) + rows(1, '0'), strings }))).toEqual(limit);
    // A long string that no row of this sheet uses does not matter.
    expect(await tasks(rows(1, '1'), { strings })).toEqual([long.slice(2)]);
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
        const result: Ingested | IngestRefusal = await pool.run({ bytes, filename: 'a.xlsx', maxRows: 5 });
        expect(result).toEqual(await ingest(bytes));
      }
    } finally {
      await pool.destroy();
    }
  });
});
