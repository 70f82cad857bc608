/** A worker process of the other side. Tells the bench how many flows it has finished. */
import { Worker } from 'bullmq';
import { FLOW, PARENT, type WorkerSettings } from './bullmq-settings.ts';
import { jobResult } from './requests.ts';

const { socketPath, concurrency, keepCompleted }: WorkerSettings = JSON.parse(process.env.BENCH_WORKER ?? '{}');

let finished = 0;
let told = 0;
const worker = new Worker<Record<string, unknown>>(FLOW, async ({ data }) => jobResult(data), {
  connection: { path: socketPath },
  concurrency,
  removeOnComplete: keepCompleted ? { count: -1 } : { count: 0 },
});
worker.on('error', (error) => console.error(error));
// Emitted once Redis has answered that the job is moved.
worker.on('completed', ({ name }) => {
  if (name !== PARENT) return;
  finished++;
  // Flows that end together are told together.
  if (finished - told === 1) setImmediate(tell);
});

function tell(): void {
  told = finished;
  process.send?.(finished);
}

process.once('SIGTERM', async () => {
  await worker.close();
  process.exit(0);
});
// The bench is gone, and its Redis with it.
process.once('disconnect', () => process.exit(1));
await worker.waitUntilReady();
tell();
