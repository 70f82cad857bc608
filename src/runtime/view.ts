/** The running process as the HTTP surfaces see it. */
import { validatorMachine } from '../../machines/validator.ts';
import { GROUPS } from '../../schemas/catalog.ts';
import type { RuntimeView } from '../http/ports.ts';
import type { PlatformNode } from './node.ts';
import { replay } from './replay.ts';
import type { CompiledActor } from './step.ts';

const ORCHESTRATOR = 'orchestrator';
const VALIDATOR = 'validator';

export function runtimeView(
  node: PlatformNode,
  version: string,
  llmTestMode: boolean,
  draining: () => boolean,
): RuntimeView {
  const { supervisor, actors } = node;
  const { settings } = supervisor;
  return {
    version,
    uptimeSeconds: () => Math.floor(process.uptime()),
    draining,
    threads: () => supervisor.threads,
    crashedRoles: () => [...supervisor.totals.crashed],
    llm: () => ({ status: 'ok', testMode: llmTestMode }),
    roles: () => [
      {
        role: VALIDATOR,
        group: GROUPS[VALIDATOR],
        machine: validatorMachine,
        effects: [],
        receives: [],
        threads: settings.roles.includes(VALIDATOR) ? settings.threads : 0,
      },
      ...[...actors.values()].map(({ definition }) => ({
        role: definition.name,
        group: definition.group,
        machine: definition.machine,
        effects: Object.keys(definition.effects ?? {}),
        receives: definition.receives,
        threads: settings.roles.includes(definition.name) ? settings.threads : 0,
      })),
    ],
    replay: (projectId) =>
      replay(node.redis, node.keys, actors.get(ORCHESTRATOR) as CompiledActor, projectId, settings.maxAttempts),
  };
}
