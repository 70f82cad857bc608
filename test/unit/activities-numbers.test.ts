import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainDigits } from '../../machines/activities/values/digits.ts';
import { notationOf, readNumber } from '../../machines/activities/values/numbers.ts';

describe('text in plain digits', () => {
  it.each([
    ['  90\t', '90'],
    ['９０', '90'],
    ['１：３０', '1:30'],
    ['１．５', '1.5'],
    ['（分）', '(分)'],
    ['٩٠', '90'],
    ['۹۰', '90'],
    ['९०', '90'],
    ['١٬٥٠٠٫٢٥', '1,500.25'],
    ['١،٥', '1,5'],
    ['1\u00a0234\u202f567\u2009890', '1 234 567 890'],
    ['\u22121', '-1'],
    ['2\u20133', '2-3'],
    ['\u200e8\u200f:30', '8:30'],
    ['\ufeffÄ1', 'Ä1'],
    ['1½ 時間', '1½ 時間'],
  ])('makes %j %j', (text, expected) => {
    expect(plainDigits(text)).toBe(expected);
  });
});

describe('a number', () => {
  it.each([
    ['0', 0],
    ['90', 90],
    ['1.5', 1.5],
    ['1,5', 1.5],
    ['.5', 0.5],
    [',5', 0.5],
    ['5.', 5],
    ['1,500', 1500],
    ['0,500', 0.5],
    ['1.500', 1.5],
    ['1,234.56', 1234.56],
    ['1.234,56', 1234.56],
    ['1,234,567', 1234567],
    ['1.234.567', 1234567],
    ["1'500", 1500],
    ['1’500.5', 1500.5],
    ['1 234,5', 1234.5],
    ['1\u202f234,5', 1234.5],
    ['-1.5', -1.5],
    ['\u22121.5', -1.5],
    ['- 1.5', -1.5],
    ['+1.5', 1.5],
    ['1,50-', -1.5],
    ['(1.50)', -1.5],
    ['٩٠', 90],
    ['5.4E+06', 5_400_000],
    ['-6,25E-02', -0.0625],
    ['1e+21', 1e21],
    ['-0', 0],
  ])('is read from %j as %j', (text, expected) => {
    expect(readNumber(text)).toBe(expected);
  });

  it.each([
    ['1.500', ',', 1500],
    ['1,500', ',', 1.5],
    ['0.500', ',', 0.5],
    ['1.5', ',', 1.5],
    ['1,5', '.', 1.5],
    ['1.500', '.', 1.5],
    ['1,500', '.', 1500],
    ['-1.500', ',', -1500],
    ['30,5', ',', 30.5],
  ] as const)('%j in a column with decimals after %j is %j', (text, decimal, expected) => {
    expect(readNumber(text, decimal)).toBe(expected);
  });

  it.each([
    ...['', ' ', '-', '()', '(', '(1', '+', '.', ',', '..', 'x', '1-2', '1.2.3', '1.2,3.4', '12.34,5', '1,2,3'],
    ...['10%', '5 %', '1 50', "1'50", '1h', '1:30', '--1', '(-1)', '-1-', '1e3', '12E3', '1e+999', 'e+1', '1x', '1.x'],
    ...['٪5', '1 234 56', '2026-03-02', '9'.repeat(41), 'true'],
  ])('is not %j', (text) => {
    expect(readNumber(text)).toBeNull();
  });

  it('is finite or absent for any text', () => {
    const token = fc.constantFrom(...'0 1 30 500 . , - + ( ) e E+05 % x'.split(' '), "'", ' ', '’');
    const text = fc.oneof(
      fc.string(),
      fc.array(token).map((tokens) => tokens.join('')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('.', ',', undefined), (cell, decimal) => {
        const value = readNumber(cell, decimal as '.');
        expect(value === null || Number.isFinite(value)).toBe(true);
        expect(['.', ',']).toContain(notationOf([cell]).decimal);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the notation of a column', () => {
  it.each([
    [['1.500', '30,5'], ',', false],
    [['1,500', '30.5'], '.', false],
    [["1'500", '30'], '.', false],
    [["1'500", '30,5'], ',', false],
    [["1'500", '1,505'], ',', false],
    [["1'500", '1.505'], '.', false],
    [['1 234,5'], ',', false],
    [['1,234.56'], '.', false],
    [['1.234.567'], ',', false],
    [['1,50 h', '0,75 h'], ',', false],
    [['1.683', '0.083'], '.', false],
    [['1.500'], '.', true],
    [['1.683', '2.125', '2'], '.', true],
    [['1,500'], '.', true],
    [['1,500', '30'], '.', true],
    [['1.500', '2,250'], '.', true],
    // What writes 30 without decimals would write 1.5, not 1.500.
    [['1.500', '30'], ',', true],
    [['1.5', '3,5'], '.', false],
    [['1.5', '3,5', '1.500'], '.', true],
    [['1,5', '3,5', '1.5'], ',', false],
    [['90', '1500'], '.', false],
    [['01:30,5', 'ask Ann, please', '-', '1.2.3', ''], '.', false],
    [['1,5'.padStart(200)], '.', false],
    [[], '.', false],
  ] as const)('of %j has decimals after %j; doubtful: %j', (cells, decimal, doubtful) => {
    expect(notationOf(cells)).toEqual({ decimal, doubtful });
  });

  it('reads what a locale writes', () => {
    const locales = ['en-US', 'de-DE', 'de-CH', 'fr-FR', 'es-ES', 'it-IT', 'pt-BR', 'nl-NL', 'pl-PL', 'cs-CZ', 'ja-JP'];
    const values = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.constantFrom(...locales), fc.constantFrom(1, 2), (tenths, locale, digits) => {
        const format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
        const cells = tenths.map((value) => format.format(value / 10));
        const { decimal } = notationOf(cells);
        expect(cells.map((cell) => readNumber(cell, decimal))).toEqual(tenths.map((value) => value / 10));
      }),
    );
  });
});
