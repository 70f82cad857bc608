/**
 * Redis connections.
 *
 * Owns: how the platform connects (time-outs, reconnects, resends). Does not own what is sent.
 * Commands outlive a reconnect: ioredis sends again what was in flight, so every write must be one idempotent
 * call. Blocking reads get a connection each, since nothing else can pass them.
 */
import { Redis, type RedisOptions } from 'ioredis';

/** Where Redis is: a unix socket, a URL, or host and port. */
export interface RedisAddress {
  socketPath?: string;
  url?: string;
  host?: string;
  port?: number;
  db?: number;
  username?: string;
  password?: string;
  tls?: boolean;
}

/** Pause before a Redis that is still loading its data is asked again; its own estimate is whole seconds. */
const LOADING_RETRY_MS = 50;
/** Longest pause between two attempts to reconnect. */
const RECONNECT_MAX_MS = 1_000;
/** A blocking read is given this much longer than its BLOCK before the socket counts as dead. */
const BLOCK_MARGIN_MS = 3_000;

function base(address: RedisAddress): RedisOptions {
  const common: RedisOptions = {
    maxRetriesPerRequest: null,
    enableAutoPipelining: false,
    maxLoadingRetryTime: LOADING_RETRY_MS,
    retryStrategy: (times) => Math.min(RECONNECT_MAX_MS, 25 * 2 ** Math.min(times, 6)) * (0.5 + Math.random() / 2),
  };
  if (address.socketPath) return { ...common, path: address.socketPath };
  const endpoint: RedisOptions = { ...common };
  if (address.host) endpoint.host = address.host;
  if (address.port) endpoint.port = address.port;
  if (address.db) endpoint.db = address.db;
  if (address.username) endpoint.username = address.username;
  if (address.password) endpoint.password = address.password;
  if (address.tls) endpoint.tls = {};
  return endpoint;
}

function connect(address: RedisAddress, options: RedisOptions): Redis {
  // The mapping keeps replies in the shape that the typed calls promise; RESP3 shapes would be another type.
  const all = { ...base(address), ...options, replyMapping: 'legacy' as const };
  const redis = address.url ? new Redis(address.url, all) : new Redis(all);
  // Without a listener ioredis prints every refused attempt; callers that care listen as well.
  redis.on('error', () => {});
  return redis;
}

/** With these Redis says that it cannot do anything just now: nothing was done, and it may be asked again. */
const NOT_NOW = /^(-?OOM|MISCONF|LOADING|BUSY|READONLY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/;

export function refusesForNow(error: unknown): boolean {
  return NOT_NOW.test(error instanceof Error ? error.message : String(error));
}

/** For commands that answer at once. A command over `commandTimeoutMs` renews the connection. */
export function connectForCommands(address: RedisAddress, commandTimeoutMs: number): Redis {
  return connect(address, { socketTimeout: commandTimeoutMs });
}

/** For requests of people, who are told after `commandTimeoutMs` that Redis does not answer. */
export function connectForRequests(address: RedisAddress, commandTimeoutMs: number): Redis {
  return connect(address, { commandTimeout: commandTimeoutMs, maxRetriesPerRequest: 1 });
}

/**
 * For one member of a consumer group. What was being read when the connection broke is not asked for again and never
 * settles: it would block the new connection, while what the lost reply delivered has to be looked up first.
 */
export function connectForDeliveries(address: RedisAddress, blockMs: number): Redis {
  return connect(address, { socketTimeout: blockMs + BLOCK_MARGIN_MS, autoResendUnfulfilledCommands: false });
}

/** For one reader that blocks up to `blockMs` at a time. */
export function connectForReading(address: RedisAddress, blockMs: number): Redis {
  return connect(address, { socketTimeout: blockMs + BLOCK_MARGIN_MS });
}
