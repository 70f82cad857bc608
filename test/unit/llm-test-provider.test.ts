// biome-ignore-all lint/suspicious/noThenProperty: the script's own key; nothing awaits these objects.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadSchemas, PACKAGE_SCHEMAS } from '../../schemas/load.ts';
import { estimateTokens, type JsonSchema, type Message, type UpstreamEvent } from '../../src/llm/chat.ts';
import type { UpstreamRequest } from '../../src/llm/provider.ts';
import { createTestProvider } from '../../src/llm/providers/test.ts';
import { type Failure, readScript, type ScriptRule } from '../../src/llm/providers/test-script.ts';
import { conformingValue } from '../../src/llm/providers/test-values.ts';
import { compileSchema } from '../../src/llm/structured.ts';

const signal = new AbortController().signal;

function request(content: Message['content'], more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    provider: 'anthropic',
    model: 'claude-sonnet-5-5',
    messages: [
      { role: 'system', content: 'Say 7.' },
      { role: 'user', content },
    ],
    max_tokens: 1000,
    labels: { agent: 'dev_worker', task_type: 'code_generation', project_id: 'p' },
    ...more,
  };
}

const complete = (asked: UpstreamRequest, script: ScriptRule[] = []) =>
  createTestProvider(script).complete(asked, { signal });
const answer = async (content: string, schema?: JsonSchema) =>
  (await complete(request(content, schema && { schema: { schema, name: 'answer' } }))).text;
const value = (schema: JsonSchema, input: string) => conformingValue(schema, input);

/** What a stream brings until it ends, or fails. */
async function collect(stream: AsyncIterable<UpstreamEvent>): Promise<{ events: UpstreamEvent[]; error?: unknown }> {
  const events: UpstreamEvent[] = [];
  try {
    for await (const event of stream) events.push(event);
  } catch (error) {
    return { events, error };
  }
  return { events };
}
const streamed = (asked: UpstreamRequest, script: ScriptRule[] = []) =>
  collect(createTestProvider(script).stream(asked, { signal }));
const textIn = (events: UpstreamEvent[]) => events.map(({ text = '' }) => text).join('');

const anyText = fc.string({ unit: fc.constantFrom('a', ' ', '\n', 'é', '€', '🙂', '7', '.') });

