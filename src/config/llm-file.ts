/**
 * Owns: which keys `llm_config.yaml` has, with their types and ranges. What it does not say is `undefined`.
 * Does not own: defaults and what is said elsewhere (`llm-settings.ts`), nor how YAML is read (`yaml.ts`).
 */
import { PROVIDERS, type ProviderName } from '../llm/chat.ts';
import type { ModelSettings, Override, Price } from '../llm/settings.ts';
import { LOG_LEVELS } from '../log.ts';
import type { Section } from './yaml.ts';

export type LlmFile = ReturnType<typeof readLlmFile>;
export type ProviderEntry = ReturnType<typeof readProvider>;

export const SERVER_TYPES = ['ollama', 'localai', 'lmstudio', 'vllm', 'openai_compatible'] as const;
const HARMS = ['harassment', 'hate_speech', 'sexually_explicit', 'dangerous_content'] as const;
const THRESHOLDS = ['OFF', 'BLOCK_NONE', 'BLOCK_ONLY_HIGH', 'BLOCK_MEDIUM_AND_ABOVE', 'BLOCK_LOW_AND_ABOVE'] as const;

/** They go into response headers and Redis keys. */
const MODEL_ID = /^[\x21-\x7e]{1,200}$/;
const MODEL_ID_EXPECTED = 'up to 200 printable ASCII characters without blanks';
const MAX_TOKENS = 100_000_000;
/** With that many decimals at most, prices are whole numbers of 1e-15 USD per token. */
const PRICE_DECIMALS = 12;
const MAX_PRICE_USD = 1000;
const MAX_USD = 9_000_000;
const s = 1000;

export function readLlmFile(root: Section) {
  const global = root.section('global');
  const providers = root.section('providers');
  const limits = root.section('rate_limiting');
  const limitsOf = limits.section('providers');
  const costs = root.section('cost_tracking');
  const file = {
    global: {
      defaultProvider: global.oneOf('default_provider', PROVIDERS),
      fallbackOrder: global.listOf('fallback_order', PROVIDERS),
      timeoutMs: ms(global.number('timeout_seconds', 0.001, 600)),
      maxRetries: global.integer('max_retries', 0, 10),
      retryBaseDelayMs: ms(global.number('retry_base_delay_seconds', 0, 600)),
      retryMaxDelayMs: ms(global.number('retry_max_delay_seconds', 0, 600)),
      cacheEnabled: global.boolean('cache_enabled'),
      cacheTtlMs: ms(global.integer('cache_ttl_seconds', 1, 2_592_000)),
      cacheMaxBytes: global.integer('cache_max_bytes', 0, 2 ** 40),
      defaultTemperature: global.number('default_temperature', 0, 2),
      defaultMaxTokens: global.integer('default_max_tokens', 1, MAX_TOKENS),
      loggingEnabled: global.boolean('logging_enabled'),
      logLevel: global.oneOf('log_level', LOG_LEVELS),
    },
    providers: byProvider((name) => readProvider(name, providers.section(name))),
    /** Those that are named, in the file's order. */
    providerOrder: providers.keys().flatMap((key) => PROVIDERS.find((name) => name === key) ?? []),
    test: readTest(providers.section('test').section('models').section('test-1'), limitsOf.section('test')),
    agentOverrides: readOverrides(root, 'agent_overrides'),
    taskTypeOverrides: readOverrides(root, 'task_type_overrides'),
    rateLimiting: {
      enabled: limits.boolean('enabled'),
      providers: byProvider((name) => {
        const section = limitsOf.section(name);
        return {
          requestsPerMinute: section.integer('requests_per_minute', 0, 100_000),
          tokensPerMinute: section.integer('tokens_per_minute', 0, 1_000_000_000),
        };
      }),
    },
    costs: {
      enabled: costs.boolean('enabled'),
      dailyBudgetUsd: costs.number('daily_budget', 0, MAX_USD),
      monthlyBudgetUsd: costs.number('monthly_budget', 0, MAX_USD),
      projectBudgetUsd: costs.number('project_budget', 0, MAX_USD),
      agentDailyBudgetsUsd: mapped(costs.section('agent_daily_budgets'), (section, agent) =>
        section.number(agent, 0, MAX_USD),
      ),
      alertAtPercentage: costs.integer('alert_at_percentage', 1, 100),
      trackByAgent: costs.boolean('track_by_agent'),
      trackByTaskType: costs.boolean('track_by_task_type'),
      trackByProject: costs.boolean('track_by_project'),
    },
  };
  root.end();
  return file;
}

