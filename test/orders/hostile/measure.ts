// What the hostile files cost: `node --expose-gc test/orders/hostile/measure.ts [part of a name]`. Asserts nothing.
import { createDocumentReader } from '../../../src/documents/document-reader.ts';
import { CORPUS } from './corpus.ts';

const BYTES_PER_MB = 1024 * 1024;
const SAMPLE_MS = 5;
const wanted = process.argv[2] ?? '';
const reader = createDocumentReader({ threads: 1 });
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});
const files = CORPUS.filter(({ name }) => name.includes(wanted)).map((file) => ({
  ...file,
  made: new Uint8Array(file.bytes()),
}));
const job = (filename: string, bytes: Uint8Array) => ({
  ...{ artifact_id: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', filename, declaredType: null, source: { bytes } },
});
// The thread and what it loads.
await reader.read(job('first.csv', new TextEncoder().encode('sku,qty\nA,1\n')));
let worst = 0;
for (const { name, filename, made } of files) {
  collect();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLE_MS);
  const start = performance.now();
  const [document] = await reader.read(job(filename, made));
  clearInterval(sampling);
  const grownMb = Math.round((peak - before) / BYTES_PER_MB);
  worst = Math.max(worst, grownMb);
  const cost = `${Math.round(performance.now() - start)} ms`.padStart(9);
  console.log(`${cost}  +${String(grownMb).padStart(3)} MB  ${document?.reason ?? document?.status}  ${name}`);
}
console.log(`most memory: +${worst} MB over ${Math.round(process.memoryUsage.rss() / BYTES_PER_MB)} MB now`);
await reader.close();
