/**
 * Which provider and model a call goes to, and with what.
 *
 * Owns: the order of precedence, field by field, and who is asked after whom. Does not own whether a candidate can be
 * asked at all (`fit.ts`). Pure, and cheap: it runs once per call.
 */
import { Fault } from '../errors.ts';
import { type ChatRequest, type Labels, PROVIDERS, type ProviderName } from './chat.ts';
import type { LlmSettings, Override, ProviderSettings } from './settings.ts';

export type Level = 'call' | 'agent_override' | 'task_type_override' | 'provider_default' | 'global_default';

export interface ResolvedField<T> {
  value: T;
  from: Level;
  /** Where it was said, as in the file: `agent_overrides.dev_worker.model`; or `call.model`. */
  path: string;
}

/** `model`: as configured (perhaps an alias); `realModel`: what goes on the wire and into ledger and answer. */
export interface Candidate {
  provider: ProviderName;
  model: string;
  realModel: string;
}

export interface Resolution {
  provider: ResolvedField<ProviderName>;
  model: ResolvedField<string>;
  temperature: ResolvedField<number>;
  maxTokens: ResolvedField<number>;
  /** The resolved one first, then `fallback_order` without that provider, each with its default model. */
  candidates: readonly Candidate[];
}

/** One level that says something. */
interface Said {
  from: Level;
  path: string;
  says: Override;
}

/** @throws Fault VALIDATION_ERROR (details.errors [{path,message}]) for an unknown provider or model. */
export function resolve(settings: LlmSettings, request: ChatRequest, labels: Labels): Resolution {
  const { providers } = settings;
  const call = saidInCall(settings, request);
  const agent = saidFor(settings.agentOverrides, 'agent_override', 'agent_overrides', labels.agent);
  const task = saidFor(settings.taskTypeOverrides, 'task_type_override', 'task_type_overrides', labels.task_type);

  let provider: Resolution['provider'] = {
    value: settings.defaultProvider,
    from: 'global_default',
    path: 'global.default_provider',
  };
  let model = defaultModelOf(settings, provider.value);
  // From the bottom up: what a level means depends on what stands below it.
  for (const level of [task, agent, call]) {
    if (!level) continue;
    const { from, path, says } = level;
    const before = provider.value;
    if (says.provider !== undefined) provider = { value: says.provider, from, path: `${path}.provider` };
    else if (says.model !== undefined && !lists(providers[before], says.model)) {
      provider = { value: providerListing(settings, says.model), from, path: `${path}.model` };
    }
    if (says.model !== undefined) model = { value: says.model, from, path: `${path}.model` };
    else if (provider.value !== before) model = defaultModelOf(settings, provider.value);
  }

  const first = candidate(settings, provider.value, model.value);
  const candidates = [first];
  for (const name of settings.fallbackOrder) {
    const { defaultModel } = providers[name];
    if (name !== first.provider && defaultModel !== '') candidates.push(candidate(settings, name, defaultModel));
  }
  return {
    provider,
    model,
    temperature:
      uppermost('temperature', 'temperature', call, agent, task) ??
      temperatureOf(settings, first) ??
      globally(settings.defaultTemperature, 'default_temperature'),
    maxTokens:
      uppermost('maxTokens', 'max_tokens', call, agent, task) ??
      globally(settings.defaultMaxTokens, 'default_max_tokens'),
    candidates,
  };
}

function saidInCall(settings: LlmSettings, request: ChatRequest): Said {
  const { provider, model, temperature, max_tokens } = request;
  const says: Override = {};
  if (provider !== undefined) says.provider = knownProvider(settings, provider);
  if (model !== undefined) {
    if (says.provider !== undefined && !lists(settings.providers[says.provider], model)) {
      throw unknown('/model', `is not a model of ${says.provider}`);
    }
    says.model = model;
  }
  if (temperature !== undefined) says.temperature = temperature;
  if (max_tokens !== undefined) says.maxTokens = max_tokens;
  return { from: 'call', path: 'call', says };
}

function saidFor(
  overrides: Readonly<Record<string, Override>>,
  from: Level,
  section: string,
  name: string | undefined,
): Said | undefined {
  // Names come from callers: `constructor` is nobody's.
  if (name === undefined || !Object.hasOwn(overrides, name)) return undefined;
  return { from, path: `${section}.${name}`, says: overrides[name] ?? {} };
}

function uppermost(
  field: 'temperature' | 'maxTokens',
  key: string,
  ...levels: readonly (Said | undefined)[]
): ResolvedField<number> | undefined {
  for (const level of levels) {
    const value = level?.says[field];
    if (level && value !== undefined) return { value, from: level.from, path: `${level.path}.${key}` };
  }
  return undefined;
}

function temperatureOf(settings: LlmSettings, { provider, realModel }: Candidate): ResolvedField<number> | undefined {
  const value = settings.providers[provider].models[realModel]?.temperature ?? null;
  if (value === null) return undefined;
  return { value, from: 'provider_default', path: `providers.${provider}.models.${realModel}.temperature` };
}

function globally(value: number, key: string): ResolvedField<number> {
  return { value, from: 'global_default', path: `global.${key}` };
}

function defaultModelOf(settings: LlmSettings, provider: ProviderName): ResolvedField<string> {
  const value = settings.providers[provider].defaultModel;
  return { value, from: 'provider_default', path: `providers.${provider}.default_model` };
}

function candidate(settings: LlmSettings, provider: ProviderName, model: string): Candidate {
  const { models, aliases } = settings.providers[provider];
  return { provider, model, realModel: Object.hasOwn(models, model) ? model : (aliases[model] ?? model) };
}

function lists({ models, aliases }: ProviderSettings, model: string): boolean {
  return Object.hasOwn(models, model) || Object.hasOwn(aliases, model);
}

function knownProvider(settings: LlmSettings, name: string): ProviderName {
  const found = PROVIDERS.find((provider) => provider === name);
  // One without models is not configured.
  if (found && settings.providers[found].defaultModel !== '') return found;
  const names = PROVIDERS.filter((provider) => settings.providers[provider].defaultModel !== '');
  throw unknown('/provider', `must be one of ${names.join(', ')}`);
}

/** The order of fallback decides; then any, as a model may be named without its provider being fallen back to. */
function providerListing(settings: LlmSettings, model: string): ProviderName {
  const found = [...settings.fallbackOrder, ...PROVIDERS].find((name) => lists(settings.providers[name], model));
  if (!found) throw unknown('/model', 'is not a model of any provider');
  return found;
}

function unknown(path: string, message: string): Fault {
  return new Fault('VALIDATION_ERROR', `${path.slice(1)} ${message}`, { details: { errors: [{ path, message }] } });
}
