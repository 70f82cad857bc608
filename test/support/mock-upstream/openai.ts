/** OpenAI's chat completions. */
import {
  type Asked,
  bearerOf,
  CREATED_S,
  type ErrorOptions,
  type Finish,
  type Frame,
  inputTokensOf,
  isJson,
  type Json,
  listAt,
  objectAt,
  type Plan,
  type PlannedUsage,
  positiveAt,
  Rejected,
  reject,
  stringAt,
  type Wire,
} from './wire.ts';

const PARAMETERS = new Set(
  `messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens
  metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key
  prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop
  store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options`.split(
    /\s+/,
  ),
);
const ROLES = new Set(['developer', 'system', 'user', 'assistant', 'tool', 'function']);
const SAMPLING = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'logprobs', 'logit_bias'];
const FINISH: Record<Finish, string> = {
  end: 'stop',
  max_tokens: 'length',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  content_filter: 'content_filter',
};

/** Texts of a message's content. */
function contentTexts(content: unknown, path: string): string[] {
  if (typeof content === 'string') return [content];
  return listAt(content, path).flatMap((item, at) => {
    const part = objectAt(item, `${path}[${at}]`);
    switch (part.type) {
      case 'text':
        return [stringAt(part.text, `${path}[${at}].text`)];
      case 'refusal':
        return [stringAt(part.refusal, `${path}[${at}].refusal`)];
      case 'image_url': {
        const { url } = objectAt(part.image_url, `${path}[${at}].image_url`);
        reject(
          !/^(data:image\/|https?:)/.test(stringAt(url, `${path}[${at}].image_url.url`)),
          'Invalid image URL.',
          path,
        );
        return [];
      }
      case 'input_audio':
      case 'file':
        return [];
      default:
        throw new Rejected(400, `Invalid value: '${part.type}'. Supported values are: 'text', 'image_url' …`, {
          param: `${path}[${at}].type`,
          code: 'invalid_value',
        });
    }
  });
}

function messageTexts(item: unknown, at: number): string[] {
  const message = objectAt(item, `messages[${at}]`);
  const role = String(message.role);
  if (!ROLES.has(role)) {
    throw new Rejected(400, `Invalid value: '${role}'.`, { param: `messages[${at}].role`, code: 'invalid_value' });
  }
  if (role === 'tool') stringAt(message.tool_call_id, `messages[${at}].tool_call_id`);
  const calls = message.tool_calls === undefined ? [] : listAt(message.tool_calls, `messages[${at}].tool_calls`);
  for (const call of calls) {
    const path = `messages[${at}].tool_calls`;
    const { arguments: text } = objectAt(objectAt(call, path).function, `${path}.function`);
    stringAt(text, `${path}.function.arguments`);
  }
  if (role === 'assistant' && (message.content ?? null) === null) {
    reject(calls.length === 0, `Invalid value for 'content': expected a string, got null.`, `messages[${at}].content`);
    return [];
  }
  return contentTexts(message.content, `messages[${at}].content`);
}

function readTools(body: Json): Pick<Asked, 'tools' | 'forcedTool'> {
  const tools = new Map<string, unknown>();
  for (const [at, item] of (body.tools === undefined ? [] : listAt(body.tools, 'tools')).entries()) {
    const tool = objectAt(item, `tools[${at}]`);
    reject(tool.type !== 'function', `Invalid value: '${tool.type}'.`, `tools[${at}].type`);
    const { name, parameters } = objectAt(tool.function, `tools[${at}].function`);
    tools.set(stringAt(name, `tools[${at}].function.name`), parameters ?? { type: 'object' });
  }
  const choice = body.tool_choice;
  reject(choice !== undefined && tools.size === 0, `'tool_choice' is only allowed when 'tools' are specified.`);
  if (isJson(choice)) {
    const name = stringAt(objectAt(choice.function, 'tool_choice.function').name, 'tool_choice.function.name');
    reject(!tools.has(name), `Tool choice '${name}' not found in 'tools' parameter.`, 'tool_choice');
    return { tools, forcedTool: name };
  }
  return { tools: choice === 'none' ? new Map() : tools, forcedTool: choice === 'required' ? '*' : null };
}

