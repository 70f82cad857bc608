import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRequest, JsonSchema, Labels, Message, ProviderName } from '../../src/llm/chat.ts';
import { fitCandidate, measure, roomOf } from '../../src/llm/fit.ts';
import { costNanoUsd, priceAt } from '../../src/llm/pricing.ts';
import { type Candidate, resolve } from '../../src/llm/resolve.ts';
import type { LlmSettings } from '../../src/llm/settings.ts';
import { llmSettings } from '../support/llm-settings.ts';

const KEYS = { ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'o', GEMINI_API_KEY: 'g', LOCAL_LLM_URL: 'http://127.0.0.1:1' };
const settings = llmSettings(undefined, KEYS);
const HI: Message = { role: 'user', content: 'hi' };
const IMAGE: Message = { role: 'user', content: [{ type: 'image', media_type: 'image/png', data: 'AAAA' }] };
const TOOL = { name: 'look', parameters: { type: 'object' } };

interface Asked {
  labels?: Labels;
  of?: LlmSettings;
}

/** What the given model makes of the request. */
function fitOf(model: string, request: Partial<ChatRequest> = {}, { labels = {}, of = settings }: Asked = {}) {
  const whole: ChatRequest = { messages: [HI], ...request, model };
  const resolution = resolve(of, whole, labels);
  const [candidate] = resolution.candidates;
  if (!candidate) throw new Error('there is no candidate');
  return fitCandidate(of, resolution, candidate, whole, measure(whole), labels, 0);
}

const SONNET = 'claude-sonnet-5-5';
const HAIKU = 'claude-haiku-4-5-20251001';
const TERRA = 'gpt-6.1-terra';
const FLASH = 'gemini-3.8-flash';
const LLAMA = 'llama3.1:8b';
const VISION = 'llama3.2:11b-vision';
/** One that takes all its provider does. */
const ABLE = llmSettings(
  {
    providers: {
      openai: { models: { able: { context_window: 100_000 } } },
      google: { models: { 'able-g': { context_window: 100_000 } } },
      local: { models: { 'able-l': { supports_tools: true, supports_vision: true } } },
    },
  },
  KEYS,
);

describe('sampling', () => {
  const all = {
    temperature: 0.1,
    top_p: 0.2,
    top_k: 3,
    seed: 4,
    frequency_penalty: 0.5,
    presence_penalty: 0.6,
    logit_bias: { 7: 8 },
    logprobs: true,
    top_logprobs: 9,
    user: 'u',
  };
  const names = Object.keys(all);

  it.each([
    [SONNET, []],
    [HAIKU, ['temperature', 'top_p', 'top_k']],
    [TERRA, names.filter((name) => !['temperature', 'top_p', 'top_k'].includes(name))],
    ['able', names.filter((name) => name !== 'top_k')],
    [FLASH, ['seed', 'frequency_penalty', 'presence_penalty']],
    ['able-g', ['temperature', 'top_p', 'top_k', 'seed', 'frequency_penalty', 'presence_penalty']],
    [LLAMA, names],
  ])('that %s takes is sent, the rest is dropped and named', (model, taken) => {
    const of = model.startsWith('able') ? ABLE : settings;
    const { upstream, droppedParams, reasons } = fitOf(model, all, { of });
    expect(reasons).toEqual([]);
    expect(
      Object.fromEntries(names.map((name) => [name, (upstream as unknown as typeof all)[name as 'seed']])),
    ).toEqual(Object.fromEntries(names.map((name) => [name, taken.includes(name) ? all[name as 'seed'] : undefined])));
    expect(droppedParams).toEqual(names.filter((name) => !taken.includes(name)).toSorted());
  });

  it('is not taken by Anthropic from the version on that has none', () => {
    const version = (ANTHROPIC_API_VERSION: string) => ({
      of: llmSettings(undefined, { ...KEYS, ANTHROPIC_API_VERSION }),
    });
    expect(fitOf(HAIKU, { temperature: 0 }, version('2026-10-20')).droppedParams).toEqual([]);
    expect(fitOf(HAIKU, { temperature: 0 }, version('2026-10-21')).droppedParams).toEqual(['temperature']);
  });

  it('is taken by a reasoning model of OpenAI that is told not to reason', () => {
    const wire = (reasoning_effort: string) => ({
      family: 'openai' as const,
      body: { temperature: 0, reasoning_effort },
    });
    expect(fitOf(TERRA, { temperature: 0, wire: wire('none') }).upstream?.temperature).toBe(0);
    expect(fitOf(TERRA, { temperature: 0, wire: wire('low') }).droppedParams).toEqual(['temperature']);
  });
});

