/**
 * Requests in OpenAI's chat-completions wire.
 *
 * Owns: which members have a neutral form, and what is done with the others: parameters of the wire stay in the body
 * for candidates that speak it, anything else is removed or refused, so that no client reaches what belongs to the
 * gateway or spends what budgets cannot hold. Values are checked as far as the gateway itself reads them. Keeps I11.
 */
import type { ChatRequest, JsonSchema, Tool, ToolChoice } from '../chat.ts';
import { readMessages, TOOL_NAME } from './openai-messages.ts';
import { HOSTED_TOOL, isObject, type Json, put, Reading, step } from './reading.ts';
import { readSchema } from './reading-schema.ts';
import type { ReadRequest } from './wire.ts';

const CHOICES_MAX = 128;
const STOPS_MAX = 4;
const NAME = { minLength: 1, maxLength: 200 };

/** `top_k` is no parameter of OpenAI's own service, but of most others that speak the wire. */
const NEUTRAL = new Set(
  `model messages max_tokens max_completion_tokens temperature top_p top_k seed frequency_penalty presence_penalty
  logit_bias logprobs top_logprobs user stop n tools tool_choice parallel_tool_calls response_format stream
  stream_options functions function_call`.split(/\s+/),
);
/** Not among them: what changes the price of a call, which budgets could then not hold (`service_tier`, web search). */
const FOREIGN = new Set(
  `audio metadata modalities moderation prediction prompt_cache_key prompt_cache_options prompt_cache_retention
  reasoning_effort safety_identifier store verbosity`.split(/\s+/),
);
/** What the provider sets itself. */
const OVERWRITTEN = new Set(['model', 'stream', 'stream_options']);
const MEMBERS = { neutral: NEUTRAL, foreign: FOREIGN, overwritten: OVERWRITTEN };

const TOOL = new Set(['type', 'function']);
const FUNCTION = new Set(['name', 'description', 'parameters', 'strict']);

export function readOpenai(body: unknown): ReadRequest {
  const reading = new Reading({ nullIsAbsent: true });
  const request: ChatRequest = { messages: [] };
  const read: ReadRequest = { request, stream: false, labels: {} };
  if (!isObject(body)) reading.wrong('', 'must be a JSON object');
  else {
    request.wire = { family: 'openai', body: reading.forwarded(body, MEMBERS) };
    readParameters(reading, body, request);
    request.messages = readMessages(reading, body.messages);
    readTools(reading, body, request);
    put(request, 'response_format', readFormat(reading, body.response_format));
    if (request.response_format && (request.n ?? 1) > 1) {
      reading.wrong('/n', 'must be 1 with a response_format of json_schema: only one answer is checked against it');
    }
    put(read, 'stream', reading.boolean(body.stream, '/stream'));
    const options = reading.object(body.stream_options, '/stream_options');
    put(read, 'includeUsage', reading.boolean(options?.include_usage, '/stream_options/include_usage'));
    for (const key in options) if (key !== 'include_usage') reading.unknown(`stream_options.${key}`);
    reading.describe(request);
  }
  reading.end();
  return read;
}

function readParameters(reading: Reading, body: Json, request: ChatRequest): void {
  for (const key of ['functions', 'function_call']) {
    if (!reading.isAbsent(body[key])) reading.wrong(step(key), 'is not supported: use tools and tool_choice');
  }
  put(request, 'model', reading.text(body.model, '/model', NAME));
  const maxTokens = reading.integer(body.max_tokens, '/max_tokens', 1);
  put(request, 'max_tokens', reading.integer(body.max_completion_tokens, '/max_completion_tokens', 1) ?? maxTokens);
  put(request, 'temperature', reading.number(body.temperature, '/temperature', 0, 2));
  put(request, 'top_p', reading.number(body.top_p, '/top_p', 0, 1));
  put(request, 'top_k', reading.integer(body.top_k, '/top_k'));
  put(request, 'seed', reading.integer(body.seed, '/seed'));
  put(request, 'frequency_penalty', reading.number(body.frequency_penalty, '/frequency_penalty', -2, 2));
  put(request, 'presence_penalty', reading.number(body.presence_penalty, '/presence_penalty', -2, 2));
  put(request, 'logit_bias', readBias(reading, body.logit_bias));
  put(request, 'logprobs', reading.boolean(body.logprobs, '/logprobs'));
  put(request, 'top_logprobs', reading.integer(body.top_logprobs, '/top_logprobs', 0, 20));
  put(request, 'user', reading.text(body.user, '/user'));
  put(request, 'n', reading.integer(body.n, '/n', 1, CHOICES_MAX));
  const stop = typeof body.stop === 'string' ? [body.stop] : body.stop;
  put(request, 'stop', reading.stops(stop, '/stop', STOPS_MAX));
}

