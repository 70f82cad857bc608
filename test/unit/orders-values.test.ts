import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../machines/orders/texts/tokens.ts';
import { agrees, sumOfLines } from '../../machines/orders/values/arithmetic.ts';
import { dateAt } from '../../machines/orders/values/dates.ts';
import { decimal, equalToCents, plus, times, toNumber } from '../../machines/orders/values/decimals.ts';
import { decimalMarkOf, readNumber } from '../../machines/orders/values/numbers.ts';
import { dayFirstOf, readNumericDate } from '../../machines/orders/values/numeric-dates.ts';
import { canonicalUnit, currencyCode, isCounter, isUnit } from '../../machines/orders/values/units.ts';

describe('decimals', () => {
  it.each([
    [0.1, 3, 0.3],
    [1.1, 1.1, 1.21],
    [0.07, 100, 7],
    [19.99, 3, 59.97],
    [1e21, 2, 2e21],
    [1e-7, 3, 3e-7],
    [-2.5, 2, -5],
  ])('multiply %d by %d without drift', (a, b, product) => {
    expect(toNumber(times(decimal(a), decimal(b)))).toBe(product);
  });

  it('add without drift', () => {
    expect(toNumber(plus(decimal(0.1), decimal(0.2)))).toBe(0.3);
    expect(toNumber(plus(decimal(12), decimal(0.005)))).toBe(12.005);
  });

  it('compare to cents', () => {
    expect(equalToCents(decimal(10), decimal(10.004))).toBe(true);
    expect(equalToCents(decimal(10.004), decimal(10))).toBe(true);
    expect(equalToCents(decimal(10), decimal(10.01))).toBe(false);
    expect(equalToCents(decimal(9.99), decimal(10))).toBe(false);
  });

  it('stand for every finite double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(toNumber(decimal(x))).toBe(x + 0);
      }),
    );
  });
});

describe('a sum of lines', () => {
  const line = (qty: number | null, unit_price: number | null, total_price: number | null = null) => ({
    qty,
    unit_price,
    total_price,
  });

  it('is exact', () => {
    expect(sumOfLines([line(3, 0.1), line(1, 0.2)])).toBe(0.5);
  });

  it('takes the total of a line without a unit price', () => {
    expect(sumOfLines([line(3, 0.1), line(7, null, 1.7)])).toBe(2);
  });

  it('is null when a line has no price, and for no lines', () => {
    expect(sumOfLines([line(3, 0.1), line(1, null)])).toBeNull();
    expect(sumOfLines([line(null, 2)])).toBeNull();
    expect(sumOfLines([])).toBeNull();
  });

  it('agrees with a total that is rounded to cents', () => {
    expect(agrees(3, 0.333, 1)).toBe(true);
    expect(agrees(3, 0.33, 1)).toBe(false);
  });
});

describe('a number', () => {
  it.each([
    ['12', [12]],
    ['1.234,50', [1234.5]],
    ['1,234.50', [1234.5]],
    ['12,5', [12.5]],
    ['0.75', [0.75]],
    ['0,500', [0.5]],
    ['1234.567', [1234.567]],
    ['1.234.567', [1234567]],
    ['1,234,567', [1234567]],
    ["1'234.50", [1234.5]],
    ['1’234', [1234]],
    ['1\u202f234,5', [1234.5]],
    ['1.234', [1.234, 1234]],
    ['1,234', [1.234, 1234]],
    ['1.2.3', []],
    ['1.23.456,7', []],
    ['1,2.3,4', []],
    ["1'23", []],
    ['1234567890123456', []],
    [`0.${'0'.repeat(50)}1`, []],
  ])('%s without evidence means %j', (raw, readings) => {
    expect(readNumber(raw, null)).toEqual(readings);
  });

  it('is settled by the decimal mark of its document', () => {
    expect(readNumber('1.234', '.')).toEqual([1.234]);
    expect(readNumber('1.234', ',')).toEqual([1234]);
    expect(readNumber('1,234', ',')).toEqual([1.234]);
    expect(readNumber('1,234', '.')).toEqual([1234]);
  });

  it('keeps its own reading when its form settles it', () => {
    expect(readNumber('12,5', '.')).toEqual([12.5]);
  });

  it.each([
    [['1.234,50'], ','],
    [['12,5', '1.234'], ','],
    [['0.75'], '.'],
    [['1.234.567'], ','],
    [['1.234', '7', 'x'], null],
    [['12,5', '0.75'], null],
    [['12,5', '0.75', '3.1'], '.'],
  ])('%j vote for %s', (numbers, mark) => {
    expect(decimalMarkOf(numbers)).toBe(mark);
  });
});