describe('a temperature', () => {
  it('of the defaults is sent to who takes it and missed by nobody who does not', () => {
    expect(fitOf(HAIKU).upstream?.temperature).toBe(0.7);
    expect(fitOf(SONNET)).toMatchObject({ droppedParams: [] });
    expect(fitOf(SONNET).upstream).not.toHaveProperty('temperature');
  });

  it('of an override counts as asked for', () => {
    expect(fitOf(SONNET, {}, { labels: { agent: 'dev_worker' } }).droppedParams).toEqual(['temperature']);
    expect(fitOf(HAIKU, {}, { labels: { task_type: 'reasoning' } }).upstream?.temperature).toBe(1);
  });

  it('of the defaults does not stand beside a top_p where the two exclude each other', () => {
    expect(fitOf(HAIKU, { top_p: 0.5 })).toMatchObject({ droppedParams: [] });
    expect(fitOf(HAIKU, { top_p: 0.5 }).upstream).not.toHaveProperty('temperature');
    expect(fitOf(HAIKU, { top_p: 0.5, temperature: 0.3 }).upstream?.temperature).toBe(0.3);
    expect(fitOf(LLAMA, { top_p: 0.5 }).upstream?.temperature).toBe(0.7);
  });
});

describe('a temperature beside thoughts that are asked for in Anthropic’s wire', () => {
  const body = (thinking: unknown, more: object = {}) => ({
    wire: { family: 'anthropic' as const, body: { thinking } },
    foreign: ['thinking'],
    ...more,
  });

  it('is none of the defaults', () => {
    for (const thinking of [{ type: 'enabled', budget_tokens: 1024 }, { type: 'adaptive' }]) {
      expect(fitOf(HAIKU, body(thinking))).toMatchObject({ droppedParams: [] });
      expect(fitOf(HAIKU, body(thinking)).upstream).not.toHaveProperty('temperature');
    }
    for (const thinking of [{ type: 'disabled' }, null, undefined]) {
      expect(fitOf(HAIKU, body(thinking)).upstream?.temperature).toBe(0.7);
    }
  });

  it('is the caller’s, and that of the defaults where thoughts are not asked for', () => {
    const enabled = { type: 'enabled', budget_tokens: 1024 };
    expect(fitOf(HAIKU, body(enabled, { temperature: 1 })).upstream?.temperature).toBe(1);
    expect(fitOf(LLAMA, body(enabled)).upstream?.temperature).toBe(0.7);
    const schema = { type: 'object' };
    expect(fitOf(HAIKU, body(enabled, { response_format: { schema } })).upstream).toMatchObject({ temperature: 0.7 });
  });
});

describe('a token limit', () => {
  it('above that of the model is lowered, and named if it was asked for', () => {
    expect(fitOf(LLAMA, { max_tokens: 5000 })).toMatchObject({ maxTokens: 4096, droppedParams: ['max_tokens'] });
    expect(fitOf(LLAMA, {}, { labels: { agent: 'dev_worker' } })).toMatchObject({
      maxTokens: 4096,
      droppedParams: ['max_tokens'],
    });
    expect(fitOf(LLAMA, { max_tokens: 4096 })).toMatchObject({ maxTokens: 4096, droppedParams: [] });
    const of = llmSettings({ providers: { local: { models: { small: { max_tokens: 10 } } } } }, KEYS);
    expect(fitOf('small', {}, { of })).toMatchObject({ maxTokens: 10, droppedParams: [] });
  });

  it('is named as the client wrote it, and left to the provider to set', () => {
    const wire = { family: 'openai' as const, body: { max_completion_tokens: 200_000 } };
    const { droppedParams, upstream } = fitOf(TERRA, { max_tokens: 200_000, wire });
    expect([droppedParams, upstream?.passthrough?.dropped]).toEqual([['max_completion_tokens'], []]);
  });
});