function readBias(reading: Reading, value: unknown): Readonly<Record<string, number>> | undefined {
  const bias = reading.object(value, '/logit_bias');
  for (const token in bias) {
    reading.required(bias[token], `/logit_bias${step(token)}`);
    reading.number(bias[token], `/logit_bias${step(token)}`, -100, 100);
  }
  return bias as Readonly<Record<string, number>> | undefined;
}

function readTools(reading: Reading, body: Json, request: ChatRequest): void {
  const items = reading.list(body.tools, '/tools') ?? [];
  const tools = items.flatMap((item, index) => readTool(reading, item, `/tools/${index}`) ?? []);
  if (tools.length > 0) request.tools = tools;
  put(request, 'tool_choice', readToolChoice(reading, body.tool_choice, tools));
  put(request, 'parallel_tool_calls', reading.boolean(body.parallel_tool_calls, '/parallel_tool_calls'));
}

function readTool(reading: Reading, item: unknown, path: string): Tool | undefined {
  if (!isObject(item)) return reading.wrong(path, 'must be an object');
  if (item.type !== 'function') {
    if (typeof item.type !== 'string') return reading.wrong(`${path}/type`, 'must be function or custom');
    if (item.type !== 'custom') return reading.wrong(`${path}/type`, HOSTED_TOOL);
    reading.bound('tools.custom');
    return undefined;
  }
  reading.open(item, 'tools', TOOL);
  reading.required(item.function, `${path}/function`);
  const declared = reading.object(item.function, `${path}/function`);
  if (!declared) return undefined;
  reading.open(declared, 'tools.function', FUNCTION);
  reading.required(declared.name, `${path}/function/name`);
  const parameters = reading.object(declared.parameters, `${path}/function/parameters`) ?? {
    type: 'object',
    properties: {},
  };
  const tool: Tool = {
    name: reading.text(declared.name, `${path}/function/name`, TOOL_NAME) ?? '',
    parameters: parameters as JsonSchema,
  };
  put(tool, 'description', reading.text(declared.description, `${path}/function/description`));
  put(tool, 'strict', reading.boolean(declared.strict, `${path}/function/strict`));
  return tool;
}

function readToolChoice(reading: Reading, value: unknown, tools: readonly Tool[]): ToolChoice | undefined {
  if (reading.isAbsent(value)) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return value;
  if (isObject(value) && value.type === 'function') {
    const name = isObject(value.function) ? value.function.name : undefined;
    if (typeof name === 'string' && tools.some((tool) => tool.name === name)) return { name };
    return reading.wrong('/tool_choice/function/name', 'must name one of the tools');
  }
  if (isObject(value) && (value.type === 'custom' || value.type === 'allowed_tools')) {
    reading.bound(`tool_choice.${value.type}`);
    return undefined;
  }
  return reading.wrong('/tool_choice', 'must be none, auto, required or an object naming a tool');
}

function readFormat(reading: Reading, value: unknown): ChatRequest['response_format'] {
  const format = reading.object(value, '/response_format');
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') {
    reading.foreign('response_format');
    return undefined;
  }
  if (format.type !== 'json_schema') {
    return reading.wrong('/response_format/type', 'must be one of text, json_object, json_schema');
  }
  const path = '/response_format/json_schema';
  reading.required(format.json_schema, path);
  const described = reading.object(format.json_schema, path);
  if (!described) return undefined;
  const schema = readSchema(reading, described.schema, `${path}/schema`);
  const name = reading.text(described.name, `${path}/name`, NAME);
  return schema && { schema, ...(name !== undefined && { name }) };
}
