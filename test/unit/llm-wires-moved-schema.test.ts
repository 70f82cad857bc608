import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../src/llm/chat.ts';
import { compileSchema } from '../../src/llm/structured.ts';
import { movedSchema } from '../../src/llm/wires/reading-schema.ts';

describe('a schema that is moved into another one', () => {
  const within = (schema: JsonSchema): JsonSchema => ({
    type: 'object',
    required: ['a'],
    properties: { a: { $ref: '#/$defs/own' } },
    $defs: { own: movedSchema(schema, '/$defs/own') },
  });
  const tree = { type: 'object', properties: { left: { $ref: '#' }, n: { type: 'number' } }, required: ['n'] };
  const number = { type: 'number' };

  test.each<[string, JsonSchema, unknown, unknown]>([
    ['to its root', tree, { n: 1, left: { n: 2 } }, { n: 1, left: { n: 'x' } }],
    ['to a definition', { $ref: '#/$defs/a%20b', $defs: { 'a b': number } }, 1, 'x'],
    ['to a definition of old', { items: { $ref: '#/definitions/A' }, definitions: { A: number } }, [1], ['x']],
    ['to a property', { properties: { x: number, y: { $ref: '#/properties/x' } } }, { y: 1 }, { y: 'x' }],
    [
      'to a property of that name',
      { properties: { $ref: number, y: { $ref: '#/properties/$ref' } } },
      { y: 1 },
      { y: 'x' },
    ],
    ['to an anchor', { items: { $ref: '#here' }, $defs: { A: { $anchor: 'here', ...number } } }, [1], ['x']],
    [
      'in a schema with an id',
      { $id: 'https://a.example/s', items: { $ref: '#/$defs/A' }, $defs: { A: number } },
      [1],
      ['x'],
    ],
    [
      'in a part with an id of its own',
      {
        items: { $ref: '#/$defs/P' },
        $defs: { P: { $id: 'part', items: { $ref: '#/$defs/A' }, $defs: { A: number } } },
      },
      [[1]],
      [['x']],
    ],
    ['that is only data', { enum: [{ $ref: '#/x' }] }, { $ref: '#/x' }, { $ref: '#/$defs/own/x' }],
  ])('keeps a reference %s', (_, schema, right, unlike) => {
    for (const value of [right, unlike]) {
      const isValid = compileSchema(schema)(value);
      expect(isValid).toBe(value === right);
      expect(compileSchema(within(schema))({ a: value })).toBe(isValid);
    }
  });
});
