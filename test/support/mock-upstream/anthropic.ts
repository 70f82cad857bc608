/** Anthropic's messages. */
import {
  type Asked,
  bearerOf,
  type ErrorOptions,
  type Finish,
  type Frame,
  headerOf,
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
  `max_tokens messages model cache_control container diagnostics inference_geo metadata output_config service_tier speed
  stop_sequences stream system temperature thinking tool_choice tools top_k top_p`.split(/\s+/),
);
const SAMPLING = ['temperature', 'top_p', 'top_k'];
const ROLES = new Set(['user', 'assistant', 'system']);
/** From this version on the wire has no sampling parameters. */
const NO_SAMPLING = '2026-10-21';
const SILENT_BLOCKS = new Set(['image', 'document', 'tool_use', 'thinking', 'redacted_thinking', 'search_result']);
const FINISH: Record<Finish, string> = {
  end: 'end_turn',
  max_tokens: 'max_tokens',
  stop_sequence: 'stop_sequence',
  tool_use: 'tool_use',
  content_filter: 'refusal',
};

function contentTexts(content: unknown, path: string): string[] {
  if (typeof content === 'string') return [content];
  return listAt(content, path).flatMap((item, at) => {
    const block = objectAt(item, `${path}.${at}`);
    switch (block.type) {
      case 'text':
        reject(block.text === '', `${path}.${at}: text content blocks must be non-empty`);
        return [stringAt(block.text, `${path}.${at}.text`)];
      case 'tool_result':
        stringAt(block.tool_use_id, `${path}.${at}.tool_use_id`);
        return block.content === undefined ? [] : contentTexts(block.content, `${path}.${at}.content`);
      case 'image': {
        const source = objectAt(block.source, `${path}.${at}.source`);
        if (source.type === 'base64') {
          stringAt(source.media_type, `${path}.${at}.source.media_type`);
          stringAt(source.data, `${path}.${at}.source.data`);
        }
        return [];
      }
      default:
        reject(!SILENT_BLOCKS.has(String(block.type)), `${path}.${at}.type: unknown content block '${block.type}'`);
        return [];
    }
  });
}

const blocksOf = (message: Json, type: string) =>
  Array.isArray(message.content) ? message.content.filter((block) => isJson(block) && block.type === type) : [];

/** Every call must be answered by the message that follows it. */
function checkToolResults(messages: readonly Json[]): void {
  for (const [at, message] of messages.entries()) {
    const next = messages[at + 1];
    if (!next) continue;
    const answered = new Set(blocksOf(next, 'tool_result').map((block) => (block as Json).tool_use_id));
    for (const block of blocksOf(message, 'tool_use') as Json[]) {
      reject(
        !answered.has(block.id),
        `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${block.id}.`,
      );
    }
  }
}

function readMessages(body: Json): { texts: string[]; last: Json } {
  reject(body.messages === undefined, 'messages: Field required');
  const messages = listAt(body.messages, 'messages').map((item, at) => objectAt(item, `messages.${at}`));
  const texts = body.system === undefined ? [] : contentTexts(body.system, 'system');
  for (const [at, message] of messages.entries()) {
    const role = String(message.role);
    reject(!ROLES.has(role), `messages.${at}.role: Input should be 'user', 'assistant' or 'system'`);
    const isEmpty = message.content === '' || (Array.isArray(message.content) && message.content.length === 0);
    reject(
      isEmpty && !(role === 'assistant' && at === messages.length - 1),
      `messages.${at}: all messages must have non-empty content`,
    );
    texts.push(...contentTexts(message.content, `messages.${at}.content`));
  }
  const [first] = messages;
  const last = messages.at(-1);
  if (!first || !last) throw new Rejected(400, 'messages: at least one message is required');
  reject(first.role !== 'user', 'messages: first message must use the "user" role');
  checkToolResults(messages);
  return { texts, last };
}

