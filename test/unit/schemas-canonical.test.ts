import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../schemas/canonical.ts';

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value).reverse()) {
    Object.defineProperty(copy, key, { value: reversed(member), enumerable: true, configurable: true, writable: true });
  }
  return copy;
};

describe('canonical JSON', () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ 10: 1, 9: 2, a: 3, '': 4 }, '{"":4,"10":1,"9":2,"a":3}'],
    [{ z: undefined, a: 1 }, '{"a":1}'],
    [[-0, 1e21, 0.1], '[0,1e+21,0.1]'],
    ['é"\n\u0000\ud800', '"é\\"\\n\\u0000\\ud800"'],
    [JSON.parse('{"b":{},"__proto__":1}'), '{"__proto__":1,"b":{}}'],
    [null, 'null'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('reads back as the same value and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.stringify(reversed(JSON.parse(text)))).toHaveLength(JSON.stringify(value).length);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('differs for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const equal = canonicalJson(a) === canonicalJson(b);
        expect(equal).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
    );
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [[undefined]], [() => 1], [1n], [{ a: Symbol('x') }]])(
    'refuses %s',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );

  it('refuses what nests too deep instead of overflowing the stack', () => {
    const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect(canonicalJson(deep(500))).toHaveLength(1000);
    expect(() => canonicalJson(deep(501))).toThrow('nested deeper than 500');
    expect(() => canonicalJson(deep(45_000))).toThrow(RangeError);
  });
});

/** Entries as pairs, sorted: another way to compare JSON values. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ['list', ...value.map(sorted)];
  if (typeof value !== 'object' || value === null) return value;
  const pairs = Object.entries(value).map(([key, member]) => [key, sorted(member)]);
  return ['object', ...pairs.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))];
}
