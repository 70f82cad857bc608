/**
 * The process: configuration, Redis, the node, its HTTP surfaces, and a clean end.
 *
 * Owns: the order of all that, signals and exit codes (0 after a drain, 1 when it cannot go on, 78 for an invalid
 * configuration). Nothing is bound or connected before the configuration is known to be valid.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { GROUPS, ROLES } from '../schemas/catalog.ts';
import { connectForReading, connectForRequests, type RedisAddress } from './bus/connection.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './bus/embedded-redis.ts';
import { compositionSettings, createActors, teams } from './composition.ts';
import { type Config, loadConfig } from './config.ts';
import { createDocumentReader } from './documents/document-reader.ts';
import { Fault } from './errors.ts';
import type { HttpApp, RequestLog } from './http/exchange.ts';
import { IncomingFiles } from './http/incoming-files.ts';
import { createLlmApp } from './http/llm-app.ts';
import { HttpMetrics } from './http/metrics.ts';
import { createOrderApp } from './http/order-app.ts';
import { createProjectApp } from './http/project-app.ts';
import { type ServeOptions, serveApp } from './http/serve.ts';
import { PROVIDERS } from './llm/chat.ts';
import { createGateway, sweepLostReservations } from './llm/create-gateway.ts';
import { LlmMetrics } from './llm/metrics.ts';
import { createLog, type Log } from './log.ts';
import { registerRuntimeMetrics } from './runtime/metrics.ts';
import { PlatformNode } from './runtime/node.ts';
import { runtimeSettings } from './runtime/settings.ts';
import { runtimeView } from './runtime/view.ts';
import { createActivityReader } from './store/activity-reader.ts';
import { archiveLog } from './store/archive.ts';
import { Artifacts } from './store/artifacts.ts';
import { watchDeadLetters } from './store/dead-letter-alert.ts';
import { DeadLetters } from './store/dead-letters.ts';
import { keepLogs } from './store/log-sink.ts';
import { OrderExports } from './store/order-exports.ts';
import { sweepOrderFiles } from './store/order-retention.ts';
import { ProjectFiles } from './store/project-files.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
/** Uploads may take four times as long as other requests. */
const UPLOAD_FACTOR = 4;
const DAY_MS = 86_400_000;
const ARCHIVE_EVERY_MS = 3_600_000;
const SWEEP_EVERY_MS = 3_600_000;
/** At the end, for what calls that are cut off have cost; settlements give up after 15 s themselves. */
const SETTLE_WITHIN_MS = 20_000;

const config = loadConfig(ROLES);
const log = createLog({ level: config.process.logLevel, secrets: config.secrets });
const say = log.for('main');
const closing: (() => Promise<void> | void)[] = [];
let draining = false;

/** Ends what was started, last first, then the process. */
async function end(exitCode: number): Promise<never> {
  for (const close of closing.toReversed()) {
    try {
      await close();
    } catch (error) {
      say.error('could not close', { error });
    }
  }
  say.info('ended');
  process.exit(exitCode);
}

function stop(signal: string): void {
  if (draining) {
    say.warn(`${signal} again: ending at once, work in progress is taken up at the next start`);
    process.exit(130);
  }
  draining = true;
  say.info(`${signal}: draining, at most ${config.process.shutdownGraceMs / 1000} s`);
  void end(0);
}

function giveUp(message: string, metadata: Record<string, unknown> = {}): void {
  if (draining) return;
  draining = true;
  say.error(message, metadata);
  void end(1);
}

async function redisAddress(settings: Config, output: Log): Promise<RedisAddress> {
  if (settings.redis.address) return settings.redis.address;
  const redis: EmbeddedRedis = await startEmbeddedRedis({
    ...settings.redis.embedded,
    log: (message) => output.for('redis').info(message),
  });
  closing.push(() => redis.stop());
  redis.onUnexpectedExit(({ reason, recovered }) => {
    if (recovered) output.for('redis').warn(`Redis was restarted: ${reason}`);
    else giveUp(`Redis ended and could not be restarted: ${reason}`);
  });
  return { socketPath: redis.socketPath };
}

