/** @module-tag slow */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../support/eventually.ts';
import { askLlm, type Got, type RouteName } from '../support/llm-asking.ts';
import type { Act } from '../support/mock-upstream/script.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { NodeProcess } from '../support/node-process.ts';
import { RedisProcess } from '../support/redis-process.ts';
import { mockEnv, startTestLlm } from '../support/test-llm.ts';

/** Texts that must not turn up where they do not belong. None is shaped like a key, so that no pattern helps. */
const KEYS = {
  ANTHROPIC_API_KEY: 'canary-key-anthropic-71',
  OPENAI_API_KEY: 'canary-key-openai-72',
  GEMINI_API_KEY: 'canary-key-google-73',
};
const API_KEY = 'canary-key-client-74';
const PROMPT = 'canary-prompt-81';
const ARGUMENT = 'canary-argument-82';
const IMAGE = Buffer.from('canary-image-83').toString('base64');
const ANSWER = 'canary-answer-91';
const SENT = [PROMPT, ARGUMENT, IMAGE, 'canary-image-83'];
const SECRETS = [...Object.values(KEYS), API_KEY];
const EVERYTHING = [...SECRETS, ...SENT, ANSWER];

const FILE = {
  global: { max_retries: 1, retry_base_delay_seconds: 0, fallback_order: ['openai', 'anthropic', 'google'] },
  rate_limiting: { enabled: false },
  cost_tracking: { daily_budget: 100, agent_daily_budgets: { poor: 0.000001 } },
};
const envFor = (mock: MockUpstream) => ({
  ...mockEnv(mock.url),
  ...KEYS,
  API_KEYS: `caller:admin:${createHash('sha256').update(API_KEY).digest('hex')}`,
});

const MODELS = ['gpt-6.1-terra', 'claude-sonnet-5-5', 'gemini-3.8-flash'];
const tool = { type: 'object', properties: { a: { type: 'string' } } };

