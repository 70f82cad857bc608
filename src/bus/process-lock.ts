/**
 * Owns: telling processes apart although pids are reused, and a lock file that a killed holder does not keep.
 * Only for processes of one machine that share a folder; between machines locks live in Redis.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A process; `startedAt` is compared, never read: clock ticks or text, as the system gives it. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

/** Null when there is no such process, or only its unreaped remains. */
export function identify(pid: number): ProcessIdentity | null {
  const startedAt = process.platform === 'linux' ? startTicks(pid) : startText(pid);
  return startedAt ? { pid, startedAt } : null;
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function startText(pid: number): string | null {
  try {
    const text = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text.startsWith('Z') ? null : text.replace(/^\S+\s+/, '');
  } catch {
    return null;
  }
}

const pollMs = 20;

/** Runs `work` while this process holds the lock `file`; waits as long as another living one does. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mine = `${file}.${process.pid}.${counter++}`;
  await writeFile(mine, JSON.stringify(identify(process.pid)));
  try {
    // A link appears whole and fails if the name is taken, so the lock is never seen half-written.
    while (!(await link(mine, file).then(() => true, taken))) {
      await breakIfLeft(file, mine);
      await delay(pollMs);
    }
    try {
      await sweep(file);
      return await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

let counter = 0;

function taken(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}

/** Takes a dead holder's lock away; a lock that turns out to be a fresh one is put back. */
async function breakIfLeft(file: string, mine: string): Promise<void> {
  const seen = await readFile(file, 'utf8').catch(() => null);
  if (seen === null || holderLives(seen)) return;
  const aside = `${mine}.left`;
  await rename(file, aside).catch(() => {});
  const moved = await readFile(aside, 'utf8').catch(() => null);
  if (moved !== null && moved !== seen) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

/** Removes what killed waiters have left beside the lock; their pid is in the name. */
async function sweep(file: string): Promise<void> {
  const start = `${basename(file)}.`;
  for (const name of await readdir(dirname(file))) {
    const pid = name.startsWith(start) ? Number.parseInt(name.slice(start.length), 10) : Number.NaN;
    if (pid > 0 && identify(pid) === null) await rm(join(dirname(file), name), { force: true });
  }
}

function holderLives(text: string): boolean {
  try {
    return isAlive(JSON.parse(text) as ProcessIdentity);
  } catch {
    return false;
  }
}
