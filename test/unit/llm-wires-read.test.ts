import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/errors.ts';
import type { JsonSchema } from '../../src/llm/chat.ts';
import { compileSchema } from '../../src/llm/structured.ts';
import { CHAT_REQUEST_SCHEMA, CHAT_RESPONSE_SCHEMA } from '../../src/llm/wires/chat-schemas.ts';
import { movedSchema } from '../../src/llm/wires/reading-schema.ts';
import type { ClientWire } from '../../src/llm/wires/wire.ts';
import { createWires } from '../../src/llm/wires/wires.ts';
import { answers } from '../fixtures/llm-answers.ts';

const { chat, openai, anthropic } = createWires();
const wires = [chat, openai, anthropic];
const PNG = 'iVBORw0KGgo=';
const user = { role: 'user', content: 'What is the capital of France?' };

function violations(wire: ClientWire, body: unknown): Record<string, string> {
  try {
    wire.read(body);
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    const { code, details = {} } = error as Fault;
    expect(code).toBe('VALIDATION_ERROR');
    const errors = details.errors as { path: string; message: string }[];
    return Object.fromEntries(errors.map(({ path, message }) => [path, message]));
  }
  return {};
}

const wrong = (wire: ClientWire, body: unknown) => Object.keys(violations(wire, body)).sort();

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

