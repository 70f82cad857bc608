/**
 * Owns: every setting of the process, read once from the environment, checked as a whole, frozen.
 * Does not own: `llm_config.yaml`, which is read and laid under `llm` elsewhere (environment > file > default).
 * The only reader of `process.env`. Keeps I11: all problems at once, before any port or connection is opened.
 */

import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import type { RedisAddress } from './bus/connection.ts';
import { parseApiKeys } from './config/api-keys.ts';
import { parseCliConfig } from './config/cli.ts';
import { type Environment, EnvReader, type Machine } from './config/env.ts';
import { readLlm } from './config/llm.ts';
import { thisMachine } from './config/machine.ts';
import { LOG_LEVELS } from './log.ts';

/** Settings by part; durations in ms whatever the variable's unit. Plain data: it may be cloned to threads. */
export type Config = Frozen<ReturnType<typeof read>>;

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export type ParsedConfig = { config: Config } | { problems: readonly string[] };

/** `EX_CONFIG` of sysexits.h. */
const exitCodeInvalid = 78;

/** The settings of this process; if they are not valid, tells why on stderr and exits with 78. */
export function loadConfig(knownRoles?: readonly string[]): Config {
  const parsed = parseConfig(process.env, { knownRoles });
  if ('config' in parsed) return parsed.config;
  const { problems } = parsed;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  process.stderr.write(`Invalid configuration, ${count}:\n${problems.map((problem) => `  ${problem}\n`).join('')}`);
  process.exit(exitCodeInvalid);
}

/** What the command line takes from the environment, or what is wrong with it. */
export function readCliConfig(): ReturnType<typeof parseCliConfig> {
  return parseCliConfig(process.env, thisMachine());
}

/** Pure but for what `machine` looks at. Without `knownRoles` any role name is accepted. */
export function parseConfig(
  env: Environment,
  { machine = thisMachine(), knownRoles }: { machine?: Machine; knownRoles?: readonly string[] | undefined } = {},
): ParsedConfig {
  const reader = new EnvReader(env, machine);
  const config = read(reader, env, machine, knownRoles);
  crossCheck(reader, config);
  return reader.problems.length > 0 ? { problems: reader.problems } : { config: freeze(config) };
}

const keyPattern = /^[A-Za-z0-9_.:{}-]{1,64}$/;
const keyExpected = '1 to 64 characters of A-Z a-z 0-9 _ . : { } -';
const loopback = ['127.0.0.1', '::1', 'localhost'];
const s = 1000;

