/**
 * The settings of the gateway as its parts read them.
 *
 * Owns: the shape, and what follows from it by itself. Does not own where they come from (`src/config/llm-settings.ts`: environment > file > default).
 * Plain data: it is cloned into the threads.
 */
import type { LogLevel } from '../log.ts';
import type { ProviderName } from './chat.ts';

/** USD per 1,000 tokens. */
export interface Price {
  inputPer1k: number;
  outputPer1k: number;
  cachedInputPer1k: number;
  cacheWritePer1k: number;
  /** Applies to the whole call when its input is larger. */
  longContext: { aboveInputTokens: number; inputFactor: number; outputFactor: number } | null;
}

export interface ModelSettings {
  /** Upper bound of one answer. */
  maxTokens: number;
  temperature: number | null;
  contextWindowTokens: number;
  supportsVision: boolean;
  supportsTools: boolean;
  supportsSampling: boolean;
  supportsPrefill: boolean;
  supportsForcedTools: boolean;
  reasoningOutsideMaxTokens: boolean;
  maxReasoningTokens: number;
  /** By the time from which each holds, oldest first; null = for ever before. Empty = unpriced. */
  prices: readonly { validFromMs: number | null; price: Price }[];
}

export interface ProviderSettings {
  enabled: boolean;
  apiKey: string | null;
  /** Without a slash at the end; null only for a local server that is not configured. */
  baseUrl: string | null;
  /** anthropic only. */
  apiVersion: string | null;
  /** openai only. */
  organizationId: string | null;
  serverType: string | null;
  /** A key of `models` or `aliases`; empty if there are no models: then the provider is not configured. */
  defaultModel: string;
  /** In the file's order. */
  models: Readonly<Record<string, ModelSettings>>;
  /** Old id -> id in `models`. */
  aliases: Readonly<Record<string, string>>;
  timeoutMs: number;
  maxRetries: number;
  connectTimeoutMs: number;
  firstTokenTimeoutMs: number;
  responseTimeoutMs: number;
  idleTimeoutMs: number;
  maxConcurrency: number;
  /** google only: `HARM_CATEGORY_…` short names -> threshold. */
  safetySettings: Readonly<Record<string, string>>;
}

/** What an agent or a task type says instead of the defaults. */
export interface Override {
  provider?: ProviderName;
  model?: string;
  temperature?: number;
  maxTokens?: number;
}

export interface LlmSettings {
  /** Every candidate is executed by the test provider; no socket is opened. */
  testMode: boolean;
  testScriptPath: string | null;
  logPrompts: boolean;
  defaultProvider: ProviderName;
  fallbackOrder: readonly ProviderName[];
  timeoutMs: number;
  retryBaseDelayMs: number;
  retryMaxDelayMs: number;
  cacheEnabled: boolean;
  cacheTtlMs: number;
  cacheMaxBytes: number;
  defaultTemperature: number;
  defaultMaxTokens: number;
  /** One line per call, without content. */
  loggingEnabled: boolean;
  logLevel: LogLevel;
  /** In the file's order. */
  providers: Readonly<Record<ProviderName, ProviderSettings>>;
  /** Of `test-1`; empty = 0, and not flagged. */
  testPrices: ModelSettings['prices'];
  /** Of `test-1`, which stands in for every model: the windows and rate limits of those are not its own. 0 per minute = off. */
  testLimits: { contextWindowTokens: number; requestsPerMinute: number; tokensPerMinute: number };
  agentOverrides: Readonly<Record<string, Override>>;
  taskTypeOverrides: Readonly<Record<string, Override>>;
  rateLimiting: {
    enabled: boolean;
    /** 0 = off. */
    providers: Readonly<Record<ProviderName, RateLimits>>;
  };
  costs: {
    /** False: no budgets and no alerts; usage is counted all the same. */
    enabled: boolean;
    /** USD; 0 = none. */
    dailyBudgetUsd: number;
    monthlyBudgetUsd: number;
    projectBudgetUsd: number;
    agentDailyBudgetsUsd: Readonly<Record<string, number>>;
    alertAtPercentage: number;
    /** False merges the dimension into `-`. */
    trackByAgent: boolean;
    trackByTaskType: boolean;
    trackByProject: boolean;
  };
}

/** Who answers in test mode. */
export const TEST_PROVIDER = 'test';
export const TEST_MODEL = 'test-1';

export interface RateLimits {
  requestsPerMinute: number;
  tokensPerMinute: number;
}

/** 0 = off. */
export function rateLimitsOf(settings: LlmSettings, provider: ProviderName): RateLimits {
  const { rateLimiting, testMode, testLimits } = settings;
  if (!rateLimiting.enabled) return { requestsPerMinute: 0, tokensPerMinute: 0 };
  const { requestsPerMinute, tokensPerMinute } = testMode ? testLimits : rateLimiting.providers[provider];
  return { requestsPerMinute, tokensPerMinute };
}

/** Tokens of input and answer together, of whoever executes calls to the model. */
export const windowTokensOf = ({ testMode, testLimits }: LlmSettings, model: ModelSettings): number =>
  testMode ? testLimits.contextWindowTokens : model.contextWindowTokens;

/** How long a whole request may take whose resolved provider this is. */
export function requestTimeoutMs({ timeoutMs, providers }: LlmSettings, provider: ProviderName): number {
  return Math.max(timeoutMs, providers[provider].timeoutMs);
}
