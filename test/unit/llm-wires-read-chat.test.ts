import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHAT_REQUEST_SCHEMA, CHAT_RESPONSE_SCHEMA } from '../../src/llm/wires/chat-schemas.ts';
import { createWires } from '../../src/llm/wires/wires.ts';
import { answers } from '../fixtures/llm-answers.ts';
import { PNG, user, wrong } from '../support/wire-violations.ts';

const { chat } = createWires();

describe("the gateway's own wire", () => {
  test('takes every field of the contract', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const read = chat.read({
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'And this?' },
            { type: 'image', media_type: 'image/png', data: PNG },
          ],
        },
      ],
      provider: 'anthropic',
      model: 'claude-sonnet-5-5',
      max_tokens: 100,
      temperature: 0,
      top_p: 1,
      stop: ['a', 'b', 'c', 'd'],
      seed: -7,
      stream: true,
      agent: 'dev_worker',
      task_type: 'reasoning',
      project_id: 'p-1',
      response_format: { type: 'json_schema', schema },
      cache: false,
    });
    expect(read).toEqual({
      request: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'And this?' },
              { type: 'image', media_type: 'image/png', data: PNG },
            ],
          },
        ],
        provider: 'anthropic',
        model: 'claude-sonnet-5-5',
        max_tokens: 100,
        temperature: 0,
        top_p: 1,
        stop: ['a', 'b', 'c', 'd'],
        seed: -7,
        response_format: { schema },
      },
      stream: true,
      labels: { agent: 'dev_worker', task_type: 'reasoning', project_id: 'p-1' },
      cache: false,
    });
  });

  test('lists every violation with its place', () => {
    const body = {
      messages: [
        { role: 'tool', content: 'x' },
        { role: 'user' },
        { role: 'user', content: [], name: 'me' },
        {
          role: 'user',
          content: [{ type: 'image', media_type: 'image/tiff', data: 'not base64!' }, { type: 'video' }, 7],
        },
        { role: 'assistant', content: [{ type: 'image', media_type: 'image/png', data: PNG }] },
        null,
      ],
      model: '',
      max_tokens: 0,
      temperature: 2.1,
      top_p: -1,
      stop: ['a', 'b', 'c', 'd', 'e'],
      seed: 1.5,
      stream: 'yes',
      agent: 'x'.repeat(201),
      project_id: '',
      response_format: { type: 'json_schema', schema: { type: 'no such type' } },
      cache: null,
      base_url: 'https://elsewhere.example',
      'a/b~c': 1,
    };
    expect(wrong(chat, body)).toEqual(
      [
        '/a~1b~0c',
        '/agent',
        '/base_url',
        '/cache',
        '/max_tokens',
        '/messages/0/role',
        '/messages/1/content',
        '/messages/2/content',
        '/messages/2/name',
        '/messages/3/content/0/data',
        '/messages/3/content/0/media_type',
        '/messages/3/content/1/type',
        '/messages/3/content/2',
        '/messages/4/content/0',
        '/messages/5',
        '/model',
        '/project_id',
        '/response_format/schema',
        '/seed',
        '/stop',
        '/stream',
        '/temperature',
        '/top_p',
      ].sort(),
    );
    expect(wrong(chat, {})).toEqual(['/messages']);
    expect(wrong(chat, { messages: Array(1_001).fill(user) })).toEqual(['/messages']);
    expect(wrong(chat, [])).toEqual(['']);
  });

  test.each([
    ['a reference out of the schema', { $ref: 'https://elsewhere.example/schema.json' }, '/$ref'],
    [
      'a reference out of a property named like data',
      { properties: { const: { $ref: 'other.json' } } },
      '/properties/const/$ref',
    ],
    ['a reference that leads nowhere', { $ref: '#/$defs/none' }, ''],
    ['a validator that answers with a promise', { $async: true }, '/$async'],
    ['a broken pattern', { type: 'string', pattern: '(' }, ''],
    ['the list form of items', { items: [{}] }, ''],
    ['too many members', { required: Array.from({ length: 2_001 }, (_, index) => `m${index}`) }, ''],
  ])('refuses in a schema %s', (_, schema, at) => {
    const body = { messages: [user], response_format: { type: 'json_schema', schema } };
    expect(wrong(chat, body)).toEqual([`/response_format/schema${at}`]);
  });

  test('takes a schema that names another dialect or holds a reference as data', () => {
    const named = { $schema: 'http://json-schema.org/draft-07/schema#', enum: [{ $ref: 'data.json' }] };
    const { request } = chat.read({ messages: [user], response_format: { type: 'json_schema', schema: named } });
    expect(request.response_format).toEqual({ schema: { enum: [{ $ref: 'data.json' }] } });
  });

  test('accepts what its published schema accepts', () => {
    const isValid = new Ajv2020({ strict: false }).compile(CHAT_REQUEST_SCHEMA);
    const member = fc.oneof(
      fc.constant(1),
      fc.constant('x'),
      fc.constant(null),
      fc.constant(true),
      fc.constant(''),
      fc.constant(-1),
      fc.constant(0.5),
    );
    const part = fc.oneof(
      fc.record({ type: fc.constantFrom('text', 'image', 'x'), text: member }, { requiredKeys: [] }),
      fc.record({
        type: fc.constant('image'),
        media_type: fc.constantFrom('image/png', 'x'),
        data: fc.constantFrom(PNG, '', '?'),
      }),
    );
    const message = fc.record(
      {
        role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
        content: fc.oneof(member, fc.array(part, { maxLength: 2 })),
        extra: member,
      },
      { requiredKeys: ['role'] },
    );
    const body = fc.record(
      {
        messages: fc.oneof(fc.constant([user]), fc.array(message, { maxLength: 2 }), member),
        model: member,
        max_tokens: member,
        temperature: member,
        top_p: member,
        stop: fc.oneof(member, fc.array(member, { maxLength: 5 })),
        seed: member,
        stream: member,
        agent: member,
        project_id: member,
        cache: member,
        other: member,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(body, (value) => (wrong(chat, value).length === 0) === isValid(value)),
      { numRuns: 2_000 },
    );
  });

  test('answers with exactly the keys of its published schema', () => {
    const isValid = new Ajv2020({ strict: false }).compile(CHAT_RESPONSE_SCHEMA);
    fc.assert(
      fc.property(answers, fc.boolean(), (answer, cached) => isValid(chat.answer(answer, chat.newId(), cached))),
    );
    const answer = { provider: 'p', model: 'm', text: 'Paris.', toolCalls: [], stopReason: 'end' as const };
    expect(chat.answer({ ...answer, usage: null }, 'chat-00000000', true)).toEqual({
      id: 'chat-00000000',
      provider: 'p',
      model: 'm',
      message: { role: 'assistant', content: 'Paris.' },
      usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
      cached: true,
    });
  });
});