describe("OpenAI's wire", () => {
  test('has a neutral form of messages, tools and parameters', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const { request, stream, includeUsage } = openai.read({
      model: 'gpt-6-luna',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Here:' },
            { type: 'image_url', image_url: { url: `data:image/jpg;base64,${PNG}` } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'look', arguments: '{"x":1}' } },
            { id: 'b', type: 'function', function: { name: 'look', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'one' },
        { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'two' }] },
        { role: 'assistant', content: null, refusal: 'No.' },
      ],
      tools: [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      parallel_tool_calls: false,
      max_tokens: 5,
      max_completion_tokens: 7,
      stop: 'END',
      temperature: null,
      logit_bias: { 50256: -100 },
      n: 1,
      response_format: { type: 'json_schema', json_schema: { name: 'shape', schema: parameters } },
      stream: true,
      stream_options: { include_usage: true },
    });
    const { wire, ...neutral } = request;
    expect([stream, includeUsage]).toEqual([true, true]);
    expect(neutral).toEqual({
      model: 'gpt-6-luna',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Here:' },
            { type: 'image', media_type: 'image/jpeg', data: PNG },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'tool_call', id: 'a', name: 'look', arguments: '{"x":1}' },
            { type: 'tool_call', id: 'b', name: 'look', arguments: '{}' },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', id: 'a', content: 'one' },
            { type: 'tool_result', id: 'b', content: 'two' },
          ],
        },
        { role: 'assistant', content: 'No.' },
      ],
      tools: [{ name: 'look', description: 'Looks.', parameters, strict: true }],
      tool_choice: { name: 'look' },
      parallel_tool_calls: false,
      max_tokens: 7,
      stop: ['END'],
      logit_bias: { 50256: -100 },
      n: 1,
      response_format: { schema: parameters, name: 'shape' },
    });
    expect(wire?.family).toBe('openai');
    for (const key of ['model', 'stream', 'stream_options']) expect(wire?.body).not.toHaveProperty(key);
    expect(wire?.body).toHaveProperty('max_completion_tokens', 7);
  });

  test('keeps what only its own family takes, and removes what belongs to the gateway', () => {
    const { request } = openai.read({
      messages: [
        {
          role: 'user',
          name: 'ann',
          content: [
            { type: 'text', text: 'x' },
            { type: 'file', file: { file_data: 'data:,' } },
          ],
        },
      ],
      reasoning_effort: 'high',
      store: null,
      metadata: { a: 'b' },
      response_format: { type: 'json_object' },
      tools: [{ type: 'custom', custom: { name: 'free' } }],
      tool_choice: 'auto',
      base_url: 'https://elsewhere.example',
      api_key: 'sk-mine',
      extra_headers: { 'x-a': 'b' },
      'evil\r\nname': 1,
      stream_options: { include_obfuscation: false },
    });
    expect(request.wire?.body).toEqual({
      messages: expect.anything(),
      reasoning_effort: 'high',
      store: null,
      metadata: { a: 'b' },
      response_format: { type: 'json_object' },
      tools: expect.anything(),
      tool_choice: 'auto',
    });
    expect(request.foreign).toEqual([
      'reasoning_effort',
      'metadata',
      'messages.name',
      'messages.content.file',
      'tools.custom',
      'response_format',
    ]);
    expect(request.bound).toEqual(['messages.content.file', 'tools.custom']);
    expect(request.unknown).toEqual([
      'base_url',
      'api_key',
      'extra_headers',
      'evil__name',
      'stream_options.include_obfuscation',
    ]);
    expect(request.tools).toBeUndefined();
  });

  test('lists every violation with its place', () => {
    const body = {
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://elsewhere.example/a.png' } }] },
        { role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] },
        { role: 'assistant', content: null },
        { role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f' } }] },
        { role: 'tool', content: 'x' },
        { role: 'function', content: 'x' },
        'text',
      ],
      functions: [],
      n: 0,
      stop: ['1', '2', '3', '4', '5'],
      logit_bias: { 1: 'x' },
      top_logprobs: 21,
      tool_choice: { type: 'function', function: { name: 'none' } },
      tools: [{ type: 'function', function: { parameters: 3 } }, {}],
      response_format: { type: 'xml' },
    };
    expect(wrong(openai, body)).toEqual(
      [
        '/functions',
        '/logit_bias/1',
        '/messages/0/content/0/image_url/url',
        '/messages/1/content/0/file/file_id',
        '/messages/2/content',
        '/messages/3/tool_calls/0/function/arguments',
        '/messages/3/tool_calls/0/id',
        '/messages/4/tool_call_id',
        '/messages/5/role',
        '/messages/6',
        '/n',
        '/response_format/type',
        '/stop',
        '/tool_choice/function/name',
        '/tools/0/function/name',
        '/tools/0/function/parameters',
        '/tools/1/type',
        '/top_logprobs',
      ].sort(),
    );
  });

  test('takes several answers only where none is to be checked', () => {
    const json_schema = { name: 'shape', schema: { type: 'object' } };
    const response_format = { type: 'json_schema', json_schema };
    expect(violations(openai, { messages: [user], n: 2, response_format })).toEqual({
      '/n': expect.stringContaining('must be 1'),
    });
    expect(wrong(openai, { messages: [user], n: 1, response_format })).toEqual([]);
    expect(openai.read({ messages: [user], n: 2, response_format: { type: 'json_object' } }).request.n).toBe(2);
  });

  test('takes files as data only', () => {
    const of = (file: unknown) => ({ messages: [{ role: 'user', content: [{ type: 'file', file }] }] });
    const at = '/messages/0/content/0/file';
    expect(wrong(openai, of({ filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' }))).toEqual([]);
    expect(wrong(openai, of({ filename: 'a.pdf', file_url: 'https://elsewhere.example/a' }))).toEqual([
      `${at}/file_url`,
    ]);
    expect(wrong(openai, of({ file_id: 'file-1', file_data: 'data:,' }))).toEqual([`${at}/file_id`]);
    expect(wrong(openai, of({ file_data: 'https://elsewhere.example/a' }))).toEqual([`${at}/file_data`]);
    expect(wrong(openai, of({ filename: 7, file_data: 'data:,' }))).toEqual([`${at}/filename`]);
    expect(wrong(openai, of({ filename: 'a.pdf' }))).toEqual([`${at}/file_data`]);
    expect(wrong(openai, of(undefined))).toEqual([at]);
  });

  test('refuses tools that the provider would run, in the words of Anthropic’s wire', () => {
    const types = ['web_search', 'mcp', 'file_search', 'code_interpreter'];
    const refused = violations(openai, { messages: [user], tools: types.map((type) => ({ type })) });
    expect(Object.keys(refused)).toEqual(types.map((_, index) => `/tools/${index}/type`));
    const ofAnthropic = violations(anthropic, { max_tokens: 1, messages: [user], tools: [{ type: 'web_search_1' }] });
    expect(new Set(Object.values(refused))).toEqual(new Set(Object.values(ofAnthropic)));
  });

  test('says in an error which parameter is wrong', () => {
    const details = { errors: [{ path: '/messages/0/content', message: 'is required' }] };
    expect(openai.error({ code: 'VALIDATION_ERROR', status: 400, message: 'No.', details })).toEqual({
      error: {
        message: 'No.',
        type: 'invalid_request_error',
        param: 'messages[0].content',
        code: 'VALIDATION_ERROR',
        details,
      },
    });
    expect(openai.error({ code: 'BUDGET_EXCEEDED', status: 429, message: 'No.' })).toEqual({
      error: { message: 'No.', type: 'insufficient_quota', param: null, code: 'BUDGET_EXCEEDED' },
    });
  });
});

describe("Anthropic's wire", () => {
  test('has a neutral form of messages, tools and parameters', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
    const { request, stream } = anthropic.read({
      model: 'claude-sonnet-5-5',
      max_tokens: 64,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Here:' }, image] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 's' },
            { type: 'tool_use', id: 'a', name: 'look', input: { x: 1 } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'a',
              is_error: true,
              content: [{ type: 'text', text: 'one' }, image, { type: 'text', text: 'two' }],
            },
            { type: 'tool_result', tool_use_id: 'b' },
          ],
        },
      ],
      tools: [{ name: 'look', input_schema: schema }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      stop_sequences: ['END'],
      top_k: 5,
      metadata: { user_id: 'u' },
      output_config: { effort: 'low', format: { type: 'json_schema', schema } },
      thinking: { type: 'adaptive' },
      service_tier: 'auto',
      mcp_servers: [{ url: 'https://elsewhere.example', authorization_token: 't' }],
      stream: false,
    });
    const { wire, ...neutral } = request;
    expect(stream).toBe(false);
    expect(neutral).toEqual({
      model: 'claude-sonnet-5-5',
      max_tokens: 64,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Here:' },
            { type: 'image', media_type: 'image/png', data: PNG },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_call', id: 'a', name: 'look', arguments: '{"x":1}' }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', id: 'a', content: 'one\ntwo', is_error: true },
            { type: 'tool_result', id: 'b', content: '' },
            { type: 'image', media_type: 'image/png', data: PNG },
          ],
        },
      ],
      tools: [{ name: 'look', parameters: schema }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      stop: ['END'],
      top_k: 5,
      user: 'u',
      response_format: { schema },
      foreign: ['thinking', 'cache_control', 'messages.content.thinking', 'output_config.effort'],
      unknown: ['service_tier', 'mcp_servers'],
    });
    expect(wire?.body).not.toHaveProperty('mcp_servers');
    expect(wire?.body).not.toHaveProperty('model');
    expect(wire?.body).toHaveProperty('system');
  });

  test('binds documents, what hosted tools left behind, and tools it knows by type to its own family', () => {
    const document = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PNG } };
    const { request } = anthropic.read({
      max_tokens: 1,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Read.' }, document] },
        { role: 'assistant', content: [{ type: 'server_tool_use', id: 'x', name: 'web_search', input: {} }] },
      ],
      tools: [{ type: 'bash_20250124', name: 'bash', cache_control: { type: 'ephemeral' } }],
      tool_choice: { type: 'tool', name: 'bash' },
    });
    expect(request.bound).toEqual([
      'messages.content.document',
      'messages.content.server_tool_use',
      'tools.bash_20250124',
    ]);
    expect(request.foreign).toEqual(request.bound);
    expect(request.messages[0]?.content).toEqual([{ type: 'text', text: 'Read.' }]);
  });

  test('lists every violation with its place', () => {
    const link = { type: 'url', url: 'https://elsewhere.example/a' };
    const body = {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: link },
            { type: 'document', source: link },
          ],
        },
        { role: 'user', content: [{ type: 'tool_use', id: 'a', name: 'x', input: {} }] },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', input: 'x' },
            { type: 'tool_result', tool_use_id: 'a' },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'image', source: link }] }] },
        {
          role: 'user',
          content: [{ type: 'document', source: { type: 'content', content: [{ type: 'image', source: link }] } }],
        },
        { role: 'owner', content: 4 },
        { role: 'user' },
      ],
      system: 3,
      temperature: 1.5,
      tool_choice: { type: 'tool', name: 'x' },
      tools: [{ name: 'y' }],
      metadata: { user_id: 3 },
      output_config: { format: { type: 'xml' } },
    };
    expect(wrong(anthropic, body)).toEqual(
      [
        '/max_tokens',
        '/messages/0/content/0/source/type',
        '/messages/0/content/1/source/type',
        '/messages/1/content/0',
        '/messages/2/content/0/input',
        '/messages/2/content/0/name',
        '/messages/2/content/1',
        '/messages/3/content/0/content/0/source/type',
        '/messages/3/content/0/tool_use_id',
        '/messages/4/content/0/source/content/0/source/type',
        '/messages/5/content',
        '/messages/5/role',
        '/messages/6/content',
        '/metadata/user_id',
        '/output_config/format/type',
        '/system',
        '/temperature',
        '/tool_choice/name',
        '/tools/0/input_schema',
      ].sort(),
    );
  });

  const asked = (content: unknown, more: object = {}) => ({
    max_tokens: 1,
    messages: [{ role: 'user', content }],
    ...more,
  });

  test.each([
    'web_search_20260318',
    'web_fetch_20250910',
    'code_execution_20250825',
    'tool_search_tool_regex_20251119',
    'mcp_toolset',
    'bash',
    'bash_code_execution_20250825',
    'memory_20250818_x',
  ])('refuses the tool %s, which the provider would run at a price of its own', (type) => {
    expect(violations(anthropic, asked('x', { tools: [{ type, name: 'x' }] }))).toEqual({
      '/tools/0/type': expect.stringContaining('is run by the provider'),
    });
  });

  test('takes the tools that the client runs', () => {
    const types = ['bash_20250124', 'text_editor_20250728', 'computer_20251124', 'memory_20250818'];
    const tools = [...types.map((type) => ({ type, name: type })), { type: 'custom', name: 'c', input_schema: {} }];
    expect(wrong(anthropic, asked('x', { tools }))).toEqual([]);
  });

  test('takes nothing that is a file of the account or at another host, however deep', () => {
    const [url, file] = [
      { type: 'url', url: 'https://elsewhere.example/a' },
      { type: 'file', file_id: 'f' },
    ];
    const text = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } };
    const result = (content: unknown) => ({ type: 'tool_result', tool_use_id: 'a', content });
    const fetched = (source: unknown) => ({
      type: 'web_fetch_tool_result',
      tool_use_id: 'a',
      content: { type: 'web_fetch_result', url: 'https://elsewhere.example', content: { type: 'document', source } },
    });
    const content = [
      { type: 'document', source: file },
      { type: 'container_upload', file_id: 'f' },
      result([{ type: 'document', source: url }]),
      result([text, { type: 'container_upload', file_id: 'f' }]),
      fetched(url),
      fetched(text.source),
      { type: 'document', source: { type: 'content', content: [{ type: 'image', source: file }] } },
      { type: 'code_execution_tool_result', content: { content: [{ type: 'code_execution_output', file_id: 'f' }] } },
      {
        type: 'search_result',
        source: 'https://elsewhere.example',
        title: 't',
        content: [{ type: 'text', text: 'x' }],
      },
      { type: 'document', source: {} },
      { type: 'document' },
    ];
    const at = '/messages/0/content';
    expect(wrong(anthropic, asked(content))).toEqual(
      [
        `${at}/0/source/type`,
        `${at}/0/source/file_id`,
        `${at}/1/type`,
        `${at}/1/file_id`,
        `${at}/2/content/0/source/type`,
        `${at}/3/content/1/type`,
        `${at}/3/content/1/file_id`,
        `${at}/4/content/content/source/type`,
        `${at}/6/source/content/0/source/type`,
        `${at}/6/source/content/0/source/file_id`,
        `${at}/7/content/content/0/file_id`,
        `${at}/9/source/type`,
        `${at}/10/source`,
      ].sort(),
    );
    const used = { type: 'server_tool_use', id: 'a', name: 'n', input: { source: url, file_id: 'f' } };
    const calls = { messages: [user, { role: 'assistant', content: [used, { ...used, type: 'tool_use' }] }] };
    expect(wrong(anthropic, asked('x', calls))).toEqual([]);
  });

  test('takes content into the provider’s cache for five minutes only', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    const text = { type: 'text', text: 'x', cache_control };
    const body = asked(
      [
        text,
        { type: 'tool_result', tool_use_id: 'a', content: [text], cache_control },
        { type: 'document', source: { type: 'content', content: [text] }, cache_control },
      ],
      {
        cache_control,
        system: [text],
        tools: [
          { name: 'n', input_schema: {}, cache_control },
          { type: 'bash_20250124', name: 'b', cache_control },
        ],
      },
    );
    const at = '/messages/0/content';
    expect(wrong(anthropic, body)).toEqual(
      [
        '/cache_control/ttl',
        '/system/0/cache_control/ttl',
        '/tools/0/cache_control/ttl',
        '/tools/1/cache_control/ttl',
        `${at}/0/cache_control/ttl`,
        `${at}/1/cache_control/ttl`,
        `${at}/1/content/0/cache_control/ttl`,
        `${at}/2/cache_control/ttl`,
        `${at}/2/source/content/0/cache_control/ttl`,
      ].sort(),
    );
    const asShort = JSON.parse(JSON.stringify(body).replaceAll('"1h"', '"5m"'));
    expect(wrong(anthropic, asShort)).toEqual([]);
    expect(wrong(anthropic, JSON.parse(JSON.stringify(body).replaceAll(',"ttl":"1h"', '')))).toEqual([]);
  });

  test('drops the container, which is the account’s', () => {
    const { request } = anthropic.read(asked('x', { container: 'container_1' }));
    expect(request.unknown).toEqual(['container']);
    expect(request.wire?.body).not.toHaveProperty('container');
  });

  test('carries our code in its error object', () => {
    expect(anthropic.error({ code: 'SERVICE_UNAVAILABLE', status: 503, message: 'No.' })).toEqual({
      type: 'error',
      error: { type: 'overloaded_error', message: 'No.', code: 'SERVICE_UNAVAILABLE' },
    });
  });
});

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
