import { describe, expect, it } from 'vitest';
import { cellsOf, readTables, refusalOf, shown } from '../fixtures/activity-tables.ts';
import { encodeAs } from '../fixtures/encodings.ts';

describe('HTML tables', () => {
  it('are read from a file named .xls as ServiceNow and SAP write it', async () => {
    const html = `<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style>td{mso-number-format:"\\@"}</style></head><body><table border=1><tr><th>Number<th>Kurzbeschreibung</th></tr><tr><td>INC1</td><td x:num="1.5">Prüfung &amp; Ablage<br>Teil&nbsp;2</td></tr></table></body></html>`;
    const tables = await readTables(html, 'incident.xls');
    expect(tables).toMatchObject({ kind: 'html', contentType: 'text/html', encoding: 'utf-8', delimiter: null });
    expect(tables.sheets).toEqual([
      {
        ...{ name: null, hidden: false },
        rows: [
          { number: 1, hidden: false, cells: ['Number', 'Kurzbeschreibung'] },
          { number: 2, hidden: false, cells: ['INC1', 'Prüfung & Ablage\nTeil 2'] },
        ],
      },
    ]);
  });

  it('are in the encoding that they declare, unless it is wrong', async () => {
    const html = (charset: string) =>
      `<html><meta charset="${charset}"><table><tr><td>Zadanie<td>Godziny</tr><tr><td>Sprawdzanie łódź<td>1</tr></table>`;
    const declared = await readTables(encodeAs(html('windows-1250'), 'windows-1250'), 'a.html');
    expect(declared).toMatchObject({ encoding: 'windows-1250', notes: [] });
    const wrong = await readTables(encodeAs(html('utf-8'), 'windows-1250'), 'a.html');
    expect(wrong.sheets[0]?.rows[1]?.cells).toEqual(['Sprawdzanie łódź', '1']);
    const wide = await readTables(Buffer.from(`\ufeff${html('x')}`, 'utf16le'), 'a.xls');
    expect(wide).toMatchObject({ encoding: 'utf-16le', kind: 'html' });
  });

  it('have cells that span columns and rows', async () => {
    const html =
      '<table><tr><td colspan=2>Title<td>x</tr><tr><td rowspan=3>Ann<td>a<td>1</tr><tr><td>b<td>2</tr><tr><td colspan=2>c</tr><tr><td>Bob<td>d</tr></table>';
    expect(await cellsOf(html, 'a.html')).toEqual([
      ['Title', '', 'x'],
      ['Ann', 'a', '1'],
      ['', 'b', '2'],
      ['', 'c'],
      ['Bob', 'd'],
    ]);
  });

  it('are sheets, those in others too, if they have two rows', async () => {
    const html =
      '<title>Report</title><table><caption>March</caption><tr><td>Task</tr><tr><td>a</tr></table><table><tr><td>layout<table title="April"><tr><td>Task</tr><tr><td>b</tr></table></tr></table>';
    const { sheets } = await readTables(html, 'a.html');
    expect(sheets.map(({ name, rows }) => [name, ...rows.map(({ cells }) => cells[0])])).toEqual([
      ['March', 'Task', 'a'],
      ['April', 'Task', 'b'],
    ]);
    expect((await readTables(html, 'a.html', { sheet: 'april' })).sheets).toHaveLength(1);
    expect(await refusalOf(html, 'a.html', { sheet: 'May' })).toMatchObject({
      ...{ status: 400, path: 'sheet', message: 'there is no sheet "May"; sheets: March, April' },
    });
  });

  it('mark what nobody sees, and leave scripts out', async () => {
    const html =
      '<table><tr><td>Task<script>x</script><span style="display:none">y</span></tr><tr style="DISPLAY: none"><td>old</tr><tr hidden><td>older</tr><tr><td>a</tr></table><table style="display:none"><tr><td>1</tr><tr><td>2</tr></table>';
    const { sheets } = await readTables(html, 'a.html');
    expect(sheets.map(({ hidden }) => hidden)).toEqual([false, true]);
    expect(sheets[0]?.rows.map(({ hidden, cells }) => [hidden, cells[0]])).toEqual([
      [false, 'Task'],
      [true, 'old'],
      [true, 'older'],
      [false, 'a'],
    ]);
  });

  it('that are not there are missed', async () => {
    expect(await refusalOf('<html><body><p>none</p></body></html>', 'a.xls')).toMatchObject({ status: 415 });
  });
});

