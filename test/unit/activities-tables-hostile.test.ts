import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../fixtures/activity-tables.ts';
import { workbook, workbookEntries, zip } from '../fixtures/workbook.ts';

const MB = 1_000_000;
/** Generous: the machine may be busy. */
const DEADLINE_MS = 10_000;

async function timed(
  ...args: Parameters<typeof refusalOf>
): Promise<{ refusal: Awaited<ReturnType<typeof refusalOf>>; ms: number }> {
  const before = performance.now();
  return { refusal: await refusalOf(...args), ms: performance.now() - before };
}

describe('ten megabytes of one thing', () => {
  it.each([
    ['quotes', '"', 'a.csv'],
    ['quotes in lines', '"a\n', 'a.csv'],
    ['quoted cells with text behind', '"a"b,', 'a.csv'],
    ['lines that open a quote', 'x,"y\n', 'a.csv'],
    ['commas', ',', 'a.csv'],
    ['semicolons', ';', 'a.csv'],
    ['spaces', ' ', 'a.csv'],
    ['digits', '1', 'a.csv'],
    ['empty lines', '\n', 'a.csv'],
    ['carriage returns', '\r', 'a.csv'],
    ['quotes and spaces', '"a"   ', 'a.csv'],
    ['opening brackets', '[', 'a.json'],
    ['objects in each other', '{"a":', 'a.json'],
    ['empty objects', '{},', 'a.json'],
    ['objects in lines', '{"a":1}\n', 'a.jsonl'],
    ['tables in each other', '<table><tr><td>', 'a.html'],
    ['elements in each other', '<div>', 'a.html'],
    ['cells', '<td>', 'a.html'],
    ['less-than signs', '<', 'a.html'],
    ['attributes', '<td a=', 'a.html'],
    ['meta elements', '<meta ', 'a.xls'],
  ])(
    '(%s) takes bounded time',
    async (_, piece, name) => {
      const { ms } = await timed(piece.repeat((10 * MB) / piece.length), name);
      expect(ms).toBeLessThan(DEADLINE_MS);
    },
    20_000,
  );

  it('(no text at all) takes bounded time to find an encoding for', async () => {
    const { ms } = await timed(new Uint8Array(10 * MB).fill(0xe9), 'a.csv');
    expect(ms).toBeLessThan(DEADLINE_MS);
  });
});

describe('a row of a million columns', () => {
  it('is refused at the first column beyond the limit', async () => {
    expect(await refusalOf(`a${',x'.repeat(MB)}\n`, 'a.csv')).toMatchObject({ status: 400, path: 'file:1:2001' });
    expect(await refusalOf(`<table><tr>${'<td>x'.repeat(MB)}`, 'a.html')).toMatchObject({
      status: 400,
      path: 'file:1:2001',
    });
  });

  it('is no matter if it is blank', async () => {
    expect(await refusalOf(`a,b${','.repeat(MB)}\n1,2\n`, 'a.csv')).toBeNull();
  });
});

describe('an archive', () => {
  it('that inflates to too much is refused', async () => {
    const bomb = workbook({ rows: ' '.repeat(20 * MB) });
    expect(await refusalOf(bomb, 'a.xlsx')).toMatchObject({ status: 413 });
  });

  it('whose repeated cells and rows would fill memory is refused', async () => {
    const cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="2000"/>';
    const content = (rows: string) =>
      `<office:spreadsheet><table:table table:name="S">${rows}</table:table></office:spreadsheet>`;
    const ods = (rows: string) =>
      zip([
        { name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet', method: 0 },
        { name: 'content.xml', content: content(rows) },
      ]);
    const row = `<table:table-row table:number-rows-repeated="1048576">${cell}</table:table-row>`;
    expect(await refusalOf(ods(row), 'a.ods')).toMatchObject({ status: 413 });
    expect(await refusalOf(ods(row.replace('"2000"', '"1"')), 'a.ods')).toMatchObject({ status: 400 });
    expect(await refusalOf(ods(row.replace('"2000"', '"16384"')), 'a.ods')).toMatchObject({
      status: 400,
      path: 'file:1:2001',
    });
  });

  it('with sparse rows is bounded by the places that they take', async () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, i) => `<row r="${i + 1}"><c r="BXX${i + 1}"><v>1</v></c></row>`,
    ).join('');
    expect(await refusalOf(workbook({ rows }), 'a.xlsx')).toMatchObject({ status: 413 });
  });

  it('with broken XML gives rows or a refusal', async () => {
    for (const rows of [
      '<row><c><v>1',
      '<row r="x"><c r="1"><v>1</v></c></row>',
      '<<<>>>',
      '<c><v>1</v></c>',
      '<row><c t="s"><v>-1</v></c></row>',
    ]) {
      expect([null, 400]).toContain((await refusalOf(workbook({ rows }), 'a.xlsx'))?.status ?? null);
    }
  });

  it('that lacks the sheet it names is refused', async () => {
    const entries = workbookEntries({ rows: '' }).filter(({ name }) => !name.includes('sheet1'));
    expect(await refusalOf(zip(entries), 'a.xlsx')).toMatchObject({
      status: 400,
      message: expect.stringContaining('Sheet1'),
    });
  });
});

describe('any bytes', () => {
  it('give tables or a refusal, under any name', async () => {
    const start = fc.constantFrom(
      '',
      'PK\x03\x04',
      '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
      '<table>',
      '{"a":',
      '[',
      '<?xml',
      'sep=',
      '\xff\xfe',
      '<?xml?><?mso-application progid="Excel.Sheet"?><Workbook>',
    );
    const name = fc.constantFrom('a.csv', 'a.xls', 'a.xlsx', 'a.ods', 'a.html', 'a.json', 'a.jsonl', 'a', 'a.xml');
    await fc.assert(
      fc.asyncProperty(
        start,
        fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 300 })),
        name,
        async (head, rest, file) => {
          const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(rest as string)]);
          expect([null, 400, 413, 415]).toContain((await refusalOf(bytes, file))?.status ?? null);
        },
      ),
      { numRuns: 500 },
    );
  });
});
