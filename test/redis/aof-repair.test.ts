import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/bus/embedded-redis.ts';
import { checkServer } from '../../src/bus/server-check.ts';
import { redisSearch } from '../redis-search.ts';

let dataDir: string;
let said: string[];
let server: EmbeddedRedis;
let redis: Redis;

async function start(): Promise<void> {
  server = await startEmbeddedRedis({ ...redisSearch(), dataDir, log: (message) => void said.push(message) });
  redis = new Redis(server.socketPath);
}

async function stop(): Promise<void> {
  redis.disconnect();
  await server.stop();
}

/** Cuts the append-only file off after the first occurrence of `text`. */
function cutOffAfter(text: string): void {
  const folder = join(dataDir, 'appendonlydir');
  const file = join(folder, readdirSync(folder).find((name) => name.includes('.incr.')) as string);
  truncateSync(file, readFileSync(file, 'latin1').indexOf(text) + text.length);
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'devteam-aof-'));
  said = [];
  await start();
});
afterEach(async () => {
  await stop();
  rmSync(dataDir, { recursive: true });
});

describe('an embedded Redis whose file was cut off in the middle of a commit', () => {
  it.each(['value-3', 'value-3\r\n'])(
    'has nothing of that commit, after any number of restarts (I1, I2): "%s"',
    async (cut) => {
      await redis.set('before', '1');
      await redis.eval("for i = 1, 5 do redis.call('RPUSH', 'part', 'value-' .. i) end", 0);
      await stop();
      cutOffAfter(cut);
      for (let restart = 1; restart <= 3; restart++) {
        await start();
        expect(await redis.lrange('part', 0, -1)).toEqual([]);
        expect(await redis.get('before')).toBe('1');
        expect(await redis.get('after')).toBe(restart === 1 ? null : '1');
        await redis.eval("redis.call('SET', 'after', 1) redis.call('SET', 'also', 1)", 0);
        await stop();
      }
      await start();
      expect(said.filter((message) => message.includes('taken back'))).toHaveLength(1);
    },
  );
});

it('a server that would repair such a file in part is warned of', async () => {
  expect(await checkServer(redis)).toEqual([]);
  await redis.config('SET', 'aof-load-truncated', 'yes');
  expect(await checkServer(redis)).toEqual([expect.stringMatching(/^Redis has aof-load-truncated yes: /)]);
});
