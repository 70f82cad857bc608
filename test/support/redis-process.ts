/**
 * A Redis server of one test's own: it can be killed, frozen and started again on the same data.
 *
 * Owns: the process and its folder. Ends with the process that started it, also if that is killed.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { REFUSE_CUT_OFF, refusedCutOff, repairCutOff } from '../../src/bus/aof-repair.ts';
import { findRedisBinary, type RedisBinary, serverEnv } from '../../src/bus/redis-binary.ts';
import { redisSearch } from '../redis-search.ts';
import { spawnTied } from './tied-process.ts';

export class RedisProcess {
  readonly socketPath: string;
  /** Of the loopback address, for those who cannot be given a socket. */
  readonly url: string;
  readonly port: number;
  readonly #dir: string;
  readonly #binary: RedisBinary;
  readonly #settings: readonly string[];
  #child: ChildProcess | null = null;
  /** How often its data had to be repaired before it started. */
  repairs = 0;

  private constructor(binary: RedisBinary, dir: string, port: number, settings: readonly string[]) {
    this.#binary = binary;
    this.#dir = dir;
    this.#settings = ['--port', String(port), '--bind', '127.0.0.1', ...settings];
    this.socketPath = join(dir, 'redis.sock');
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(settings: readonly string[] = []): Promise<RedisProcess> {
    const binary = await findRedisBinary(redisSearch());
    const redis = new RedisProcess(binary, mkdtempSync(join(tmpdir(), 'devteam-redis-')), await freePort(), settings);
    await redis.start();
    return redis;
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  /** Starts the server on the data of the last one, as the embedded one is started; resolves when it answers. */
  async start(): Promise<void> {
    const { file, libraryDir } = this.#binary;
    const env = serverEnv(redisSearch().searchPath, libraryDir);
    const log = join(this.#dir, 'redis.log');
    const args = [
      ...['--unixsocket', this.socketPath, '--dir', this.#dir, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction', ...REFUSE_CUT_OFF],
      ...['--logfile', log],
      ...this.#settings,
    ];
    for (let repaired = false; ; repaired = true) {
      const child = spawnTied(file, args, { env, stdio: 'ignore' });
      this.#child = child;
      const ended = new Promise<false>((resolve) => child.once('exit', () => resolve(false)));
      const client = this.connect();
      const answers = await Promise.race([client.ping(), ended]);
      client.disconnect();
      if (answers) return;
      if (repaired || !refusedCutOff(log))
        throw new Error(`Redis did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
      await repairCutOff(this.#binary, this.#dir, env);
      this.repairs++;
    }
  }

  /** Ends the server at once; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** A connection of the caller's own. */
  connect(): Redis {
    const redis = new Redis({
      path: this.socketPath,
      maxRetriesPerRequest: null,
      retryStrategy: () => 20,
      maxLoadingRetryTime: 20,
    });
    redis.on('error', () => {});
    return redis;
  }

  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
