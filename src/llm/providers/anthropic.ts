/**
 * Anthropic's messages.
 *
 * Owns: the provider and what it sends, for requests in our vocabulary and for bodies that came in this wire.
 */
import type { Anthropic } from '@anthropic-ai/sdk';
import type { Answer, JsonSchema, Message, Part, Tool, ToolChoice, UpstreamEvent } from '../chat.ts';
import { textOf } from '../chat.ts';
import type { Hooks, UpstreamRequest } from '../provider.ts';
import type { ProviderSettings } from '../settings.ts';
import { answerOf, frameReader } from './anthropic-answers.ts';
import { type Json, Upstream } from './http.ts';
import { argumentsOf } from './reading.ts';
import { plainSchema, remembered } from './schemas.ts';
import { type ClosableProvider, SDK_OPTIONS } from './sdk.ts';

const DEFAULT_VERSION = '2023-06-01';

const SAMPLING = ['temperature', 'top_p', 'top_k'] as const;

interface Sdk {
  client: Anthropic;
  /** To what structured answers take: the rest of a schema becomes description. */
  transform(schema: JsonSchema): JsonSchema;
}

/** @throws Fault INVALID_CONFIGURATION */
export function createAnthropicProvider(settings: ProviderSettings): ClosableProvider {
  const upstream = new Upstream({
    provider: 'anthropic',
    baseUrl: settings.baseUrl,
    plainAllowed: false,
    connectTimeoutMs: settings.connectTimeoutMs,
    wire: 'anthropic',
    headers: {
      ...(settings.apiKey !== null && { authorization: `Bearer ${settings.apiKey}` }),
      'anthropic-version': settings.apiVersion ?? DEFAULT_VERSION,
    },
  });
  const path = `${upstream.basePath}/v1/messages`;

  let loaded: Promise<Sdk> | undefined;
  const sdk = () => {
    loaded ??= Promise.all([import('@anthropic-ai/sdk'), import('@anthropic-ai/sdk/lib/transform-json-schema')]).then(
      ([{ Anthropic }, { transformJSONSchema }]) => ({
        client: new Anthropic({
          ...SDK_OPTIONS,
          baseURL: upstream.origin + upstream.basePath,
          apiKey: null,
          authToken: settings.apiKey ?? 'none',
          webhookKey: null,
          fetch: upstream.fetch,
        }),
        transform: transformJSONSchema as Sdk['transform'],
      }),
    );
    return loaded;
  };
  const send =
    (request: UpstreamRequest, streamed: boolean) =>
    ({ client, transform }: Sdk) =>
      client.messages.create(bodyOf(request, streamed, transform) as never).asResponse();

  return {
    async complete(request: UpstreamRequest, hooks: Hooks): Promise<Answer> {
      const json = request.passthrough
        ? await upstream.json({ path, body: passedBody(request, false) }, hooks)
        : await upstream.jsonBySdk(hooks, sdk, send(request, false));
      return answerOf(json, request);
    },
    stream(request: UpstreamRequest, hooks: Hooks): AsyncIterable<UpstreamEvent> {
      const read = frameReader(request);
      return request.passthrough
        ? upstream.events({ path, body: passedBody(request, true) }, hooks, read)
        : upstream.eventsBySdk(hooks, sdk, send(request, true), read);
    },
    close: () => upstream.close(),
  };
}

/** The client's body with what the request has resolved. */
function passedBody(request: UpstreamRequest, streamed: boolean): string {
  const body: Record<string, unknown> = { ...request.passthrough?.body };
  for (const member of request.passthrough?.dropped ?? []) delete body[member];
  return JSON.stringify(resolved(body, request, streamed));
}

function resolved(body: Record<string, unknown>, request: UpstreamRequest, streamed: boolean): Json {
  body.model = request.model;
  body.max_tokens = request.max_tokens;
  for (const member of SAMPLING) if (request[member] !== undefined) body[member] = request[member];
  delete body.stream;
  if (streamed) body.stream = true;
  return body;
}

const structuredSchemas = new WeakMap<JsonSchema, JsonSchema>();

function bodyOf(request: UpstreamRequest, streamed: boolean, transform: Sdk['transform']): Json {
  const { messages, stop, tools, schema } = request;
  const body: Record<string, unknown> = { messages: turnsOf(messages) };
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => textOf(content));
  if (system.length > 0) body.system = system.join('\n\n');
  if (stop?.length) body.stop_sequences = stop;
  if (tools?.length) body.tools = tools.map(toolOf);
  const choice = toolChoiceOf(request);
  if (choice) body.tool_choice = choice;
  if (schema) {
    const whole = schema.schema;
    const wire = remembered(structuredSchemas, whole, () => transformed(plainSchema(whole), transform));
    body.output_config = { format: { type: 'json_schema', schema: wire } };
  }
  return resolved(body, request, streamed);
}

function transformed(schema: JsonSchema, transform: Sdk['transform']): JsonSchema {
  try {
    return transform(schema);
  } catch {
    // A level without a type: Anthropic may say so itself.
    return schema;
  }
}

function toolOf({ name, description, parameters, strict }: Tool): Json {
  return { name, description, input_schema: parameters, strict };
}

const CHOICES = { auto: 'auto', none: 'none', required: 'any' } as const;

function toolChoiceOf({ tools, tool_choice: choice, parallel_tool_calls: parallel }: UpstreamRequest): Json | null {
  if (!tools?.length) return null;
  const single = parallel === false && choice !== 'none';
  if (choice === undefined && !single) return null;
  return { ...typeOf(choice ?? 'auto'), ...(single && { disable_parallel_tool_use: true }) };
}

function typeOf(choice: ToolChoice): Json {
  return typeof choice === 'string' ? { type: CHOICES[choice] } : { type: 'tool', name: choice.name };
}

/** Roles take turns: neighbours with one role become one message. Results come before what else the user says. */
function turnsOf(messages: readonly Message[]): Json[] {
  const turns: { role: string; content: Json[] }[] = [];
  for (const { role, content } of messages) {
    if (role === 'system') continue;
    const parts: readonly Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const blocks = parts.flatMap(blockOf);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  }
  return turns.map(({ role, content }) => {
    const [only] = content;
    if (content.length === 1 && only?.type === 'text') return { role, content: only.text };
    const isResult = ({ type }: Json) => type === 'tool_result';
    return { role, content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))] };
  });
}

function blockOf(part: Part): Json[] {
  switch (part.type) {
    case 'text':
      // Empty blocks are refused.
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
      return [{ type: 'image', source: { type: 'base64', media_type: part.media_type, data: part.data } }];
    case 'tool_call':
      return [{ type: 'tool_use', id: idOf(part.id), name: part.name, input: argumentsOf(part.arguments) }];
    case 'tool_result':
      return [
        {
          type: 'tool_result',
          tool_use_id: idOf(part.id),
          content: part.content,
          ...(part.is_error && { is_error: true }),
        },
      ];
  }
}

/** Ids of other providers hold more characters than are taken here. */
function idOf(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, '_');
}
