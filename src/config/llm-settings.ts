/**
 * Owns: what wins over what (environment > file > default), and what contradicts itself across keys.
 * Does not own: reading either of them. Pure.
 *
 * Models, aliases and overrides a file is silent about come from the file shipped with the package: a provider's
 * `models`, `agent_overrides` and `task_type_overrides` replace the shipped ones as a whole, `aliases` add to them.
 * Shipped names whose model has thereby gone, go with it; a provider that is left without models is not there.
 */
import { PROVIDERS, type ProviderName } from '../llm/chat.ts';
import type { LlmSettings, Override, ProviderSettings } from '../llm/settings.ts';
import type { LlmEnvironment } from './llm-environment.ts';
import { byProvider, type LlmFile, type ProviderEntry } from './llm-file.ts';

const BASE_URLS: Readonly<Record<Exclude<ProviderName, 'local'>, string>> = {
  anthropic: 'https://api.anthropic.com',
  openai: 'https://api.openai.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
};
const PORTS: Readonly<Record<string, number>> = {
  ollama: 11_434,
  localai: 8080,
  lmstudio: 1234,
  vllm: 8000,
  openai_compatible: 8000,
};
const TOKENS_PER_MINUTE: Readonly<Record<ProviderName, number>> = {
  anthropic: 100_000,
  openai: 150_000,
  google: 120_000,
  local: 1_000_000,
};
/** About 4 MB of text: no file within the limits is cut that a large model would be shown whole, and work stays bounded. */
const TEST_WINDOW_TOKENS = 1_000_000;
/** A model on this machine may first have to be loaded. */
const REMOTE = { timeoutMs: 120_000, firstTokenMs: 15_000, responseMs: 45_000, idleMs: 15_000, concurrency: 32 };
const LOCAL = { timeoutMs: 300_000, firstTokenMs: 60_000, responseMs: 120_000, idleMs: 30_000, concurrency: 4 };

export function mergeLlm(said: LlmEnvironment, file: LlmFile, shipped: LlmFile): LlmSettings {
  const { global, costs, rateLimiting } = file;
  const made = byProvider((name) => provider(name, said, file, shipped.providers[name]));
  // In the file's order, the others behind: that is how they are listed.
  const order = new Set([...file.providerOrder, ...shipped.providerOrder, ...PROVIDERS]);
  const providers = Object.fromEntries([...order].map((name) => [name, made[name]])) as Providers;
  const isUsable = ({ apiKey }: ProviderSettings) => apiKey !== null;
  return {
    testMode: said.testMode ?? !(Object.values(providers).some(isUsable) || providers.local.enabled),
    testScriptPath: said.testScriptPath,
    logPrompts: said.logPrompts,
    defaultProvider: said.defaultProvider ?? global.defaultProvider ?? 'anthropic',
    fallbackOrder: [...new Set(said.providerOrder ?? global.fallbackOrder ?? PROVIDERS)],
    timeoutMs: said.timeoutMs ?? global.timeoutMs ?? 120_000,
    retryBaseDelayMs: said.retryBaseDelayMs ?? global.retryBaseDelayMs ?? 1000,
    retryMaxDelayMs: said.retryMaxDelayMs ?? global.retryMaxDelayMs ?? 30_000,
    cacheEnabled: said.cacheEnabled ?? global.cacheEnabled ?? true,
    cacheTtlMs: said.cacheTtlMs ?? global.cacheTtlMs ?? 3_600_000,
    cacheMaxBytes: global.cacheMaxBytes ?? 268_435_456,
    defaultTemperature: global.defaultTemperature ?? 0.7,
    defaultMaxTokens: global.defaultMaxTokens ?? 4096,
    loggingEnabled: global.loggingEnabled ?? true,
    logLevel: global.logLevel ?? 'INFO',
    providers,
    testPrices: file.test.prices.length > 0 ? file.test.prices : shipped.test.prices,
    testLimits: {
      contextWindowTokens: file.test.contextWindowTokens ?? shipped.test.contextWindowTokens ?? TEST_WINDOW_TOKENS,
      // The variable is about whoever is asked; what the file says of a provider is about that one.
      requestsPerMinute: said.rateLimitPerMinute ?? file.test.requestsPerMinute ?? 0,
      tokensPerMinute: file.test.tokensPerMinute ?? 0,
    },
    agentOverrides: file.agentOverrides ?? stillListed(shipped.agentOverrides, providers),
    taskTypeOverrides: file.taskTypeOverrides ?? stillListed(shipped.taskTypeOverrides, providers),
    rateLimiting: {
      enabled: rateLimiting.enabled ?? true,
      providers: byProvider((name) => {
        const { requestsPerMinute, tokensPerMinute } = rateLimiting.providers[name];
        return {
          requestsPerMinute: said.rateLimitPerMinute ?? requestsPerMinute ?? (name === 'local' ? 100 : 60),
          tokensPerMinute: tokensPerMinute ?? TOKENS_PER_MINUTE[name],
        };
      }),
    },
    costs: {
      enabled: costs.enabled ?? true,
      dailyBudgetUsd: said.dailyBudgetUsd ?? costs.dailyBudgetUsd ?? 100,
      monthlyBudgetUsd: said.monthlyBudgetUsd ?? costs.monthlyBudgetUsd ?? 2000,
      projectBudgetUsd: costs.projectBudgetUsd ?? 0,
      agentDailyBudgetsUsd: costs.agentDailyBudgetsUsd,
      alertAtPercentage: said.budgetAlertPercent ?? costs.alertAtPercentage ?? 80,
      trackByAgent: costs.trackByAgent ?? true,
      trackByTaskType: costs.trackByTaskType ?? true,
      trackByProject: costs.trackByProject ?? true,
    },
  };
}

