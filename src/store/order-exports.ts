/**
 * The CSV files of approved orders.
 *
 * Owns: where they are, and that one is either whole and on disk or not there. The same text gives the same file, so
 * that writing it again changes nothing.
 */
import { hash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Keys } from '../bus/keys.ts';
import { underLock } from '../bus/locks.ts';
import { nullIfMissing, writeDurably } from '../durable-files.ts';
import { Fault } from '../errors.ts';

export interface WrittenExport {
  /** As the API shows it: below `/storage`, wherever that is. */
  path: string;
  /** Bytes. */
  size: number;
  sha256: string;
}

export interface OrderExportsOptions {
  redis: Redis;
  keys: Keys;
  storageDir: string;
  lockTtlMs: number;
}

const FOLDER = 'exports';
const UNFINISHED_MS = 24 * 60 * 60 * 1000;

export class OrderExports {
  readonly #options: OrderExportsOptions;
  readonly #directory: string;

  constructor(options: OrderExportsOptions) {
    this.#options = options;
    this.#directory = join(options.storageDir, FOLDER);
  }

  /**
   * Writes the CSV of an order under the order's lock, and sees it on disk.
   * @param key of the work that this is: done again after its process died, it has the lock still
   * @throws Fault SERVICE_UNAVAILABLE while another process writes it; errors of the file system
   */
  async write(orderId: string, csv: string, key: string): Promise<WrittenExport> {
    const { redis, keys, lockTtlMs } = this.#options;
    const lock = keys.lock(`order:${orderId}:export`);
    const bytes = Buffer.from(csv);
    const write = async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await writeDurably(this.#directory, `${orderId}.csv`, bytes);
      return true;
    };
    const written = await underLock(redis, lock, lockTtlMs, write, key);
    if (!written) throw new Fault('SERVICE_UNAVAILABLE', `the CSV of order ${orderId} is being written elsewhere`);
    return {
      path: `/storage/${FOLDER}/${orderId}.csv`,
      size: bytes.length,
      sha256: hash('sha256', bytes),
    };
  }

  /** The file alone: writing it again gives the same. */
  async remove(orderId: string): Promise<void> {
    await rm(join(this.#directory, `${orderId}.csv`), { force: true });
  }

  /** Removes what processes that were killed have not written to its end, once nobody can be at it any more. */
  async sweep(nowMs: number): Promise<void> {
    const names = (await readdir(this.#directory).catch(nullIfMissing)) ?? [];
    for (const name of names.filter((each) => each.startsWith('.'))) {
      const path = join(this.#directory, name);
      const about = await stat(path).catch(nullIfMissing);
      if (about && nowMs - about.mtimeMs >= UNFINISHED_MS) await rm(path, { force: true });
    }
  }
}
