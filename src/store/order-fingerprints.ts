/**
 * Which orders came before with the same files, lines or PO number.
 *
 * Owns: the fingerprints in Redis. Each names the orders that have it, in the order in which they claimed it. Claiming
 * again changes nothing, so that work which runs again finds the same earlier orders.
 */
import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';

const RETENTION_MS = 400 * 24 * 60 * 60 * 1000;
/** Orders named by one fingerprint; of more, the first and the newest. */
const MAX_ORDERS = 20;

/**
 * KEYS: fingerprints. ARGV: order id, ms to keep them. A value is order ids separated by commas, oldest first.
 * Answers, per key, the ids before the order's own.
 */
const CLAIM = `local earlier = {}
for i, key in ipairs(KEYS) do
  local known = redis.call('GET', key) or ''
  local at = string.find(known, ARGV[1], 1, true)
  if at then earlier[i] = string.sub(known, 1, math.max(0, at - 2))
  else
    earlier[i] = known
    local ids = {}
    for id in string.gmatch(known, '[^,]+') do ids[#ids + 1] = id end
    if #ids >= tonumber(ARGV[3]) then table.remove(ids, 2) end
    ids[#ids + 1] = ARGV[1]
    redis.call('SET', key, table.concat(ids, ','), 'PX', ARGV[2])
  end
end
return earlier`;

export class OrderFingerprints {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Claims what an order may share with others. @returns the orders that had claimed some of it before, and what */
  async claim(orderId: string, fingerprints: readonly string[]): Promise<Map<string, string[]>> {
    if (fingerprints.length === 0) return new Map();
    const keys = fingerprints.map((text) => this.#keys.under(`orders:fingerprint:${hash('sha256', text)}`));
    const earlier = await this.#redis.eval(CLAIM, keys.length, ...keys, orderId, RETENTION_MS, MAX_ORDERS);
    const shared = new Map<string, string[]>();
    for (const [index, list] of (earlier as string[]).entries()) {
      for (const id of list.split(',').filter((each) => each !== '')) {
        shared.set(id, [...(shared.get(id) ?? []), fingerprints[index] as string]);
      }
    }
    return shared;
  }
}
