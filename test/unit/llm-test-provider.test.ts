// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadSchemas, PACKAGE_SCHEMAS } from '../../schemas/load.ts';
import type { JsonSchema, ProviderRequest } from '../../src/llm/provider.ts';
import { createTestProvider } from '../../src/llm/providers/test.ts';
import { readScript, type ScriptRule } from '../../src/llm/providers/test-script.ts';
import { conformingValue } from '../../src/llm/providers/test-values.ts';
import { compileSchema } from '../../src/llm/structured.ts';

const never = new AbortController().signal;

function request(content: string, schema?: JsonSchema): ProviderRequest {
  return {
    provider: 'anthropic',
    model: 'claude-sonnet-5-5',
    messages: [
      { role: 'system', content: 'Say 7.' },
      { role: 'user', content },
    ],
    max_tokens: 100,
    labels: { agent: 'dev_worker', task_type: 'code_generation', project_id: 'p' },
    ...(schema && { schema }),
  };
}

const answer = async (content: string, schema?: JsonSchema) =>
  (await createTestProvider().complete(request(content, schema), never)).text;
const value = (schema: JsonSchema, input: string) => conformingValue(schema, input);

describe('a text answer', () => {
  test('repeats the last user message, white space collapsed', async () => {
    expect(await answer('  Find\n out\twhere  ')).toBe('[test] Find out where');
  });

  test('repeats 200 code points, not 200 UTF-16 units', async () => {
    expect(await answer('🙂'.repeat(300))).toBe(`[test] ${'🙂'.repeat(200)}`);
  });

  test('counts a quarter of the UTF-8 bytes as tokens, at least one', async () => {
    const { usage } = await createTestProvider().complete(request('é'), never);
    expect(usage).toEqual({ input_tokens: 2, output_tokens: 3 }); // 'Say 7.é' = 8 bytes, '[test] é' = 9 bytes
  });

  test('comes from provider test and model test-1, whatever the candidate', async () => {
    expect(await createTestProvider().complete(request('x'), never)).toMatchObject({
      provider: 'test',
      model: 'test-1',
      stop_reason: 'end',
    });
  });
});

