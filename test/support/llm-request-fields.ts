/**
 * Every field of a request that a response cache must tell apart, by wire: a request that has them all, and for each
 * field other values that the wire takes.
 */
import fc from 'fast-check';

// biome-ignore lint/suspicious/noExplicitAny: bodies are taken apart and put together freely
type Body = any;

/** In the place of a value: the member is not there. */
export const ABSENT = Symbol('absent');

export interface Field {
  name: string;
  values: fc.Arbitrary<unknown>;
  put(body: Body, value: unknown): void;
}

/** A member by its path; the value ABSENT takes it out. */
function member(path: string, values: fc.Arbitrary<unknown>): Field {
  const steps = path.split('.');
  const last = steps.pop() as string;
  return {
    name: path,
    values,
    put(body, value) {
      const parent = steps.reduce((at, step) => at[step], body);
      if (value === ABSENT) delete parent[last];
      else parent[last] = value;
    },
  };
}

/** The order of a list's first `count` items. */
function order(path: string, count: number): Field {
  const indices = Array.from({ length: count }, (_, index) => index);
  return {
    name: `order of ${path}`,
    values: fc.shuffledSubarray(indices, { minLength: count }),
    put(body, value) {
      const list = path.split('.').reduce((at, step) => at[step], body) as unknown[];
      const items = list.slice(0, count);
      for (const [at, from] of (value as number[]).entries()) list[at] = items[from];
    },
  };
}

const orAbsent = (values: fc.Arbitrary<unknown>) => fc.oneof(fc.constant(ABSENT), values);
const words = fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8})?$/);
/** Nothing that an answer here contains. */
const stops = fc.uniqueArray(fc.stringMatching(/^[0-9]{3,5}$/), { minLength: 1, maxLength: 4 });
const quarters = (max: number) => fc.integer({ min: 0, max: max * 4 }).map((count) => count / 4);
const images = fc.constantFrom('iVBORw0K', 'iVBORw0L', 'R0lGODdh', 'AAAABBBB');
const limits = fc.integer({ min: 64, max: 500 });
const schemas = fc.record({
  type: fc.constant('object'),
  properties: fc.record({ a: fc.record({ type: fc.constant('string'), maxLength: fc.integer({ min: 4, max: 99 }) }) }),
  required: fc.constant(['a']),
  additionalProperties: fc.constant(false),
});
const toolSchemas = fc.record({
  type: fc.constant('object'),
  properties: fc.record({
    a: fc.record({ type: fc.constantFrom('string', 'integer', 'boolean'), description: words }),
  }),
});

