/**
 * The scripts of the accounts, and how a call of one ends.
 *
 * Owns: which Lua files make up a script, and the translation of what Redis says into faults. A refusal (full, loading,
 * read-only) and an absence are both SERVICE_UNAVAILABLE: the caller cannot do anything about either.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { refusesForNow } from '../../bus/connection.ts';
import { Fault } from '../../errors.ts';

type Script<Reply> = (keyCount: number, ...args: string[]) => Promise<Reply>;

interface ScriptedRedis extends Redis {
  llmAdmit: Script<number[]>;
  llmSettle: Script<number[]>;
  llmSettleWhenFull: Script<number[]>;
  llmLookup: Script<(number | string | null)[]>;
  llmAlert: Script<0 | 1>;
  llmEvict: Script<number>;
  llmFlight: Script<unknown>;
}

const read = (name: string): string => readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
const join = (head: string, ...names: string[]): string => [head, ...names.map(read)].join('\n');
const SETTLE = ['buckets', 'budgets', 'health', 'settle'];

export function scripted(redis: Redis): ScriptedRedis {
  redis.defineCommand('llmAdmit', { lua: join('#!lua', 'buckets', 'budgets', 'admit') });
  redis.defineCommand('llmSettle', { lua: join('#!lua', ...SETTLE) });
  // Money that was spent is counted also when memory is full: no more is admitted then, so there is an end to it.
  redis.defineCommand('llmSettleWhenFull', { lua: join('#!lua flags=allow-oom', ...SETTLE) });
  redis.defineCommand('llmLookup', { lua: join('#!lua flags=allow-oom', 'buckets', 'lookup') });
  redis.defineCommand('llmAlert', { lua: read('alert') });
  redis.defineCommand('llmEvict', { lua: read('evict') });
  redis.defineCommand('llmFlight', { lua: join('#!lua flags=allow-oom', 'flight') });
  return redis as ScriptedRedis;
}

/** Keys of one call, each once. */
export class KeyList {
  readonly keys: string[] = [];
  readonly #indexes = new Map<string, number>();

  /** Index in KEYS; Lua counts from 1. */
  of(key: string): number {
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.keys.push(key);
      this.#indexes.set(key, index);
    }
    return index;
  }
}

/**
 * @param withinMs after this the call is given up; it may still take effect
 * @throws Fault SERVICE_UNAVAILABLE, or INTERNAL_ERROR when Redis takes the call for wrong
 */
export async function ask<T>(send: () => Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable('Redis does not answer, try again')), withinMs);
  });
  try {
    return await Promise.race([send(), late]);
  } catch (error) {
    throw asFault(error);
  } finally {
    clearTimeout(timer);
  }
}

export const unavailable = (message: string, cause?: unknown): Fault =>
  new Fault('SERVICE_UNAVAILABLE', message, {
    ...(cause !== undefined && { cause }),
    details: { retry_after: 1, dependency: 'redis' },
  });

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  // ioredis hangs the whole command on its error, answers and labels included: they must be in no log.
  if (error instanceof Error && 'command' in error) delete error.command;
  if (refusesForNow(error)) return unavailable(`Redis does not take writes just now, try again: ${message}`, error);
  if (error instanceof Error && error.name === 'ReplyError') {
    return new Fault('INTERNAL_ERROR', `Redis refuses a call of the accounts: ${message}`, { cause: error });
  }
  return unavailable('Redis cannot be reached, try again', error);
}

/** Redis has no memory left: nothing of the call was done. */
export function isFull(fault: Fault): boolean {
  return fault.cause instanceof Error && /^-?OOM\b/.test(fault.cause.message);
}