describe('a text answer', () => {
  test('repeats the last user message, white space collapsed', async () => {
    expect(await answer('  Find\n out\twhere  ')).toBe('[test] Find out where');
  });

  test('repeats 200 code points, not 200 UTF-16 units', async () => {
    expect(await answer('🙂'.repeat(300))).toBe(`[test] ${'🙂'.repeat(200)}`);
  });

  test('repeats the text of all parts, and nothing of an image', async () => {
    const { text } = await complete(
      request([
        { type: 'text', text: 'What is' },
        { type: 'image', media_type: 'image/png', data: 'AAAA' },
        { type: 'text', text: 'this?' },
      ]),
    );
    expect(text).toBe('[test] What is this?');
  });

  test('repeats what the user said before tools answered', async () => {
    const { text } = await complete(
      request('', {
        messages: [
          { role: 'user', content: 'How warm is it?' },
          { role: 'assistant', content: [{ type: 'tool_call', id: '1', name: 'weather', arguments: '{}' }] },
          { role: 'user', content: [{ type: 'tool_result', id: '1', content: '20 degrees' }] },
        ],
      }),
    );
    expect(text).toBe('[test] How warm is it?');
  });

  test('says nothing when the user said nothing', async () => {
    expect((await complete(request('', { messages: [] }))).text).toBe('[test] ');
  });

  test('counts a quarter of the UTF-8 bytes as tokens', async () => {
    const { usage } = await complete(request('é'));
    expect(usage).toMatchObject({ inputTokens: 2, outputTokens: 3 }); // 'Say 7.é' = 8 bytes, '[test] é' = 9 bytes
  });

  test('counts at least one token for an empty input and an empty answer', async () => {
    const { text, usage } = await complete(request('', { messages: [] }), [{ match: {}, then: { text: '' } }]);
    expect([text, usage]).toMatchObject(['', { inputTokens: 1, outputTokens: 1 }]);
  });

  test('counts what tools were told and answered as input', async () => {
    const { usage } = await complete(
      request('', {
        messages: [
          { role: 'assistant', content: [{ type: 'tool_call', id: '1', name: 'weather', arguments: '{"at":1}' }] },
          { role: 'user', content: [{ type: 'tool_result', id: '1', content: '20 degrees' }] },
        ],
      }),
    );
    expect(usage?.inputTokens).toBe(5); // 8 + 10 bytes
  });

  test('comes from provider test and model test-1, whatever the candidate, and has no body', async () => {
    const passthrough = { family: 'anthropic' as const, body: { messages: [] }, dropped: [] };
    expect(await complete(request('x', { passthrough }))).toEqual({
      provider: 'test',
      model: 'test-1',
      text: '[test] x',
      toolCalls: [],
      stopReason: 'end',
      usage: { inputTokens: 2, outputTokens: 2, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
    });
  });

  test('ends before the first stop sequence in it, whichever is named first', async () => {
    const asked = request('one two three', { stop: ['three', 'two', 'four'] });
    expect(await complete(asked)).toMatchObject({ text: '[test] one ', stopReason: 'stop_sequence' });
  });

  test('is whole when no stop sequence is in it', async () => {
    expect(await complete(request('one', { stop: ['two', ''] }))).toMatchObject({
      text: '[test] one',
      stopReason: 'end',
    });
  });

  test('ends where its tokens are used up', async () => {
    const asked = request('one two three', { max_tokens: 2, stop: ['three'] });
    expect(await complete(asked)).toMatchObject({
      text: '[test] o',
      stopReason: 'max_tokens',
      usage: { outputTokens: 2 },
    });
  });

  test('is whole when it needs just the tokens it has', async () => {
    expect(await complete(request('o', { max_tokens: 2 }))).toMatchObject({ text: '[test] o', stopReason: 'end' });
  });

  test('never has more tokens than allowed, and is the start of the whole one', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, fc.integer({ min: 1, max: 20 }), async (text, max_tokens) => {
        const whole = await complete(request(text));
        const cut = await complete(request(text, { max_tokens }));
        expect(whole.text.startsWith(cut.text)).toBe(true);
        expect(cut.usage?.outputTokens).toBe(Math.min(max_tokens, whole.usage?.outputTokens as number));
        expect(cut.stopReason).toBe(cut.text === whole.text ? 'end' : 'max_tokens');
      }),
    );
  });
});

