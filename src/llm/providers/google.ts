/**
 * Gemini's generateContent.
 *
 * Owns: this wire, in both directions. No client speaks it here, so every request is one in our vocabulary.
 */
import type { GoogleGenAI } from '@google/genai';
import type { Answer, Message, Part, StopReason, Tool, ToolCall, UpstreamEvent, Usage } from '../chat.ts';
import { textOf } from '../chat.ts';
import { type Hooks, UpstreamFailure, type UpstreamRequest } from '../provider.ts';
import type { ProviderSettings } from '../settings.ts';
import { type Json, type ReadFrame, Upstream } from './http.ts';
import { argumentsOf, countOf, incomplete, objectOf, objectsOf, stringOf } from './reading.ts';
import { geminiSchema } from './schemas.ts';
import type { ClosableProvider } from './sdk.ts';

/**
 * Gemini 3 wants the first call of each of its turns signed as it had signed it. Our vocabulary has no place for
 * signatures, and calls may come from other models, for which this is the documented stand-in.
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** @throws Fault INVALID_CONFIGURATION */
export function createGoogleProvider(settings: ProviderSettings): ClosableProvider {
  const upstream = new Upstream({
    provider: 'google',
    baseUrl: settings.baseUrl,
    plainAllowed: false,
    connectTimeoutMs: settings.connectTimeoutMs,
    wire: 'google',
    headers: settings.apiKey === null ? {} : { 'x-goog-api-key': settings.apiKey },
  });
  // The SDK takes the version apart from the rest: `/v1beta`, or `/some/prefix/v1beta`.
  const slash = upstream.basePath.lastIndexOf('/');
  const [prefix, apiVersion] = [upstream.basePath.slice(0, Math.max(0, slash)), upstream.basePath.slice(slash + 1)];

  let loaded: Promise<GoogleGenAI> | undefined;
  const sdk = () => {
    loaded ??= import('@google/genai').then(({ GoogleGenAI }) => {
      return new GoogleGenAI({
        vertexai: false,
        apiKey: settings.apiKey ?? 'none',
        httpOptions: { baseUrl: upstream.origin + prefix, apiVersion, fetch: upstream.fetch },
      });
    });
    return loaded;
  };
  const safetySettings = Object.entries(settings.safetySettings).map(([category, threshold]) => ({
    category: `HARM_CATEGORY_${category.toUpperCase()}`,
    threshold,
  }));

  return {
    async complete(request: UpstreamRequest, hooks: Hooks): Promise<Answer> {
      const parameters = parametersOf(request, safetySettings);
      const send = ({ models }: GoogleGenAI) => models.generateContent(parameters as never);
      return answerOf(await upstream.jsonBySdk(hooks, sdk, send), request);
    },
    stream(request: UpstreamRequest, hooks: Hooks): AsyncIterable<UpstreamEvent> {
      const parameters = parametersOf(request, safetySettings);
      const send = ({ models }: GoogleGenAI) => models.generateContentStream(parameters as never);
      return upstream.eventsBySdk(hooks, sdk, send, frameReader());
    },
    close: () => upstream.close(),
  };
}

/** As the SDK takes them: what is `config` here becomes `generationConfig` and its neighbours on the wire. */
function parametersOf(request: UpstreamRequest, safetySettings: readonly Json[]): Json {
  const { model, messages, stop, tools, schema } = request;
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => textOf(content));
  const instruction = { parts: [{ text: system.join('\n\n') }] };
  // There must be a turn: with nothing but instructions, they are what the user says.
  const isInstructed = messages.some(({ role }) => role !== 'system');
  const config = {
    systemInstruction: system.length > 0 && isInstructed ? instruction : undefined,
    maxOutputTokens: request.max_tokens,
    temperature: request.temperature,
    topP: request.top_p,
    topK: request.top_k,
    seed: request.seed,
    frequencyPenalty: request.frequency_penalty,
    presencePenalty: request.presence_penalty,
    stopSequences: stop?.length ? stop : undefined,
    responseMimeType: schema ? 'application/json' : undefined,
    responseJsonSchema: schema ? geminiSchema(schema.schema) : undefined,
    tools: tools?.length ? [{ functionDeclarations: tools.map(declarationOf) }] : undefined,
    toolConfig: toolConfigOf(request),
    safetySettings: safetySettings.length > 0 ? safetySettings : undefined,
  };
  return { model, contents: isInstructed ? contentsOf(messages) : [{ role: 'user', ...instruction }], config };
}

function declarationOf({ name, description, parameters }: Tool): Json {
  return { name, description, parametersJsonSchema: geminiSchema(parameters) };
}

const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const;

function toolConfigOf({ tools, tool_choice: choice }: UpstreamRequest): Json | undefined {
  if (!tools?.length || choice === undefined) return undefined;
  const one = typeof choice === 'string' ? null : choice.name;
  const mode = typeof choice === 'string' ? MODES[choice] : 'ANY';
  return { functionCallingConfig: { mode, ...(one !== null && { allowedFunctionNames: [one] }) } };
}

