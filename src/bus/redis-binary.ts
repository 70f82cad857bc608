/**
 * Owns: finding a `redis-server` or `valkey-server` for the embedded server, and fetching one from the
 * distribution's packages when the machine has none. Needs no root, installs nothing, starts no service.
 * Does not own: running it (`embedded-redis.ts`).
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { arch } from 'node:process';
import { promisify } from 'node:util';
import { Fault } from '../errors.ts';

const run = promisify(execFile);

/** A server that has answered `--version`. */
export interface RedisBinary {
  /** Path to run; its base name ends in `-server`, by which the program knows what it is. */
  file: string;
  /** Folder for LD_LIBRARY_PATH, null when the system's libraries do. */
  libraryDir: string | null;
  version: string;
  /** Where it came from. */
  source: 'explicit' | 'path' | 'cache' | 'fetched';
}

export interface RedisBinarySearch {
  /** EMBEDDED_REDIS_BIN; nothing else is tried when it is set. */
  binary: string | null;
  /** PATH. */
  searchPath: string;
  /** Folders that may hold a fetched server; the first one that can be written takes a new one. */
  cacheDirs: readonly string[];
  log?: (message: string) => void;
}

/** Streams need the XAUTOCLAIM and script flags of 7.0. */
const oldestMajor = 7;
const fetchTimeoutMs = 120_000;

/**
 * Order: the explicit one, PATH, the caches, the distribution's packages.
 * Throws EMBEDDED_REDIS_FAILED that tells what was tried and the ways out.
 */
export async function findRedisBinary(search: RedisBinarySearch): Promise<RedisBinary> {
  const rejected: string[] = [];
  const probe = async (source: RedisBinary['source'], file: string, libraryDir: string | null = null) => {
    const found = await versionOf(file, libraryDir, search.searchPath);
    if ('version' in found) return { file, libraryDir, source, version: found.version } satisfies RedisBinary;
    if (found.problem) rejected.push(`${file}: ${found.problem}`);
    return null;
  };

  if (search.binary) {
    const explicit = await probe('explicit', search.binary);
    if (explicit) return explicit;
    throw new Fault('EMBEDDED_REDIS_FAILED', `EMBEDDED_REDIS_BIN cannot be used: ${rejected[0] ?? 'no such file'}`);
  }

  for (const dir of search.searchPath.split(delimiter).filter(Boolean)) {
    for (const name of ['redis-server', 'valkey-server']) {
      const onPath = await probe('path', join(dir, name));
      if (onPath) return onPath;
    }
  }
  const renamed = await nameAsServer(search);
  const tools = renamed && (await probe('path', renamed));
  if (tools) return tools;

  const name = await cacheName();
  for (const dir of search.cacheDirs) {
    const cached = await probe('cache', ...layout(join(dir, name)));
    if (cached) return cached;
  }

  try {
    const root = await fetchPackages(search, name);
    const fetched = await probe('fetched', ...layout(root));
    if (fetched) return fetched;
  } catch (error) {
    rejected.push(error instanceof Error ? error.message : String(error));
  }
  throw new Fault('EMBEDDED_REDIS_FAILED', waysOut(rejected));
}

/** Debian's `redis-tools` alone has the server under its checker's name: a link in the cache names it rightly. */
async function nameAsServer(search: RedisBinarySearch): Promise<string | null> {
  for (const dir of search.searchPath.split(delimiter).filter(Boolean)) {
    for (const name of ['redis', 'valkey']) {
      const checker = join(dir, `${name}-check-rdb`);
      if (
        !(await access(checker, constants.X_OK).then(
          () => true,
          () => false,
        ))
      )
        continue;
      const link = join(await firstWritable(search.cacheDirs), `${name}-server`);
      await rm(link, { force: true });
      await symlink(checker, link);
      return link;
    }
  }
  return null;
}

/** Where a fetched server lies below its cache folder: the program and its libraries. */
function layout(root: string): [file: string, libraryDir: string] {
  return [join(root, 'bin', 'redis-server'), join(root, 'lib')];
}

/** Asks the program itself; no problem text when there is simply no such file. */
async function versionOf(
  file: string,
  libraryDir: string | null,
  searchPath: string,
): Promise<{ version: string } | { problem: string | null }> {
  try {
    await access(file, constants.X_OK);
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'not executable' };
  }
  try {
    const { stdout } = await run(file, ['--version'], { env: serverEnv(searchPath, libraryDir), timeout: 10_000 });
    const version = /server v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (!version) return { problem: 'is not a Redis or Valkey server' };
    if (Number.parseInt(version, 10) < oldestMajor) return { problem: `version ${version} is older than 7.0` };
    return { version };
  } catch (error) {
    const stderr = String((error as { stderr?: unknown }).stderr ?? '').trim();
    return { problem: stderr.split('\n')[0] || (error as Error).message };
  }
}

