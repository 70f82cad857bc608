/** Where the table of a file begins and ends, which rows of it are records, and in which forms it comes. */
import { utils, write } from '@e965/xlsx';
import { describe, expect, it, test } from 'vitest';
import { csv, minutesOf, readFile } from '../fixtures/activity-files.ts';
import { inlineRow, workbook, zip } from '../fixtures/workbook.ts';

const TABLE = [
  ['Task', 'Type', 'Hours'],
  ['Call the bank', 'ops', '1.5'],
  ['Write the minutes', 'office', '0.5'],
];
const READ = [
  ['Call the bank', 'ops', 90],
  ['Write the minutes', 'office', 30],
];
const rowsOf = ({ rows }: Awaited<ReturnType<typeof readFile>>) =>
  rows.map(({ text, category, estimated_minutes }) => [text, category, estimated_minutes]);

const book = (bookType: 'xlsx' | 'xlsm' | 'biff8' | 'ods') => {
  const sheet = utils.aoa_to_sheet(
    TABLE.map((row, i) => row.map((cell, j) => (i > 0 && j === 2 ? Number(cell) : cell))),
  );
  const made = utils.book_new();
  utils.book_append_sheet(made, sheet, 'Work');
  return new Uint8Array(write(made, { type: 'buffer', bookType }));
};
const html = `<html><body><table>${TABLE.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table></body></html>`;
const [, ...records] = TABLE;
const objects = records.map(([Task, Type, Hours]) => ({ Task, Type, Hours: Number(Hours) }));

