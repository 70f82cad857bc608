/**
 * OpenAI's chat completions, as OpenAI and local servers speak them.
 *
 * Owns: the provider and what it sends, for requests in our vocabulary and for bodies that came in this wire.
 */
import { isDeepStrictEqual } from 'node:util';
import type { OpenAI } from 'openai';
import { SAMPLING } from '../capabilities.ts';
import type { Answer, JsonSchema, Message, Tool, ToolChoice, UpstreamEvent } from '../chat.ts';
import { textOf } from '../chat.ts';
import type { Hooks, UpstreamRequest } from '../provider.ts';
import type { ProviderSettings } from '../settings.ts';
import { type Json, Upstream } from './http.ts';
import { answerOf, frameReader } from './openai-answers.ts';
import { objectOf } from './reading.ts';
import { plainSchema, remembered } from './schemas.ts';
import { type ClosableProvider, SDK_OPTIONS } from './sdk.ts';

/** Sampling members that this wire has by the same name; `top_k` only local servers know. */
const MEMBERS = SAMPLING.filter((name) => name !== 'top_k');

/** @throws Fault INVALID_CONFIGURATION */
export function createOpenAiProvider(name: 'openai' | 'local', settings: ProviderSettings): ClosableProvider {
  const isLocal = name === 'local';
  const upstream = new Upstream({
    provider: name,
    baseUrl: settings.baseUrl,
    plainAllowed: isLocal,
    connectTimeoutMs: settings.connectTimeoutMs,
    wire: 'openai',
    headers: {
      ...(settings.apiKey !== null && { authorization: `Bearer ${settings.apiKey}` }),
      ...(settings.organizationId !== null && { 'openai-organization': settings.organizationId }),
    },
  });
  const basePath = isLocal && !upstream.basePath.endsWith('/v1') ? `${upstream.basePath}/v1` : upstream.basePath;
  const path = `${basePath}/chat/completions`;

  let client: Promise<OpenAI> | undefined;
  const sdk = () => {
    client ??= import('openai').then(({ OpenAI }) => {
      return new OpenAI({
        ...SDK_OPTIONS,
        baseURL: upstream.origin + basePath,
        // The SDK wants one even where the server needs none.
        apiKey: settings.apiKey ?? 'none',
        adminAPIKey: null,
        organization: null,
        project: null,
        webhookSecret: null,
        fetch: upstream.fetch,
      });
    });
    return client;
  };
  const send = (body: Json) => (openai: OpenAI) => openai.chat.completions.create(body as never).asResponse();

  return {
    async complete(request: UpstreamRequest, hooks: Hooks): Promise<Answer> {
      const body = bodyOf(request, isLocal, false);
      const json = request.passthrough
        ? await upstream.json({ path, body: JSON.stringify(body) }, hooks)
        : await upstream.jsonBySdk(hooks, sdk, send(body));
      return answerOf(json, request);
    },
    stream(request: UpstreamRequest, hooks: Hooks): AsyncIterable<UpstreamEvent> {
      const body = bodyOf(request, isLocal, true);
      const read = frameReader(request);
      return request.passthrough
        ? upstream.events({ path, body: JSON.stringify(body) }, hooks, read)
        : upstream.eventsBySdk(hooks, sdk, send(body), read);
    },
    close: () => upstream.close(),
  };
}

function bodyOf(request: UpstreamRequest, isLocal: boolean, streamed: boolean): Json {
  const { passthrough, schema, tools, tool_choice: choice } = request;
  const body: Record<string, unknown> = passthrough
    ? { ...passthrough.body }
    : { messages: messagesOf(request.messages) };
  for (const member of passthrough?.dropped ?? []) delete body[member];
  body.model = request.model;
  delete body.max_tokens;
  delete body.max_completion_tokens;
  body[isLocal ? 'max_tokens' : 'max_completion_tokens'] = request.max_tokens;
  for (const member of MEMBERS) if (request[member] !== undefined) body[member] = request[member];
  if (isLocal && request.top_k !== undefined) body.top_k = request.top_k;
  if (!passthrough) {
    if (request.stop?.length) body.stop = request.stop;
    if (request.n !== undefined) body.n = request.n;
    if (tools?.length) {
      body.tools = tools.map(toolOf);
      if (choice !== undefined) body.tool_choice = toolChoiceOf(choice);
      if (request.parallel_tool_calls !== undefined) body.parallel_tool_calls = request.parallel_tool_calls;
    }
    if (schema) body.response_format = { type: 'json_schema', json_schema: formatOf(schema) };
  }
  delete body.stream;
  delete body.stream_options;
  if (streamed) {
    body.stream = true;
    body.stream_options = { include_usage: true };
  }
  return body;
}

const strictForms = new WeakMap<JsonSchema, { schema: JsonSchema; strict: boolean }>();

/** Strict only where the schema already is what strict mode demands: anything else would be refused. */
function formatOf({ schema: whole, name }: { schema: JsonSchema; name: string }): Json {
  const form = remembered(strictForms, whole, () => {
    const schema = plainSchema(whole);
    return { schema, strict: isClosed(schema) };
  });
  return { name: name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64), ...form };
}

function toolChoiceOf(choice: ToolChoice): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

/** Every object lists all of its properties as required and allows no others; no keyword has alternatives but `anyOf`. */
function isClosed(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return true;
  if (Array.isArray(schema)) return schema.every(isClosed);
  const { type, properties, required, additionalProperties } = schema as JsonSchema;
  const isObject = type === 'object' || (Array.isArray(type) && type.includes('object')) || properties !== undefined;
  if (isObject) {
    const names = Object.keys(objectOf(properties)).sort();
    if (
      additionalProperties !== false ||
      !isDeepStrictEqual(names, [...(Array.isArray(required) ? required : [])].sort())
    ) {
      return false;
    }
  }
  return !UNSTRICT.some((keyword) => keyword in schema) && Object.values(schema).every(isClosed);
}

const UNSTRICT = ['allOf', 'oneOf', 'not', 'if', 'dependentSchemas', 'patternProperties', 'prefixItems', 'uniqueItems'];

function toolOf({ name, description, parameters, strict }: Tool): Json {
  return { type: 'function', function: { name, description, parameters, strict } };
}

function messagesOf(messages: readonly Message[]): Json[] {
  return messages.flatMap(({ role, content }): Json[] => {
    if (typeof content === 'string') return [{ role, content }];
    if (role === 'system') return [{ role, content: textOf(content) }];
    if (role === 'assistant') {
      const text = content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
      const calls = content.flatMap((part) =>
        part.type === 'tool_call'
          ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } }]
          : [],
      );
      return [
        {
          role,
          content: text === '' && calls.length > 0 ? null : text,
          ...(calls.length > 0 && { tool_calls: calls }),
        },
      ];
    }
    const results = content.flatMap((part): Json[] =>
      part.type === 'tool_result' ? [{ role: 'tool', tool_call_id: part.id, content: part.content }] : [],
    );
    const shown = content.flatMap((part): Json[] => {
      if (part.type === 'text') return [{ type: 'text', text: part.text }];
      if (part.type !== 'image') return [];
      return [{ type: 'image_url', image_url: { url: `data:${part.media_type};base64,${part.data}` } }];
    });
    return shown.length > 0 ? [...results, { role, content: shown }] : results;
  });
}