function readTools(body: Json, refusesForced: boolean): Pick<Asked, 'tools' | 'forcedTool'> {
  const tools = new Map<string, unknown>();
  for (const [at, item] of (body.tools === undefined ? [] : listAt(body.tools, 'tools')).entries()) {
    const { name, input_schema: schema } = objectAt(item, `tools.${at}`);
    const { type } = objectAt(schema, `tools.${at}.input_schema`);
    reject(type !== 'object', `tools.${at}.input_schema.type: Input should be 'object'`);
    tools.set(stringAt(name, `tools.${at}.name`), schema);
  }
  if (body.tool_choice === undefined) return { tools, forcedTool: null };
  const choice = objectAt(body.tool_choice, 'tool_choice');
  reject(tools.size === 0, 'tool_choice: may only be specified while providing tools');
  const isForced = choice.type === 'tool' || choice.type === 'any';
  reject(!isForced && choice.type !== 'auto' && choice.type !== 'none', 'tool_choice.type: unknown');
  reject(isForced && refusesForced, 'tool_choice: this model does not support forced tool use');
  if (choice.type === 'tool') {
    const name = stringAt(choice.name, 'tool_choice.name');
    reject(!tools.has(name), `tool_choice: Tool '${name}' not found in provided tools`);
    return { tools, forcedTool: name };
  }
  return { tools: choice.type === 'none' ? new Map() : tools, forcedTool: isForced ? '*' : null };
}

function readSchema(config: unknown): unknown {
  const format = config === undefined ? undefined : objectAt(config, 'output_config').format;
  if (format === undefined || format === null) return null;
  const { type, schema } = objectAt(format, 'output_config.format');
  reject(type !== 'json_schema', `output_config.format.type: Input should be 'json_schema'`);
  return objectAt(schema, 'output_config.format.schema');
}

function usageOf({ input, cached, cacheWrite, output, reasoning }: PlannedUsage): Json {
  return {
    input_tokens: input - cached - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    output_tokens_details: reasoning > 0 ? { thinking_tokens: reasoning } : null,
    server_tool_use: null,
    service_tier: 'standard',
  };
}

const stopDetails = (finish: Finish | null) =>
  finish === 'content_filter' ? { type: 'refusal', category: null, explanation: null } : null;
const callId = (id: string, at: number) => `toolu_${id.slice(anthropic.idPrefix.length)}_${at}`;
const emptyMessage = ({ model }: Plan, id: string): Json => ({ id, type: 'message', role: 'assistant', model });

function inputOf(pieces: readonly string[]): unknown {
  try {
    return JSON.parse(pieces.join('')) as unknown;
  } catch {
    return {}; // This wire has no way to say that a model's arguments are no JSON, unless it streams them.
  }
}