describe('a file of activities', () => {
  test.each<[string, string | Uint8Array]>([
    ['a.csv', csv(TABLE)],
    ['a.csv', csv(TABLE, ';')],
    ['a.tsv', csv(TABLE, '\t')],
    ['a.txt', csv(TABLE, '|')],
    ['a.csv', `sep=;\n${csv(TABLE, ';')}`],
    ['a.xlsx', book('xlsx')],
    ['a.xlsm', book('xlsm')],
    ['a.xls', book('biff8')],
    ['a.ods', book('ods')],
    ['a.xls', html],
    ['a.html', html],
    ['a.json', JSON.stringify(objects)],
    ['a.jsonl', objects.map((object) => JSON.stringify(object)).join('\n')],
  ])('named %s is read (%#)', async (name, content) => {
    const read = await readFile(content, { name });
    expect(rowsOf(read)).toEqual(READ);
    expect(read.input.rows).toMatchObject({ read: 2, given: 2, ignored: {} });
  });

  test.each<[string, Uint8Array]>([
    ['a PDF', Buffer.from('%PDF-1.7\n')],
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d)],
    ['an archive', zip([{ name: 'a.txt', content: 'x' }])],
  ])('that is %s is refused with what is accepted', async (_, bytes) => {
    await expect(readFile(bytes)).rejects.toThrow(/send CSV, TSV or TXT, an XLSX, XLSM, XLS or ODS workbook/);
  });

  const accented = [
    ['Tâche', 'Catégorie', 'Durée (min)'],
    ['Réunion d’équipe', 'Comité', '45'],
    ['Café à préparer', 'Général', '15'],
  ];
  const latin = (text: string) => Buffer.from(text.replaceAll('’', '\x92'), 'latin1');
  test.each<[string, Uint8Array, string]>([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${csv(accented, ';')}`), 'utf-8'],
    ['UTF-8', Buffer.from(csv(accented, ';')), 'utf-8'],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${csv(accented, ';')}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 without one', Buffer.from(csv(accented, ';'), 'utf16le'), 'utf-16le'],
    ['Windows-1252', latin(csv(accented, ';')), 'windows-1252'],
  ])('in %s is read in its encoding, which is told', async (_, bytes, encoding) => {
    const { rows, input } = await readFile(bytes);
    expect(rows.map(({ text, estimated_minutes }) => [text, estimated_minutes])).toEqual([
      ['Réunion d’équipe', 45],
      ['Café à préparer', 15],
    ]);
    expect([input.encoding, input.delimiter]).toEqual([encoding, ';']);
  });

  it('is read in the encoding that the caller names', async () => {
    const { input, rows } = await readFile(Buffer.from('Zadanie;Minuty\nPrzegl\xb9d;15\n', 'latin1'), {
      mapping: { encoding: 'windows-1250' },
    });
    expect([input.encoding, rows[0]?.text]).toEqual(['windows-1250', 'Przegląd']);
  });
});

describe('a header', () => {
  it('is found below titles and cover lines, which are said to be skipped', async () => {
    const { input, warnings, ...read } = await readFile(
      csv([['Time report'], ['Ann Smith', '', 'March 2026'], [], ...TABLE]),
    );
    expect(rowsOf({ input, warnings, ...read })).toEqual(READ);
    expect(input.header_row).toBe(4);
    expect(warnings).toContainEqual(expect.stringMatching(/^The header was found in row 4; 2 rows above it/));
  });

  it('is found beyond 19 other rows and not beyond 20', async () => {
    const covers = (count: number) => Array.from({ length: count }, (_, i) => [`Page ${i + 1} of the cover`]);
    expect(rowsOf(await readFile(csv([...covers(19), ...TABLE])))).toEqual(READ);
    expect((await readFile(csv([...covers(20), ...TABLE]))).input.header_row).not.toBe(21);
  });

  it('that is missing is said, and the columns are told by their content', async () => {
    const { input, warnings, ...read } = await readFile(
      csv([
        ['Call the bank about the loan', '2026-03-02', '1:30'],
        ['Write the minutes of the meeting', '2026-03-03', '0:30'],
      ]),
    );
    expect(minutesOf({ input, warnings, ...read })).toEqual([90, 30]);
    expect(input.header_row).toBeNull();
    expect(input.columns.text?.chosen_by).toBe('content');
    expect(warnings).toContainEqual(expect.stringMatching(/^The file has no header/));
  });

  it('is the row that the caller names, 0 for none', async () => {
    const lines = [
      ['Task', 'Type', 'Hours'],
      ['Aufgabe', 'Art', 'Stunden'],
      ['Call the bank', 'ops', '1.5'],
    ];
    expect((await readFile(csv(lines), { mapping: { header_row: 2 } })).input.columns.text?.header).toBe('Aufgabe');
    const none = await readFile(csv(lines.slice(2)), { mapping: { header_row: 0 } });
    expect([none.input.header_row, none.rows[0]?.text]).toEqual([null, 'Call the bank']);
  });

  it('in two rows, the second with units, gives the units', async () => {
    const { input, rows } = await readFile(
      csv([
        ['Task', 'Time'],
        ['', 'min'],
        ['Call', '15'],
        ['Mail', '5'],
      ]),
    );
    expect([rows.map(({ estimated_minutes }) => estimated_minutes), input.unit?.assumed]).toEqual([[15, 5], false]);
  });
});

describe('a row that is no record', () => {
  const ignoredIn = async (lines: string[][]) => {
    const read = await readFile(csv(lines));
    expect(rowsOf(read)).toEqual(READ);
    return read.input.rows.ignored;
  };

  test.each([
    'Total',
    'Summe',
    'Gesamt',
    'Total général',
    'Totale',
    'Totaal',
    'Razem',
    'Celkem',
    '合計',
    'Grand total',
  ])('labelled %s is left out and counted', async (label) => {
    expect(await ignoredIn([...TABLE, [label, '', '2']])).toEqual({ total: { count: 1, first_row: 4 } });
  });

  it('is an otherwise blank one with the sum of those above it', async () => {
    expect(await ignoredIn([...TABLE, ['', '', '2']])).toEqual({ total: { count: 1, first_row: 4 } });
  });

  it('is a subtotal, as are those after each group', async () => {
    const [header, first, second] = TABLE as [string[], string[], string[]];
    expect(
      await ignoredIn([header, first, ['Subtotal', '', '1.5'], second, ['Subtotal', '', '0.5'], ['Total', '', '2']]),
    ).toEqual({ subtotal: { count: 2, first_row: 3 }, total: { count: 1, first_row: 6 } });
  });

  it('heads a group with its sum', async () => {
    const { rows, input } = await readFile(
      csv([
        ['Project', 'Task', 'Hours'],
        ['Bank', '', '3'],
        ['', 'Call the bank', '1'],
        ['', 'Check the loan', '2'],
        ['Office', '', '1.5'],
        ['', 'Write the minutes', '1'],
        ['', 'Order paper', '0.5'],
      ]),
    );
    expect(rows.map(({ text, estimated_minutes }) => [text, estimated_minutes])).toEqual([
      ['Call the bank', 60],
      ['Check the loan', 120],
      ['Write the minutes', 60],
      ['Order paper', 30],
    ]);
    expect(input.rows.ignored).toEqual({ subtotal: { count: 2, first_row: 2 } });
  });

  it('is a header that is repeated, as at each page', async () => {
    const [header, first, second] = TABLE as [string[], string[], string[]];
    expect(await ignoredIn([header, first, header, second])).toEqual({ 'repeated header': { count: 1, first_row: 3 } });
  });

  it('is a note at the end', async () => {
    await ignoredIn([...TABLE, [], ['Exported by the tracker on 2 March 2026']]);
  });

  it('is hidden in a workbook', async () => {
    const row = (cells: string[], attributes = '') => inlineRow(cells, attributes);
    const bytes = workbook({
      rows:
        row(['Task', 'Hours'], ' r="1"') +
        row(['Call', '1 h'], ' r="2"') +
        row(['Secret', '9 h'], ' r="3" hidden="1"') +
        row(['Mail', '2 h'], ' r="4"'),
    });
    const { rows, input } = await readFile(bytes, { name: 'a.xlsx' });
    expect(rows.map(({ text }) => text)).toEqual(['Call', 'Mail']);
    expect(input.rows.ignored).toEqual({ hidden: { count: 1, first_row: 3 } });
  });

  it('and says another total than that of the rows above is told', async () => {
    const { input, warnings } = await readFile(csv([...TABLE, ['Total', '', '20']]));
    expect(input.checks).toContainEqual(
      expect.objectContaining({ check: 'total does not add up', count: 1, first_row: 4, factor: 10 }),
    );
    expect(warnings.length).toBeGreaterThan(0);
  });
});

describe('a record', () => {
  it('that is there twice is counted', async () => {
    const { input } = await readFile(csv([...TABLE, TABLE[1] as string[]]));
    expect(input.checks).toContainEqual(expect.objectContaining({ check: 'duplicate rows', count: 1, first_row: 4 }));
  });

  it('with a date out of range is counted', async () => {
    const lines = [
      ['Task', 'Date', 'Hours'],
      ['Call', '2026-03-02', '1'],
      ['Mail', '2062-03-02', '1'],
    ];
    const { input, warnings } = await readFile(csv(lines));
    expect(input.checks).toContainEqual(expect.objectContaining({ check: 'date out of range', first_row: 3 }));
    expect(warnings).toContainEqual(expect.stringMatching(/2062-03-02/));
  });
});

describe('limits', () => {
  it('are 2,000 columns, of which those that are used count alone', async () => {
    const header = ['Task', 'Hours', ...Array.from({ length: 1998 }, (_, i) => `Custom field ${i}`)];
    const { rows } = await readFile(csv([header, ['Call', '1'], ['Mail', '2']]));
    expect(rows.map(({ estimated_minutes }) => estimated_minutes)).toEqual([60, 120]);
    const wide = [...header, 'x'];
    await expect(readFile(csv([wide, wide.map(() => '1')]))).rejects.toThrow(/^file:1:2001: /);
  });

  it('cost nothing for a long cell in a column that nobody needs', async () => {
    const lines = [
      ['Task', 'Description', 'Hours'],
      ['Call', 'x'.repeat(50_000), '1'],
      ['Mail', 'y', '2'],
    ];
    const { rows, warnings } = await readFile(csv(lines));
    expect([rows.map(({ text }) => text), warnings]).toEqual([['Call', 'Mail'], []]);
  });
});
