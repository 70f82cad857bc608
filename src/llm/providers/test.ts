/**
 * The provider of test mode: no network, no model, the same bytes for the same request.
 *
 * Owns: answers made from the request alone, and failures a script asks for. It fails as an upstream would, so
 * everything above it works as usual. It has no wire: its answers carry neither `body` nor `frame`.
 */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  estimateTokens,
  type JsonSchema,
  type Message,
  type StopReason,
  type Tool,
  textOf,
  type UpstreamEvent,
  type Usage,
} from '../chat.ts';
import { dataIn } from '../prompt.ts';
import { type FailureKind, type Hooks, type Provider, UpstreamFailure, type UpstreamRequest } from '../provider.ts';
import { type Failure, type ScriptRule, scripted, textsIn } from './test-script.ts';
import { conformingValue } from './test-values.ts';

const NAME = 'test';
const MODEL = 'test-1';
/** Code points of the last user message that a text answer repeats. */
const ECHO_CODE_POINTS = 200;
const TOKEN_BYTES = 4;

type Failed = readonly [kind: FailureKind, message: string, status?: number];

/** Failures that come instead of an answer. */
const REFUSED: Partial<Record<Failure, Failed>> = {
  rate_limited: ['rate_limited', 'the provider limits the rate', 429],
  server_error: ['server_error', 'the provider failed', 500],
  unavailable: ['server_error', 'the provider is unavailable', 503],
  auth: ['auth', 'the provider refused the key', 401],
  timeout: ['silent', 'the provider did not answer in time'],
  reset: ['connection', 'the connection was reset'],
  context_length: ['context_length', 'the input is longer than the context window', 400],
};
/** Failures that come in the middle of an answer. */
const BROKEN: Partial<Record<Failure, Failed>> = {
  cut_stream: ['cut', 'the answer ended early', 200],
  malformed: ['malformed', 'the answer is malformed', 200],
};

/** An answer before it is sent: whole or in tokens. */
interface Reply {
  /** The text, or with `call` the call's arguments. */
  content: string;
  call?: { id: string; name: string };
  stopReason: StopReason;
  usage: Usage;
}

function failure([kind, message, status]: Failed, retryAfterS?: number): UpstreamFailure {
  return new UpstreamFailure(kind, message, {
    ...(status !== undefined && { status }),
    ...(retryAfterS !== undefined && { retryAfterMs: retryAfterS * 1000 }),
  });
}

