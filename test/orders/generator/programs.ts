/**
 * Starts the programs that write documents as other people's machines do: LibreOffice, Chromium, WeasyPrint, groff.
 *
 * Owns: how they are started, which of them are there, and that nothing is left behind. A program that is missing makes
 * no documents; whoever asks is told its Debian package.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const PROGRAMS = {
  soffice: 'libreoffice-calc-nogui',
  chromium: 'chromium',
  weasyprint: 'weasyprint',
  gropdf: 'groff',
} as const;
export type Program = keyof typeof PROGRAMS;

export async function isInstalled(program: Program): Promise<boolean> {
  return run('which', [program]).then(
    () => true,
    () => false,
  );
}

/** A source, and the name that its document gets without extension. */
export interface Job {
  name: string;
  source: string;
}

const NICE = ['-n', '10'];
const TIMEOUT_MS = 10 * 60_000;

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'orders-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Flat OpenDocument sheets as LibreOffice saves them; one start for all. */
export function convertByLibreOffice(jobs: readonly Job[], extension: 'xlsx' | 'xls' | 'pdf'): Promise<Uint8Array[]> {
  return inFolder(async (folder) => {
    if (jobs.length === 0) return [];
    const out = join(folder, 'out');
    await mkdir(out);
    const sources = jobs.map(({ name }) => join(folder, `${name}.fods`));
    await Promise.all(jobs.map(({ source }, i) => writeFile(sources[i] as string, source)));
    const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`;
    await run(
      'nice',
      [...NICE, 'soffice', profile, '--headless', '--convert-to', extension, '--outdir', out, ...sources],
      { timeout: TIMEOUT_MS },
    );
    return Promise.all(jobs.map(async ({ name }) => new Uint8Array(await readFile(join(out, `${name}.${extension}`)))));
  });
}

export function printByWeasyPrint(jobs: readonly Job[]): Promise<Uint8Array[]> {
  return inFolder(async (folder) => {
    const results: Uint8Array[] = [];
    for (const { name, source } of jobs) {
      const [from, to] = [join(folder, `${name}.html`), join(folder, `${name}.pdf`)];
      await writeFile(from, source);
      await run('nice', [...NICE, 'weasyprint', '-q', from, to], { timeout: TIMEOUT_MS });
      results.push(new Uint8Array(await readFile(to)));
    }
    return results;
  });
}

export function typesetByGroff(jobs: readonly Job[]): Promise<Uint8Array[]> {
  return inFolder(async (folder) => {
    const results: Uint8Array[] = [];
    for (const { name, source } of jobs) {
      const from = join(folder, `${name}.ms`);
      await writeFile(from, source);
      const { stdout } = await run('groff', ['-K', 'utf8', '-t', '-ms', '-T', 'pdf', from], {
        encoding: 'buffer',
        maxBuffer: 32e6,
        timeout: TIMEOUT_MS,
      });
      results.push(new Uint8Array(stdout));
    }
    return results;
  });
}

const CHROMIUM_FLAGS = [
  ...[
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ],
  ...['--disable-component-update', '--disable-sync', '--remote-debugging-port=0'],
];

/** HTML as Chromium prints it; one browser for all. */
export function printByChromium(jobs: readonly Job[]): Promise<Uint8Array[]> {
  return inFolder(async (folder) => {
    if (jobs.length === 0) return [];
    const browser = spawn(
      'nice',
      [...NICE, 'chromium', ...CHROMIUM_FLAGS, `--user-data-dir=${join(folder, 'profile')}`, 'about:blank'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    try {
      const call = await connect(await debuggerAddress(browser));
      const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
      const { frameTree } = await call('Page.getFrameTree', {}, sessionId);
      const results: Uint8Array[] = [];
      for (const { source } of jobs) {
        await call(
          'Page.setDocumentContent',
          { frameId: (frameTree as { frame: { id: string } }).frame.id, html: source },
          sessionId,
        );
        const { data } = await call('Page.printToPDF', { preferCSSPageSize: true, printBackground: true }, sessionId);
        results.push(new Uint8Array(Buffer.from(data as string, 'base64')));
      }
      return results;
    } finally {
      if (browser.exitCode === null) {
        const gone = once(browser, 'exit');
        browser.kill();
        await gone;
      }
    }
  });
}

function debuggerAddress(browser: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    browser.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    browser.once('error', reject);
    browser.once('exit', (code) => reject(new Error(`chromium ended with ${code}: ${said.slice(-500)}`)));
  });
}

type Call = (method: string, params: object, sessionId?: unknown) => Promise<Record<string, unknown>>;

/** DevTools over a WebSocket, one answer for each call. */
async function connect(address: string): Promise<Call> {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(String(data)) as {
      id?: number;
      result?: Record<string, unknown>;
      error?: { message: string };
    };
    const waits = id === undefined ? undefined : waiting.get(id);
    if (waits === undefined || id === undefined) return;
    waiting.delete(id);
    if (error) waits.reject(new Error(`chromium: ${error.message}`));
    else waits.resolve(result ?? {});
  });
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('chromium has closed the connection'));
    waiting.clear();
  });
  let last = 0;
  return (method, params, sessionId) => {
    const id = ++last;
    const waits = Promise.withResolvers<Record<string, unknown>>();
    waiting.set(id, waits);
    socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    return waits.promise;
  };
}