describe('a structured answer', () => {
  const input = 'Pay 1200 EUR to ann@example.org before 2026-02-30 or 2026-03-01! It is urgent: 14 days.';
  test.each<[string, JsonSchema, unknown]>([
    ['a const', { const: 5, x_test: 6 }, 5],
    ['x_test that is valid', { type: 'string', x_test: 'given' }, 'given'],
    ['not x_test that is invalid', { type: 'integer', x_test: 'given' }, 1200],
    ['the enum value that the input names', { enum: ['calm', 'Urgent'] }, 'Urgent'],
    ['the enum value with a hyphen that the input names', { enum: ['calm', 'semi-urgent', 'Urgent'] }, 'Urgent'],
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

  const many = (count: number, items: JsonSchema): JsonSchema => ({ type: 'array', minItems: count, items });
  const nothing = { type: 'string', pattern: '^\\u0001$' };

  test.each<[string, JsonSchema]>([
    ['elements', many(3e7, { type: 'boolean' })],
    ['elements of elements', many(1_000, many(1_000, many(1_000, { type: 'null' })))],
    ['characters', { type: 'string', minLength: 3e7 }],
    ['characters in all', many(200, { type: 'string', minLength: 10_000 })],
    ['characters that the schema spells out', many(2_000, { const: { said: 'x'.repeat(1_000) } })],
    ['characters of an example', many(2_000, { type: 'string', x_test: 'x'.repeat(1_000) })],
    ['characters of a choice', many(2_000, { enum: ['x'.repeat(1_000)] })],
    ['characters of names', many(2_000, { type: 'object', properties: { ['x'.repeat(1_000)]: {} } })],
    ['branches that do not work', many(100, { anyOf: [...Array(100).fill(nothing), { type: 'boolean' }] })],
    ['tries', { type: 'string', pattern: '^A+$', minLength: 100_000 }],
  ])('says so when there would be too many %s', (_, schema) => {
    expect(() => value(schema, 'word '.repeat(5_000))).toThrow('no value found');
  });

  test('may be large', () => {
    const schema = { ...many(30_000, { $ref: '#/$defs/n' }), $defs: { n: { anyOf: [{ type: 'integer' }] } } };
    expect(value(schema, '7')).toEqual(Array(30_000).fill(7));
    expect(value({ type: 'string', minLength: 1_000_000 }, 'ab')).toBe('ab'.repeat(500_000));
    expect(value({ type: 'string', pattern: '^A+$', minLength: 100_000 }, 'ab')).toBe('A'.repeat(100_000));
  });

  test('reads the data, not the lines that delimit it', async () => {
    const tag = 'data-0123456789abcdef';
    const data = `Do it. Well.\n<${tag}>\n<${tag} name="request_text">\nRepair it. Now.\n</${tag}>`;
    expect(await answer(data, { type: 'string' })).toBe('"Repair it"');
  });

  test('does not look into the instruction', async () => {
    expect(await answer('nothing', { type: 'number' })).toBe('0');
  });

  test('obeys a schema that the caller checks itself', async () => {
    expect((await complete(request('14 days', { expected: { type: 'number' } }))).text).toBe('14');
  });

  test('is neither cut nor stopped', async () => {
    const schema = { schema: { const: ['long enough'] }, name: 'answer' };
    const asked = request('x', { schema, max_tokens: 1, stop: ['long'] });
    expect(await complete(asked)).toMatchObject({ text: '["long enough"]', stopReason: 'end' });
  });

  test('is refused as a bad request when there is no value', async () => {
    const schema = { schema: { $ref: '#' }, name: 'answer' };
    await expect(complete(request('x', { schema }))).rejects.toMatchObject({ kind: 'bad_request', status: 400 });
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

describe('a call of a tool', () => {
  const number = (name: string) => ({
    name,
    parameters: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
  });
  const tools = [number('first'), number('second')];

  test.each([
    ['the first tool when one is required', 'required' as const, 'first'],
    ['the tool that is named', { name: 'second' }, 'second'],
  ])('is of %s, with arguments of its schema', async (_, tool_choice, name) => {
    const { text, toolCalls, stopReason, usage } = await complete(request('14 days', { tools, tool_choice }));
    expect([text, stopReason]).toEqual(['', 'tool_use']);
    expect(toolCalls).toEqual([{ id: expect.stringMatching(/^call_[0-9a-f]{24}$/), name, arguments: '{"n":14}' }]);
    expect(usage?.outputTokens).toBe(estimateTokens('{"n":14}'));
  });

  test.each(['auto', 'none', undefined] as const)('is not made when the choice is %s', async (tool_choice) => {
    const asked = request('14 days', { tools, ...(tool_choice && { tool_choice }) });
    expect(await complete(asked)).toMatchObject({ text: '[test] 14 days', toolCalls: [], stopReason: 'end' });
  });

  test('has an object as arguments where its schema demands nothing', async () => {
    const asked = request('x', { tools: [{ name: 'free', parameters: {} }], tool_choice: 'required' });
    expect((await complete(asked)).toolCalls).toMatchObject([{ arguments: '{}' }]);
  });

  test('is neither cut nor stopped', async () => {
    const asked = request('14 days', { tools, tool_choice: 'required', max_tokens: 1, stop: ['n'] });
    expect(await complete(asked)).toMatchObject({ toolCalls: [{ arguments: '{"n":14}' }], stopReason: 'tool_use' });
  });

  test('has the same id for the same request and another one later in the conversation', async () => {
    const asked = request('14 days', { tools, tool_choice: 'required' });
    const later = { ...asked, messages: [...asked.messages, ...asked.messages] };
    const [once, again, then] = await Promise.all([asked, asked, later].map((each) => complete(each)));
    expect(again).toEqual(once);
    expect(then?.toolCalls[0]?.id).not.toBe(once?.toolCalls[0]?.id);
  });

  test.each([
    ['names no tool of the request', { tools, tool_choice: { name: 'third' } }],
    ['requires a tool where there is none', { tool_choice: 'required' as const }],
  ])('is refused as a bad request when the choice %s', async (_, more) => {
    await expect(complete(request('x', more))).rejects.toMatchObject({ kind: 'bad_request', status: 400 });
  });

  test.each<[ScriptRule['then'], object]>([
    [{ json: { n: 'many' } }, { toolCalls: [{ name: 'first', arguments: '{"n":"many"}' }] }],
    [{ fail: 'bad_json' }, { toolCalls: [{ name: 'first', arguments: '{"unfinished": ' }] }],
    [{ text: 'no' }, { text: 'no', toolCalls: [], stopReason: 'end' }],
  ])('follows a script that says %j', async (then, expected) => {
    const asked = request('x', { tools, tool_choice: 'required' });
    expect(await complete(asked, [{ match: {}, then }])).toMatchObject(expected);
  });

  test('is named in the first message of a stream, its arguments follow token by token', async () => {
    const asked = request('14 days', { tools, tool_choice: { name: 'second' } });
    const { events } = await streamed(asked);
    const { toolCalls, usage } = await complete(asked);
    expect(events).toEqual([
      {
        toolCalls: [{ index: 0, id: toolCalls[0]?.id, name: 'second', arguments: '{"n"' }],
        content: true,
      },
      { toolCalls: [{ index: 0, arguments: ':14}' }], content: true },
      { stopReason: 'tool_use', usage },
      { end: true },
    ]);
  });
});

describe('a stream', () => {
  test('brings the text token by token, then stop reason and usage, then the end', async () => {
    const { events } = await streamed(request('hello'));
    expect(events).toEqual([
      { text: '[tes', content: true },
      { text: 't] h', content: true },
      { text: 'ello', content: true },
      { stopReason: 'end', usage: expect.objectContaining({ inputTokens: 3, outputTokens: 3 }) },
      { end: true },
    ]);
  });

  test('has as many pieces as tokens, which make up the complete text, stop reason and usage', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, fc.integer({ min: 1, max: 60 }), async (text, max_tokens) => {
        const asked = request(text, { max_tokens, stop: ['7'] });
        const whole = await complete(asked);
        const { events } = await streamed(asked);
        const pieces = events.slice(0, -2);
        expect(pieces.length).toBe(whole.usage?.outputTokens);
        expect(pieces.every((piece) => piece.text?.isWellFormed())).toBe(true);
        expect(textIn(events)).toBe(whole.text);
        expect(events.at(-2)).toEqual({ stopReason: whole.stopReason, usage: whole.usage });
      }),
    );
  });

  test('has no piece for an empty text', async () => {
    const { events } = await streamed(request('x', { stop: ['[test]'] }));
    expect(events.map((event) => Object.keys(event))).toEqual([['stopReason', 'usage'], ['end']]);
  });

  test('ends with the reason of who gave it up', async () => {
    const controller = new AbortController();
    const stream = createTestProvider().stream(request('hello'), { signal: controller.signal });
    const events = stream[Symbol.asyncIterator]();
    await events.next();
    controller.abort(new Error('given up'));
    await expect(events.next()).rejects.toThrow('given up');
  });
});

describe('the headers of an answer', () => {
  const seen = async (then: ScriptRule['then'], how: 'complete' | 'stream') => {
    let count = 0;
    const hooks = { signal, onHeaders: () => (count += 1) };
    const provider = createTestProvider([{ match: {}, then }]);
    if (how === 'stream') await collect(provider.stream(request('hi'), hooks));
    else await provider.complete(request('hi'), hooks).catch(() => undefined);
    return count;
  };

  test.each<[ScriptRule['then'], number]>([
    [{}, 1],
    [{ fail: 'cut_stream' }, 1],
    [{ fail: 'malformed' }, 1],
    [{ fail: 'reset' }, 0],
    [{ fail: 'timeout' }, 0],
  ])('arrive before what %j makes of it: %i', async (then, count) => {
    expect(await seen(then, 'complete')).toBe(count);
    expect(await seen(then, 'stream')).toBe(count);
  });
});

describe('a script', () => {
  const run = async (rules: ScriptRule[], calls: UpstreamRequest[]) => {
    const provider = createTestProvider(rules);
    const outcomes: unknown[] = [];
    for (const call of calls) {
      outcomes.push(
        await provider.complete(call, { signal }).then(
          ({ text }) => text,
          (error) => error.kind,
        ),
      );
    }
    return outcomes;
  };
  const hi = request('hi');
  const hello = request('hello');

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

  test('matches what is in a part of a message', async () => {
    const asked = request([{ type: 'tool_result', id: '1', content: 'It is 20 degrees.' }]);
    expect(await run([{ match: { contains: '20 degrees' }, then: { text: 'scripted' } }], [asked])).toEqual([
      'scripted',
    ]);
  });

  test('has no label to match where the call has none', async () => {
    const rule: ScriptRule = { match: { agent: 'dev_worker' }, then: { text: 'scripted' } };
    expect(await run([rule], [request('hi', { labels: {} })])).toEqual(['[test] hi']);
  });

  test('may count calls across complete and streamed ones', async () => {
    const provider = createTestProvider([{ match: {}, times: 1, then: { text: 'once' } }]);
    await provider.complete(hi, { signal });
    expect(textIn((await collect(provider.stream(hi, { signal }))).events)).toBe('[test] hi');
  });

  test.each<[Failure, object]>([
    ['rate_limited', { kind: 'rate_limited', status: 429, retryAfterMs: undefined }],
    ['server_error', { kind: 'server_error', status: 500 }],
    ['unavailable', { kind: 'server_error', status: 503 }],
    ['auth', { kind: 'auth', status: 401 }],
    ['timeout', { kind: 'silent', status: undefined }],
    ['reset', { kind: 'connection', status: undefined }],
    ['context_length', { kind: 'context_length', status: 400 }],
  ])('makes a call fail as %s before anything is answered', async (fail, expected) => {
    const script = [{ match: {}, then: { fail } }];
    await expect(complete(hi, script)).rejects.toMatchObject({ name: 'UpstreamFailure', ...expected });
    expect(await streamed(hi, script)).toMatchObject({ events: [], error: { name: 'UpstreamFailure', ...expected } });
  });

  test.each(['rate_limited', 'unavailable'] as const)('says with %s how long to wait', async (fail) => {
    const call = complete(hi, [{ match: {}, then: { fail, retry_after_s: 2.5 } }]);
    await expect(call).rejects.toMatchObject({ retryAfterMs: 2500 });
  });

  test.each<[Failure, object]>([
    ['cut_stream', { kind: 'cut' }],
    ['malformed', { kind: 'malformed' }],
  ])('breaks an answer as %s, a streamed one after half of its tokens', async (fail, expected) => {
    const script = [{ match: {}, then: { fail } }];
    await expect(complete(hello, script)).rejects.toMatchObject(expected);
    const { events, error } = await streamed(hello, script);
    expect(events).toEqual([
      { text: '[tes', content: true },
      { text: 't] h', content: true },
    ]);
    expect(error).toMatchObject(expected);
  });

  test('breaks a stream of one token after it', async () => {
    const { events, error } = await streamed(hi, [{ match: {}, then: { fail: 'cut_stream', text: 'one' } }]);
    expect([events, error]).toMatchObject([[{ text: 'one' }], { kind: 'cut' }]);
  });

  test.each(['silent', 'stall'] as const)('makes a call that is %s end only when it is given up', async (fail) => {
    const controller = new AbortController();
    let headers = 0;
    const hooks = { signal: controller.signal, onHeaders: () => (headers += 1) };
    const call = createTestProvider([{ match: {}, then: { fail } }]).complete(hi, hooks);
    controller.abort(new Error('given up'));
    await expect(call).rejects.toThrow('given up');
    expect(headers).toBe(0);
  });

  test.each<[Failure, string, boolean]>([
    ['silent', '', false],
    ['stall', '[test] h', false],
    ['no_done', '[test] hello', true],
  ])('makes a stream that is %s bring "%s", then end only when it is given up', async (fail, text, isStopped) => {
    const controller = new AbortController();
    const stream = createTestProvider([{ match: {}, then: { fail } }]).stream(hello, { signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    const events: UpstreamEvent[] = [];
    while (textIn(events) !== text) events.push((await iterator.next()).value);
    if (isStopped) events.push((await iterator.next()).value);
    const next = iterator.next();
    controller.abort(new Error('given up'));
    await expect(next).rejects.toThrow('given up');
    expect(events.at(-1)?.stopReason).toBe(isStopped ? 'end' : undefined);
  });

  test('filters an answer before any of it is seen', async () => {
    const script: ScriptRule[] = [{ match: {}, then: { fail: 'content_filter' } }];
    expect(await complete(hi, script)).toMatchObject({ text: '', toolCalls: [], stopReason: 'content_filter' });
    const { events } = await streamed(hi, script);
    expect(events).toMatchObject([{ stopReason: 'content_filter' }, { end: true }]);
  });

  test('makes an answer that is no JSON', async () => {
    const asked = request('x', { schema: { schema: { type: 'object' }, name: 'answer' } });
    const [text] = await run([{ match: {}, then: { fail: 'bad_json' } }], [asked]);
    expect(() => JSON.parse(text as string)).toThrow();
  });

  test('answers in full where only the end marker of a stream would be missing', async () => {
    expect(await run([{ match: {}, then: { fail: 'no_done' } }], [hi])).toEqual(['[test] hi']);
  });

  test.each<[string, ScriptRule['then'], Partial<UpstreamRequest>, string]>([
    ['bounds a text', { text: 'scripted' }, { max_tokens: 1 }, 'scri'],
    ['leaves JSON whole', { json: { two: 2 } }, { max_tokens: 1 }, '{"two":2}'],
    ['leaves a text whole where JSON is wanted', { text: '[1, 2]' }, { max_tokens: 1, expected: {} }, '[1, 2]'],
  ])('%s that it tells', async (_, then, more, expected) => {
    expect(await run([{ match: {}, then }], [request('hi', more)])).toEqual([expected]);
  });

  test('gives up waiting for its latency when the call is given up', async () => {
    const controller = new AbortController();
    const provider = createTestProvider([{ match: {}, then: { latency_ms: 600_000 } }]);
    const calls = [
      provider.complete(hi, { signal: controller.signal }),
      collect(provider.stream(hi, { signal: controller.signal })).then(({ error }) => Promise.reject(error)),
    ];
    const ended = Promise.allSettled(calls);
    const reason = new Error('given up');
    controller.abort(reason);
    expect(await ended).toEqual(calls.map(() => ({ status: 'rejected', reason })));
  });

  test('is not asked for a call that was given up before', async () => {
    const provider = createTestProvider([{ match: {}, times: 1, then: { text: 'once' } }]);
    const given = AbortSignal.abort(new Error('given up'));
    await expect(provider.complete(hi, { signal: given })).rejects.toThrow('given up');
    expect((await collect(provider.stream(hi, { signal: given }))).error).toBe(given.reason);
    expect((await provider.complete(hi, { signal })).text).toBe('once');
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
