/**
 * The mock upstream and what stands in front of it: nothing, our gateway, Portkey; each a process of its own.
 *
 * Owns: their start, their settings, the proof that each answers, and their end.
 */
import { type ChildProcess, fork, type StdioOptions, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { ownChild } from '../leftovers.ts';
import { type BenchServer, type Durability, startServer } from '../server.ts';

export type SideName = 'direct' | 'ours' | 'portkey';

export interface Side {
  name: SideName;
  origin: string;
  headers: Readonly<Record<string, string>>;
  pid: number;
}

export interface Sides {
  /** Direct first. */
  all: readonly Side[];
  ours: Side;
  mockPid: number;
  server: BenchServer;
  /** Fills our rate bucket: no limit that can be set is higher than what the load asks for in minutes. */
  refill(): Promise<void>;
  /** What our ledger has counted so far. */
  ledgerRequests(): Promise<number>;
  stop(): Promise<void>;
}

export interface SidesOptions {
  durability: Durability;
  /** Folder of the packages; null: without Portkey. */
  portkeyFolder: string | null;
  /** Between the tokens of a stream. */
  tokenDelayMs?: number;
  profileDirectory?: string;
}

export const PATH = '/v1/chat/completions';
const KEY = 'bench-key-0123456789abcdef';
const UPSTREAM_KEY = 'sk-bench-0123456789abcdef';
const MODEL = 'bench-1';
const BODY_BYTES = 500;
const READY_MS = 60_000;
/** What starting leaves behind is over by then. */
const SETTLE_MS = 3_000;

/** A chat as short as most, of about 500 bytes. */
export function chatBody(more: { max_tokens: number; stream?: boolean }): string {
  const body = (filling: string) =>
    JSON.stringify({
      model: MODEL,
      messages: [
        { role: 'system', content: 'You are a terse assistant that answers in plain sentences.' },
        { role: 'user', content: `Summarize what follows. ${filling}` },
      ],
      ...more,
    });
  const missing = BODY_BYTES - Buffer.byteLength(body(''));
  return body('The order of the items does not matter. '.repeat(20).slice(0, missing));
}

export async function startSides(options: SidesOptions): Promise<Sides> {
  const { durability, portkeyFolder, tokenDelayMs = 0, profileDirectory } = options;
  const children: ChildProcess[] = [];
  const server = await startServer(durability);
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    for (const child of children.toReversed()) await end(child);
    await server.stop();
  };
  const stop = () => {
    stopping ??= stopAll();
    return stopping;
  };
  try {
    const mock = await startMock(children, tokenDelayMs);
    const ours = await startOurs(children, server, mock.origin, profileDirectory);
    const all = [mock, ours];
    if (portkeyFolder) all.push(await startPortkey(children, portkeyFolder, mock.origin));
    for (const side of all) await prove(side);
    await delay(SETTLE_MS);
    return {
      all,
      ours,
      mockPid: mock.pid,
      server,
      refill: async () => void (await server.redis.del(`${server.config.bus.keyPrefix}:llm:rate:openai`)),
      ledgerRequests: () => ledgerRequests(ours),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startMock(children: ChildProcess[], tokenDelayMs: number): Promise<Side> {
  const script = fileURLToPath(new URL('../mock-upstream-process.ts', import.meta.url));
  const stdio: StdioOptions = ['pipe', 'pipe', 'inherit'];
  const child = ownChild(spawn(process.execPath, [script, '--token-delay-ms', String(tokenDelayMs)], { stdio }));
  children.push(child);
  const port = await told(child, /"port":(\d+)/);
  return {
    name: 'direct',
    origin: `http://127.0.0.1:${port}`,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${UPSTREAM_KEY}` },
    pid: child.pid as number,
  };
}

/** As shipped but for the limits, which stay on and are too high to be met. */
function llmFile(): string {
  const usd = 9_000_000;
  return stringify({
    global: { default_provider: 'openai', fallback_order: ['openai'] },
    providers: {
      ...Object.fromEntries(['anthropic', 'google', 'local'].map((name) => [name, { enabled: false }])),
      openai: {
        default_model: MODEL,
        models: {
          [MODEL]: {
            max_tokens: 16_384,
            context_window: 131_072,
            cost_per_1k_input_tokens: 0.0001,
            cost_per_1k_output_tokens: 0.0005,
          },
        },
      },
    },
    agent_overrides: {},
    task_type_overrides: {},
    rate_limiting: { providers: { openai: { requests_per_minute: 100_000, tokens_per_minute: 1_000_000_000 } } },
    cost_tracking: { daily_budget: usd, monthly_budget: usd },
  });
}

async function startOurs(
  children: ChildProcess[],
  server: BenchServer,
  upstream: string,
  profileDirectory: string | undefined,
): Promise<Side> {
  const configPath = join(server.config.storage.dir, 'llm_config.yaml');
  writeFileSync(configPath, llmFile());
  const child = ownChild(
    fork(new URL('../../../src/main.ts', import.meta.url), {
      env: {
        ...server.env,
        THREADS: '1',
        API_PORT: '0',
        LLM_GATEWAY_PORT: '0',
        ORDER_INTAKE_PORT: '0',
        API_KEYS: `bench:llm:use:${createHash('sha256').update(KEY).digest('hex')}`,
        LLM_CONFIG_PATH: configPath,
        OPENAI_API_KEY: UPSTREAM_KEY,
        OPENAI_BASE_URL: `${upstream}/v1`,
      },
      execArgv: profileDirectory ? ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`] : [],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    }),
  );
  children.push(child);
  return {
    name: 'ours',
    origin: await told(child, /"llm_gateway":"(http:[^"]+)"/),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
    pid: child.pid as number,
  };
}