const CHAT_FIELDS: readonly Field[] = [
  member('messages.0.content', words),
  member('messages.0.role', fc.constantFrom('system', 'user', 'assistant')),
  member(
    'messages.1.content',
    fc.oneof(words, fc.array(fc.record({ type: fc.constant('text'), text: words }), { minLength: 1, maxLength: 3 })),
  ),
  member('messages.1.content.0.text', words),
  member('messages.1.content.1.media_type', fc.constantFrom('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
  member('messages.1.content.1.data', images),
  order('messages.1.content', 3),
  order('messages', 3),
  member(
    'messages.3.content',
    words.map((text) => `say ${text}`),
  ),
  member('model', fc.constantFrom('m-a', 'm-b')),
  member('max_tokens', limits),
  member('temperature', orAbsent(quarters(2))),
  member('top_p', orAbsent(quarters(1))),
  member('stop', orAbsent(stops)),
  order('stop', 2),
  member('seed', orAbsent(fc.integer())),
  member('response_format', orAbsent(schemas.map((schema) => ({ type: 'json_schema', schema })))),
];

const OPENAI_FIELDS: readonly Field[] = [
  member('model', fc.constantFrom('m-a', 'm-b')),
  member('messages.0.role', fc.constantFrom('developer', 'system')),
  member('messages.0.content', words),
  member('messages.1.name', orAbsent(words)),
  member('messages.1.content.0.text', words),
  member(
    'messages.1.content.1.image_url.url',
    images.map((data) => `data:image/png;base64,${data}`),
  ),
  member('messages.1.content.1.image_url.detail', orAbsent(fc.constantFrom('auto', 'low', 'high'))),
  order('messages.1.content', 2),
  order('messages', 2),
  member(
    'messages.2.tool_calls.0.function.name',
    words.map((text) => text.replace(' ', '_')),
  ),
  member('messages.2.tool_calls.0.function.arguments', fc.json({ maxDepth: 1 })),
  member('messages.3.content', words),
  member(
    'messages.4.content',
    words.map((text) => `say ${text}`),
  ),
  member('max_completion_tokens', limits),
  member('temperature', orAbsent(quarters(2))),
  member('top_p', orAbsent(quarters(1))),
  member('top_k', orAbsent(fc.nat(100))),
  member('seed', orAbsent(fc.integer())),
  member('frequency_penalty', orAbsent(quarters(2))),
  member('presence_penalty', orAbsent(quarters(2))),
  member(
    'logit_bias',
    orAbsent(
      fc.dictionary(fc.stringMatching(/^[0-9]{1,4}$/), fc.integer({ min: -100, max: 100 }), { minKeys: 1, maxKeys: 3 }),
    ),
  ),
  member('logprobs', orAbsent(fc.boolean())),
  member('top_logprobs', orAbsent(fc.nat(20))),
  member('n', orAbsent(fc.integer({ min: 1, max: 4 }))),
  member('stop', orAbsent(fc.oneof(stops, fc.stringMatching(/^[0-9]{3}$/)))),
  order('stop', 2),
  member('tools.0.function.description', orAbsent(words)),
  member('tools.0.function.parameters', toolSchemas),
  member('tools.0.function.strict', orAbsent(fc.boolean())),
  order('tools', 2),
  member(
    'tool_choice',
    fc.constantFrom<unknown>(
      ABSENT,
      'auto',
      'none',
      'required',
      { type: 'function', function: { name: 'look' } },
      { type: 'function', function: { name: 'find' } },
    ),
  ),
  member('parallel_tool_calls', orAbsent(fc.boolean())),
  member(
    'response_format',
    fc.oneof(
      fc.constant(ABSENT),
      fc.constant({ type: 'text' }),
      schemas.map((schema) => ({ type: 'json_schema', json_schema: { name: 'answer', schema } })),
    ),
  ),
  ...['audio', 'moderation', 'prediction', 'prompt_cache_options'].map((name) =>
    member(name, orAbsent(fc.record({ a: words }))),
  ),
  ...['prompt_cache_key', 'prompt_cache_retention', 'safety_identifier', 'verbosity'].map((name) =>
    member(name, orAbsent(words)),
  ),
  member('modalities', orAbsent(fc.shuffledSubarray(['text', 'audio'], { minLength: 1 }))),
  member('reasoning_effort', orAbsent(fc.constantFrom('none', 'low', 'high'))),
  member('store', orAbsent(fc.boolean())),
];

const ANTHROPIC_FIELDS: readonly Field[] = [
  member('model', fc.constantFrom('c-a', 'c-b')),
  member('max_tokens', limits),
  member(
    'system',
    fc.oneof(words, fc.array(fc.record({ type: fc.constant('text'), text: words }), { minLength: 1, maxLength: 2 })),
  ),
  member('system.0.text', words),
  member('system.0.cache_control', orAbsent(fc.constantFrom({ type: 'ephemeral' }, { type: 'ephemeral', ttl: '5m' }))),
  member('messages.0.content.0.text', words),
  member(
    'messages.0.content.1.source.media_type',
    fc.constantFrom('image/png', 'image/jpeg', 'image/gif', 'image/webp'),
  ),
  member('messages.0.content.1.source.data', images),
  order('messages.0.content', 2),
  member(
    'messages.1.content.0.name',
    words.map((text) => text.replace(' ', '_')),
  ),
  member(
    'messages.1.content.0.input',
    fc.record({ a: fc.oneof(words, fc.integer(), fc.array(words, { maxLength: 2 })) }),
  ),
  member(
    'messages.2.content.0.content',
    fc.oneof(words, fc.array(fc.record({ type: fc.constant('text'), text: words }), { minLength: 1, maxLength: 2 })),
  ),
  member('messages.2.content.0.is_error', orAbsent(fc.boolean())),
  member('messages.3.content', words),
  member(
    'messages.4.content',
    words.map((text) => `say ${text}`),
  ),
  member('stop_sequences', orAbsent(stops)),
  order('stop_sequences', 2),
  member('temperature', orAbsent(quarters(1))),
  member('top_p', orAbsent(quarters(1))),
  member('top_k', orAbsent(fc.nat(100))),
  member('tools.0.description', orAbsent(words)),
  member('tools.0.input_schema', toolSchemas),
  member('tools.0.cache_control', orAbsent(fc.constant({ type: 'ephemeral' }))),
  order('tools', 2),
  member(
    'tool_choice',
    fc.constantFrom<unknown>(
      ABSENT,
      { type: 'auto' },
      { type: 'none' },
      { type: 'any' },
      { type: 'tool', name: 'look' },
      { type: 'tool', name: 'find' },
      { type: 'auto', disable_parallel_tool_use: true },
    ),
  ),
  member('output_config', orAbsent(schemas.map((schema) => ({ format: { type: 'json_schema', schema } })))),
  member(
    'thinking',
    orAbsent(fc.integer({ min: 1_024, max: 2_000 }).map((budget_tokens) => ({ type: 'enabled', budget_tokens }))),
  ),
  ...['cache_control', 'diagnostics'].map((name) => member(name, orAbsent(fc.record({ type: words })))),
];

/** @param unique occurs in the request, so that no two of them meet */
const CHAT = (unique: string): Body => ({
  messages: [
    { role: 'system', content: 'Be short.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: unique },
        { type: 'image', media_type: 'image/png', data: 'iVBORw0K' },
        { type: 'text', text: 'And?' },
      ],
    },
    { role: 'assistant', content: 'Well.' },
    { role: 'user', content: 'say ok' },
    { role: 'user', content: `say ok ${unique}` },
  ],
  provider: 'openai',
  model: 'm-a',
  max_tokens: 64,
  temperature: 0.3,
  top_p: 0.9,
  stop: ['123', '321'],
  seed: 1,
  cache: true,
});

const OPENAI = (unique: string): Body => ({
  model: 'm-a',
  messages: [
    { role: 'developer', content: 'Be short.' },
    {
      role: 'user',
      name: 'jo',
      content: [
        { type: 'text', text: 'Look.' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0K', detail: 'low' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'seen' },
    { role: 'user', content: 'say ok' },
    { role: 'user', content: `say ok ${unique}` },
  ],
  max_completion_tokens: 64,
  temperature: 0.3,
  top_p: 0.9,
  seed: 1,
  frequency_penalty: 0.5,
  presence_penalty: 0.5,
  logit_bias: { 5: 1 },
  logprobs: true,
  top_logprobs: 2,
  n: 1,
  stop: ['123', '321'],
  tools: ['look', 'find'].map((name) => ({
    type: 'function',
    function: { name, description: 'Does.', parameters: { type: 'object', properties: { a: { type: 'string' } } } },
  })),
  tool_choice: 'auto',
  parallel_tool_calls: true,
});

const ANTHROPIC = (unique: string): Body => ({
  model: 'c-a',
  max_tokens: 64,
  system: [{ type: 'text', text: 'Be short.', cache_control: { type: 'ephemeral' } }],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look.' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0K' } },
      ],
    },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'look', input: { a: 1 } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'seen', is_error: false }] },
    { role: 'assistant', content: 'Well.' },
    { role: 'user', content: 'say ok' },
    { role: 'user', content: `say ok ${unique}` },
  ],
  stop_sequences: ['123', '321'],
  temperature: 0.3,
  top_p: 0.9,
  top_k: 5,
  tools: ['look', 'find'].map((name) => ({
    name,
    description: 'Does.',
    input_schema: { type: 'object', properties: { a: { type: 'string' } } },
  })),
  tool_choice: { type: 'auto' },
});

export const FULL_REQUESTS = { chat: CHAT, openai: OPENAI, anthropic: ANTHROPIC };
export const FIELDS = { chat: CHAT_FIELDS, openai: OPENAI_FIELDS, anthropic: ANTHROPIC_FIELDS };
