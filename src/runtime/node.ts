/**
 * One running process of the platform, without its HTTP surfaces.
 *
 * Owns: the order in which the parts start and stop. `main.ts`, tests and benchmarks all start a node this way.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { GROUPS } from '../../schemas/catalog.ts';
import { createValidator, type Validator } from '../../schemas/validate.ts';
import { Committer } from '../bus/commit.ts';
import { connectForCommands } from '../bus/connection.ts';
import { Keys } from '../bus/keys.ts';
import { createGroup } from '../bus/mailbox.ts';
import { Publisher } from '../bus/publisher.ts';
import { checkServer, namespaceMark } from '../bus/server-check.ts';
import type { ActorDefinition } from './define-actor.ts';
import type { RuntimeSettings } from './messages.ts';
import { type CompiledActor, compileActor } from './step.ts';
import { Supervisor, type SupervisorEvents } from './supervisor.ts';

/** While Redis cannot be reached, it is said this often. */
const TELL_EVERY_MS = 10_000;

export interface NodeOptions {
  settings: RuntimeSettings;
  version: string;
  events: SupervisorEvents;
  /** The actors of `settings.actorsModule`, for what the main thread tells of them. */
  actors: readonly ActorDefinition<never>[];
}

export class PlatformNode {
  readonly redis: Redis;
  /** The namespace's secret on what commits append. */
  readonly mark: string;
  readonly keys: Keys;
  readonly validator: Validator;
  readonly publisher: Publisher;
  readonly supervisor: Supervisor;
  readonly actors: ReadonlyMap<string, CompiledActor<never>>;

  private constructor(
    redis: Redis,
    mark: string,
    keys: Keys,
    validator: Validator,
    publisher: Publisher,
    supervisor: Supervisor,
    actors: ReadonlyMap<string, CompiledActor<never>>,
  ) {
    this.redis = redis;
    this.mark = mark;
    this.keys = keys;
    this.validator = validator;
    this.publisher = publisher;
    this.supervisor = supervisor;
    this.actors = actors;
  }

  /** Resolves when all threads read. @throws Fault REDIS_UNSUITABLE, UnsupportedMachine, SchemaSetError. */
  static async start({ settings, version, events, actors }: NodeOptions): Promise<PlatformNode> {
    const compiled = new Map(actors.map((definition) => [definition.name, compileActor(definition)]));
    const validator = createValidator(settings.schemaDirectory);
    const keys = new Keys(settings.keyNames);
    const redis = connectForCommands(settings.address, settings.commandTimeoutMs);
    let toldMs = 0;
    redis.on('error', (error) => {
      if (Date.now() - toldMs < TELL_EVERY_MS) return;
      toldMs = Date.now();
      events.log('WARN', 'redis', `cannot be reached, trying again: ${error.message}`);
    });
    try {
      for (const warning of await checkServer(redis)) events.log('WARN', 'redis', warning);
      const mark = await namespaceMark(redis, keys);
      await createGroup(redis, keys.log, GROUPS.validator);
      for (const { name, group } of actors) await createGroup(redis, keys.mailbox(name), group);
      const committer = new Committer(redis, {
        keys,
        mark,
        consumer: `${settings.instanceId}#${randomBytes(6).toString('base64url')}`,
        gateGroup: GROUPS.validator,
        rememberSeconds: settings.rememberSeconds,
        deadLettersMax: settings.deadLettersMax,
        giveUpAfterMs: settings.commandTimeoutMs,
      });
      const publisher = new Publisher(redis, committer, keys, validator);
      const supervisor = new Supervisor(redis, mark, settings, version, events);
      await supervisor.start();
      return new PlatformNode(redis, mark, keys, validator, publisher, supervisor, compiled);
    } catch (error) {
      redis.disconnect();
      throw error;
    }
  }

  /** Drains the threads and closes the connection. */
  async stop(): Promise<void> {
    await this.supervisor.drain();
    this.redis.disconnect();
  }
}
