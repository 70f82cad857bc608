/**
 * Loaded into every thread of a process before its own code: holds a call of the file system just before it is made, or
 * when it is done and its caller has not been told, so that a test can kill the process there.
 *
 * Owns: which calls are held. The rule is a file, since the process under test is another one. Removed, it lets go.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface FileHold {
  call: 'rename' | 'readFile';
  /** Matches the path that is read or renamed to. */
  path: string;
  cut: 'before' | 'after';
}

/** Names in the folder that the process is given as `HELD_FILES`. */
export const RULE = 'rule.json';
/** There when a call is held. */
export const HELD = 'held';

type AnyCall = (...args: unknown[]) => Promise<unknown>;

function hold(folder: string, call: FileHold['call'], pathOf: (args: readonly unknown[]) => string): void {
  const held = async () => {
    writeFileSync(join(folder, HELD), '');
    while (existsSync(join(folder, RULE))) await pause(10);
  };
  const real = files[call] as AnyCall;
  Object.assign(files, {
    [call]: async (...args: unknown[]) => {
      const rule = ruleIn(folder);
      const meant = rule?.call === call && new RegExp(rule.path).test(pathOf(args));
      if (meant && rule.cut === 'before') await held();
      const result = await real(...args);
      if (meant && rule.cut === 'after') await held();
      return result;
    },
  });
}

function ruleIn(folder: string): FileHold | null {
  try {
    return JSON.parse(readFileSync(join(folder, RULE), 'utf8')) as FileHold;
  } catch {
    return null;
  }
}

const folder = process.env.HELD_FILES;
if (folder) {
  hold(folder, 'rename', ([, to]) => String(to));
  hold(folder, 'readFile', ([path]) => String(path));
  syncBuiltinESMExports();
}
