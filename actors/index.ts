/**
 * Owns the list of the workers; with the orchestrator they are all actors. Only the composition may import it.
 */
import type { ActorDefinition } from '../src/runtime/define-actor.ts';
import { costWorker } from './cost-worker.ts';
import { devWorker } from './dev-worker.ts';
import { frictionWorker } from './friction-worker.ts';
import { requirementsManager } from './requirements-manager.ts';
import { scenarioWorker } from './scenario-worker.ts';
import { testWorker } from './test-worker.ts';
import { timeWasteWorker } from './time-waste-worker.ts';
import type { Tools } from './tools.ts';
import { worker } from './worker.ts';

export const workers: readonly ActorDefinition<Tools>[] = [
  timeWasteWorker,
  costWorker,
  frictionWorker,
  scenarioWorker,
  requirementsManager,
  devWorker,
  testWorker,
  worker,
];
