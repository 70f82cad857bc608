// Where tests and harnesses find the Redis program: as the app does, from the same environment.
import type { RedisBinarySearch } from '../src/bus/redis-binary.ts';
import { parseConfig } from '../src/config.ts';

export function redisSearch(): RedisBinarySearch {
  const { PATH, XDG_CACHE_HOME, EMBEDDED_REDIS_BIN } = process.env;
  const parsed = parseConfig({ PATH, XDG_CACHE_HOME, EMBEDDED_REDIS_BIN });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  const { binary, searchPath, cacheDirs } = parsed.config.redis.embedded;
  return { binary, searchPath, cacheDirs };
}