function read(from: EnvReader, env: Environment, machine: Machine, knownRoles: readonly string[] | undefined) {
  const atCwd = (path: string) => resolve(machine.cwd, path);
  const orNull = (value: string | undefined) => value || null;
  const key = (name: string, fallback: string) => from.text(name, fallback, keyExpected, keyPattern);
  const prefix = (names: [string, ...string[]], fallback: string) => {
    const expected = `${keyExpected}, not only colons`;
    return from.text(names, fallback, expected, /^(?=.*[^:])[A-Za-z0-9_.:{}-]{1,64}$/).replace(/^:+|:+$/g, '');
  };

  const storageDir = from.path('STORAGE_DIR', './storage', 'writable folder', atCwd);
  const namespace = prefix(['NAMESPACE', 'APP_NAMESPACE'], 'audit');
  const ordersPrefix = key('ORDERS_PREFIX', `${namespace}:orders`);
  const apiKeys = readApiKeys(from);
  const redis = readRedis(from);
  const instance = `${machine.hostName.replace(/[^A-Za-z0-9._-]/g, '-')}-${machine.pid}`.slice(-100);

  return {
    process: {
      threads: from.integer('THREADS', Math.min(Math.max(machine.cores - 1, 1), 256), 1, 256),
      /** Null = all. */
      roles: readRoles(from, knownRoles),
      instanceId: from.text(
        ['INSTANCE_ID', 'HOSTNAME'],
        instance,
        '1 to 100 characters of A-Z a-z 0-9 . _ -',
        /^[A-Za-z0-9._-]{1,100}$/,
      ),
      logLevel: from.oneOf('LOG_LEVEL', 'INFO', LOG_LEVELS),
      shutdownGraceMs: from.integer('SHUTDOWN_GRACE_MS', 10_000, 0, 600_000),
      restartLimitPerMinute: from.integer('RESTART_LIMIT', 5, 0, 100),
      threadMaxHeapMb: from.integer('THREAD_MAX_HEAP_MB', 512, 64, 16_384),
      schemaDir: from.path('SCHEMA_BASE_DIR', join(machine.packageDir, 'schemas'), 'folder', atCwd),
    },
    http: {
      host: from.text('HOST', '127.0.0.1', 'an IP address or host name', isHost),
      apiPort: from.integer(['API_PORT', 'PORT'], 3000, 0, 65_535),
      llmGatewayPort: from.integer('LLM_GATEWAY_PORT', 8000, 0, 65_535),
      orderIntakePort: from.integer('ORDER_INTAKE_PORT', 8080, 0, 65_535),
      /** None = authentication is off. */
      apiKeys,
      corsOrigins: from.list('CORS_ORIGINS', [], 'origins such as https://app.example, and no *', (text) =>
        URL.parse(text)?.origin === text && /^https?:/.test(text) ? text : undefined,
      ),
      /** Proxies in front of the servers. */
      trustedProxies: from.integer('TRUST_PROXY', 0, 0, 10),
      /** Writes per key or IP; 0 = off. Reads get six times as many. */
      rateLimitPerMinute: from.integer('RATE_LIMIT_PER_MINUTE', 100, 0, 100_000),
      orderRateLimitPerMinute: from.integer('ORDER_RATE_LIMIT_PER_MINUTE', 30, 0, 100_000),
      maxBodyBytes: from.integer('HTTP_MAX_BODY_BYTES', 1_048_576, 1024, 67_108_864),
      maxUploadBytes: from.integer('HTTP_MAX_UPLOAD_BYTES', 10_485_760, 1024, 1_073_741_824),
      waitMs: from.integer('HTTP_WAIT_MS', 2000, 0, 30_000),
      requestTimeoutMs: from.integer('HTTP_REQUEST_TIMEOUT_MS', 30_000, 1000, 600_000),
    },
    redis: {
      /** Null = the embedded server. */
      address: redis,
      commandTimeoutMs: from.integer('REDIS_COMMAND_TIMEOUT_MS', 5000, 100, 60_000),
      embedded: {
        dataDir: join(storageDir, 'redis'),
        binary: from.path('EMBEDDED_REDIS_BIN', null, 'program', atCwd),
        searchPath: env.PATH ?? '',
        cacheDirs: [
          join(orNull(env.XDG_CACHE_HOME) ?? join(machine.homeDir, '.cache'), 'devteam'),
          join(storageDir, 'cache'),
        ],
      },
    },
    bus: {
      namespace,
      keyPrefix: prefix(['KEY_PREFIX'], namespace),
      logStream: key('STREAM_NAME', `${namespace}:events`),
      dlqStream: key('DLQ_STREAM', `${namespace}:dlq`),
      tracePrefix: key('TRACE_PREFIX', `${namespace}:trace`),
      metricsPrefix: key('METRICS_PREFIX', `${namespace}:metrics`),
      idempotencePrefix: key('IDEMPOTENCE_PREFIX', `${namespace}:processed`),
      ordersPrefix,
      validationSetKey: key('VALIDATION_SET_KEY', `${ordersPrefix}:pending_validation`),
      blockMs: from.integer(['BLOCK_MS', 'XREAD_BLOCK_MS'], 2000, 10, 60_000),
      readCount: from.integer('READ_COUNT', 64, 1, 1000),
      idleReclaimMs: from.integer(['IDLE_RECLAIM_MS', 'PENDING_RECLAIM_MIN_IDLE_MS'], 60_000, 100, 3_600_000),
      reclaimCount: from.integer('PENDING_RECLAIM_COUNT', 50, 1, 1000),
      nodeLeaseMs: from.integer('NODE_LEASE_MS', 1500, 500, 600_000),
      maxAttempts: from.integer('MAX_ATTEMPTS', 5, 1, 100),
      retryBaseMs: from.integer('RETRY_BASE_MS', 500, 1, 3_600_000),
      retryMaxMs: from.integer('RETRY_MAX_MS', 60_000, 1, 3_600_000),
      dedupeTtlMs: from.integer(['DEDUPE_TTL_SECONDS', 'IDEMPOTENCE_TTL_S'], 86_400, 60, 31_536_000) * s,
      lockTtlMs: from.integer('LOCK_TTL_S', 120, 1, 3600) * s,
      maxEventBytes: from.integer('MAX_EVENT_BYTES', 4_194_304, 1024, 67_108_864),
    },
    orchestration: {
      planner: from.oneOf('PLANNER', 'rules', ['rules', 'llm']),
      workerTimeoutMs: from.integer('WORKER_TIMEOUT_S', 300, 1, 3600) * s,
      dodMaxMinutes: from.integer('DOD_MAX_MINUTES', 480, 1, 1_000_000),
      ingestMaxRows: from.integer('INGEST_MAX_ROWS', 100_000, 1, 100_000),
    },
    storage: {
      dir: storageDir,
      ledgerDir: from.path('LEDGER_DIR', join(storageDir, 'audit_log'), 'writable folder', atCwd),
      artifactTtlMs: from.integer('ARTIFACT_TTL_S', 604_800, 60, 315_360_000) * s,
      exportLockTtlMs: from.integer('EXPORT_LOCK_TTL_MS', 120_000, 1000, 3_600_000),
      /** 0 = for ever. */
      logRetentionDays: from.integer('LOG_RETENTION_DAYS', 0, 0, 3650),
      dlqMaxEntries: from.integer('DLQ_MAX_ENTRIES', 10_000, 100, 10_000_000),
      logsMaxEntries: from.integer('LOGS_MAX_ENTRIES', 100_000, 100, 10_000_000),
      traceMaxEntries: from.integer('TRACE_MAX_ENTRIES', 10_000, 100, 10_000_000),
      /** 0 = off. */
      dlqAlertPerHour: from.integer('DLQ_ALERT_PER_HOUR', 10, 0, 1_000_000),
    },
    llm: readLlm(from, env, machine, atCwd),
    /** Texts that appear in no log, error, event or response. */
    secrets: from.secrets,
  };
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(text);
}

