import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedRedis, startEmbeddedRedis, type UnexpectedExit } from '../../src/bus/embedded-redis.ts';
import { identify, isAlive } from '../../src/bus/process-lock.ts';
import { findRedisBinary, type RedisBinarySearch } from '../../src/bus/redis-binary.ts';
import { redisSearch } from '../redis-search.ts';

const search = redisSearch();

const running: EmbeddedRedis[] = [];
afterEach(async () => {
  for (const redis of running.splice(0)) await redis.stop();
});

async function tempDir(prefix = 'devteam-redis-'): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), prefix));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function start(dataDir: string, durability: 'always' | 'everysec' | 'none' = 'always'): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ ...search, dataDir, durability });
  running.push(redis);
  return redis;
}

async function client(redis: { socketPath: string }): Promise<Redis> {
  const connection = new Redis({ path: redis.socketPath, maxRetriesPerRequest: null });
  connection.on('error', () => {});
  onTestFinished(() => connection.disconnect());
  return connection;
}

/** Resolves when the process is gone; the test's own limit is the deadline. */
async function gone(pid: number): Promise<void> {
  const identity = identify(pid);
  while (identity && isAlive(identity)) await new Promise((resolve) => setImmediate(resolve));
}

/** A folder for PATH with nothing but `sh` and, under the given name, the machine's server. */
async function barePath(serverName: string): Promise<string> {
  const bin = await tempDir();
  const { file, libraryDir } = await findRedisBinary(search);
  await symlink('/bin/sh', join(bin, 'sh'));
  await writeFile(join(bin, serverName), `#!/bin/sh\nLD_LIBRARY_PATH=${libraryDir ?? ''} exec ${file} "$@"\n`);
  await chmod(join(bin, serverName), 0o755);
  return bin;
}

