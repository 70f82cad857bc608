/**
 * Owns: the LLM settings of the environment. Does not own: `llm_config.yaml` and the defaults, which fill what is
 * null here.
 */
import { PROVIDERS, type ProviderName } from '../llm/chat.ts';
import type { EnvReader } from './env.ts';
import { baseUrlRule, isBaseUrl, SERVER_TYPES } from './llm-file.ts';

const s = 1000;

export type LlmEnvironment = ReturnType<typeof readLlmEnvironment>;

/** What the environment says; null = not said. */
export function readLlmEnvironment(from: EnvReader, atCwd: (path: string) => string) {
  const secret = (...names: [string, ...string[]]) => from.secret(names)?.value ?? null;
  const seconds = (value: number | null) => value && value * s;
  const baseUrl = (name: string, provider: ProviderName) => {
    const given = from.url(name, null);
    if (given === null || isBaseUrl(provider, new URL(given))) return given;
    from.secretProblem(name, given, `expected ${baseUrlRule(provider)}`);
    return null;
  };
  const provider = (name: string) => PROVIDERS.find((known) => known === (name === 'gemini' ? 'google' : name));
  return {
    testMode: from.boolean('LLM_TEST_MODE', null),
    testScriptPath: from.path('LLM_TEST_SCRIPT', null, 'file', atCwd),
    defaultProvider: from.oneOf('LLM_DEFAULT_PROVIDER', null, PROVIDERS),
    providerOrder: from.list('LLM_PROVIDER_ORDER', null, `a list of ${PROVIDERS.join(', ')}`, provider),
    timeoutMs: seconds(from.integer('LLM_TIMEOUT_S', null, 1, 600)),
    maxRetries: from.integer('LLM_MAX_RETRIES', null, 0, 10),
    retryBaseDelayMs: seconds(from.number('LLM_RETRY_BASE_DELAY_S', null, 0, 600)),
    retryMaxDelayMs: seconds(from.number('LLM_RETRY_MAX_DELAY_S', null, 0, 600)),
    cacheEnabled: from.boolean('LLM_CACHE_ENABLED', null),
    cacheTtlMs: seconds(from.integer('LLM_CACHE_TTL_S', null, 1, 2_592_000)),
    rateLimitPerMinute: from.integer('LLM_RATE_LIMIT_PER_MINUTE', null, 0, 100_000),
    dailyBudgetUsd: from.number('LLM_DAILY_BUDGET_USD', null, 0),
    monthlyBudgetUsd: from.number('LLM_MONTHLY_BUDGET_USD', null, 0),
    budgetAlertPercent: from.integer('LLM_BUDGET_ALERT_PERCENT', null, 1, 100),
    logPrompts: from.boolean('LLM_LOG_PROMPTS', false),
    apiVersion: from.find('ANTHROPIC_API_VERSION')?.value ?? null,
    organizationId: from.find('OPENAI_ORG_ID')?.value ?? null,
    serverType: from.oneOf('LOCAL_LLM_SERVER_TYPE', null, SERVER_TYPES),
    providers: {
      anthropic: { apiKey: secret('ANTHROPIC_API_KEY'), baseUrl: baseUrl('ANTHROPIC_BASE_URL', 'anthropic') },
      openai: { apiKey: secret('OPENAI_API_KEY'), baseUrl: baseUrl('OPENAI_BASE_URL', 'openai') },
      google: { apiKey: secret('GEMINI_API_KEY', 'GOOGLE_API_KEY'), baseUrl: baseUrl('GEMINI_BASE_URL', 'google') },
      local: { apiKey: secret('LOCAL_LLM_API_KEY'), baseUrl: baseUrl('LOCAL_LLM_URL', 'local') },
    },
  };
}