describe('a candidate is left out', () => {
  const prefill: Message[] = [HI, { role: 'assistant', content: 'So' }];
  const used: Message[] = [{ role: 'user', content: [{ type: 'tool_result', id: '1', content: 'x' }] }];
  const bound = { wire: { family: 'anthropic' as const, body: {} }, foreign: ['document'], bound: ['document'] };
  const five = { stop: ['1', '2', '3', '4', '5'] };

  it.each<[string, Partial<ChatRequest>, string, string[]]>([
    [SONNET, { messages: prefill }, 'prefill', [HAIKU, TERRA, LLAMA]],
    [FLASH, { messages: prefill }, 'prefill', []],
    [LLAMA, { messages: [IMAGE] }, 'images', [SONNET, TERRA, FLASH, VISION]],
    [LLAMA, { tools: [TOOL] }, 'tools', [SONNET, TERRA, FLASH]],
    [LLAMA, { messages: used }, 'tools', [SONNET, TERRA, FLASH]],
    [SONNET, { tools: [TOOL], tool_choice: 'required' }, 'tool_choice', [HAIKU, TERRA, FLASH]],
    [SONNET, { tools: [TOOL], tool_choice: { name: 'look' } }, 'tool_choice', [HAIKU, TERRA, FLASH]],
    [TERRA, { n: 2 }, 'n', []],
    [LLAMA, { n: 2, wire: { family: 'openai', body: { n: 2 } } }, 'n', [TERRA]],
    [TERRA, five, 'stop', [SONNET, FLASH, LLAMA]],
    [TERRA, { ...five, wire: { family: 'anthropic', body: {} } }, 'stop_sequences', [SONNET]],
    [TERRA, bound, 'document', [SONNET]],
  ])('%s by %j: for %s, unlike %j', (model, request, parameter, able) => {
    const { unsupported, reasons, upstream } = fitOf(model, request);
    expect({ unsupported, reasons: reasons.length, upstream }).toEqual({
      unsupported: [parameter],
      reasons: 1,
      upstream: null,
    });
    for (const other of able) expect(fitOf(other, request).reasons, other).toEqual([]);
  });

  it('without tools that may be chosen, only where tools are not forced', () => {
    expect(fitOf(SONNET, { tools: [TOOL], tool_choice: 'auto' }).upstream).toMatchObject({
      tools: [TOOL],
      tool_choice: 'auto',
    });
    const local = fitOf('able-l', { tools: [TOOL], tool_choice: 'required' }, { of: ABLE });
    expect(local.unsupported).toEqual(['tool_choice']);
    expect(fitOf('able-l', { tools: [TOOL] }, { of: ABLE }).reasons).toEqual([]);
  });

  it('without a key, except in test mode, or when it is disabled', () => {
    const none = llmSettings(undefined, { LLM_TEST_MODE: 'false' });
    expect(fitOf(SONNET, {}, { of: none })).toMatchObject({
      reasons: ['has no API key'],
      unsupported: [],
      upstream: null,
    });
    expect(fitOf(LLAMA, {}, { of: none }).reasons).toEqual(['is disabled']);
    expect(fitOf(SONNET, {}, { of: llmSettings() }).reasons).toEqual([]);
    expect(fitOf(LLAMA, {}, { of: llmSettings() }).reasons).toEqual(['is disabled']);
  });

  it('when its window is smaller than input and answer together', () => {
    const text = (chars: number) => ({
      messages: [{ role: 'user' as const, content: 'x'.repeat(chars) }],
      max_tokens: 4096,
    });
    expect(fitOf('codellama:13b', text((16_384 - 4096) * 4)).reasons).toEqual([]);
    expect(fitOf('codellama:13b', text((16_384 - 4096) * 4 + 1)).reasons).toEqual([
      'has a window of 16384 tokens, too small for about 12289 of input and 4096 of answer',
    ]);
  });

  it('for every reason there is', () => {
    const { reasons, unsupported } = fitOf(LLAMA, { messages: [IMAGE], tools: [TOOL], n: 3 }, { of: llmSettings() });
    expect([reasons.length, unsupported]).toEqual([4, ['n', 'tools', 'images']]);
  });
});