function readSchema(format: unknown): unknown {
  if (format === undefined) return null;
  const { type, json_schema: named } = objectAt(format, 'response_format');
  if (type === 'text') return null;
  if (type === 'json_object') return { type: 'object' };
  reject(type !== 'json_schema', `Invalid value: '${type}'.`, 'response_format.type');
  const { name, schema } = objectAt(named, 'response_format.json_schema');
  reject(
    !/^[a-zA-Z0-9_-]{1,64}$/.test(stringAt(name, 'response_format.json_schema.name')),
    `Invalid 'response_format.json_schema.name'.`,
    'response_format.json_schema.name',
  );
  return objectAt(schema, 'response_format.json_schema.schema');
}

function readStop(stop: unknown): string[] {
  if (stop === undefined || stop === null) return [];
  if (typeof stop === 'string') return [stop];
  const list = listAt(stop, 'stop').map((item, at) => stringAt(item, `stop[${at}]`));
  reject(list.length > 4, `Invalid 'stop': array too long. Expected an array with maximum length 4.`, 'stop');
  return list;
}

function usageOf({ input, cached, cacheWrite, output, reasoning }: PlannedUsage): Json {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: cacheWrite, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
  };
}

function messageOf(plan: Plan, id: string): Json {
  const calls = plan.toolCalls.map(({ name, pieces }, at) => ({
    id: callId(id, at),
    type: 'function',
    function: { name, arguments: pieces.join('') },
  }));
  const text = plan.pieces.join('');
  const message = { role: 'assistant', content: calls.length > 0 && text === '' ? null : text, refusal: null };
  return calls.length > 0 ? { ...message, tool_calls: calls } : message;
}

const callId = (id: string, at: number) => `call_${id.slice(openai.idPrefix.length)}_${at}`;

