/**
 * Keeps log lines in Redis, so that all processes' lines can be read in one place.
 *
 * Owns: writing them in batches, bounded. A line that cannot be written is on stdout all the same. Keeps I9.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import type { Log, LogLine } from '../log.ts';

const FLUSH_MS = 200;
/** Lines that wait for Redis; beyond, the oldest are dropped. */
const WAITING_MAX = 5_000;

/** Returns what writes the last lines and ends it. */
export function keepLogs(log: Log, redis: Redis, keys: Keys, maxEntries: number): () => Promise<void> {
  let waiting: LogLine[] = [];
  const flush = async () => {
    if (waiting.length === 0 || redis.status !== 'ready') return;
    const lines = waiting;
    waiting = [];
    const pipeline = redis.pipeline();
    for (const { timestamp, level, service, message, project_id, metadata } of lines) {
      const fields = ['timestamp', timestamp, 'level', level, 'service', service, 'message', message];
      if (project_id) fields.push('project_id', project_id);
      pipeline.xadd(keys.logs, 'MAXLEN', '~', maxEntries, '*', ...fields, 'metadata', JSON.stringify(metadata));
    }
    await pipeline.exec().catch(() => {});
  };
  const interval = setInterval(() => void flush(), FLUSH_MS);
  const detach = log.addSink((line) => {
    waiting.push(line);
    if (waiting.length > WAITING_MAX) waiting.shift();
  });
  return async () => {
    detach();
    clearInterval(interval);
    await flush();
  };
}
