/**
 * Log lines of all processes.
 *
 * Owns: reading `P:logs`. Does not own writing lines or their redaction (`src/log.ts`).
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import { fieldOf } from './timeline.ts';

export interface LogLine {
  timestamp: string;
  level: string;
  service: string;
  message: string;
  metadata: Record<string, unknown>;
}

export interface LogFilter {
  levels: readonly string[];
  services: readonly string[];
  projectId?: string | undefined;
  /** Milliseconds since the epoch. */
  sinceMs?: number | undefined;
}

/** Small enough that parsing one chunk does not hold up the event loop. */
const CHUNK = 500;

export class Logs {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Lines `offset` to `offset + limit` of those that pass the filter, newest first, and how many pass it. */
  async list(filter: LogFilter, offset: number, limit: number): Promise<{ rows: LogLine[]; total: number }> {
    const rows: LogLine[] = [];
    let total = 0;
    for await (const fields of this.#newest(filter.sinceMs)) {
      const level = fieldOf(fields, 'level') ?? '';
      const service = fieldOf(fields, 'service') ?? '';
      if (filter.levels.length > 0 && !filter.levels.includes(level)) continue;
      if (filter.services.length > 0 && !filter.services.includes(service)) continue;
      if (filter.projectId !== undefined && fieldOf(fields, 'project_id') !== filter.projectId) continue;
      if (total >= offset && rows.length < limit) rows.push(lineOf(fields, level, service));
      total++;
    }
    return { rows, total };
  }

  async *#newest(sinceMs = 0): AsyncGenerator<string[]> {
    for (let end = '+'; ; ) {
      const entries = await this.#redis.xrevrange(this.#keys.logs, end, String(sinceMs), 'COUNT', CHUNK);
      for (const [, fields] of entries) yield fields;
      if (entries.length < CHUNK) return;
      end = `(${entries.at(-1)?.[0]}`;
    }
  }
}

function lineOf(fields: readonly string[], level: string, service: string): LogLine {
  let metadata: unknown;
  try {
    metadata = JSON.parse(fieldOf(fields, 'metadata') ?? '{}');
  } catch {
    // Anyone may write to a stream; a line that is not ours is still a line.
    metadata = undefined;
  }
  return {
    timestamp: fieldOf(fields, 'timestamp') ?? '',
    level,
    service,
    message: fieldOf(fields, 'message') ?? '',
    metadata: typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>) : {},
  };
}
