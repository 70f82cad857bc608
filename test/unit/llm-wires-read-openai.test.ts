import { describe, expect, test } from 'vitest';
import { createWires } from '../../src/llm/wires/wires.ts';
import { PNG, user, violations, wrong } from '../support/wire-violations.ts';

const { openai, anthropic } = createWires();

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
