/**
 * Requests in Anthropic's messages wire.
 *
 * Owns: which members and blocks have a neutral form, and what is done with the others: those of the wire stay in the
 * body for candidates that speak it, anything else is removed or refused, so that no client reaches what belongs to the
 * gateway or spends what budgets cannot hold. Values are checked as far as the gateway itself reads them. Keeps I11.
 */
import type { ChatRequest, JsonSchema, Tool, ToolChoice } from '../chat.ts';
import { readCacheControl, readMessages, readSystem, TOOL_NAME } from './anthropic-messages.ts';
import { HOSTED_TOOL, isObject, type Json, printable, put, Reading } from './reading.ts';
import { readSchema } from './reading-schema.ts';
import type { ReadRequest } from './wire.ts';

const NAME = { minLength: 1, maxLength: 200 };

const NEUTRAL = new Set(
  `model max_tokens messages system stop_sequences stream temperature top_p top_k tools tool_choice metadata
  output_config`.split(/\s+/),
);
/**
 * Not among them: what chooses an account's workspace, profile, servers or files (`workspace_id`, `mcp_servers`,
 * `container` …), and what changes the price of a call, which budgets could then not hold (`service_tier`, `speed`,
 * `inference_geo`).
 */
const FOREIGN = new Set('cache_control diagnostics thinking'.split(' '));
/** What the provider sets itself. */
const OVERWRITTEN = new Set(['model', 'stream']);
const MEMBERS = { neutral: NEUTRAL, foreign: FOREIGN, overwritten: OVERWRITTEN };

const TOOL = new Set(['type', 'name', 'description', 'input_schema', 'strict']);
const CHOICE = new Set(['type', 'name', 'disable_parallel_tool_use']);
/** Types the provider knows by heart and the client runs; all others run at the provider. */
const CLIENT_TOOL = /^(?:bash|text_editor|computer|memory)_\d{8}$/;

export function readAnthropic(body: unknown): ReadRequest {
  const reading = new Reading({ nullIsAbsent: true });
  const request: ChatRequest = { messages: [] };
  const read: ReadRequest = { request, stream: false, labels: {} };
  if (!isObject(body)) reading.wrong('', 'must be a JSON object');
  else {
    request.wire = { family: 'anthropic', body: reading.forwarded(body, MEMBERS) };
    readParameters(reading, body, request);
    request.messages = [...readSystem(reading, body.system), ...readMessages(reading, body.messages)];
    readTools(reading, body, request);
    put(request, 'response_format', readFormat(reading, body.output_config));
    put(read, 'stream', reading.boolean(body.stream, '/stream'));
    reading.describe(request);
  }
  reading.end();
  return read;
}

function readParameters(reading: Reading, body: Json, request: ChatRequest): void {
  readCacheControl(reading, body, '');
  put(request, 'model', reading.text(body.model, '/model', NAME));
  reading.required(body.max_tokens, '/max_tokens');
  put(request, 'max_tokens', reading.integer(body.max_tokens, '/max_tokens', 1));
  put(request, 'temperature', reading.number(body.temperature, '/temperature', 0, 1));
  put(request, 'top_p', reading.number(body.top_p, '/top_p', 0, 1));
  put(request, 'top_k', reading.integer(body.top_k, '/top_k', 0));
  put(request, 'stop', reading.stops(body.stop_sequences, '/stop_sequences'));
  const metadata = reading.object(body.metadata, '/metadata');
  put(request, 'user', reading.text(metadata?.user_id, '/metadata/user_id'));
  if (metadata) reading.open(metadata, 'metadata', new Set(['user_id']));
}

function readTools(reading: Reading, body: Json, request: ChatRequest): void {
  const items = reading.list(body.tools, '/tools') ?? [];
  const tools = items.flatMap((item, index) => readTool(reading, item, `/tools/${index}`) ?? []);
  if (tools.length > 0) request.tools = tools;
  const choice = reading.object(body.tool_choice, '/tool_choice');
  if (!choice) return;
  reading.open(choice, 'tool_choice', CHOICE);
  put(request, 'tool_choice', readToolChoice(reading, choice, items));
  const isSingle = reading.boolean(choice.disable_parallel_tool_use, '/tool_choice/disable_parallel_tool_use');
  if (isSingle !== undefined) request.parallel_tool_calls = !isSingle;
}

function readTool(reading: Reading, item: unknown, path: string): Tool | undefined {
  if (!isObject(item)) return reading.wrong(path, 'must be an object');
  readCacheControl(reading, item, path);
  if (!reading.isAbsent(item.type) && item.type !== 'custom') {
    if (typeof item.type !== 'string') return reading.wrong(`${path}/type`, 'must be the type of a tool');
    if (!CLIENT_TOOL.test(item.type)) return reading.wrong(`${path}/type`, HOSTED_TOOL);
    reading.bound(`tools.${printable(item.type)}`);
    return undefined;
  }
  reading.open(item, 'tools', TOOL);
  reading.required(item.name, `${path}/name`);
  reading.required(item.input_schema, `${path}/input_schema`);
  const tool: Tool = {
    name: reading.text(item.name, `${path}/name`, TOOL_NAME) ?? '',
    parameters: (reading.object(item.input_schema, `${path}/input_schema`) ?? {}) as JsonSchema,
  };
  put(tool, 'description', reading.text(item.description, `${path}/description`));
  put(tool, 'strict', reading.boolean(item.strict, `${path}/strict`));
  return tool;
}

function readToolChoice(reading: Reading, choice: Json, tools: readonly unknown[]): ToolChoice | undefined {
  if (choice.type === 'auto' || choice.type === 'none') return choice.type;
  if (choice.type === 'any') return 'required';
  if (choice.type !== 'tool') return reading.wrong('/tool_choice/type', 'must be one of auto, any, tool, none');
  const { name } = choice;
  if (typeof name === 'string' && tools.some((tool) => isObject(tool) && tool.name === name)) return { name };
  return reading.wrong('/tool_choice/name', 'must name one of the tools');
}

function readFormat(reading: Reading, value: unknown): ChatRequest['response_format'] {
  const config = reading.object(value, '/output_config');
  if (!config) return undefined;
  reading.open(config, 'output_config', new Set(['format']));
  const format = reading.object(config.format, '/output_config/format');
  if (!format) return undefined;
  if (format.type !== 'json_schema') return reading.wrong('/output_config/format/type', 'must be json_schema');
  const schema = readSchema(reading, format.schema, '/output_config/format/schema');
  return schema && { schema };
}