/** What stands in for all models in test mode has prices and limits of its own. */
function readTest(model: Section, limits: Section) {
  return {
    prices: readPrices(model),
    contextWindowTokens: model.integer('context_window', 1, MAX_TOKENS),
    requestsPerMinute: limits.integer('requests_per_minute', 0, 100_000),
    tokensPerMinute: limits.integer('tokens_per_minute', 0, 1_000_000_000),
  };
}

export function byProvider<T>(make: (name: ProviderName) => T): Record<ProviderName, T> {
  return Object.fromEntries(PROVIDERS.map((name) => [name, make(name)])) as Record<ProviderName, T>;
}

/** Every key of a section whose keys are names. */
function mapped<T>(section: Section, read: (section: Section, key: string) => T | undefined): Record<string, T> {
  const entries = section.keys().map((key) => [key, read(section, key)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, T] => entry[1] !== undefined));
}

function ms<T extends number | undefined>(seconds: T): T {
  return (seconds && Math.round(seconds * s)) as T;
}

function readProvider(name: ProviderName, section: Section) {
  const models = section
    .sections('models', MODEL_ID_EXPECTED, (id) => MODEL_ID.test(id))
    ?.map(([id, model]) => [id, readModel(model)] as const);
  return {
    enabled: section.boolean('enabled'),
    apiKey: section.secret('api_key'),
    baseUrl: section.url('base_url', baseUrlRule(name), (url) => isBaseUrl(name, url)),
    apiVersion: name === 'anthropic' ? section.text('api_version') : undefined,
    organizationId: name === 'openai' ? section.text('organization_id') : undefined,
    serverType: name === 'local' ? section.oneOf('server_type', SERVER_TYPES) : undefined,
    defaultModel: section.text('default_model', MODEL_ID_EXPECTED, MODEL_ID),
    models: models && Object.fromEntries(models),
    aliases: mapped(section.section('aliases'), (aliases, alias) => {
      if (!MODEL_ID.test(alias)) aliases.problem(alias, `expected ${MODEL_ID_EXPECTED}`);
      return aliases.text(alias, MODEL_ID_EXPECTED, MODEL_ID);
    }),
    settings: readSettings(name, section.section('settings')),
  };
}

/** What goes to others, goes encrypted; what stays on this machine, or is said to be local, need not. */
export function isBaseUrl(provider: ProviderName, url: URL): boolean {
  if (url.username || url.password || url.search || url.hash) return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && (provider === 'local' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname));
}

export function baseUrlRule(provider: ProviderName): string {
  const http = provider === 'local' ? 'or http://' : '(http:// only for this machine)';
  return `a URL https:// ${http} without user, query and fragment`;
}

function readModel(section: Section): ModelSettings {
  return {
    maxTokens: section.integer('max_tokens', 1, MAX_TOKENS) ?? 4096,
    temperature: section.number('temperature', 0, 2) ?? null,
    contextWindowTokens: section.integer('context_window', 1, MAX_TOKENS) ?? 8192,
    supportsVision: section.boolean('supports_vision') ?? false,
    supportsTools: section.boolean('supports_tools') ?? false,
    supportsSampling: section.boolean('supports_sampling') ?? true,
    supportsPrefill: section.boolean('supports_prefill') ?? true,
    supportsForcedTools: section.boolean('supports_forced_tools') ?? true,
    reasoningOutsideMaxTokens: section.boolean('reasoning_outside_max_tokens') ?? false,
    maxReasoningTokens: section.integer('max_reasoning_tokens', 0, MAX_TOKENS) ?? 0,
    prices: readPrices(section),
  };
}

const FLAT_PRICE = [
  'cost_per_1k_input_tokens',
  'cost_per_1k_output_tokens',
  'cost_per_1k_cached_input_tokens',
  'cost_per_1k_cache_write_tokens',
  'long_context',
] as const;

