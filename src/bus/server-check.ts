/**
 * Is the Redis server one that the platform's promises hold on?
 *
 * Owns: the demands on a server, and the namespace's secret. An eviction policy would delete state; before 7.0 scripts
 * have no flags.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { Fault } from '../errors.ts';
import type { Keys } from './keys.ts';

const MIN_MAJOR = 7;

/** Returns warnings. @throws Fault REDIS_UNSUITABLE with what to change. */
export async function checkServer(redis: Redis): Promise<string[]> {
  const info = await redis.info('server');
  const version = /(?:redis|valkey)_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
  if (Number.parseInt(version, 10) < MIN_MAJOR) {
    throw new Fault('REDIS_UNSUITABLE', `Redis ${version} is too old: version ${MIN_MAJOR}.0 or later is needed`);
  }
  const warnings: string[] = [];
  try {
    const [, policy] = (await redis.config('GET', 'maxmemory-policy')) as string[];
    if (policy !== undefined && policy !== 'noeviction') {
      throw new Fault(
        'REDIS_UNSUITABLE',
        `Redis has maxmemory-policy ${policy}, which deletes state: set it to noeviction`,
      );
    }
    const [, appendonly] = (await redis.config('GET', 'appendonly')) as string[];
    const [, fsync] = (await redis.config('GET', 'appendfsync')) as string[];
    if (appendonly === 'no')
      warnings.push('Redis keeps no append-only file: a restart of Redis loses everything (set appendonly yes)');
    else if (fsync !== 'always')
      warnings.push(`Redis has appendfsync ${fsync}: a crash of Redis can lose the last second`);
    const [, truncated] = (await redis.config('GET', 'aof-load-truncated')) as string[];
    if (appendonly !== 'no' && truncated === 'yes')
      warnings.push(
        'Redis has aof-load-truncated yes: what a crash has cut off of a commit can take effect in part with the restart ' +
          'after next (set it to no, and have redis-check-aof --fix repair a file that Redis then refuses)',
      );
  } catch (error) {
    if (error instanceof Fault) throw error;
    warnings.push('Redis does not let its configuration be read, so maxmemory-policy and appendonly are unchecked');
  }
  return warnings;
}

/** The secret that marks what commits append, made once per namespace. */
export async function namespaceMark(redis: Redis, keys: Keys): Promise<string> {
  await redis.set(keys.mark, randomBytes(12).toString('base64url'), 'NX');
  return (await redis.get(keys.mark)) as string;
}
