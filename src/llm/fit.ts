/**
 * What one candidate makes of a request.
 *
 * Owns: whether it can be asked, what it is sent and does without, and the most that may cost. Does not own who the
 * candidates are (`resolve.ts`), nor what only Redis knows: breakers, limits and budgets. Pure.
 *
 * A temperature or token limit counts as dropped only if the call or an override asked for it: what comes from the
 * defaults is a fallback for those who can take it, and nobody would miss it.
 */
import { asWritten, lacks, SAMPLING, speaksWire, type Target, takes } from './capabilities.ts';
import { type ChatRequest, type Labels, tokensOfBytes } from './chat.ts';
import { priceAt, worstCostNanoUsd } from './pricing.ts';
import type { UpstreamRequest } from './provider.ts';
import type { Candidate, Resolution, ResolvedField } from './resolve.ts';
import { schemaFacts, withInstruction } from './schema-instruction.ts';
import { type LlmSettings, type ModelSettings, type Price, rateLimitsOf, windowTokensOf } from './settings.ts';

export interface Measures {
  /** UTF-8 bytes of all text sent: messages, tools and what they said, schema. */
  textBytes: number;
  /** What only a candidate of the client's own wire is sent besides: documents, thoughts, hosted tools. Upper bound. */
  otherBytes: number;
  messages: number;
  images: number;
}

export interface Fit {
  candidate: Candidate;
  /** Why it is left out, in words; empty = usable as far as can be known without Redis. */
  reasons: readonly string[];
  /** Caller's parameters it is left out for. */
  unsupported: readonly string[];
  windowTooSmall: boolean;
  /** Not sent, or lowered; as the caller wrote them, sorted, each once. */
  droppedParams: readonly string[];
  /** Ready to send; null when left out. */
  upstream: UpstreamRequest | null;
  estimatedInputTokens: number;
  /** Of one answer. */
  maxTokens: number;
  /** Of all answers asked for. */
  worstCase: { inputTokens: number; outputTokens: number; nanoUsd: number };
  /** In force when the call started, whatever attempt answers; null: the model has none. */
  price: Price | null;
  /** A schema is asked for, in words put into the messages. */
  schemaAsInstruction: boolean;
}

/** A token has at least one byte; a message is framed by a few tokens; no provider counts an image for more. */
const WORST_TOKENS_PER_MESSAGE = 64;
const WORST_TOKENS_PER_IMAGE = 8192;
/** An image of about one megapixel, as Anthropic counts it. */
const USUAL_TOKENS_PER_IMAGE = 1600;

export function measure(request: ChatRequest): Measures {
  let textBytes = 0;
  let images = 0;
  let imageBytes = 0;
  for (const { content } of request.messages) {
    for (const part of typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content) {
      if (part.type === 'text') textBytes += bytes(part.text);
      else if (part.type === 'tool_result') textBytes += bytes(part.id) + bytes(part.content);
      else if (part.type === 'tool_call') textBytes += bytes(part.id) + bytes(part.name) + bytes(part.arguments);
      else {
        images += 1;
        imageBytes += part.data.length;
      }
    }
  }
  for (const tool of request.tools ?? []) textBytes += bytes(JSON.stringify(tool));
  if (request.response_format) textBytes += schemaFacts(request.response_format.schema).schemaBytes;
  const { wire, foreign } = request;
  // Whatever is in the body and not in this vocabulary is somewhere in its JSON.
  const bodyBytes = wire && foreign?.length ? bytes(JSON.stringify(wire.body)) : 0;
  const otherBytes = Math.max(0, bodyBytes - imageBytes - textBytes);
  return { textBytes, otherBytes, messages: request.messages.length, images };
}

const bytes = (text: string) => Buffer.byteLength(text);

