import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costResults, frictionResults, scenarioResults, timeWasteResults } from '../../machines/formulas/analyses.ts';
import { type Contents, findingsOf } from '../../machines/formulas/findings.ts';
import { plainNumber, quoted } from '../../machines/formulas/numbers.ts';

function contentsOf(context: { rows: object[]; hourly_rate?: number; input?: unknown }): Contents {
  const analyses = [
    timeWasteResults(context),
    costResults(context),
    frictionResults(context),
    scenarioResults(context),
  ];
  return Object.fromEntries(analyses.map(({ type, content }) => [type, { ...content }]));
}

const months = ['01', '02', '03', '04', '05'];
const rows = months.flatMap((month, n) =>
  Array.from({ length: 6 }, (_, k) => ({
    text: k < 3 ? 'Copy orders' : `Check invoice ${k}${month}`,
    category: k < 3 ? 'orders' : 'finance',
    estimated_minutes: 10 + n,
    date: `2026-${month}-0${k + 1}`,
    start: `2026-${month}-0${(k % 3) + 1}T0${k}:00`,
    person: k % 2 ? 'Ann' : 'Bob',
    project: k < 4 ? 'Alpha' : 'Beta',
  })),
);

describe('findings', () => {
  it('are five to ten sentences with figures and source, the first about the input', () => {
    const input = {
      file: 'times.csv',
      rows: { read: 30, given: 30, inferred: 0, ignored: 2 },
      unit: { unit: 'min', by: 'magnitude', assumed: true },
      warnings: 1,
    };
    const findings = findingsOf(contentsOf({ rows, hourly_rate: 50, input }));
    expect(findings.map(({ sentence }) => sentence)).toMatchInlineSnapshot(`
      [
        "30 rows were read from “times.csv”; all durations are in the input; 2 rows left out; the unit of bare numbers (min) is assumed; 1 warning.",
        "The activities add up to 6 hours from 2026-01-01 to 2026-05-06, about 1.45 hours per month.",
        "At 50 per hour, the time costs 300 for the file as a whole, 72.47 per month of its span.",
        "The largest of 2 categories, “finance”, takes 50 % of the time.",
        "If recurring work can be saved, which is assumed and not measured, 3.6 of the file’s hours (60 %, worth 180) could be won back, 1.5 to 3.6 under other assumptions.",
        "5 of 16 activities take 65.28 % of the time, “Copy orders” the most.",
        "15 of 30 rows (50 %) recur word for word.",
        "Numbers, dates and names aside, 2 activities recur in similar words and take 6 hours, 100 % of the time.",
        "The most time of these goes into work like “Check invoice 301”: 15 times, 3 hours, 12 minutes on average (standard deviation 1.46).",
        "100 % of the entries take less than 15 minutes (100 % of the time).",
      ]
    `);
    for (const { sentence, figures, source } of findings) {
      expect(sentence).toMatch(/^\P{Ll}.*\.$/u);
      expect(Object.keys(figures).length).toBeGreaterThan(0);
      expect(source).toMatch(/^(input|[a-z_]+\.[a-z_]+)$/);
    }
  });

  it('are at least five for the smallest analysis', () => {
    const small = [{ text: 'Mail', estimated_minutes: 5 }];
    expect(findingsOf(contentsOf({ rows: small, hourly_rate: 1 })).length).toBeGreaterThanOrEqual(5);
  });

  it('never tell estimated hours as facts', () => {
    const estimated = rows.map((row) => ({ ...row, estimate_source: 'inferred' }));
    const findings = findingsOf(contentsOf({ rows: estimated, hourly_rate: 50 }));
    expect(findings[0]?.sentence).toContain('no duration is in the input');
    const telling = findings.slice(1).filter(({ sentence }) => /\d hours|costs/.test(sentence));
    expect(telling.length).toBeGreaterThan(2);
    for (const { sentence } of telling) expect(sentence).toMatch(/estimate/);
    const half = rows.map((row, n) => ({ ...row, ...(n % 2 && { estimate_source: 'inferred' }) }));
    const [, total] = findingsOf(contentsOf({ rows: half, hourly_rate: 50 }));
    expect(total?.sentence).toContain('(50 % of it estimated)');
  });

  it('take a full report about the input as well as a summary', () => {
    const report = {
      file: null,
      rows: {
        read: 3,
        given: 1,
        inferred: 2,
        ignored: { total: { count: 2, first_row: 9 }, blank: { count: 1, first_row: 4 } },
      },
      warnings: ['one', 'two'],
    };
    const [first] = findingsOf(contentsOf({ rows, hourly_rate: 1 }), report);
    expect(first).toEqual({
      sentence:
        '3 rows were read; 1 of them with a duration (33.33 %), 2 estimated from their words; 3 rows left out; 2 warnings.',
      figures: { rows_read: 3, rows_given: 1, rows_inferred: 2, rows_ignored: 3, warnings: 2 },
      source: 'input',
    });
  });

  it('come of contents of any shape', () => {
    expect(findingsOf({})).toEqual([]);
    const types = ['time_waste_analysis', 'cost_analysis', 'friction_analysis', 'with_agent_scenario'];
    const whole = contentsOf({ rows, hourly_rate: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.object(), fc.anything(), (type, content, input) => {
        for (const contents of [{ [type]: content }, { ...whole, [type]: content }]) {
          const findings = findingsOf(contents as Contents, input);
          expect(findings.length).toBeLessThanOrEqual(10);
          expect(findings.every(({ sentence }) => sentence.length < 1_000)).toBe(true);
        }
      }),
    );
  });
});

describe('a number in a sentence', () => {
  it.each([
    [0, '0'],
    [-0.001, '0'],
    [1234.5, '1,234.5'],
    [1234567.891, '1,234,567.89'],
    [-1000, '-1,000'],
    [12.3, '12.3'],
    [1e15, '1.00000e+15'],
  ])('%d is %s', (value, text) => {
    expect(plainNumber(value)).toBe(text);
  });

  it('and a name are on one line', () => {
    expect(quoted('a\n\u202eb')).toBe('“a b”');
    expect(quoted('x'.repeat(100))).toBe(`“${'x'.repeat(80)}…”`);
  });
});
