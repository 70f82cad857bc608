/**
 * A gateway out of its parts, for the main thread and for every worker thread.
 *
 * Owns: who executes candidates (their adapters, or the test provider for all of them), what a budget alert says, and
 * the clearing of reservations that nobody settled.
 */

import type { Redis } from 'ioredis';
import type { Envelope } from '../../schemas/types.ts';
import type { Keys } from '../bus/keys.ts';
import type { ServiceLog } from '../log.ts';
import { deriveId } from '../runtime/ids.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { BudgetAlert } from './accounts/shapes.ts';
import { resetsAt, spentPercentage } from './budgets.ts';
import { Gateway } from './gateway.ts';
import type { LlmMetrics } from './metrics.ts';
import { NANO_PER_USD } from './pricing.ts';
import { createProviders } from './providers/index.ts';
import { createTestProvider } from './providers/test.ts';
import { readScript } from './providers/test-script.ts';
import type { LlmSettings } from './settings.ts';

/** Ids of alerts are derived in here, so that one alert has one id whoever sends it. */
const ALERTS = 'b1b7f0de-93a4-4d58-8a0b-2f6b1a1f6f0c';
const SWEEP_MS = 5_000;

export interface GatewayDeps {
  settings: LlmSettings;
  redis: Redis;
  keys: Keys;
  log: ServiceLog;
  /** Process and thread, `<INSTANCE_ID>/<thread>`: who alerts come from. */
  instance: string;
  metrics?: LlmMetrics;
}

export interface OwnedGateway {
  gateway: Gateway;
  /** Closes the connections to providers. */
  close(): Promise<void>;
}

/** @throws Fault INVALID_CONFIGURATION for a script that cannot be read, or an address that must not be used */
export function createGateway({ settings, redis, keys, log, instance, metrics }: GatewayDeps): OwnedGateway {
  const { testMode, testScriptPath } = settings;
  const executors = testMode ? null : createProviders(settings);
  const test = testMode ? createTestProvider(testScriptPath === null ? [] : readScript(testScriptPath)) : null;
  const gateway = new Gateway({
    settings,
    redis,
    keys,
    log,
    ...(metrics && { metrics }),
    providerOf: (name) => test ?? (executors as NonNullable<typeof executors>).providers[name],
    onAlert: async (alert, accounts) => {
      const event = alertEvent(alert, instance, Date.now());
      if (await accounts.sendAlert(alert, JSON.stringify(event))) {
        const { scope, percentage, spent_usd, limit_usd } = event.payload;
        const what =
          alert.threshold === 100 ? 'is too small for a call, which was refused' : `is spent to ${percentage} %`;
        log.warn(`LLM budget ${scope} ${what}`, { scope, spent_usd, limit_usd });
      }
    },
  });
  return { gateway, close: async () => executors?.close() };
}

function alertEvent(alert: BudgetAlert, instance: string, nowMs: number): Envelope<'LLM.BUDGET_ALERT'> {
  const { scope, threshold, limitNanoUsd, spentNanoUsd } = alert;
  const id = deriveId(ALERTS, `${scope} ${threshold}`);
  return {
    event_id: id,
    event_type: 'LLM.BUDGET_ALERT',
    event_version: 1,
    timestamp: new Date(nowMs).toISOString(),
    source: 'llm_gateway',
    instance,
    correlation_id: id,
    causation_id: null,
    payload: {
      scope,
      limit_usd: limitNanoUsd / NANO_PER_USD,
      spent_usd: spentNanoUsd / NANO_PER_USD,
      percentage: spentPercentage(alert),
      resets_at: resetsAt(scope, nowMs),
    },
  };
}

/** Settles, now and then, what processes that died have reserved. Returns what ends it. */
export function sweepLostReservations(accounts: Accounts, log: ServiceLog): () => void {
  const sweep = () =>
    accounts.sweepLost().then(
      (count) => count > 0 && log.warn(`${count} LLM calls of processes that died are settled in full`, { count }),
      (error) => log.debug('lost LLM calls could not be looked for', { error }),
    );
  const interval = setInterval(() => void sweep(), SWEEP_MS);
  void sweep();
  return () => clearInterval(interval);
}
