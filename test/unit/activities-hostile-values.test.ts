/** Values that no activity has, and counts of steps that must not grow faster than the file. */
import { describe, expect, it } from 'vitest';
import { type Ingested, ingestTasks } from '../../src/documents/ingest.ts';
import { inlineRow, workbook } from '../fixtures/workbook.ts';

async function readAs(content: string | Uint8Array, filename = 'a.csv'): Promise<Ingested> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const read = await ingestTasks(bytes, filename, { maxRows: 100_000, today: '2026-06-01' });
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read;
}

describe('a number that is no duration', () => {
  it.each(['1e308', '1e17', '-1e308'])('(%s hours) is unreadable, and the sums stay finite', async (number) => {
    const json = `[{"Task":"A","Hours":${number}},{"Task":"B","Hours":2},{"Task":"C","Hours":3}]`;
    const { rows, input } = await readAs(json, 'a.json');
    expect(rows.map(({ estimated_minutes, estimate_source }) => [estimated_minutes, estimate_source])).toEqual([
      [30, 'inferred'],
      [120, 'given'],
      [180, 'given'],
    ]);
    expect(input.minutes).toEqual({ given: 300, inferred: 30 });
    expect(input.checks).toContainEqual(expect.objectContaining({ check: 'unreadable duration', count: 1 }));
  });

  it('(elapsed time of a workbook beyond all days) is unreadable', async () => {
    const rows = `${inlineRow(['Task', 'Duration'])}<row><c t="inlineStr"><is><t>A</t></is></c><c s="1"><v>1e300</v></c></row><row><c t="inlineStr"><is><t>B</t></is></c><c s="1"><v>0.5</v></c></row>`;
    const styles =
      '<numFmts><numFmt numFmtId="200" formatCode="[h]:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs>';
    expect((await readAs(workbook({ rows, styles }), 'a.xlsx')).input.minutes).toEqual({ given: 720, inferred: 30 });
  });
});

describe('a date of a workbook before 1970', () => {
  it('has its time of day like others', async () => {
    const cell = (value: number) => `<c s="1"><v>${value}</v></c>`;
    const rows = `${inlineRow(['Task', 'Start', 'End'])}<row><c t="inlineStr"><is><t>A</t></is></c>${cell(10_000.25)}${cell(10_000.5)}</row>`;
    const styles =
      '<numFmts><numFmt numFmtId="200" formatCode="yyyy-mm-dd hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs>';
    expect((await readAs(workbook({ rows, styles }), 'a.xlsx')).rows).toMatchObject([
      { estimated_minutes: 360, start: '1927-05-18T06:00', end: '1927-05-18T12:00' },
    ]);
  });
});

describe('a rate', () => {
  it('beyond what money can be is none', async () => {
    const json = '[{"Task":"A","Hours":1,"Hourly rate":1e308},{"Task":"B","Hours":1,"Hourly rate":50}]';
    const { rows, hourlyRate } = await readAs(json, 'a.json');
    expect([rows.map(({ rate }) => rate), hourlyRate]).toEqual([[undefined, 50], 50]);
  });

  it('of ten thousand spaces costs no more than another', async () => {
    const cell = `1${' '.repeat(9_990)}x`;
    const csv = `Task,Hours,Hourly rate\n${`A,1,"${cell}"\n`.repeat(900)}B,1,50\n`;
    expect((await readAs(csv)).hourlyRate).toBe(50);
  });
});

describe('a row of figures that count up', () => {
  it.each([
    'Task,Hours,x,y,z,w\nWrite report,1,2,3,4,5\nFix bug,1,2,3,4,5\nMore,1,2,3,4,6\n',
    'Task,Hours,x,y,z,w\nWrite report,1,2,3,4,5\n',
    'Task,Hours,a,b,c,d,e,f,g\nWrite report,1,2,3,4,5,6,7,8\nFix bug,1,9,3,1,5,0,7,8\n',
  ])('is a record below a header of known words, not the days of a month: %j', async (csv) => {
    const { input } = await readAs(csv);
    expect([input.header_row, input.rows.read]).toEqual([1, csv.trim().split('\n').length - 1]);
  });

  it('is the days of a month below a title', async () => {
    const days = Array.from({ length: 31 }, (_, i) => i + 1).join(',');
    const { input } = await readAs(`Timesheet of March\nTask,${days}\nFix bug,1,2${',0'.repeat(29)}\n`);
    expect([input.header_row, input.minutes.given]).toEqual([2, 180]);
  });
});

describe('names that JavaScript gives a meaning', () => {
  it('are columns, texts, categories and persons like others', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const csv = ['Task,Category,Person,Hours', ...names.map((name) => `${name},${name},${name},1`)].join('\n');
    const { rows } = await readAs(csv);
    expect(rows.map(({ text, category, person }) => [text, category, person])).toEqual(
      names.map((name) => [name, name, name]),
    );
    const headers = await readAs(`Task,Hours,${names.join(',')}\nA,1,2,3,4,5,6\nB,2,2,3,4,5,6\n`);
    expect(headers.input.minutes.given).toBe(180);
  });

  it('are keys of JSON like others', async () => {
    const json =
      '[{"__proto__":{"Task":"evil","Hours":9},"Task":"A","Hours":1},{"__proto__":null,"toString":1,"Task":"B","Hours":2}]';
    const { rows } = await readAs(json, 'a.json');
    expect(rows.map(({ text, estimated_minutes }) => [text, estimated_minutes])).toEqual([
      ['A', 60],
      ['B', 120],
    ]);
  });
});