/** What is asked, in every wire of every model: text, image and a tool that was used. */
function requests(stream: boolean): [RouteName, Record<string, unknown>][] {
  return MODELS.flatMap((model): [RouteName, Record<string, unknown>][] => [
    [
      'chat',
      {
        model,
        stream,
        messages: [
          { role: 'system', content: PROMPT },
          {
            role: 'user',
            content: [
              { type: 'text', text: PROMPT },
              { type: 'image', media_type: 'image/png', data: IMAGE },
            ],
          },
        ],
      },
    ],
    [
      'openai',
      {
        model,
        stream,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: PROMPT },
              { type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE}` } },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: `{"a":"${ARGUMENT}"}` } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: PROMPT },
        ],
        tools: [{ type: 'function', function: { name: 'look', parameters: tool } }],
      },
    ],
    [
      'anthropic',
      {
        model,
        stream,
        max_tokens: 100,
        system: PROMPT,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: PROMPT },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: IMAGE } },
            ],
          },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'look', input: { a: ARGUMENT } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: PROMPT }] },
        ],
        tools: [{ name: 'look', input_schema: tool }],
      },
    ],
  ]);
}

const echo = [PROMPT, ARGUMENT, IMAGE, ...SECRETS].join(' ');
const echoed = {
  error: { message: echo, type: echo, code: echo, param: echo, status: echo, details: [{ reason: echo }] },
};
/** Ways in which an upstream says back what it was told. */
const FAILURES: [string, Act][] = [
  ...[400, 401, 403, 404, 413, 422, 429, 500, 503].map((status): [string, Act] => [
    `answers ${status} with the prompt and the keys in its error`,
    { status, body: echoed, headers: { 'x-request-id': 'r', ...(status === 429 && { 'retry-after': '60' }) } },
  ]),
  ['answers 500 with a page that quotes the prompt', { status: 500, body: `<html>${echo}</html>` }],
  ['answers 200 with an error that quotes the prompt', { status: 200, body: echoed }],
  ['answers 200 with a page that quotes the prompt', { status: 200, body: `<html>${echo}</html>` }],
  ['answers 200 with JSON of no known shape', { status: 200, body: { said: echo } }],
  ['leads elsewhere', { redirect: `http://127.0.0.1:9/${PROMPT}?key=${KEYS.OPENAI_API_KEY}` }],
  ['breaks off', { text: `${ANSWER} and more`, cutAfterTokens: 1 }],
  ['sends what is no JSON', { text: `${ANSWER} and more`, malformedAfterTokens: 1 }],
  ['fails in mid-stream', { text: `${ANSWER} and more`, errorAfterTokens: 1, code: 'server_error' }],
  ['refuses the content', { contentFilter: 'answer', text: ANSWER }],
  ['resets the connection', { reset: true }],
];

const json_schema = (schema: object) => ({ type: 'json_schema', schema });
const closed = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };
const open = { type: 'object', properties: {}, additionalProperties: { type: 'integer' } };
const user = { role: 'user', content: PROMPT };
/** Requests that are refused before anybody is asked. */
const INVALID: [string, RouteName, unknown][] = [
  ['no JSON', 'chat', `{"messages": [{"role": "user", "content": "${PROMPT}" ${ARGUMENT}`],
  ['values of wrong types', 'chat', { messages: [{ role: PROMPT, content: { text: PROMPT } }], temperature: PROMPT }],
  ['an unknown model', 'chat', { messages: [user], model: PROMPT }],
  ['an unknown provider', 'chat', { messages: [user], provider: PROMPT }],
  [
    'an image that is elsewhere',
    'openai',
    {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: `https://x.example/${PROMPT}` } }] }],
    },
  ],
  [
    'an image that is no base64',
    'chat',
    { messages: [{ role: 'user', content: [{ type: 'image', media_type: PROMPT, data: `!${PROMPT}` }] }] },
  ],
  ['values of wrong types', 'openai', { messages: [{ ...user, role: PROMPT }], tool_choice: PROMPT, stop: [[PROMPT]] }],
  [
    'values of wrong types',
    'anthropic',
    {
      messages: [{ role: 'user', content: [{ type: 'tool_use', id: PROMPT, name: PROMPT, input: PROMPT }] }],
      max_tokens: PROMPT,
    },
  ],
  [
    'values of wrong types',
    'predict',
    { prompt: PROMPT, options: { categories: [PROMPT, PROMPT], temperature: PROMPT } },
  ],
  ['a schema of nothing', 'extract', { text: PROMPT, schema: { a: PROMPT } }],
  [
    'more than fits',
    'chat',
    { messages: [{ role: 'user', content: `${PROMPT} `.repeat(250_000) }], max_tokens: 128_000, provider: 'openai' },
  ],
];

