/**
 * One running server of the embedded Redis, as this process sees it: started by it or shared.
 *
 * Owns: starting the program so that it ends with this process, waiting until it serves, ending it, and who runs
 * what in a data folder (`server.json`). Does not own: what happens when it ends (`embedded-redis.ts`).
 * Keeps I1: `appendfsync always`, `noeviction`; two servers never write the same folder.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Fault } from '../errors.ts';
import { REFUSE_CUT_OFF, refusedCutOff, repairCutOff } from './aof-repair.ts';
import { identify, isAlive, type ProcessIdentity, withLock } from './process-lock.ts';
import { findRedisBinary, type RedisBinary, type RedisBinarySearch, serverEnv } from './redis-binary.ts';

export interface EmbeddedRedisOptions extends RedisBinarySearch {
  /** Folder of the data, socket and log; made if missing. One server per folder. */
  dataDir: string;
  /** What an acknowledged write survives. `always` (default): any crash; `everysec`: all but the last second; `none`: nothing. */
  durability?: 'always' | 'everysec' | 'none';
}

/** `server.json`: who runs what in this folder. */
interface ServerRecord extends Pick<RedisBinary, 'version' | 'source'> {
  owner: ProcessIdentity;
  server: ProcessIdentity;
  socketPath: string;
}

export interface Attached {
  record: ServerRecord;
  shared: boolean;
  /** Resolves with the reason when the server is gone. */
  gone: Promise<string>;
  /** Ends an own server, leaves a shared one. */
  release(): Promise<void>;
}

const answerTimeoutMs = 15_000;
const stopTimeoutMs = 10_000;
const pollMs = 20;
const logMaxBytes = 1024 * 1024;
/** `sun_path` holds 104 bytes on macOS, 108 on Linux. */
const socketPathMaxBytes = 100;

/** Shares the folder's server if its owner lives, else ends what is left of it and starts one. */
export async function attach(dataDir: string, options: EmbeddedRedisOptions): Promise<Attached> {
  for (const since = performance.now(); ; ) {
    const attached = await withLock(join(dataDir, 'start.lock'), async () => {
      const record = readRecord(dataDir);
      if (record && isAlive(record.server)) {
        if (isAlive(record.owner)) return share(record);
        await end(record.server);
      }
      return start(dataDir, options);
    });
    if (attached) return attached;
    if (performance.now() - since > answerTimeoutMs) {
      throw new Fault('EMBEDDED_REDIS_FAILED', `the Redis of another process in ${dataDir} cannot be reached`);
    }
    await delay(pollMs);
  }
}

/** Null when the server is just going away. */
async function share(record: ServerRecord): Promise<Attached | null> {
  const line = connect(record.socketPath);
  try {
    await new Promise<void>((connected, failed) => line.once('connect', connected).once('error', failed));
  } catch {
    return null;
  }
  let left = false;
  const gone = new Promise<string>((settle) => {
    line.on('close', () => settle(left ? 'left' : 'the process that owned the server ended it'));
  });
  line.on('error', () => {});
  line.resume().unref();
  await answers(record.socketPath, gone);
  return {
    record,
    shared: true,
    gone,
    async release() {
      left = true;
      line.destroy();
    },
  };
}

async function start(dataDir: string, options: EmbeddedRedisOptions): Promise<Attached> {
  const owner = identify(process.pid);
  if (!owner) throw new Fault('EMBEDDED_REDIS_FAILED', 'the system does not tell when this process was started');
  const binary = await findRedisBinary(options);
  try {
    return await serve(dataDir, options, owner, binary);
  } catch (error) {
    if (!refusedCutOff(join(dataDir, 'redis.log'))) throw error;
    options.log?.('the last write before a crash was cut off: it is taken back');
    await repairCutOff(binary, dataDir, serverEnv(options.searchPath, binary.libraryDir));
    return serve(dataDir, options, owner, binary);
  }
}

async function serve(
  dataDir: string,
  options: EmbeddedRedisOptions,
  owner: ProcessIdentity,
  binary: RedisBinary,
): Promise<Attached> {
  const socketPath = socketPathFor(dataDir);
  const child = await launch(dataDir, socketPath, binary, options);
  const gone = new Promise<string>((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => settle(signal ? `killed by ${signal}` : `exit code ${code}`));
  });

  const server = child.pid === undefined ? null : identify(child.pid);
  if (!server) throw failure(dataDir, await gone);
  const record: ServerRecord = { owner, server, socketPath, version: binary.version, source: binary.source };
  writeFileSync(join(dataDir, 'server.json'), JSON.stringify(record), { mode: 0o600 });
  const release = async () => {
    child.ref();
    await end(server);
    await gone;
  };
  try {
    if (!(await answers(socketPath, gone))) throw failure(dataDir, await gone);
  } catch (error) {
    await release();
    throw error;
  }
  child.unref();
  return { record, shared: false, gone, release };
}

