/**
 * Owns: the LLM settings of the environment. Does not own: `llm_config.yaml` and the defaults, which fill what is
 * null here (environment > file > default).
 */
import type { EnvReader, Machine } from './env.ts';

const providers = ['anthropic', 'openai', 'google', 'local'] as const;
const s = 1000;

/** What the environment says; null = not said, so the file or the default decides. */
export function readLlm(from: EnvReader, machine: Machine, atCwd: (path: string) => string) {
  const secret = (...names: [string, ...string[]]) => from.secret(names)?.value ?? null;
  const present = ['config/llm_config.yaml', 'llm_config.yaml'].find(
    (path) => !machine.problemWith(atCwd(path), 'file'),
  );
  const seconds = (value: number | null) => value && value * s;
  const provider = (name: string) => providers.find((known) => known === (name === 'gemini' ? 'google' : name));
  return {
    /** `llm_config.yaml`, null = built-in defaults. */
    configPath: from.path('LLM_CONFIG_PATH', present ?? null, 'file', atCwd),
    testMode: from.boolean('LLM_TEST_MODE', null),
    testScriptPath: from.path('LLM_TEST_SCRIPT', null, 'file', atCwd),
    defaultProvider: from.oneOf('LLM_DEFAULT_PROVIDER', null, providers),
    providerOrder: from.list('LLM_PROVIDER_ORDER', null, `a list of ${providers.join(', ')}`, provider),
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
    /** Null = the gateway in this process. */
    gatewayUrl: from.url('LLM_GATEWAY_URL', null),
    logPrompts: from.boolean('LLM_LOG_PROMPTS', false),
    providers: {
      anthropic: {
        apiKey: secret('ANTHROPIC_API_KEY'),
        baseUrl: from.url('ANTHROPIC_BASE_URL', null),
        apiVersion: from.find('ANTHROPIC_API_VERSION')?.value ?? null,
      },
      openai: {
        apiKey: secret('OPENAI_API_KEY'),
        baseUrl: from.url('OPENAI_BASE_URL', null),
        organizationId: from.find('OPENAI_ORG_ID')?.value ?? null,
      },
      google: { apiKey: secret('GEMINI_API_KEY', 'GOOGLE_API_KEY'), baseUrl: from.url('GEMINI_BASE_URL', null) },
      local: {
        apiKey: secret('LOCAL_LLM_API_KEY'),
        baseUrl: from.url('LOCAL_LLM_URL', null),
        serverType: from.oneOf('LOCAL_LLM_SERVER_TYPE', null, [
          'ollama',
          'localai',
          'lmstudio',
          'vllm',
          'openai_compatible',
        ]),
      },
    },
  };
}