describe('a structured answer', () => {
  const input = 'Pay 1200 EUR to ann@example.org before 2026-02-30 or 2026-03-01! It is urgent: 14 days.';
  test.each<[string, JsonSchema, unknown]>([
    ['a const', { const: 5, x_test: 6 }, 5],
    ['x_test that is valid', { type: 'string', x_test: 'given' }, 'given'],
    ['not x_test that is invalid', { type: 'integer', x_test: 'given' }, 1200],
    ['the enum value that the input names', { enum: ['calm', 'Urgent'] }, 'Urgent'],
    ['the first enum value when the input names none', { enum: ['calm', 'urge'] }, 'calm'],
    ['the first existing date', { type: 'string', format: 'date' }, '2026-03-01'],
    ['the address', { type: 'string', format: 'email' }, 'ann@example.org'],
    ['null where no uuid is and null may be', { type: ['string', 'null'], format: 'uuid' }, null],
    [
      'a fixed uuid where none is and one must be',
      { type: 'string', format: 'uuid' },
      '6f1c1d5e-3b0a-4f57-9a0e-2a1c5a1d7c11',
    ],
    ['null for a string that may be', { type: ['string', 'null'] }, null],
    ['the first sentence', { type: 'string' }, 'Pay 1200 EUR to ann@example'],
    ['the first sentence, cut', { type: 'string', maxLength: 8 }, 'Pay 1200'],
    ['the first number that is valid', { type: 'number', maximum: 100 }, 14],
    ['the middle of bounds that no number meets', { type: 'number', minimum: 4000, maximum: 5000 }, 4500],
    ['the minimum that no number meets', { type: 'number', minimum: 4000 }, 4000],
    ['true', { type: 'boolean' }, true],
    ['no elements where none are required', { type: 'array', items: { type: 'string' } }, []],
    ['as many elements as required', { type: 'array', minItems: 2, items: { type: 'boolean' } }, [true, true]],
    [
      'all properties',
      { type: 'object', properties: { a: { const: 1 }, b: { const: 2 } }, required: ['a'] },
      { a: 1, b: 2 },
    ],
    ['the first branch that works', { oneOf: [{ type: 'string', pattern: '^\\u0001$' }, { type: 'boolean' }] }, true],
    [
      'the branch within its siblings',
      { type: 'object', properties: { a: { const: 1 } }, anyOf: [{ required: ['b'] }] },
      { a: 1, b: null },
    ],
    ['what a local reference names', { $defs: { yes: { type: 'boolean' } }, $ref: '#/$defs/yes' }, true],
    [
      'a string of the least length',
      { type: 'string', minLength: 30, maxLength: 40 },
      'Pay 1200 EUR to ann@examplePay',
    ],
    ['the first word that a pattern allows', { type: 'string', pattern: '^[A-Z]{3}$' }, 'EUR'],
    ['a whole number between bounds that no number meets', { type: 'integer', minimum: 3, maximum: 6 }, 4],
    ['a number above a bound it must not reach', { type: 'integer', exclusiveMinimum: 4000 }, 4001],
    ['a number below a bound it must not reach', { type: 'integer', exclusiveMaximum: -9 }, -10],
    ['a multiple between bounds', { type: 'integer', multipleOf: 7, minimum: 15, maximum: 25 }, 21],
    [
      'the leading elements as they are asked for',
      { minItems: 2, prefixItems: [{ const: 1 }], items: { const: 2 } },
      [1, 2],
    ],
    ['a property that is required and not described', { required: ['a'] }, { a: null }],
    ['a string where only a format is given', { format: 'date' }, '2026-03-01'],
    ['a number where only bounds are given', { minimum: 4000 }, 4000],
    ['null where anything may be', {}, null],
    [
      'what all parts ask for, required names together',
      {
        allOf: [
          { properties: { a: { const: 1 } }, required: ['a'] },
          { properties: { b: { const: 2 } }, required: ['b'] },
        ],
      },
      { a: 1, b: 2 },
    ],
    [
      'x_test valid by a reference',
      {
        $defs: { n: { type: 'integer' } },
        type: 'object',
        properties: { a: { type: 'array', items: { $ref: '#/$defs/n' }, x_test: [3] } },
      },
      { a: [3] },
    ],
    ['what all parts ask for', { allOf: [{ type: 'integer', minimum: 3 }, { maximum: 4 }] }, 3],
  ])('is %s', (_, schema, expected) => {
    expect(value(schema, input)).toEqual(expected);
    expect(compileSchema(schema)(expected)).toBe(true);
  });

  test('is 0 for a number when the input has none and there are no bounds', () => {
    expect(value({ type: 'number' }, 'none')).toBe(0);
  });

  test.each<[string, JsonSchema]>([
    ['a pattern nothing matches', { type: 'string', pattern: '^\\u0001$' }],
    ['a format with a pattern nothing matches', { type: 'string', format: 'date', pattern: '^x' }],
    ['bounds that exclude all', { type: 'number', minimum: 2, maximum: 1 }],
    ['branches that all fail', { anyOf: [{ type: 'number', minimum: 2, maximum: 1 }] }],
    ['a reference to another file', { $ref: 'other.json' }],
    ['a schema that holds itself', { $ref: '#' }],
  ])('says so when there is no value: %s', (_, schema) => {
    expect(() => value(schema, 'none')).toThrow('no value found');
  });

  test('reads the data, not the lines that delimit it', async () => {
    const data = '<data-0123456789abcdef name="request_text">\nRepair it. Now.\n</data-0123456789abcdef>';
    expect(await answer(data, { type: 'string' })).toBe('"Repair it"');
  });

  test('does not look into the instruction', async () => {
    expect(await answer('nothing', { type: 'number' })).toBe('0');
  });

  test('is the same for the same request, byte by byte', async () => {
    const schema = {
      type: 'object',
      properties: {
        text: { type: 'string' },
        n: { type: 'number', minimum: 3 },
        d: { type: 'string', format: 'date-time' },
      },
    };
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        expect(await answer(text, schema)).toBe(await answer(text, schema));
        expect(await answer(text)).toBe(await answer(text));
      }),
    );
  });

  /** Each schema of the platform with all others in its definitions. */
  function bundles(): [string, JsonSchema][] {
    const local = (text: string) => text.replace(/"\$ref":"[^"]*?(\w+)\.v1\.schema\.json"/g, '"$ref":"#/$defs/$1"');
    const schemas = loadSchemas(PACKAGE_SCHEMAS).files.map(
      ({ name, schema: { $id: _, ...schema } }) =>
        [name, JSON.parse(local(JSON.stringify(schema))) as JsonSchema] as const,
    );
    const $defs = Object.fromEntries(schemas);
    return schemas.map(([name, schema]) => [name, { ...schema, $defs }]);
  }
  test.each(bundles())('conforms to the schema of %s for any input', (_, schema) => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.lorem({ mode: 'sentences' }), fc.string({ unit: 'grapheme' })), (input) => {
        expect(compileSchema(schema)(value(schema, input))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a script', () => {
  const run = async (rules: ScriptRule[], calls: ProviderRequest[]) => {
    const provider = createTestProvider(rules);
    const outcomes: unknown[] = [];
    for (const call of calls) {
      outcomes.push(
        await provider.complete(call, never).then(
          ({ text }) => text,
          (error) => error.details.outcome,
        ),
      );
    }
    return outcomes;
  };
  const hi = request('hi');

  test('skips, then takes, then lets pass', async () => {
    const rule: ScriptRule = { match: {}, skip: 1, times: 2, then: { fail: 'server_error' } };
    expect(await run([rule], [hi, hi, hi, hi])).toEqual(['[test] hi', 'server_error', 'server_error', '[test] hi']);
  });

  test.each([
    [{ provider: 'anthropic' }, true],
    [{ provider: 'openai' }, false],
    [{ model: 'claude-sonnet-5-5' }, true],
    [{ model: 'test-1' }, false],
    [{ agent: 'dev_worker' }, true],
    [{ agent: 'test_worker' }, false],
    [{ task_type: 'code_generation' }, true],
    [{ task_type: 'reasoning' }, false],
    [{ contains: 'hi' }, true],
    [{ contains: 'HI' }, false],
    [{ agent: 'dev_worker', contains: 'nothing' }, false],
  ])('matches %j: %s', async (match, matches) => {
    expect(await run([{ match, then: { text: 'scripted' } }], [hi])).toEqual([matches ? 'scripted' : '[test] hi']);
  });

  test('follows the first rule that applies', async () => {
    const rules: ScriptRule[] = [
      { match: { contains: 'hi' }, times: 1, then: { text: 'one' } },
      { match: {}, then: { json: { two: 2 } } },
    ];
    expect(await run(rules, [hi, hi])).toEqual(['one', '{"two":2}']);
  });

  test.each([
    ['rate_limited', 'RATE_LIMITED', { status: 429, retry_after_s: 2 }],
    ['server_error', 'PROVIDER_ERROR', { status: 500 }],
    ['unavailable', 'SERVICE_UNAVAILABLE', { status: 503 }],
    ['auth', 'PROVIDER_ERROR', { status: 401 }],
    ['timeout', 'PROVIDER_ERROR', {}],
    ['reset', 'PROVIDER_ERROR', {}],
    ['cut_stream', 'PROVIDER_ERROR', { status: 200 }],
    ['malformed', 'PROVIDER_ERROR', { status: 200 }],
    ['context_length', 'PROVIDER_ERROR', { status: 400 }],
    ['content_filter', 'PROVIDER_ERROR', { status: 200 }],
  ] as const)('makes a call fail as %s', async (fail, code, details) => {
    const then = fail === 'rate_limited' ? { fail, retry_after_s: 2 } : { fail };
    const call = createTestProvider([{ match: {}, then }]).complete(hi, never);
    await expect(call).rejects.toMatchObject({ code, details: { outcome: fail, ...details } });
  });

  test.each(['silent', 'stall'] as const)('makes a call that is %s end only when it is given up', async (fail) => {
    const controller = new AbortController();
    const call = createTestProvider([{ match: {}, then: { fail } }]).complete(hi, controller.signal);
    controller.abort(new Error('given up'));
    await expect(call).rejects.toThrow('given up');
  });

  test('makes an answer that is no JSON', async () => {
    const [text] = await run([{ match: {}, then: { fail: 'bad_json' } }], [request('x', { type: 'object' })]);
    expect(() => JSON.parse(text as string)).toThrow();
  });

  test('answers in full where only the end marker of a stream would be missing', async () => {
    expect(await run([{ match: {}, then: { fail: 'no_done' } }], [hi])).toEqual(['[test] hi']);
  });

  test('gives up waiting for its latency when the call is given up', async () => {
    const controller = new AbortController();
    const call = createTestProvider([{ match: {}, then: { latency_ms: 600_000 } }]).complete(hi, controller.signal);
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('is read from a file', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'script-')), 'script.json');
    writeFileSync(path, '[{"match":{"agent":"dev_worker"},"times":2,"then":{"fail":"timeout"}}]');
    expect(readScript(path)).toEqual([{ match: { agent: 'dev_worker' }, times: 2, then: { fail: 'timeout' } }]);
  });

  test.each([
    ['{"match":{}}', 'must be array'],
    ['[{"match":{},"then":{"fail":"bored"}}]', 'must be equal to one of the allowed values'],
    ['[{"match":{"user":"x"},"then":{}}]', 'must NOT have additional properties'],
    ['[', 'not JSON'],
  ])('that is wrong (%s) stops start-up and says what is wrong', (text, what) => {
    const path = join(mkdtempSync(join(tmpdir(), 'script-')), 'script.json');
    writeFileSync(path, text);
    expect(() => readScript(path)).toThrow(what);
  });

  test('that does not exist stops start-up', () => {
    expect(() => readScript('/nowhere/script.json')).toThrow('cannot be read');
  });
});
