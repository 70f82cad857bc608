/**
 * Names of the keys that the gateway keeps.
 *
 * Owns: names. All are under the platform's prefix and carry its hash tag, so one script may touch them together (I12).
 */
import type { Keys } from '../../bus/keys.ts';

/** In the place of a model: the breaker of the provider as a whole. No model is called that. */
const WHOLE_PROVIDER = '*';

export const rateKey = (keys: Keys, provider: string): string => keys.under(`llm:rate:${provider}`);
export const breakerKey = (keys: Keys, provider: string, model: string): string =>
  keys.under(`llm:breaker:${provider}:${model}`);
export const providerBreakerKey = (keys: Keys, provider: string): string => breakerKey(keys, provider, WHOLE_PROVIDER);
export const budgetKey = (keys: Keys, scope: string): string => keys.under(`llm:budget:${scope}`);
/** @param day `yyyy-mm-dd` */
export const ledgerKey = (keys: Keys, day: string): string => keys.under(`llm:usage:${day}`);
export const reservationsKey = (keys: Keys): string => keys.under('llm:reservations');
/** Marks of calls that settled something without a reservation. */
export const settledKey = (keys: Keys): string => keys.under('llm:settled');
export const cacheKey = (keys: Keys, sha256: string): string => keys.under(`llm:cache:${sha256}`);
export const cacheIndexKey = (keys: Keys): string => keys.under('llm:cache:index');
export const flightKey = (keys: Keys, sha256: string): string => keys.under(`llm:flight:${sha256}`);