/** Sends all of it and gives back every body that was an error. */
async function everything(url: string, mock: MockUpstream): Promise<string[]> {
  const errors: string[] = [];
  const ask = async (route: RouteName, body: unknown, headers: Record<string, string> = {}): Promise<Got> => {
    const got = await askLlm(url, route, body, { headers: { authorization: `Bearer ${API_KEY}`, ...headers } });
    if (!got.complete) errors.push(got.status === 200 ? JSON.stringify(got.body) : got.raw);
    errors.push(JSON.stringify([...got.headers]));
    return got;
  };
  for (const stream of [false, true]) {
    mock.script([{ do: { text: `${ANSWER} and more` } }]);
    for (const [route, body] of requests(stream)) {
      const cache = route === 'chat' ? { cache: true } : {};
      const [answered, repeated] = [
        await ask(route, { ...body, ...cache }, { 'x-cache': 'on' }),
        await ask(route, body, { 'idempotency-key': `k${route}${body.model}${stream}` }),
      ];
      expect([answered.status, answered.complete, repeated.status], answered.raw).toEqual([200, true, 200]);
      expect(answered.text).toContain(ANSWER);
    }
    mock.script([]);
    const tools = [{ type: 'function', function: { name: 'look', parameters: tool } }];
    const calling = `use tool look with {"a":"${ANSWER}"}`;
    const called = await ask(
      'openai',
      { messages: [{ role: 'user', content: calling }], tools, stream },
      { 'x-cache': 'on' },
    );
    expect(called.toolArguments, called.raw).toEqual([`{"a":"${ANSWER}"}`]);
    for (const [, act] of FAILURES) {
      mock.script([{ do: act }]);
      for (const [route, body] of requests(stream)) await ask(route, body);
      await forgetBreakers();
    }
    for (const text of [`{"${ANSWER}":"${ANSWER}"}`, `{"n":"${ANSWER}"}`, ANSWER]) {
      mock.script([{ do: { text } }]);
      const got = await ask('chat', {
        messages: [user],
        response_format: json_schema(closed),
        stream,
        provider: 'openai',
      });
      expect(got.code, got.raw).toBe('PROVIDER_ERROR');
    }
    mock.script([]);
    for (const [route, body] of requests(stream)) {
      const poor = route === 'chat' ? { agent: 'poor' } : {};
      const got = await ask(route, { ...body, ...poor }, { 'x-agent': 'poor' });
      expect([got.status, got.code], got.raw).toEqual([429, 'BUDGET_EXCEEDED']);
    }
  }
  for (const [, route, body] of INVALID) {
    const got = await ask(route, body);
    expect([route, got.status >= 400], got.raw).toEqual([route, true]);
  }
  const explained = await fetch(`${url}/v1/route/explain`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}` },
    body: JSON.stringify({ messages: [user] }),
  });
  errors.push(await explained.text());
  for (const key of [`${API_KEY}x`, PROMPT]) {
    const got = await askLlm(url, 'chat', { messages: [user] }, { headers: { authorization: `Bearer ${key}` } });
    expect(got.status).toBe(401);
    errors.push(got.raw);
  }
  return errors;
}

let redis: RedisProcess;
let reader: Redis;
let mock: MockUpstream;
/** Breakers that opened would hide what the next failure says. */
const forgetBreakers = async () => {
  const keys = await reader.keys('*llm:breaker:*');
  if (keys.length > 0) await reader.del(...keys);
};
beforeAll(async () => {
  redis = await RedisProcess.start(['--appendonly', 'no']);
  reader = redis.connect();
  mock = await startMockUpstream();
});
afterAll(async () => {
  reader.disconnect();
  await mock.close();
  await redis.stop();
});

/** Everything that a key holds, whatever its type. */
async function contentOf(key: string): Promise<string> {
  switch (await reader.type(key)) {
    case 'string':
      return (await reader.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await reader.hgetall(key));
    case 'list':
      return JSON.stringify(await reader.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await reader.smembers(key));
    case 'zset':
      return JSON.stringify(await reader.zrange(key, 0, '-1'));
    case 'stream':
      return JSON.stringify(await reader.xrange(key, '-', '+'));
    default:
      return '';
  }
}

async function dump(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, keys] = await reader.scan(cursor, 'COUNT', 1_000);
    for (const key of keys) found.set(key, `${key} ${await contentOf(key)}`);
    cursor = next;
  } while (cursor !== '0');
  return found;
}

/** Which of them occur, each with what stands around it. */
function found(canaries: readonly string[], text: string): string[] {
  return canaries.flatMap((canary) => {
    const at = text.indexOf(canary);
    return at < 0 ? [] : [text.slice(Math.max(0, at - 200), at + canary.length + 50)];
  });
}

async function expectRedisClean(): Promise<void> {
  const keys = await dump();
  expect(keys.size).toBeGreaterThan(10);
  for (const [key, content] of keys) {
    // What a call has come to is kept for a moment for those who wait for the same.
    const holdsAnswers = /:llm:cache:[0-9a-f]{64}$|:effect:[0-9a-f]{64}$|:llm:flight:[0-9a-f]{64}$/.test(key);
    expect(found(holdsAnswers ? [...SECRETS, ...SENT] : EVERYTHING, content), key).toEqual([]);
  }
  const kinds = [...keys]
    .filter(([, content]) => content.includes(ANSWER))
    .map(([key]) => key.replace(/[0-9a-f]{64}$/, ''));
  expect(new Set(kinds.map((key) => key.split(':').slice(1).join(':')))).toEqual(new Set(['llm:cache:', 'effect:']));
}

describe('keys, prompts, answers, arguments and images', () => {
  it('are in no log line, metric, error and header of the gateway, nor in Redis but for answers that are kept', async () => {
    const llm = await startTestLlm({
      socketPath: redis.socketPath,
      env: { ...envFor(mock), LOG_LEVEL: 'DEBUG' },
      file: FILE,
      namespace: 'within',
    });
    try {
      const errors = await everything(llm.url, mock);
      expect(errors.length).toBeGreaterThan(400);
      for (const text of errors) expect(found(EVERYTHING, text)).toEqual([]);
      expect(llm.logged.length).toBeGreaterThan(400);
      for (const line of llm.logged) expect(found(EVERYTHING, JSON.stringify(line))).toEqual([]);
      expect(found(EVERYTHING, await llm.registry.metrics())).toEqual([]);
      await eventually(
        'what was kept for a moment is gone',
        async () => (await reader.keys('*llm:flight:*')).length === 0,
      );
      await expectRedisClean();
    } finally {
      await llm.stop();
    }
  }, 90_000);

  it('are in nothing that a whole process prints, keeps in its log or tells in its metrics', async () => {
    await reader.flushall();
    const dir = mkdtempSync(join(tmpdir(), 'llm-privacy-'));
    const path = join(dir, 'llm_config.yaml');
    writeFileSync(path, stringify(FILE));
    const env = { REDIS_URL: redis.url, NAMESPACE: 'whole', THREADS: '1', LLM_CONFIG_PATH: path, LOG_LEVEL: 'DEBUG' };
    const node = await NodeProcess.start({ ...envFor(mock), ...env });
    try {
      const gateway = /"llm_gateway":"([^"]+)"/.exec(node.printed)?.[1] ?? '';
      const errors = await everything(gateway, mock);
      for (const text of errors) expect(found(EVERYTHING, text)).toEqual([]);
      const api = /"ready: (http[^"]+)"/.exec(node.printed)?.[1] ?? '';
      const metrics = await fetch(`${api}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } });
      const text = await metrics.text();
      expect([metrics.status, text.includes('dta_llm_calls_total')]).toEqual([200, true]);
      expect(found(EVERYTHING, text)).toEqual([]);
      expect(node.printed.split('\n').length).toBeGreaterThan(200);
      expect(found(EVERYTHING, node.printed)).toEqual([]);
      await eventually(
        'what was kept for a moment is gone',
        async () => (await reader.keys('*llm:flight:*')).length === 0,
      );
      await expectRedisClean();
    } finally {
      await node.end('SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    }
  }, 90_000);

  it('are in no error either when they are the names in an answer of the wrong shape', async () => {
    const llm = await startTestLlm({ socketPath: redis.socketPath, env: envFor(mock), file: FILE });
    mock.script([{ do: { text: `{"${ANSWER}":"x"}` } }]);
    const body = { messages: [user], response_format: json_schema(open), provider: 'openai' };
    const got = await askLlm(llm.url, 'chat', body, { headers: { authorization: `Bearer ${API_KEY}` } });
    await llm.stop();
    expect([got.status, got.code]).toEqual([502, 'PROVIDER_ERROR']);
    expect(found(EVERYTHING, got.raw)).toEqual([]);
  });
});