function provider(name: ProviderName, said: LlmEnvironment, file: LlmFile, shipped: ProviderEntry): ProviderSettings {
  const entry = file.providers[name];
  const { settings } = entry;
  const env = said.providers[name];
  const isLocal = name === 'local';
  const usual = isLocal ? LOCAL : REMOTE;
  const models = entry.models ?? shipped.models ?? {};
  const isListed = (id: string) => Object.hasOwn(models, id);
  const shippedAliases = Object.entries(shipped.aliases).filter(([alias, id]) => !isListed(alias) && isListed(id));
  const [first = ''] = Object.keys(models);
  const shippedDefault = isListed(shipped.defaultModel ?? '') ? shipped.defaultModel : first;
  // Its address is what a server on this machine is known by.
  const enabled = (isLocal && env.baseUrl !== null) || (entry.enabled ?? !isLocal);
  const serverType = isLocal ? (said.serverType ?? entry.serverType ?? 'ollama') : null;
  const usualUrl = isLocal ? enabled && `http://127.0.0.1:${PORTS[serverType ?? '']}` : BASE_URLS[name];
  const baseUrl = env.baseUrl ?? entry.baseUrl ?? (usualUrl || null);
  const thresholds = Object.entries(settings.safetySettings ?? {});
  return {
    enabled: enabled && first !== '',
    apiKey: env.apiKey ?? entry.apiKey ?? null,
    baseUrl: isLocal ? (baseUrl?.replace(/\/v1$/, '') ?? null) : baseUrl,
    apiVersion: name === 'anthropic' ? (said.apiVersion ?? entry.apiVersion ?? '2023-06-01') : null,
    organizationId: name === 'openai' ? (said.organizationId ?? entry.organizationId ?? null) : null,
    serverType,
    defaultModel: entry.defaultModel ?? shippedDefault ?? first,
    models,
    aliases: { ...Object.fromEntries(shippedAliases), ...entry.aliases },
    timeoutMs: settings.timeoutMs ?? usual.timeoutMs,
    maxRetries: settings.maxRetries ?? said.maxRetries ?? (isLocal ? 2 : (file.global.maxRetries ?? 3)),
    connectTimeoutMs: settings.connectTimeoutMs ?? 5000,
    firstTokenTimeoutMs: settings.firstTokenTimeoutMs ?? usual.firstTokenMs,
    responseTimeoutMs: settings.responseTimeoutMs ?? usual.responseMs,
    idleTimeoutMs: settings.idleTimeoutMs ?? usual.idleMs,
    maxConcurrency: settings.maxConcurrency ?? usual.concurrency,
    safetySettings: Object.fromEntries(
      thresholds.map(([harm, threshold]) => [harm, threshold ?? 'BLOCK_MEDIUM_AND_ABOVE']),
    ),
  };
}

type Providers = LlmSettings['providers'];

function lists({ models, aliases }: ProviderSettings, model: string): boolean {
  return Object.hasOwn(models, model) || Object.hasOwn(aliases, model);
}

/** Nobody wrote these here, so what they name may be gone; then they say nothing about it. */
function stillListed(overrides: Record<string, Override> | undefined, providers: Providers): Record<string, Override> {
  const kept = Object.entries(overrides ?? {}).map(([name, override]) => {
    const { provider: of, model, ...rest } = override;
    const candidates = of ? [providers[of]] : Object.values(providers);
    const isThere = candidates.some((each) => (model === undefined ? each.defaultModel !== '' : lists(each, model)));
    return [name, isThere ? override : rest] as const;
  });
  return Object.fromEntries(kept);
}

/** What each key may say alone, but not with the others. */
export function contradictions(settings: LlmSettings): string[] {
  const { providers, defaultProvider } = settings;
  const problems: string[] = [];
  for (const [name, { models, aliases, defaultModel, ...each }] of Object.entries(providers)) {
    const path = `providers.${name}`;
    if (Object.keys(models).length === 0) {
      if (name === defaultProvider) problems.push(`${path}.models: lists none, but it is the default provider`);
      continue;
    }
    if (!lists({ models, aliases, defaultModel, ...each }, defaultModel)) {
      problems.push(`${path}.default_model=${JSON.stringify(defaultModel)}: is not among its models`);
    }
    for (const [alias, id] of Object.entries(aliases)) {
      const shown = `${path}.aliases.${alias}=${JSON.stringify(id)}`;
      if (Object.hasOwn(models, alias)) problems.push(`${shown}: ${alias} is a model itself`);
      else if (!Object.hasOwn(models, id)) problems.push(`${shown}: is not among its models`);
    }
  }
  for (const [section, overrides] of [
    ['agent_overrides', settings.agentOverrides],
    ['task_type_overrides', settings.taskTypeOverrides],
  ] as const) {
    for (const [name, { provider: of, model }] of Object.entries(overrides)) {
      const path = `${section}.${name}`;
      if (of && Object.keys(providers[of].models).length === 0) {
        problems.push(`${path}.provider="${of}": has no models`);
      } else if (
        model !== undefined &&
        !(of ? [providers[of]] : Object.values(providers)).some((p) => lists(p, model))
      ) {
        problems.push(
          `${path}.model=${JSON.stringify(model)}: ${of ?? 'no provider'} ${of ? 'does not list' : 'lists'} it`,
        );
      }
    }
  }
  return problems;
}
