/**
 * The LLM gateway on a port of its own, in front of whatever upstreams a test names, on a real Redis.
 *
 * Owns: its folder, connection, port and namespace; all are gone after `stop`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { stringify } from 'yaml';
import { createValidator } from '../../schemas/validate.ts';
import { connectForRequests } from '../../src/bus/connection.ts';
import { Keys } from '../../src/bus/keys.ts';
import { type Config, parseConfig } from '../../src/config.ts';
import { createLlmApp, type LlmApp } from '../../src/http/llm-app.ts';
import { HttpMetrics } from '../../src/http/metrics.ts';
import { serveApp } from '../../src/http/serve.ts';
import { createGateway } from '../../src/llm/create-gateway.ts';
import type { Gateway } from '../../src/llm/gateway.ts';
import { LlmMetrics } from '../../src/llm/metrics.ts';
import { runtimeSettings } from '../../src/runtime/settings.ts';

export interface LoggedLine {
  level: string;
  message: string;
  metadata: Readonly<Record<string, unknown>>;
}

export interface TestLlm extends LlmApp {
  /** `http://127.0.0.1:<port>` */
  url: string;
  config: Config;
  gateway: Gateway;
  redis: Redis;
  keys: Keys;
  registry: Registry;
  logged: LoggedLine[];
  stop(): Promise<void>;
}

export interface TestLlmOptions {
  socketPath: string;
  env?: Record<string, string>;
  /** What `llm_config.yaml` says. */
  file?: object;
  /** Joins the gateways of other tests or processes. */
  namespace?: string;
}

let count = 0;

/** Settings of a gateway that asks the mock for everything, without limits unless the file says so. */
export function mockEnv(url: string): Record<string, string> {
  return {
    LLM_TEST_MODE: 'false',
    ANTHROPIC_API_KEY: 'sk-ant-test-0123456789abcdef',
    ANTHROPIC_BASE_URL: url,
    OPENAI_API_KEY: 'sk-test-0123456789abcdef',
    OPENAI_BASE_URL: `${url}/v1`,
    GEMINI_API_KEY: 'AIzaTest0123456789abcdefghijklmnopqrs',
    GEMINI_BASE_URL: `${url}/v1beta`,
    LLM_RATE_LIMIT_PER_MINUTE: '0',
  };
}

export async function startTestLlm({ socketPath, env = {}, file, namespace }: TestLlmOptions): Promise<TestLlm> {
  const dir = mkdtempSync(join(tmpdir(), 'llm-test-'));
  const configPath = join(dir, 'llm_config.yaml');
  if (file) writeFileSync(configPath, stringify(file));
  const parsed = parseConfig({
    STORAGE_DIR: dir,
    NAMESPACE: namespace ?? `llm${process.pid}_${++count}`,
    ...(file && { LLM_CONFIG_PATH: configPath }),
    ...env,
  });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const { config } = parsed;
  const logged: LoggedLine[] = [];
  const at =
    (level: string) =>
    (message: string, metadata: Readonly<Record<string, unknown>> = {}) =>
      void logged.push({ level, message, metadata });
  const redis = connectForRequests({ socketPath }, config.redis.commandTimeoutMs);
  const { keyNames } = runtimeSettings(config, { socketPath }, { actorsModule: '', actorsSettings: null, roles: [] });
  const keys = new Keys(keyNames);
  const registry = new Registry();
  const { gateway, close } = createGateway({
    settings: config.llm.settings,
    redis,
    keys,
    log: { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') },
    instance: 'test/0',
    metrics: new LlmMetrics(registry),
  });
  const surface = createLlmApp({
    config,
    redis,
    keys,
    validator: createValidator(),
    gateway,
    metrics: new HttpMetrics(registry),
    version: '1.0.0',
    uptimeSeconds: () => 1,
    draining: () => false,
    log: { write: (level, message, metadata) => at(level)(message, metadata) },
  });
  const served = await serveApp(surface.app, { host: '127.0.0.1', port: 0, requestTimeoutMs: 30_000 });
  return {
    ...surface,
    url: `http://127.0.0.1:${served.port}`,
    config,
    gateway,
    redis,
    keys,
    registry,
    logged,
    async stop() {
      await served.close(100);
      await close();
      redis.disconnect();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
