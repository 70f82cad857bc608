import ExcelJs from 'exceljs';
import { describe, expect, it } from 'vitest';
import { readTables, shown } from '../fixtures/activity-tables.ts';
import { workbook } from '../fixtures/workbook.ts';

/** 1: `h:mm`, 2: a date with a time, 3: `0.00`. */
const STYLES =
  '<numFmts><numFmt numFmtId="200" formatCode="yyyy-mm-dd hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="20"/><xf numFmtId="200"/><xf numFmtId="2"/></cellXfs>';

/** A2: 8:00, B2: 9:30, C2: 22:00, D2: 2026-03-02 23:00, E2: 2026-03-03 01:30, F2: 2.5, G2: text 10:15, H2: empty, I2: x. */
const ROW_2 =
  '<row r="2"><c r="A2" s="1"><v>0.333333333333333</v></c><c r="B2" s="1"><v>0.395833333333333</v></c><c r="C2" s="1"><v>0.916666666666667</v></c><c r="D2" s="2"><v>46083.9583333333</v></c><c r="E2" s="2"><v>46084.0625</v></c><c r="F2"><v>2.5</v></c><c r="G2" t="inlineStr"><is><t>10:15</t></is></c><c r="I2" t="inlineStr"><is><t>x</t></is></c></row>';

/** What the cell J2 is if it holds this formula and no result. */
async function computed(formula: string, style = 0, extraRows = ''): Promise<string> {
  const escaped = formula.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const rows = `${ROW_2.replace('</row>', '')}<c r="J2" s="${style}"><f>${escaped}</f></c></row>${extraRows}`;
  const { sheets } = await readTables(workbook({ rows, styles: STYLES }), 'a.xlsx');
  return shown(sheets[0]?.rows[0]?.cells[9] ?? '');
}

describe('a formula without a stored result', () => {
  it.each([
    ['1+2*3-4/2', 'number 5 = 5'],
    ['-(1+2)^2', 'number 9 = 9'],
    ['50%*8', 'number 4 = 4'],
    ['.5+1e1', 'number 10.5 = 10.5'],
    ['B2-A2', 'elapsed 1:30 = 90'],
    ['(B2-A2)*24', 'number 1.5 = 1.5'],
    ['ROUND((B2-A2)*1440,0)', 'number 90 = 90'],
    ['MOD(A2-C2,1)', 'elapsed 10:00 = 600'],
    ['IF(A2<C2,A2+1-C2,A2-C2)', 'elapsed 10:00 = 600'],
    ['(E2-D2)*24', 'number 2.5 = 2.5'],
    ['E2-D2', 'elapsed 2:30 = 150'],
    ['INT(E2)-INT(D2)', 'number 1 = 1'],
    ['G2-A2', 'elapsed 2:15 = 135'],
    ['$F$2*60', 'number 150 = 150'],
    ["Sheet1!F2+'Sheet1'!F2", 'number 5 = 5'],
    ['SUM(A2:B2)', 'elapsed 17:30 = 1050'],
    ['SUM(F2,1,2.5)', 'number 6 = 6'],
    ['MAX(A2:C2)-MIN(A2:C2)', 'elapsed 14:00 = 840'],
    ['AVERAGE(1,2,3)', 'number 2 = 2'],
    ['ABS(-1.5)', 'number 1.5 = 1.5'],
    ['ROUND(2.675,2)', 'number 2.68 = 2.68'],
    ['ROUNDUP(1.01,0)+ROUNDDOWN(1.99,0)', 'number 3 = 3'],
    ['HOUR(B2)+MINUTE(B2)/60', 'number 9.5 = 9.5'],
    ['TIME(1,30,0)', 'elapsed 1:30 = 90'],
    ['IF(H2="","",1)', ''],
    ['IFERROR(1/0,7)', 'number 7 = 7'],
    ['IF(AND(A2>0,NOT(FALSE)),TRUE,0)', 'boolean TRUE = 1'],
    ['"a"&F2&"b"', 'a2.5b'],
    ['H2', 'number 0 = 0'],
    ['_xlfn.SUM(1,2)', 'number 3 = 3'],
    ['1/0', 'error '],
    ['I2+1', 'error '],
    ['A2:B2', 'uncomputed '],
    ['VLOOKUP(A2,B2:C2,1)', 'uncomputed '],
    ['Other!A2', 'uncomputed '],
    ['Table1[Hours]', 'uncomputed '],
    ['SUM(', 'uncomputed '],
    ['J2', 'uncomputed '],
    ['SUM(J:J)', 'uncomputed '],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 'uncomputed '],
    [`${'1+'.repeat(5000)}1`, 'uncomputed '],
  ])('such as =%s is %j', async (formula, cell) => {
    expect(await computed(formula)).toBe(cell);
  });

  it('is shown as its format says', async () => {
    expect(await computed('B2-A2', 1)).toBe('time 1:30 = 90');
    expect(await computed('B2-A2', 3)).toBe('number 0.0625 = 0.0625');
    expect(await computed('D2+1')).toBe('date 2026-03-03T23:00:00 = 1772578800000');
  });

  it('leaves hidden rows and other subtotals out of a subtotal', async () => {
    const rows =
      '<row r="3" hidden="1"><c r="A3"><v>4</v></c></row><row r="4"><c r="A4"><f>SUBTOTAL(9,A5)</f><v>8</v></c></row><row r="5"><c r="A5"><v>16</v></c></row>';
    expect(await computed('SUBTOTAL(9,A3:A5)', 0, rows)).toBe('number 16 = 16');
    expect(await computed('SUM(A3:A5)', 0, rows)).toBe('number 28 = 28');
  });

  it('is said to be computed, or left for somebody else to warn about', async () => {
    const rows = '<row r="4"><c r="A4"><f>1+1</f><v></v></c><c r="B4"><f>A4*2</f></c><c r="C4"><f>NOW()</f></c></row>';
    const { notes } = await readTables(workbook({ rows }), 'a.xlsx');
    expect(notes.map(({ sentence }) => sentence)).toEqual([
      'The file lacks the results of 2 formulas of sheet "Sheet1" (first in row 4); we computed what it says.',
    ]);
  });

  it('may be shared by cells below and beside', async () => {
    const book = new ExcelJs.Workbook();
    const sheet = book.addWorksheet('S');
    sheet.addRows([
      ['Task', 'Start', 'End'],
      ['a', 1, 3],
      ['b', 2, 8],
      ['c', 3, 5],
    ]);
    sheet.fillFormula('D2:D4', '(C2-B2)*$B$2');
    const { sheets } = await readTables(new Uint8Array(await book.xlsx.writeBuffer()), 'a.xlsx');
    expect(sheets[0]?.rows.slice(1).map(({ cells }) => shown(cells[3] ?? ''))).toEqual([
      'number 2 = 2',
      'number 6 = 6',
      'number 2 = 2',
    ]);
  });
});

