/**
 * A node of the platform inside the test's process, on the test's Redis.
 *
 * Owns: its settings (quick retries, short leases, a namespace of its own) and what it has said.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keys } from '../../src/bus/keys.ts';
import type { CompositionSettings } from '../../src/composition.ts';
import * as composition from '../../src/composition.ts';
import { type Config, parseConfig } from '../../src/config.ts';
import type { ActorDefinition } from '../../src/runtime/define-actor.ts';
import type { RuntimeSettings } from '../../src/runtime/messages.ts';
import { PlatformNode } from '../../src/runtime/node.ts';
import { runtimeSettings } from '../../src/runtime/settings.ts';
import { LLM_CONFIG } from './llm-config-path.ts';

export interface Said {
  level: string;
  service: string;
  message: string;
}

export interface NodeRequest {
  socketPath: string;
  namespace: string;
  /** Environment variables, over the quick ones below. */
  env?: Record<string, string>;
  /** Settings that no variable sets. */
  settings?: Partial<RuntimeSettings>;
}

const QUICK = {
  THREADS: '2',
  NODE_LEASE_MS: '500',
  RETRY_BASE_MS: '5',
  RETRY_MAX_MS: '20',
  BLOCK_MS: '200',
  SHUTDOWN_GRACE_MS: '3000',
  REDIS_COMMAND_TIMEOUT_MS: '2000',
  LLM_CONFIG_PATH: LLM_CONFIG,
};

export const COMPOSITION = new URL('../../src/composition.ts', import.meta.url).href;
export const HOSTILE = new URL('./hostile-actors.ts', import.meta.url).href;

export const freshNamespace = (): string => `t${randomUUID().slice(0, 8)}`;

export function testConfig(namespace: string, storageDir: string, env: Record<string, string> = {}): Config {
  const parsed = parseConfig({ ...QUICK, NAMESPACE: namespace, STORAGE_DIR: storageDir, ...env });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
}

/** The keys of processes that run in a namespace, as {@link testConfig} has them. */
export function testKeys(namespace: string, storageDir: string): Keys {
  const { bus } = testConfig(namespace, storageDir);
  return new Keys({
    namespace,
    prefix: namespace,
    log: bus.logStream,
    deadLetters: bus.dlqStream,
    idempotence: bus.idempotencePrefix,
  });
}

export class TestNode {
  readonly platform: PlatformNode;
  readonly config: Config;
  readonly said: Said[];
  readonly #dir: string;
  #stopped: Promise<void> | null = null;

  private constructor(platform: PlatformNode, config: Config, said: Said[], dir: string) {
    this.platform = platform;
    this.config = config;
    this.said = said;
    this.#dir = dir;
  }

  static async start({ socketPath, namespace, env, settings }: NodeRequest): Promise<TestNode> {
    const dir = mkdtempSync(join(tmpdir(), 'devteam-node-'));
    const config = testConfig(namespace, dir, env);
    const actorsSettings = composition.compositionSettings(config);
    const actorsModule = settings?.actorsModule ?? COMPOSITION;
    const module = (await import(actorsModule)) as {
      createActors(settings: CompositionSettings): readonly ActorDefinition<never>[];
    };
    const actors = module.createActors(actorsSettings);
    const roles = ['validator', ...actors.map(({ name }) => name)];
    const said: Said[] = [];
    const platform = await PlatformNode.start({
      settings: { ...runtimeSettings(config, { socketPath }, { actorsModule, actorsSettings, roles }), ...settings },
      version: 'test',
      actors,
      events: {
        log: (level, service, message) => void said.push({ level, service, message }),
        gaveUp: (role, fault) => void said.push({ level: 'GAVE UP', service: role, message: fault.message }),
      },
    });
    return new TestNode(platform, config, said, dir);
  }

  /** Drains it; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.platform.stop().then(() => rmSync(this.#dir, { recursive: true, force: true }));
    return this.#stopped;
  }
}