export const anthropic: Wire = {
  name: 'anthropic',
  idHeader: 'request-id',
  idPrefix: 'msg_mock_',
  key: ({ headers }) => headerOf(headers, 'x-api-key') ?? bearerOf(headers),

  read(body, { headers }, refuses) {
    const version = headerOf(headers, 'anthropic-version');
    if (version === null) throw new Rejected(400, 'anthropic-version: header is required');
    reject(!/^20\d\d-\d\d-\d\d$/.test(version), `anthropic-version: "${version}" is not a valid version`);
    for (const name of Object.keys(body)) {
      reject(!PARAMETERS.has(name), `${name}: Extra inputs are not permitted`);
    }
    reject(typeof body.model !== 'string', 'model: Field required');
    reject(body.max_tokens === undefined, 'max_tokens: Field required');
    const model = String(body.model);
    for (const name of SAMPLING) {
      const isRefused = version >= NO_SAMPLING || refuses(model, 'sampling');
      reject(body[name] !== undefined && isRefused, `${name}: Extra inputs are not permitted`);
    }
    const { texts, last } = readMessages(body);
    reject(
      last.role === 'assistant' && refuses(model, 'prefill'),
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
    const said = last.role === 'user' && blocksOf(last, 'tool_result').length === 0;
    const stop = body.stop_sequences === undefined ? [] : listAt(body.stop_sequences, 'stop_sequences');
    return {
      wire: 'anthropic',
      model,
      stream: body.stream === true,
      texts,
      inputTokens: inputTokensOf(texts),
      lastUserText: said ? contentTexts(last.content, 'messages').join('\n') : '',
      limit: positiveAt(body.max_tokens, 'max_tokens'),
      stop: stop.map((item, at) => stringAt(item, `stop_sequences.${at}`)),
      ...readTools(body, refuses(model, 'forced_tools')),
      schema: readSchema(body.output_config),
      choices: 1,
      tellsUsage: true,
    };
  },

  whole(plan, id) {
    const text = plan.pieces.join('');
    const calls = plan.toolCalls.map(({ name, pieces }, at) => {
      return { type: 'tool_use', id: callId(id, at), name, input: inputOf(pieces) };
    });
    return {
      ...emptyMessage(plan, id),
      content: [...(text === '' ? [] : [{ type: 'text', text, citations: null }]), ...calls],
      stop_reason: plan.finish && FINISH[plan.finish],
      stop_sequence: plan.stopSequence,
      stop_details: stopDetails(plan.finish),
      ...(plan.usage ? { usage: usageOf(plan.usage) } : {}),
    };
  },

  frames(plan, id) {
    const frame = (phase: Frame['phase'], type: string, more: Json, tokens = 0): Frame => {
      return { phase, bytes: `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`, tokens };
    };
    const begun = plan.usage ? { usage: usageOf({ ...plan.usage, output: 1, reasoning: 0 }) } : {};
    const message = { ...emptyMessage(plan, id), content: [], stop_reason: null, stop_sequence: null, ...begun };
    const frames = [frame('open', 'message_start', { message }), frame('open', 'ping', {})];
    const block = (opens: Frame['phase'], content: Json, deltas: readonly Json[]) => {
      const index = blocks++;
      frames.push(
        frame(opens, 'content_block_start', { index, content_block: content }),
        ...deltas.map((delta) => frame('content', 'content_block_delta', { index, delta }, 1)),
      );
      if (plan.finish) frames.push(frame('close', 'content_block_stop', { index }));
    };
    let blocks = 0;
    if (plan.pieces.length > 0) {
      const deltas = plan.pieces.map((text) => ({ type: 'text_delta', text }));
      block('open', { type: 'text', text: '', citations: null }, deltas);
    }
    for (const [at, { name, pieces }] of plan.toolCalls.entries()) {
      const deltas = pieces.map((text) => ({ type: 'input_json_delta', partial_json: text }));
      block('content', { type: 'tool_use', id: callId(id, at), name, input: {} }, deltas);
    }
    if (plan.finish) {
      const delta = {
        stop_reason: FINISH[plan.finish],
        stop_sequence: plan.stopSequence,
        stop_details: stopDetails(plan.finish),
      };
      const { cache_creation: _, service_tier: __, ...usage } = plan.usage ? usageOf(plan.usage) : {};
      frames.push(frame('close', 'message_delta', { delta, ...(plan.usage ? { usage } : {}) }));
      if (plan.marksEnd) frames.push(frame('close', 'message_stop', {}));
    }
    return frames;
  },

  error(status, options) {
    // Credit that has run out comes as a 400 here, unless a 402 is asked for.
    const isCredit = options.code === 'insufficient_quota' && status === 429;
    return { status: isCredit ? 400 : status, body: errorOf(isCredit ? 400 : status, options) };
  },

  errorFrame(status, options) {
    return `event: error\ndata: ${JSON.stringify(errorOf(status, options))}\n\n`;
  },
};

const ERRORS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'Invalid request.'],
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'There is an issue with your billing or payment information.'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'The requested resource could not be found.'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', 'This request would exceed your rate limit. Please try again later.'],
  500: ['api_error', 'Internal server error'],
  504: ['timeout_error', 'Request timed out'],
  529: ['overloaded_error', 'Overloaded'],
};
const CODED: Readonly<Record<string, string>> = {
  insufficient_quota: 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
  context_length_exceeded: 'prompt is too long: 210021 tokens > 200000 maximum',
};

function errorOf(status: number, { code, message }: ErrorOptions): Json {
  const [type, text] = ERRORS[status] ?? (status >= 500 ? ['api_error', 'Error'] : ['invalid_request_error', 'Error']);
  return { type: 'error', error: { type, message: message ?? CODED[code ?? ''] ?? text }, request_id: 'req_mock' };
}