async function startPortkey(children: ChildProcess[], folder: string, upstream: string): Promise<Side> {
  const port = await freePort();
  const preload = new URL('./loopback-only.ts', import.meta.url).href;
  const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const { PATH: path = '', HOME: home = folder } = process.env;
  const child = ownChild(
    spawn(process.execPath, ['--import', preload, program, `--port=${port}`, '--headless'], {
      cwd: folder,
      env: { PATH: path, HOME: home, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  children.push(child);
  let said = '';
  child.stderr?.on('data', (bytes) => {
    said = (said + bytes).slice(-1000);
  });
  const origin = `http://127.0.0.1:${port}`;
  for (const until = performance.now() + READY_MS; ; await delay(50)) {
    if (child.exitCode !== null || performance.now() > until) throw new Error(`Portkey does not start: ${said}`);
    const ready = await fetch(origin).then(
      () => true,
      () => false,
    );
    if (ready) break;
  }
  return {
    name: 'portkey',
    origin,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${UPSTREAM_KEY}`,
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstream}/v1`,
    },
    pid: child.pid as number,
  };
}

/** What the first line that matches says; later output is read and dropped. */
function told(child: ChildProcess, pattern: RegExp): Promise<string> {
  const output = child.stdout as Readable;
  return new Promise((resolve, reject) => {
    let last = '';
    const lines = createInterface({ input: output });
    lines.on('line', (line) => {
      last = line;
      const found = pattern.exec(line)?.[1];
      if (found === undefined) return;
      resolve(found);
      // Whole pieces of output cost this process less than lines.
      lines.close();
      output.resume();
    });
    child.once('exit', () => reject(new Error(`a process ended before it was ready: ${last}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function prove({ name, origin, headers }: Side): Promise<void> {
  const response = await fetch(origin + PATH, { method: 'POST', headers, body: chatBody({ max_tokens: 64 }) });
  const text = await response.text();
  if (!response.ok || !text.includes('w1 w2 w3')) throw new Error(`${name}: ${response.status} ${text.slice(0, 500)}`);
}

async function ledgerRequests({ origin, headers }: Side): Promise<number> {
  const response = await fetch(`${origin}/v1/usage?period=month`, { headers });
  const usage = (await response.json()) as { totals: { requests: number } };
  return usage.totals.requests;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
