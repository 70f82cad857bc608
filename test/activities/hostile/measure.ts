/**
 * What the hostile files cost, each in a process of its own: `node test/activities/hostile/measure.ts [part of a name]`.
 * Asserts nothing.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createActivityReader } from '../../../src/store/activity-reader.ts';
import { CORPUS } from './corpus.ts';

const BYTES_PER_MB = 1024 * 1024;
const SAMPLE_MS = 5;
const MAX_ROWS = 100_000;

/** Reads one file and prints what that took. */
async function measure(index: number): Promise<void> {
  const file = CORPUS[index];
  if (!file) return;
  const reader = createActivityReader();
  const job = { maxRows: MAX_ROWS, hasRate: false, pack: false };
  // The thread and what it loads.
  await reader.read({ ...job, bytes: new TextEncoder().encode('Task,Hours\nA,1\n'), filename: 'a.csv' });
  const bytes = new Uint8Array(file.bytes());
  (globalThis as { gc?: () => void }).gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLE_MS);
  const start = performance.now();
  let said: string;
  try {
    const read = await reader.read({ ...job, bytes, filename: file.filename });
    peak = Math.max(peak, process.memoryUsage.rss());
    said = read.ok
      ? `${read.count} rows ${read.input.minutes.given}+${read.input.minutes.inferred} min ${read.input.question?.about ?? ''}`
      : `${read.status} ${read.errors[0]?.path}: ${read.errors[0]?.message.slice(0, 90)}`;
  } catch (error) {
    said = `THROWN ${String(error).slice(0, 200)}`;
  }
  clearInterval(sampling);
  const cost = `${Math.round(performance.now() - start)} ms`.padStart(9);
  const grown = `+${String(Math.round((peak - before) / BYTES_PER_MB)).padStart(4)} MB`;
  console.log(`${cost}  ${grown}  ${file.name} (${Math.round(bytes.length / 1024)} kB): ${said}`);
  await reader.close();
}

const [first = '', second] = process.argv.slice(2);
if (first === '--one') await measure(Number(second));
else {
  for (const [index, { name }] of CORPUS.entries()) {
    if (!name.includes(first)) continue;
    const self = fileURLToPath(import.meta.url);
    const { status, signal } = spawnSync(process.execPath, ['--expose-gc', self, '--one', String(index)], {
      stdio: 'inherit',
    });
    if (status !== 0) console.log(`DIED ${status ?? signal}: ${name}`);
  }
}
