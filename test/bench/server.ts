/** A Redis of a bench side: the program and settings that the app starts for itself, in a folder of its own. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Redis } from 'ioredis';
import { startEmbeddedRedis } from '../../src/bus/embedded-redis.ts';
import { type Config, parseConfig } from '../../src/config.ts';
import { ownFolder, removeFolder } from './leftovers.ts';

export type Durability = 'always' | 'everysec';

export interface BenchServer {
  durability: Durability;
  /** Environment of an app that keeps its data in the folder, and so shares this server. */
  env: Readonly<Record<string, string>>;
  /** The configuration that such an app reads. */
  config: Config;
  socketPath: string;
  version: string;
  pid: number;
  /** For the bench's own questions. */
  redis: Redis;
  stop(): Promise<void>;
}

const MEMORY_DISK = '/dev/shm';

export async function startServer(durability: Durability): Promise<BenchServer> {
  const directory = await ownFolder(tmpdir(), 'bench');
  // On ext4 a new file costs by how many were deleted in the last minutes, mostly by earlier runs of this bench: the
  // fact ledgers (one small file per project) would measure that and nothing of ours.
  const ledgerDir = await ownFolder(existsSync(MEMORY_DISK) ? MEMORY_DISK : directory, 'ledgers');
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? directory,
    STORAGE_DIR: directory,
    LEDGER_DIR: ledgerDir,
  };
  const parsed = parseConfig(env);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const { embedded } = parsed.config.redis;
  await mkdir(embedded.dataDir, { recursive: true });
  const server = await startEmbeddedRedis({ ...embedded, durability });
  const redis = new Redis({ path: server.socketPath });
  // A rewrite of the append-only file would fall into one side's run or the other's by chance.
  await redis.config('SET', 'auto-aof-rewrite-percentage', '0');
  return {
    durability,
    env,
    config: parsed.config,
    socketPath: server.socketPath,
    version: server.version,
    pid: server.pid,
    redis,
    async stop() {
      redis.disconnect();
      await server.stop();
      await removeFolder(ledgerDir);
      await removeFolder(directory);
    },
  };
}

export async function memoryBytes({ redis }: BenchServer): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}