function readRoles(from: EnvReader, known: readonly string[] | undefined): string[] | null {
  const expected = known ? `all, or a list of ${known.join(', ')}` : 'all, or a list of roles';
  const roles = from.list('ROLES', null, expected, (role) =>
    role === 'all' || (known ? known.includes(role) : /^[a-z][a-z0-9_]*$/.test(role)) ? role : undefined,
  );
  return roles === null || roles.includes('all') ? null : [...new Set(roles)];
}

function readApiKeys(from: EnvReader) {
  const found = from.secret('API_KEYS');
  if (!found) return [];
  const { keys, problems } = parseApiKeys(found.value);
  for (const problem of problems) from.secretProblem(found.name, found.value, problem);
  from.secrets.push(...keys.map(({ sha256 }) => sha256));
  return keys;
}

function readRedis(from: EnvReader): RedisAddress | null {
  const url = from.secret('REDIS_URL');
  const host = from.find('REDIS_HOST');
  const address: RedisAddress = {
    host: host?.value ?? '',
    port: from.integer('REDIS_PORT', 6379, 1, 65_535),
    db: from.integer('REDIS_DB', 0, 0, 15),
    tls: from.boolean('REDIS_TLS', false),
  };
  const username = from.find('REDIS_USERNAME');
  const password = from.secret('REDIS_PASSWORD');
  if (username) address.username = username.value;
  if (password) address.password = password.value;
  if (!url) return host ? address : null;

  const parsed = URL.parse(url.value);
  if (!parsed?.hostname || !/^rediss?:$/.test(parsed.protocol)) {
    const expected = 'expected a URL redis:// or rediss://';
    // Only an address that surely holds no password may be shown.
    if (/^[a-z]+:\/\/[\w.-]+(:\d+)?$/.test(url.value)) from.problem(url.name, url.value, expected);
    else from.secretProblem(url.name, url.value, expected);
  }
  if (parsed?.password) from.secrets.push(parsed.password, decode(parsed.password));
  else from.secrets.splice(from.secrets.indexOf(url.value), 1);
  return { url: url.value };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function crossCheck(from: EnvReader, { http, bus }: ReturnType<typeof read>): void {
  if (!loopback.includes(http.host) && !from.find('API_KEYS') && !from.find('API_KEYS_FILE')) {
    from.problem('HOST', http.host, 'without API_KEYS the server binds only to 127.0.0.1, ::1 or localhost');
  }
  const ports = Object.entries({
    API_PORT: http.apiPort,
    LLM_GATEWAY_PORT: http.llmGatewayPort,
    ORDER_INTAKE_PORT: http.orderIntakePort,
  });
  for (const [index, [name, port]] of ports.entries()) {
    const other = ports.slice(0, index).find(([, earlier]) => port !== 0 && earlier === port);
    if (other) from.problem(name, port, `${other[0]} is the same; the three ports must differ`);
  }

  if (bus.retryBaseMs > bus.retryMaxMs) {
    from.problem('RETRY_BASE_MS', bus.retryBaseMs, `must not exceed RETRY_MAX_MS (${bus.retryMaxMs})`);
  }

  const tag = hashTag(bus.namespace);
  const prefixes = {
    KEY_PREFIX: bus.keyPrefix,
    STREAM_NAME: bus.logStream,
    DLQ_STREAM: bus.dlqStream,
    TRACE_PREFIX: bus.tracePrefix,
    METRICS_PREFIX: bus.metricsPrefix,
    IDEMPOTENCE_PREFIX: bus.idempotencePrefix,
    ORDERS_PREFIX: bus.ordersPrefix,
    VALIDATION_SET_KEY: bus.validationSetKey,
  };
  for (const [name, value] of Object.entries(prefixes)) {
    if (hashTag(value) === tag) continue;
    const wanted = tag === null ? 'no hash tag, as NAMESPACE has none' : `the hash tag {${tag}} of NAMESPACE`;
    from.problem(name, value, `must carry ${wanted}`);
  }
}

/** What Redis Cluster hashes instead of the whole key: the text between the first `{` and the next `}`. */
function hashTag(key: string): string | null {
  return /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? null;
}

function freeze<T>(value: T): Frozen<T> {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value as Frozen<T>;
}
