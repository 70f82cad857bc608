/**
 * Looks at a budget as often as Redis answers, in a thread of its own so that nobody slows it down. Ends when told
 * anything, and then tells what it has seen.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Redis } from 'ioredis';

export interface WatcherTask {
  socketPath: string;
  /** The budget's hash. */
  key: string;
  /** Nano-USD. */
  limit: number;
}

export interface Watched {
  looks: number;
  /** Most that was spent and reserved together. */
  highest: number;
  /** What was more than the limit; the first few. */
  beyond: string[];
}

const SHOWN = 10;

if (parentPort) {
  const port = parentPort;
  const { socketPath, key, limit } = workerData as WatcherTask;
  const redis = new Redis({ path: socketPath });
  const watched: Watched = { looks: 0, highest: 0, beyond: [] };
  let over = false;
  port.once('message', () => {
    over = true;
  });
  while (!over) {
    const [spent, reserved] = await redis.hmget(key, 'spent', 'reserved');
    const used = Number(spent ?? 0) + Number(reserved ?? 0);
    watched.looks++;
    watched.highest = Math.max(watched.highest, used);
    if (used > limit && watched.beyond.length < SHOWN) {
      watched.beyond.push(`${spent} spent and ${reserved} reserved of ${limit}`);
    }
  }
  redis.disconnect();
  port.postMessage(watched);
}
