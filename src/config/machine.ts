/** Owns: what the configuration has to know about this machine, and whether a path can be used. */
import { accessSync, constants, readFileSync, type Stats, statSync } from 'node:fs';
import { availableParallelism, homedir, hostname } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine, PathKind } from './env.ts';

export function thisMachine(): Machine {
  return {
    hostName: hostname(),
    pid: process.pid,
    cores: availableParallelism(),
    cwd: process.cwd(),
    homeDir: homedir(),
    packageDir: fileURLToPath(new URL('../..', import.meta.url)),
    readText: (path) => readFileSync(path, 'utf8'),
    problemWith,
  };
}

function problemWith(path: string, kind: PathKind): string | null {
  const wantsFolder = kind === 'folder' || kind === 'writable folder';
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    // What is above a folder to be made decides whether it can be.
    if (kind === 'writable folder' && dirname(path) !== path) return problemWith(dirname(path), kind);
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' ? `no such ${wantsFolder ? 'folder' : 'file'}` : `cannot be reached (${code})`;
  }
  if (wantsFolder !== stats.isDirectory()) {
    return wantsFolder ? `${path} is not a folder` : 'is a folder, not a file';
  }
  const [mode, verb] = access[kind];
  try {
    accessSync(path, mode);
    return null;
  } catch {
    return `${path} cannot be ${verb} by this user`;
  }
}

const access: Record<PathKind, [mode: number, verb: string]> = {
  file: [constants.R_OK, 'read'],
  program: [constants.X_OK, 'run'],
  folder: [constants.R_OK, 'read'],
  'writable folder': [constants.W_OK | constants.X_OK, 'written'],
};
