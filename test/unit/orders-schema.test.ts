import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readExtractionSchema } from '../../machines/orders/extraction/extraction-schema.ts';

const errors = (value: unknown) => {
  const read = readExtractionSchema(value);
  return read.ok ? [] : read.errors.map(({ path, message }) => `${path} ${message}`);
};
const names = (value: unknown) => {
  const read = readExtractionSchema(value);
  return read.ok ? (read.schema.root.properties ?? []).map(([name]) => name) : null;
};
const object = (properties: object, rest: object = {}) => ({ type: 'object', properties, ...rest });

describe('an extraction schema', () => {
  it('is the order draft without its id where there is none', () => {
    expect(names(undefined)).toEqual(['lines', 'po_number', 'customer', 'delivery', 'currency', 'totals']);
  });

  it('may be names with types', () => {
    expect(names({ a: 'string', b: 'date', type: 'object' })).toEqual(['a', 'b', 'type']);
  });

  it('may be a JSON Schema of type object', () => {
    expect(names(object({ a: { type: 'string' }, b: true }))).toEqual(['a', 'b']);
  });

  it('may refer to its own parts', () => {
    const item = object({ 'a/b': { type: 'string' } });
    const schema = object(
      { items: { type: 'array', items: { $ref: '#/$defs/the~1item' } } },
      { $defs: { 'the/item': item } },
    );
    const read = readExtractionSchema(schema);
    expect(read.ok && read.schema.root.properties?.[0]?.[1].items?.properties?.[0]?.[0]).toBe('a/b');
    expect(names({ $ref: '#/$defs/x', $defs: { x: object({ a: {} }) } })).toEqual(['a']);
  });

  it('guesses the type from properties and items', () => {
    const read = readExtractionSchema(
      object({ a: { properties: { b: {} } }, c: { items: {} }, d: { anyOf: [{ type: 'null' }] } }),
    );
    expect(read.ok && read.schema.root.properties?.map(([, { types }]) => types)).toEqual([['object'], ['array'], []]);
  });

  it.each<[unknown, string]>([
    [null, ' must be an object: names with types, or a JSON Schema of type object'],
    [7, ' must be an object: names with types, or a JSON Schema of type object'],
    [[], ' must be an object: names with types, or a JSON Schema of type object'],
    [{}, ' must name at least one field'],
    [{ type: 'object' }, ' must name at least one field'],
    [object({}), ' must name at least one field'],
    [{ a: 'text' }, '/a must be one of string, number, integer, boolean, date, array, object'],
    [{ 'a/~b': 1 }, '/a~1~0b must be one of string, number, integer, boolean, date, array, object'],
    [{ '': 'string' }, '/ must have a name of 1 to 200 characters'],
    [{ properties: { a: {} } }, '/type must be object'],
    [{ type: 'array', properties: { a: {} } }, '/type must be object'],
    [{ type: 'object', properties: 7 }, '/properties must be an object'],
    [
      object({ a: { type: 'text' } }),
      '/properties/a/type must be one of string, number, integer, boolean, array, object, null',
    ],
    [object({ a: 7 }), '/properties/a must be a JSON Schema'],
    [
      object({ a: { $ref: 'http://x' } }),
      '/properties/a/$ref must refer to a part of this schema, such as #/$defs/Item',
    ],
    [object({ a: { $ref: 7 } }), '/properties/a/$ref must refer to a part of this schema, such as #/$defs/Item'],
    [object({ a: { $ref: '#/$defs/b/c' } }), '/properties/a/$ref refers to nothing'],
    [object({ a: { $ref: '#/properties/a' } }), '/properties/a nests deeper than 8 levels, or refers to itself'],
    [object({ a: { anyOf: 7 } }), '/properties/a anyOf, oneOf and allOf must be lists'],
  ])('%j is refused: %s', (value, message) => {
    expect(errors(value)).toContain(message);
  });

  it('is refused when it is too large', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 'string']));
    expect(errors(many(100))).toEqual([]);
    expect(errors(many(101))).toEqual([' must not have more than 100 properties']);
    const wide = object(Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`n${index}`, {}])));
    expect(errors(wide)).toEqual([' must not have more than 100 properties']);
    const bomb = object({ a: { $ref: '#' }, b: { $ref: '#' }, c: { $ref: '#' } });
    expect(errors(bomb).length).toBeLessThanOrEqual(20);
  });

  it('of too many faults names the first twenty', () => {
    const wrong = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`n${index}`, 7]));
    expect(errors(wrong)).toHaveLength(20);
  });

  it('of any value is read or refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = readExtractionSchema(value);
        expect(read.ok || read.errors.length > 0).toBe(true);
      }),
    );
  });
});
