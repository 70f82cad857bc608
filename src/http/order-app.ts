/**
 * Order intake (port 8080), and the same routes for another surface.
 *
 * Owns: which routes the surface has and what they are made of. Does not own the port (`serve.ts`), what becomes of an
 * order (`machines/order.ts`), nor how its files are read (`src/documents`).
 */
import type { Redis } from 'ioredis';
import type { Validator } from '../../schemas/validate.ts';
import type { Keys } from '../bus/keys.ts';
import type { Config } from '../config.ts';
import type { DocumentReader } from '../documents/document-reader.ts';
import type { Artifacts } from '../store/artifacts.ts';
import { DeadLetters } from '../store/dead-letters.ts';
import { Orders } from '../store/orders.ts';
import { Roles } from '../store/roles.ts';
import { createApp } from './app.ts';
import { Keyring } from './auth.ts';
import { Edge } from './edge.ts';
import type { HttpApp, RequestLog } from './exchange.ts';
import { CLAIM_MARGIN_MS, IdempotencyKeys } from './idempotency.ts';
import type { IncomingFiles } from './incoming-files.ts';
import type { HttpMetrics } from './metrics.ts';
import type { Publisher, RuntimeView } from './ports.ts';
import { RateLimiter } from './rate-limit.ts';
import { READ_FACTOR, type Route } from './route.ts';
import { healthRoute } from './routes/health.ts';
import { orderRoutes } from './routes/orders.ts';
import { documentationRoutes } from './routes/pages.ts';
import { documentOf } from './surface-document.ts';

/** What the routes of orders are made of, on whichever surface. */
export interface OrderRoutesDeps {
  config: Config;
  redis: Redis;
  keys: Keys;
  publisher: Publisher;
  artifacts: Artifacts;
  reader: DocumentReader;
}

export interface OrderAppDeps extends OrderRoutesDeps {
  validator: Validator;
  runtime: RuntimeView;
  incoming: IncomingFiles;
  metrics: HttpMetrics;
  log: RequestLog;
}

export interface OrderApp {
  app: HttpApp;
  routes: readonly Route[];
}

/** The routes of orders. @param prefix of their paths, `/api` or empty */
export function orderSurface({ config, redis, keys, publisher, artifacts, reader }: OrderRoutesDeps, prefix: string) {
  const edge = new Edge({
    publisher,
    source: 'order_intake',
    instance: `${config.process.instanceId}/0`,
    maxEventBytes: config.bus.maxEventBytes,
    waitMs: config.http.waitMs,
  });
  const { waitMs, orderRateLimitPerMinute: writesPerMinute } = config.http;
  const ownLimit = { name: 'orders', writesPerMinute };
  return orderRoutes({ prefix, ownLimit, orders: new Orders(redis, keys), artifacts, reader, edge, waitMs });
}

export function createOrderApp(deps: OrderAppDeps): OrderApp {
  const { config, redis, keys, runtime, validator } = deps;
  const { http } = config;
  const routes: Route[] = [
    ...orderSurface(deps, ''),
    healthRoute({
      ...{ redis, keys, runtime, roles: new Roles(redis, keys), deadLetters: new DeadLetters(redis, keys) },
      deadLettersPerHour: config.storage.dlqAlertPerHour,
    }),
    ...documentationRoutes(
      documentOf(
        () => routes,
        {
          title: 'DevTeamAutomated order intake',
          version: runtime.version,
          description: 'E-mails and files become order drafts; a person approves or rejects them.',
        },
        config.process.schemaDir,
      ),
    ),
  ];
  const app = createApp({
    server: 'order_intake',
    routes,
    compile: (schema) => validator.compile(schema),
    keyring: new Keyring(http.apiKeys),
    sessions: undefined,
    limiter: new RateLimiter(redis, keys),
    idempotency: new IdempotencyKeys(redis, keys, 4 * http.requestTimeoutMs + http.waitMs + CLAIM_MARGIN_MS),
    metrics: deps.metrics,
    log: deps.log,
    draining: () => runtime.draining(),
    bodyLimits: { jsonBytes: http.maxBodyBytes, fileBytes: http.maxUploadBytes, arrivalMs: http.requestTimeoutMs },
    incoming: deps.incoming,
    writesPerMinute: http.orderRateLimitPerMinute,
    readFactor: READ_FACTOR,
    corsOrigins: http.corsOrigins,
    trustedProxies: http.trustedProxies,
    everyAnswer: { 'Cache-Control': 'no-store' },
  });
  return { app, routes };
}
