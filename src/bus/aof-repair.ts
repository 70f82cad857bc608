/**
 * Repairs an append-only file that a crash has cut off.
 *
 * Owns: cutting back to the end of the last whole transaction. Does not own starting the server.
 * Keeps I1 and I2. Left to itself (`aof-load-truncated yes`), Redis 7.0.15 cuts the file back to the last whole command:
 * what is left of a transaction, which is how it writes down a script, is not in memory then, stays in the file without
 * its end, and takes effect with the restart after that. So servers of ours are told to refuse such a file.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../errors.ts';
import type { RedisBinary } from './redis-binary.ts';

/** Settings under which a server refuses a file that was cut off instead of repairing it in part. */
export const REFUSE_CUT_OFF = ['--aof-load-truncated', 'no'];

const REFUSAL = 'Unexpected end of file reading the append only file';
const LOG_TAIL_CHARACTERS = 4_000;

/** Whether the server that wrote this log has just refused its file for being cut off. */
export function refusedCutOff(logFile: string): boolean {
  return existsSync(logFile) && readFileSync(logFile, 'utf8').slice(-LOG_TAIL_CHARACTERS).includes(REFUSAL);
}

/** @throws Fault EMBEDDED_REDIS_FAILED with what the tool said when it could not repair the file. */
export async function repairCutOff(binary: RedisBinary, dataDir: string, env: Record<string, string>): Promise<void> {
  const manifest = join(dataDir, 'appendonlydir', 'appendonly.aof.manifest');
  // The server is its own repair tool: it goes by the name it is called by.
  const tool = spawn(binary.file, ['--fix', manifest], { argv0: 'redis-check-aof', env, stdio: 'pipe' });
  let said = '';
  for (const stream of [tool.stdout, tool.stderr]) stream.on('data', (bytes) => (said += String(bytes)));
  tool.stdin.on('error', () => {});
  tool.stdin.end('y\n');
  const code = await new Promise<number | null>((resolve, reject) => tool.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Fault('EMBEDDED_REDIS_FAILED', `the append-only file cannot be repaired:\n${said.trim()}`);
}
