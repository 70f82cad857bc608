/**
 * A whole process of the platform, as `npm start` runs it, that a test can kill.
 *
 * Owns: the process, its storage folder and what it printed. Ends with the process that started it, also if that is killed.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { LLM_CONFIG } from './llm-config-path.ts';
import { spawnTied } from './tied-process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const READY_MS = 60_000;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class NodeProcess {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #dir: string;
  #printed = '';

  private constructor(env: Record<string, string>) {
    this.#dir = mkdtempSync(join(tmpdir(), 'devteam-process-'));
    const all = {
      PATH: process.env.PATH ?? '',
      API_PORT: '0',
      LLM_GATEWAY_PORT: '0',
      ORDER_INTAKE_PORT: '0',
      STORAGE_DIR: this.#dir,
      LLM_CONFIG_PATH: LLM_CONFIG,
      ...env,
    };
    this.#child = spawnTied(process.execPath, [MAIN], { env: all, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (bytes) => {
        this.#printed += String(bytes);
      });
    }
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Resolves when it says that it is ready. */
  static async start(env: Record<string, string>): Promise<NodeProcess> {
    const node = NodeProcess.launch(env);
    await node.ready().catch(async (error) => {
      await node.end('SIGKILL');
      throw error;
    });
    return node;
  }

  /** Does not wait: it may be killed before it is ready. */
  static launch(env: Record<string, string>): NodeProcess {
    return new NodeProcess(env);
  }

  /** Resolves when it says that it is ready. @throws Error when it has ended before */
  async ready(): Promise<void> {
    const ready = () => {
      if (!this.alive) throw new Error(`the process ended at its start:\n${this.printed}`);
      return this.printed.includes('ready: http');
    };
    await eventually('the process is ready', ready, READY_MS);
  }

  /** Address of the order intake; known once it is ready. */
  get orderIntake(): string {
    return /"order_intake":"([^"]+)"/.exec(this.#printed)?.[1] ?? '';
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything it has written to stdout and stderr. */
  get printed(): string {
    return this.#printed;
  }

  /** Sends a signal and resolves when the process is gone. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    if (this.alive) this.#child.kill(signal);
    const exit = await this.exited;
    rmSync(this.#dir, { recursive: true, force: true });
    return exit;
  }
}