describe('SpreadsheetML of 2003', () => {
  const xml = (rows: string, encoding = 'UTF-8') =>
    `<?xml version="1.0" encoding="${encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="t"><NumberFormat ss:Format="Short Time"/></Style><Style ss:ID="e"><NumberFormat ss:Format="[h]:mm"/></Style><Style ss:ID="m"><NumberFormat ss:Format="0&quot; min&quot;"/></Style></Styles><Worksheet ss:Name="März"><Table>${rows}</Table></Worksheet><Worksheet ss:Name="Old"><Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>`;

  it('has typed cells, gaps, hidden rows and sheets', async () => {
    const rows = `<Row><Cell><Data ss:Type="String">Task</Data><Comment><ss:Data>secret</ss:Data></Comment></Cell><Cell ss:MergeAcross="1"><Data ss:Type="String">A &amp; B</Data></Cell><Cell><Data ss:Type="Boolean">1</Data></Cell></Row><Row ss:Index="4" ss:Hidden="1"><Cell ss:Index="2" ss:StyleID="t"><Data ss:Type="DateTime">1899-12-31T01:30:00.000</Data></Cell><Cell ss:StyleID="e"><Data ss:Type="DateTime">1900-01-01T16:30:00.000</Data></Cell><Cell ss:StyleID="m"><Data ss:Type="Number">15</Data></Cell><Cell><Data ss:Type="DateTime">2026-03-02T00:00:00.000</Data></Cell><Cell><Data ss:Type="Error">#N/A</Data></Cell><Cell ss:Formula="=RC[-1]"/><Cell ss:StyleID="t"><Data ss:Type="Number">0.0625</Data></Cell></Row>`;
    const tables = await readTables(xml(rows), 'a.xls');
    expect(tables.kind).toBe('xls');
    expect(tables.sheets.map(({ name, hidden }) => [name, hidden])).toEqual([
      ['März', false],
      ['Old', true],
    ]);
    expect(tables.sheets[0]?.rows.map(({ number, hidden, cells }) => [number, hidden, ...cells.map(shown)])).toEqual([
      [1, false, 'Task', 'A & B', '', 'boolean TRUE = 1'],
      [
        ...[4, true, '', 'time 1:30 = 90', 'elapsed 40:30 = 2430', 'number 15 = 15 min'],
        ...['date 2026-03-02 = 1772409600000', 'error ', 'uncomputed ', 'time 1:30 = 90'],
      ],
    ]);
  });

  it('is in the encoding that it declares', async () => {
    const row = '<Row><Cell><Data ss:Type="String">łódź</Data></Cell></Row>';
    const { sheets, encoding } = await readTables(
      encodeAs(xml(row, 'windows-1250').replace('März', 'M'), 'windows-1250'),
      'a.xml',
    );
    expect(encoding).toBe('windows-1250');
    expect(sheets[0]?.rows[0]?.cells).toEqual(['łódź']);
  });
});

describe('JSON', () => {
  const rows = async (json: unknown, name = 'a.json') =>
    (await readTables(typeof json === 'string' ? json : JSON.stringify(json), name)).sheets[0]?.rows.map(
      ({ number, cells }) => [number, ...cells.map(shown)],
    );

  it('is a list of objects, with the keys as header in the order in which they appear', async () => {
    const list = [
      { task: 'a', hours: 1.5, billable: true, note: null },
      {},
      { hours: 2, tags: ['x', 'y', 1], project: { id: 7, name: 'P', deep: { a: [1] } }, task: 'b' },
    ];
    expect(await rows(list)).toEqual([
      [1, 'task', 'hours', 'billable', 'note', 'tags', 'project.id', 'project.name', 'project.deep'],
      [2, 'a', 'number 1.5 = 1.5', 'boolean TRUE = 1'],
      [4, 'b', 'number 2 = 2', '', '', 'x, y, 1', 'number 7 = 7', 'P', '{"a":[1]}'],
    ]);
    expect(await readTables(JSON.stringify(list), 'a.json')).toMatchObject({
      ...{ kind: 'json', contentType: 'application/json', encoding: 'utf-8', delimiter: null },
    });
  });

  it('may be an object per line', async () => {
    const expected = [
      [1, 'task', 'h'],
      [2, 'a', 'number 1 = 1'],
      [3, 'b', 'number 2 = 2'],
    ];
    for (const name of ['a.jsonl', 'a.ndjson', 'a.json', 'a.txt']) {
      expect(await rows('{"task":"a","h":1}\r\n\r\n{"task":"b","h":2}\r\n', name)).toEqual(expected);
    }
  });

  it('may have its list inside', async () => {
    const entries = [{ task: 'a' }];
    const expected = [
      [1, 'task'],
      [2, 'a'],
    ];
    expect(await rows({ total: 1, time_entries: entries, ids: [1] })).toEqual(expected);
    expect(await rows({ meta: {}, data: { page: 1, items: entries } })).toEqual(expected);
    const two = JSON.stringify({ march: entries, april: [{ task: 'b' }] });
    expect((await readTables(two, 'a.json')).sheets.map(({ name }) => name)).toEqual(['march', 'april']);
    expect((await readTables(two, 'a.json', { sheet: 'April' })).sheets.map(({ name }) => name)).toEqual(['april']);
  });

  it('cannot pollute prototypes by its keys', async () => {
    expect(await rows('[{"__proto__":"x","constructor":{"prototype":1}}]')).toEqual([
      [1, '__proto__', 'constructor.prototype'],
      [2, 'x', 'number 1 = 1'],
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it.each([
    ['[{"a":1},\n{"a":2}\n,{"a":', 'file:3:1'],
    ['[{"a":1},\n{"a" 2}]', 'file:2:1'],
    ['{"a":1}\n{"a":2}\n{"secret', 'file:3:1'],
    ['[{"a":1}, 5]', 'file:3:1'],
    ['{"a":5}', 'file'],
    ['5', 'file'],
    ['', 'file:1:1'],
  ])('that is broken, as %j, is refused with the line', async (json, path) => {
    const refusal = await refusalOf(json, 'a.json');
    expect(refusal).toMatchObject({ status: 400, path });
    expect(refusal?.message).not.toContain('secret');
  });

  it('is not what a CSV file begins with that has brackets', async () => {
    expect(await cellsOf('[Mail],Hours\n[x],1\n', 'a.csv')).toEqual([
      ['[Mail]', 'Hours'],
      ['[x]', '1'],
    ]);
  });
});