/** Another process that starts (or shares) the folder's server, prints what it got, and lives until told otherwise. */
async function otherProcess(dataDir: string, found: RedisBinarySearch = search) {
  const script = `
    import { startEmbeddedRedis } from ${JSON.stringify(new URL('../../src/bus/embedded-redis.ts', import.meta.url).href)};
    const redis = await startEmbeddedRedis(${JSON.stringify({ ...found, dataDir })});
    const report = () => console.log(JSON.stringify({ pid: redis.pid, shared: redis.shared, socketPath: redis.socketPath }));
    redis.onUnexpectedExit(report);
    process.on('SIGTERM', async () => { await redis.stop(); process.exit(0); });
    setInterval(() => {}, 1000);
    report();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () =>
    JSON.parse((await lines.next()).value ?? 'null') as { pid: number; shared: boolean; socketPath: string };
  return { child, next, first: await next() };
}

describe('the embedded server', () => {
  it('syncs every write, never evicts, and listens on no port', async () => {
    const redis = await client(await start(await tempDir()));
    const [persist, sync, policy, port] = await Promise.all(
      ['appendonly', 'appendfsync', 'maxmemory-policy', 'port'].map(
        async (name) => (await redis.config('GET', name))[1],
      ),
    );
    expect({ persist, sync, policy, port }).toEqual({
      persist: 'yes',
      sync: 'always',
      policy: 'noeviction',
      port: '0',
    });
  });

  it('keeps its data over a stop and a start', async () => {
    const dataDir = await tempDir();
    const first = await start(dataDir);
    await (await client(first)).set('k', 'kept');
    await first.stop();
    const second = await start(dataDir);
    expect(await (await client(second)).get('k')).toBe('kept');
  });

  it('writes nothing to disk with durability none', async () => {
    const redis = await client(await start(await tempDir(), 'none'));
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'no']);
  });

  it('is gone when stop has resolved, and stopping twice is harmless', async () => {
    const redis = await start(await tempDir());
    await redis.stop();
    await redis.stop();
    expect(identify(redis.pid)).toBeNull();
  });

  it('listens on a short path when the folder is too deep for a socket', async () => {
    const dataDir = join(await tempDir(), 'd'.repeat(120));
    const redis = await start(dataDir);
    expect(Buffer.byteLength(redis.socketPath)).toBeLessThanOrEqual(100);
    expect(await (await client(redis)).ping()).toBe('PONG');
  });

  it('names the reason and the log when the data is damaged', async () => {
    const dataDir = await tempDir();
    await mkdir(join(dataDir, 'appendonlydir'));
    await writeFile(join(dataDir, 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest\n');
    await expect(start(dataDir)).rejects.toThrow(/did not start \(exit code 1\).*redis\.log/s);
  });
});

describe('killing', () => {
  it('I1: a server killed -9 comes back on the same socket with every acknowledged write', async () => {
    const embedded = await start(await tempDir());
    const redis = await client(embedded);
    for (let n = 0; n < 100; n++) await redis.incr('n');
    const killed = embedded.pid;
    const exit = new Promise<UnexpectedExit>((resolve) => embedded.onUnexpectedExit(resolve));
    process.kill(killed, 'SIGKILL');
    expect(await exit).toEqual({ reason: 'killed by SIGKILL', recovered: true });
    expect(embedded.pid).not.toBe(killed);
    expect(await redis.get('n')).toBe('100');
  });

  it('gives up when the server cannot start again', async () => {
    const dataDir = await tempDir();
    const embedded = await start(dataDir);
    await (await client(embedded)).set('k', 'v');
    const exit = new Promise<UnexpectedExit>((resolve) => embedded.onUnexpectedExit(resolve));
    await writeFile(join(dataDir, 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest\n');
    process.kill(embedded.pid, 'SIGKILL');
    expect(await exit).toMatchObject({ recovered: false, reason: expect.stringContaining('did not start') });
  });

  it('ends the server when its process is killed -9, losing no acknowledged write', async () => {
    const dataDir = await tempDir();
    const other = await otherProcess(dataDir);
    const redis = await client(other.first);
    for (let n = 0; n < 100; n++) await redis.incr('n');
    other.child.kill('SIGKILL');
    await gone(other.first.pid);
    expect(await (await client(await start(dataDir))).get('n')).toBe('100');
  });

  it('ends the server of a killed process where the kernel cannot signal it', async () => {
    // A PATH without setpriv, as on macOS.
    const searchPath = await barePath('redis-server');
    const other = await otherProcess(await tempDir(), { binary: null, searchPath, cacheDirs: [] });
    other.child.kill('SIGKILL');
    await gone(other.first.pid);
    expect(identify(other.first.pid)).toBeNull();
  });
});

describe('sharing', () => {
  it('gives a second process with the same folder the same server, and leaves it running when that one stops', async () => {
    const dataDir = await tempDir();
    const owner = await start(dataDir);
    const { child, first } = await otherProcess(dataDir);
    expect(first).toEqual({ pid: owner.pid, shared: true, socketPath: owner.socketPath });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await (await client(owner)).ping()).toBe('PONG');
  });

  it('hands the server to the other process when the owner ends, with its data', async () => {
    const dataDir = await tempDir();
    const owner = await start(dataDir);
    await (await client(owner)).set('k', 'kept');
    const other = await otherProcess(dataDir);
    await owner.stop();
    const taken = await other.next();
    expect(taken).toMatchObject({ shared: false, socketPath: owner.socketPath });
    expect(await (await client(taken)).get('k')).toBe('kept');
  });

  it('starts one server for five starts at once', async () => {
    const dataDir = await tempDir();
    const all = await Promise.all(Array.from({ length: 5 }, () => start(dataDir)));
    expect(new Set(all.map((redis) => redis.pid)).size).toBe(1);
    expect(all.filter((redis) => !redis.shared)).toHaveLength(1);
    // The sharers leave first: the owner ends the server.
    running.sort((a, b) => Number(b.shared) - Number(a.shared));
  });

  it('is not hindered by what killed processes have left, and clears it away', async () => {
    const dataDir = await tempDir();
    // A pid that is in use again, by another process.
    const dead = { pid: process.pid, startedAt: 'another time' };
    const { pid } = spawnSync('true');
    const record = { owner: dead, server: dead, socketPath: '/nowhere', version: '7.0.0', source: 'path' };
    await writeFile(join(dataDir, 'start.lock'), JSON.stringify(dead));
    await writeFile(join(dataDir, 'server.json'), JSON.stringify(record));
    await writeFile(join(dataDir, `start.lock.${pid}.0`), '');
    expect((await start(dataDir)).shared).toBe(false);
    expect((await readdir(dataDir)).filter((name) => name.startsWith('start.lock'))).toEqual([]);
  });
});

describe('the program', () => {
  it('is the explicit one, and only that', async () => {
    await expect(findRedisBinary({ ...search, binary: '/nowhere/redis-server' })).rejects.toThrow(
      'EMBEDDED_REDIS_BIN cannot be used: no such file',
    );
  });

  it('is refused when it is older than 7.0, and the error names the ways out', async () => {
    const bin = await tempDir();
    const file = join(bin, 'redis-server');
    await writeFile(file, '#!/bin/sh\necho "Redis server v=6.2.7 sha=0"\n');
    await chmod(file, 0o755);
    const found = findRedisBinary({ binary: null, searchPath: bin, cacheDirs: [await tempDir()] });
    await expect(found).rejects.toMatchObject({ code: 'EMBEDDED_REDIS_FAILED', disposition: 'stop' });
    await expect(found).rejects.toThrow(
      /REDIS_URL.*EMBEDDED_REDIS_BIN.*version 6\.2\.7 is older.*apt-get: not on this/s,
    );
  });

  it('is not looked for further when the packages cannot be fetched, and the error says what apt said', async () => {
    const bin = await tempDir();
    await writeFile(join(bin, 'apt-get'), '#!/bin/sh\necho "E: Unable to locate package redis-tools" >&2\nexit 100\n');
    await chmod(join(bin, 'apt-get'), 0o755);
    const cache = await tempDir();
    await expect(findRedisBinary({ binary: null, searchPath: bin, cacheDirs: [cache] })).rejects.toThrow(
      'Tried apt-get: E: Unable to locate package redis-tools',
    );
    expect(await readdir(cache)).toEqual([]);
  });

  it('is taken from PATH under the name of its checker', async () => {
    const searchPath = await barePath('redis-check-rdb');
    const found = await findRedisBinary({ binary: null, searchPath, cacheDirs: [await tempDir()] });
    expect(found.source).toBe('path');
  });
});
