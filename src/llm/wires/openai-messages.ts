/**
 * Messages in OpenAI's chat-completions wire.
 *
 * Owns: their neutral form. What has none goes only to candidates that speak the wire.
 */
import type { Message, Part } from '../chat.ts';
import { isObject, type Json, type Reading, step } from './reading.ts';

export const TOOL_NAME = { minLength: 1, maxLength: 128 };
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;
type Role = (typeof ROLES)[number];
const MESSAGE = new Set(['role', 'content']);
const ASSISTANT = new Set(['role', 'content', 'refusal', 'tool_calls', 'audio', 'function_call']);
const TOOL_MESSAGE = new Set(['role', 'content', 'tool_call_id']);
const TEXT_PART = new Set(['type', 'text']);
const IMAGE_PART = new Set(['type', 'image_url']);
const FILE = new Set(['filename', 'file_data']);
const TOOL_CALL = new Set(['id', 'type', 'function', 'index']);

export function readMessages(reading: Reading, value: unknown): readonly Message[] {
  if (!reading.required(value, '/messages')) return [];
  const messages: Message[] = [];
  /** Of the message that results of parallel calls are gathered in. */
  let results: Part[] | undefined;
  for (const [index, item] of (reading.list(value, '/messages', 1) ?? []).entries()) {
    const path = `/messages/${index}`;
    if (!isObject(item)) {
      reading.wrong(path, 'must be an object');
      continue;
    }
    const role = readRole(reading, item.role, `${path}/role`);
    if (role === 'tool') {
      if (!results) {
        results = [];
        messages.push({ role: 'user', content: results });
      }
      results.push(readResult(reading, item, path));
      continue;
    }
    results = undefined;
    if (role === 'assistant') messages.push({ role, content: readAssistant(reading, item, path) });
    else if (role) {
      reading.open(item, 'messages', MESSAGE);
      reading.required(item.content, `${path}/content`);
      const content = readContent(reading, item.content, `${path}/content`, role);
      messages.push({ role: role === 'developer' ? 'system' : role, content });
    }
  }
  return messages;
}

function readRole(reading: Reading, value: unknown, path: string): Role | undefined {
  if (value === 'function') return reading.wrong(path, 'function is not supported: use tool');
  return reading.required(value, path) ? reading.oneOf(value, path, ROLES) : undefined;
}

function readResult(reading: Reading, item: Json, path: string): Part {
  reading.open(item, 'messages', TOOL_MESSAGE);
  reading.required(item.tool_call_id, `${path}/tool_call_id`);
  reading.required(item.content, `${path}/content`);
  const id = reading.text(item.tool_call_id, `${path}/tool_call_id`, { minLength: 1 }) ?? '';
  return { type: 'tool_result', id, content: joined(readContent(reading, item.content, `${path}/content`, 'tool')) };
}

/** Text of parts that can be nothing else. */
function joined(content: string | readonly Part[]): string {
  if (typeof content === 'string') return content;
  return content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
}

function readAssistant(reading: Reading, item: Json, path: string): string | readonly Part[] {
  reading.open(item, 'messages', ASSISTANT);
  if (!reading.isAbsent(item.function_call)) {
    reading.wrong(`${path}/function_call`, 'is not supported: use tool_calls');
  }
  if (!reading.isAbsent(item.audio)) reading.bound('messages.audio');
  const refusal = reading.text(item.refusal, `${path}/refusal`);
  const calls = reading.list(item.tool_calls, `${path}/tool_calls`) ?? [];
  if (reading.isAbsent(item.content) && calls.length === 0 && refusal === undefined && reading.isAbsent(item.audio)) {
    reading.wrong(`${path}/content`, 'is required unless there are tool_calls');
  }
  const content = readContent(reading, item.content ?? refusal, `${path}/content`, 'assistant');
  if (calls.length === 0) return content;
  const said: readonly Part[] =
    typeof content !== 'string' ? content : content === '' ? [] : [{ type: 'text', text: content }];
  return [...said, ...calls.flatMap((call, index) => readCall(reading, call, `${path}/tool_calls/${index}`) ?? [])];
}

