import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, detectDelimiter, parseCsv } from '../../src/documents/csv.ts';
import { type Ingested, type IngestOptions, ingestTasks } from '../../src/documents/ingest.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const ingest = (text: string | Uint8Array, options: Partial<IngestOptions> = {}, filename = 'tasks.csv') =>
  ingestTasks(typeof text === 'string' ? bytesOf(text) : text, filename, {
    maxRows: 5000,
    today: '2026-12-01',
    ...options,
  });
const accepted = async (...args: Parameters<typeof ingest>): Promise<Ingested> => {
  const result = await ingest(...args);
  expect(result).toMatchObject({ ok: true });
  return result as Ingested;
};
const refusal = async (...args: Parameters<typeof ingest>) => {
  const result = await ingest(...args);
  return result.ok ? null : { status: result.status, path: result.errors[0]?.path, message: result.errors[0]?.message };
};
const cellsOf = (text: string, delimiter: string) => Array.from(parseCsv(text, delimiter), ({ cells }) => cells);

describe('the text of a file', () => {
  const text = 'Tâche,é😀\r\n';
  const utf16 = (bigEndian: boolean) => {
    const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
    return bigEndian ? bytes.swap16() : bytes;
  };

  it.each([
    ['UTF-8', bytesOf(text)],
    ['UTF-8 with a mark', bytesOf(`\ufeff${text}`)],
    ['UTF-16 LE', utf16(false)],
    ['UTF-16 BE', utf16(true)],
  ])('is read from %s, without the mark', (_, bytes) => {
    expect(decodeText(bytes)).toBe(text);
  });

  it('is Windows-1252 where it is not UTF-8', () => {
    expect(decodeText(Buffer.from('R\xe9union \x80\x94', 'latin1'))).toBe('Réunion €”');
  });

  it('is empty for an empty file', () => {
    expect(decodeText(new Uint8Array())).toBe('');
  });
});

describe('the delimiter', () => {
  it.each([
    ['Task,Hours\na,1', ','],
    ['Task;Hours\na;1,5\nb;2,5', ';'],
    ['Task\tHours\na, b\t1\n', '\t'],
    ['Task|Hours\na|1', '|'],
    ['Task\nBuy milk, eggs\nCall Bob', ','],
    ['a,b;c\n1,2;3', ','],
    ['"a;b";c,d\n"1;2";3,4\n"5;6";7', ';'],
    ['\n\r\n ;\nTask;Hours\na;1', ';'],
    ['Task;Hours\n"a;1', ';'],
    ['', ','],
  ])('of %j is %j', (text, delimiter) => {
    expect(detectDelimiter(text)).toBe(delimiter);
  });

  it('is judged by the first 20 rows', () => {
    const rows = Array.from({ length: 19 }, (_, i) => `task ${i};1`).join('\n');
    expect(detectDelimiter(`Task;Hours, or so\n${rows}\n${'a,b\n'.repeat(50)}`)).toBe(';');
  });
});

describe('cells', () => {
  it.each([
    [
      'c,"d\ne,f',
      [
        ['c', '"d'],
        ['e', 'f'],
      ],
    ],
    ['"Fix 19" rack,2', [['Fix 19 rack', '2']]],
    [
      '"Fix rack,2\nB,"x, y",3\n',
      [
        ['"Fix rack', '2'],
        ['B', 'x, y', '3'],
      ],
    ],
    ['"Fix rack,"2"\n', [['"Fix rack', '2']]],
    ['"He said "hello, world" aloud",2', [['He said "hello, world" aloud', '2']]],
    ['"Fix 19" rack",2', [['Fix 19" rack', '2']]],
    ['"Fix 19" rack,27" screen,"a, b"', [['Fix 19 rack', '27" screen', 'a, b']]],
    ['"a"  ,"b" \n', [['a  ', 'b ']]],
    [
      'a,b\r\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\rc,d\r',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['a,b\n\n\r\n\rc', [['a', 'b'], ['c']]],
    ['"a ""b"", c","d\r\ne"', [['a "b", c', 'd\r\ne']]],
    ['"",""""', [['', '"']]],
    ['"a" b,5" screen', [['a b', '5" screen']]],
    ['a,', [['a', '']]],
    [',a', [['', 'a']]],
    ['', []],
  ])('of %j are %j', (text, expected) => {
    expect(cellsOf(text, ',')).toEqual(expected);
  });

  it('come back as they were written', () => {
    const cell = fc.oneof(
      fc
        .array(fc.constantFrom('a', ' ', '"', ',', ';', '\t', '|', '\r', '\n', 'é', '😀'))
        .map((chars) => chars.join('')),
      fc.string(),
    );
    const delimiter = fc.constantFrom(',', ';', '\t', '|');
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2 })), delimiter, lineEnd, (rows, mark, end) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const needsQuotes = (text: string) => text.startsWith('"') || /[\r\n]/.test(text) || text.includes(mark);
        const text = rows.map((row) => row.map((c) => (needsQuotes(c) ? quote(c) : c)).join(mark) + end).join('');
        expect(cellsOf(text, mark)).toEqual(rows);
      }),
    );
  });
});

