/**
 * Scripted behaviour of the test provider: which call fails how, or answers what.
 *
 * Owns: reading the script and counting its rules. Counts are kept per thread.
 */
import { readFileSync } from 'node:fs';
import { Fault } from '../../errors.ts';
import type { Message } from '../chat.ts';
import type { UpstreamRequest } from '../provider.ts';
import { readStructured } from '../structured.ts';

/** How an upstream may fail; named after what the upstream does. */
const FAILURES = [
  'rate_limited',
  'server_error',
  'unavailable',
  'auth',
  'timeout',
  'reset',
  'silent',
  'cut_stream',
  'stall',
  'malformed',
  'no_done',
  'context_length',
  'content_filter',
  'bad_json',
] as const;
export type Failure = (typeof FAILURES)[number];

export interface ScriptRule {
  match: { provider?: string; model?: string; agent?: string; task_type?: string; contains?: string };
  /** Matching calls let through first. */
  skip?: number;
  /** Matching calls taken after that; absent = all. */
  times?: number;
  then: { fail?: Failure; retry_after_s?: number; latency_ms?: number; text?: string; json?: unknown };
}

const count = { type: 'integer', minimum: 0 };
const text = { type: 'string' };
const closed = (properties: Record<string, object>, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const SCRIPT_SCHEMA = {
  type: 'array',
  items: closed(
    {
      match: closed({ provider: text, model: text, agent: text, task_type: text, contains: text }),
      skip: count,
      times: count,
      // biome-ignore lint/suspicious/noThenProperty: the script's own key; nothing awaits this object.
      then: closed({
        fail: { enum: FAILURES },
        retry_after_s: { type: 'number', minimum: 0 },
        latency_ms: count,
        text,
        json: {},
      }),
    },
    ['match', 'then'],
  ),
};

/** @throws Fault INVALID_CONFIGURATION if the file cannot be read or is no script */
export function readScript(path: string): ScriptRule[] {
  let file: string;
  try {
    file = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault('INVALID_CONFIGURATION', `LLM_TEST_SCRIPT="${path}": cannot be read`, { cause });
  }
  const script = readStructured(file, SCRIPT_SCHEMA);
  if (!script.ok) throw new Fault('INVALID_CONFIGURATION', `LLM_TEST_SCRIPT="${path}": ${script.errors.join('; ')}`);
  return script.value as ScriptRule[];
}

/** All text that a message brings: what was said, what a tool was told and what it answered. */
export function textsIn({ content }: Message): string[] {
  if (typeof content === 'string') return [content];
  return content.flatMap((part) => {
    if (part.type === 'text') return [part.text];
    if (part.type === 'tool_call') return [part.arguments];
    return part.type === 'tool_result' ? [part.content] : [];
  });
}

/** Gives, for each request in turn, what the script wants done with it. */
export function scripted(rules: readonly ScriptRule[]): (request: UpstreamRequest) => ScriptRule['then'] | undefined {
  const seen = rules.map(() => 0);
  return (request) => {
    for (const [index, { match, skip = 0, times = Number.POSITIVE_INFINITY, then }] of rules.entries()) {
      const { contains, provider, model, agent, task_type } = match;
      if (provider !== undefined && provider !== request.provider) continue;
      if (model !== undefined && model !== request.model) continue;
      if (agent !== undefined && agent !== request.labels.agent) continue;
      if (task_type !== undefined && task_type !== request.labels.task_type) continue;
      if (contains !== undefined && !request.messages.flatMap(textsIn).some((text) => text.includes(contains)))
        continue;
      const before = seen[index] as number;
      seen[index] = before + 1;
      if (before >= skip && before < skip + times) return then;
    }
    return undefined;
  };
}