function readCall(reading: Reading, value: unknown, path: string): Part | undefined {
  if (!isObject(value)) return reading.wrong(path, 'must be an object');
  if (value.type === 'custom') {
    reading.bound('messages.tool_calls.custom');
    return undefined;
  }
  reading.oneOf(value.type, `${path}/type`, ['function', 'custom']);
  reading.open(value, 'messages.tool_calls', TOOL_CALL);
  reading.required(value.id, `${path}/id`);
  reading.required(value.function, `${path}/function`);
  const called = reading.object(value.function, `${path}/function`);
  if (!called) return undefined;
  reading.required(called.name, `${path}/function/name`);
  reading.required(called.arguments, `${path}/function/arguments`);
  return {
    type: 'tool_call',
    id: reading.text(value.id, `${path}/id`, { minLength: 1 }) ?? '',
    name: reading.text(called.name, `${path}/function/name`, TOOL_NAME) ?? '',
    arguments: reading.text(called.arguments, `${path}/function/arguments`) ?? '',
  };
}

function readContent(reading: Reading, value: unknown, path: string, role: Role): string | readonly Part[] {
  if (typeof value === 'string' || reading.isAbsent(value)) return value ?? '';
  if (!Array.isArray(value)) {
    reading.wrong(path, 'must be a string or a list of parts');
    return '';
  }
  const items = reading.list(value, path, 1) ?? [];
  return items.flatMap((item, index) => readPart(reading, item, `${path}/${index}`, role) ?? []);
}

function readPart(reading: Reading, item: unknown, path: string, role: Role): Part | undefined {
  if (!isObject(item)) return reading.wrong(path, 'must be an object');
  switch (item.type) {
    case 'text':
      reading.open(item, 'messages.content', TEXT_PART);
      reading.required(item.text, `${path}/text`);
      return { type: 'text', text: reading.text(item.text, `${path}/text`) ?? '' };
    case 'refusal':
      reading.required(item.refusal, `${path}/refusal`);
      return { type: 'text', text: reading.text(item.refusal, `${path}/refusal`) ?? '' };
    case 'image_url':
      if (role !== 'user') return reading.wrong(path, 'must be in a message of the user');
      reading.open(item, 'messages.content', IMAGE_PART);
      return readImage(reading, item.image_url, `${path}/image_url`);
    case 'file':
      reading.bound('messages.content.file');
      readFile(reading, item.file, `${path}/file`);
      return undefined;
    case 'input_audio':
      reading.bound('messages.content.input_audio');
      return undefined;
    default:
      return reading.wrong(`${path}/type`, 'must be one of text, image_url, input_audio, file, refusal');
  }
}

/** Only the file itself is taken: an id names one of the gateway's account, a URL something to be fetched. */
function readFile(reading: Reading, value: unknown, path: string): void {
  reading.required(value, path);
  const file = reading.object(value, path);
  if (!file) return;
  const others = Object.keys(file).filter((key) => !FILE.has(key) && !reading.isAbsent(file[key]));
  for (const key of others) reading.wrong(path + step(key), 'is not supported: send the file itself in file_data');
  reading.text(file.filename, `${path}/filename`);
  if (others.length === 0) reading.required(file.file_data, `${path}/file_data`);
  const data = reading.text(file.file_data, `${path}/file_data`);
  if (data !== undefined && !/^data:/i.test(data)) reading.wrong(`${path}/file_data`, 'must be a data: URL');
}

/** Only the image itself is taken: what is behind a URL would be fetched by the upstream, at a cost nobody knows. */
function readImage(reading: Reading, value: unknown, path: string): Part | undefined {
  reading.required(value, path);
  const image = reading.object(value, path);
  if (!image) return undefined;
  reading.required(image.url, `${path}/url`);
  const url = reading.text(image.url, `${path}/url`);
  if (url === undefined) return undefined;
  if (!reading.isAbsent(image.detail) && image.detail !== 'auto') reading.foreign('messages.content.image_url.detail');
  const comma = url.indexOf(',');
  const head = /^data:([\w/+.-]{1,40});base64$/i.exec(comma < 100 ? url.slice(0, Math.max(0, comma)) : '');
  if (!head) return reading.wrong(`${path}/url`, 'must be a data: URL with base64 data');
  const mediaType = reading.mediaType(head[1]?.toLowerCase(), `${path}/url`);
  const data = reading.base64(url.slice(comma + 1), `${path}/url`);
  return mediaType && data ? { type: 'image', media_type: mediaType, data } : undefined;
}
