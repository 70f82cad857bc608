// Starts the one real Redis that the whole run shares and hands its socket to the tests.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedRedis } from '../src/bus/embedded-redis.ts';
import { redisSearch } from './redis-search.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Unix socket of the run's Redis. Tests keep apart by namespace. */
    redisSocket: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'devteam-test-'));
  const redis = await startEmbeddedRedis({
    ...redisSearch(),
    dataDir,
    durability: 'none',
    log: (message) => process.stderr.write(`${message}\n`),
  });
  project.provide('redisSocket', redis.socketPath);
  return async () => {
    await redis.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