/** Once an hour, when the configuration limits how long the log is kept. */
function keepArchiving(node: PlatformNode): void {
  const { logRetentionDays, dir } = config.storage;
  if (logRetentionDays === 0) return;
  const options = {
    redis: node.redis,
    keys: node.keys,
    gateGroup: GROUPS.validator,
    directory: join(dir, 'archive'),
    retentionMs: logRetentionDays * DAY_MS,
    lockTtlMs: config.bus.lockTtlMs,
  };
  const run = () =>
    archiveLog(options).then(
      (count) => count > 0 && say.info(`${count} log entries moved to the archive`),
      (error) => say.error('the log could not be archived', { error }),
    );
  const interval = setInterval(() => void run(), ARCHIVE_EVERY_MS);
  closing.push(() => clearInterval(interval));
  void run();
}

/** Every hour, or as often as files may go. */
function keepOrderFiles(node: PlatformNode, artifacts: Artifacts): void {
  const { redis, keys } = node;
  const { dir: storageDir, artifactTtlMs: retentionMs, exportLockTtlMs } = config.storage;
  const { lockTtlMs } = config.bus;
  const exports = new OrderExports({ redis, keys, storageDir, lockTtlMs: exportLockTtlMs });
  const run = () =>
    sweepOrderFiles({ redis, keys, artifacts, exports, retentionMs, lockTtlMs }).then(
      (count) => count > 0 && say.info(`the files of ${count} orders have been kept long enough and are removed`),
      (error) => say.error('the files of old orders could not be removed', { error }),
    );
  const interval = setInterval(() => void run(), Math.min(SWEEP_EVERY_MS, retentionMs));
  closing.push(() => clearInterval(interval));
  void run();
}

/** The LLM gateway with a connection of its own, so that no page of a list stands in the way of a call. */
function createLlmSurface(
  address: RedisAddress,
  node: PlatformNode,
  registry: Registry,
  metrics: HttpMetrics,
  httpLog: RequestLog,
) {
  const redis = connectForRequests(address, config.redis.commandTimeoutMs);
  const { gateway, close } = createGateway({
    settings: config.llm.settings,
    redis,
    keys: node.keys,
    log: log.for('llm'),
    instance: `${config.process.instanceId}/0`,
    metrics: new LlmMetrics(registry),
  });
  const stopSweeping = sweepLostReservations(gateway.accounts, log.for('llm'));
  closing.push(async () => {
    stopSweeping();
    await gateway.idle(SETTLE_WITHIN_MS);
    await close();
    redis.disconnect();
  });
  return createLlmApp({
    config,
    redis,
    keys: node.keys,
    validator: node.validator,
    gateway,
    metrics,
    version,
    uptimeSeconds: () => Math.floor(process.uptime()),
    draining: () => draining,
    log: httpLog,
  });
}

