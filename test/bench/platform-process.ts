/** The process under test: a node with all roles on the server of its data folder. */
import { startEmbeddedRedis } from '../../src/bus/embedded-redis.ts';
import { compositionSettings, createActors } from '../../src/composition.ts';
import { loadConfig } from '../../src/config.ts';
import type { ActorDefinition } from '../../src/runtime/define-actor.ts';
import { PlatformNode } from '../../src/runtime/node.ts';
import { runtimeSettings } from '../../src/runtime/settings.ts';

const config = loadConfig();
const redis = await startEmbeddedRedis(config.redis.embedded);
const actorsSettings = compositionSettings(config);
const actors = createActors(actorsSettings);
const node = await PlatformNode.start({
  settings: runtimeSettings(
    config,
    { socketPath: redis.socketPath },
    {
      actorsModule: new URL('../../src/composition.ts', import.meta.url).href,
      actorsSettings,
      roles: ['validator', ...actors.map(({ name }) => name)],
    },
  ),
  version: 'bench',
  actors: actors as unknown as readonly ActorDefinition<never>[],
  events: {
    log: (level, service, message, metadata) => console.error(level, service, message, JSON.stringify(metadata ?? {})),
    gaveUp: (role, fault) => {
      console.error(role, fault);
      process.exit(1);
    },
  },
});
process.once('SIGTERM', async () => {
  await node.stop();
  await redis.stop();
  process.exit(0);
});
process.send?.('ready');