/** Roles take turns: neighbours with one role become one content. */
function contentsOf(messages: readonly Message[]): Json[] {
  const names = new Map<string, string>();
  const contents: { role: string; parts: Json[] }[] = [];
  let isSigned = false;
  for (const { role, content } of messages) {
    if (role === 'system') continue;
    const parts: readonly Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const theirs = role === 'assistant' ? 'model' : 'user';
    const last = contents.at(-1);
    const target = last?.role === theirs ? last : { role: theirs, parts: [] };
    if (target !== last) {
      contents.push(target);
      isSigned = false;
    }
    for (const part of parts) {
      target.parts.push(partOf(part, names, isSigned));
      isSigned ||= part.type === 'tool_call';
    }
  }
  return contents;
}

/**
 * @param names by id of the calls so far, for results, which name their function
 * @param isSigned whether the turn has a call already
 */
function partOf(part: Part, names: Map<string, string>, isSigned: boolean): Json {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'image':
      return { inlineData: { mimeType: part.media_type, data: part.data } };
    case 'tool_call': {
      names.set(part.id, part.name);
      const functionCall = { id: part.id, name: part.name, args: argumentsOf(part.arguments) };
      return { functionCall, ...(!isSigned && { thoughtSignature: NO_SIGNATURE }) };
    }
    case 'tool_result': {
      const response = part.is_error ? { error: part.content } : { output: part.content };
      return { functionResponse: { id: part.id, name: names.get(part.id) ?? part.id, response } };
    }
  }
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  STOP: 'end',
  MAX_TOKENS: 'max_tokens',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
};

/** The model wrote something that is no answer; another try may do better. */
const BROKEN = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
]);

/** What one message says; a complete answer is one message. */
interface Read {
  text: string;
  toolCalls: ToolCall[];
  /** Something was generated, if only thoughts. */
  content: boolean;
  stopReason: StopReason | null;
  usage: Usage | null;
}

/** @param earlier calls in the messages before */
function readMessage(json: Json, earlier: number): Read {
  const [candidate] = objectsOf(json.candidates);
  const parts = objectsOf(objectOf(candidate?.content).parts);
  const thoughtless = parts.filter(({ thought }) => thought !== true);
  const toolCalls = thoughtless.flatMap(({ functionCall }) => (functionCall ? [objectOf(functionCall)] : []));
  const finish = stringOf(candidate?.finishReason);
  if (BROKEN.has(finish)) throw new UpstreamFailure('malformed', `the model ended with ${finish}`, { status: 200 });
  const blocked = stringOf(objectOf(json.promptFeedback).blockReason) !== '';
  const called = earlier + toolCalls.length > 0;
  const reason = finish === '' ? null : (STOP_REASONS[finish] ?? 'end');
  return {
    text: thoughtless.map(({ text }) => stringOf(text)).join(''),
    toolCalls: toolCalls.map(({ id, name, args }, index) => ({
      id: stringOf(id) || `call_${stringOf(json.responseId).slice(0, 28)}_${earlier + index}`,
      name: stringOf(name),
      arguments: JSON.stringify(args ?? {}),
    })),
    content: parts.some(({ text, functionCall }) => stringOf(text) !== '' || functionCall !== undefined),
    stopReason: blocked ? 'content_filter' : reason === 'end' && called ? 'tool_use' : reason,
    usage: usageOf(json.usageMetadata),
  };
}

function usageOf(value: unknown): Usage | null {
  const usage = objectOf(value);
  if (typeof usage.promptTokenCount !== 'number') return null;
  const reasoningTokens = countOf(usage.thoughtsTokenCount);
  return {
    inputTokens: countOf(usage.promptTokenCount) + countOf(usage.toolUsePromptTokenCount),
    outputTokens: countOf(usage.candidatesTokenCount) + reasoningTokens,
    cachedInputTokens: countOf(usage.cachedContentTokenCount),
    cacheWriteTokens: 0,
    reasoningTokens,
  };
}

function answerOf(json: Json, { provider, model }: UpstreamRequest): Answer {
  const { text, toolCalls, stopReason, usage } = readMessage(json, 0);
  if (stopReason === null) throw incomplete('finish reason');
  return { provider, model, text, toolCalls, stopReason, usage };
}

function frameReader(): ReadFrame {
  let calls = 0;
  return (frame) => {
    const { text, toolCalls, content, stopReason, usage } = readMessage(frame, calls);
    const first = calls;
    calls += toolCalls.length;
    return {
      ...(text !== '' && { text }),
      ...(toolCalls.length > 0 && {
        toolCalls: toolCalls.map((call, position) => ({ index: first + position, ...call })),
      }),
      ...(content && { content }),
      ...(stopReason && { stopReason }),
      ...(usage && { usage }),
    };
  };
}