async function silence(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

async function wait(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(durationMs, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Pieces of four UTF-8 bytes, as near as code points allow: as many as the text has tokens, none of them empty. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    // A code point belongs to the token its last byte falls into: it has at most four, so that no token is skipped.
    const index = Math.ceil(bytes / TOKEN_BYTES) - 1;
    tokens[index] = (tokens[index] ?? '') + character;
  }
  return tokens;
}

function valueText(schema: JsonSchema, { messages }: UpstreamRequest): string {
  const user = messages.filter(({ role }) => role === 'user').flatMap(textsIn);
  try {
    return JSON.stringify(conformingValue(schema, dataIn(user.join('\n'))));
  } catch (cause) {
    throw new UpstreamFailure('bad_request', 'the test provider finds no value of the schema', { status: 400, cause });
  }
}

/** Whether the user says something, not only the user's tools. */
function isSaid({ role, content }: Message): boolean {
  return role === 'user' && (typeof content === 'string' || content.some(({ type }) => type !== 'tool_result'));
}

function echo({ messages }: UpstreamRequest): string {
  const last = textOf(messages.findLast(isSaid)?.content ?? '');
  const words = last.replace(/\s+/g, ' ').trim();
  return `[test] ${Array.from(words).slice(0, ECHO_CODE_POINTS).join('')}`;
}

/** @throws UpstreamFailure bad_request if the request has no such tool */
function forcedTool({ tools = [], tool_choice: choice }: UpstreamRequest): Tool | undefined {
  if (choice === undefined || choice === 'auto' || choice === 'none') return undefined;
  const tool = choice === 'required' ? tools[0] : tools.find(({ name }) => name === choice.name);
  if (tool) return tool;
  throw new UpstreamFailure('bad_request', 'the tool choice names no tool of the request', { status: 400 });
}

/** Ends a text before the first stop sequence in it, or where its tokens are used up. */
function bounded(text: string, { stop = [], max_tokens }: UpstreamRequest): Pick<Reply, 'content' | 'stopReason'> {
  const found = stop.filter((sequence) => sequence !== '' && text.includes(sequence));
  const content = text.slice(0, Math.min(...found.map((sequence) => text.indexOf(sequence))));
  const tokens = tokensOf(content);
  if (tokens.length > max_tokens) return { content: tokens.slice(0, max_tokens).join(''), stopReason: 'max_tokens' };
  return { content, stopReason: found.length > 0 ? 'stop_sequence' : 'end' };
}

function toldJson(then: ScriptRule['then'] | undefined): string | undefined {
  if (then?.fail === 'bad_json') return '{"unfinished": ';
  return then && 'json' in then ? JSON.stringify(then.json) : undefined;
}

function contentOf(request: UpstreamRequest, then: ScriptRule['then'] | undefined): Omit<Reply, 'usage'> {
  if (then?.fail === 'content_filter') return { content: '', stopReason: 'content_filter' };
  const json = toldJson(then);
  const tool = then?.text === undefined ? forcedTool(request) : undefined;
  if (tool) {
    // Arguments are an object even where their schema does not say so.
    const content = json ?? valueText({ type: 'object', ...tool.parameters }, request);
    // A function of the request, and yet another one for each call of a conversation.
    const id = `call_${hash('sha256', `${request.messages.length}\n${tool.name}\n${content}`).slice(0, 24)}`;
    return { content, call: { id, name: tool.name }, stopReason: 'tool_use' };
  }
  if (json !== undefined) return { content: json, stopReason: 'end' };
  const schema = request.schema?.schema ?? request.expected;
  if (schema) return { content: then?.text ?? valueText(schema, request), stopReason: 'end' };
  return bounded(then?.text ?? echo(request), request);
}

function replyTo(request: UpstreamRequest, then: ScriptRule['then'] | undefined): Reply {
  const reply = contentOf(request, then);
  const usage = {
    inputTokens: estimateTokens(request.messages.flatMap(textsIn).join('')),
    outputTokens: estimateTokens(reply.content),
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  };
  return { ...reply, usage };
}

/** One token as a message of the stream; the first names the call, if it is one. */
function eventOf(token: string, index: number, call: Reply['call']): UpstreamEvent {
  if (!call) return { text: token, content: true };
  return { toolCalls: [{ index: 0, ...(index === 0 && call), arguments: token }], content: true };
}

/** @param script rules that make calls fail or answer as told; the first that applies wins */
export function createTestProvider(script: readonly ScriptRule[] = []): Provider {
  const next = scripted(script);

  /** Up to where an upstream has its answer and has sent nothing of it. */
  async function begin(request: UpstreamRequest, signal: AbortSignal): Promise<{ reply: Reply; fail?: Failure }> {
    signal.throwIfAborted();
    const then = next(request);
    if (then?.latency_ms) await wait(then.latency_ms, signal);
    const fail = then?.fail;
    if (fail === 'silent') await silence(signal);
    const refused = fail && REFUSED[fail];
    if (refused) throw failure(refused, then?.retry_after_s);
    return { reply: replyTo(request, then), ...(fail && { fail }) };
  }

  return {
    async complete(request, { signal, onHeaders }: Hooks) {
      const { reply, fail } = await begin(request, signal);
      if (fail === 'stall') await silence(signal);
      onHeaders?.();
      const broken = fail && BROKEN[fail];
      if (broken) throw failure(broken);
      const { content, call, stopReason, usage } = reply;
      return {
        provider: NAME,
        model: MODEL,
        text: call ? '' : content,
        toolCalls: call ? [{ ...call, arguments: content }] : [],
        stopReason,
        usage,
      };
    },

    async *stream(request, { signal, onHeaders }: Hooks) {
      const { reply, fail } = await begin(request, signal);
      onHeaders?.();
      const broken = fail && BROKEN[fail];
      const tokens = tokensOf(reply.content);
      const isHalf = broken !== undefined || fail === 'stall';
      const sent = isHalf ? tokens.slice(0, Math.ceil(tokens.length / 2)) : tokens;
      for (const [index, token] of sent.entries()) {
        signal.throwIfAborted();
        yield eventOf(token, index, reply.call);
      }
      if (broken) throw failure(broken);
      if (fail === 'stall') await silence(signal);
      yield { stopReason: reply.stopReason, usage: reply.usage };
      if (fail === 'no_done') await silence(signal);
      yield { end: true };
    },
  };
}
