import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWires } from '../../src/llm/wires/wires.ts';
import { user, violations, wrong } from '../support/wire-violations.ts';

const { chat, openai, anthropic } = createWires();
const wires = [chat, openai, anthropic];

describe('hostile bodies', () => {
  const keys = fc.constantFrom(
    'messages',
    'role',
    'content',
    'type',
    'text',
    'source',
    'image_url',
    'url',
    'tools',
    'function',
    'tool_calls',
    'input',
    'tool_choice',
    'response_format',
    'json_schema',
    'schema',
    'output_config',
    'format',
    'system',
    'stop',
    '__proto__',
    'constructor',
    'toString',
    'max_tokens',
    'file',
    'properties',
    '$ref',
    'parameters',
    'name',
    'stream_options',
    'file_data',
    'file_id',
    'cache_control',
    'ttl',
  );
  const words = fc.constantFrom(
    'user',
    'assistant',
    'tool',
    'system',
    'text',
    'image',
    'image_url',
    'tool_use',
    'tool_result',
    'document',
    'base64',
    'json_schema',
    'function',
    'content',
    'custom',
    'data:image/png;base64,',
    '#/a',
    'object',
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 7, withCrossShrink: true },
      words,
      fc.constantFrom(null, 1, -1, 0.5, true, '', 1e308),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(keys, tie('value')), { maxLength: 6 }).map((entries) =>
        // As a parser makes it: `__proto__` is a member like any other.
        JSON.parse(`{${entries.map(([key, member]) => `${JSON.stringify(key)}:${JSON.stringify(member)}`).join(',')}}`),
      ),
    ),
  }));

  test('are read or refused, nothing else', () => {
    const body = fc.record(
      {
        messages: fc.array(value, { maxLength: 3 }),
        tools: value,
        system: value,
        response_format: value,
        output_config: value,
        tool_choice: value,
      },
      { requiredKeys: ['messages'] },
    );
    fc.assert(
      fc.property(fc.oneof(body, value), (hostile) => {
        for (const wire of wires) violations(wire, hostile);
      }),
      { numRuns: 3_000 },
    );
    expect({}).not.toHaveProperty('messages');
  });

  test('may be deep', () => {
    const deep = JSON.parse(`${'{"properties":'.repeat(5_000)}{}${'}'.repeat(5_000)}`);
    expect(wrong(chat, { messages: [user], response_format: { type: 'json_schema', schema: deep } })).toHaveLength(1);
    const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'n', input: deep }] };
    expect(wrong(anthropic, { max_tokens: 1, messages: [call] })).toEqual(['/messages/0/content/0/input']);
    for (const wire of wires) expect(wrong(wire, { messages: deep, system: deep })).not.toEqual([]);
    const document = { role: 'user', content: [{ type: 'document', source: deep }] };
    expect(wrong(anthropic, { max_tokens: 1, messages: [document] })).toHaveLength(2);
  });

  test('may be wide: some violations stand for all', () => {
    const many = { messages: Array(50_000).fill({}) };
    for (const wire of [openai, anthropic]) expect(wrong(wire, many).length).toBeLessThanOrEqual(100);
    const named = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 1]));
    expect(openai.read({ messages: [user], ...named }).request.unknown).toHaveLength(50);
  });

  test('name places and rules in their errors, no values', () => {
    const secret = 'canary-7f3a';
    const body = {
      messages: [{ role: secret, content: [{ type: secret, text: 3 }] }],
      stop: secret,
      tool_choice: secret,
    };
    for (const wire of wires) expect(JSON.stringify(violations(wire, body))).not.toContain(secret);
  });
});
