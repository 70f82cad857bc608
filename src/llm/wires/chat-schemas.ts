/** What the API description says about `POST /v1/chat`; the checks themselves are in `chat.ts`. */
import type { JsonSchema } from '../chat.ts';
import { CHAT_MESSAGES_MAX, CHAT_NAME_MAX_CHARACTERS, CHAT_STOPS_MAX } from './chat.ts';

const closed = (properties: Record<string, JsonSchema>, optional: readonly string[] = []): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

const text: JsonSchema = { type: 'string' };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const name: JsonSchema = { type: 'string', minLength: 1, maxLength: CHAT_NAME_MAX_CHARACTERS };

const textPart = closed({ type: { const: 'text' }, text });
const imagePart = closed({
  type: { const: 'image' },
  media_type: { enum: ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] },
  data: { type: 'string', minLength: 4, contentEncoding: 'base64', pattern: '^[A-Za-z0-9+/]+={0,2}$' },
});
const content = (part: JsonSchema): JsonSchema => ({
  anyOf: [text, { type: 'array', minItems: 1, items: part }],
});

const message: JsonSchema = {
  anyOf: [
    closed({ role: { const: 'user' }, content: content({ anyOf: [textPart, imagePart] }) }),
    closed({ role: { enum: ['system', 'assistant'] }, content: content(textPart) }),
  ],
};

const request: Record<string, JsonSchema> = {
  messages: { type: 'array', minItems: 1, maxItems: CHAT_MESSAGES_MAX, items: message },
  provider: { ...name, description: 'A configured provider.' },
  model: { ...name, description: 'A configured model or alias.' },
  max_tokens: { type: 'integer', minimum: 1, description: "More than the model's limit is lowered to it." },
  temperature: { type: 'number', minimum: 0, maximum: 2 },
  top_p: { type: 'number', minimum: 0, maximum: 1 },
  stop: { type: 'array', maxItems: CHAT_STOPS_MAX, items: { type: 'string', minLength: 1 } },
  seed: { type: 'integer' },
  stream: { type: 'boolean', description: 'Answer as server-sent events: start, delta …, done or error.' },
  agent: { ...name, description: 'Looked up in the configuration; in usage and budgets.' },
  task_type: { ...name, description: 'Looked up in the configuration; in usage.' },
  project_id: { ...name, description: 'In usage and budgets.' },
  response_format: {
    ...closed({ type: { const: 'json_schema' }, schema: { type: 'object' } }),
    description: 'The content of the answer is then JSON text valid against the schema (draft 2020-12).',
  },
  cache: { type: 'boolean', description: 'true: answer from the cache if possible; false: never.' },
};

export const CHAT_REQUEST_SCHEMA: JsonSchema = closed(
  request,
  Object.keys(request).filter((member) => member !== 'messages'),
);

export const CHAT_RESPONSE_SCHEMA: JsonSchema = closed({
  id: { type: 'string', pattern: '^chat-[0-9a-f]{8}$' },
  provider: text,
  model: text,
  message: closed({ role: { const: 'assistant' }, content: text }),
  usage: closed({ input_tokens: count, output_tokens: count, total_tokens: count }),
  cached: { type: 'boolean' },
});
