/** The runtime's settings out of the configuration. */
import { ROLES } from '../../schemas/catalog.ts';
import type { RedisAddress } from '../bus/connection.ts';
import type { Config } from '../config.ts';
import type { RuntimeSettings } from './messages.ts';

/** What the threads load and what is handed to it. */
export interface Composition {
  /** URL of a module with `createActors` and `createTools`. */
  actorsModule: string;
  actorsSettings: unknown;
  /** Roles that the module has actors for, and the validator. */
  roles: readonly string[];
}

/** Well above any pause of a sound thread: its slowest turn takes milliseconds, a full collection under a second. */
const HUNG_AFTER_MS = 10_000;

export function runtimeSettings(config: Config, address: RedisAddress, composition: Composition): RuntimeSettings {
  const { roles, ...module } = composition;
  const { bus, process: own, storage } = config;
  return {
    instanceId: own.instanceId,
    address,
    commandTimeoutMs: config.redis.commandTimeoutMs,
    keyNames: {
      namespace: bus.namespace,
      prefix: bus.keyPrefix,
      log: bus.logStream,
      deadLetters: bus.dlqStream,
      idempotence: bus.idempotencePrefix,
      orders: bus.ordersPrefix,
      pendingOrders: bus.validationSetKey,
    },
    schemaDirectory: own.schemaDir,
    roles: ROLES.filter((role) => roles.includes(role) && (own.roles === null || own.roles.includes(role))),
    threads: own.threads,
    threadMaxHeapMb: own.threadMaxHeapMb,
    restartLimitPerMinute: own.restartLimitPerMinute,
    shutdownGraceMs: own.shutdownGraceMs,
    blockMs: bus.blockMs,
    readCount: bus.readCount,
    nodeLeaseMs: bus.nodeLeaseMs,
    idleReclaimMs: bus.idleReclaimMs,
    reclaimCount: bus.reclaimCount,
    maxAttempts: bus.maxAttempts,
    retryBaseMs: bus.retryBaseMs,
    retryMaxMs: bus.retryMaxMs,
    rememberSeconds: bus.dedupeTtlMs / 1000,
    maxEventBytes: bus.maxEventBytes,
    deadLettersMax: storage.dlqMaxEntries,
    effectDeadlineMs: config.orchestration.workerTimeoutMs,
    hungAfterMs: HUNG_AFTER_MS,
    ...module,
    secrets: config.secrets,
    logLevel: own.logLevel,
  };
}
