/**
 * What a candidate can take, and what it is called in the client's wire.
 *
 * Owns: the table of parameters by provider and model. Does not own what follows from it (`fit.ts`). Pure.
 */
import type { ChatRequest, ProviderName, Sampling, WireFamily } from './chat.ts';
import type { ModelSettings, ProviderSettings } from './settings.ts';

export const SAMPLING = [
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'user',
] as const satisfies readonly (keyof Sampling)[];
export type SamplingName = (typeof SAMPLING)[number];

const DRAWING: ReadonlySet<SamplingName> = new Set(['temperature', 'top_p', 'top_k']);

const TAKEN: Readonly<Record<ProviderName, ReadonlySet<SamplingName>>> = {
  anthropic: DRAWING,
  openai: new Set<SamplingName>(SAMPLING.filter((name) => name !== 'top_k')),
  google: new Set<SamplingName>([...DRAWING, 'seed', 'frequency_penalty', 'presence_penalty']),
  local: new Set(SAMPLING),
};

/** From this version on the Anthropic wire has no sampling parameters. */
const ANTHROPIC_WITHOUT_SAMPLING = '2026-10-21';
const OPENAI_MAX_STOPS = 4;

/** One candidate's provider and model. */
export interface Target {
  provider: ProviderName;
  settings: ProviderSettings;
  model: ModelSettings;
}

const FAMILIES: Readonly<Record<ProviderName, WireFamily | null>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  google: null,
  local: 'openai',
};

/** Whether the client's body is one in the provider's own wire. */
export function speaksWire(provider: ProviderName, { wire }: ChatRequest): boolean {
  return wire !== undefined && wire.family === FAMILIES[provider];
}

/** Whether the candidate takes temperature, top_p and top_k at all. */
function draws({ provider, settings, model }: Target, request: ChatRequest): boolean {
  if (provider === 'anthropic' && (settings.apiVersion ?? '') >= ANTHROPIC_WITHOUT_SAMPLING) return false;
  if (model.supportsSampling) return true;
  // OpenAI's reasoning models sample when they are told not to reason, which only its own wire can say.
  return provider === 'openai' && request.wire?.family === 'openai' && request.wire.body.reasoning_effort === 'none';
}

export function takes(target: Target, request: ChatRequest, name: SamplingName): boolean {
  if (!TAKEN[target.provider].has(name)) {
    // Each wire names the user in its own way; within one it is left as it is.
    return name === 'user' && speaksWire(target.provider, request);
  }
  return !DRAWING.has(name) || draws(target, request);
}

/** A need of the request that the candidate does not meet: the caller's parameter, and why in words. */
export interface Lack {
  parameter: string;
  reason: string;
}

export function lacks({ provider, model }: Target, request: ChatRequest, images: number): Lack[] {
  const found: Lack[] = [];
  const lack = (parameter: string, reason: string) => found.push({ parameter, reason });
  const isLocal = provider === 'local';
  if ((request.n ?? 1) > 1 && !(provider === 'openai' && request.wire?.family === 'openai')) {
    lack('n', 'gives one answer only');
  }
  if (usesTools(request) && isLocal && !model.supportsTools) lack('tools', 'has no tools');
  const isForced = request.tool_choice === 'required' || typeof request.tool_choice === 'object';
  if (isForced && (isLocal || (provider === 'anthropic' && !model.supportsForcedTools))) {
    lack('tool_choice', 'cannot be made to use a tool');
  }
  if (images > 0 && isLocal && !model.supportsVision) lack('images', 'sees no images');
  if (request.messages.at(-1)?.role === 'assistant' && (provider === 'google' || !model.supportsPrefill)) {
    lack('prefill', 'does not continue an answer that is begun for it');
  }
  if (provider === 'openai' && (request.stop?.length ?? 0) > OPENAI_MAX_STOPS) {
    lack('stop', `stops at ${OPENAI_MAX_STOPS} sequences at most`);
  }
  if (!speaksWire(provider, request)) {
    for (const name of request.bound ?? []) lack(name, `cannot be given ${name} of another wire`);
  }
  return found;
}

/** Offered now, or used earlier in the conversation. */
function usesTools({ tools, messages }: ChatRequest): boolean {
  if (tools !== undefined && tools.length > 0) return true;
  return messages.some(({ content }) => typeof content !== 'string' && content.some(isOfTool));
}

function isOfTool({ type }: { type: string }): boolean {
  return type === 'tool_call' || type === 'tool_result';
}

const ANTHROPIC_NAMES: Readonly<Record<string, string>> = {
  stop: 'stop_sequences',
  user: 'metadata',
  parallel_tool_calls: 'tool_choice',
};

/** A parameter's name as the caller wrote it. */
export function asWritten(parameter: string, { wire }: ChatRequest): string {
  if (wire?.family === 'anthropic') return ANTHROPIC_NAMES[parameter] ?? parameter;
  if (parameter === 'max_tokens' && wire && 'max_completion_tokens' in wire.body) return 'max_completion_tokens';
  return parameter;
}