export function fitCandidate(
  settings: LlmSettings,
  resolution: Resolution,
  candidate: Candidate,
  given: ChatRequest,
  measuresGiven: Measures,
  labels: Labels,
  nowMs: number,
): Fit {
  const providerSettings = settings.providers[candidate.provider];
  const model = providerSettings.models[candidate.realModel] as ModelSettings;
  const room = given.cutTo && roomOf(settings, resolution, candidate);
  const request = room ? { ...given, messages: given.cutTo?.(room.inputTokens) ?? given.messages } : given;
  const measures = room ? measure(request) : measuresGiven;
  const target: Target = { provider: candidate.provider, settings: providerSettings, model };

  const facts = request.response_format && schemaFacts(request.response_format.schema);
  const isOfWire = speaksWire(candidate.provider, request);
  // Without its body the question of a bound one would be another.
  const passesBody = isOfWire && (!facts?.isOpen || (request.bound?.length ?? 0) > 0);
  const inWords = facts?.isOpen && !passesBody ? facts : null;
  const messages = inWords ? withInstruction(request.messages, inWords.instruction) : request.messages;
  const textBytes = measures.textBytes + (inWords?.instructionBytes ?? 0);

  const maxTokens = room?.answerTokens ?? Math.min(resolution.maxTokens.value, model.maxTokens);
  const estimatedInputTokens = tokensOfBytes(textBytes) + measures.images * USUAL_TOKENS_PER_IMAGE;
  const missing = lacks(target, request, measures.images);
  const reasons = missing.map(({ reason }) => reason);
  if (!providerSettings.enabled) reasons.push('is disabled');
  const needsKey = !settings.testMode && candidate.provider !== 'local';
  if (needsKey && providerSettings.apiKey === null) reasons.push('has no API key');
  const windowTokens = windowTokensOf(settings, model);
  const windowTooSmall = estimatedInputTokens + maxTokens > windowTokens;
  if (windowTooSmall) {
    const needed = `about ${estimatedInputTokens} of input and ${maxTokens} of answer`;
    reasons.push(`has a window of ${windowTokens} tokens, too small for ${needed}`);
  }

  const upstream: UpstreamRequest = {
    provider: candidate.provider,
    model: candidate.realModel,
    messages,
    max_tokens: maxTokens,
    labels,
  };
  const thinks = passesBody && isThinking(request);
  const dropped = addParameters(upstream, target, request, resolution.temperature, thinks);
  const reported = dropped.map((name) => asWritten(name, request));
  if (request.wire && passesBody) {
    const { family, body } = request.wire;
    upstream.passthrough = { family, body, dropped: reported.filter((name) => Object.hasOwn(body, name)) };
  } else if (request.foreign) reported.push(...request.foreign);
  if (request.unknown) reported.push(...request.unknown);
  if (maxTokens < resolution.maxTokens.value && isAskedFor(resolution.maxTokens)) {
    reported.push(asWritten('max_tokens', request));
  }
  if (request.response_format) {
    const { schema, name } = request.response_format;
    if (!inWords) upstream.schema = { schema, name: name ?? 'answer' };
    upstream.expected = schema;
  }

  const inputTokens =
    textBytes +
    (passesBody ? measures.otherBytes : 0) +
    messages.length * WORST_TOKENS_PER_MESSAGE +
    measures.images * WORST_TOKENS_PER_IMAGE;
  const reasoningTokens = model.reasoningOutsideMaxTokens ? model.maxReasoningTokens : 0;
  const outputTokens = (maxTokens + reasoningTokens) * (request.n ?? 1);
  const price = priceAt(settings.testMode ? settings.testPrices : model.prices, nowMs);
  return {
    candidate,
    reasons,
    unsupported: missing.map(({ parameter }) => asWritten(parameter, request)),
    windowTooSmall,
    droppedParams: [...new Set(reported)].sort(),
    upstream: reasons.length === 0 ? upstream : null,
    estimatedInputTokens,
    maxTokens,
    worstCase: { inputTokens, outputTokens, nanoUsd: worstCostNanoUsd(price, inputTokens, outputTokens) },
    schemaAsInstruction: inWords !== null,
    price,
  };
}

/**
 * How the window of a candidate is divided between a question that can be cut and its answer. Nor may the two be more
 * than its rate limit ever admits. The answer gets what is configured, but leaves the question at least half.
 */
export function roomOf(
  settings: LlmSettings,
  { maxTokens }: Pick<Resolution, 'maxTokens'>,
  { provider, realModel }: Candidate,
): { inputTokens: number; answerTokens: number } {
  const model = settings.providers[provider].models[realModel] as ModelSettings;
  const { tokensPerMinute } = rateLimitsOf(settings, provider);
  const windowTokens = windowTokensOf(settings, model);
  const allTokens = tokensPerMinute > 0 ? Math.min(windowTokens, tokensPerMinute) : windowTokens;
  const answerTokens = Math.max(1, Math.min(maxTokens.value, model.maxTokens, Math.floor(allTokens / 2)));
  return { inputTokens: allTokens - answerTokens, answerTokens };
}

/** Whether a body in Anthropic's wire asks for thoughts. */
function isThinking({ wire }: ChatRequest): boolean {
  const thinking = wire?.family === 'anthropic' ? wire.body.thinking : null;
  return typeof thinking === 'object' && thinking !== null && 'type' in thinking && thinking.type !== 'disabled';
}

/**
 * Puts in what the candidate takes; gives back what was asked for and it does not.
 * @param thinks it is asked for thoughts in a way only Anthropic's wire has
 */
function addParameters(
  upstream: UpstreamRequest,
  target: Target,
  request: ChatRequest,
  temperature: ResolvedField<number>,
  thinks: boolean,
): string[] {
  const dropped: string[] = [];
  for (const name of SAMPLING) {
    if (name === 'temperature' || request[name] === undefined) continue;
    if (takes(target, request, name)) Object.assign(upstream, { [name]: request[name] });
    else dropped.push(name);
  }
  if (takes(target, request, 'temperature')) {
    // Anthropic refuses it beside either, so a default must not stand beside what the caller chose.
    const isCrowded = target.provider === 'anthropic' && (upstream.top_p !== undefined || thinks);
    if (!isCrowded || isAskedFor(temperature)) upstream.temperature = temperature.value;
  } else if (isAskedFor(temperature)) dropped.push('temperature');

  if (request.stop !== undefined && request.stop.length > 0) upstream.stop = request.stop;
  if (request.n !== undefined && request.n > 1) upstream.n = request.n;
  if (request.tools !== undefined && request.tools.length > 0) upstream.tools = request.tools;
  if (request.tool_choice !== undefined) upstream.tool_choice = request.tool_choice;
  if (request.parallel_tool_calls !== undefined) {
    if (target.provider === 'google') dropped.push('parallel_tool_calls');
    else upstream.parallel_tool_calls = request.parallel_tool_calls;
  }
  return dropped;
}

function isAskedFor({ from }: ResolvedField<number>): boolean {
  return from === 'call' || from === 'agent_override' || from === 'task_type_override';
}
