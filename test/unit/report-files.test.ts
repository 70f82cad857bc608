import { read, utils } from '@e965/xlsx';
import ExcelJS from 'exceljs';
import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { costResults, frictionResults, scenarioResults, timeWasteResults } from '../../machines/formulas/analyses.ts';
import { openZip } from '../../src/documents/zip.ts';
import { barChart, columnChart, paretoChart, rangeChart } from '../../src/report/charts.ts';
import { type ReportFormat, reportFile } from '../../src/report/report-file.ts';
import { type ReportModel, type ReportSources, reportModel } from '../../src/report/report-model.ts';
import { REPORT_STYLE } from '../../src/report/report-style.ts';
import { writeZip } from '../../src/report/zip-writer.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE --",
  '=HYPERLINK("http://evil.example","x")',
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\tcmd',
  '\r\nInjected',
  '</style><script>alert(2)</script>',
  '\u202eevil',
  '\ud800 lone',
  '\u0000\u0008',
];

const rowsOf = (names: readonly string[]) =>
  Array.from({ length: 240 }, (_, n) => ({
    text: `${names[n % names.length]} ${n % 7}`,
    category: names[n % names.length] || 'x',
    estimated_minutes: 5 + (n % 90),
    estimate_source: n % 11 === 0 ? 'inferred' : 'given',
    date: `2026-0${1 + (n % 6)}-1${n % 9}`,
    start: `2026-0${1 + (n % 6)}-1${n % 9}T0${n % 9}:30`,
    person: names[n % 3],
    project: names[(n + 1) % names.length],
    case: `case ${n % 30}`,
  }));

function sources(rows: object[], more: Partial<ReportSources> = {}): ReportSources {
  const context = { rows, hourly_rate: 50 };
  const analyses = [
    timeWasteResults(context),
    costResults(context),
    frictionResults(context),
    scenarioResults(context),
  ];
  return {
    project: {
      id: '7dbd3c5b-1f9d-4b51-9d44-7f24a2ee7e0c',
      name: 'Audit',
      description: 'Find out where the time goes',
      status: 'COMPLETED',
      created_at: '2026-07-02T09:12:00.000Z',
      updated_at: '2026-07-02T09:12:03.000Z',
    },
    items: [{ title: 'Measure time spent', agent_target: 'time_waste_worker', status: 'DONE' }],
    contents: Object.fromEntries(analyses.map(({ type, content }) => [type, { ...content }])),
    input: null,
    missing: [],
    analysis: null,
    ...more,
  };
}

const hostile = (): ReportModel => {
  const [first = '', second = ''] = HOSTILE;
  return reportModel(
    sources(rowsOf(HOSTILE), {
      project: { ...sources([]).project, name: HOSTILE.join(' '), description: first },
      items: HOSTILE.map((title) => ({ title, agent_target: second, status: first })),
      input: {
        file: first,
        encoding: second,
        columns: { text: { header: HOSTILE[3], chosen_by: first, fill_percent: 3 } },
        rows: { read: 240, given: 200, inferred: 40, ignored: { [first]: { count: 1, first_row: 2 } } },
        checks: [{ check: second, count: 1, first_row: 1, factor: 2 }],
        warnings: HOSTILE,
      },
      missing: HOSTILE,
      analysis: { items: HOSTILE, assumptions: [3, first] },
    }),
  );
};

const written = (model: ReportModel, format: ReportFormat): string => reportFile(model, format).bytes.toString('utf8');