describe('a schema', () => {
  const closed: JsonSchema = {
    type: 'object',
    properties: { a: { type: ['string', 'null'] }, b: { anyOf: [{ $ref: '#/$defs/c' }, { type: 'null' }] } },
    required: ['a', 'b'],
    additionalProperties: false,
    $defs: { c: { type: 'array', items: { type: 'object', properties: {}, additionalProperties: false } } },
  };
  const within = (inner: unknown) => ({ type: 'object', properties: { a: inner }, additionalProperties: false });
  const ask = (schema: JsonSchema, more: Partial<ChatRequest> = {}) => ({ response_format: { schema }, ...more });

  it.each([SONNET, TERRA, FLASH, LLAMA])('that is closed is demanded from %s by its own means', (model) => {
    const { upstream, schemaAsInstruction } = fitOf(model, ask(closed));
    expect(upstream).toMatchObject({ messages: [HI], schema: { schema: closed, name: 'answer' }, expected: closed });
    expect(schemaAsInstruction).toBe(false);
  });

  it.each([
    { type: 'object' },
    { type: 'object', properties: {}, additionalProperties: true },
    { properties: { a: { type: 'string' } } },
    {},
    within({ type: ['object', 'null'] }),
    within({}),
    within(true),
    within({ description: 'anything' }),
    within({ type: 'array', items: { type: 'object', additionalProperties: { type: 'string' } } }),
    within({ type: 'array', prefixItems: [{ type: 'object' }] }),
    within({ anyOf: [{ type: 'null' }, { type: 'object' }] }),
    within({ type: 'object', patternProperties: { x: { type: 'string' } }, additionalProperties: false }),
    { $ref: '#/$defs/a', $defs: { a: { type: 'object' } } },
  ])('with open objects is asked for in words: %j', (schema) => {
    const { upstream, schemaAsInstruction } = fitOf(SONNET, ask(schema));
    expect(schemaAsInstruction).toBe(true);
    expect(upstream).not.toHaveProperty('schema');
    expect(upstream?.expected).toBe(schema);
    expect(upstream?.messages).toEqual([
      { role: 'system', content: expect.stringContaining(JSON.stringify(schema)) },
      HI,
    ]);
  });

  it('in words stands at the end of the system message, if there is one', () => {
    const open = { type: 'object' };
    const text = fitOf(SONNET, ask(open, { messages: [{ role: 'system', content: 'Be brief.' }, HI] })).upstream
      ?.messages;
    expect(text).toEqual([
      { role: 'system', content: expect.stringMatching(/^Be brief\.\n\n.+\n\{"type":"object"\}$/) },
      HI,
    ]);
    const parts: Message = { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] };
    expect(fitOf(SONNET, ask(open, { messages: [parts, HI] })).upstream?.messages[0]?.content).toHaveLength(2);
  });

  it('in words does not give away the answer of the test provider', () => {
    const schema = { type: 'object', x_test: { secret: 1 } };
    const { upstream } = fitOf(SONNET, ask(schema));
    expect(JSON.stringify(upstream?.messages)).not.toContain('secret');
    expect(upstream?.expected).toBe(schema);
  });

  it('in words is paid for, instruction and all', () => {
    const request = ask({ type: 'object' });
    const { worstCase, upstream } = fitOf(SONNET, request);
    const sent = (upstream?.messages ?? []).map(({ content }) => Buffer.byteLength(content as string));
    expect(worstCase.inputTokens).toBeGreaterThanOrEqual(sent.reduce((sum, bytes) => sum + bytes, 2 * 64));
  });

  it('in words is not asked of a body that must go as it is', () => {
    const wire = { family: 'openai' as const, body: { audio: {} } };
    const { upstream, schemaAsInstruction } = fitOf(
      TERRA,
      ask({ type: 'object' }, { wire, foreign: ['audio'], bound: ['audio'] }),
    );
    expect([schemaAsInstruction, upstream?.passthrough?.body]).toEqual([false, wire.body]);
  });
});