/** Opens a surface and sees to its end. Returns its address. @throws Fault that names the variable of a taken port */
async function open(
  variable: string,
  app: HttpApp,
  { port, ...limits }: Pick<ServeOptions, 'port' | 'requestTimeoutMs' | 'requestsPerSocketMax'>,
): Promise<string> {
  const { host } = config.http;
  try {
    const served = await serveApp(app, { host, port, ...limits });
    closing.push(() => served.close(config.process.shutdownGraceMs));
    return `http://${host.includes(':') ? `[${host}]` : host}:${served.port}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const message = `port ${port} is taken: set ${variable} to another one, or 0 for any free one`;
    throw new Fault('INVALID_CONFIGURATION', message, { cause: error });
  }
}

function providersInUse({ llm: { settings } }: Config): string {
  const named = PROVIDERS.filter((name) => {
    const { enabled, apiKey } = settings.providers[name];
    return enabled && (apiKey !== null || name === 'local');
  });
  return named.length === 0 ? 'no provider has a key: no call can be answered' : named.join(', ');
}

process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));
process.on('unhandledRejection', (error) => giveUp('unhandled rejection', { error }));
process.on('uncaughtException', (error) => giveUp('uncaught exception', { error }));

try {
  const address = await redisAddress(config, log);
  const composition = compositionSettings(config);
  const actors = createActors(composition);
  const node = await PlatformNode.start({
    settings: runtimeSettings(config, address, {
      actorsModule: new URL('./composition.ts', import.meta.url).href,
      actorsSettings: composition,
      roles: ['validator', ...actors.map(({ name }) => name)],
    }),
    version,
    actors,
    events: {
      log: (level, service, message, metadata) => log.write(level, service, message, metadata),
      gaveUp: (role, fault) => giveUp(`${role} crashed too often: ${fault.message}`),
    },
  });
  closing.push(() => node.stop());

  const requests = connectForRequests(address, config.redis.commandTimeoutMs);
  closing.push(() => requests.disconnect());
  closing.push(watchDeadLetters(new DeadLetters(requests, node.keys), config.storage.dlqAlertPerHour, log.for('dlq')));
  closing.push(keepLogs(log, requests, node.keys, config.storage.logsMaxEntries));
  keepArchiving(node);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerRuntimeMetrics(registry, node);
  const activities = createActivityReader();
  closing.push(() => activities.close());
  const artifacts = new Artifacts(join(config.storage.dir, 'artifacts'));
  keepOrderFiles(node, artifacts);
  const incoming = new IncomingFiles(join(config.storage.dir, 'incoming'));
  const lost = await incoming.sweep(Date.now());
  if (lost > 0) say.info(`${lost} uploaded files removed that no request has taken over`);
  await new ProjectFiles(config.storage.dir).sweep(requests, node.keys, Date.now()).then(
    (count) => count > 0 && say.info(`the files of ${count} projects removed that never came to be`),
    (error) => say.error('the files of projects that never came to be could not be removed', { error }),
  );
  const metrics = new HttpMetrics(registry);
  const httpLog: RequestLog = { write: (level, message, metadata) => log.write(level, 'http', message, metadata) };
  const llm = createLlmSurface(address, node, registry, metrics, httpLog);
  const reader = createDocumentReader();
  closing.push(() => reader.close());
  const runtime = runtimeView(node, version, config.llm.settings.testMode, () => draining);
  const shared = {
    ...{ config, redis: requests, keys: node.keys, validator: node.validator, publisher: node.publisher },
    ...{ runtime, incoming, artifacts, reader, metrics, log: httpLog },
  };
  const orders = createOrderApp(shared);
  const surface = createProjectApp({
    ...shared,
    openReader: () => connectForReading(address, config.bus.blockMs),
    mark: node.mark,
    activities,
    teams,
    registry,
  });
  const { apiPort, llmGatewayPort, orderIntakePort, requestTimeoutMs } = config.http;
  const uploads = { requestTimeoutMs: requestTimeoutMs * UPLOAD_FACTOR };
  const api = await open('API_PORT', surface.app, { port: apiPort, ...uploads });
  closing.push(() => surface.close());
  const gateway = await open('LLM_GATEWAY_PORT', llm.app, {
    port: llmGatewayPort,
    requestTimeoutMs,
    // Programs that keep a connection for good call here, and not all of them understand that it is to be closed.
    requestsPerSocketMax: 0,
  });
  const orderIntake = await open('ORDER_INTAKE_PORT', orders.app, { port: orderIntakePort, ...uploads });
  const { testMode } = config.llm.settings;
  say.info(`ready: ${api}`, {
    threads: config.process.threads,
    api_docs: '/docs',
    llm_gateway: gateway,
    order_intake: orderIntake,
    llm: testMode
      ? 'test mode: answers are made up from the input, no provider is asked; set a provider key to change that'
      : providersInUse(config),
  });
} catch (error) {
  const fault = Fault.from(error);
  giveUp(fault.message, fault.code === 'INTERNAL_ERROR' ? { error } : { code: fault.code });
}
