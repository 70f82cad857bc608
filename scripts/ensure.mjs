// Installs the packages of the lockfile when they are missing or the lockfile has changed.
// Runs on any Node >= 20 before anything is installed, so it imports nothing but Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.ensured');
const wanted = sha256(readFileSync(join(root, 'package-lock.json')), `${process.platform}-${process.arch}`);

if (read(stamp) !== wanted) {
  const release = await lock();
  try {
    // Another start may have installed while this one waited.
    if (read(stamp) !== wanted) install();
  } finally {
    release();
  }
}

function install() {
  process.stderr.write('Installing packages (only when the lockfile is new; about 15 s) ...\n');
  // npm names the Node it runs on: the one on PATH may lie in node_modules, which `npm ci` empties.
  const [command, prefix] = process.env.npm_execpath
    ? [process.env.npm_node_execpath ?? process.execPath, [process.env.npm_execpath]]
    : ['npm', []];
  const args = [...prefix, 'ci', '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=error'];
  // What npm prints goes to stderr: stdout belongs to the program that is being started.
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (error || status !== 0) fail(`npm ci failed${error ? `: ${error.message}` : ''}`);
  const pinned = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!existsSync(pinned) && Number(process.versions.node.split('.')[0]) < 24) {
    fail(`no Node package exists for ${process.platform}-${process.arch}: install Node 24 or newer and start again`);
  }
  writeFileSync(stamp, wanted);
}

/** Waits until no other install of this folder runs. A lock older than ten minutes was left by a killed one. */
async function lock() {
  const file = join(tmpdir(), `devteam-install-${sha256(root).slice(0, 16)}.lock`);
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isLeftOver(file)) rmSync(file, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function isLeftOver(file) {
  const pid = Number(read(file));
  if (!pid) return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 600_000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