/** Spawns the server so that it ends with this process. */
async function launch(
  dataDir: string,
  socketPath: string,
  binary: RedisBinary,
  { durability = 'always', searchPath }: EmbeddedRedisOptions,
): Promise<ChildProcess> {
  const settings = [
    ...['--port', '0', '--unixsocket', socketPath, '--unixsocketperm', '700'],
    ...['--dir', dataDir, '--daemonize', 'no', '--save', ''],
    ...['--appendonly', durability === 'none' ? 'no' : 'yes'],
    ...['--appendfsync', durability === 'none' ? 'no' : durability],
    ...['--maxmemory-policy', 'noeviction', ...REFUSE_CUT_OFF],
    // Rewriting the append-only file takes a core for a while: not at every doubling of a small one, and uncompressed.
    ...['--auto-aof-rewrite-min-size', '256mb', '--rdbcompression', 'no'],
  ];
  const env = serverEnv(searchPath, binary.libraryDir);
  const bound = await promisify(execFile)('setpriv', ['--pdeathsig', 'TERM', 'true'], { env }).then(
    () => true,
    () => false,
  );
  const command = bound ? ['setpriv', '--pdeathsig', 'TERM', binary.file, ...settings] : [binary.file, ...settings];
  const log = openLog(dataDir);
  const child = spawn(command[0] as string, command.slice(1), { env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  if (!bound) endWithUs(child, env);
  return child;
}

/** Where the kernel cannot signal the server: a shell that reads our pipe, which closes when this process ends. */
function endWithUs(child: ChildProcess, env: Record<string, string>): void {
  const script = 'read -r _; kill -TERM "$1" 2>/dev/null';
  const watcher = spawn('sh', ['-c', script, 'sh', String(child.pid)], {
    env,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => {});
  watcher.unref();
  child.once('exit', () => watcher.kill('SIGKILL'));
}

/** True when the server serves, false when it is gone. While it loads its data it says so, as long as that takes. */
async function answers(socketPath: string, gone: Promise<unknown>): Promise<boolean> {
  let alive = true;
  void gone.then(() => {
    alive = false;
  });
  for (let silentSince = performance.now(); alive; ) {
    const reply = await ask(socketPath, 'PING');
    if (reply === '+PONG') return true;
    if (reply !== null) silentSince = performance.now();
    else if (performance.now() - silentSince > answerTimeoutMs) {
      throw new Fault('EMBEDDED_REDIS_FAILED', `the Redis on ${socketPath} does not answer`);
    }
    await delay(reply === null ? 3 : pollMs);
  }
  return false;
}

/** First line of the reply to one inline command; null if there is none within a second. */
function ask(socketPath: string, command: string): Promise<string | null> {
  return new Promise((settle) => {
    const line = connect(socketPath, () => line.write(`${command}\r\n`));
    const finish = (reply: string | null) => {
      line.destroy();
      settle(reply);
    };
    line.setTimeout(1000, () => finish(null));
    line.once('error', () => finish(null));
    line.once('data', (bytes) => finish(String(bytes).split('\r\n', 1)[0] ?? null));
    line.once('end', () => finish(null));
  });
}

/** SIGTERM writes everything out; SIGKILL only when that takes too long. */
async function end(server: ProcessIdentity): Promise<void> {
  const since = performance.now();
  let signal: NodeJS.Signals | 0 = 'SIGTERM';
  while (isAlive(server)) {
    if (performance.now() - since > stopTimeoutMs) signal = 'SIGKILL';
    try {
      process.kill(server.pid, signal);
    } catch {
      return;
    }
    if (signal === 'SIGTERM') signal = 0;
    await delay(5);
  }
}

function readRecord(dataDir: string): ServerRecord | null {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8')) as ServerRecord;
  } catch {
    // Absent, or cut off by a crash: then its server was tied to its owner and is gone as well.
    return null;
  }
}

/** `{dataDir}/redis.sock`, or a short path in a private folder when that is too long for a socket. */
function socketPathFor(dataDir: string): string {
  const path = join(dataDir, 'redis.sock');
  if (Buffer.byteLength(path) <= socketPathMaxBytes) return path;
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `devteam-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = lstatSync(folder);
  if (owner !== uid || (mode & 0o077) !== 0) {
    throw new Fault('EMBEDDED_REDIS_FAILED', `${folder} must belong to this user alone`);
  }
  return join(folder, `${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`);
}

function openLog(dataDir: string): number {
  const file = join(dataDir, 'redis.log');
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > logMaxBytes) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

function failure(dataDir: string, reason: string): Fault {
  const file = join(dataDir, 'redis.log');
  const tail = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-6).join('\n  ');
  return new Fault('EMBEDDED_REDIS_FAILED', `Redis did not start (${reason}). The end of ${file}:\n  ${tail}`);
}
