/**
 * The gateway's own wire, `POST /v1/chat`.
 *
 * Owns: which requests it accepts, strictly (a misspelt member is an error, not a default), and its answers. Keeps I11.
 */
import type { Answer, ChatRequest, Labels, Message, Part, UpstreamEvent, Usage } from '../chat.ts';
import { isObject, type Json, put, Reading } from './reading.ts';
import { readSchema } from './reading-schema.ts';
import {
  type ClientWire,
  type EncoderMeta,
  namedEvent,
  type ReadRequest,
  type Source,
  type StreamEncoder,
  type WireErrorInput,
} from './wire.ts';

export const CHAT_MESSAGES_MAX = 1_000;
export const CHAT_STOPS_MAX = 4;
export const CHAT_NAME_MAX_CHARACTERS = 200;
const NAME = { minLength: 1, maxLength: CHAT_NAME_MAX_CHARACTERS };
const ROLES = ['system', 'user', 'assistant'] as const;

const MEMBERS = new Set([
  'messages',
  'provider',
  'model',
  'max_tokens',
  'temperature',
  'top_p',
  'stop',
  'seed',
  'stream',
  'agent',
  'task_type',
  'project_id',
  'response_format',
  'cache',
]);
const MESSAGE = new Set(['role', 'content']);
const TEXT_PART = new Set(['type', 'text']);
const IMAGE_PART = new Set(['type', 'media_type', 'data']);
const RESPONSE_FORMAT = new Set(['type', 'schema']);

function readChat(body: unknown): ReadRequest {
  const reading = new Reading({ nullIsAbsent: false });
  const request: ChatRequest = { messages: [] };
  const labels: Labels = {};
  const read: ReadRequest = { request, stream: false, labels };
  if (!isObject(body)) reading.wrong('', 'must be a JSON object');
  else {
    reading.closed(body, '', MEMBERS);
    request.messages = readMessages(reading, body.messages);
    put(request, 'provider', reading.text(body.provider, '/provider', NAME));
    put(request, 'model', reading.text(body.model, '/model', NAME));
    put(request, 'max_tokens', reading.integer(body.max_tokens, '/max_tokens', 1));
    put(request, 'temperature', reading.number(body.temperature, '/temperature', 0, 2));
    put(request, 'top_p', reading.number(body.top_p, '/top_p', 0, 1));
    put(request, 'stop', reading.stops(body.stop, '/stop', CHAT_STOPS_MAX));
    put(request, 'seed', reading.integer(body.seed, '/seed'));
    put(request, 'response_format', readFormat(reading, body.response_format));
    put(read, 'stream', reading.boolean(body.stream, '/stream'));
    put(read, 'cache', reading.boolean(body.cache, '/cache'));
    put(labels, 'agent', reading.text(body.agent, '/agent', NAME));
    put(labels, 'task_type', reading.text(body.task_type, '/task_type', NAME));
    put(labels, 'project_id', reading.text(body.project_id, '/project_id', NAME));
  }
  reading.end();
  return read;
}

function readMessages(reading: Reading, value: unknown): readonly Message[] {
  if (!reading.required(value, '/messages')) return [];
  const items = reading.list(value, '/messages', 1, CHAT_MESSAGES_MAX) ?? [];
  return items.map((item, index): Message => {
    const path = `/messages/${index}`;
    const message = reading.required(item, path) ? reading.object(item, path) : undefined;
    if (!message) return { role: 'user', content: '' };
    reading.closed(message, path, MESSAGE);
    reading.required(message.role, `${path}/role`);
    const role = reading.oneOf(message.role, `${path}/role`, ROLES) ?? 'user';
    return { role, content: readContent(reading, message.content, `${path}/content`, role) };
  });
}

function readContent(reading: Reading, value: unknown, path: string, role: Message['role']): string | readonly Part[] {
  if (typeof value === 'string' || !reading.required(value, path)) return (value as string | undefined) ?? '';
  if (!Array.isArray(value)) {
    reading.wrong(path, 'must be a string or a list of parts');
    return '';
  }
  const items = reading.list(value, path, 1) ?? [];
  return items.flatMap((item, index) => readPart(reading, item, `${path}/${index}`, role) ?? []);
}

function readPart(reading: Reading, item: unknown, path: string, role: Message['role']): Part | undefined {
  if (!isObject(item)) return reading.wrong(path, 'must be an object');
  if (item.type === 'text') {
    reading.closed(item, path, TEXT_PART);
    reading.required(item.text, `${path}/text`);
    return { type: 'text', text: reading.text(item.text, `${path}/text`) ?? '' };
  }
  if (item.type === 'image') {
    reading.closed(item, path, IMAGE_PART);
    if (role !== 'user') reading.wrong(path, 'must be in a message of the user');
    const mediaType = reading.mediaType(item.media_type, `${path}/media_type`) ?? '';
    return { type: 'image', media_type: mediaType, data: reading.base64(item.data, `${path}/data`) ?? '' };
  }
  return reading.wrong(`${path}/type`, 'must be one of text, image');
}

function readFormat(reading: Reading, value: unknown): ChatRequest['response_format'] {
  const format = reading.object(value, '/response_format');
  if (!format) return undefined;
  reading.closed(format, '/response_format', RESPONSE_FORMAT);
  if (format.type !== 'json_schema') return reading.wrong('/response_format/type', 'must be json_schema');
  const schema = readSchema(reading, format.schema, '/response_format/schema');
  return schema && { schema };
}

function usageOf(usage: Usage | null): Json {
  const { inputTokens = 0, outputTokens = 0 } = usage ?? {};
  return { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}

function answerOf(answer: Answer, id: string, cached: boolean): Record<string, unknown> {
  return {
    id,
    provider: answer.provider,
    model: answer.model,
    message: { role: 'assistant', content: answer.text },
    usage: usageOf(answer.usage),
    cached,
  };
}

function errorOf({ code, message, details }: WireErrorInput): Record<string, unknown> {
  return { error: { code, message, ...(details && { details }) } };
}

class ChatEncoder implements StreamEncoder {
  readonly #meta: EncoderMeta;

  constructor(meta: EncoderMeta) {
    this.#meta = meta;
  }

  start(): string {
    const { id, provider, model } = this.#meta;
    return namedEvent('start', JSON.stringify({ id, provider, model }));
  }

  event({ text }: UpstreamEvent): string {
    return text === undefined ? '' : namedEvent('delta', `{"content":${JSON.stringify(text)}}`);
  }

  done(answer: Answer, cached: boolean): string {
    return namedEvent('done', JSON.stringify(answerOf(answer, this.#meta.id, cached)));
  }

  error(error: WireErrorInput): string {
    return namedEvent('error', JSON.stringify(errorOf(error)));
  }
}

export function chatWire(source: Source): ClientWire {
  return {
    name: 'chat',
    read: readChat,
    answer: answerOf,
    encoder: (meta) => new ChatEncoder(meta),
    error: errorOf,
    newId: () => `chat-${source.randomHex(4)}`,
  };
}