/** A flat price holds for ever; none at all = unpriced. */
function readPrices(section: Section): ModelSettings['prices'] {
  const flat = FLAT_PRICE.filter((key) => section.has(key));
  const price = readPrice(section);
  const list = section.sectionList('prices');
  if (!list) return flat.length > 0 ? [{ validFromMs: null, price }] : [];
  for (const key of flat) section.problem(key, 'stands beside prices, which replaces it; only one of the two may be');
  const entries = list.map((entry) => ({ entry, validFromMs: readDate(entry), price: readPrice(entry) }));
  for (const [index, { entry, validFromMs }] of entries.entries()) {
    if (entries.findIndex((other) => other.validFromMs === validFromMs) === index) continue;
    entry.problem('valid_from', 'another price is valid from the same time');
  }
  const time = (ms: number | null) => ms ?? Number.NEGATIVE_INFINITY;
  return entries
    .map(({ validFromMs, price }) => ({ validFromMs, price }))
    .toSorted((a, b) => time(a.validFromMs) - time(b.validFromMs) || 0);
}

function readPrice(section: Section): Price {
  const usd = (key: string) => section.number(key, 0, MAX_PRICE_USD, PRICE_DECIMALS);
  const inputPer1k = usd('cost_per_1k_input_tokens') ?? 0;
  const long = section.section('long_context');
  const above = long.integer('above_input_tokens', 0, MAX_TOKENS);
  const factor = (key: string) => long.number(key, 1, 100, 6) ?? 1;
  const factors = { inputFactor: factor('input_factor'), outputFactor: factor('output_factor') };
  if (above === undefined && long.keys().length > 0) long.problem('above_input_tokens', 'is missing');
  return {
    inputPer1k,
    outputPer1k: usd('cost_per_1k_output_tokens') ?? 0,
    cachedInputPer1k: usd('cost_per_1k_cached_input_tokens') ?? inputPer1k,
    cacheWritePer1k: usd('cost_per_1k_cache_write_tokens') ?? inputPer1k,
    longContext: above === undefined ? null : { aboveInputTokens: above, ...factors },
  };
}

/** A date (its start, UTC) or date-time, Unix ms; absent = since ever. */
function readDate(section: Section): number | null {
  const text = section.text('valid_from', 'a date such as 2027-01-31, or a date-time', ISO);
  if (text === undefined) return null;
  const timeMs = Date.parse(text);
  // Date.parse moves the 31st of a shorter month into the next one.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (!Number.isNaN(timeMs) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10))) {
    return timeMs;
  }
  section.problem('valid_from', 'is no date of the calendar');
  return null;
}

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function readSettings(name: ProviderName, section: Section) {
  const seconds = (key: string) => ms(section.number(key, 0.001, 3600));
  if (name === 'local') {
    // What a file for vLLM says to the server itself.
    section.number('gpu_memory_utilization', 0, 1);
    section.integer('tensor_parallel_size', 1, 1024);
  }
  const safety = name === 'google' ? section.section('safety_settings') : null;
  return {
    timeoutMs: seconds('timeout_seconds'),
    maxRetries: section.integer('max_retries', 0, 10),
    connectTimeoutMs: seconds('connect_timeout_seconds'),
    firstTokenTimeoutMs: seconds('first_token_timeout_seconds'),
    responseTimeoutMs: seconds('response_timeout_seconds'),
    idleTimeoutMs: seconds('idle_timeout_seconds'),
    maxConcurrency: section.integer('max_concurrency', 1, 10_000),
    safetySettings: safety && Object.fromEntries(HARMS.map((harm) => [harm, safety.oneOf(harm, THRESHOLDS)])),
  };
}

/** Undefined: the section is not there. An agent or task type may be named without saying anything. */
function readOverrides(root: Section, key: string): Record<string, Override> | undefined {
  const overrides = root.sections(key)?.map(([name, section]) => {
    const override = {
      provider: section.oneOf('provider', PROVIDERS),
      model: section.text('model'),
      temperature: section.number('temperature', 0, 2),
      maxTokens: section.integer('max_tokens', 1, MAX_TOKENS),
    };
    const said = Object.entries(override).filter(([, value]) => value !== undefined);
    return [name, Object.fromEntries(said) as Override] as const;
  });
  return overrides && Object.fromEntries(overrides);
}
