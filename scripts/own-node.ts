/**
 * A node of the platform inside this process, on a namespace of its own, for programs that speak to it by events.
 *
 * Owns: the node, its folder, and unless one is given its Redis; all are gone after `stop`.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Envelope, EventType, Payloads } from '../schemas/types.ts';
import { connectForReading } from '../src/bus/connection.ts';
import { startEmbeddedRedis } from '../src/bus/embedded-redis.ts';
import { compositionSettings, createActors } from '../src/composition.ts';
import { type Config, parseConfig } from '../src/config.ts';
import { PlatformNode } from '../src/runtime/node.ts';
import { runtimeSettings } from '../src/runtime/settings.ts';

type Settings = Readonly<Record<string, string | undefined>>;

export interface OwnNode {
  node: PlatformNode;
  config: Config;
  /** What went wrong, as it was logged. */
  warnings: string[];
  publish<T extends EventType>(type: T, payload: Payloads[T]): Promise<Envelope<T>>;
  /** Every event that is appended from now on; ends with the node. */
  events(): Promise<AsyncGenerator<Envelope>>;
  stop(): Promise<void>;
}

const COMPOSITION = new URL('../src/composition.ts', import.meta.url).href;
/** Looked at often: these programs wait for what happens. */
const BLOCK_MS = '200';
const PAGE = 500;

/** @param socketPath of a Redis that is there already */
export async function startOwnNode(settings: Settings, socketPath?: string): Promise<OwnNode> {
  const folder = await mkdtemp(join(tmpdir(), 'devteam-own-'));
  const closing: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const parsed = parseConfig({
      ...settings,
      STORAGE_DIR: folder,
      NAMESPACE: `own${randomUUID().slice(0, 8)}`,
      BLOCK_MS,
      REDIS_URL: undefined,
    });
    if ('problems' in parsed) throw new Error(`Invalid configuration:\n  ${parsed.problems.join('\n  ')}`);
    const { config } = parsed;
    const warnings: string[] = [];
    const address = { socketPath: socketPath ?? (await ownRedis(config, closing)) };
    const actorsSettings = compositionSettings(config);
    const actors = createActors(actorsSettings);
    const roles = ['validator', ...actors.map(({ name }) => name)];
    const node = await PlatformNode.start({
      settings: runtimeSettings(config, address, { actorsModule: COMPOSITION, actorsSettings, roles }),
      version: 'own',
      actors,
      events: {
        log: (level, service, message) => {
          if (level === 'WARN' || level === 'ERROR') warnings.push(`${service}: ${message}`);
        },
        gaveUp: (role, fault) => void warnings.push(`${role} gave up: ${fault.message}`),
      },
    });
    closing.push(() => node.stop());
    const over = new AbortController();
    closing.push(() => over.abort());
    return {
      node,
      config,
      warnings,
      async publish(type, payload) {
        const event = envelope(type, payload);
        await node.publisher.publish(event as Envelope);
        return event;
      },
      async events() {
        const [last] = await node.redis.xrevrange(node.keys.log, '+', '-', 'COUNT', 1);
        return follow(node, address, config.bus.blockMs, over.signal, last?.[0] ?? '0');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ownRedis(config: Config, closing: (() => unknown)[]): Promise<string> {
  const redis = await startEmbeddedRedis({ ...config.redis.embedded, durability: 'none' });
  closing.push(() => redis.stop());
  return redis.socketPath;
}

function envelope<T extends EventType>(type: T, payload: Payloads[T]): Envelope<T> {
  return {
    event_id: randomUUID(),
    event_type: type,
    event_version: 1,
    timestamp: new Date().toISOString(),
    source: 'scripts',
    instance: 'scripts/0',
    correlation_id: randomUUID(),
    causation_id: null,
    payload,
  } as Envelope<T>;
}

async function* follow(
  { keys }: PlatformNode,
  address: { socketPath: string },
  blockMs: number,
  over: AbortSignal,
  after: string,
): AsyncGenerator<Envelope> {
  const reader = connectForReading(address, blockMs);
  const end = () => reader.disconnect();
  over.addEventListener('abort', end, { once: true });
  try {
    for (let from = after; !over.aborted; ) {
      const found = await reader.xread('COUNT', PAGE, 'BLOCK', blockMs, 'STREAMS', keys.log, from).catch((error) => {
        if (over.aborted) return null;
        throw error;
      });
      for (const [id, fields] of found?.[0]?.[1] ?? []) {
        from = id;
        yield JSON.parse(fields[fields.indexOf('event') + 1] as string) as Envelope;
      }
    }
  } finally {
    over.removeEventListener('abort', end);
    end();
  }
}
