/**
 * What runs: the actors and the tools they are handed.
 *
 * Owns: the wiring of settings into actors. Each thread loads this module by name; the runtime itself knows no actor.
 */
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { Redis } from 'ioredis';
import { workers } from '../actors/index.ts';
import { createOrchestrator } from '../actors/orchestrator.ts';
import { createOrderIntake } from '../actors/order-intake.ts';
import { teamActors } from '../actors/team-actors.ts';
import { TEAM_FILES, teams } from '../actors/teams/index.ts';
import type { Tools } from '../actors/tools.ts';
import type { Keys } from './bus/keys.ts';
import type { Config } from './config.ts';
import { createDocumentReader } from './documents/document-reader.ts';
import { createLlmClient } from './llm/client.ts';
import { createGateway } from './llm/create-gateway.ts';
import { createRemoteLlm } from './llm/remote-client.ts';
import type { LlmSettings } from './llm/settings.ts';
import type { ServiceLog } from './log.ts';
import { createCalculate } from './runtime/calculations.ts';
import type { ActorDefinition } from './runtime/define-actor.ts';
import { createActivityFiles } from './store/activity-files.ts';
import { createActivityReader } from './store/activity-reader.ts';
import { Artifacts } from './store/artifacts.ts';
import { createLedger } from './store/ledger.ts';
import { createOrderDesk } from './store/order-desk.ts';
import { ProjectFiles } from './store/project-files.ts';
import { createRowCache } from './store/row-cache.ts';
import { refuseBadTeams } from './team-check.ts';

/** For whoever has to know which teams there are. */
export { teams };

/** Plain data: it is cloned into the threads. */
export interface CompositionSettings {
  maxAttempts: number;
  planner: 'rules' | 'llm';
  dodMaxMinutes: number;
  ingestMaxRows: number;
  ledgerDir: string;
  lockTtlMs: number;
  llm: LlmSettings;
  instanceId: string;
  orders: {
    storageDir: string;
    exportLockTtlMs: number;
    artifactTtlMs: number;
    firstDelayMs: number;
    /** Of the gateway that is asked about orders; null = the one of this process. */
    llmGatewayUrl: string | null;
  };
}

/** A model that was away is asked again after this many times the delay of any other retry. */
const MODEL_DELAY_FACTOR = 60;

export function compositionSettings(config: Config): CompositionSettings {
  return {
    maxAttempts: config.bus.maxAttempts,
    planner: config.orchestration.planner,
    dodMaxMinutes: config.orchestration.dodMaxMinutes,
    ingestMaxRows: config.orchestration.ingestMaxRows,
    ledgerDir: config.storage.ledgerDir,
    lockTtlMs: config.bus.lockTtlMs,
    llm: config.llm.settings,
    instanceId: config.process.instanceId,
    orders: {
      storageDir: config.storage.dir,
      exportLockTtlMs: config.storage.exportLockTtlMs,
      artifactTtlMs: config.storage.artifactTtlMs,
      firstDelayMs: config.bus.retryBaseMs * MODEL_DELAY_FACTOR,
      llmGatewayUrl: config.llm.gatewayUrl,
    },
  };
}

/** Compiling the shapes of all answers takes a while: once a process, before there are threads. */
let teamsAreSound = !isMainThread;

/** @throws {Fault} INVALID_CONFIGURATION naming the file of each team that cannot work */
export function createActors(settings: CompositionSettings): readonly ActorDefinition<Tools>[] {
  if (!teamsAreSound) refuseBadTeams(teams, TEAM_FILES);
  teamsAreSound = true;
  const orderIntake = createOrderIntake({ ...settings.orders, maxTries: settings.maxAttempts });
  return [createOrchestrator({ ...settings, teams }), ...workers, ...teamActors(teams), orderIntake];
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
  const { storageDir, exportLockTtlMs, llmGatewayUrl } = settings.orders;
  const reader = createDocumentReader({ threads: 1 });
  const orders = createOrderDesk({
    ...{ redis, keys, storageDir, exportLockTtlMs, reader },
    artifacts: new Artifacts(join(storageDir, 'artifacts')),
    llm: llmGatewayUrl === null ? llm : createRemoteLlm(llmGatewayUrl),
  });
  const files = new ProjectFiles(storageDir);
  const activities = createActivityReader();
  return {
    ledger,
    rows: createRowCache(files),
    activities: createActivityFiles({ files, reader: activities, maxRows: settings.ingestMaxRows }),
    calculate: createCalculate(),
    llm,
    orders,
    logFor,
    async close() {
      await reader.close();
      await activities.close();
      await llm.close(SETTLE_WITHIN_MS);
      await close();
    },
    async isProjectFinal(projectId) {
      const snapshot = await redis.hget(keys.state('orchestrator', projectId.toLowerCase()), 'snapshot');
      return snapshot !== null && FINAL.has((JSON.parse(snapshot) as { value: string }).value);
    },
  };
}
