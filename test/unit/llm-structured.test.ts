import { describe, expect, it } from 'vitest';
import { isCostly, readStructured } from '../../src/llm/structured.ts';

const closed = (properties: Record<string, unknown>) => ({ type: 'object', additionalProperties: false, properties });

describe('an answer that must have a shape', () => {
  it('is read as JSON, in a Markdown fence or without', () => {
    const schema = closed({ n: { type: 'integer' } });
    for (const text of ['{"n":1}', ' {"n":1}\n', '```json\n{"n":1}\n```', '```\n{"n":1}\n```\n']) {
      expect(readStructured(text, schema)).toEqual({ ok: true, value: { n: 1 } });
    }
    expect(readStructured('{"n":1', schema)).toEqual({ ok: false, errors: ['the answer is not JSON'] });
  });

  it('cannot hold up the process with a fence that never ends', () => {
    expect(readStructured(`\`\`\`json${'\n'.repeat(200_000)}x`, {})).toMatchObject({ ok: false });
  });

  it('is checked against the clock only where its schema can take long, not where a member has such a name', () => {
    expect(isCostly(closed({ pattern: { type: 'string' }, $ref: { enum: ['pattern', '$ref'] } }))).toBe(false);
    const long = [{ pattern: 'a' }, { $ref: '#' }, { $dynamicRef: '#x' }, { patternProperties: { a: {} } }];
    for (const schema of long) expect(isCostly(closed({ n: schema }))).toBe(true);
  });

  it('cannot hold up the process with a pattern that backtracks', () => {
    const schema = { type: 'string', pattern: '^(a+)+$' };
    const errors = ['/ cannot be checked against its schema within 100 ms'];
    expect(readStructured(JSON.stringify(`${'a'.repeat(60)}!`), schema)).toEqual({ ok: false, errors });
    expect(readStructured('"aaa"', schema)).toEqual({ ok: true, value: 'aaa' });
  });

  it('cannot hold up the process with references that multiply', () => {
    const level = (n: number) => ({ allOf: [{ $ref: `#/$defs/a${n + 1}` }, { $ref: `#/$defs/a${n + 1}` }] });
    const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`a${n}`, level(n)]));
    const schema = { $ref: '#/$defs/a0', $defs: { ...$defs, a40: { type: 'string' } } };
    expect(readStructured('"x"', schema)).toMatchObject({ ok: false });
  });

  it('is told wrong by place, where names that are its own are content and not told', () => {
    const schema = {
      type: 'object',
      properties: { known: closed({ n: { type: 'integer' } }) },
      additionalProperties: { type: 'integer' },
    };
    const read = readStructured('{"SECRET":"x","known":{"n":"y"}}', schema);
    expect(read).toEqual({ ok: false, errors: ['/* must be integer', '/known/n must be integer'] });
  });
});