describe('a stored result', () => {
  it('is never replaced, an empty text included', async () => {
    const rows =
      '<row r="1"><c r="A1"><f>1+1</f><v>5</v></c><c r="B1" t="str"><f>"x"</f><v></v></c><c r="C1"><v>1</v></c></row>';
    const { sheets, notes } = await readTables(workbook({ rows }), 'a.xlsx');
    expect(sheets[0]?.rows[0]?.cells.map(shown)).toEqual(['number 5 = 5', '', 'number 1 = 1']);
    expect(notes).toEqual([]);
  });

  it('of 0 is kept, and said to be doubtful if the formula gives something else', async () => {
    const rows =
      '<row r="1"><c r="A1"><v>3</v></c><c r="B1"><f>A1*2</f><v>0</v></c><c r="C1"><f>A1-3</f><v>0</v></c></row><row r="2"><c r="B2"><f>SUM(B1)</f><v>0</v></c></row>';
    const { sheets, notes } = await readTables(workbook({ rows }), 'a.xlsx');
    expect(sheets[0]?.rows[0]?.cells.map(shown)).toEqual(['number 3 = 3', 'number 0 = 0', 'number 0 = 0']);
    expect(notes).toEqual([
      { sentence: expect.stringMatching(/^Sheet "Sheet1" stores 0 as the result of 2 formulas .*row 1/) },
    ]);
  });
});

describe('computing formulas', () => {
  const column = (count: number, formula: (row: number) => string) =>
    Array.from(
      { length: count },
      (_, i) => `<row r="${i + 1}"><c r="A${i + 1}"><f>${formula(i + 1)}</f></c></row>`,
    ).join('');
  const lastCell = async (rows: string, at: number) => {
    const { sheets } = await readTables(workbook({ rows }), 'a.xlsx');
    return shown(sheets[0]?.rows.at(at)?.cells[0] ?? '');
  };
  const COUNT = 90_000;

  it('follows chains of any length, whichever way they run', async () => {
    expect(
      await lastCell(
        column(COUNT, (row) => (row === 1 ? '1' : `A${row - 1}+1`)),
        -1,
      ),
    ).toBe('number 90000 = 90000');
    expect(
      await lastCell(
        column(COUNT, (row) => (row === COUNT ? '1' : `A${row + 1}+1`)),
        0,
      ),
    ).toBe('number 90000 = 90000');
  });

  it('ends at a cycle', async () => {
    expect(
      await lastCell(
        column(COUNT, (row) => `A${(row % COUNT) + 1}+1`),
        0,
      ),
    ).toBe('uncomputed ');
  });

  it('costs no more than its budget', async () => {
    const before = performance.now();
    expect(
      await lastCell(
        column(20_000, (row) => (row === 1 ? '1' : `SUM(A$1:A${row - 1})`)),
        -1,
      ),
    ).toBe('uncomputed ');
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