/** The environment of the server: no secrets of ours in its /proc entry. */
export function serverEnv(searchPath: string, libraryDir: string | null): Record<string, string> {
  return { PATH: searchPath, LC_ALL: 'C', ...(libraryDir && { LD_LIBRARY_PATH: libraryDir }) };
}

/** One folder per distribution release and processor: a home folder may be shared between machines. */
async function cacheName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (key: string) => new RegExp(`^${key}="?([\\w.-]+)`, 'm').exec(text)?.[1] ?? 'any';
  return `redis-${field('ID')}-${field('VERSION_ID')}-${arch}`;
}

/**
 * Downloads the server's packages with signatures checked and unpacks them into `<cache>/<name>`.
 * On Debian the server lies in `redis-tools` (and `valkey-tools`), under the name of its checker.
 */
async function fetchPackages(search: RedisBinarySearch, name: string): Promise<string> {
  const cacheDir = await firstWritable(search.cacheDirs);
  const work = await mkdtemp(join(cacheDir, '.fetch-'));
  try {
    search.log?.('No Redis on this machine: fetching one from the distribution packages (once) ...');
    await download(work, search.searchPath);
    await mkdir(join(work, 'unpacked'));
    for (const file of await readdir(join(work, 'archives'))) {
      if (file.endsWith('.deb')) {
        await run(
          'dpkg-deb',
          ['-x', join(work, 'archives', file), join(work, 'unpacked')],
          childOptions(search.searchPath),
        );
      }
    }
    await collect(join(work, 'unpacked'), join(work, 'result'));
    const target = join(cacheDir, name);
    await rm(target, { recursive: true, force: true });
    // Another process may have put its own here meanwhile: just as good.
    await rename(join(work, 'result'), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** apt-get without root: its own folders, no lock; first with the system's package lists, then with own ones. */
async function download(work: string, searchPath: string): Promise<void> {
  for (const dir of ['archives', 'lists']) await mkdir(join(work, dir, 'partial'), { recursive: true });
  const common = [
    `Dir::Cache=${work}`,
    `Dir::Cache::archives=${join(work, 'archives')}`,
    'Debug::NoLocking=1',
    'Acquire::Retries=1',
    'APT::Sandbox::User=root',
  ];
  const ownLists = [...common, `Dir::State::lists=${join(work, 'lists')}`];
  const apt = (options: readonly string[], ...args: string[]) =>
    run('apt-get', [...options.flatMap((option) => ['-o', option]), '-q', '-y', ...args], childOptions(searchPath));
  const get = (options: readonly string[], tools: string) =>
    apt(options, '--download-only', '--reinstall', '--no-install-recommends', 'install', tools);

  try {
    await get(common, 'redis-tools');
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('apt-get: not on this machine');
  }
  try {
    await apt(ownLists, 'update');
    await get(ownLists, 'redis-tools').catch(() => get(ownLists, 'valkey-tools'));
  } catch (error) {
    const lines = String((error as { stderr?: unknown }).stderr ?? error).split('\n');
    throw new Error(`apt-get: ${lines.find((line) => line.startsWith('E:')) ?? lines[0]}`, { cause: error });
  }
}

/** Picks the program and the shared libraries out of the unpacked packages. */
async function collect(unpacked: string, result: string): Promise<void> {
  const files = await readdir(unpacked, { recursive: true, withFileTypes: true });
  await mkdir(join(result, 'bin'), { recursive: true });
  await mkdir(join(result, 'lib'));
  for (const file of files) {
    const from = join(file.parentPath, file.name);
    if (/^lib.*\.so[.\d]*$/.test(file.name)) await rename(from, join(result, 'lib', file.name));
    else if (/^(redis|valkey)-check-rdb$/.test(file.name) && file.isFile()) {
      await rename(from, join(result, 'bin', file.name));
      await symlink(file.name, join(result, 'bin', 'redis-server'));
    }
  }
}

async function firstWritable(dirs: readonly string[]): Promise<string> {
  for (const dir of dirs) {
    try {
      await mkdir(dir, { recursive: true });
      await access(dir, constants.W_OK);
      return dir;
    } catch {
      // Try the next one: a read-only home is normal in containers.
    }
  }
  throw new Error(`no folder for the download can be written: ${dirs.join(', ')}`);
}

function childOptions(searchPath: string) {
  return { env: serverEnv(searchPath, null), timeout: fetchTimeoutMs, maxBuffer: 8 * 1024 * 1024 };
}

function waysOut(rejected: readonly string[]): string {
  return [
    'No Redis server can be found or fetched. Choose one:',
    '  set REDIS_URL=redis://host:6379 to use a server that is running,',
    "  install one (apt-get install redis-tools, brew install redis, or your system's valkey package),",
    '  set EMBEDDED_REDIS_BIN to the path of a redis-server or valkey-server, version 7.0 or newer.',
    ...rejected.map((reason) => `Tried ${reason}`),
  ].join('\n');
}