describe('a body in the wire of the client', () => {
  const families = { openai: [TERRA, LLAMA], anthropic: [SONNET, HAIKU] } as const;
  const models = [SONNET, HAIKU, TERRA, FLASH, LLAMA];

  it.each(['openai', 'anthropic'] as const)('is passed on to its own family only: %s', (family) => {
    const wire = { family, body: { model: 'x', thinking: {}, custom: 1 } };
    const request = { wire, foreign: ['thinking'], unknown: ['custom'] };
    for (const model of models) {
      const { upstream, droppedParams } = fitOf(model, request);
      const own = (families[family] as readonly string[]).includes(model);
      expect(upstream?.passthrough, model).toEqual(own ? { family, body: wire.body, dropped: [] } : undefined);
      expect(droppedParams, model).toEqual(own ? ['custom'] : ['custom', 'thinking']);
    }
  });

  it('is passed on without what the model lacks', () => {
    const body = { temperature: 0, top_p: 1, user: 'u' };
    const request = { temperature: 0, top_p: 1, user: 'u', wire: { family: 'openai' as const, body } };
    expect(fitOf(TERRA, request).upstream?.passthrough).toEqual({
      family: 'openai',
      body,
      dropped: expect.toSatisfy((names: string[]) => names.toSorted().join() === 'temperature,top_p'),
    });
  });

  it('keeps its own way to name the user', () => {
    const body = { metadata: { user_id: 'u' } };
    const request = { user: 'u', wire: { family: 'anthropic' as const, body } };
    expect(fitOf(SONNET, request)).toMatchObject({ droppedParams: [], upstream: { passthrough: { dropped: [] } } });
    expect(fitOf(FLASH, request).droppedParams).toEqual(['metadata']);
  });

  it('is not passed on when the messages are rewritten', () => {
    const wire = { family: 'openai' as const, body: { store: true } };
    const { upstream, droppedParams } = fitOf(TERRA, { wire, foreign: ['store'], response_format: { schema: {} } });
    expect([upstream?.passthrough, droppedParams]).toEqual([undefined, ['store']]);
  });

  it('asks for several answers where that is possible, and pays for all', () => {
    const wire = { family: 'openai' as const, body: { n: 3 } };
    const { upstream, worstCase, maxTokens } = fitOf(TERRA, { n: 3, max_tokens: 10, wire });
    expect([upstream?.n, maxTokens, worstCase.outputTokens]).toEqual([3, 10, 30]);
  });
});

describe('what is asked', () => {
  it('names the real model and carries what every candidate takes', () => {
    const labels = { agent: 'x', project_id: 'p' };
    const { upstream, candidate } = fitOf(
      'gpt-4o',
      { stop: ['.'], parallel_tool_calls: false, max_tokens: 5 },
      { labels },
    );
    expect(candidate.model).toBe('gpt-4o');
    expect(upstream).toEqual({
      provider: 'openai',
      model: TERRA,
      messages: [HI],
      max_tokens: 5,
      stop: ['.'],
      parallel_tool_calls: false,
      labels,
    });
    expect(fitOf(FLASH, { parallel_tool_calls: false }).droppedParams).toEqual(['parallel_tool_calls']);
  });
});

describe('measures', () => {
  it('count the bytes of every text that is sent', () => {
    const messages: Message[] = [
      { role: 'system', content: 'é' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'abc' },
          { type: 'tool_call', id: '1', name: 'look', arguments: '{}' },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', id: '1', content: 'ok' }] },
      IMAGE,
    ];
    expect(measure({ messages })).toEqual({ textBytes: 2 + 3 + 7 + 3, otherBytes: 0, messages: 4, images: 1 });
    const tools = JSON.stringify(TOOL).length;
    expect(measure({ messages: [HI], tools: [TOOL] }).textBytes).toBe(2 + tools);
    expect(measure({ messages: [HI], response_format: { schema: { type: 'null' } } }).textBytes).toBe(2 + 15);
  });

  it('count what only a body holds, for those who are sent it', () => {
    const body = { messages: [{ content: [{ type: 'document', data: 'd'.repeat(1000) }] }] };
    const request = { messages: [HI], wire: { family: 'anthropic' as const, body }, foreign: ['document'] };
    expect(measure(request).otherBytes).toBeGreaterThanOrEqual(1000);
    const inputs = [SONNET, TERRA].map((model) => fitOf(model, request).worstCase.inputTokens);
    expect(inputs).toEqual([66 + measure(request).otherBytes, 66]);
    expect(fitOf(SONNET, request).estimatedInputTokens).toBe(1);
  });
});

