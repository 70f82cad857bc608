import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoryOf } from '../../machines/formulas/categories.ts';
import { parseDuration } from '../../machines/formulas/durations.ts';
import { estimateByWords } from '../../machines/formulas/estimates.ts';
import { readGivenRows } from '../../machines/formulas/given-rows.ts';

describe('a duration that a row is given with', () => {
  it.each([
    ['1h30', 90],
    ['1h30m', 90],
    ['1 h 30 min.', 90],
    ['1d 2h', 600],
    ['2h 1d', 600],
    ['1,5h', 90],
    ['1,234 m', 1234],
    ['1.234 h', 74],
    ['0,500 h', 30],
    [',5h', 30],
    ['1.234,5 m', 1234],
    ['1,234.5 m', 1234],
    ['1,234,567m', 1234567],
    ['1.234.567,8m', 1234568],
    ['0.025h', 2],
    ['8.475h', 508],
    ['1.5m', 2],
    ['2.5m', 2],
    ['1 DAY', 480],
    ['٣ h', 180],
    ['-30m', null],
    ['0h', null],
    ['0.5m', null],
    ['1 week', 2400],
    ['1 constructor', null],
    ['2-3h', null],
    ['2 to 3 h', null],
    ['1:30', 90],
    ['about 2 hours', 120],
    ['1w 2d', 3360],
    ['-1:30', null],
    ['0:00', null],
    ['~2h', 120],
    ['true', null],
    ['h', null],
    ['1d4', null],
    ['1h 30 45', null],
    ['1,2,3 h', null],
    ['1.2,3.4 h', null],
    ['12.34,5 h', null],
    ['.', null],
    ['1e3 m', null],
    ['9'.repeat(400), null],
    ['99999999999999999999 m', null],
  ])('%j lasts %j minutes', (cell, expected) => {
    expect(parseDuration(cell)).toBe(expected);
  });

  it('survives cells made to exhaust a pattern matcher', () => {
    for (const cell of [
      `${'1.'.repeat(5000)}x`,
      `${'1'.repeat(10_000)}x`,
      '1h'.repeat(5000),
      `${'.'.repeat(10_000)}h`,
    ]) {
      expect(parseDuration(cell)).toBe(cell.startsWith('1h') ? 300_000 : null);
    }
  });

  it('is null or a whole number ≥ 1 for any text', () => {
    const token = fc.constantFrom('1', '30', '.', ',', ' ', 'h', 'm', 'days', '-', 'x', '0');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(token).map((t) => t.join('')),
        ),
        (cell) => {
          const minutes = parseDuration(cell);
          expect(minutes === null || (Number.isSafeInteger(minutes) && minutes >= 1)).toBe(true);
        },
      ),
    );
  });
});

describe('a category', () => {
  it.each([
    ['  Data   entry ', 'Fraud', 'Data entry'],
    [undefined, 'Reporting to finance', 'finance'],
    [null, 'Rapport annuel', 'reporting'],
    ['\u00a0', 'Securite', 'security'],
    ['', 'Mail', 'uncategorized'],
  ])('cell %j, text %j: %j', (cell, text, expected) => {
    expect(categoryOf(cell, text)).toBe(expected);
  });
});

describe('an estimate by words', () => {
  it.each([
    ['', 30],
    [' one ', 30],
    ['one two', 60],
    ['w '.repeat(20), 60],
    ['w '.repeat(21), 120],
    ['w '.repeat(9000), 120],
  ])('%# changes at 1 and at 20 words', (text, expected) => {
    expect(estimateByWords(text)).toBe(expected);
  });
});

describe('rows given as JSON', () => {
  const read = (rows: unknown, maxRows = 5000) => readGivenRows(rows, maxRows);
  const errors = (rows: unknown, maxRows?: number) => {
    const result = read(rows, maxRows);
    return 'errors' in result ? result.errors.map(({ path }) => path) : [];
  };

  it('keep numbers as they are, parse strings, and infer what is absent', () => {
    expect(
      read([
        { text: 'Ticket triage', estimated_minutes: 7.5, category: 'ops', id: 'r1' },
        { text: 'Fraud report', estimated_minutes: '1.5h', category: null },
        { text: 'Mail', estimated_minutes: null },
        { text: '', estimated_minutes: 0 },
        { text: 'Bare', estimated_minutes: '5' },
      ]),
    ).toEqual({
      rows: [
        { text: 'Ticket triage', category: 'ops', estimated_minutes: 7.5, estimate_source: 'given', id: 'r1' },
        { text: 'Fraud report', category: 'risk', estimated_minutes: 90, estimate_source: 'given' },
        { text: 'Mail', category: 'uncategorized', estimated_minutes: 30, estimate_source: 'inferred' },
        { text: '', category: 'uncategorized', estimated_minutes: 0, estimate_source: 'given' },
        { text: 'Bare', category: 'uncategorized', estimated_minutes: 5, estimate_source: 'given' },
      ],
    });
  });

  it.each([
    [{}, ['']],
    [[], ['']],
    [
      [null, [], 'x'],
      ['/0', '/1', '/2'],
    ],
    [[{}], ['/0/text']],
    [[{ text: 'a', 'x/~': 1 }], ['/0/x~1~0']],
    [[{ text: 'é'.repeat(20_001) }], ['/0/text']],
    [[{ text: 'a', estimated_minutes: -1 }], ['/0/estimated_minutes']],
    [[{ text: 'a', estimated_minutes: Infinity }], ['/0/estimated_minutes']],
    [[{ text: 'a', estimated_minutes: 'soon' }], ['/0/estimated_minutes']],
    [[{ text: 'a', estimated_minutes: true }], ['/0/estimated_minutes']],
    [[{ text: 'a', category: 5 }], ['/0/category']],
    [[{ text: 'a', category: 'c'.repeat(201) }], ['/0/category']],
    [[{ text: 'a' }, { text: 'a', id: '' }], ['/1/id']],
    [[{ text: 'a', id: 7 }], ['/0/id']],
  ])('%# of a wrong form are refused at their place', (rows, paths) => {
    expect(errors(rows)).toEqual(paths);
  });

  it('are limited in number, and so are their errors', () => {
    const many = Array.from({ length: 300 }, () => ({ bad: 1 }));
    expect(errors(many, 200)).toEqual(['']);
    expect(errors(many)).toHaveLength(100);
  });

  it('give rows or errors for any JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())), (value) => {
        const result = read(value);
        expect('rows' in result ? result.rows.length : result.errors.length).toBeGreaterThan(0);
      }),
    );
  });
});
