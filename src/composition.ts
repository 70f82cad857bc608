/**
 * What runs: the actors and the tools they are handed.
 *
 * Owns: the wiring of settings into actors. Each thread loads this module by name; the runtime itself knows no actor.
 */
import type { Redis } from 'ioredis';
import { workers } from '../actors/index.ts';
import { createOrchestrator } from '../actors/orchestrator.ts';
import type { Tools } from '../actors/tools.ts';
import type { Keys } from './bus/keys.ts';
import type { Config } from './config.ts';
import { createLlmClient } from './llm/client.ts';
import { journaled } from './llm/journal.ts';
import { createTestProvider } from './llm/providers/test.ts';
import { readScript } from './llm/providers/test-script.ts';
import type { ActorDefinition } from './runtime/define-actor.ts';
import { createLedger } from './store/ledger.ts';

/** Plain data: it is cloned into the threads. */
export interface CompositionSettings {
  maxAttempts: number;
  planner: 'rules' | 'llm';
  dodMaxMinutes: number;
  ledgerDir: string;
  lockTtlMs: number;
  testScriptPath: string | null;
}

export function compositionSettings(config: Config): CompositionSettings {
  return {
    maxAttempts: config.bus.maxAttempts,
    planner: config.orchestration.planner,
    dodMaxMinutes: config.orchestration.dodMaxMinutes,
    ledgerDir: config.storage.ledgerDir,
    lockTtlMs: config.bus.lockTtlMs,
    testScriptPath: config.llm.testScriptPath,
  };
}

export function createActors(settings: CompositionSettings): readonly ActorDefinition<Tools>[] {
  return [createOrchestrator(settings), ...workers];
}

const FINAL = new Set(['COMPLETED', 'FAILED', 'STOPPED']);

export function createTools(settings: CompositionSettings, redis: Redis, keys: Keys): Tools {
  const { prefix } = keys.names;
  const ledger = createLedger({
    redis,
    directory: settings.ledgerDir,
    lockTtlMs: settings.lockTtlMs,
    keyPrefix: prefix,
  });
  return {
    ledger,
    llm: journaled(
      createLlmClient(createTestProvider(settings.testScriptPath === null ? [] : readScript(settings.testScriptPath))),
      redis,
      prefix,
    ),
    async isProjectFinal(projectId) {
      const snapshot = await redis.hget(keys.state('orchestrator', projectId.toLowerCase()), 'snapshot');
      return snapshot !== null && FINAL.has((JSON.parse(snapshot) as { value: string }).value);
    },
  };
}
