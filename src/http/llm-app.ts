/**
 * The LLM gateway as an HTTP surface (port 8000).
 *
 * Owns: which routes the surface has and what they are made of. Does not own the port (`serve.ts`) nor the calls.
 */
import type { Redis } from 'ioredis';
import type { Validator } from '../../schemas/validate.ts';
import type { Keys } from '../bus/keys.ts';
import type { Config } from '../config.ts';
import type { Gateway } from '../llm/gateway.ts';
import { createApp } from './app.ts';
import { Keyring } from './auth.ts';
import type { HttpApp, RequestLog } from './exchange.ts';
import { IdempotencyKeys } from './idempotency.ts';
import type { HttpMetrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { RateLimiter } from './rate-limit.ts';
import type { Route } from './route.ts';
import { callRoutes } from './routes/llm-calls.ts';
import { llmOperationsRoutes } from './routes/llm-operations.ts';
import { taskRoutes } from './routes/llm-tasks.ts';
import * as shape from './shapes.ts';

export interface LlmAppDeps {
  config: Config;
  redis: Redis;
  keys: Keys;
  validator: Validator;
  gateway: Gateway;
  metrics: HttpMetrics;
  version: string;
  uptimeSeconds(): number;
  draining(): boolean;
  log: RequestLog;
}

export interface LlmApp {
  app: HttpApp;
  routes: readonly Route[];
}

/** Prompts are larger than anything else that comes as JSON. */
const BODY_FACTOR = 8;

export function createLlmApp(deps: LlmAppDeps): LlmApp {
  const { config, redis, keys, gateway, validator } = deps;
  const { http } = config;
  let document: object | undefined;
  const routes: Route[] = [
    ...callRoutes(gateway),
    ...taskRoutes(gateway),
    ...llmOperationsRoutes({ gateway, redis, keys, uptimeSeconds: deps.uptimeSeconds }),
    {
      method: 'GET',
      path: '/openapi.json',
      access: 'open',
      limit: 'none',
      tag: 'Documentation',
      summary: 'This surface as OpenAPI 3.1',
      responses: { 200: { description: 'The document', schema: shape.anyObject } },
      handler: () => {
        document ??= openApiDocument(
          routes,
          {
            title: 'DevTeamAutomated LLM gateway',
            version: deps.version,
            description: 'One surface in front of every LLM provider.',
          },
          () => ({}),
        );
        return { status: 200, body: document };
      },
    },
  ];
  const app = createApp({
    server: 'llm_gateway',
    routes,
    compile: (schema) => validator.compile(schema),
    keyring: new Keyring(http.apiKeys),
    sessions: undefined,
    limiter: new RateLimiter(redis, keys),
    idempotency: new IdempotencyKeys(redis, keys, http.requestTimeoutMs),
    metrics: deps.metrics,
    log: deps.log,
    draining: deps.draining,
    bodyLimits: {
      jsonBytes: BODY_FACTOR * http.maxBodyBytes,
      fileBytes: 0,
      arrivalMs: http.requestTimeoutMs,
    },
    incoming: undefined,
    writesPerMinute: 0,
    readFactor: 1,
    corsOrigins: http.corsOrigins,
    trustedProxies: http.trustedProxies,
    ...(gateway.settings.testMode && { everyAnswer: { 'x-llm-test-mode': 'true' } }),
    quiet: true,
  });
  return { app, routes };
}
