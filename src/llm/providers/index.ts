/** The providers that are configured. */
import { Fault } from '../../errors.ts';
import type { ProviderName } from '../chat.ts';
import type { Provider } from '../provider.ts';
import type { LlmSettings, ProviderSettings } from '../settings.ts';
import { createAnthropicProvider } from './anthropic.ts';
import { createGoogleProvider } from './google.ts';
import { createOpenAiProvider } from './openai.ts';
import type { ClosableProvider } from './sdk.ts';

export type Providers = Record<ProviderName, Provider>;

const CREATE: Record<ProviderName, (settings: ProviderSettings) => ClosableProvider> = {
  anthropic: createAnthropicProvider,
  openai: (settings) => createOpenAiProvider('openai', settings),
  google: createGoogleProvider,
  local: (settings) => createOpenAiProvider('local', settings),
};

/**
 * The enabled ones are checked now; sockets are opened and SDKs loaded with the first request that needs them.
 * `close` ends what is under way.
 * @throws Fault INVALID_CONFIGURATION
 */
export function createProviders({ providers }: LlmSettings): { providers: Providers; close(): Promise<void> } {
  const open: ClosableProvider[] = [];
  const provider = (name: ProviderName): Provider => {
    if (!providers[name].enabled) return disabled(name);
    const created = CREATE[name](providers[name]);
    open.push(created);
    return created;
  };
  return {
    providers: {
      anthropic: provider('anthropic'),
      openai: provider('openai'),
      google: provider('google'),
      local: provider('local'),
    },
    async close() {
      await Promise.all(open.map((created) => created.close()));
    },
  };
}

function disabled(name: ProviderName): Provider {
  const refuse = (): never => {
    throw new Fault('INVALID_CONFIGURATION', `providers.${name}: is not enabled`);
  };
  return { complete: async () => refuse(), stream: refuse };
}
