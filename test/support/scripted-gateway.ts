/**
 * A gateway whose candidates are all executed by the test provider, and what reaches it.
 *
 * Owns: a namespace on the run's Redis. Calls go through everything that real ones go through but a socket.
 */
import { Redis } from 'ioredis';
import { Keys } from '../../src/bus/keys.ts';
import { parseConfig } from '../../src/config.ts';
import type { UpstreamEvent } from '../../src/llm/chat.ts';
import { createLlmClient, type LlmClient } from '../../src/llm/client.ts';
import { Gateway } from '../../src/llm/gateway.ts';
import type { Provider, UpstreamRequest } from '../../src/llm/provider.ts';
import { createTestProvider } from '../../src/llm/providers/test.ts';
import type { ScriptRule } from '../../src/llm/providers/test-script.ts';
import type { LlmSettings } from '../../src/llm/settings.ts';

export interface ScriptedGateway {
  gateway: Gateway;
  client: LlmClient;
  keys: Keys;
  /** Requests as they reached the provider. */
  calls: UpstreamRequest[];
}

let namespaces = 0;

export function newKeys(): Keys {
  const namespace = `gateway${process.pid}_${++namespaces}`;
  return new Keys({
    namespace,
    prefix: namespace,
    log: `${namespace}:events`,
    deadLetters: `${namespace}:dlq`,
    idempotence: `${namespace}:processed`,
  });
}

/** The settings as shipped, in test mode, without limits and pauses. */
export function testSettings(change: Partial<LlmSettings> = {}): LlmSettings {
  const parsed = parseConfig({ LLM_TEST_MODE: 'true', LLM_RATE_LIMIT_PER_MINUTE: '0', LLM_RETRY_BASE_DELAY_S: '0' });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return { ...(parsed.config.llm.settings as LlmSettings), ...change };
}

/** Every model has this window, that of test mode too, and no answer is longer than that. */
export function narrowSettings(limits: { contextWindowTokens: number; maxTokens: number }): LlmSettings {
  const { contextWindowTokens } = limits;
  const testLimits = { contextWindowTokens, requestsPerMinute: 0, tokensPerMinute: 0 };
  const settings = testSettings({ testLimits });
  const providers = Object.entries(settings.providers).map(([name, provider]) => {
    const models = Object.entries(provider.models).map(([id, model]) => [id, { ...model, ...limits }]);
    return [name, { ...provider, models: Object.fromEntries(models) }];
  });
  return { ...settings, providers: Object.fromEntries(providers) };
}

export function scriptedGateway(
  redis: Redis,
  script: readonly ScriptRule[] = [],
  { settings = testSettings(), keys = newKeys() }: { settings?: LlmSettings; keys?: Keys } = {},
): ScriptedGateway {
  const calls: UpstreamRequest[] = [];
  const provider = createTestProvider(script);
  const recording: Provider = {
    complete(request, hooks) {
      calls.push(request);
      return provider.complete(request, hooks);
    },
    async *stream(request, hooks): AsyncGenerator<UpstreamEvent> {
      calls.push(request);
      yield* provider.stream(request, hooks);
    },
  };
  const say = () => {};
  const gateway = new Gateway({
    settings,
    redis,
    keys,
    providerOf: () => recording,
    log: { debug: say, info: say, warn: say, error: say },
    onAlert: async () => {},
  });
  return { gateway, client: createLlmClient(gateway), keys, calls };
}

export const connectTo = (socketPath: string): Redis => new Redis(socketPath);
