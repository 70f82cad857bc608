// The mock upstream against the SDKs that the wires belong to, and its faults over plain HTTP.
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type MockUpstream, startMockUpstream } from '../support/mock-upstream.ts';
import { spawnTied } from '../support/tied-process.ts';

const USUAL = Array.from({ length: 60 }, (_, at) => `w${at + 1}`).join(' ');
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 }, dry: { type: ['boolean', 'null'] } },
  required: ['city', 'days', 'dry'],
  additionalProperties: false,
};
const CONFORMING = { city: 'text', days: 2, dry: true };
const user = (content: string) => [{ role: 'user' as const, content }];

let mock: MockUpstream;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  mock = await startMockUpstream({
    keys: ['good'],
    models: ['m', 'plain'],
    refuses: { plain: ['prefill', 'sampling'] },
  });
  openai = new OpenAI({ apiKey: 'good', baseURL: `${mock.url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: 'good', baseURL: mock.url, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: 'good', httpOptions: { baseUrl: mock.url } });
});
afterEach(() => mock.reset());
afterAll(() => mock.close());

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const chatBody = (more: object = {}) => ({ model: 'm', messages: user('hi'), ...more });

function send(path: string, body: object, headers: Record<string, string> = {}, url = mock.url): ClientRequest {
  const request = httpRequest(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer good', ...headers },
  });
  request.end(JSON.stringify(body));
  return request;
}

/** The body as far as it came, and the error that cut it. */
async function received(request: ClientRequest): Promise<{ response: IncomingMessage; text: string; error: unknown }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let error: unknown = null;
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (thrown) {
    error = thrown;
  }
  return { response, text: Buffer.concat(chunks).toString(), error };
}

describe('the mock upstream for the OpenAI SDK', () => {
  it('answers the same streamed and not streamed, cut by the token limit', async () => {
    const whole = await openai.chat.completions.create(chatBody({ max_completion_tokens: 5 }) as never);
    expect(whole).toMatchObject({
      choices: [{ message: { role: 'assistant', content: 'w1 w2 w3 w4 w5' }, finish_reason: 'length' }],
      usage: { prompt_tokens: 1, completion_tokens: 5, total_tokens: 6 },
    });
    const stream = await openai.chat.completions.create({
      ...chatBody(),
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 5,
    });
    const chunks = await listOf(stream);
    expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content)).slice(0, 6)).toEqual(
      ['', 'w1', ' w2', ' w3', ' w4', ' w5'], // One token each, after the role.
    );
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('length');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 5 } });
    expect(mock.billed()).toEqual({ calls: 2, inputTokens: 2, outputTokens: 10 });
  });

  it('calls tools, in pieces when streamed', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: SCHEMA } }];
    const messages = user('use tool weather with {"city":"Köln","days":3} and use tool weather');
    const whole = await openai.chat.completions.create({ model: 'm', messages, tools });
    const calls = ['{"city":"Köln","days":3}', JSON.stringify(CONFORMING)];
    expect(whole.choices[0]).toMatchObject({
      message: { content: null, tool_calls: calls.map((text) => ({ function: { name: 'weather', arguments: text } })) },
      finish_reason: 'tool_calls',
    });
    const streamed = await openai.chat.completions.stream({ model: 'm', messages, tools }).finalChatCompletion();
    const said = streamed.choices[0]?.message.tool_calls?.map((call) => 'function' in call && call.function.arguments);
    expect(said).toEqual(calls);
  });

  it('meets a schema, and gives several answers', async () => {
    const json_schema = { name: 'trip', schema: SCHEMA, strict: true };
    const whole = await openai.chat.completions.create({
      ...chatBody(),
      n: 2,
      response_format: { type: 'json_schema', json_schema },
    });
    expect(whole.choices.map(({ message }) => JSON.parse(message.content ?? ''))).toEqual([CONFORMING, CONFORMING]);
  });

  it('rejects what the wire does not take, in its own form', async () => {
    const unknown = openai.chat.completions.create(chatBody({ top_k: 1 }) as never);
    await expect(unknown).rejects.toMatchObject({ status: 400, code: 'unknown_parameter', param: 'top_k' });
    const hot = openai.chat.completions.create({ ...chatBody(), model: 'plain', temperature: 0 });
    await expect(hot).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter' });
    const nobody = openai.chat.completions.create({ ...chatBody(), model: 'nobody' });
    await expect(nobody).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const stranger = openai.withOptions({ apiKey: 'bad' }).chat.completions.create(chatBody());
    await expect(stranger).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect(mock.billed().calls).toBe(0);
  });
});

describe('the mock upstream for the Anthropic SDK', () => {
  const ask = { model: 'm', max_tokens: 100 };

  it('answers the same streamed and not streamed, with usage by token class', async () => {
    mock.script([{ do: { usage: { input: 50, cached: 20, cacheWrite: 10, reasoning: 4 } } }]);
    const whole = await anthropic.messages.create({ ...ask, messages: user('say Grüße an alle') });
    const usage = { input_tokens: 20, cache_read_input_tokens: 20, cache_creation_input_tokens: 10, output_tokens: 7 };
    expect(whole).toMatchObject({ content: [{ text: 'Grüße an alle' }], stop_reason: 'end_turn', usage });
    const stream = anthropic.messages.stream({ ...ask, messages: user('say Grüße an alle') });
    expect(await stream.finalMessage()).toMatchObject({ content: whole.content, stop_reason: 'end_turn', usage });
    expect(mock.billedCalls).toMatchObject([
      { stream: false, inputTokens: 50, cachedInputTokens: 20, outputTokens: 7, reasoningTokens: 4, finished: true },
      { stream: true, inputTokens: 50, cachedInputTokens: 20, outputTokens: 7, reasoningTokens: 4, finished: true },
    ]);
  });

  it('calls tools, streamed and not, and stops at sequences', async () => {
    const tools = [{ name: 'weather', input_schema: SCHEMA as Anthropic.Tool.InputSchema }];
    const asked = { ...ask, tools, messages: user('use tool weather with {"city":"Köln"}') };
    const call = { type: 'tool_use', name: 'weather', input: { city: 'Köln' } };
    expect(await anthropic.messages.create(asked)).toMatchObject({ content: [call], stop_reason: 'tool_use' });
    expect(await anthropic.messages.stream(asked).finalMessage()).toMatchObject({ content: [call] });
    const cut = await anthropic.messages.create({ ...ask, messages: user('hi'), stop_sequences: [' w3'] });
    expect(cut).toMatchObject({ content: [{ text: 'w1 w2' }], stop_reason: 'stop_sequence', stop_sequence: ' w3' });
  });

  it('meets a schema, and takes images', async () => {
    const image = { type: 'base64' as const, media_type: 'image/png' as const, data: 'iVBORw0KGgo=' };
    const format = { type: 'json_schema' as const, schema: SCHEMA };
    const content = [{ type: 'image' as const, source: image }];
    const messages = [{ role: 'user' as const, content }];
    const answer = await anthropic.messages.create({ ...ask, messages, output_config: { format } });
    expect(answer.content).toMatchObject([{ text: JSON.stringify(CONFORMING) }]);
  });

  it('rejects sampling parameters of old, a missing version and a prefill that the model refuses', async () => {
    const hot = anthropic.messages.create({ ...ask, messages: user('hi'), temperature: 0 } as never);
    await expect(hot).rejects.toMatchObject({ status: 400, error: { error: { type: 'invalid_request_error' } } });
    const messages = [...user('hi'), { role: 'assistant' as const, content: 'Well,' }];
    await expect(anthropic.messages.create({ ...ask, model: 'plain', messages })).rejects.toThrow(/prefill/);
    const versionless = await received(send('/v1/messages', { ...ask, messages: user('hi') }));
    expect(versionless.response.statusCode).toBe(400);
    const old = { 'anthropic-version': '2023-06-01', 'x-api-key': 'good' };
    const warm = await received(send('/v1/messages', { ...ask, messages: user('hi'), temperature: 0 }, old));
    expect(JSON.parse(warm.text).content[0].text).toBe(USUAL);
  });
});

describe('the mock upstream for the Google SDK', () => {
  it('answers the same streamed and not streamed', async () => {
    const config = { maxOutputTokens: 3, systemInstruction: 'be brief' };
    const whole = await google.models.generateContent({ model: 'm', contents: 'hi', config });
    expect(whole.text).toBe('w1 w2 w3');
    expect(whole).toMatchObject({ candidates: [{ finishReason: 'MAX_TOKENS' }], modelVersion: 'm' });
    const chunks = await listOf(await google.models.generateContentStream({ model: 'm', contents: 'hi', config }));
    expect(chunks.map(({ text }) => text)).toEqual(['w1', ' w2', ' w3']);
    expect(chunks.map(({ usageMetadata }) => usageMetadata?.totalTokenCount)).toEqual([undefined, undefined, 6]);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
  });

  it('calls tools and meets schemas of both kinds', async () => {
    const tools = [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: SCHEMA }] }];
    const asked = { model: 'm', contents: 'use tool weather with {"city":"Köln"}', config: { tools } };
    const call = { name: 'weather', args: { city: 'Köln' } };
    expect((await google.models.generateContent(asked)).functionCalls).toMatchObject([call]);
    const [chunk] = await listOf(await google.models.generateContentStream(asked));
    expect(chunk?.functionCalls).toMatchObject([call]);
    for (const schema of [{ responseJsonSchema: SCHEMA }, { responseSchema: SCHEMA }]) {
      const config = { responseMimeType: 'application/json', ...schema };
      const answer = await google.models.generateContent({ model: 'm', contents: 'hi', config } as never);
      expect(JSON.parse(answer.text ?? '')).toEqual(CONFORMING);
    }
  });

  it('says in the body of a 429 how long to wait, and takes no key in the URL', async () => {
    mock.script([{ do: { status: 429, headers: { 'Retry-After': '7' } } }]);
    const limited = await google.models.generateContent({ model: 'm', contents: 'hi' }).catch((error) => error);
    expect(limited).toBeInstanceOf(ApiError);
    expect(JSON.parse((limited as ApiError).message).error).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }],
    });
    const path = '/v1beta/models/m:generateContent?key=good';
    const leaked = await received(send(path, { contents: [{ parts: [{ text: 'hi' }] }] }));
    expect([leaked.response.statusCode, leaked.text.includes('x-goog-api-key')]).toEqual([400, true]);
    const bad = new GoogleGenAI({ apiKey: 'bad', httpOptions: { baseUrl: mock.url } });
    await expect(bad.models.generateContent({ model: 'm', contents: 'hi' })).rejects.toThrow(/API_KEY_INVALID/);
  });
});

describe("the mock upstream's faults", () => {
  const streamed = chatBody({ stream: true });

  it('follow the first rule that matches, after those it skips and as often as it says', async () => {
    mock.script([
      { match: { contains: 'hi', stream: false }, skip: 1, times: 1, do: { status: 503 } },
      { match: { wire: 'anthropic' }, do: { status: 529 } },
    ]);
    const statuses: (number | undefined)[] = [];
    for (let at = 0; at < 3; at++) {
      statuses.push((await received(send('/v1/chat/completions', chatBody()))).response.statusCode);
    }
    expect(statuses).toEqual([200, 503, 200]);
    const overloaded = anthropic.messages.create({ model: 'm', max_tokens: 1, messages: user('hi') });
    await expect(overloaded).rejects.toMatchObject({ status: 529, error: { error: { type: 'overloaded_error' } } });
    expect(mock.calls.map(({ status, finished }) => [status, finished])).toEqual([
      [200, true],
      [503, true],
      [200, true],
      [529, true],
    ]);
  });

  it('name quota and context in the form of each wire', async () => {
    const forms: unknown[] = [];
    for (const code of ['insufficient_quota', 'context_length_exceeded']) {
      mock.script([{ do: { code } }]);
      const open = await openai.chat.completions.create(chatBody()).catch((error) => error);
      const claude = await anthropic.messages.create({ ...chatBody(), max_tokens: 1 }).catch((error) => error);
      const gemini = await google.models.generateContent({ model: 'm', contents: 'hi' }).catch((error) => error);
      forms.push([open.status, open.code, claude.status, claude.error.error.type, gemini.status]);
    }
    expect(forms).toEqual([
      [429, 'insufficient_quota', 400, 'invalid_request_error', 429],
      [400, 'context_length_exceeded', 400, 'invalid_request_error', 400],
    ]);
  });

  it('cut a stream after as many tokens as they say, and bill those', async () => {
    mock.script([{ do: { cutAfterTokens: 40 } }]);
    const cut = await received(send('/v1/chat/completions', streamed));
    expect(cut.error).not.toBeNull();
    expect(cut.text.match(/"content":"[^"]/g)).toHaveLength(40);
    expect(mock.billed()).toEqual({ calls: 1, inputTokens: 1, outputTokens: 40 });
    expect(mock.calls).toMatchObject([{ tokensSent: 40, finished: false, closedByClientMs: null }]);
    const half = await received(send('/v1/chat/completions', chatBody()));
    expect(half.error).not.toBeNull();
    expect(() => JSON.parse(half.text)).toThrow(SyntaxError);
  });

  it('break one event, leave out the end, and split bytes within characters', async () => {
    mock.script([{ times: 1, do: { malformedAfterTokens: 2 } }, { do: { noEndMarker: 'close', chunkBytes: 3 } }]);
    const broken = (await received(send('/v1/chat/completions', streamed))).text.trim().split('\n\n');
    const isJsonOf = (line: string) => {
      try {
        return JSON.parse(line.slice(6)) !== null;
      } catch {
        return false;
      }
    };
    expect(broken.slice(0, 6).map(isJsonOf)).toEqual([true, true, true, false, true, true]);
    expect(broken.at(-1)).toBe('data: [DONE]');
    const ending = await received(send('/v1/chat/completions', { ...streamed, messages: user('say äöü €') }));
    expect(ending.text).toContain('"content":"äöü"');
    expect(ending.text).toContain('"finish_reason":"stop"');
    expect([ending.error, ending.text.includes('[DONE]')]).toEqual([null, false]);
  });

  it('reset and redirect before an answer; a filter speaks each wire', async () => {
    mock.script([
      { times: 1, do: { reset: true } },
      { times: 1, do: { redirect: 'http://127.0.0.1:9/' } },
      { do: { contentFilter: 'answer' } },
    ]);
    await expect(received(send('/v1/chat/completions', streamed))).rejects.toMatchObject({ code: 'ECONNRESET' });
    const moved = await received(send('/v1/chat/completions', streamed));
    expect([moved.response.statusCode, moved.response.headers.location]).toEqual([302, 'http://127.0.0.1:9/']);
    const open = await openai.chat.completions.create(chatBody());
    const claude = await anthropic.messages.stream({ ...chatBody(), max_tokens: 1 }).finalMessage();
    const [gemini] = await listOf(await google.models.generateContentStream({ model: 'm', contents: 'hi' }));
    expect([open.choices[0]?.finish_reason, claude.stop_reason, gemini?.candidates?.[0]?.finishReason]).toEqual([
      'content_filter',
      'refusal',
      'SAFETY',
    ]);
  });

  it('note when a client goes: before headers, before the first token and in mid-stream', async () => {
    mock.script([
      { times: 1, do: { silent: true } },
      { times: 1, do: { firstTokenDelayMs: 60_000 } },
      { do: { stallAfterTokens: 5 } },
    ]);
    const silent = send('/v1/chat/completions', streamed).on('error', () => {});
    await eventually('the call is there', () => mock.calls.length === 1);
    silent.destroy();
    for (const started of ['"role":"assistant"', '" w5"']) {
      const request = send('/v1/chat/completions', streamed).on('error', () => {});
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      let text = '';
      response
        .on('error', () => {})
        .on('data', (chunk) => {
          text += String(chunk);
        });
      await eventually('it has begun', () => text.includes(started));
      request.destroy();
    }
    await eventually('all are noted', () => mock.calls.every(({ closedByClientMs }) => closedByClientMs !== null));
    expect(mock.calls.map(({ tokensSent, status }) => [tokensSent, status])).toEqual([
      [0, null],
      [0, 200],
      [5, 200],
    ]);
    expect(mock.billed()).toEqual({ calls: 2, inputTokens: 2, outputTokens: 5 });
  });

  it('fill an answer beyond a size', async () => {
    mock.script([{ do: { hugeBytes: 20_000_000 } }]);
    for (const body of [chatBody(), streamed]) {
      expect((await received(send('/v1/chat/completions', body))).text.length).toBeGreaterThan(20_000_000);
    }
  });
});

describe('the mock upstream as a process', () => {
  it('gives the same answers by its fast way, and ends with its stdin', async () => {
    const path = fileURLToPath(new URL('../bench/mock-upstream-process.ts', import.meta.url));
    const child = spawnTied(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
    const url = `http://127.0.0.1:${(JSON.parse(line) as { port: number }).port}`;
    const big = chatBody({ messages: user(`say ${'é'.repeat(50_000)}`) });
    const same = { ...chatBody({ max_tokens: 20 }) };
    for (const body of [same, { ...same, stream: true }, { ...same, messages: user('say 10 €') }, big, { oops: 1 }]) {
      const fast = await received(send('/v1/chat/completions', body, {}, url));
      const usual = await received(send('/v1/chat/completions', body));
      const plain = ({ response, text }: typeof fast) => [response.statusCode, text.replace(/mock-\d+/g, 'mock-N')];
      expect(plain(fast)).toEqual(plain(usual));
    }
    child.stdin?.end();
    expect(await exited).toEqual([0, null]);
  });
});