describe('a CSV file', () => {
  it('becomes rows with what is given and what is inferred, and a report on both', async () => {
    const file = await accepted('Task,Type,Hours\n Ticket\t triage ,ops,1.5\nFraud report,,2\nMail,,soon\n');
    expect(file).toEqual({
      ok: true,
      rows: [
        { text: 'Ticket triage', category: 'ops', estimated_minutes: 90, estimate_source: 'given', source_row: 1 },
        { text: 'Fraud report', category: 'risk', estimated_minutes: 120, estimate_source: 'given', source_row: 2 },
        { text: 'Mail', category: 'uncategorized', estimated_minutes: 30, estimate_source: 'inferred', source_row: 3 },
      ],
      warnings: [
        expect.stringMatching(/^1 of 3 rows .*"Hours" is empty or cannot be read .* estimates/),
        expect.stringMatching(/^Row 4: "Hours" cannot be read as a duration \("soon"\); an estimate/),
      ],
      input: {
        file: 'tasks.csv',
        sheets: [{ name: null, rows: 3, read: true }],
        mapping: null,
        encoding: 'utf-8',
        delimiter: ',',
        header_row: 1,
        columns: {
          text: { header: 'Task', chosen_by: 'header', fill_percent: 100 },
          category: { header: 'Type', chosen_by: 'header', fill_percent: 33.33 },
          duration: { header: 'Hours', chosen_by: 'header', fill_percent: 100 },
        },
        unit: { unit: 'h', by: 'header', assumed: false },
        rows: { read: 3, given: 2, inferred: 1, ignored: {} },
        minutes: { given: 210, inferred: 30 },
        checks: [{ check: 'unreadable duration', count: 1, first_row: 4, factor: null }],
        warnings: file.warnings,
        question: null,
      },
      hourlyRate: null,
      contentType: 'text/csv',
    });
  });

  it('skips blank rows but counts them', async () => {
    const { rows, input } = await accepted('\n,\n Task ,Hours\n\n,\na,1\n ,\nb,2\n');
    expect(rows.map(({ text, source_row }) => [text, source_row])).toEqual([
      ['a', 3],
      ['b', 5],
    ]);
    expect(input.header_row).toBe(3);
  });

  it('keeps a row without text that has a duration', async () => {
    const { rows } = await accepted('Task,Hours\na,1\n,2\n');
    expect(rows).toMatchObject([{ text: 'a' }, { text: '', estimated_minutes: 120, source_row: 2 }]);
  });

  it('pads short rows and drops surplus cells with a warning', async () => {
    const { rows, warnings } = await accepted('Task,Type,Hours\na\nb,ops,1,oops\nc,ops,2,,\nd,ops,3,x\n');
    expect(rows.map(({ text, category }) => [text, category])).toEqual([
      ['a', 'uncategorized'],
      ['b', 'ops'],
      ['c', 'ops'],
      ['d', 'ops'],
    ]);
    expect(warnings).toContainEqual(
      expect.stringMatching(/^2 rows, first row 3, have more cells than there are headers/),
    );
  });

  it('warns of a text with the delimiter in it, which shifts the cells behind it', async () => {
    const { warnings } = await accepted('Task,Type,Hours\nFix, rack,ops,2\nCall,ops,1\nMail,ops,1\n');
    expect(warnings).toContainEqual(expect.stringMatching(/^Row 2 has more cells than there are headers.*in quotes/));
  });

  it('reads bare numbers as hours only if all of the column are below 24, and says that it assumes so', async () => {
    const read = async (...cells: string[]) => {
      const { rows, input, warnings } = await accepted(
        `Task;Time spent\n${cells.map((cell, i) => `Task ${i};${cell}\n`).join('')}`,
      );
      expect(input.unit).toMatchObject({ by: 'magnitude', assumed: true });
      expect(warnings).toContainEqual(expect.stringMatching(/^No unit is stated for the numbers in "Time spent"/));
      return rows.map((row) => row.estimated_minutes);
    };
    expect(await read('1', '1,5')).toEqual([60, 90]);
    expect(await read('1', '24')).toEqual([1, 24]);
  });

  it('names blank and repeated columns', async () => {
    const file = 'Task,,Task,Task (2),Task,Hours\nCall,b,c,d,e,1\nMail,b,c,d,e,1\n';
    expect((await accepted(file)).input.columns.text?.header).toBe('Task');
    expect(await refusal(file, { mapping: { text: 'nothing' } })).toEqual({
      status: 400,
      path: '/mapping/text',
      message:
        'there is no column "nothing"; columns: "Task", "column_2", "Task (2)", "Task (2) (2)", "Task (3)", "Hours"',
    });
    expect((await accepted(file, { mapping: { text: 'Task (3)' } })).rows[0]?.text).toBe('e');
  });

  it('takes what a formula cell says as text', async () => {
    const { rows } = await accepted('Task,Type\n"=cmd|\' /C calc\'!A0",@SUM(1)\n+1,-2\n');
    expect(rows.map(({ text, category }) => [text, category])).toEqual([
      ["=cmd|' /C calc'!A0", '@SUM(1)'],
      ['+1', '-2'],
    ]);
  });

  it('cuts a category that no event could carry', async () => {
    const { rows, warnings } = await accepted(`Task,Type\na,${'😀'.repeat(201)}\n`);
    expect(rows[0]?.category).toBe('😀'.repeat(200));
    expect(warnings).toContain('A category of more than 200 characters was cut, first in row 2.');
  });

  it('cannot pollute prototypes by its headers or cells', async () => {
    const { rows } = await accepted('__proto__,constructor,Task,Type\npolluted,polluted,a,__proto__\n');
    expect(rows).toMatchObject([{ text: 'a', category: '__proto__' }]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('of the examples is read as it is meant, with what is assumed', async () => {
    const file = readFileSync(new URL('../../examples/tasks.csv', import.meta.url));
    const { rows, warnings, input } = await accepted(file);
    expect(warnings).toEqual([
      expect.stringMatching(/^1 of 24 rows do not have a time in the file/),
      expect.stringMatching(/^No unit is stated for the numbers in "Time spent"/),
      '2 durations in days or weeks: a day counts as 8 hours of work, a week as 5 days.',
    ]);
    const { text, category, duration } = input.columns;
    expect([text?.header, category?.header, duration?.header]).toEqual(['Task', 'Category', 'Time spent']);
    expect(rows).toHaveLength(24);
    expect(input.rows).toMatchObject({ given: 23, inferred: 1 });
    expect(rows.reduce((sum, { estimated_minutes }) => sum + estimated_minutes, 0)).toBe(2505);
  });

  it('cuts a cell of more than 10,000 characters, with a warning where its text is needed', async () => {
    for (const char of ['é', '""', '😀']) {
      const cell = `"${char.repeat(10_001)}"`;
      const { rows, warnings } = await accepted(`Task,Hours\nCall,1\n${cell},1\n`);
      expect(Array.from(rows[1]?.text ?? '')).toHaveLength(10_000);
      expect(warnings).toEqual([expect.stringMatching(/^The text of row 3 is longer than 10,000 characters/)]);
      const whole = await accepted(`Task,Hours\nCall,1\n"${char.repeat(10_000)}",1\n`);
      expect(whole.warnings).toEqual([]);
      expect((await accepted(`Task,Hours,Log\nCall,1,${cell}\nMail,1,x\n`)).warnings).toEqual([]);
    }
    expect((await accepted(`Task,Hours\nCall,1\n"${'""'.repeat(5_000_000)}",1\n`)).rows).toHaveLength(2);
  });
});

describe('a file is refused', () => {
  const empty = { status: 400, path: 'file', message: 'empty sheet or missing header' };

  it.each([[''], ['\ufeff'], ['Task,Hours\n'], ['\n  \n\t\n'], ['Task\n\n \n'], ['Task,Hours\n,\n , \n']])(
    'without header or data rows: %j',
    async (text) => {
      expect(await refusal(text)).toEqual(empty);
    },
  );

  it('at the first row above the limit', async () => {
    expect(await refusal('Task\na\n\nb\nc\n', { maxRows: 2 })).toEqual({
      status: 400,
      path: 'file:5:1',
      message: 'the file has more than 2 rows',
    });
    expect((await accepted('Task\na\n\nb\n', { maxRows: 2 })).rows).toHaveLength(2);
  });

  it('at the 2,001st column', async () => {
    const row = (columns: number, text: string) => `${text}${',x'.repeat(columns - 1)}\n`;
    const message = 'the file has more than 2000 columns';
    expect(await refusal(`\n${row(2001, 'Task')}${row(1, 'a')}`)).toEqual({
      status: 400,
      path: 'file:2:2001',
      message,
    });
    expect(await refusal(row(3, 'Task') + row(1_000_000, 'a'))).toEqual({ status: 400, path: 'file:2:2001', message });
    const header = `Task${Array.from({ length: 1999 }, (_, i) => `,Field ${i}`).join('')}\n`;
    expect((await accepted(header + row(2000, 'a') + row(2000, 'b'))).rows).toHaveLength(2);
  });

  it('without a column for the text, naming those there are', async () => {
    expect(await refusal('foo\nx\n')).toMatchObject({ status: 400, message: expect.stringContaining('"foo"') });
    expect(await refusal('\nfoo,bar\n1,2')).toEqual({
      status: 400,
      path: 'file:2:1',
      message: 'no column holds the text of an activity; columns: "foo", "bar"',
    });
    const wide = Array.from({ length: 1000 }, (_, i) => `Measurement ${i}`).join(',');
    const numbers = Array.from({ length: 1000 }, (_, i) => i).join(',');
    expect((await refusal(`${wide}\n${numbers}\n${numbers}`))?.message).toHaveLength(1000);
  });

  it.each([
    ['tasks.xls', 'Task\na'],
    ['tasks.pdf', 'Task\na'],
    ['tasks.xlsx', 'Task\na'],
    ['tasks.csv.exe', 'Task\na'],
    ['tasks.csv', 'Task\0,Hours\nCall the bank,1\n'],
    ['tasks.csv', '%PDF-1.7\n'],
    ['tasks.csv', Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)],
    ['tasks.csv', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d)],
  ])('as %s that is no CSV, with what is accepted', async (filename, content) => {
    expect(await refusal(content, {}, filename)).toEqual({
      status: 415,
      path: 'file',
      message: expect.stringContaining(
        'send CSV, TSV or TXT, an XLSX, XLSM, XLS or ODS workbook, HTML tables, or JSON',
      ),
    });
  });

  it.each(['tasks.CSV', 'tasks.tsv', 'a.b.txt', 'tasks', '../../etc/passwd', 'a\0.csv', ''])(
    'but not for being called %j',
    async (filename) => {
      expect((await accepted('Task\na', {}, filename)).rows).toHaveLength(1);
    },
  );

  it('for a sheet, which CSV does not have', async () => {
    expect(await refusal('Task\na', { mapping: { sheet: 'Sheet1' } })).toMatchObject({ status: 400, path: 'sheet' });
  });

  it('when it is text of more than 100 MiB', async () => {
    expect(await refusal(Buffer.alloc(100 * 1024 * 1024 + 1, 'a'))).toMatchObject({ status: 413, path: 'file' });
  });
});

describe('any bytes', () => {
  it('give rows or a refusal', async () => {
    const char = fc.constantFrom('a', '1', ' ', '"', ',', ';', '\t', '|', '\r', '\n', 'é', 'Task', 'Hours', '\0', '%');
    const text = fc.array(char).map((chars) => bytesOf(chars.join('')));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), text), fc.string(), async (bytes, filename) => {
        const result = await ingestTasks(bytes, filename, { maxRows: 3 });
        if (result.ok) {
          expect(result.rows.length).toBeGreaterThan(0);
          for (const row of result.rows) expect(row.estimated_minutes).toBeGreaterThanOrEqual(0);
        } else {
          expect([400, 413, 415]).toContain(result.status);
          expect(result.errors[0]?.path).toMatch(/^(?:sheet|file(?::\d+:\d+)?)$/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
