/**
 * The wire between the client and whatever answers: provider-neutral requests and answers.
 *
 * Owns: shapes only. Every layer under the client (a router, a provider) is a {@link Provider}, so layers stack
 * without knowing each other.
 */

/** A JSON Schema (draft 2020-12). `x_test` in it is an answer the test provider may give. */
export type JsonSchema = { [keyword: string]: unknown };

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** Whom a call is made for; configuration, usage and budgets are looked up by these. */
export interface Labels {
  agent: string;
  task_type: string;
  project_id: string;
}

export type StopReason = 'end' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'content_filter';

export interface ProviderRequest {
  /** Candidate to be called. */
  provider: string;
  model: string;
  messages: readonly Message[];
  /** Upper bound of the answer, tokens. */
  max_tokens: number;
  /** The answer must be JSON text valid against it. */
  schema?: JsonSchema;
  labels: Labels;
}

export interface ProviderAnswer {
  /** Who really answered. */
  provider: string;
  model: string;
  text: string;
  usage: { input_tokens: number; output_tokens: number };
  stop_reason: StopReason;
}

export interface Provider {
  /**
   * One call, without retries.
   * @throws Fault for every way an upstream can fail; `details.outcome` says which.
   */
  complete(request: ProviderRequest, signal: AbortSignal): Promise<ProviderAnswer>;
}

/** Tokens of a text where no tokenizer is at hand: four UTF-8 bytes each, at least one. */
export function estimateTokens(text: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / 4));
}
