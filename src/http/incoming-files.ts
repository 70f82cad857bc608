/**
 * Uploaded files until somebody takes them over.
 *
 * Owns: the directory they are streamed to, under random names that say nothing of their senders, and that nothing is
 * left in it. A file is moved away or removed when its request ends; what a killed process left goes at a later start.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nullIfMissing } from '../durable-files.ts';

export interface StoredFile {
  path: string;
  sizeBytes: number;
  sha256: string;
}

const KEEP_MS = 24 * 60 * 60 * 1000;

export class IncomingFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Writes a file and syncs it. @throws what `content` throws, and whatever the disk has to say; nothing is left then */
  async store(content: AsyncIterable<Uint8Array>): Promise<StoredFile> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, randomUUID());
    const digest = createHash('sha256');
    let sizeBytes = 0;
    const counted = async function* () {
      for await (const chunk of content) {
        sizeBytes += chunk.length;
        digest.update(chunk);
        yield chunk;
      }
    };
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(counted());
      await file.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return { path, sizeBytes, sha256: digest.digest('hex') };
  }

  /** Removes those that nobody has moved away. */
  async discard(files: readonly Pick<StoredFile, 'path'>[]): Promise<void> {
    await Promise.all(files.map(({ path }) => rm(path, { force: true })));
  }

  /** Removes what is older than a day: no request takes that long. Returns how many files that were. */
  async sweep(nowMs: number): Promise<number> {
    const names = (await readdir(this.#directory).catch(nullIfMissing)) ?? [];
    let removed = 0;
    for (const name of names) {
      const path = join(this.#directory, name);
      const about = await stat(path).catch(() => undefined);
      if (!about || nowMs - about.mtimeMs < KEEP_MS) continue;
      await rm(path, { recursive: true, force: true });
      removed += 1;
    }
    return removed;
  }
}
