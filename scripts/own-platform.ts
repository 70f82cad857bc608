/**
 * A platform of one's own for as long as it is needed: on a free port, with its own folder and Redis.
 *
 * Owns: the process and the folder; both are gone after `stop`. Of the environment it gets only what finds Redis.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface OwnPlatform {
  /** Address of its project API. */
  url: string;
  /** Address of its order intake. */
  orderIntakeUrl: string;
  /** Its STORAGE_DIR. */
  folder: string;
  /** Ends it, also while it starts; resolves when nothing is left of it. */
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const KEPT = ['PATH', 'HOME', 'TMPDIR', 'XDG_CACHE_HOME', 'EMBEDDED_REDIS_BIN'];
const READY = /^ready: (http:\S+)$/;
const SAID_MAX = 20;
/** All of them free ones: whatever listens on the usual ports goes on. */
const FREE_PORTS = { API_PORT: '0', LLM_GATEWAY_PORT: '0', ORDER_INTAKE_PORT: '0' };

/** Resolves when it serves. @throws Error with what the process said, if it ends before. */
export async function startOwnPlatform(settings: Readonly<Record<string, string>> = {}): Promise<OwnPlatform> {
  const folder = await mkdtemp(join(tmpdir(), 'devteam-own-'));
  const inherited = KEPT.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined);
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(inherited), STORAGE_DIR: folder, ...FREE_PORTS, ...settings },
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const onSignal = () => void stop().then(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const addresses = await addressesOf(child);
    return {
      ...addresses,
      folder,
      async stop() {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Addresses = Pick<OwnPlatform, 'url' | 'orderIntakeUrl'>;

function addressesOf({ stdout, stderr }: ChildProcess): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    if (!stdout || !stderr) throw new Error('the platform has no output');
    const said: string[] = [];
    const hear = (line: string) => {
      const { message, metadata } = entryOf(line);
      said.push(message);
      if (said.length > SAID_MAX) said.shift();
      const [, url] = READY.exec(message) ?? [];
      if (url) resolve({ url, orderIntakeUrl: String(metadata?.order_intake) });
    };
    createInterface(stderr).on('line', hear);
    // After the addresses are known this only keeps the pipe empty.
    createInterface(stdout)
      .on('line', hear)
      .once('close', () => reject(new Error(`The platform ended before it served:\n${said.join('\n')}`)));
  });
}

function entryOf(line: string): { message: string; metadata?: Readonly<Record<string, unknown>> } {
  try {
    return JSON.parse(line) as ReturnType<typeof entryOf>;
  } catch {
    return { message: line };
  }
}
