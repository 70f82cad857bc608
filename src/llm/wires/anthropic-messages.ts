/**
 * Messages in Anthropic's wire.
 *
 * Owns: their neutral form. Blocks that have none go only to candidates that speak the wire, after a look through all
 * of them: nothing in them may be fetched from elsewhere, be a file of the gateway's account, or cost more than prices
 * here can say.
 */
import type { Message, Part } from '../chat.ts';
import { isDeeper, isObject, type Json, printable, put, type Reading, step } from './reading.ts';

export const TOOL_NAME = { minLength: 1, maxLength: 128 };
/** Nesting of a tool's input, and of a block; the whole body is not allowed more. */
const LEVELS_MAX = 32;
/** What a source may be: the content itself. */
const SOURCES = ['base64', 'text', 'content'];
const CACHED_FOR = '5m';
const ROLES = ['user', 'assistant', 'system'] as const;
type Role = (typeof ROLES)[number];
const MESSAGE = new Set(['role', 'content']);
const TEXT = new Set(['type', 'text']);
const IMAGE = new Set(['type', 'source']);
const TOOL_USE = new Set(['type', 'id', 'name', 'input']);
const TOOL_RESULT = new Set(['type', 'tool_use_id', 'content', 'is_error']);

export function readSystem(reading: Reading, value: unknown): readonly Message[] {
  if (reading.isAbsent(value)) return [];
  const content = readContent(reading, value, '/system', 'system');
  return content.length === 0 ? [] : [{ role: 'system', content }];
}

export function readMessages(reading: Reading, value: unknown): readonly Message[] {
  if (!reading.required(value, '/messages')) return [];
  const items = reading.list(value, '/messages', 1) ?? [];
  return items.map((item, index): Message => {
    const path = `/messages/${index}`;
    if (!isObject(item)) {
      reading.wrong(path, 'must be an object');
      return { role: 'user', content: '' };
    }
    reading.open(item, 'messages', MESSAGE);
    reading.required(item.role, `${path}/role`);
    reading.required(item.content, `${path}/content`);
    const role = reading.oneOf(item.role, `${path}/role`, ROLES) ?? 'user';
    return { role, content: readContent(reading, item.content, `${path}/content`, role) };
  });
}

function readContent(reading: Reading, value: unknown, path: string, role: Role): string | readonly Part[] {
  if (typeof value === 'string' || reading.isAbsent(value)) return value ?? '';
  if (!Array.isArray(value)) {
    reading.wrong(path, 'must be a string or a list of blocks');
    return '';
  }
  /** Images inside results stand behind all results: elsewhere a result is text, and results come first. */
  const shown: Part[] = [];
  const parts = value.flatMap((item, index) => readBlock(reading, item, `${path}/${index}`, role, shown) ?? []);
  return shown.length === 0 ? parts : [...parts, ...shown];
}

function readBlock(reading: Reading, block: unknown, path: string, role: Role, shown: Part[]): Part | undefined {
  if (!isObject(block)) return reading.wrong(path, 'must be an object');
  readCacheControl(reading, block, path);
  if (block.type === 'text') return readText(reading, block, path);
  if (typeof block.type !== 'string') return reading.wrong(`${path}/type`, 'must be the type of a block');
  if (role === 'system') return reading.wrong(`${path}/type`, 'must be text');
  switch (block.type) {
    case 'image':
      if (role !== 'user') return reading.wrong(path, 'must be in a message of the user');
      return readImage(reading, block, path);
    case 'tool_use':
      if (role !== 'assistant') return reading.wrong(path, 'must be in a message of the assistant');
      return readToolUse(reading, block, path);
    case 'tool_result':
      if (role !== 'user') return reading.wrong(path, 'must be in a message of the user');
      return readResult(reading, block, path, shown);
    case 'thinking':
    case 'redacted_thinking':
      // Signed for the model that thought it; another one answers as well without.
      reading.foreign(`messages.content.${block.type}`);
      return undefined;
    default:
      return readBound(reading, block, path);
  }
}

function readText(reading: Reading, block: Json, path: string): Part {
  reading.open(block, 'messages.content', TEXT);
  reading.required(block.text, `${path}/text`);
  return { type: 'text', text: reading.text(block.text, `${path}/text`) ?? '' };
}

/** Only the data itself is taken: what is behind a URL would be fetched by the upstream, at a cost nobody knows. */
function readImage(reading: Reading, block: Json, path: string): Part | undefined {
  reading.open(block, 'messages.content', IMAGE);
  reading.required(block.source, `${path}/source`);
  const source = reading.object(block.source, `${path}/source`);
  if (!source) return undefined;
  if (source.type !== 'base64') return reading.wrong(`${path}/source/type`, 'must be base64');
  const mediaType = reading.mediaType(source.media_type, `${path}/source/media_type`);
  const data = reading.base64(source.data, `${path}/source/data`);
  return mediaType && data ? { type: 'image', media_type: mediaType, data } : undefined;
}

