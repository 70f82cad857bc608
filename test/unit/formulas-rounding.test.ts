import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareCodePoints,
  exceedsCodePoints,
  firstCodePoints,
  sortByCodePoint,
} from '../../machines/formulas/code-points.ts';
import { r2, roundHalfEven } from '../../machines/formulas/round.ts';

/** A finite double as an exact fraction. */
function exactly(x: number): { numerator: bigint; denominator: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const power = BigInt(Math.max(exponent, 1)) - 1075n;
  const size = power >= 0n ? mantissa << power : mantissa;
  return { numerator: x < 0 ? -size : size, denominator: power >= 0n ? 1n : 1n << -power };
}

/** Hundredths nearest to `x`, an exact tie to even, by whole numbers only. */
function hundredths(x: number): bigint {
  const { numerator, denominator } = exactly(x);
  const scaled = (numerator < 0n ? -numerator : numerator) * 100n;
  const floor = scaled / denominator;
  const twice = (scaled % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && floor % 2n === 1n);
  return (numerator < 0n ? -1n : 1n) * (up ? floor + 1n : floor);
}

const decimalOf = (count: bigint): number => {
  const digits = (count < 0n ? -count : count).toString().padStart(3, '0');
  return Number(`${count < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`);
};

describe('r2', () => {
  it.each([
    [0.125, 0.12],
    [0.375, 0.38],
    [0.625, 0.62],
    [0.875, 0.88],
    [1.125, 1.12],
    [2.675, 2.67],
    [1.005, 1],
    [-0.125, -0.12],
    [-2.375, -2.38],
    [1e21, 1e21],
    [2 ** 49 + 0.125, 562949953421312.12],
  ])('rounds %d to %d', (x, rounded) => {
    expect(r2(x)).toBe(rounded);
  });

  it('is nearest to the exact value, ties to even', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, min: -10_000, max: 10_000 }),
      fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((eighths) => eighths / 8),
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((thousandths) => thousandths / 1000),
    );
    fc.assert(
      fc.property(number, (x) => {
        expect(r2(x)).toBe(decimalOf(hundredths(x)) + 0);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives a figure that JSON can say for every number', () => {
    expect([Number.NaN, Infinity, -Infinity, -0.001].map(r2)).toEqual([0, Number.MAX_VALUE, -Number.MAX_VALUE, 0]);
  });
});

describe('roundHalfEven', () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [2.4, 2],
    [2.6, 3],
  ])('rounds %d to %d', (x, rounded) => {
    expect(roundHalfEven(x)).toBe(rounded);
  });
});

describe('code points', () => {
  const codePoints = (text: string): number[] => Array.from(text, (char) => char.codePointAt(0) as number);
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('\ud800', '\udc00', '\ue000', '\uffff', '😀', 'a', 'b')).map((units) => units.join('')),
  );

  it('orders by code point, where UTF-16 units order otherwise', () => {
    expect(sortByCodePoint(['😀', '\uffff', 'é', 'z', 'Z'])).toEqual(['Z', 'z', 'é', '\uffff', '😀']);
    expect(sortByCodePoint(['b', 'a', 'a', 'B'])).toEqual(['B', 'a', 'a', 'b']);
  });

  it('compares as the lists of code points compare', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const [left, right] = [codePoints(a), codePoints(b)];
        const at = left.findIndex((point, i) => point !== right[i]);
        const expected = at < 0 ? left.length - right.length : (left[at] as number) - (right[at] ?? -1);
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(expected));
      }),
    );
  });

  it('cuts and measures whole code points', () => {
    fc.assert(
      fc.property(anyText, fc.nat(12), (text, limit) => {
        const points = codePoints(text);
        expect(codePoints(firstCodePoints(text, limit))).toEqual(points.slice(0, limit));
        expect(exceedsCodePoints(text, limit)).toBe(points.length > limit);
      }),
    );
  });
});