describe('the HTML report', () => {
  const html = written(reportModel(sources(rowsOf(['Mail', 'Call', 'Plan', 'Invoice']))), 'html');

  it('is one file that loads nothing and runs nothing', () => {
    expect(html).not.toMatch(
      /<script|<link|<iframe|<object|<embed|<form|\bon\w+=|javascript:|@import|url\(|https?:\/\//i,
    );
  });

  it('tells the quality of the input first, then findings, figures and tables', () => {
    const headings = [...html.matchAll(/<h2>([^<]+)/g)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'How good the input is',
      'Findings',
      'Key figures',
      'Where the time goes',
      'How it changes',
      'What recurs',
      'What could be saved',
      'How this came about',
    ]);
  });

  it('has charts and tables that say what they show', () => {
    const charts = html.match(/<svg[^>]*>/g) ?? [];
    expect(charts.length).toBeGreaterThanOrEqual(6);
    for (const chart of charts) expect(chart).toMatch(/role="img" aria-label="[^"]{10,}"/);
    expect(html.match(/<svg[^>]*><title>/g)).toHaveLength(charts.length);
    const tables = html.match(/<table/g) ?? [];
    expect(html.match(/<caption>/g)).toHaveLength(tables.length);
    expect(html.match(/<thead>/g)).toHaveLength(tables.length);
    expect(html).toContain('lang="en"');
    expect(html.match(/<h1>/g)).toHaveLength(1);
  });

  it('closes what it opens, and shows hostile texts as texts', () => {
    const page = written(hostile(), 'html');
    const tags = new Set<string>();
    const attributes = new Set<string>();
    let title = '';
    let inHeading = false;
    const parser = new Parser({
      onopentag(name, given) {
        tags.add(name);
        inHeading = name === 'h1';
        for (const attribute of Object.keys(given)) attributes.add(attribute);
      },
      ontext(text) {
        if (inHeading) title += text;
      },
      onclosetag: () => {
        inHeading = false;
      },
    });
    parser.end(page);
    expect([...tags].filter((tag) => ['script', 'img', 'iframe', 'a'].includes(tag))).toEqual([]);
    expect([...attributes].filter((attribute) => attribute.startsWith('on'))).toEqual([]);
    expect(title).toContain('<script>alert(1)</script>');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(page.isWellFormed()).toBe(true);
  });

  it('says what is preliminary, missing and estimated', () => {
    const all = rowsOf(['Mail', 'Call']).map((row) => ({ ...row, estimate_source: 'inferred' }));
    const going = sources(all);
    const model = reportModel({
      ...going,
      project: { ...going.project, status: 'AWAITING_INPUT' },
      contents: { ...going.contents, cost_analysis: undefined },
      missing: ['What the time costs: “Estimate cost” is not done yet.'],
    });
    const page = written(model, 'html');
    expect(page).toContain('<strong>Preliminary.</strong>');
    expect(page).toContain('“Estimate cost” is not done yet.');
    expect(page).toContain('no amount here is a measurement');
    expect(page).toContain('≈ ');
  });

  it('comes of nothing, too', () => {
    const page = written(reportModel({ ...sources([]), contents: {}, items: [] }), 'html');
    expect(page).toContain('<h1>Audit</h1>');
    expect(page).not.toContain('undefined');
  });

  it('breaks pages between rows and repeats headers', () => {
    expect(REPORT_STYLE).toContain('@page{size:A4');
    expect(REPORT_STYLE).toContain('thead{display:table-header-group}');
    expect(REPORT_STYLE).toMatch(/tr,[^{]*\{break-inside:avoid\}/);
  });

  it.each(['light', 'dark'])('has a contrast of at least 4.5 in %s', (scheme) => {
    const block = [...REPORT_STYLE.matchAll(/:root\{([^}]*)\}/g)][scheme === 'light' ? 0 : 1]?.[1] ?? '';
    const colors = Object.fromEntries(
      [...block.matchAll(/--([\w-]+):(#\w+)/g)].map(([, name, color]) => [name, color as string]),
    );
    for (const [text, ground] of [
      ['ink', 'ground'],
      ['muted', 'ground'],
      ['accent', 'ground'],
      ['ink', 'panel'],
      ['muted', 'panel'],
      ['ink', 'warn-ground'],
    ] as const) {
      expect(contrast(colors[text] as string, colors[ground] as string), `${text} on ${ground}`).toBeGreaterThanOrEqual(
        4.5,
      );
    }
  });
});

/** Of WCAG 2. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
function luminance(color: string): number {
  const hex = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit).join('') : color.slice(1);
  const [r, g, b] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe('the CSV report', () => {
  it('has one value a line, with section, name, measure and unit', () => {
    const csv = written(reportModel(sources(rowsOf(['Mail', 'Call']))), 'csv');
    expect(csv.startsWith('\ufeffsection,name,measure,value,unit\r\n')).toBe(true);
    const lines = csv.slice(1).split('\r\n');
    expect(lines).toContain('Report,project,name,Audit,');
    expect(lines.filter((line) => line.startsWith('Categories,Call,Hours,'))).toEqual([
      expect.stringMatching(/^Categories,Call,Hours,\d+(\.\d\d)?,h$/),
    ]);
    for (const section of ['Quality', 'Findings', 'Summary', 'Trend', 'Similar', 'Recurring', 'Scenario', 'Process']) {
      expect(
        lines.some((line) => line.startsWith(`${section},`)),
        section,
      ).toBe(true);
    }
  });

  it('holds no formula', () => {
    const sheet = read(Buffer.from(written(hostile(), 'csv')), { type: 'buffer', raw: true }).Sheets.Sheet1 ?? {};
    const records = utils.sheet_to_json<string[]>(sheet, { header: 1, raw: false });
    expect(records.length).toBeGreaterThan(100);
    for (const record of records.slice(1)) {
      for (const [at, cell] of record.entries()) {
        if (at === 3 && /^-?\d+(\.\d+)?$/.test(cell)) continue;
        expect(cell ?? '').not.toMatch(/^[=+\-@\t\r\n]/);
      }
    }
  });
});

describe('the workbook', () => {
  const bytes = reportFile(reportModel(sources(rowsOf(['Mail', 'Call', 'Plan']))), 'xlsx').bytes;

  it('has a sheet for everything, with a frozen header, widths and number formats', async () => {
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(book.worksheets.map(({ name }) => name)).toEqual([
      ...['Summary', 'Findings', 'Categories', 'Activities', 'People', 'Projects', 'Trend', 'Recurring', 'Similar'],
      ...['Fragmentation', 'Process', 'Scenario', 'Input', 'Items'],
    ]);
    for (const sheet of book.worksheets) {
      expect(sheet.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
      expect(sheet.getColumn(1).width).toBeGreaterThan(9);
      expect(sheet.getRow(1).getCell(1).font.bold).toBe(true);
    }
    const hours = book.getWorksheet('Categories')?.getRow(2).getCell(2);
    expect([hours?.type, hours?.numFmt]).toEqual([ExcelJS.ValueType.Number, '#,##0.00']);
    expect(book.getWorksheet('Categories')?.getRow(2).getCell(4).numFmt).toBe('0.00" %"');
  });

  it('is read by others, with numbers as numbers', () => {
    const { Sheets } = read(bytes, { type: 'buffer' });
    const rows = utils.sheet_to_json<(string | number)[]>(Sheets.People ?? {}, { header: 1 });
    expect(rows[0]).toEqual(['Person', 'Hours', 'Minutes', 'Share', 'Cumulative', 'Rows']);
    expect(rows[1]?.slice(1).every((value) => typeof value === 'number')).toBe(true);
  });

  it('writes texts as texts, never as formulas', () => {
    const { Sheets } = read(reportFile(hostile(), 'xlsx').bytes, { type: 'buffer', cellFormula: true });
    const cells = Object.values(Sheets).flatMap((sheet) =>
      Object.entries(sheet).filter(([key]) => !key.startsWith('!')),
    );
    expect(cells.filter(([, cell]) => cell.f !== undefined)).toEqual([]);
    expect(cells.some(([, cell]) => cell.t === 's' && String(cell.v).startsWith('=HYPERLINK'))).toBe(true);
  });

  it('is the same for the same project', () => {
    expect(reportFile(reportModel(sources(rowsOf(['Mail', 'Call', 'Plan']))), 'xlsx').bytes.equals(bytes)).toBe(true);
  });
});

describe('an archive', () => {
  it('holds what was put into it', async () => {
    const text = `${'a'.repeat(10_000)}é`;
    const archive = await openZip(
      writeZip([
        { name: 'a.xml', text },
        { name: 'b/c.xml', text: '' },
      ]),
    );
    expect([archive.has('a.xml'), archive.has('b/c.xml'), archive.has('d')]).toEqual([true, true, false]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of archive.read('a.xml')) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(text);
  });
});

describe('a chart', () => {
  it('draws nothing outside of its frame, whatever the values', () => {
    const value = fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constant(0));
    fc.assert(
      fc.property(fc.array(fc.record({ label: fc.string({ unit: 'binary' }), value }), { maxLength: 70 }), (points) => {
        const charts = [
          barChart(
            't',
            points.map((point) => ({ ...point, told: point.label })),
          ),
          columnChart('t', points, 'hours'),
          paretoChart(
            't',
            points.slice(0, 12).map((point) => ({ ...point, cumulative: point.value })),
          ),
          rangeChart(
            't',
            points.slice(0, 3).map(({ label, value: hours }) => ({ name: label, hours, told: label })),
            1e12,
          ),
        ];
        for (const chart of charts) {
          expect(chart).not.toMatch(/NaN|Infinity|undefined/);
          for (const [, width] of chart.matchAll(/<rect[^>]*width="([^"]+)"/g))
            expect(Number(width)).toBeLessThanOrEqual(720);
          for (const [, y] of chart.matchAll(/<rect[^>]* y="([^"]+)"/g)) expect(Number(y)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('the name of a file', () => {
  it.each([
    ['Q3 audit', 'report-Q3-audit.html'],
    ['../../etc/passwd', 'report-etc-passwd.html'],
    ['a"b\r\nc;d', 'report-a-b-c-d.html'],
    ['分析 2026', 'report-分析-2026.html'],
    ['***', 'report.html'],
    ['x'.repeat(300), `report-${'x'.repeat(60)}.html`],
  ])('for the project %j is %s', (name, filename) => {
    const model = reportModel({ ...sources([]), project: { ...sources([]).project, name } });
    expect(reportFile(model, 'html').filename).toBe(filename);
  });
});
