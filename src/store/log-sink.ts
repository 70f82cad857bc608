/**
 * Keeps log lines in Redis, so that all processes' lines can be read in one place.
 *
 * Owns: writing them in batches, bounded. A line that cannot be written is on stdout all the same. Keeps I9.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import type { Log, LogLine } from '../log.ts';

const FLUSH_MS = 200;
/** Lines that wait for Redis; beyond, the oldest are dropped. */
const WAITING_MAX = 5_000;

const SCRIPT = readFileSync(new URL('./log-sink.lua', import.meta.url), 'utf8');
/** With their fields well below what Lua can unpack and Redis should do at a time. */
const LINES_PER_CALL = 250;

interface ScriptedRedis extends Redis {
  keepLogLines(stream: string, maxEntries: number, ...lines: (string | number)[]): Promise<null>;
}

function fieldsOf({ timestamp, level, service, message, project_id, metadata }: LogLine): (string | number)[] {
  const fields = ['timestamp', timestamp, 'level', level, 'service', service, 'message', message];
  if (project_id) fields.push('project_id', project_id);
  fields.push('metadata', JSON.stringify(metadata));
  return [fields.length, ...fields];
}

/** Returns what writes the last lines and ends it. */
export function keepLogs(log: Log, redis: Redis, keys: Keys, maxEntries: number): () => Promise<void> {
  redis.defineCommand('keepLogLines', { lua: SCRIPT, numberOfKeys: 1 });
  const scripted = redis as ScriptedRedis;
  let waiting: LogLine[] = [];
  const flush = async () => {
    if (waiting.length === 0 || redis.status !== 'ready') return;
    const lines = waiting;
    waiting = [];
    // One call for all: a command for each line costs more than the line.
    for (let from = 0; from < lines.length; from += LINES_PER_CALL) {
      const args = lines.slice(from, from + LINES_PER_CALL).flatMap(fieldsOf);
      await scripted.keepLogLines(keys.logs, maxEntries, ...args).catch(() => {});
    }
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
