/**
 * What is measured against and with, from the npm registry: never a dependency of the project.
 *
 * Owns: one folder in the user's cache, made once and used by later runs.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownFolder, removeFolder } from '../leftovers.ts';

const WANTED = {
  private: true,
  dependencies: { '@portkey-ai/gateway': '1.15.2', autocannon: '9.0.0' },
  // With any later one Portkey answers every stream with 500.
  overrides: { '@hono/node-server': '1.14.1' },
};
const INSTALL_MS = 180_000;
const COMPLETE = '.complete';

export type Rivals = { folder: string } | { problem: string };

export async function installRivals(): Promise<Rivals> {
  const text = JSON.stringify(WANTED, null, 2);
  const parent = cacheFolder();
  const folder = join(parent, `gateway-bench-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`);
  if (existsSync(join(folder, COMPLETE))) return { folder };
  process.stderr.write('Installing what is measured against (once) ...\n');
  const draft = await ownFolder(parent, 'gateway-bench');
  writeFileSync(join(draft, 'package.json'), text);
  const problem = install(draft);
  if (problem) {
    await removeFolder(draft);
    return { problem };
  }
  writeFileSync(join(draft, COMPLETE), '');
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(join(folder, COMPLETE))) throw error;
    await removeFolder(draft);
  }
  return { folder };
}

/** What went wrong, or null. */
function install(cwd: string): string | null {
  const { npm_execpath: npm, npm_node_execpath: node = process.execPath } = process.env;
  const [command, prefix] = npm ? [node, [npm]] : ['npm', []];
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
  const { status, error, stderr } = spawnSync(command, [...prefix, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_MS,
  });
  if (status === 0) return null;
  return error?.message ?? stderr.trim().split('\n').slice(0, 3).join('; ');
}

function cacheFolder(): string {
  const wanted = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'devteam');
  try {
    mkdirSync(wanted, { recursive: true });
    accessSync(wanted, constants.W_OK);
    return wanted;
  } catch {
    return tmpdir();
  }
}