describe('a date', () => {
  it.each([
    ['2026-03-02', ['2026-03-02']],
    ['2026/3/2', ['2026-03-02']],
    ['31.01.2026', ['2026-01-31']],
    ['3.4.26', ['2026-04-03']],
    ['01.13.2026', []],
    ['25/12/2026', ['2026-12-25']],
    ['12/25/2026', ['2026-12-25']],
    ['03/04/2026', ['2026-04-03', '2026-03-04']],
    ['03-04-2026', ['2026-04-03', '2026-03-04']],
    ['04/04/2026', ['2026-04-04']],
    ['30/02/2026', []],
    ['2026-02-30', []],
    ['soon', []],
  ])('%s without evidence means %j', (raw, readings) => {
    expect(readNumericDate(raw, null)).toEqual(readings);
  });

  it('is settled by another date of the document', () => {
    expect(readNumericDate('03/04/2026', true)).toEqual(['2026-04-03']);
    expect(readNumericDate('03/04/2026', false)).toEqual(['2026-03-04']);
    expect(readNumericDate('25/12/2026', false)).toEqual(['2026-12-25']);
  });

  it.each([
    [['25/12/2026', '03/04/2026'], true],
    [['12/25/2026'], false],
    [['25/12/2026', '12/25/2026'], null],
    [['31.01.2026', '2026-12-25', '03/04/2026'], null],
    [['soon'], null],
    [[], null],
  ])('%j say that the day comes first: %s', (dates, dayFirst) => {
    expect(dayFirstOf(dates)).toBe(dayFirst);
  });

  it.each([
    ['2 March 2026', '2026-03-02'],
    ['2nd of March, 2026', '2026-03-02'],
    ['March 2, 2026', '2026-03-02'],
    ['Mar. 2nd 2026', '2026-03-02'],
    ['1er février 2026', '2026-02-01'],
    ['14 août 2026', '2026-08-14'],
    ['3. März 2026', '2026-03-03'],
    ['24. Dez. 2026', '2026-12-24'],
    ['20 de febrero de 2026', '2026-02-20'],
    ['3 marzo 2026', '2026-03-03'],
    ['15 luglio 2026', '2026-07-15'],
    ['31-Jan-2026', '2026-01-31'],
  ])('%s is %s', (text, day) => {
    expect(dateAt(readPage(text).body, 0, null)?.readings).toEqual([day]);
  });

  it.each(['2 March', 'March 2026', '31 February 2026', '5 boxes', 'soon', ''])('is not in %j', (text) => {
    expect(dateAt(readPage(text).body, 0, null)).toBeNull();
  });
});

describe('units and currencies', () => {
  it.each([
    ['pcs', 'ea'],
    ['Stück', 'ea'],
    ['Stk.', 'ea'],
    ['unité', 'ea'],
    ['boîtes', 'box'],
    ['Kartons', 'box'],
    ['cajas', 'box'],
    ['scatola', 'box'],
    ['Paletten', 'pallet'],
    ['kilos', 'kg'],
    ['litres', 'l'],
    ['Flaschen', 'Flaschen'],
  ])('%s is %s', (raw, unit) => {
    expect(canonicalUnit(raw)).toBe(unit);
  });

  it('know a counter from a unit', () => {
    expect([isUnit('units'), isCounter('units'), isUnit('boxes'), isCounter('boxes'), isUnit('pens')]).toEqual([
      ...[true, true, true, false, false],
    ]);
  });

  it.each([
    ['€', 'EUR'],
    ['$', 'USD'],
    ['£', 'GBP'],
    ['CHF', 'CHF'],
    ['Euro', 'EUR'],
    ['try', undefined],
    ['pens', undefined],
  ])('%s is the currency %s', (raw, code) => {
    expect(currencyCode(raw, raw.toLowerCase())).toBe(code);
  });
});
