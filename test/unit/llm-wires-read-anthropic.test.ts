import { describe, expect, test } from 'vitest';
import { createWires } from '../../src/llm/wires/wires.ts';
import { PNG, user, violations, wrong } from '../support/wire-violations.ts';

const { anthropic } = createWires();

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
