/**
 * The vocabulary of the gateway: what is asked of a model and what it answers, in no provider's wire.
 *
 * Owns: shapes only. Names that callers of `/v1/chat` write are in snake_case, as on the wire.
 */

/** A JSON Schema (draft 2020-12). `x_test` in it is an answer the test provider may give. */
export type JsonSchema = { [keyword: string]: unknown };

export const PROVIDERS = ['anthropic', 'openai', 'google', 'local'] as const;
/** A provider of the configuration; `test` stands in for all of them in test mode and is never configured. */
export type ProviderName = (typeof PROVIDERS)[number];

/** Protocols that a client and a provider may have in common. */
export type WireFamily = 'openai' | 'anthropic';

export type Part =
  | { type: 'text'; text: string }
  /** `data`: base64. */
  | { type: 'image'; media_type: string; data: string }
  /** Of an assistant; `arguments`: JSON text. */
  | { type: 'tool_call'; id: string; name: string; arguments: string }
  /** Of a user, answering a call. */
  | { type: 'tool_result'; id: string; content: string; is_error?: boolean };

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string | readonly Part[];
}

export interface Tool {
  name: string;
  description?: string;
  /** JSON Schema of the arguments. */
  parameters: JsonSchema;
  strict?: boolean;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** Parameters that not every candidate takes; a candidate that lacks one does without, and it is reported. */
export interface Sampling {
  temperature?: number;
  top_p?: number;
  top_k?: number;
  seed?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  logit_bias?: Readonly<Record<string, number>>;
  logprobs?: boolean;
  top_logprobs?: number;
  user?: string;
}

export interface ChatRequest extends Sampling {
  messages: readonly Message[];
  /** A configured name. */
  provider?: string;
  /** A configured id or alias. */
  model?: string;
  /** Upper bound of the answer, tokens. */
  max_tokens?: number;
  /**
   * The messages cut to so many tokens of input, for candidates that do not take them whole. Only questions of our own
   * have it: nobody else's words are cut.
   */
  cutTo?: (inputTokens: number) => readonly Message[];
  stop?: readonly string[];
  /** Number of answers; only a provider whose wire the client speaks gives more than one. */
  n?: number;
  tools?: readonly Tool[];
  tool_choice?: ToolChoice;
  parallel_tool_calls?: boolean;
  /** The answer must be JSON text valid against `schema`. */
  response_format?: { schema: JsonSchema; name?: string };
  /**
   * The body as it came, when the client speaks a provider's wire, without what the gateway itself reads (labels).
   * A candidate of the same family is sent this body with only the resolved fields changed.
   */
  wire?: { family: WireFamily; body: Readonly<Record<string, unknown>> };
  /** Members of `wire.body` that have no place in this vocabulary: candidates of another family do without them. */
  foreign?: readonly string[];
  /** Those of `foreign` without which the question is another one (documents, audio, hosted tools): no other family. */
  bound?: readonly string[];
  /** What the client sent that is no parameter of its wire: in no body, reported as dropped by every candidate. */
  unknown?: readonly string[];
}

/** Whom a call is made for; configuration, usage and budgets are looked up by these. */
export interface Labels {
  agent?: string;
  task_type?: string;
  project_id?: string;
}

export type StopReason = 'end' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'content_filter';

/** Tokens as billed. `input` holds all of the input, `output` all of the output; the others are parts of them. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON text. */
  arguments: string;
}

/** A complete answer. */
export interface Answer {
  /** Who really answered, and with which model (never an alias). */
  provider: string;
  model: string;
  text: string;
  toolCalls: readonly ToolCall[];
  stopReason: StopReason;
  /** Null: the upstream did not say. */
  usage: Usage | null;
  /** The upstream's own body, when the request had one of the same family: what the client gets. */
  body?: { family: WireFamily; json: Readonly<Record<string, unknown>> };
}

export interface ToolCallDelta {
  index: number;
  /** Given with the first delta of a call. */
  id?: string;
  name?: string;
  /** The next piece of the JSON text. */
  arguments?: string;
}

/** One message of a stream, whatever it carries. */
export interface UpstreamEvent {
  /** The next piece of the text; never empty. */
  text?: string;
  toolCalls?: readonly ToolCallDelta[];
  /** Something was generated (text, tool call, reasoning): the stream has begun in earnest. */
  content?: true;
  stopReason?: StopReason;
  /** All that is known of it so far: a later one replaces an earlier one. */
  usage?: Usage;
  /** The wire's own mark that nothing follows. */
  end?: true;
  /** The message as received (parsed JSON), when the request had a body of the same family. */
  frame?: Readonly<Record<string, unknown>>;
}

/** Tokens of a text where no tokenizer is at hand: four UTF-8 bytes each, at least one. */
export function estimateTokens(text: string): number {
  return tokensOfBytes(Buffer.byteLength(text));
}

/** @param bytes UTF-8 */
export function tokensOfBytes(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 4));
}

/** The text of a message's content, parts joined by line ends. */
export function textOf(content: string | readonly Part[]): string {
  if (typeof content === 'string') return content;
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}
