/**
 * How actors ask a language model.
 *
 * Owns: one question from instruction, data and schema to a checked answer, with one repair. Does not own where the
 * answer comes from: that is the {@link Provider} it is given, with whatever layers that has. Nor what is kept of it: the journal.
 */
import { Fault } from '../errors.ts';
import { buildPrompt, type DataPart, type Truncation } from './prompt.ts';
import type { JsonSchema, Labels, Message, Provider, ProviderAnswer, StopReason } from './provider.ts';
import { readStructured } from './structured.ts';

export interface LlmRequest {
  /** What to do. Never holds anything that came from outside. */
  instruction: string;
  /** What to do it with, most important first: a cut begins at the end. */
  data: readonly DataPart[];
  /** Absent: the answer is text. */
  schema?: JsonSchema;
  labels: Labels;
  /** Idempotency key, used by the journal. */
  key: string;
  signal: AbortSignal;
}

export interface LlmResult {
  /** Valid against the request's schema; without one, the text. */
  output: unknown;
  provider: string;
  model: string;
  /** Of all calls made. */
  usage: { input_tokens: number; output_tokens: number; total_tokens: number };
  stop_reason: StopReason;
  /** What of the data did not fit the window; empty when all did. */
  truncated: Truncation[];
}

export interface LlmClient {
  /** @throws Fault PROVIDER_ERROR with `details.reason` = `bad_output` if the answer stays invalid after one repair */
  complete(request: LlmRequest): Promise<LlmResult>;
}

/** The model a client asks for and what fits into it, tokens. */
export interface Route {
  provider: string;
  model: string;
  contextWindowTokens: number;
  maxOutputTokens: number;
}

/** The default model of the shipped configuration. */
export const DEFAULT_ROUTE: Route = {
  provider: 'anthropic',
  model: 'claude-sonnet-5-5',
  contextWindowTokens: 1_000_000,
  maxOutputTokens: 8_192,
};

export function createLlmClient(provider: Provider, route: Route = DEFAULT_ROUTE): LlmClient {
  return {
    async complete({ instruction, data, schema, labels, signal }) {
      const inputTokens = route.contextWindowTokens - route.maxOutputTokens;
      const prompt = buildPrompt(instruction, data, inputTokens, schema);
      const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

      const call = async (messages: readonly Message[]): Promise<ProviderAnswer> => {
        const answer = await provider.complete(
          {
            provider: route.provider,
            model: route.model,
            messages,
            max_tokens: route.maxOutputTokens,
            ...(schema && { schema }),
            labels,
          },
          signal,
        );
        usage.input_tokens += answer.usage.input_tokens;
        usage.output_tokens += answer.usage.output_tokens;
        usage.total_tokens = usage.input_tokens + usage.output_tokens;
        return answer;
      };
      const result = ({ provider, model, stop_reason }: ProviderAnswer, output: unknown): LlmResult => {
        return { output, provider, model, usage, stop_reason, truncated: prompt.truncated };
      };

      const answer = await call(prompt.messages);
      if (!schema) return result(answer, answer.text);
      const first = readStructured(answer.text, schema);
      if (first.ok) return result(answer, first.value);

      const repaired = await call([...prompt.messages, ...repairMessages(answer.text, first.errors)]);
      const second = readStructured(repaired.text, schema);
      if (second.ok) return result(repaired, second.value);
      throw new Fault('PROVIDER_ERROR', 'the answer does not have the required shape', {
        details: { reason: 'bad_output', errors: second.errors },
      });
    },
  };
}

function repairMessages(answer: string, errors: readonly string[]): Message[] {
  const list = errors.map((error) => `- ${error}`).join('\n');
  return [
    { role: 'assistant', content: answer },
    {
      role: 'user',
      content: `This answer does not have the required shape:\n${list}\nGive the whole answer again as JSON only, corrected.`,
    },
  ];
}
