/** Starts a process that the kernel kills when the one that started it ends, however that ends. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';

const TIE: [string, ...string[]] = ['setpriv', '--pdeathsig', 'KILL'];

export function spawnTied(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const [tie, ...tieArgs] = TIE;
  // Elsewhere than on Linux, or without that program, whoever kills a test run ends what it left.
  const canTie = spawnSync(tie, [...tieArgs, 'true']).status === 0;
  return canTie ? spawn(tie, [...tieArgs, command, ...args], options) : spawn(command, args, options);
}
