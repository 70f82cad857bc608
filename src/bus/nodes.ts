/**
 * Which processes live, and which consumers were left behind by those that do not.
 *
 * Owns: the lease of this node, by Redis' clock, and the search for consumers of dead nodes. Does not own claims:
 * it only says what may be claimed. Keeps I6: a node whose lease ended is dead at once, a slow one is not.
 */
import type { Redis } from 'ioredis';
import { Fault } from '../errors.ts';
import type { Keys } from './keys.ts';

export interface NodeFacts {
  host: string;
  pid: number;
  threads: number;
  version: string;
  startedAt: string;
}

/**
 * Renews one lease and answers which nodes' leases have ended: { ms since this node's last lease ended or 0, ids, mark }.
 * Puts back what a FLUSHALL has taken, the namespace's mark too, so that nodes that start then use the same.
 * KEYS nodes, this node, mark. ARGV id, lease in ms, mark, then the node's facts.
 */
const RENEW = `#!lua flags=allow-oom
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local mine = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('HSET', KEYS[2], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[2], 60000 + ARGV[2])
redis.call('SET', KEYS[3], ARGV[3], 'NX')
local late = 0
if mine and tonumber(mine) < now then late = now - tonumber(mine) end
return { late, redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now), redis.call('GET', KEYS[3]) }`;

interface ScriptedRedis extends Redis {
  renewLease(...keysAndArguments: string[]): Promise<[number, string[], string]>;
}

/** Separates the node from the thread in a consumer's name. */
const THREAD_MARK = '/';

export const consumerName = (nodeId: string, thread: number, incarnation: number): string =>
  `${nodeId}${THREAD_MARK}${thread}.${incarnation}`;

const nodeOf = (consumer: string): string => consumer.slice(0, consumer.indexOf(THREAD_MARK));

export class Nodes {
  readonly #redis: ScriptedRedis;
  readonly #keys: Keys;
  readonly #id: string;
  readonly #leaseMs: number;
  readonly #facts: NodeFacts;
  readonly #mark: string;
  #quietUntilMs = 0;

  /** @param mark the namespace's, as this node's threads use it */
  constructor(redis: Redis, keys: Keys, id: string, leaseMs: number, mark: string, facts: NodeFacts) {
    redis.defineCommand('renewLease', { numberOfKeys: 3, lua: RENEW });
    this.#mark = mark;
    this.#redis = redis as ScriptedRedis;
    this.#keys = keys;
    this.#id = id;
    this.#leaseMs = leaseMs;
    this.#facts = facts;
  }

  get id(): string {
    return this.#id;
  }

  /**
   * Renews the lease; returns the ids of nodes that are dead.
   * @throws Fault LOG_LOST when the namespace was emptied and has another mark by now.
   */
  async renew(): Promise<string[]> {
    const { host, pid, threads, version, startedAt } = this.#facts;
    const { nodes, mark } = this.#keys;
    const facts = Object.entries({ host, pid, threads, version, started_at: startedAt }).flat().map(String);
    const lease = [this.#id, String(this.#leaseMs), this.#mark];
    const [lateMs, dead, found] = await this.#redis.renewLease(
      nodes,
      this.#keys.node(this.#id),
      mark,
      ...lease,
      ...facts,
    );
    if (found !== this.#mark)
      throw new Fault('LOG_LOST', 'the namespace was emptied, and others use it under another mark');
    const nowMs = performance.now();
    // If we could not renew in time, Redis was away and the others could not either: give them one lease.
    if (lateMs > 0) this.#quietUntilMs = nowMs + this.#leaseMs;
    return nowMs < this.#quietUntilMs ? [] : dead.filter((id) => id !== this.#id);
  }

  /** Ends the lease: whoever lives, or starts next, takes over at once what is left in this node's name. */
  async leave(): Promise<void> {
    await this.#redis.zadd(this.#keys.nodes, 'XX', 0, this.#id);
  }

  /** Consumers of any of the streams that belong to `nodeId`. */
  async consumersOf(nodeId: string, streams: readonly { stream: string; group: string }[]): Promise<Set<string>> {
    const names = await this.#consumers(streams);
    return new Set(names.filter((name) => nodeOf(name) === nodeId));
  }

  /** Consumers whose node holds no lease, dead or never known. */
  async orphans(streams: readonly { stream: string; group: string }[]): Promise<Set<string>> {
    const alive = new Set(await this.#redis.zrange(this.#keys.nodes, '0', '-1'));
    const names = await this.#consumers(streams);
    return new Set(names.filter((name) => !alive.has(nodeOf(name))));
  }

  /** The dead node's traces are gone; its consumers must be claimed empty before. */
  async forget(nodeId: string): Promise<void> {
    await this.#redis.zrem(this.#keys.nodes, nodeId);
    await this.#redis.del(this.#keys.node(nodeId));
  }

  async #consumers(streams: readonly { stream: string; group: string }[]): Promise<string[]> {
    const pipeline = this.#redis.pipeline();
    for (const { stream, group } of streams) pipeline.xinfo('CONSUMERS', stream, group);
    const replies = (await pipeline.exec()) ?? [];
    const names = new Set<string>();
    for (const [error, rows] of replies) {
      if (error) continue;
      for (const row of rows as unknown[][]) names.add(String(row[row.indexOf('name') + 1]));
    }
    return [...names];
  }
}