function readToolUse(reading: Reading, block: Json, path: string): Part {
  reading.open(block, 'messages.content', TOOL_USE);
  reading.required(block.id, `${path}/id`);
  reading.required(block.name, `${path}/name`);
  reading.required(block.input, `${path}/input`);
  const input = reading.object(block.input, `${path}/input`) ?? {};
  const isTooDeep = isDeeper(input, LEVELS_MAX);
  if (isTooDeep) reading.wrong(`${path}/input`, `is nested deeper than ${LEVELS_MAX} levels`);
  return {
    type: 'tool_call',
    id: reading.text(block.id, `${path}/id`, { minLength: 1 }) ?? '',
    name: reading.text(block.name, `${path}/name`, TOOL_NAME) ?? '',
    arguments: isTooDeep ? '{}' : JSON.stringify(input),
  };
}

function readResult(reading: Reading, block: Json, path: string, shown: Part[]): Part {
  reading.open(block, 'messages.content', TOOL_RESULT);
  reading.required(block.tool_use_id, `${path}/tool_use_id`);
  const result: Part = {
    type: 'tool_result',
    id: reading.text(block.tool_use_id, `${path}/tool_use_id`, { minLength: 1 }) ?? '',
    content: readResultContent(reading, block.content, `${path}/content`, shown),
  };
  put(result, 'is_error', reading.boolean(block.is_error, `${path}/is_error`));
  return result;
}

function readResultContent(reading: Reading, value: unknown, path: string, shown: Part[]): string {
  if (typeof value === 'string' || reading.isAbsent(value)) return value ?? '';
  const texts: string[] = [];
  for (const [index, item] of (reading.list(value, path) ?? []).entries()) {
    const at = `${path}/${index}`;
    if (!isObject(item)) {
      reading.wrong(at, 'must be an object');
      continue;
    }
    readCacheControl(reading, item, at);
    if (item.type === 'text') {
      const part = readText(reading, item, at);
      if (part.type === 'text') texts.push(part.text);
    } else if (item.type === 'image') {
      const image = readImage(reading, item, at);
      if (image) shown.push(image);
    } else readBound(reading, item, at);
  }
  return texts.join('\n');
}

/** Documents, search results, blocks of hosted tools: nothing stands for them elsewhere. */
function readBound(reading: Reading, block: Json, path: string): undefined {
  if (typeof block.type !== 'string') return reading.wrong(`${path}/type`, 'must be the type of a block');
  reading.bound(`messages.content.${printable(block.type)}`);
  if (block.type === 'document' && reading.required(block.source, `${path}/source`)) {
    reading.object(block.source, `${path}/source`);
  }
  // Its own is read already.
  const { cache_control: _, ...members } = block;
  inspect(reading, members, path, LEVELS_MAX);
}

/** Finds what must not pass, at whatever depth: a result holds documents, a document images. */
function inspect(reading: Reading, value: unknown, path: string, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) {
    reading.wrong(path, `is nested deeper than ${LEVELS_MAX} levels`);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) inspect(reading, item, `${path}/${index}`, levels - 1);
    return;
  }
  if (!isObject(value)) return;
  if (value.type === 'container_upload') {
    reading.wrong(`${path}/type`, "is not supported: it names a file of the provider's account");
  }
  if (!reading.isAbsent(value.file_id)) {
    reading.wrong(`${path}/file_id`, 'is not supported: send the content itself');
  }
  readCacheControl(reading, value, path);
  if (isObject(value.source)) readSource(reading, value.source, `${path}/source`);
  for (const key in value) {
    // What a tool was told is data, whatever it looks like.
    if (key !== 'input' && key !== 'cache_control') inspect(reading, value[key], path + step(key), levels - 1);
  }
}

/** What is behind a URL would be fetched by the upstream, and a file is one of the gateway's account. */
function readSource(reading: Reading, source: Json, path: string): void {
  if (reading.required(source.type, `${path}/type`)) reading.oneOf(source.type, `${path}/type`, SOURCES);
}

/** Content that stays in the provider's cache for longer is written to it at another price. */
export function readCacheControl(reading: Reading, object: Json, path: string): void {
  const control = object.cache_control;
  if (!isObject(control) || reading.isAbsent(control.ttl) || control.ttl === CACHED_FOR) return;
  reading.wrong(`${path}/cache_control/ttl`, `must be ${CACHED_FOR}: budgets know the price of no other`);
}
