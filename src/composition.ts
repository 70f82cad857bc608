/**
 * What runs: the actors and the tools they are handed.
 *
 * Owns: the wiring of settings into actors. Each thread loads this module by name; the runtime itself knows no actor.
 */
import { isMainThread } from 'node:worker_threads';
import type { Redis } from 'ioredis';
import { workers } from '../actors/index.ts';
import { createOrchestrator } from '../actors/orchestrator.ts';
import { teamActors } from '../actors/team-actors.ts';
import { TEAM_FILES, teams } from '../actors/teams/index.ts';
import type { Tools } from '../actors/tools.ts';
import type { Keys } from './bus/keys.ts';
import type { Config } from './config.ts';
import { createLlmClient } from './llm/client.ts';
import { createGateway } from './llm/create-gateway.ts';
import type { LlmSettings } from './llm/settings.ts';
import type { ServiceLog } from './log.ts';
import type { ActorDefinition } from './runtime/define-actor.ts';
import { createLedger } from './store/ledger.ts';
import { refuseBadTeams } from './team-check.ts';

/** For whoever has to know which teams there are. */
export { teams };

/** Plain data: it is cloned into the threads. */
export interface CompositionSettings {
  maxAttempts: number;
  planner: 'rules' | 'llm';
  dodMaxMinutes: number;
  ledgerDir: string;
  lockTtlMs: number;
  llm: LlmSettings;
  instanceId: string;
}

export function compositionSettings(config: Config): CompositionSettings {
  return {
    maxAttempts: config.bus.maxAttempts,
    planner: config.orchestration.planner,
    dodMaxMinutes: config.orchestration.dodMaxMinutes,
    ledgerDir: config.storage.ledgerDir,
    lockTtlMs: config.bus.lockTtlMs,
    llm: config.llm.settings,
    instanceId: config.process.instanceId,
  };
}

/** Compiling the shapes of all answers takes a while: once a process, before there are threads. */
let teamsAreSound = !isMainThread;

/** @throws {Fault} INVALID_CONFIGURATION naming the file of each team that cannot work */
export function createActors(settings: CompositionSettings): readonly ActorDefinition<Tools>[] {
  if (!teamsAreSound) refuseBadTeams(teams, TEAM_FILES);
  teamsAreSound = true;
  return [createOrchestrator({ ...settings, teams }), ...workers, ...teamActors(teams)];
}

interface ToolsContext {
  redis: Redis;
  keys: Keys;
  /** Lines reach the process's log. */
  logFor(service: string): ServiceLog;
  /** From 1. */
  threadNumber: number;
}

/** At the end of a thread, for what calls that are cut off have cost. */
const SETTLE_WITHIN_MS = 2_000;
const FINAL = new Set(['COMPLETED', 'FAILED', 'STOPPED']);

/** Made once per thread. */
export function createTools(
  settings: CompositionSettings,
  { redis, keys, logFor, threadNumber }: ToolsContext,
): Tools & { close(): Promise<void> } {
  const ledger = createLedger({
    redis,
    directory: settings.ledgerDir,
    lockTtlMs: settings.lockTtlMs,
    keyPrefix: keys.names.prefix,
  });
  const instance = `${settings.instanceId}/${threadNumber}`;
  const { gateway, close } = createGateway({ settings: settings.llm, redis, keys, log: logFor('llm'), instance });
  const llm = createLlmClient(gateway);
  return {
    ledger,
    llm,
    logFor,
    async close() {
      await llm.close(SETTLE_WITHIN_MS);
      await close();
    },
    async isProjectFinal(projectId) {
      const snapshot = await redis.hget(keys.state('orchestrator', projectId.toLowerCase()), 'snapshot');
      return snapshot !== null && FINAL.has((JSON.parse(snapshot) as { value: string }).value);
    },
  };
}