export const openai: Wire = {
  name: 'openai',
  idHeader: 'x-request-id',
  idPrefix: 'chatcmpl-mock-',
  key: ({ headers }) => bearerOf(headers),

  read(body, _request, refuses) {
    for (const name of Object.keys(body)) {
      if (!PARAMETERS.has(name)) {
        throw new Rejected(400, `Unknown parameter: '${name}'.`, { param: name, code: 'unknown_parameter' });
      }
    }
    if (typeof body.model !== 'string') throw new Rejected(400, 'you must provide a model parameter');
    const { model } = body;
    reject(body.messages === undefined, `Missing required parameter: 'messages'.`, 'messages');
    const messages = listAt(body.messages, 'messages');
    reject(messages.length === 0, `Invalid 'messages': empty array.`, 'messages');
    const texts = messages.flatMap(messageTexts);
    const last = objectAt(messages.at(-1), 'messages');
    if (refuses(model, 'prefill') && last.role === 'assistant') {
      throw new Rejected(400, 'The last message must not be from the assistant.', { param: 'messages' });
    }
    const sampling = SAMPLING.find((name) => body[name] !== undefined);
    if (sampling && refuses(model, 'sampling') && body.reasoning_effort !== 'none') {
      throw new Rejected(400, `Unsupported parameter: '${sampling}' is not supported with this model.`, {
        param: sampling,
        code: 'unsupported_parameter',
      });
    }
    if (body.max_tokens !== undefined && refuses(model, 'max_tokens')) {
      throw new Rejected(
        400,
        `Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.`,
        { param: 'max_tokens', code: 'unsupported_parameter' },
      );
    }
    const stream = body.stream === true;
    reject(
      body.stream_options !== undefined && !stream,
      `The 'stream_options' parameter is only allowed when 'stream' is enabled.`,
      'stream_options',
    );
    const limit = body.max_completion_tokens ?? body.max_tokens ?? null;
    return {
      wire: 'openai',
      model,
      stream,
      texts,
      inputTokens: inputTokensOf(texts),
      lastUserText: last.role === 'user' ? contentTexts(last.content, 'messages').join('\n') : '',
      limit: limit === null ? Number.POSITIVE_INFINITY : positiveAt(limit, 'max_completion_tokens'),
      stop: readStop(body.stop),
      ...readTools(body),
      schema: readSchema(body.response_format),
      choices: body.n === undefined || body.n === null ? 1 : positiveAt(body.n, 'n'),
      tellsUsage: !stream || (isJson(body.stream_options) && body.stream_options.include_usage === true),
    };
  },

  whole(plan, id) {
    const choices = Array.from({ length: plan.choices }, (_, index) => ({
      index,
      message: messageOf(plan, id),
      logprobs: null,
      finish_reason: plan.finish && FINISH[plan.finish],
    }));
    const answer = { id, object: 'chat.completion', created: CREATED_S, model: plan.model, choices };
    return plan.usage ? { ...answer, usage: usageOf(plan.usage), service_tier: 'default' } : answer;
  },

  frames(plan, id) {
    const indexes = Array.from({ length: plan.choices }, (_, index) => index);
    const head = { id, object: 'chat.completion.chunk', created: CREATED_S, model: plan.model };
    const data = (choices: unknown[], more: Json = {}) =>
      `data: ${JSON.stringify({ ...head, choices, ...(plan.usage ? { usage: null } : {}), ...more })}\n\n`;
    const each = (phase: Frame['phase'], delta: Json, tokens: number, finish: string | null = null): Frame[] =>
      indexes.map((index) => ({
        phase,
        bytes: data([{ index, delta, logprobs: null, finish_reason: finish }]),
        tokens,
      }));
    const call = (at: number, more: Json) => ({ tool_calls: [{ index: at, ...more }] });
    const frames = [
      ...each('open', { role: 'assistant', content: plan.toolCalls.length > 0 ? null : '', refusal: null }, 0),
      ...plan.pieces.flatMap((content) => each('content', { content }, 1)),
      ...plan.toolCalls.flatMap(({ name, pieces }, at) => [
        ...each('content', call(at, { id: callId(id, at), type: 'function', function: { name, arguments: '' } }), 0),
        ...pieces.flatMap((text) => each('content', call(at, { function: { arguments: text } }), 1)),
      ]),
    ];
    if (plan.finish) {
      frames.push(...each('close', {}, 0, FINISH[plan.finish]));
      if (plan.usage) frames.push({ phase: 'close', bytes: data([], { usage: usageOf(plan.usage) }), tokens: 0 });
      if (plan.marksEnd) frames.push({ phase: 'close', bytes: 'data: [DONE]\n\n', tokens: 0 });
    }
    return frames;
  },

  error(status, options) {
    return { status, body: { error: errorOf(status, options) } };
  },

  errorFrame(status, options) {
    return `data: ${JSON.stringify({ error: errorOf(status, options) })}\n\n`;
  },
};

/** Type, code and message by status. */
const ERRORS: Readonly<Record<number, readonly [type: string, code: string | null, message: string]>> = {
  401: ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.'],
  403: ['request_forbidden', 'unsupported_country_region_territory', 'Country, region, or territory not supported'],
  404: ['invalid_request_error', 'model_not_found', 'The model does not exist or you do not have access to it.'],
  429: ['requests', 'rate_limit_exceeded', 'Rate limit reached. Please try again later.'],
  500: ['server_error', null, 'The server had an error while processing your request.'],
  503: ['server_error', null, 'The engine is currently overloaded, please try again later'],
};

function errorOf(status: number, { code, message, param = null as unknown as string }: ErrorOptions): Json {
  if (code === 'insufficient_quota') {
    const text = 'You exceeded your current quota, please check your plan and billing details.';
    return { message: message ?? text, type: 'insufficient_quota', param, code };
  }
  if (code === 'context_length_exceeded') {
    const text = `This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.`;
    return { message: message ?? text, type: 'invalid_request_error', param: param ?? 'messages', code };
  }
  const fallback = [status >= 500 ? 'server_error' : 'invalid_request_error', null, 'Invalid request.'] as const;
  const [type, usualCode, text] = ERRORS[status] ?? fallback;
  return { message: message ?? text, type, param, code: code ?? usualCode };
}