describe('the worst case', () => {
  it('is a token for each byte, 64 for each message, 8192 for each image, at the dearest price', () => {
    const { worstCase, estimatedInputTokens } = fitOf(SONNET, { messages: [HI, IMAGE], max_tokens: 100 });
    const inputTokens = 2 + 2 * 64 + 8192;
    expect(worstCase).toEqual({ inputTokens, outputTokens: 100, nanoUsd: inputTokens * 2500 + 100 * 10_000 });
    expect(estimatedInputTokens).toBe(1 + 1600);
  });

  it('holds the reasoning that the token limit does not bound', () => {
    const model = { max_reasoning_tokens: 500, cost_per_1k_output_tokens: 1 };
    const outside = { ...model, reasoning_outside_max_tokens: true };
    const of = llmSettings({ providers: { openai: { models: { inside: model, outside } } } }, KEYS);
    const output = (name: string) => fitOf(name, { max_tokens: 10 }, { of }).worstCase.outputTokens;
    expect([output('inside'), output('outside')]).toEqual([10, 510]);
  });

  it('is priced by the test provider in test mode', () => {
    const test = (models: object) =>
      llmSettings({ providers: { test: { models } } }, { ...KEYS, LLM_TEST_MODE: 'true' });
    expect(fitOf(SONNET, {}, { of: test({}) }).worstCase.nanoUsd).toBe(0);
    const priced = test({ 'test-1': { cost_per_1k_input_tokens: 0.001 } });
    expect(fitOf(SONNET, {}, { of: priced }).worstCase.nanoUsd).toBe(66 * 1000);
  });

  it('is never below what an answer within the bounds costs', () => {
    const models = Object.entries(settings.providers).flatMap(([provider, { models: all }]) =>
      Object.keys(all).map((model) => [provider as ProviderName, model] as const),
    );
    const messages = fc.array(fc.record({ role: fc.constant('user' as const), content: fc.string() }), {
      minLength: 1,
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        messages,
        fc.integer({ min: 1, max: 300_000 }),
        fc.array(share, { minLength: 4, maxLength: 4 }),
        ([provider, model], sent, max_tokens, shares) => {
          const { worstCase } = fitOf(model, { messages: sent, max_tokens });
          const [input = 0, cached = 0, written = 0, output = 0] = shares;
          const inputTokens = Math.floor(worstCase.inputTokens * input);
          const cachedInputTokens = Math.floor(inputTokens * cached);
          const cacheWriteTokens = Math.floor((inputTokens - cachedInputTokens) * written);
          const outputTokens = Math.floor(worstCase.outputTokens * output);
          const price = priceAt(settings.providers[provider].models[model]?.prices ?? [], 0);
          const usage = { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens: 0 };
          expect(costNanoUsd(price, usage)).toBeLessThanOrEqual(worstCase.nanoUsd);
        },
      ),
    );
  });
});

describe('a question that can be cut', () => {
  const limited = (context_window: number, tokens_per_minute: number, max_tokens = 50_000) =>
    llmSettings(
      {
        providers: { openai: { models: { mine: { context_window, max_tokens } } } },
        rate_limiting: { providers: { openai: { tokens_per_minute }, test: { tokens_per_minute: 7_000 } } },
      },
      KEYS,
    );
  const roomIn = (of: LlmSettings, max_tokens = 4_000) => {
    const resolution = resolve(of, { messages: [HI], model: 'mine', max_tokens }, {});
    return roomOf(of, resolution, resolution.candidates[0] as Candidate);
  };

  it.each([
    ['the window', limited(100_000, 0), { inputTokens: 96_000, answerTokens: 4_000 }],
    ['the rate limit, if that is less', limited(100_000, 50_000), { inputTokens: 46_000, answerTokens: 4_000 }],
    ['the window, if that is less', limited(20_000, 50_000), { inputTokens: 16_000, answerTokens: 4_000 }],
    ['half of it at least', limited(6_000, 0), { inputTokens: 3_000, answerTokens: 3_000 }],
    ['all but what the model can answer', limited(20_000, 0, 1_000), { inputTokens: 19_000, answerTokens: 1_000 }],
    [
      'what test mode takes, in test mode',
      { ...limited(9, 9), testMode: true },
      { inputTokens: 3_500, answerTokens: 3_500 },
    ],
  ])('has %s less the answer', (_, of, room) => {
    expect(roomIn(of)).toEqual(room);
  });

  it('is sent as it was cut for the candidate, and measured so', () => {
    const asked: number[] = [];
    const cutTo = (tokens: number): Message[] => {
      asked.push(tokens);
      return [{ role: 'user', content: 'x'.repeat(tokens * 4) }];
    };
    const fit = fitOf('mine', { messages: [HI], cutTo, max_tokens: 4_000 }, { of: limited(20_000, 0) });
    expect([asked, fit.reasons, fit.estimatedInputTokens, fit.maxTokens]).toEqual([[16_000], [], 16_000, 4_000]);
    expect(fit.upstream?.messages).toEqual(cutTo(16_000));
    expect(fit.worstCase.inputTokens).toBe(64_000 + 64);
  });

  it('that somebody else asks is never cut', () => {
    const messages: Message[] = [{ role: 'user', content: 'x'.repeat(100_000) }];
    expect(fitOf('mine', { messages, max_tokens: 4_000 }, { of: limited(20_000, 0) })).toMatchObject({
      windowTooSmall: true,
      upstream: null,
    });
  });
});
