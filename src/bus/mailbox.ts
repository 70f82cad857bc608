/**
 * Reading deliveries from a stream as a member of a consumer group.
 *
 * Owns: blocking reads, history after a reconnect (a lost reply leaves deliveries in our name that we never saw),
 * claims of what a dead consumer held, and groups that vanished. Does not own acks: those are part of the commit.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { refusesForNow } from './connection.ts';

/** One stream entry as delivered; `fields` is null if the entry was deleted under the group. */
export interface Entry {
  id: string;
  fields: string[] | null;
  /** How many consumers had it before and ended without finishing it; absent = none that is known of. */
  survived?: number;
}

export interface MailboxOptions {
  stream: string;
  group: string;
  consumer: string;
  blockMs: number;
  /** Called when the group had to be made anew, which means that the stream was lost. */
  onGroupLost?: () => void;
}

type RawEntries = [id: string, fields: string[] | null][];

/** Creates the group and the stream; already there is fine. */
export async function createGroup(redis: Redis, stream: string, group: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!String(error).includes('BUSYGROUP')) throw error;
  }
}

class ConnectionBroken extends Error {}

const PAGE = 1_000;

/** What a consumer holds, with its content. XREADGROUP would tell it too, but count it as one more delivery. */
const PENDING = `#!lua flags=no-writes
local entries = {}
for _, row in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], '+', ARGV[4], ARGV[2])) do
  entries[#entries + 1] = redis.call('XRANGE', KEYS[1], row[1], row[1])[1] or { row[1], false }
end
return entries`;

interface ScriptedReader extends Redis {
  pendingDeliveries(key: string, group: string, consumer: string, from: string, count: number): Promise<RawEntries>;
}

export class Mailbox {
  readonly #reader: ScriptedReader;
  readonly #options: MailboxOptions;
  #readHistory = false;

  /** `reader` is this mailbox's own connection for deliveries: it blocks, and repeats nothing by itself. */
  constructor(reader: Redis, options: MailboxOptions) {
    reader.defineCommand('pendingDeliveries', { numberOfKeys: 1, lua: PENDING, readOnly: true });
    this.#reader = reader as ScriptedReader;
    this.#options = options;
  }

  /** Something may be in our name that was never handed out, or was given up: the next read looks. */
  recheck(): void {
    this.#readHistory = true;
  }

  /** Up to `count` deliveries; empty after `blockMs` without any. `inWork`: those of our own not to be handed out again. */
  async read(count: number, inWork: ReadonlySet<string>): Promise<Entry[]> {
    const { stream, group, consumer, blockMs } = this.#options;
    try {
      if (this.#readHistory) {
        this.#readHistory = false;
        // What is in work now may be acked before the answer comes, which still lists it.
        const before = new Set(inWork);
        const missed = (await this.#history()).filter(({ id }) => !before.has(id) && !inWork.has(id));
        if (missed.length > 0) return missed;
      }
      const reply = (await this.#ask(() =>
        this.#reader.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'BLOCK', blockMs, 'STREAMS', stream, '>'),
      )) as [string, RawEntries][] | null;
      return toEntries(reply?.[0]?.[1] ?? []);
    } catch (error) {
      if (error instanceof ConnectionBroken) {
        this.#readHistory = true;
        return [];
      }
      if (refusesForNow(error)) {
        this.#readHistory = true;
        await pause(blockMs);
        return [];
      }
      if (!/NOGROUP|UNBLOCKED/.test(String(error))) throw error;
      await createGroup(this.#reader, stream, group);
      this.#options.onGroupLost?.();
      return [];
    }
  }

  /** The reply. @throws ConnectionBroken when there will be none. */
  async #ask<Reply>(read: () => Promise<Reply>): Promise<Reply> {
    await this.#untilReady();
    let onClose = () => {};
    const broken = new Promise<never>((_, reject) => {
      onClose = () => reject(new ConnectionBroken());
    });
    this.#reader.once('close', onClose);
    try {
      return await Promise.race([read(), broken]);
    } finally {
      this.#reader.off('close', onClose);
    }
  }

  /** A read given to a connection that is not ready would be made by it later, when nobody waits for it any more. */
  async #untilReady(): Promise<void> {
    const reader = this.#reader;
    if (reader.status === 'ready' || reader.status === 'end') return;
    await new Promise<void>((resolve) => {
      const settled = () => {
        reader.off('ready', settled).off('end', settled);
        resolve();
      };
      reader.once('ready', settled).once('end', settled);
    });
  }

  async #history(): Promise<Entry[]> {
    const { stream, group, consumer } = this.#options;
    const all: Entry[] = [];
    for (let from = '-'; ; from = `(${all.at(-1)?.id}`) {
      const page = await this.#ask(() => this.#reader.pendingDeliveries(stream, group, consumer, from, PAGE));
      all.push(...toEntries(page));
      if (page.length < PAGE) return all;
    }
  }
}

const toEntries = (raw: RawEntries): Entry[] => raw.map(([id, fields]) => ({ id, fields }));

/**
 * Takes over up to `count` deliveries of another consumer, and removes that consumer once it holds nothing.
 * The check and the removal are one script: XGROUP DELCONSUMER would drop what is still pending.
 * Reply: entries as XCLAIM gives them, each with how many consumers it has survived: the one it is taken from counts
 * only if nobody knows what that died of (ARGV[6]).
 */
const CLAIM = `#!lua flags=allow-oom
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[5], '-', '+', ARGV[4], ARGV[2])
local entries = {}
if #pending > 0 then
  local ids, deliveries = {}, {}
  for i = 1, #pending do
    ids[i] = pending[i][1]
    deliveries[ids[i]] = pending[i][4]
  end
  entries = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, unpack(ids))
  for _, entry in ipairs(entries) do
    local count = deliveries[entry[1]]
    if ARGV[6] == '0' then
      count = count - 1
      redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, entry[1], 'RETRYCOUNT', count + 1, 'JUSTID')
    end
    entry[3] = count
  end
end
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
return entries`;

interface ScriptedRedis extends Redis {
  claimDeliveries(
    key: string,
    group: string,
    from: string,
    to: string,
    count: number,
    idleMs: number,
    counts: 0 | 1,
  ): Promise<[id: string, fields: string[] | null, survived: number][]>;
}

export interface ClaimOrder {
  stream: string;
  group: string;
  from: string;
  to: string;
  /** At most so many. */
  count: number;
  idleMs: number;
  /** It is known what `from` died of, so its end says nothing about the deliveries. */
  explained: boolean;
}

export async function claim(redis: Redis, request: ClaimOrder): Promise<Entry[]> {
  if (!('claimDeliveries' in redis)) redis.defineCommand('claimDeliveries', { numberOfKeys: 1, lua: CLAIM });
  const { stream, group, from, to, count, idleMs, explained } = request;
  const counts = explained ? 0 : 1;
  const claimed = await (redis as ScriptedRedis).claimDeliveries(stream, group, from, to, count, idleMs, counts);
  return claimed.map(([id, fields, survived]) => ({ id, fields, survived }));
}
