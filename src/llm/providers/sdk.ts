/** What all SDKs are told: the router owns retries and time, and content stays out of logs. */
import type { Provider } from '../provider.ts';

/** The longest that a timer takes: 24.8 days. */
const NEVER_MS = 2 ** 31 - 1;

export const SDK_OPTIONS = { maxRetries: 0, timeout: NEVER_MS, logLevel: 'off' } as const;

/** A provider with connections of its own. */
export interface ClosableProvider extends Provider {
  /** Ends what is under way. */
  close(): Promise<void>;
}
